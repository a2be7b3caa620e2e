/* An engine that forgets after every block answers as one that never does: statuses, members, snapshots, needs, locks; and it stays
 * within the stated bound. Rollbacks: test_engine_prune_reorg.c. */
#include "engine/alike.h"
#include "engine/grown.h"

#include "base/mem.h"
#include "engine/engine_state.h" /* test_keys: its effect shows nowhere else */

/* ---- locks */

static void assert_same_verdict(int a, int b, const struct quorum_view *by_a, const struct quorum_view *by_b,
                                const dspv_fault *fault_a, const dspv_fault *fault_b)
{
    assert_int_equal(a, b);
    if (a == 0)
        assert_same_quorum(by_a, by_b);
    else
        assert_int_equal(fault_a->reason, fault_b->reason);
}

static bool same_chainlock(struct engine *pruned, struct engine *full, const struct clsig *lock)
{
    struct quorum_view by_a, by_b;
    dspv_fault fault_a, fault_b;
    int a = engine_check_chainlock(pruned, lock, &by_a, &fault_a), b = engine_check_chainlock(full, lock, &by_b, &fault_b);
    assert_same_verdict(a, b, &by_a, &by_b, &fault_a, &fault_b);
    return a == 0;
}

/* Locks by survivors of failed key generations, or by the quorums of the previous cycle: their quorum set may lie below the
 * horizon. A good one is accepted all the same, a false one makes the engine ask for a list. */
static bool older_cycle(const struct engine *e, const struct isdlock *lock, int32_t tip)
{
    const struct llmq_params *p = network_llmq(engine_network(e), engine_network(e)->instantsend_type);
    return p->rotated && engine_block_height(e, &lock->cycle) <= tip - p->interval - ENGINE_RECENT_MARGIN;
}

static bool same_instantlock(struct engine *pruned, struct engine *full, const struct isdlock *lock, int32_t tip)
{
    struct quorum_view by_a, by_b;
    dspv_fault fault_a, fault_b;
    int a = engine_check_instantlock(pruned, lock, tip, &by_a, &fault_a);
    int b = engine_check_instantlock(full, lock, tip, &by_b, &fault_b);
    if (older_cycle(pruned, lock, tip) && a == DSPV_EWAITING) {
        assert_int_equal(b, DSPV_EFAULT);
        assert_int_equal(fault_a.reason, DSPV_NEED_QUORUM_SET);
        return false;
    }
    assert_same_verdict(a, b, &by_a, &by_b, &fault_a, &fault_b);
    return a == 0;
}

/* A lock as it was announced, and perhaps spoiled. Height of a good ChainLock, else -1. */
static int32_t compare_lock(struct engine *pruned, struct engine *full, uint8_t kind, struct span payload, int32_t tip, bool spoil)
{
    dspv_fault fault;
    if (kind == DEVNODE_CLSIG) {
        struct clsig lock;
        assert_int_equal(clsig_decode(payload.p, payload.n, &lock, &fault), 0);
        bool good = same_chainlock(pruned, full, &lock);
        lock.block.b[5] ^= 1;
        assert_false(spoil && same_chainlock(pruned, full, &lock));
        return good ? lock.height : -1;
    }
    struct isdlock lock;
    assert_int_equal(isdlock_decode(payload.p, payload.n, &lock, &fault), 0);
    assert_true(same_instantlock(pruned, full, &lock, tip));
    lock.txid.b[5] ^= 1;
    assert_false(spoil && same_instantlock(pruned, full, &lock, tip));
    return -1;
}

/* ---- recordings */

