/* A pruned engine after rollbacks: back to every block that it promises to be able to go back to, and up any branch, everything
 * verifies again without a qrinfo, as in an engine that never forgot. And a client that is sent few lists. */
#include "engine/alike.h"
#include "engine/grown.h"

#include "devnode/answer.h"

enum { FORK = 470, REORG = ENGINE_MOST_REORG, AFTER = 60 };

/* Two branches above FORK. */
static void open_branches(struct grown *a, struct grown *b, uint64_t seed)
{
    struct gen_config config = grown_config(seed, FORK + REORG);
    config.instantlock_rate = 0;
    grown_open(a, &config);
    config.fork_above = FORK;
    config.fork_seed = seed + 1000;
    config.tip = FORK + AFTER;
    grown_open(b, &config);
}

/* What the last prune promises: every block at or above the floor may become the tip. */
static void reorganise(const struct grown *g, struct engine *pruned, struct engine *full, int32_t fork, int32_t settled)
{
    engine_rollback(pruned, fork);
    engine_rollback(full, fork);
    assert_int_equal(engine_verify(pruned), 0);
    assert_int_equal(engine_verify(full), 0);
    assert_same_answers(pruned, full, fork);
    int32_t to = fork + AFTER < g->chain->tip ? fork + AFTER : g->chain->tip;
    for (int32_t h = fork + 1; h <= to; h++) {
        grown_step(g, pruned, h);
        grown_step(g, full, h);
        assert_int_equal(engine_verify(pruned), 0);
        assert_int_equal(engine_verify(full), 0);
        engine_prune(pruned, h, settled, NULL, 0);
        assert_same_answers(pruned, full, h);
        struct needs needs;
        assert_int_equal(engine_discover(pruned, h, &needs), 0);
        assert_int_equal(needs.n, 0);
        assert_int_equal(needs.verified, needs.wanted);
        needs_free(&needs);
    }
}

/* Ever deeper reorganisations to the other branch, then to one's own again. FORK is settled, or nothing is. */
static void test_rollback(void **state)
{
    (void)state;
    static const int32_t depths[] = {1, 2, 9, 17, 24, 39, 40, 41, 53, 77, 120, 200, 287, 288};
    for (int settled = 0; settled < 2; settled++) {
        struct grown a, b;
        open_branches(&a, &b, 50 + (uint64_t)settled);
        struct engine *pruned = grown_engine(&a), *full = grown_engine(&a);
        grown_follow(&a, pruned, 0, FORK);
        grown_follow(&a, full, 0, FORK);
        for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
            for (int32_t h = FORK + 1; h <= FORK + depths[i]; h++) {
                grown_follow(&a, pruned, h, h);
                grown_follow(&a, full, h, h);
                engine_prune(pruned, h, settled ? FORK : -1, NULL, 0);
            }
            assert_same_answers(pruned, full, FORK + depths[i]);
            assert_bound(pruned, FORK + depths[i], settled ? FORK : -1, 0, 0);
            reorganise(&b, pruned, full, FORK, settled ? FORK : -1);
            engine_rollback(pruned, FORK);
            engine_rollback(full, FORK);
        }
        engine_free(pruned);
        engine_free(full);
        grown_close(&a);
        grown_close(&b);
    }
}

/* Back to the very floor, wherever in its cycle that is, and forth on the same branch. */
static void test_every_floor(void **state)
{
    (void)state;
    struct gen_config config = grown_config(60, 640);
    struct grown g;
    grown_open(&g, &config);
    struct engine *pruned = grown_engine(&g), *full = grown_engine(&g);
    grown_follow(&g, pruned, 0, 300);
    grown_follow(&g, full, 0, 300);
    for (int32_t tip = 301; tip <= 500; tip += 7) {
        int32_t settled = tip - tip % 5, at = engine_tip_list(pruned)->height;
        grown_follow(&g, pruned, at + 1, tip);
        grown_follow(&g, full, at + 1, tip);
        engine_prune(pruned, tip, settled, NULL, 0);
        assert_bound(pruned, tip, settled, 0, 0);
        reorganise(&g, pruned, full, settled, settled);
        engine_rollback(pruned, settled);
        engine_rollback(full, settled);
    }
    engine_free(pruned);
    engine_free(full);
    grown_close(&g);
}

/* ---- a client that asks for what it needs */

