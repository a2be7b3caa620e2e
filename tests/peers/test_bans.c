/* peers/bans: against a plain list of what was said, records, and memory that runs out. */
#include "peers/books.h"

#include "base/mem.h"

static void test_length(void **state)
{
    struct bans b = {0};
    dspv_addr a = ipv4(0x01020304, 9999), other_port = ipv4(0x01020304, 1), other = ipv4(0x01020305, 9999);
    dspv_ms now = START_MS;
    (void)state;
    for (unsigned times = 1; times <= 8; times++) {
        assert_int_equal(bans_add(&b, &a, DSPV_PEER_FLOODS, now), 0);
        dspv_ms length = DAY_MS << (times - 1 < 5 ? times - 1 : 5);
        assert_non_null(bans_find(&b, &a, now + length - 1));
        assert_int_equal(bans_find(&b, &a, now)->times, times);
        assert_int_equal(bans_find(&b, &a, now)->reason, DSPV_PEER_FLOODS);
        assert_non_null(bans_find(&b, &other_port, now)); /* the host is banned */
        assert_null(bans_find(&b, &other, now));
        assert_null(bans_find(&b, &a, now + length));
        now += length + 6 * DAY_MS;
    }
    now += 300 * DAY_MS; /* forgiven */
    assert_int_equal(bans_add(&b, &a, DSPV_PEER_FLOODS, now), 0);
    assert_int_equal(bans_find(&b, &a, now)->times, 1);
    dspv_addr back = ban_addr(bans_at(&b, 0, now));
    assert_int_equal(back.port, 0);
    assert_memory_equal(back.ip, a.ip, 16);
    assert_int_equal(bans_count(&b, now), 1);
    assert_true(bans_lift(&b, &other_port));
    assert_false(bans_lift(&b, &a));
    assert_null(bans_find(&b, &a, now));
    assert_null(bans_at(&b, 0, now));
    assert_int_equal(bans_add(&b, &a, DSPV_PEER_FLOODS, now), 0);
    assert_int_equal(bans_find(&b, &a, now)->times, 1); /* lifted means forgotten */
    bans_free(&b);
}

static void test_this_machine(void **state)
{
    struct bans b = {0};
    dspv_addr a = ipv4(0x7f000001, 1), neighbour = ipv4(0x7f000001, 2);
    (void)state;
    assert_int_equal(bans_add(&b, &a, DSPV_PEER_FLOODS, START_MS), 0);
    assert_non_null(bans_find(&b, &a, START_MS));
    assert_null(bans_find(&b, &neighbour, START_MS));
    bans_free(&b);
}

/* Against an array of ends by address. */
static void test_oracle(void **state)
{
    enum { HOSTS = 300 };
    dspv_ms until[HOSTS] = {0}, now = START_MS;
    struct bans b = {0};
    uint64_t seed = 1;
    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        size_t k = test_random(&seed) % HOSTS;
        dspv_addr a = ipv4((uint32_t)(0x05000000 + k * 70001), 1);
        now += (dspv_ms)(test_random(&seed) % HOUR_MS);
        if (test_random(&seed) % 3 == 0) {
            assert_int_equal(bans_lift(&b, &a), bans_find(&b, &a, now) != NULL || until[k] != 0);
            until[k] = 0;
        } else {
            assert_int_equal(bans_add(&b, &a, DSPV_PEER_FLOODS, now), 0);
            until[k] = bans_find(&b, &a, now)->until;
        }
        if (test_random(&seed) % 50 == 0)
            bans_committed(&b);
        k = test_random(&seed) % HOSTS;
        a = ipv4((uint32_t)(0x05000000 + k * 70001), 1);
        assert_int_equal(bans_find(&b, &a, now) != NULL, until[k] > now);
    }
    size_t n = 0;
    for (size_t k = 0; k < HOSTS; k++)
        n += until[k] > now;
    assert_int_equal(bans_count(&b, now), n);
    bans_free(&b);
}

