/* The public C ABI of the engine (dashspv/engine.h), used as an app without our network would: payload bytes of a recorded chain
 * in, verified quorums out. */
#include "evo/fixture_chain.h"

#include "dashspv/engine.h"

static const uint8_t seed[32] = {7};

struct app {
    struct fixture_chain chain;
    dspv_network *net;
    dspv_engine *engine;
};

static void open_app(struct app *a)
{
    fixture_chain_open(&a->chain, "churn");
    assert_int_equal(dspv_network_new(&a->net, "regtest"), 0);
    assert_null(dspv_network_override(a->net, "dip3params", "2:2"));
    assert_null(dspv_network_override(a->net, "testactivationheight", "v20@100"));
    assert_null(dspv_network_override(a->net, "testactivationheight", "mn_rr@100"));
    assert_null(dspv_network_check(a->net));
    assert_int_equal(dspv_engine_new(&a->engine, a->net, seed), 0);
}

static void close_app(struct app *a)
{
    dspv_engine_free(a->engine);
    dspv_network_free(a->net);
    fixture_chain_close(&a->chain);
}

static void feed_header(struct app *a, int32_t height)
{
    assert_int_equal(dspv_engine_feed_block_height(a->engine, &a->chain.hashes[height], height, a->chain.merkle_roots[height].b),
                     0);
}

static int apply(struct app *a, int32_t height, dspv_fault *fault)
{
    const struct mnlistdiff *d = &a->chain.diffs[height];
    return dspv_engine_apply_diff(a->engine, d->raw.p, d->raw.n, d->proto, fault);
}

static void sync_all(struct app *a)
{
    dspv_fault fault;
    for (int32_t h = 1; h <= a->chain.tip; h++)
        feed_header(a, h);
    for (int32_t h = a->chain.first; h <= a->chain.tip; h++)
        assert_int_equal(apply(a, h, &fault), 0);
}

static void test_waits_for_what_it_was_not_told(void **state)
{
    (void)state;
    struct app a;
    dspv_fault fault;
    open_app(&a);
    int32_t first = a.chain.first;
    assert_int_equal(apply(&a, first + 1, &fault), DSPV_EWAITING);
    assert_int_equal(fault.reason, DSPV_UNKNOWN_BASE);
    const struct mnlistdiff *d = &a.chain.diffs[first];
    dspv_block_hash hashes[8];
    int n = dspv_engine_diff_hashes(d->raw.p, d->raw.n, d->proto, hashes, 8, &fault);
    assert_in_range(n, 1, 8);
    bool names_its_block = false;
    for (int i = 0; i < n; i++)
        names_its_block |= block_hash_eq(&hashes[i], &d->block);
    assert_true(names_its_block);
    assert_int_equal(dspv_engine_diff_hashes(d->raw.p, d->raw.n - 1, d->proto, hashes, 8, &fault), DSPV_EFAULT);
    dspv_quorum q;
    assert_int_equal(dspv_engine_quorum(a.engine, 100, (const dspv_quorum_hash *)&a.chain.hashes[3], &q), DSPV_QUORUM_UNKNOWN);
    assert_int_equal(dspv_engine_discover(a.engine, 5, NULL, 0, NULL), DSPV_EMISUSE);
    close_app(&a);
}

static void test_everything_verifies(void **state)
{
    (void)state;
    struct app a;
    dspv_fault fault;
    open_app(&a);
    sync_all(&a);
    assert_int_equal(dspv_engine_verify_masternode_list_quorums(a.engine, a.chain.tip, NULL, 0, &fault), 0);
    assert_int_equal(dspv_engine_discover(a.engine, a.chain.tip, NULL, 0, NULL), 0);
    size_t verified = 0, retired = 0;
    for (size_t i = 0; i < dspv_engine_quorum_count(a.engine); i++) {
        dspv_quorum q;
        dspv_engine_quorum_at(a.engine, i, &q);
        assert_true(q.committed);
        verified += q.status == DSPV_QUORUM_VERIFIED;
        retired += q.status == DSPV_QUORUM_RETIRED;
        dspv_protx_hash member;
        assert_true(dspv_engine_quorum_member(a.engine, q.llmq_type, &q.hash, q.n_members - 1, &member));
        assert_false(dspv_engine_quorum_member(a.engine, q.llmq_type, &q.hash, q.n_members, &member));
    }
    assert_int_equal(verified + retired, 55);
    assert_true(verified > 0 && retired > 0);
    size_t rotating = dspv_engine_latest_rotating_quorum_hashes(a.engine, NULL, 0);
    size_t others = dspv_engine_latest_non_rotating_quorum_hashes(a.engine, NULL, 0);
    assert_int_equal(rotating + others, verified);
    dspv_list tip;
    dspv_engine_list_at(a.engine, dspv_engine_list_count(a.engine) - 1, &tip);
    assert_int_equal(tip.height, a.chain.tip);
    assert_true(tip.masternodes_valid <= tip.masternodes && tip.masternodes_evo > 0);
    close_app(&a);
}

