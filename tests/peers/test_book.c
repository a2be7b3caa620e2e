/* peers/book: what attackers can and cannot do to the tables, what is chosen how often, and that all of it follows from the seed.
 */
#include "peers/books.h"

#include "base/mem.h"

static bool any_taken(const void *context, const struct book_entry *e)
{
    const dspv_addr *taken = context;
    return address_eq(taken, &e->addr);
}

static const struct book_filter everything = {.nets = DSPV_NET_ALL};

/* ---- who can put in how much */

/* `n` honest addresses, each in a group of its own, told by 40 sources. */
static void tell_honest(struct book *b, uint32_t n, dspv_ms now)
{
    for (uint32_t i = 0; i < n; i++) {
        dspv_addr a = ipv4((0x1000 + i) << 16 | 7, 9999);
        tell(b, &a, group16(0x5000 + i % 40), now);
    }
}

static size_t honest_left(const struct book *b, uint32_t n)
{
    size_t left = 0;
    for (uint32_t i = 0; i < n; i++) {
        dspv_addr a = ipv4((0x1000 + i) << 16 | 7, 9999);
        left += book_find(b, &a) != NULL;
    }
    return left;
}

/* One source tells 100 000 addresses of all groups: it gets its 16 buckets and pushes nobody out. */
static void test_flood_from_one_source(void **state)
{
    (void)state;
    for (uint8_t seed = 0; seed < 5; seed++) {
        struct book *b = new_book(seed);
        tell_honest(b, 1000, START_MS);
        size_t honest = honest_left(b, 1000), before = b->n;
        uint64_t random = seed + 1;
        for (unsigned i = 0; i < 100000; i++) {
            dspv_addr a = ipv4((uint32_t)(0x20000000 + test_random(&random) % 0x40000000), 9999);
            tell(b, &a, group16(0x0666), START_MS);
        }
        check_book(b);
        assert_int_equal(honest_left(b, 1000), honest);
        assert_true(b->n - before <= BOOK_NEW_PER_SOURCE * BOOK_BUCKET);
        assert_true(b->n - before > 300); /* and that is what it gets */
        print_message("%zu honest, %zu of 100000 from one source\n", honest, b->n - before);
        book_free(b);
    }
}

/* 100 000 addresses of one /16, told by itself: one bucket. */
static void test_flood_of_one_group(void **state)
{
    struct book *b = new_book(9);
    size_t before;
    (void)state;
    tell_honest(b, 1000, START_MS);
    before = b->n;
    size_t honest = honest_left(b, 1000);
    for (uint32_t i = 0; i < 100000; i++) {
        dspv_addr a = ipv4(0x06660000 | (i & 0xffff), (uint16_t)(9999 + (i >> 16)));
        tell(b, &a, group16(0x0666), START_MS);
    }
    check_book(b);
    assert_true(b->n - before <= BOOK_BUCKET);
    assert_int_equal(honest_left(b, 1000), honest);
    book_free(b);
}

/* Whoever tells a whole /16 in the name of a source that others use, too (the DNS), does not keep out its other addresses; and these
 * push out no one who is alone of his group. */
static void test_crowded_bucket(void **state)
{
    (void)state;
    for (uint8_t seed = 0; seed < 20; seed++) {
        struct book *b = new_book(seed);
        for (uint32_t i = 0; i < 10000; i++) {
            dspv_addr a = ipv4(0x06660000 | i, 9999);
            tell(b, &a, group16(0xd), START_MS);
        }
        size_t taken = 0;
        for (uint32_t i = 0; i < 300; i++) {
            dspv_addr a = ipv4((0x1000 + i) << 16 | 7, 9999);
            tell(b, &a, group16(0xd), START_MS);
            taken += book_find(b, &a) != NULL;
            assert_true(i > 0 || taken == 1);
        }
        check_book(b);
        assert_in_range(taken, 180, 300); /* the others found another at their place who was alone of his group */
        assert_int_equal(honest_left(b, 300), taken);
        book_free(b);
    }
}