static void test_recording(void **state)
{
    (void)state;
    static const char *const folders[] = {"churn", "eras"};
    for (int i = 0; i < 2; i++) {
        struct driven full;
        driven_open(&full, folders[i]);
        struct engine *pruned = driven_engine(&full);
        struct bytes file = fixture_load(fixture_file(folders[i], "locks.bin"));
        struct driven_lock l;
        size_t at = 0, checked = 0;
        bool more = driven_next_lock(file, &at, &l);
        int32_t settled = -1;
        driven_to(&full, full.chain.first - 1);
        driven_blocks(&full, pruned, 0, full.chain.first - 1);
        for (int32_t h = full.chain.first; h <= full.chain.tip; h++) {
            struct mnlistdiff d = full.chain.diffs[h];
            dspv_fault fault;
            if (h == full.chain.first)
                memset(d.base.b, 0, 32);
            driven_to(&full, h);
            driven_blocks(&full, pruned, h, h);
            assert_int_equal(engine_apply_diff(pruned, &d, &fault), 0);
            driven_verify(&full);
            assert_int_equal(engine_verify(pruned), 0);
            engine_prune(pruned, h, settled, NULL, 0);
            assert_false(engine_prune(pruned, h, settled, NULL, 0));
            assert_same_answers(pruned, full.e, h);
            assert_bound(pruned, h, settled, 0, 0);
            for (; more && l.tip <= h; more = driven_next_lock(file, &at, &l), checked++) {
                int32_t locked = compare_lock(pruned, full.e, l.kind, (struct span){l.payload, l.n}, h, checked % 3 == 0);
                settled = locked > settled ? locked : settled;
            }
        }
        print_message("%s: %zu locks; %zu of %zu lists, %zu of %zu quorums left; %zu of %zu bytes\n", folders[i], checked,
                      engine_list_count(pruned), engine_list_count(full.e), engine_quorum_count(pruned),
                      engine_quorum_count(full.e), engine_memory(pruned), engine_memory(full.e));
        assert_true(checked > 50);
        free(file.p);
        engine_free(pruned);
        driven_close(&full);
    }
}

/* ---- generated chains */

/* Three engines on one chain: one never forgets, one does while nothing is settled, one does while ChainLocks settle the chain. */
struct three {
    struct engine *full, *pruned[2];
    int32_t settled[2];
    size_t checked, most_memory[2];
};

static void three_open(struct three *t, const struct grown *g)
{
    *t = (struct three){.full = grown_engine(g), .pruned = {grown_engine(g), grown_engine(g)}, .settled = {-1, -1}};
}

static void three_close(struct three *t)
{
    engine_free(t->full);
    engine_free(t->pruned[0]);
    engine_free(t->pruned[1]);
}

static void three_step(struct three *t, const struct grown *g, int32_t h)
{
    grown_follow(g, t->full, h, h);
    for (int i = 0; i < 2; i++) {
        grown_follow(g, t->pruned[i], h, h);
        engine_prune(t->pruned[i], h, t->settled[i], NULL, 0);
        assert_same_answers(t->pruned[i], t->full, h);
        assert_bound(t->pruned[i], h, t->settled[i], 0, driven_count(t->pruned[i], QUORUM_INVALID));
        size_t memory = h >= 400 ? engine_memory(t->pruned[i]) : 0;
        t->most_memory[i] = memory > t->most_memory[i] ? memory : t->most_memory[i];
    }
}

static void three_follow(struct three *t, const struct grown *g)
{
    static const char *const names[] = {"nothing settled", "settled by ChainLocks"};
    size_t next = 0;
    for (int32_t h = 0; h <= g->chain->tip; h++) {
        three_step(t, g, h);
        for (; next < g->chain->n_locks && g->chain->locks[next].height == h; next++, t->checked++) {
            const struct devnode_lock *l = &g->chain->locks[next];
            if (t->checked % 4 == 0)
                compare_lock(t->pruned[0], t->full, l->kind, l->payload, h, true);
            int32_t locked = compare_lock(t->pruned[1], t->full, l->kind, l->payload, h, t->checked % 4 == 2);
            t->settled[1] = locked > t->settled[1] ? locked : t->settled[1];
        }
    }
    for (int i = 0; i < 2; i++) {
        print_message("%s: %zu locks; %zu of %zu lists, %zu of %zu quorums left; at most %zu of %zu bytes\n", names[i], t->checked,
                      engine_list_count(t->pruned[i]), engine_list_count(t->full), engine_quorum_count(t->pruned[i]),
                      engine_quorum_count(t->full), t->most_memory[i], engine_memory(t->full));
        assert_true(engine_list_count(t->pruned[i]) < engine_list_count(t->full) * 4 / 5);
        assert_true(engine_quorum_count(t->pruned[i]) <= engine_quorum_count(t->full));
    }
    assert_true(engine_quorum_count(t->pruned[1]) <= engine_quorum_count(t->pruned[0]));
}