static void test_missing_list_is_named(void **state)
{
    (void)state;
    struct app a;
    dspv_fault fault;
    open_app(&a);
    for (int32_t h = 1; h <= a.chain.tip; h++)
        feed_header(&a, h);
    for (int32_t h = a.chain.first; h < 200; h++)
        assert_int_equal(apply(&a, h, &fault), 0);
    dspv_engine_rollback(a.engine, 150);
    assert_int_equal(dspv_engine_block_height(a.engine, &a.chain.hashes[151]), -1);
    assert_int_equal(apply(&a, 152, &fault), DSPV_EWAITING);
    assert_int_equal(fault.reason, DSPV_UNKNOWN_BASE);
    assert_int_equal(dspv_engine_verify_masternode_list_quorums(a.engine, 180, NULL, 0, &fault), DSPV_EWAITING);
    assert_int_equal(fault.reason, DSPV_NEED_LIST);
    assert_int_equal(fault.height, 180);
    close_app(&a);
}

static void test_old_times_are_forgotten(void **state)
{
    (void)state;
    struct app a;
    dspv_fault fault;
    open_app(&a);
    sync_all(&a);
    size_t lists = dspv_engine_list_count(a.engine), quorums = dspv_engine_quorum_count(a.engine);
    size_t bytes = dspv_engine_memory(a.engine);
    dspv_engine_prune(a.engine, a.chain.tip, a.chain.tip - 2);
    assert_true(dspv_engine_list_count(a.engine) < lists / 4);
    assert_true(dspv_engine_quorum_count(a.engine) < quorums);
    assert_true(dspv_engine_memory(a.engine) < bytes / 2);
    assert_int_equal(dspv_engine_block_height(a.engine, &a.chain.hashes[100]), -1);
    assert_int_equal(dspv_engine_block_height(a.engine, &a.chain.hashes[0]), 0);
    assert_int_equal(dspv_engine_discover(a.engine, a.chain.tip, NULL, 0, NULL), 0);
    assert_int_equal(dspv_engine_verify_masternode_list_quorums(a.engine, a.chain.tip, NULL, 0, &fault), 0);
    dspv_engine_rollback(a.engine, a.chain.tip - 2);
    for (int32_t h = a.chain.tip - 1; h <= a.chain.tip; h++) {
        feed_header(&a, h);
        assert_int_equal(apply(&a, h, &fault), 0);
    }
    assert_int_equal(dspv_engine_verify(a.engine), 0);
    assert_int_equal(dspv_engine_verify_masternode_list_quorums(a.engine, a.chain.tip, NULL, 0, &fault), 0);
    close_app(&a);
}

static void test_false_signature_claim_is_refused(void **state)
{
    (void)state;
    struct app a;
    dspv_fault fault;
    open_app(&a);
    sync_all(&a);
    const struct mnlistdiff *d = &a.chain.diffs[a.chain.tip];
    uint8_t claim[96];
    memcpy(claim, d->cbtx.best_cl_signature, 96);
    assert_int_equal(dspv_engine_feed_chain_lock_sig(a.engine, &d->block, claim, &fault), 0);
    claim[95] ^= 1;
    assert_int_equal(dspv_engine_feed_chain_lock_sig(a.engine, &d->block, claim, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_CLSIG_MISMATCH);
    close_app(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_for_what_it_was_not_told),
        cmocka_unit_test(test_everything_verifies),
        cmocka_unit_test(test_missing_list_is_named),
        cmocka_unit_test(test_old_times_are_forgotten),
        cmocka_unit_test(test_false_signature_claim_is_refused),
    };
    return cmocka_run_group_tests_name("engine_api", tests, NULL, NULL);
}