/* Tips come at random; of each the list is fetched from the nearest one below, then what the quorums lack. */
static void test_sparse(void **state)
{
    (void)state;
    struct gen_config config = grown_config(70, 1000);
    config.dkg_failure_rate = 0; /* of a cycle that brings forth nothing, such a client would not ask for the list */
    struct grown g;
    grown_open(&g, &config);
    struct rng rng;
    rng_init(&rng, (const uint8_t[32]){7});
    struct engine *e = grown_engine(&g);
    size_t fetched = 0;
    grown_follow(&g, e, 0, 299);
    for (int32_t h = 299; h < config.tip;) {
        int32_t next = h + 1 + (int32_t)rng_below(&rng, 20);
        next = next < config.tip ? next : config.tip;
        for (h++; h < next; h++)
            grown_block(&g, e, h);
        grown_block(&g, e, h);
        grown_list(&g, e, h);
        fetched++;
        for (bool more = true; more;) {
            struct needs needs;
            assert_int_equal(engine_verify(e), 0);
            assert_int_equal(engine_discover(e, h, &needs), 0);
            for (size_t i = 0; i < needs.n; i++) {
                if (needs.items[i].kind != NEED_KIND_LIST)
                    fail_msg("tip %d: needs %d at %d", h, (int)needs.items[i].kind, needs.items[i].height);
                /* a client has every header: it feeds the one it asks for */
                grown_block(&g, e, needs.items[i].height);
                grown_list(&g, e, needs.items[i].height);
                fetched++;
            }
            more = needs.n > 0;
            if (!more)
                assert_int_equal(needs.verified, needs.wanted);
            needs_free(&needs);
        }
        engine_prune(e, h, h - (int32_t)rng_below(&rng, 30), NULL, 0);
        assert_bound(e, h, h - 30, 0, 0);
    }
    print_message("sparse: %zu lists fetched, %zu left\n", fetched, engine_list_count(e));
    engine_free(e);
    grown_close(&g);
}

/* ---- deeper than is promised */

static void feed_qrinfo(const struct grown *g, struct engine *e, int32_t height)
{
    const struct devnode_view view = {g->chain, height, 70240};
    const struct getqrinfo ask = {NULL, 0, *devnode_chain_hash(g->chain, height), true};
    struct writer w;
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    writer_init(&w);
    arena_init(&arena, 0);
    assert_int_equal(devnode_answer_qrinfo(&view, &ask, &w), 0);
    assert_int_equal(qrinfo_decode(w.data, w.n, 70240, &arena, &q, &fault), 0);
    assert_int_equal(engine_feed_qrinfo(e, &q, NULL, &fault), 0);
    arena_free(&arena);
    writer_free(&w);
}

/* A reorganisation that should not be possible: nothing false is believed, and with lists and a qrinfo all is well again. */
static void test_too_deep(void **state)
{
    (void)state;
    struct gen_config config = grown_config(61, 500);
    struct grown g;
    grown_open(&g, &config);
    struct engine *full = grown_engine(&g);
    grown_follow(&g, full, 0, 500);
    for (int32_t to = 20; to < 460; to += 37) {
        struct engine *e = grown_engine(&g);
        grown_follow(&g, e, 0, 500);
        engine_prune(e, 500, 499, NULL, 0);
        engine_rollback(e, to);
        assert_int_equal(engine_verify(e), 0);
        driven_assert_true(e, full);
        for (int32_t h = to + 1; h <= 500; h++)
            grown_block(&g, e, h);
        grown_list(&g, e, 500);
        dspv_fault fault;
        for (size_t i = 0; i < engine_list_count(e); i++)
            assert_int_not_equal(engine_verify_list_quorums(e, engine_list_at(e, i)->height, NULL, 0, &fault), DSPV_EFAULT);
        driven_assert_true(e, full);
        for (int32_t h = 0; h <= to; h++) /* a client feeds the headers that a message names */
            grown_block(&g, e, h);
        feed_qrinfo(&g, e, 500);
        for (int round = 0; round < 3; round++) {
            struct needs needs;
            assert_int_equal(engine_verify(e), 0);
            assert_int_equal(engine_discover(e, 500, &needs), 0);
            for (size_t i = 0; i < needs.n; i++) {
                assert_int_equal(needs.items[i].kind, NEED_KIND_LIST);
                grown_list(&g, e, needs.items[i].height);
            }
            if (round == 2)
                assert_int_equal(needs.verified, needs.wanted);
            needs_free(&needs);
        }
        driven_assert_true(e, full);
        engine_free(e);
    }
    engine_free(full);
    grown_close(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rollback),
        cmocka_unit_test(test_every_floor),
        cmocka_unit_test(test_sparse),
        cmocka_unit_test(test_too_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
