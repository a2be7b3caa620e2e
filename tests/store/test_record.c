/* Seals see every change; batches apply whole or not at all; reading tells damaged records apart. */
#include "support/data.h"

#include "base/endian.h"
#include "base/mem.h"
#include "store/batch.h"
#include "store/memory.h"
#include "store/read.h"
#include "store/record.h"

static struct span text(const char *s)
{
    return (struct span){(const uint8_t *)s, strlen(s)};
}

/* ---- Seals. */

/* Computed with another implementation: python3 -c "import hashlib as h; p = b'payload';
 * print(h.sha256(bytes([1, 3]) + b'key' + h.sha256(p).digest()).hexdigest()[:16])" */
static void a_seal_is_what_the_format_says(void **state)
{
    (void)state;
    static const uint8_t expected[RECORD_SEAL] = {0x37, 0x76, 0x8a, 0xa4, 0xd6, 0x34, 0x2b, 0xc2};
    uint8_t seal[RECORD_SEAL];
    record_checksum(seal, DSPV_TABLE_HEADERS, text("key"), text("payload"));
    assert_memory_equal(seal, expected, sizeof(seal));
}

static void what_was_sealed_opens(void **state)
{
    (void)state;
    uint64_t random = 7;
    uint8_t key[DSPV_STORE_MOST_KEY], payload[600];
    for (size_t round = 0; round < 300; round++) {
        struct span k = {key, 1 + test_random(&random) % sizeof(key)}, p = {payload, test_random(&random) % sizeof(payload)}, got;
        for (size_t i = 0; i < sizeof(key); i++)
            key[i] = (uint8_t)test_random(&random);
        for (size_t i = 0; i < sizeof(payload); i++)
            payload[i] = (uint8_t)test_random(&random);
        struct writer w;
        writer_init(&w);
        record_seal(&w, DSPV_TABLE_QUORUMS, k, p);
        assert_false(w.failed);
        assert_true(record_open(DSPV_TABLE_QUORUMS, k, (struct span){w.data, w.n}, &got));
        assert_int_equal(got.n, p.n);
        assert_true(p.n == 0 || memcmp(got.p, payload, p.n) == 0);
        writer_free(&w);
    }
}