/* A /16 whose every address answers: 4 of the 64 buckets of `tried`, and no holder that works has to go. */
static void test_tried_by_one_group(void **state)
{
    struct book *b = new_book(3);
    dspv_ms now = START_MS;
    unsigned gone = 0, honest = 0;
    (void)state;
    for (uint32_t i = 0; i < 600; i++) {
        dspv_addr a = ipv4((0x1000 + i) << 16 | 7, 9999);
        tell(b, &a, group16(0x5000 + i), now);
        book_good(b, &a, 1, now);
        book_settle(b, now + 1);
        b->n_collisions = 0; /* among themselves */
    }
    for (uint32_t i = 0; i < 600; i++) {
        dspv_addr a = ipv4((0x1000 + i) << 16 | 7, 9999);
        honest += book_find(b, &a) && book_find(b, &a)->tried;
    }
    for (uint32_t i = 0; i < 65536; i++) {
        dspv_addr a = ipv4(0x06660000 | i, 9999), test;
        now += 10 * SECOND_MS;
        tell(b, &a, group16(i), now);
        book_good(b, &a, 1, now);
        while (book_to_test(b, DSPV_NET_ALL, now, &test)) { /* the feelers find that the honest ones are there */
            book_attempt(b, &test, now);
            book_good(b, &test, 1, now);
        }
        book_settle(b, now);
    }
    check_book(b);
    for (uint32_t i = 0; i < 600; i++) {
        dspv_addr a = ipv4((0x1000 + i) << 16 | 7, 9999);
        gone += !book_find(b, &a) || !book_find(b, &a)->tried;
    }
    size_t attacker = book_count_tried(b) - honest;
    print_message("%u honest in tried, %zu of 65536 of one /16 (%d places)\n", honest, attacker, BOOK_TRIED);
    assert_true(attacker <= BOOK_TRIED_PER_GROUP * BOOK_BUCKET);
    assert_int_equal(gone, 600 - honest);
    book_free(b);
}

/* Places are as full as they can be, whatever comes: never more than the tables hold. */
static void test_bounded(void **state)
{
    struct book *b = new_book(4);
    uint64_t random = 7;
    (void)state;
    for (unsigned i = 0; i < 400000; i++) {
        dspv_addr a = ipv4((uint32_t)test_random(&random), 9999);
        tell(b, &a, group16((uint32_t)test_random(&random) & 0xffff), START_MS);
        if (i % 20 == 0)
            book_good(b, &a, 1, START_MS);
    }
    check_book(b);
    assert_true(b->n > BOOK_NEW - BOOK_NEW / 50 && b->n <= BOOK_MOST);
    assert_true(b->cap * sizeof(struct book_entry) + map_memory(&b->index) < 4 << 20);
    print_message("%zu addresses, %zu kB\n", b->n,
                  (b->cap * sizeof(struct book_entry) + map_memory(&b->index) + sizeof(*b)) >> 10);
    book_free(b);
}

/* ---- what an entry goes through */

static void test_useless(void **state)
{
    struct book *b = new_book(5);
    dspv_addr a = ipv4(0x01020304, 9999);
    dspv_ms now = START_MS;
    (void)state;
    tell(b, &a, 1, now);
    const struct book_entry *e = book_find(b, &a);
    assert_false(book_useless(e, now));
    assert_false(book_useless(e, now + BOOK_HORIZON_MS));
    assert_true(book_useless(e, now + BOOK_HORIZON_MS + 1));
    book_attempt(b, &a, now);
    book_attempt(b, &a, now + HOUR_MS); /* nobody was reached since: perhaps we are offline */
    assert_int_equal(book_find(b, &a)->attempts, 1);
    for (int i = 1; i <= 2; i++) {
        dspv_addr other = ipv4(0x09090909, 1);
        book_good(b, &other, 1, now + i * 2 * HOUR_MS); /* somebody was */
        book_attempt(b, &a, now + i * 2 * HOUR_MS + 1);
    }
    e = book_find(b, &a);
    assert_int_equal(e->attempts, 3);
    assert_false(book_useless(e, now + 4 * HOUR_MS + 2)); /* it is being tried */
    assert_true(book_useless(e, now + 5 * HOUR_MS));
    book_good(b, &a, 1, now + 5 * HOUR_MS);
    e = book_find(b, &a);
    assert_true(e->tried && e->attempts == 0);
    for (int i = 0; i < 12; i++)
        book_failed(b, &a, now + 6 * HOUR_MS);
    assert_false(book_useless(e, now + 6 * DAY_MS)); /* it worked this week */
    assert_true(book_useless(e, now + 8 * DAY_MS));
    book_free(b);
}

