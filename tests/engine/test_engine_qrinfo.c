/* The engine fed as a client feeds it: a QRINFO, then what discovery names, until nothing is missing. Every recorded answer of
 * Dash Core, in both constructions (chained bases from 70236 on, bases of the request below). */
#include "engine/recorded_qrinfo.h"

#include "base/mem.h"

static void feed(struct engine *e, const struct qrinfo *q)
{
    dspv_fault fault = {0};
    bool waiting = true;
    int error = engine_feed_qrinfo(e, q, &waiting, &fault);
    if (error != 0)
        fail_msg("%d %s at %d", error, dspv_reason_name(fault.reason), fault.height);
    assert_false(waiting);
}

static struct needs discover(const struct engine *e)
{
    struct needs needs;
    assert_int_equal(engine_discover(e, engine_tip_list(e)->height, &needs), 0);
    assert_int_equal(needs.wanted, needs.verified + needs.invalid + needs.waiting + needs.ready);
    return needs;
}

/* What a client did until nothing was missing. */
struct session {
    int32_t lists[64];
    size_t n_lists, n_qrinfos;
};

/* Answer every need: lists as the full state of their block, a snapshot by the answer for a cycle above it. */
static void satisfy(const struct answers *a, struct engine *e, const struct needs *needs, struct session *s)
{
    for (size_t i = 0; i < needs->n; i++) {
        const struct need *need = &needs->items[i];
        assert_true(need->wanted_by > 0);
        if (need->kind == NEED_KIND_LIST) {
            block_hash block;
            assert_true(engine_block_at(e, need->height, &block) && block_hash_eq(&block, &need->block));
            assert_null(engine_list(e, need->height));
            answers_apply(a, e, need->height);
            assert_true(s->n_lists < 64);
            s->lists[s->n_lists++] = need->height;
        } else {
            assert_int_equal(need->kind, NEED_KIND_SNAPSHOT);
            assert_true(needs->requires_qrinfo);
            assert_null(engine_snapshot(e, need->height, NULL));
            const struct answer *r = answers_find(a, need->height + 24, need->height + 95, true);
            assert_non_null(r);
            feed(e, &r->q);
            s->n_qrinfos++;
            return; /* look again: it brought lists too */
        }
    }
}

/* From one QRINFO for the tip to complete; a bounded number of rounds. */
static void run_session(const struct answers *a, struct engine *e, const struct answer *first, struct session *s)
{
    memset(s, 0, sizeof(*s));
    feed(e, &first->q);
    s->n_qrinfos = 1;
    for (int round = 0; round < 8; round++) {
        assert_int_equal(engine_verify(e), 0);
        struct needs needs = discover(e);
        assert_int_equal(needs.invalid, 0);
        size_t missing = needs.n;
        if (missing == 0) {
            assert_int_equal(needs.verified, needs.wanted);
            assert_true(needs.wanted > 0);
            needs_free(&needs);
            return;
        }
        assert_int_equal(needs.ready, 0);
        satisfy(a, e, &needs, s);
        needs_free(&needs);
    }
    fail_msg("needs are left");
}

/* With few lists a lock may have to wait, but a real one is never called false; near the tip most are decided. */
static void assert_locks(struct engine *e, const char *folder, int32_t tip)
{
    struct bytes locks = fixture_load(fixture_file(folder, "locks.bin"));
    struct driven_lock l;
    size_t good = 0, waiting = 0;
    for (size_t at = 0; driven_next_lock(locks, &at, &l);) {
        struct clsig clsig;
        struct isdlock isdlock;
        dspv_fault fault;
        int error;
        if (l.kind == 29) {
            assert_int_equal(clsig_decode(l.payload, l.n, &clsig, &fault), 0);
            error = engine_check_chainlock(e, &clsig, NULL, &fault);
        } else {
            assert_int_equal(isdlock_decode(l.payload, l.n, &isdlock, &fault), 0);
            error = engine_check_instantlock(e, &isdlock, tip, NULL, &fault);
        }
        if (error == DSPV_EFAULT)
            fail_msg("lock at %d: %s", l.tip, dspv_reason_name(fault.reason));
        if (l.tip > tip - 40) {
            good += error == 0;
            waiting += error != 0;
        }
    }
    print_message("  locks of the last 40 blocks: %zu good, %zu undecided\n", good, waiting);
    assert_true(good > waiting);
    free(locks.p);
}