static void test_bounded(void **state)
{
    struct bans b = {0};
    (void)state;
    for (uint32_t i = 0; i < 100000; i++) {
        dspv_addr a = ipv4(0x05000000 + i, 1);
        assert_int_equal(bans_add(&b, &a, DSPV_PEER_FLOODS, START_MS + i), 0);
        assert_true(bans_count(&b, START_MS + i) <= BANS_MOST);
        assert_true(b.n <= 2 * BANS_MOST);
    }
    dspv_addr first = ipv4(0x05000000, 1), last = ipv4(0x05000000 + 99999, 1);
    assert_null(bans_find(&b, &first, START_MS + 100000));
    assert_non_null(bans_find(&b, &last, START_MS + 100000));
    bans_free(&b);
}

static void test_records(void **state)
{
    struct bans b = {0}, again = {0};
    struct writer w;
    uint8_t key[BANS_RECORD_KEY];
    int rc;
    (void)state;
    writer_init(&w);
    for (uint32_t i = 0; i < 50; i++) {
        dspv_addr a = ipv4(0x05000000 + i * 977, 1);
        for (uint32_t k = 0; k <= i % 4; k++)
            assert_int_equal(bans_add(&b, &a, i % 2 ? DSPV_PEER_FLOODS : DSPV_HIGH_HASH, START_MS), 0);
    }
    for (size_t i = 0; i < b.n; i++) {
        writer_reset(&w);
        size_t n = ban_record(&b.items[i], key, &w);
        for (size_t cut = 0; cut < w.n; cut++)
            assert_false(bans_restore(&again, (struct span){key, n}, (struct span){w.data, cut}, START_MS, &rc));
        assert_false(bans_restore(&again, (struct span){key, n - 1}, (struct span){w.data, w.n}, START_MS, &rc));
        assert_false(
            bans_restore(&again, (struct span){key, n}, (struct span){w.data, w.n}, START_MS + 300 * DAY_MS, &rc)); /* old */
        assert_false(
            bans_restore(&again, (struct span){key, n}, (struct span){w.data, w.n}, START_MS - 2 * DAY_MS, &rc)); /* to come */
        assert_int_equal(again.n, i);
        assert_true(bans_restore(&again, (struct span){key, n}, (struct span){w.data, w.n}, START_MS, &rc));
        assert_int_equal(rc, 0);
    }
    assert_int_equal(again.n, b.n);
    for (size_t i = 0; i < b.n; i++) {
        const struct ban *x = &b.items[i], *y = &again.items[i];
        assert_true(x->times == y->times && x->reason == y->reason && x->since == y->since && x->until == y->until);
        assert_memory_equal(x->key, y->key, x->key_n);
    }
    w.data[w.n - 1] ^= 1; /* a reason of another version */
    bans_free(&again);
    assert_true(
        bans_restore(&again, (struct span){key, 1 + (size_t)b.items[b.n - 1].key_n}, (struct span){w.data, w.n}, START_MS, &rc));
    assert_int_equal(again.items[0].reason, DSPV_PEER_MISBEHAVED);
    writer_free(&w);
    bans_free(&b);
    bans_free(&again);
}

static void test_no_memory(void **state)
{
    struct bans b = {0};
    dspv_addr a = ipv4(0x01020304, 1);
    (void)state;
    mem_fail_after(1);
    assert_int_equal(bans_add(&b, &a, DSPV_PEER_FLOODS, START_MS), DSPV_ENOMEM);
    mem_fail_after(0);
    assert_int_equal(b.n, 0);
    assert_int_equal(bans_add(&b, &a, DSPV_PEER_FLOODS, START_MS), 0);
    bans_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_length),  cmocka_unit_test(test_this_machine), cmocka_unit_test(test_oracle),
        cmocka_unit_test(test_bounded), cmocka_unit_test(test_records),      cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("bans", tests, NULL, NULL);
}