/* Hearsay about one that is known: seen later, from one more origin; the place stays. */
static void test_heard_again(void **state)
{
    struct book *b = new_book(5);
    dspv_addr a = ipv4(0x01020304, 9999);
    (void)state;
    assert_true(tell(b, &a, 1, START_MS));
    assert_false(tell(b, &a, 2, START_MS + DAY_MS));
    struct book_news news = {&a, 1024, 3, DSPV_FROM_LIST, START_MS};
    bool added;
    assert_int_equal(book_add(b, &news, START_MS, &added), 0);
    const struct book_entry *e = book_find(b, &a);
    assert_int_equal(e->last_seen, START_MS + DAY_MS);
    assert_int_equal(e->origins, DSPV_FROM_GOSSIP | DSPV_FROM_LIST);
    assert_int_equal(e->services, 1025);
    assert_int_equal(e->source, 1);
    struct book_news old = {&a, 1, 1, DSPV_FROM_GOSSIP, START_MS - 40 * DAY_MS};
    a.port = 1;
    assert_int_equal(book_add(b, &old, START_MS, &added), 0);
    assert_false(added); /* nobody has seen it for too long */
    book_free(b);
}

/* Two addresses for one place in `tried`. */
static void find_rivals(const struct book *b, dspv_addr *one, dspv_addr *two)
{
    *one = ipv4(0x01020304, 9999);
    for (uint32_t i = 1;; i++) {
        *two = ipv4(0x05050000 + i * 65537, 9999);
        if (book_tried_place(b, one) == book_tried_place(b, two))
            return;
    }
}

static void test_before_evicting(void **state)
{
    (void)state;
    for (int outcome = 0; outcome < 3; outcome++) { /* the holder answers the test; does not; is never tested */
        struct book *b = new_book(6);
        dspv_addr holder, rival, test;
        dspv_ms now = START_MS;
        find_rivals(b, &holder, &rival);
        tell(b, &holder, 1, now);
        tell(b, &rival, 2, now);
        book_good(b, &holder, 1, now);
        now += 5 * HOUR_MS;
        book_good(b, &rival, 1, now);
        assert_true(book_find(b, &holder)->tried && !book_find(b, &rival)->tried);
        book_settle(b, now);
        assert_true(book_find(b, &holder)->tried);
        assert_true(book_to_test(b, DSPV_NET_ALL, now, &test) && address_eq(&test, &holder));
        assert_false(book_to_test(b, DSPV_NET_ONION, now, &test));
        if (outcome < 2)
            book_attempt(b, &holder, now);
        assert_int_equal(book_to_test(b, DSPV_NET_ALL, now + SECOND_MS, &test), outcome == 2);
        if (outcome == 0)
            book_good(b, &holder, 1, now + SECOND_MS);
        now += outcome == 2 ? 41 * MINUTE_MS : 2 * MINUTE_MS;
        book_settle(b, now);
        assert_int_equal(book_find(b, &holder)->tried, outcome == 0);
        assert_int_equal(book_find(b, &rival)->tried, outcome != 0);
        assert_int_equal(b->n_collisions, 0);
        check_book(b);
        book_free(b);
    }
}