static void follow_chain(const struct gen_config *config)
{
    struct grown g;
    struct three t;
    grown_open(&g, config);
    three_open(&t, &g);
    three_follow(&t, &g);
    if (config->forgery_rate == 0)
        assert_int_equal(driven_count(t.full, QUORUM_VERIFIED), g.truth->n_quorums);
    three_close(&t);
    grown_close(&g);
}

static void test_generated(void **state)
{
    (void)state;
    struct gen_config config = grown_config(40, 1008); /* 42 cycles */
    config.chainlock_rate = 5000;
    config.instantlock_rate = 1500;
    follow_chain(&config);
}

/* Most key generations fail: quorums that sign for many cycles, cycles in which nothing is mined. */
static void test_failures(void **state)
{
    (void)state;
    struct gen_config config = grown_config(41, 620);
    config.dkg_failure_rate = 7500;
    follow_chain(&config);
}

/* Forged commitments: their quorums are never verified. */
static void test_forged(void **state)
{
    (void)state;
    struct gen_config config = grown_config(42, 480);
    config.forgery_rate = 3000;
    config.chainlock_rate = config.instantlock_rate = 0;
    follow_chain(&config);
}

static struct gen_config devnet_config(uint64_t seed, int32_t tip)
{
    struct gen_config config = grown_config(seed, tip);
    config.network = "devnet-generated";
    config.options = NULL;
    config.spacing_s = 301;
    config.masternodes = 30;
    config.evo = 14;
    config.ext_height = 0;
    config.chainlock_rate = 3000;
    return config;
}

/* Longer cycles, larger quorums, a Platform type. */
static void test_devnet(void **state)
{
    (void)state;
    struct gen_config config = devnet_config(43, 420);
    follow_chain(&config);
}

/* Masternodes that change their keys all the time: the decoded ones do not pile up. */
static void test_keys(void **state)
{
    (void)state;
    struct gen_config config = grown_config(44, 640);
    config.key_change_rate = 25000;
    config.dkg_failure_rate = config.chainlock_rate = config.instantlock_rate = 0;
    struct grown g;
    grown_open(&g, &config);
    struct engine *pruned = grown_engine(&g), *full = grown_engine(&g);
    size_t most = 0;
    for (int32_t h = 0; h <= config.tip; h++) {
        grown_follow(&g, pruned, h, h);
        grown_follow(&g, full, h, h);
        engine_prune(pruned, h, h, NULL, 0);
        most = key_cache_count(pruned->keys) > most ? key_cache_count(pruned->keys) : most;
    }
    print_message("at most %zu of %zu keys\n", most, key_cache_count(full->keys));
    assert_true(key_cache_count(full->keys) > 2 * 14 + 64 + 20);
    assert_true(most <= 2 * 14 + 64 + 20); /* what one block's quorums may add */
    assert_same_answers(pruned, full, config.tip);
    engine_free(pruned);
    engine_free(full);
    grown_close(&g);
}

/* ---- the rest of the contract */

