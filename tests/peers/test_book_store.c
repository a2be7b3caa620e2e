/* peers/book_store: what was stored comes back, what was damaged does not, and nothing that is read can break the tables. */
#include "peers/books.h"

#include "base/mem.h"
#include "store/memory.h"

static void save(struct book *b, const dspv_store *store)
{
    struct batch batch;
    batch_init(&batch);
    assert_int_equal(book_collect(b, &batch), 0);
    assert_int_equal(batch_apply(&batch, store), 0);
    book_committed(b);
    assert_false(book_dirty(b));
    batch_free(&batch);
}

static struct book *load(const dspv_store *store, uint8_t seed, dspv_ms now)
{
    struct book *b = new_book(seed);
    assert_int_equal(book_load(b, store, now), 0);
    check_book(b);
    return b;
}

static bool same(const struct book_entry *x, const struct book_entry *y)
{
    return address_eq(&x->addr, &y->addr) && x->services == y->services && x->source == y->source &&
           x->last_seen == y->last_seen && x->last_try == y->last_try && x->last_success == y->last_success &&
           x->attempts == y->attempts && x->place == y->place && x->origins == y->origins && x->tried == y->tried;
}

/* Bans, anchors and every entry of `a` are in `b`. */
static void assert_same(const struct book *a, const struct book *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++)
        assert_true(book_find(b, &a->entries[i].addr) && same(&a->entries[i], book_find(b, &a->entries[i].addr)));
    assert_memory_equal(a->secret, b->secret, 32);
    assert_int_equal(a->last_good, b->last_good);
    assert_int_equal(a->n_anchors, b->n_anchors);
    for (size_t i = 0; i < a->n_anchors; i++)
        assert_true(address_eq(&a->anchors[i], &b->anchors[i]));
    assert_int_equal(a->bans.n, b->bans.n);
    for (size_t i = 0; i < a->bans.n; i++)
        assert_memory_equal(a->bans.items[i].key, b->bans.items[i].key, a->bans.items[i].key_n);
}

/* Some life of a book. */
static void live(struct book *b, uint64_t *random, dspv_ms *now, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        dspv_addr a = ipv4((uint32_t)(0x10000000 + test_random(random) % 4000 * 65536), 9999);
        *now += (dspv_ms)(test_random(random) % 60000);
        switch (test_random(random) % 8) {
        case 0: book_attempt(b, &a, *now); break;
        case 1: book_good(b, &a, 1, *now); break;
        case 2: book_settle(b, *now); break;
        case 3:
            if (i % 5 == 0)
                book_remove(b, &a);
            break;
        case 4:
            if (i % 9 == 0)
                assert_int_equal(bans_add(&b->bans, &a, DSPV_PEER_FLOODS, *now), 0);
            else if (i % 9 == 1)
                bans_lift(&b->bans, &a);
            break;
        case 5: book_set_anchors(b, &a, i % 3 > 0); break;
        default: tell(b, &a, test_random(random) % 30, *now); break;
        }
    }
}

static void test_round_trip(void **state)
{
    struct store_memory *m;
    uint64_t random = 4;
    dspv_ms now = START_MS;
    (void)state;
    assert_int_equal(store_memory_new(&m), 0);
    const dspv_store *store = store_memory_seam(m);
    struct book *b = load(store, 1, now);
    for (unsigned round = 0; round < 60; round++) {
        live(b, &random, &now, 200);
        save(b, store);
        struct book *again = load(store, 2, now);
        assert_same(b, again);
        assert_false(book_dirty(again));
        assert_int_equal(store_memory_count(m, DSPV_TABLE_ADDRESSES), b->n + b->bans.n);
        book_free(again);
    }
    print_message("%zu addresses, %zu bans, %zu kB\n", b->n, b->bans.n, store_memory_bytes(m) >> 10);
    assert_true(b->n > 500 && b->bans.n > 10);
    book_free(b);
    store_memory_free(m);
}

/* A transaction that failed is collected again; nothing is lost. */
static void test_failed_transaction(void **state)
{
    struct store_memory *m;
    struct batch lost;
    uint64_t random = 4;
    dspv_ms now = START_MS;
    (void)state;
    assert_int_equal(store_memory_new(&m), 0);
    struct book *b = load(store_memory_seam(m), 1, now);
    for (unsigned round = 0; round < 10; round++) {
        live(b, &random, &now, 100);
        batch_init(&lost);
        assert_int_equal(book_collect(b, &lost), 0);
        batch_free(&lost);
    }
    save(b, store_memory_seam(m));
    struct book *again = load(store_memory_seam(m), 2, now);
    assert_same(b, again);
    book_free(again);
    book_free(b);
    store_memory_free(m);
}

/* Write a record with a good seal, whatever it says. */
static void put(const dspv_store *store, dspv_table table, const void *key, size_t key_n, const void *payload, size_t n)
{
    struct batch batch;
    batch_init(&batch);
    batch_put(&batch, table, key, key_n, payload, n);
    assert_int_equal(batch_apply(&batch, store), 0);
    batch_free(&batch);
}

struct copy {
    struct {
        uint8_t key[64], value[256];
        size_t key_n, value_n;
    } records[64];
    size_t n;
};

static bool copy_record(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    struct copy *c = argument;
    if (c->n == 64 || value_n > 256)
        return false;
    memcpy(c->records[c->n].key, key, key_n);
    memcpy(c->records[c->n].value, value, value_n);
    c->records[c->n].key_n = key_n;
    c->records[c->n++].value_n = value_n;
    return true;
}

/* Each byte of each record damaged, under its old seal and under a new one: it is left out or makes sense, and the rest is there.
 */