/* The newcomer's place in `new` is the one the holder goes back to: the two change places. */
static void test_trading_places(void **state)
{
    struct book *b = new_book(6);
    unsigned traded = 0;
    uint64_t random = 3;
    (void)state;
    for (unsigned i = 0; i < 300000 && traded < 3; i++) {
        dspv_addr a = ipv4(0x01020000 | (uint32_t)(test_random(&random) & 0xffff), (uint16_t)(1 + test_random(&random) % 60000));
        if (!tell(b, &a, 1, START_MS))
            continue;
        const struct book_entry *holder = book_holder(b, true, book_tried_place(b, &a));
        traded += holder && book_new_place(b, &holder->addr, holder->source) == book_find(b, &a)->place;
        dspv_addr old = holder ? holder->addr : a;
        size_t n = b->n;
        book_promote(b, &a, START_MS);
        assert_true(book_find(b, &a)->tried);
        if (holder && b->n == n)
            assert_true(book_find(b, &old) != NULL);
        check_book(b);
    }
    assert_true(traded > 0);
    book_free(b);
}

static void test_random_life(void **state)
{
    struct book *b = new_book(7), *twin = new_book(7);
    uint64_t random = 11;
    dspv_ms now = START_MS;
    (void)state;
    for (unsigned i = 0; i < 60000; i++) {
        dspv_addr a = ipv4((uint32_t)(0x10000000 + test_random(&random) % 400 * 65536 + test_random(&random) % 8), 9999), x, y;
        uint64_t what = test_random(&random) % 12, source = test_random(&random) % 50;
        now += (dspv_ms)(test_random(&random) % 20000);
        struct book *both[2] = {b, twin};
        bool found[2];
        for (int k = 0; k < 2; k++) {
            if (what < 5)
                tell(both[k], &a, source, now);
            else if (what == 5)
                book_attempt(both[k], &a, now);
            else if (what < 8)
                book_good(both[k], &a, 1, now);
            else if (what == 8)
                book_failed(both[k], &a, now);
            else if (what == 9 && i % 8 == 0)
                book_remove(both[k], &a);
            else if (what == 10)
                book_settle(both[k], now);
            found[k] = book_choose(both[k], &everything, now, k ? &y : &x);
        }
        assert_int_equal(found[0], found[1]); /* the same seed and the same inputs: the same choice */
        if (found[0])
            assert_true(address_eq(&x, &y));
        if (i % 1000 == 0)
            check_book(b);
    }
    print_message("%zu, of these %zu tried\n", b->n, book_count_tried(b));
    assert_true(book_count_tried(b) > 100);
    book_free(b);
    book_free(twin);
}

/* ---- choice */

/* The source that has filled its 16 buckets is chosen as often as its buckets count, however many addresses it has there. */
static void test_shares(void **state)
{
    struct book *b = new_book(8);
    uint64_t random = 1;
    unsigned attacker = 0, all = 20000;
    (void)state;
    tell_honest(b, 1000, START_MS);
    for (unsigned i = 0; i < 20000; i++) {
        dspv_addr a = ipv4((uint32_t)(0x40000000 + test_random(&random) % 0x40000000), 9999);
        tell(b, &a, group16(0x0666), START_MS);
    }
    for (unsigned i = 0; i < all; i++) {
        dspv_addr a;
        assert_true(book_choose(b, &everything, START_MS, &a));
        attacker += a.ip[12] >= 0x40 && a.ip[12] < 0x80;
    }
    print_message("of %zu addresses %u per mille of the choices\n", b->n, attacker * 1000 / all);
    assert_true(attacker * 100 / all <= 10); /* 16 of about 230 buckets */
    book_free(b);
}

/* Every address is chosen some time; both tables get their half. */
static void test_all_are_chosen(void **state)
{
    struct book *b = new_book(8);
    unsigned seen[200] = {0}, tried = 0;
    (void)state;
    for (uint32_t i = 0; i < 200; i++) {
        dspv_addr a = ipv4((0x1000 + i) << 16, 9999);
        tell(b, &a, i, START_MS);
        if (i < 20)
            book_good(b, &a, 1, START_MS - DAY_MS);
    }
    for (unsigned i = 0; i < 20000; i++) {
        dspv_addr a;
        assert_true(book_choose(b, &everything, START_MS, &a));
        uint32_t k = load_be32(a.ip + 12) / 65536 - 0x1000;
        seen[k]++;
        tried += k < 20;
    }
    for (uint32_t i = 0; i < 200; i++) {
        dspv_addr a = ipv4((0x1000 + i) << 16, 9999);
        assert_int_equal(seen[i] > 0, book_find(b, &a) != NULL);
    }
    assert_in_range(tried, 9000, 11000);
    book_free(b);
}