/* Lists the caller waits for stay while it says so. */
static void test_keep(void **state)
{
    (void)state;
    struct gen_config config = grown_config(80, 300);
    struct grown g;
    grown_open(&g, &config);
    struct engine *e = grown_engine(&g);
    grown_follow(&g, e, 0, 299);
    const int32_t keep[] = {99, 131};
    assert_non_null(engine_list(e, 99));
    assert_true(engine_prune(e, 299, 290, keep, 2));
    assert_non_null(engine_list(e, 99));
    assert_non_null(engine_list(e, 131));
    assert_null(engine_list(e, 100));
    assert_bound(e, 299, 290, 2, 0);
    dspv_fault fault; /* every quorum of every list that stayed is known */
    for (size_t i = 0; i < engine_list_count(e); i++)
        assert_int_equal(engine_verify_list_quorums(e, engine_list_at(e, i)->height, NULL, 0, &fault), 0);
    grown_follow(&g, e, 300, 300);
    assert_true(engine_prune(e, 300, 290, NULL, 0));
    assert_null(engine_list(e, 99));
    assert_null(engine_list(e, 131));
    /* hostile numbers */
    size_t lists = engine_list_count(e);
    engine_prune(e, -1, -1, NULL, 0);
    engine_prune(e, INT32_MIN, INT32_MAX, NULL, 0);
    engine_prune(e, 0, INT32_MIN, NULL, 0);
    assert_int_equal(engine_list_count(e), lists);
    engine_prune(e, 300, INT32_MAX, NULL, 0); /* settled above the tip: as the tip */
    assert_non_null(engine_tip_list(e));
    assert_int_equal(engine_tip_list(e)->height, 300);
    engine_prune(e, INT32_MAX, INT32_MAX, NULL, 0); /* far above all lists: the highest one stays */
    assert_int_equal(engine_tip_list(e)->height, 300);
    engine_free(e);
    grown_close(&g);
}

/* A job is out while its quorums, lists and keys go. */
static void test_job_out(void **state)
{
    (void)state;
    struct gen_config config = grown_config(81, 300);
    struct grown g;
    grown_open(&g, &config);
    struct engine *e = grown_engine(&g);
    for (int32_t h = 0; h <= 150; h++)
        grown_step(&g, e, h);
    struct engine_job *job;
    assert_int_equal(engine_job_take(e, &job), 0);
    assert_non_null(job);
    for (int32_t h = 151; h <= 300; h++) {
        grown_step(&g, e, h);
        engine_prune(e, h, h, NULL, 0);
    }
    assert_int_equal(engine_job_run(job), 0);
    engine_job_done(e, job);
    assert_int_equal(engine_verify(e), 0);
    struct needs needs;
    assert_int_equal(engine_discover(e, 300, &needs), 0);
    assert_int_equal(needs.n, 0);
    assert_int_equal(needs.verified, needs.wanted);
    needs_free(&needs);
    engine_free(e);
    grown_close(&g);
}

/* Whichever allocation fails: what cannot be forgotten now is forgotten the next time. */
static void test_out_of_memory(void **state)
{
    (void)state;
    struct driven d;
    driven_open(&d, "churn");
    struct engine *truth = driven_engine(&d);
    driven_to(&d, 500);
    driven_verify(&d);
    engine_prune(d.e, 500, 495, NULL, 0);
    hash256 pruned = driven_digest(&d, d.e);
    size_t failures = 0;
    for (size_t n = 1;; n++, failures++) {
        driven_close(&d);
        driven_open(&d, "churn");
        driven_to(&d, 500);
        driven_verify(&d);
        mem_fail_after(n);
        engine_prune(d.e, 500, 495, NULL, 0);
        bool reached = mem_fail_after(0) >= n;
        if (!reached)
            break;
        engine_prune(d.e, 500, 495, NULL, 0);
        hash256 now = driven_digest(&d, d.e);
        assert_true(hash256_eq(&now, &pruned));
    }
    assert_true(failures > 0);
    engine_free(truth);
    driven_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recording), cmocka_unit_test(test_generated), cmocka_unit_test(test_failures),
        cmocka_unit_test(test_forged),    cmocka_unit_test(test_devnet),    cmocka_unit_test(test_keys),
        cmocka_unit_test(test_keep),      cmocka_unit_test(test_job_out),   cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