static void test_damage(void **state)
{
    struct store_memory *m;
    uint64_t random = 4;
    dspv_ms now = START_MS;
    unsigned left_out = 0, taken = 0;
    (void)state;
    assert_int_equal(store_memory_new(&m), 0);
    const dspv_store *store = store_memory_seam(m);
    struct book *b = load(store, 1, now);
    live(b, &random, &now, 60);
    save(b, store);
    struct copy c = {.n = 0};
    assert_int_equal(store->scan(store->context, DSPV_TABLE_ADDRESSES, NULL, 0, NULL, 0, copy_record, &c), 0);
    assert_true(c.n > 10);
    for (size_t i = 0; i < c.n; i++)
        for (size_t at = 0; at < c.records[i].value_n; at++) {
            uint8_t value[256];
            memcpy(value, c.records[i].value, 256);
            value[at] ^= (uint8_t)(1 + test_random(&random) % 255);
            dspv_store_op op = {DSPV_TABLE_ADDRESSES, c.records[i].key, c.records[i].key_n, value, c.records[i].value_n};
            assert_int_equal(store->apply(store->context, &op, 1), 0);
            struct book *again = load(store, 2, now);
            assert_int_equal(again->n + again->bans.n, c.n - 1);
            assert_true(book_dirty(again)); /* the next transaction removes it */
            save(again, store);
            assert_int_equal(store_memory_count(m, DSPV_TABLE_ADDRESSES), c.n - 1);
            book_free(again);
            put(store, DSPV_TABLE_ADDRESSES, c.records[i].key, c.records[i].key_n, value, c.records[i].value_n - 8);
            again = load(store, 2, now);
            left_out += again->n + again->bans.n == c.n - 1;
            taken += again->n + again->bans.n == c.n;
            book_free(again);
            op.value = c.records[i].value;
            assert_int_equal(store->apply(store->context, &op, 1), 0);
        }
    print_message("with good seals: %u left out, %u taken\n", left_out, taken);
    book_free(b);
    store_memory_free(m);
}

/* Without the secret the addresses get other places; none is lost without need, and there are never too many. */
static void test_another_secret(void **state)
{
    struct store_memory *m;
    uint64_t random = 4;
    dspv_ms now = START_MS;
    (void)state;
    assert_int_equal(store_memory_new(&m), 0);
    const dspv_store *store = store_memory_seam(m);
    struct book *b = load(store, 1, now);
    live(b, &random, &now, 3000);
    save(b, store);
    put(store, DSPV_TABLE_META, "book", 4, "damaged", 7);
    struct book *again = load(store, 2, now);
    assert_memory_not_equal(b->secret, again->secret, 32);
    assert_true(again->n > b->n / 2 && again->n <= b->n && again->bans.n == b->bans.n);
    print_message("%zu of %zu kept under another secret\n", again->n, b->n);
    save(again, store);
    struct book *third = load(store, 3, now);
    assert_same(again, third);
    book_free(third);
    book_free(again);
    book_free(b);
    store_memory_free(m);
}

/* Nonsense in any amount. */
static void test_nonsense(void **state)
{
    struct store_memory *m;
    uint64_t random = 9;
    (void)state;
    assert_int_equal(store_memory_new(&m), 0);
    const dspv_store *store = store_memory_seam(m);
    for (unsigned i = 0; i < 3000; i++) {
        uint8_t key[64], payload[80];
        for (size_t k = 0; k < sizeof(key); k++)
            key[k] = (uint8_t)test_random(&random);
        for (size_t k = 0; k < sizeof(payload); k++)
            payload[k] = (uint8_t)(test_random(&random) % 3);
        key[0] = i % 3 ? 'a' : 'b';
        key[1] = (uint8_t)(1 << i % 3);
        payload[0] = 1;
        put(store, DSPV_TABLE_ADDRESSES, key, 1 + test_random(&random) % 63, payload, test_random(&random) % 80);
    }
    struct book *b = load(store, 1, START_MS);
    assert_int_equal(b->n + b->bans.n, 0);
    save(b, store);
    assert_int_equal(store_memory_count(m, DSPV_TABLE_ADDRESSES), 0);
    book_free(b);
    store_memory_free(m);
}

static void test_no_memory(void **state)
{
    struct store_memory *m;
    uint64_t random = 4;
    dspv_ms now = START_MS;
    unsigned failures = 0;
    (void)state;
    assert_int_equal(store_memory_new(&m), 0);
    const dspv_store *store = store_memory_seam(m);
    struct book *b = load(store, 1, now);
    live(b, &random, &now, 300);
    for (size_t nth = 1;; nth++) {
        struct batch batch;
        batch_init(&batch);
        mem_fail_after(nth);
        int rc = book_collect(b, &batch);
        mem_fail_after(0);
        batch_free(&batch);
        if (rc == 0)
            break;
        assert_int_equal(rc, DSPV_ENOMEM);
        failures++;
    }
    save(b, store);
    for (size_t nth = 1;; nth++) {
        struct book *again = new_book(2);
        mem_fail_after(nth);
        int rc = book_load(again, store, now);
        mem_fail_after(0);
        check_book(again);
        book_free(again);
        if (rc == 0)
            break;
        assert_int_equal(rc, DSPV_ENOMEM);
        failures++;
    }
    print_message("%u failures\n", failures);
    assert_true(failures > 20);
    book_free(b);
    store_memory_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_failed_transaction), cmocka_unit_test(test_damage),
        cmocka_unit_test(test_another_secret), cmocka_unit_test(test_nonsense),           cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("book_store", tests, NULL, NULL);
}