static void test_filters(void **state)
{
    struct book *b = new_book(8);
    dspv_addr a = ipv4(0x01020304, 9999), out;
    dspv_ms now = START_MS;
    struct book_filter f = everything;
    (void)state;
    assert_false(book_choose(b, &f, now, &out));
    tell(b, &a, 1, now);
    assert_true(book_choose(b, &f, now, &out) && address_eq(&a, &out));
    f.nets = DSPV_NET_IPV6 | DSPV_NET_ONION;
    assert_false(book_choose(b, &f, now, &out));
    f = everything;
    f.taken = any_taken;
    f.context = &a;
    assert_false(book_choose(b, &f, now, &out));
    assert_int_equal(book_available(b, &f, now, 10), 0);
    f = everything;
    f.only_new = true;
    assert_true(book_choose(b, &f, now, &out));
    assert_int_equal(bans_add(&b->bans, &a, DSPV_PEER_FLOODS, now), 0);
    assert_false(book_choose(b, &f, now, &out));
    bans_lift(&b->bans, &a);
    assert_true(book_choose(b, &f, now, &out));
    book_good(b, &a, 1, now);
    assert_false(book_choose(b, &f, now + HOUR_MS, &out)); /* tried */
    book_good(b, &a, 4, now);
    assert_false(book_choose(b, &everything, now + HOUR_MS, &out)); /* it has no blocks */
    book_free(b);
}

/* The more often it failed, the longer it is left alone; less long while there are too few peers. */
static void test_patience(void **state)
{
    struct book *b = new_book(8);
    dspv_addr a = ipv4(0x01020304, 9999), out;
    dspv_ms now = START_MS, last = 0;
    struct book_filter urgent = {.nets = DSPV_NET_ALL, .urgent = true};
    (void)state;
    tell(b, &a, 1, now);
    for (unsigned i = 0; i < 12; i++) {
        book_failed(b, &a, now);
        dspv_ms wait = 0, urgent_wait = 0;
        while (!book_choose(b, &urgent, now + urgent_wait, &out))
            urgent_wait += SECOND_MS;
        while (!book_choose(b, &everything, now + wait, &out))
            wait += SECOND_MS;
        assert_true(urgent_wait <= MINUTE_MS && urgent_wait <= wait && wait >= last && wait <= 6 * HOUR_MS);
        assert_true(wait >= 2 * MINUTE_MS);
        last = wait;
    }
    assert_int_equal(last, 6 * HOUR_MS);
    book_free(b);
}

static void test_no_memory(void **state)
{
    unsigned failures = 0;
    (void)state;
    for (size_t nth = 1; nth < 60; nth++) {
        uint8_t seed[32] = {1};
        struct book *b;
        bool added;
        mem_fail_after(nth);
        int rc = book_new(&b, seed);
        for (uint32_t i = 0; rc == 0 && i < 100; i++) {
            dspv_addr a = ipv4(0x10000000 + i * 65536, 9999);
            struct book_news news = {&a, 1, i, DSPV_FROM_GOSSIP, START_MS};
            rc = book_add(b, &news, START_MS, &added);
            if (rc != 0) {
                mem_fail_after(0);
                assert_null(book_find(b, &a));
                assert_int_equal(book_add(b, &news, START_MS, &added), 0);
            }
        }
        failures += rc != 0;
        mem_fail_after(0);
        if (b)
            check_book(b);
        book_free(b);
    }
    assert_true(failures > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flood_from_one_source),
        cmocka_unit_test(test_flood_of_one_group),
        cmocka_unit_test(test_crowded_bucket),
        cmocka_unit_test(test_tried_by_one_group),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_useless),
        cmocka_unit_test(test_heard_again),
        cmocka_unit_test(test_before_evicting),
        cmocka_unit_test(test_trading_places),
        cmocka_unit_test(test_random_life),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_all_are_chosen),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_patience),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("book", tests, NULL, NULL);
}
