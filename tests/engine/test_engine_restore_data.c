/* Mainnet's size: the lists of a captured qrinfo saved, read back and verified again; what that costs. */
#include "engine/kept.h"

#include <time.h>

#include "engine/engine_state.h" /* blocks_find */

/* The captured engine is the header chain: its lists' proofs say which merkle roots the headers have. */
static int at(const void *chain, int32_t height, block_hash *hash, hash256 *root, bool *found)
{
    const struct mnstate *s = engine_list(chain, height);
    *found = s != NULL;
    if (s) {
        *hash = s->block;
        *root = s->proof_root;
    }
    return 0;
}

static int find(const void *chain, const block_hash *hash, int32_t *height, hash256 *root, bool *found)
{
    *height = engine_block_height(chain, hash);
    *found = *height >= 0;
    memset(root, 0, sizeof(*root));
    return 0;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void apply_diff(struct engine *e, const char *name)
{
    struct bytes file = data_load(name);
    struct arena arena;
    struct mnlistdiff d;
    dspv_fault fault;
    arena_init(&arena, 0);
    assert_int_equal(mnlistdiff_decode_any(file.p, file.n, &arena, &d, &fault), 0);
    assert_int_equal(engine_apply_diff(e, &d, &fault), 0);
    arena_free(&arena);
    free(file.p);
}

static void apply_qrinfo(struct engine *e, const char *name)
{
    struct bytes file = data_load(name);
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    bool waiting;
    arena_init(&arena, 0);
    assert_int_equal(qrinfo_decode_any(file.p, file.n, &arena, &q, &fault), 0);
    int error = engine_feed_qrinfo(e, &q, &waiting, &fault);
    if (error != 0)
        fail_msg("%s: %s", name, dspv_reason_name(fault.reason));
    arena_free(&arena);
    free(file.p);
}

static void test_mainnet(void **state)
{
    (void)state;
    data_or_skip();
    static const uint8_t seed[32] = {4};
    struct network net;
    struct kept k;
    assert_true(network_init(&net, "mainnet"));
    kept_new(&k, &net);
    engine_free(k.e);
    assert_int_equal(engine_new(&k.e, &net, seed, ENGINE_OFFLINE), 0);
    apply_diff(k.e, "mainnet/mnlistdiff_0_2449941_v70230.bin");
    apply_qrinfo(k.e, "mainnet/qrinfo_2449949_v70230.bin");
    assert_int_equal(engine_verify(k.e), 0);
    size_t verified = driven_count(k.e, QUORUM_VERIFIED);
    double began = seconds();
    size_t operations = kept_save(&k, -1);
    double saved = seconds();
    size_t lists = engine_list_count(k.e);
    assert_true(verified > 60 && lists >= 5);

    struct engine *e;
    struct saved *mirror;
    struct restored r;
    const uint64_t mirror_seed[2] = {1, 2};
    const struct restore_chain seam = {.chain = k.e, .at = at, .find = find};
    assert_int_equal(engine_new(&e, &net, seed, 0), 0);
    assert_int_equal(saved_new(&mirror, mirror_seed), 0);
    double start = seconds();
    assert_int_equal(engine_restore(e, mirror, store_memory_seam(k.disk), &seam, &r), 0);
    double restored = seconds();
    assert_int_equal(engine_verify(e), 0);
    double done = seconds();
    print_message(
        "%zu lists of %zu masternodes, %zu quorums, %zu verified; %zu records, %zu bytes; saved in %.0f ms, read and proven in "
        "%.0f ms, verified in %.0f ms\n",
        r.lists, mnlist_count(engine_tip_list(e)->list), r.quorums, verified, operations, store_memory_bytes(k.disk),
        1000 * (saved - began), 1000 * (restored - start), 1000 * (done - restored));
    assert_int_equal(r.left_out, 0);
    assert_int_equal(r.entries > 2000, 1);
    struct quorum_view a, b;
    for (size_t i = 0; i < engine_quorum_count(k.e); i++) {
        engine_quorum_at(k.e, i, &a);
        if (a.status != QUORUM_VERIFIED || !a.committed)
            continue;
        assert_true(engine_quorum(e, a.quorum->c.type, &a.quorum->c.hash, &b));
        if (b.base_height >= 0 && b.members)
            assert_int_equal(b.status, QUORUM_VERIFIED);
    }
    assert_true(driven_count(e, QUORUM_VERIFIED) >= verified * 9 / 10);
    engine_free(e);
    saved_free(mirror);
    kept_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mainnet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