static void test_sync(void **state)
{
    (void)state;
    data_or_skip();
    static const char *const folders[] = {"churn", "eras"};
    for (size_t f = 0; f < 2; f++)
        for (int proto = 70235; proto <= 70240; proto += 5) {
            struct driven d;
            struct answers a;
            struct session s;
            driven_open(&d, folders[f]);
            driven_to(&d, d.chain.tip);
            driven_verify(&d);
            answers_open(&a, folders[f], proto);
            struct engine *e = driven_engine(&d);
            driven_blocks(&d, e, 0, d.chain.tip);
            const struct answer *first = answers_find(&a, 0, d.chain.tip, true);
            assert_non_null(first);
            run_session(&a, e, first, &s);
            struct needs needs = discover(e);
            print_message("%s, protocol %d: request at %d, %zu qrinfo, %zu diffs, %zu of %zu quorums verified\n", folders[f], proto,
                          first->requested, s.n_qrinfos, s.n_lists, needs.verified, needs.wanted);
            needs_free(&needs);
            driven_assert_true(e, d.e);
            assert_locks(e, folders[f], d.chain.tip);
            assert_int_equal(engine_tip_list(e)->height, d.chain.tip);
            engine_free(e);

            /* Without one of the diffs, exactly that one is missing. */
            for (size_t skip = 0; skip < s.n_lists; skip++) {
                e = driven_engine(&d);
                driven_blocks(&d, e, 0, d.chain.tip);
                feed(e, &first->q);
                for (size_t i = 0; i < s.n_lists; i++)
                    if (i != skip)
                        answers_apply(&a, e, s.lists[i]);
                assert_int_equal(engine_verify(e), 0);
                needs = discover(e);
                size_t lists = 0;
                for (size_t i = 0; i < needs.n; i++)
                    if (needs.items[i].kind == NEED_KIND_LIST) {
                        assert_int_equal(needs.items[i].height, s.lists[skip]);
                        lists++;
                    }
                assert_int_equal(lists, 1);
                assert_true(needs.waiting > 0 && needs.verified < needs.wanted);
                needs_free(&needs);
                engine_free(e);
            }
            answers_close(&a);
            driven_close(&d);
        }
}

/* Every recorded answer on an engine that has only the lists of the bases sent: all of it is proven, every snapshot agrees with
 * what follows from the lists, nothing false is verified; and on the engine that knows everything it changes nothing. */
static void test_every_answer(void **state)
{
    (void)state;
    data_or_skip();
    static const char *const folders[] = {"churn", "eras"};
    for (size_t f = 0; f < 2; f++)
        for (int proto = 70235; proto <= 70240; proto += 5) {
            struct driven d;
            struct answers a;
            driven_open(&d, folders[f]);
            driven_to(&d, d.chain.tip);
            driven_verify(&d);
            answers_open(&a, folders[f], proto);
            hash256 before = driven_digest(&d, d.e);
            size_t verified = 0;
            for (size_t i = 0; i < a.n; i++) {
                const struct answer *r = &a.items[i];
                feed(d.e, &r->q);
                struct engine *e = driven_engine(&d);
                driven_blocks(&d, e, 0, d.chain.tip);
                for (size_t k = 0; k < r->n_bases; k++)
                    if (r->bases[k] >= d.chain.first)
                        answers_apply(&a, e, r->bases[k]);
                feed(e, &r->q);
                if (i % 8 == 0) {
                    assert_int_equal(engine_verify(e), 0);
                    assert_int_equal(driven_count(e, QUORUM_INVALID), 0);
                    driven_assert_true(e, d.e);
                    verified += driven_count(e, QUORUM_VERIFIED);
                }
                assert_int_equal(engine_snapshot_mismatches(e), 0);
                engine_free(e);
            }
            hash256 after = driven_digest(&d, d.e);
            assert_memory_equal(after.b, before.b, 32);
            assert_int_equal(engine_snapshot_mismatches(d.e), 0);
            print_message("%s, protocol %d: %zu answers; every eighth alone verifies %zu quorums in all\n", folders[f], proto,
                          a.n, verified);
            assert_true(verified > 0);
            answers_close(&a);
            driven_close(&d);
        }
}