/* Every bit of the value, every bit of the key, every other table, every length: none opens. */
static void nothing_else_opens(void **state)
{
    (void)state;
    uint8_t key[] = "a key", other[sizeof(key)];
    struct span k = {key, 5}, got;
    struct writer w;
    writer_init(&w);
    record_seal(&w, DSPV_TABLE_LISTS, k, text("what the record holds"));
    writer_u8(&w, 0);
    struct span v = {w.data, w.n - 1};
    assert_true(record_open(DSPV_TABLE_LISTS, k, v, &got));
    for (size_t bit = 0; bit < 8 * v.n; bit++) {
        w.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(record_open(DSPV_TABLE_LISTS, k, v, &got));
        assert_null(got.p);
        w.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * k.n; bit++) {
        memcpy(other, key, sizeof(key));
        other[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(record_open(DSPV_TABLE_LISTS, (struct span){other, k.n}, v, &got));
    }
    for (int table = 0; table < DSPV_TABLE_COUNT; table++)
        assert_int_equal(record_open((dspv_table)table, k, v, &got), table == DSPV_TABLE_LISTS);
    for (size_t n = 0; n <= w.n; n++)
        assert_int_equal(record_open(DSPV_TABLE_LISTS, k, (struct span){w.data, n}, &got), n == v.n);
    assert_false(record_open(DSPV_TABLE_LISTS, (struct span){key, 0}, v, &got));
    assert_false(record_open(DSPV_TABLE_LISTS, (struct span){w.data, DSPV_STORE_MOST_KEY + 1}, v, &got));
    assert_false(record_open(DSPV_TABLE_LISTS, k, (struct span){NULL, 0}, &got));
    writer_free(&w);
}

/* The end of the key cannot be taken for the beginning of the payload. */
static void key_and_payload_are_kept_apart(void **state)
{
    (void)state;
    struct span got;
    struct writer w;
    writer_init(&w);
    record_seal(&w, DSPV_TABLE_META, text("ab"), text("c"));
    writer_reset(&w);
    writer_bytes(&w, "bc", 2);
    uint8_t seal[RECORD_SEAL];
    record_checksum(seal, DSPV_TABLE_META, text("ab"), text("c"));
    writer_bytes(&w, seal, sizeof(seal));
    assert_false(record_open(DSPV_TABLE_META, text("a"), (struct span){w.data, w.n}, &got));
    writer_free(&w);
}

/* ---- Batches and reading. */

static void batch_text(struct batch *b, const char *key, const char *payload)
{
    batch_put(b, DSPV_TABLE_META, text(key).p, strlen(key), payload, strlen(payload));
}

static void assert_get(const dspv_store *store, const char *key, const char *payload, bool is_damaged)
{
    bool found, damaged;
    struct writer w;
    writer_init(&w);
    assert_int_equal(store_get(store, DSPV_TABLE_META, text(key), &w, &found, &damaged), 0);
    assert_int_equal(found, payload != NULL);
    assert_int_equal(damaged, is_damaged);
    assert_int_equal(w.n, payload ? strlen(payload) : 0);
    if (w.n > 0)
        assert_memory_equal(w.data, payload, w.n);
    writer_free(&w);
}

static void batches_write_sealed_records(void **state)
{
    (void)state;
    struct store_memory *m;
    assert_int_equal(store_memory_new(&m), 0);
    const dspv_store *store = store_memory_seam(m);
    struct batch b;
    batch_init(&b);
    assert_int_equal(batch_apply(&b, store), 0);
    batch_text(&b, "a", "first");
    batch_text(&b, "empty", "");
    batch_text(&b, "gone", "soon");
    batch_text(&b, "a", "second");
    char key[] = "gone";
    batch_remove(&b, DSPV_TABLE_META, (const uint8_t *)key, 4);
    key[0] = 'X'; /* it has its own copy */
    assert_int_equal(b.n, 5);
    assert_int_equal(b.bytes, (1 + 5 + 8) + (5 + 8) + (4 + 4 + 8) + (1 + 6 + 8) + 4);
    assert_int_equal(batch_apply(&b, store), 0);
    assert_int_equal(b.n, 0);
    assert_int_equal(b.bytes, 0);
    assert_get(store, "a", "second", false);
    assert_get(store, "empty", "", false);
    assert_get(store, "gone", NULL, false);
    assert_get(store, "never", NULL, false);
    batch_free(&b);
    store_memory_free(m);
}

struct lot {
    uint64_t random;
    struct {
        uint8_t payload[200];
        size_t n;
        bool removed;
    } records[300];
};

/* Many of one length, then of another, removals among them; some written in place. */
static void put_lot(struct lot *l, struct batch *b)
{
    size_t n = 0, same = 0;
    for (uint32_t i = 0; i < 300; i++) {
        uint8_t key[4];
        store_be32(key, i);
        if (same-- == 0) {
            n = test_random(&l->random) % sizeof(l->records[i].payload);
            same = test_random(&l->random) % 60;
        }
        l->records[i].n = n;
        l->records[i].removed = test_random(&l->random) % 30 == 0;
        for (size_t k = 0; k < n; k++)
            l->records[i].payload[k] = (uint8_t)test_random(&l->random);
        uint8_t *room = i % 2 ? batch_put_room(b, DSPV_TABLE_HEADERS, key, 4, n) : NULL;
        if (room)
            memcpy(room, l->records[i].payload, n);
        else
            batch_put(b, DSPV_TABLE_HEADERS, key, 4, l->records[i].payload, n);
        if (l->records[i].removed)
            batch_remove(b, DSPV_TABLE_HEADERS, key, 4);
    }
}

static int in_lot(void *argument, const struct stored *record)
{
    const struct lot *l = argument;
    const uint32_t i = load_be32(record->key.p);
    assert_false(record->damaged || l->records[i].removed);
    assert_int_equal(record->payload.n, l->records[i].n);
    assert_true(record->payload.n == 0 || memcmp(record->payload.p, l->records[i].payload, record->payload.n) == 0);
    return 0;
}

/* However many were sealed together, and whatever the batch's memory held before. */
static void every_record_of_a_batch_has_its_seal(void **state)
{
    (void)state;
    static struct lot l = {.random = 11};
    struct store_memory *m;
    assert_int_equal(store_memory_new(&m), 0);
    const dspv_store *store = store_memory_seam(m);
    struct batch b;
    batch_init(&b);
    for (int round = 0; round < 20; round++) {
        put_lot(&l, &b);
        assert_int_equal(batch_apply(&b, store), 0);
        assert_int_equal(store_scan(store, DSPV_TABLE_HEADERS, (struct span){0}, (struct span){0}, in_lot, &l), 0);
        size_t removed = 0;
        for (size_t i = 0; i < 300; i++)
            removed += l.records[i].removed;
        assert_int_equal(store_memory_count(m, DSPV_TABLE_HEADERS), 300 - removed);
    }
    batch_free(&b);
    store_memory_free(m);
}

/* The next transaction takes no memory if it is no larger; a small one gives back what it did not need. */
static void the_memory_of_a_batch_is_used_again(void **state)
{
    (void)state;
    static uint8_t payload[20000];
    struct batch b;
    batch_init(&b);
    for (int round = 0; round < 4; round++) {
        const size_t n = round == 2 ? 1 : 100;
        mem_fail_after(0); /* counts anew */
        for (uint32_t i = 0; i < n; i++)
            batch_put(&b, DSPV_TABLE_HEADERS, (const uint8_t *)&i, sizeof(i), payload, sizeof(payload));
        assert_int_equal(b.failed, 0);
        assert_int_equal(mem_fail_after(0) > 0, round == 0 || round == 3);
        batch_reset(&b);
    }
    batch_free(&b);
}

static void a_failed_batch_is_never_applied(void **state)
{
    (void)state;
    static uint8_t big[RECORD_MOST_PAYLOAD + 1];
    struct store_memory *m;
    assert_int_equal(store_memory_new(&m), 0);
    const dspv_store *store = store_memory_seam(m);
    struct batch b;
    batch_init(&b);
    batch_put(&b, DSPV_TABLE_META, big, 1, big, RECORD_MOST_PAYLOAD);
    assert_int_equal(batch_apply(&b, store), 0);
    batch_put(&b, DSPV_TABLE_META, big, 2, big, sizeof(big));
    batch_text(&b, "a", "1");
    assert_int_equal(batch_apply(&b, store), DSPV_EMISUSE);
    batch_reset(&b);
    batch_put(&b, DSPV_TABLE_META, big, DSPV_STORE_MOST_KEY + 1, big, 1);
    assert_int_equal(batch_apply(&b, store), DSPV_EMISUSE);
    batch_reset(&b);
    batch_remove(&b, DSPV_TABLE_META, big, 0);
    assert_int_equal(batch_apply(&b, store), DSPV_EMISUSE);
    assert_int_equal(store_memory_count(m, DSPV_TABLE_META), 1);

    /* Each allocation of collecting and applying fails once. */
    int rc = DSPV_ENOMEM;
    size_t fail = 0;
    while (rc != 0) {
        batch_free(&b);
        mem_fail_after(++fail);
        for (int i = 0; i < 20; i++) {
            char name[8];
            snprintf(name, sizeof(name), "k%d", i);
            batch_text(&b, name, "a payload");
        }
        rc = batch_apply(&b, store);
        mem_fail_after(0);
        assert_true(rc == 0 || rc == DSPV_ENOMEM);
        assert_int_equal(store_memory_count(m, DSPV_TABLE_META), rc == 0 ? 21 : 1);
    }
    assert_true(fail > 5);
    batch_free(&b);
    store_memory_free(m);
}

static int refuse(void *context, const dspv_store_op *ops, size_t n)
{
    (void)ops, (void)n;
    ++*(int *)context;
    return DSPV_ESTORE;
}

static void a_refused_batch_stays(void **state)
{
    (void)state;
    int calls = 0;
    const dspv_store broken = {.context = &calls, .apply = refuse};
    struct batch b;
    batch_init(&b);
    batch_text(&b, "a", "1");
    assert_int_equal(batch_apply(&b, &broken), DSPV_ESTORE);
    assert_int_equal(batch_apply(&b, &broken), DSPV_ESTORE);
    assert_int_equal(calls, 2);
    struct store_memory *m;
    assert_int_equal(store_memory_new(&m), 0);
    assert_int_equal(batch_apply(&b, store_memory_seam(m)), 0);
    assert_get(store_memory_seam(m), "a", "1", false);
    batch_free(&b);
    store_memory_free(m);
}

struct seen {
    size_t good, damaged;
    int end_with;
};

static int count(void *argument, const struct stored *record)
{
    struct seen *s = argument;
    assert_int_equal(record->key.n, 2);
    assert_int_equal(record->payload.n, record->damaged ? 0 : 3);
    s->good += !record->damaged;
    s->damaged += record->damaged;
    return s->end_with;
}

static void scans_tell_damaged_records(void **state)
{
    (void)state;
    struct store_memory *m;
    assert_int_equal(store_memory_new(&m), 0);
    const dspv_store *store = store_memory_seam(m);
    struct batch b;
    batch_init(&b);
    batch_text(&b, "k1", "one");
    batch_text(&b, "k2", "two");
    batch_text(&b, "k3", "six");
    assert_int_equal(batch_apply(&b, store), 0);
    const dspv_store_op damage = {DSPV_TABLE_META, text("k2").p, 2, text("not a sealed value").p, 18};
    assert_int_equal(store->apply(store->context, &damage, 1), 0);
    assert_get(store, "k2", NULL, true);
    struct seen all = {0}, some = {0}, ended = {.end_with = DSPV_ENOMEM};
    assert_int_equal(store_scan(store, DSPV_TABLE_META, (struct span){0}, (struct span){0}, count, &all), 0);
    assert_int_equal(all.good, 2);
    assert_int_equal(all.damaged, 1);
    assert_int_equal(store_scan(store, DSPV_TABLE_META, text("k2"), text("k2x"), count, &some), 0);
    assert_int_equal(some.good, 0);
    assert_int_equal(some.damaged, 1);
    assert_int_equal(store_scan(store, DSPV_TABLE_META, (struct span){0}, (struct span){0}, count, &ended), DSPV_ENOMEM);
    assert_int_equal(ended.good, 1);

    /* Getting one without memory for its payload. */
    bool found, damaged;
    struct writer w;
    writer_init(&w);
    mem_fail_after(1);
    assert_int_equal(store_get(store, DSPV_TABLE_META, text("k1"), &w, &found, &damaged), DSPV_ENOMEM);
    mem_fail_after(0);
    writer_free(&w);
    batch_free(&b);
    store_memory_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seal_is_what_the_format_says),
        cmocka_unit_test(what_was_sealed_opens),
        cmocka_unit_test(nothing_else_opens),
        cmocka_unit_test(key_and_payload_are_kept_apart),
        cmocka_unit_test(batches_write_sealed_records),
        cmocka_unit_test(every_record_of_a_batch_has_its_seal),
        cmocka_unit_test(the_memory_of_a_batch_is_used_again),
        cmocka_unit_test(a_failed_batch_is_never_applied),
        cmocka_unit_test(a_refused_batch_stays),
        cmocka_unit_test(scans_tell_damaged_records),
    };
    return cmocka_run_group_tests_name("store record", tests, NULL, NULL);
}
