/* Saved after every block and started again from disk: the engine answers as the one that went on, and follows the chain from
 * there without anything that it had not to ask for before. */
#include "engine/alike.h"
#include "engine/kept.h"

#include "base/mem.h"

/* Nothing is missing at the tip. */
static void assert_complete(const struct engine *e, int32_t tip)
{
    struct needs needs;
    if (!engine_tip_list(e)) /* too early for lists */
        return;
    assert_int_equal(engine_discover(e, tip, &needs), 0);
    if (needs.n > 0)
        fail_msg("tip %d: kind %d at %d is missing", tip, needs.items[0].kind, needs.items[0].height);
    assert_int_equal(needs.verified, needs.wanted);
    needs_free(&needs);
}

/* The lists of both have the same entries. */
static void assert_same_lists(const struct engine *e, const struct engine *full)
{
    for (size_t i = 0; i < engine_list_count(e); i++) {
        const struct mnstate *a = engine_list_at(e, i), *b = engine_list(full, a->height);
        struct mnlist_iterator x, y;
        const struct masternode *m;
        assert_non_null(b);
        assert_true(a->anchored);
        assert_int_equal(mnlist_count(a->list), mnlist_count(b->list));
        mnlist_begin(a->list, &x);
        mnlist_begin(b->list, &y);
        while ((m = mnlist_next(&x)))
            assert_true(masternode_eq(m, mnlist_next(&y)));
        assert_int_equal(a->quorums->n, b->quorums->n);
        for (uint32_t k = 0; k < a->quorums->n; k++)
            assert_true(hash256_eq(&a->quorums->items[k]->leaf, &b->quorums->items[k]->leaf));
    }
}

/* A start from what `k` has on disk. */
static void check_start(struct kept *k, const struct kept_chain *chain, int32_t tip, int32_t locked, struct kept *again)
{
    assert_int_equal(kept_open(again, engine_network(k->e), k->disk, chain), 0);
    assert_int_equal(again->restored.left_out, 0);
    assert_int_equal(driven_count(again->e, QUORUM_VERIFIED), 0); /* no stored verdict is believed */
    if (!engine_tip_list(k->e))
        return;
    struct store_memory *before;
    assert_int_equal(store_memory_clone(&before, again->disk), 0);
    assert_int_equal(kept_save(again, locked), 0); /* also while nothing is verified yet */
    assert_true(store_memory_equal(before, again->disk));
    assert_int_equal(engine_verify(again->e), 0);
    assert_int_equal(kept_save(again, locked), 0);
    assert_true(store_memory_equal(before, again->disk));
    store_memory_free(before);
    assert_same_lists(again->e, k->e);
    assert_same_answers(again->e, k->e, tip);
}

/* ---- recordings */

static void recording(const char *folder)
{
    struct driven d;
    struct kept k, again;
    driven_open(&d, folder);
    struct kept_chain chain = kept_chain_of_fixture(&d.chain);
    kept_new(&k, &d.chain.net);
    engine_free(d.e);
    d.e = k.e;
    size_t most_lists = 0;
    for (int32_t h = d.chain.first; h <= d.chain.tip; h++) {
        driven_to(&d, h);
        driven_verify(&d);
        engine_prune(k.e, h, -1, NULL, 0);
        kept_save(&k, -1);
        assert_int_equal(kept_save(&k, -1), 0);
        if (h % 3 != 0) /* each costs a verification of everything */
            continue;
        check_start(&k, &chain, h, -1, &again);
        most_lists = engine_list_count(again.e) > most_lists ? engine_list_count(again.e) : most_lists;
        kept_close(&again);
    }
    print_message("%s: at most %zu lists on disk, in the end %zu bytes\n", folder, most_lists, store_memory_bytes(k.disk));
    d.e = NULL;
    kept_close(&k);
    driven_close(&d);
}

static void test_recordings(void **state)
{
    (void)state;
    recording("churn");
    recording("eras");
}

/* ---- generated chains */

/* From `start` on both go on, forgetting as they go; the one that was started from disk asks for nothing. */
static void follow_both(const struct grown *g, struct engine *e, struct engine *again, int32_t start, int32_t blocks)
{
    for (int32_t h = 0; h <= start; h++) /* headers are there for the asking */
        grown_block(g, again, h);
    for (int32_t h = start + 1; h <= start + blocks && h <= g->chain->tip; h++) {
        grown_follow(g, again, h, h);
        engine_prune(again, h, h - 8, NULL, 0);
        assert_complete(again, h);
        struct quorum_view a, b;
        for (size_t i = 0; i < engine_quorum_count(again); i++) {
            engine_quorum_at(again, i, &a);
            if (!engine_quorum(e, a.quorum->c.type, &a.quorum->c.hash, &b))
                continue; /* not mined yet where `e` is */
            assert_int_equal(a.status, b.status);
        }
    }
}

static void generated(const struct gen_config *config, int32_t first, int32_t every, int32_t blocks)
{
    struct grown g;
    struct kept k, again;
    grown_open(&g, config);
    struct kept_chain chain = kept_chain_of_grown(&g);
    kept_new(&k, &g.chain->network);
    size_t with_members = 0, operations = 0;
    for (int32_t h = 0; h <= g.chain->tip; h++) {
        grown_follow(&g, k.e, h, h);
        engine_prune(k.e, h, h - 8, NULL, 0);
        operations += kept_save(&k, h - 8);
        if (h < first || h % every != 0)
            continue;
        check_start(&k, &chain, h, h - 8, &again);
        with_members += again.restored.members;
        follow_both(&g, k.e, again.e, h, blocks);
        kept_close(&again);
    }
    print_message("%zu quorums came back with members from disk; %zu operations; in the end %zu bytes\n", with_members,
                  operations, store_memory_bytes(k.disk));
    assert_true(with_members > 0);
    kept_close(&k);
    kept_chain_free(&chain);
    grown_close(&g);
}

static void test_generated(void **state)
{
    (void)state;
    struct gen_config config = grown_config(140, 640);
    config.chainlock_rate = config.instantlock_rate = 0;
    generated(&config, 0, 17, 50);
}

/* Quorums that sign for many cycles, cycles in which nothing is mined. */
static void test_failures(void **state)
{
    (void)state;
    struct gen_config config = grown_config(141, 480);
    config.dkg_failure_rate = 7500;
    config.chainlock_rate = config.instantlock_rate = 0;
    generated(&config, 100, 13, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recordings),
        cmocka_unit_test(test_generated),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