/* ---- discovery against a second reading of quorums.md 4.5 */

struct set {
    int32_t items[256];
    size_t n;
};

static void set_add(struct set *s, int32_t height)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i] == height)
            return;
    s->items[s->n++] = height;
}

static bool set_has(const struct set *s, int32_t height)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i] == height)
            return true;
    return false;
}

/* What a quorum of the recording lacks, at heights where every cycle has a snapshot and V20 is active. */
static void lacks(const struct engine *e, const struct quorum_view *q, struct set *lists, struct set *snapshots)
{
    const struct commitment *c = &q->quorum->c;
    if (!commitment_is_indexed(c)) {
        if (!engine_list(e, q->base_height - 8))
            set_add(lists, q->base_height - 8);
        return;
    }
    int32_t base = q->base_height - c->index;
    for (int k = 0; k < 4; k++) {
        if (!engine_list(e, base - 24 * k - 8))
            set_add(lists, base - 24 * k - 8);
        if (k > 0 && !engine_snapshot(e, base - 24 * k, NULL))
            set_add(snapshots, base - 24 * k);
    }
}

/* What is named: every list that is lacking, and of the snapshots exactly those that are still lacking when all these lists are
 * there. So nothing is asked for in a QRINFO that the engine computes itself, and what is named is enough. Returns how many
 * snapshots that spared. */
static size_t assert_exactly(const struct answers *a, struct engine *e)
{
    struct set lists = {.n = 0}, snapshots = {.n = 0}, still = {.n = 0};
    size_t *wanted, n, found_lists = 0, found_snapshots = 0, n_waiting = 0;
    struct {
        uint8_t type;
        quorum_hash hash;
    } waiting[128];
    int32_t tip = engine_tip_list(e)->height;
    assert_int_equal(engine_wanted(e, tip, &wanted, &n), 0);
    for (size_t i = 0; i < n; i++) {
        struct quorum_view q;
        engine_quorum_at(e, wanted[i], &q);
        if (q.status != QUORUM_WAITING)
            continue;
        assert_true(n_waiting < 128);
        waiting[n_waiting].type = q.quorum->c.type;
        waiting[n_waiting++].hash = q.quorum->c.hash;
        lacks(e, &q, &lists, &snapshots);
    }
    mem_free(wanted);
    struct needs needs = discover(e);
    assert_int_equal(needs.wanted, n);
    for (size_t i = 0; i < lists.n; i++)
        answers_apply(a, e, lists.items[i]);
    for (size_t i = 0; i < snapshots.n; i++)
        if (!engine_snapshot(e, snapshots.items[i], NULL))
            set_add(&still, snapshots.items[i]);
    for (size_t i = 0; i < needs.n; i++) {
        const struct need *need = &needs.items[i];
        bool is_list = need->kind == NEED_KIND_LIST;
        assert_true(set_has(is_list ? &lists : &still, need->height));
        found_lists += is_list;
        found_snapshots += !is_list;
    }
    assert_int_equal(found_lists, lists.n);
    assert_int_equal(found_snapshots, still.n);
    assert_int_equal(needs.requires_qrinfo, still.n > 0);
    needs_free(&needs);
    assert_int_equal(engine_verify(e), 0);
    for (size_t i = 0; still.n == 0 && i < n_waiting; i++) {
        struct quorum_view q;
        assert_true(engine_quorum(e, waiting[i].type, &waiting[i].hash, &q));
        assert_int_equal(q.status, QUORUM_VERIFIED);
    }
    return snapshots.n - still.n;
}

static void test_discovery_is_exact(void **state)
{
    (void)state;
    data_or_skip();
    struct driven d;
    struct answers a;
    uint64_t random = 31;
    size_t spared = 0;
    driven_open(&d, "churn");
    answers_open(&a, "churn", 70240);
    for (int round = 0; round < 60; round++) {
        struct engine *e = driven_engine(&d);
        driven_blocks(&d, e, 0, d.chain.tip);
        if (round % 3 == 0) {
            const struct answer *r;
            do
                r = &a.items[test_random(&random) % a.n];
            while (r->n_bases > 0 || r->requested < 450);
            feed(e, &r->q);
        }
        for (int32_t h = 400; h <= d.chain.tip; h++)
            if (h % 24 == 16 ? test_random(&random) % 3 != 0 : test_random(&random) % 40 == 0)
                answers_apply(&a, e, h);
        answers_apply(&a, e, d.chain.tip);
        assert_int_equal(engine_verify(e), 0);
        spared += assert_exactly(&a, e);
        engine_free(e);
    }
    print_message("%zu snapshots follow from lists\n", spared);
    assert_true(spared > 0);
    answers_close(&a);
    driven_close(&d);
}

/* A quorum whose header is unknown: the header is what is named. */
static void test_missing_header(void **state)
{
    (void)state;
    data_or_skip();
    struct driven d;
    struct answers a;
    driven_open(&d, "churn");
    answers_open(&a, "churn", 70240);
    const struct answer *first = answers_find(&a, 0, d.chain.tip, true);
    struct engine *e = driven_engine(&d);
    for (int32_t h = 0; h <= d.chain.tip; h++)
        if (h != 528)
            driven_blocks(&d, e, h, h);
    feed(e, &first->q);
    assert_int_equal(engine_verify(e), 0);
    struct needs needs = discover(e);
    assert_true(needs.n > 0);
    bool named = false;
    for (size_t i = 0; i < needs.n; i++)
        if (needs.items[i].kind == NEED_KIND_HEADER) {
            assert_true(block_hash_eq(&needs.items[i].block, &d.chain.hashes[528]));
            assert_true(needs.items[i].wanted_by > 0);
            named = true;
        }
    assert_true(named);
    needs_free(&needs);
    driven_blocks(&d, e, 528, 528);
    assert_int_equal(engine_verify(e), 0);
    needs = discover(e);
    for (size_t i = 0; i < needs.n; i++)
        assert_int_not_equal(needs.items[i].kind, NEED_KIND_HEADER);
    needs_free(&needs);
    engine_free(e);
    answers_close(&a);
    driven_close(&d);
}

/* The hashes a message needs are exactly those it names. */
static void test_message_hashes(void **state)
{
    (void)state;
    data_or_skip();
    struct driven d;
    struct answers a;
    driven_open(&d, "churn");
    answers_open(&a, "churn", 70235);
    for (size_t i = 0; i < a.n; i += 20) {
        block_hash *hashes;
        size_t n;
        assert_int_equal(engine_qrinfo_hashes(&a.items[i].q, &hashes, &n), 0);
        assert_true(n > 0);
        for (size_t k = 0; k < n; k++) {
            assert_true(fixture_chain_height(&d.chain, hashes[k].b) >= 0); /* genesis as a base too */
            assert_true(k == 0 || block_hash_cmp(&hashes[k - 1], &hashes[k]) < 0);
        }
        /* Fed with these blocks alone, the message is complete. */
        struct engine *e = driven_engine(&d);
        bool has_bases = false;
        for (size_t k = 0; k < n; k++) {
            int32_t h = fixture_chain_height(&d.chain, hashes[k].b);
            driven_blocks(&d, e, h, h);
        }
        for (size_t k = 0; k < a.items[i].n_bases; k++)
            has_bases |= a.items[i].bases[k] > 0;
        if (!has_bases)
            feed(e, &a.items[i].q);
        engine_free(e);
        mem_free(hashes);
    }
    answers_close(&a);
    driven_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sync),
        cmocka_unit_test(test_every_answer),
        cmocka_unit_test(test_discovery_is_exact),
        cmocka_unit_test(test_missing_header),
        cmocka_unit_test(test_message_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
