/* The four tests that the mission's plan names (hybrid-sync.md 8), on the recorded chains: the client, the development peer, and
 * Dash Core's own answers as the oracle. */
#include "sync/world.h"

#include "base/mem.h"
#include "llmq/members.h"

enum { MINUTE = 60000, INTERVAL = 24, TIP = 581 };

static const struct llmq_params *params_of(const struct world *w, const struct quorum_view *v)
{
    const struct llmq_params *p = network_llmq(&w->chain->network, v->quorum->c.type);
    assert_non_null(p);
    return p;
}

/* The list of a block, and that the engine, the chain and the list mean the same block. */
static const struct mnstate *tracked_list(const struct world *w, int32_t height)
{
    const struct engine *e = client_engine(w->client);
    const struct mnstate *s = engine_list(e, height);
    block_hash at;
    if (!s)
        fail_msg("no list at %d", height);
    assert_true(block_hash_eq(&s->block, devnode_chain_hash(w->chain, height)));
    assert_int_equal(engine_block_height(e, &s->block), height);
    assert_true(engine_block_at(e, height, &at) && block_hash_eq(&at, &s->block));
    assert_true(s->anchored);
    return s;
}

/* Masternodes of the oracle's answer at a height: all and valid. */
static void oracle_masternodes(const char *fixture, int32_t height, size_t *all, size_t *valid)
{
    char name[64];
    size_t i, k;
    json_t *at, *mn;
    snprintf(name, sizeof(name), "%s/oracle.json", fixture);
    json_t *points = fixture_json(name);
    *all = *valid = 0;
    json_array_foreach(points, i, at) {
        if (json_int(at, "height") != height)
            continue;
        *all = json_array_size(json_object_get(at, "protx_list"));
        *valid = 0;
        json_array_foreach(json_object_get(at, "protx_list"), k, mn) {
            *valid += json_int(json_object_get(mn, "state"), "PoSeBanHeight") < 0;
        }
    }
    json_decref(points);
    assert_true(*all > 0);
}

/* ---- QRINFO alone */

static void no_diffs(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)payload;
    if (strcmp(command, "mnlistdiff") == 0) {
        w->tampered++;
        *n = WORLD_DROPPED;
    }
}

/* Every rotated quorum is verified; some other one waits. */
static void check_verdicts(const struct world *w)
{
    const struct engine *e = client_engine(w->client);
    size_t *wanted, n, rotated = 0, waiting = 0;
    assert_int_equal(engine_wanted(e, w->tip, &wanted, &n), 0);
    for (size_t i = 0; i < n; i++) {
        struct quorum_view v;
        engine_quorum_at(e, wanted[i], &v);
        bool rotates = params_of(w, &v)->rotated;
        rotated += rotates;
        waiting += v.status == QUORUM_WAITING;
        assert_int_equal(v.status == QUORUM_VERIFIED, rotates || v.status != QUORUM_WAITING);
    }
    mem_free(wanted);
    assert_true(rotated >= 2 && waiting >= 1 && rotated + waiting <= n);
}

/* One qrinfo, taken natively: the lists of five work blocks and of the tip, their blocks, the snapshots of four cycles. No single
 * mnlistdiff gets through, so nothing here can come from one. On this chain one quorum outside the rotation needs one. */
static void test_engine_native_qrinfo_processing(void **state)
{
    struct world w;
    size_t all, valid;
    int32_t height = 476, cycle = height - height % INTERVAL;
    (void)state;
    world_init(&w, "eras", height);
    w.tamper = no_diffs;
    world_start(&w, 21);
    world_run(&w, 4000);
    const struct engine *e = client_engine(w.client);
    assert_int_equal(world_progress(&w).qr_info_completed, 1);
    assert_int_equal(world_progress(&w).mn_diff_completed, 0);
    for (int32_t k = 0; k <= 4; k++)
        assert_true(mnlist_count(tracked_list(&w, cycle - k * INTERVAL - WORK_DIFF_DEPTH)->list) > 0);
    const struct mnstate *tip = tracked_list(&w, height);
    assert_true(engine_list_count(e) >= 6);
    for (int32_t k = 1; k <= 4; k++) {
        assert_non_null(engine_snapshot(e, cycle - k * INTERVAL, NULL));
        assert_non_null(devnode_chain_snapshot(w.chain, cycle - k * INTERVAL));
    }
    oracle_masternodes("eras", height, &all, &valid);
    assert_int_equal(mnlist_count(tip->list), all);
    assert_int_equal(mnlist_valid(tip->list), valid);
    assert_int_equal(world_progress(&w).masternodes, all);
    assert_int_equal(world_progress(&w).masternodes_valid, valid);
    print_message("one qrinfo: %zu lists, %zu masternodes at the tip\n", engine_list_count(e), all);

    /* All that the qrinfo is for is verified, the other quorum still lacks its list: that is not called synced. */
    check_verdicts(&w);
    assert_true(w.tampered > 0);
    assert_int_equal(w.synced, 0);
    w.tamper = NULL;
    assert_true(world_run_until_synced(&w, 30 * MINUTE));
    assert_true(world_check_oracle(&w) > 0);
    world_free(&w);
}

/* ---- both kinds of messages */

/* The ChainLock signature in a work block's coinbase, which decides who the members are, is the one that was announced. True
 * when its announcement was recorded. */
static bool known_signature(const struct world *w, int32_t work_height)
{
    const struct mnstate *s = tracked_list(w, work_height);
    const uint8_t *signature = mnstate_chainlock_signature(s);
    assert_non_null(signature);
    int32_t locked = work_height - 1 - (int32_t)s->cbtx.best_cl_height_diff;
    for (size_t i = 0; i < w->chain->n_locks; i++) {
        const struct devnode_lock *l = &w->chain->locks[i];
        struct clsig lock;
        dspv_fault fault;
        if (l->kind != DEVNODE_CLSIG || clsig_decode(l->payload.p, l->payload.n, &lock, &fault) != 0 || lock.height != locked)
            continue;
        assert_memory_equal(signature, lock.signature, sizeof(lock.signature));
        return true;
    }
    return false;
}

/* Every wanted quorum is verified with its members; those of a rotated one rest on four quarters, each chosen by the signature
 * in its own work block. */
static void check_quorums(const struct world *w, size_t *rotated, size_t *known)
{
    const struct engine *e = client_engine(w->client);
    size_t *wanted, n, signatures = 0;
    *rotated = *known = 0;
    assert_int_equal(engine_wanted(e, w->tip, &wanted, &n), 0);
    for (size_t i = 0; i < n; i++) {
        struct quorum_view v;
        engine_quorum_at(e, wanted[i], &v);
        const struct llmq_params *llmq = params_of(w, &v);
        assert_int_equal(v.status, QUORUM_VERIFIED);
        assert_non_null(v.members);
        *rotated += llmq->rotated;
        for (int32_t k = 0; llmq->rotated && k < 4; k++) {
            int32_t work = llmq_work_height(llmq_cycle(llmq, v.base_height) - k * llmq->interval);
            if (work <= w->chain->network.chain.active.v20)
                continue; /* the block-hash rule */
            signatures++;
            *known += known_signature(w, work);
        }
    }
    mem_free(wanted);
    assert_int_equal(*known, signatures);
}

/* From nothing to `first`, then in one leap to `last`. */
static void hybrid(const char *fixture, int32_t first, int32_t last, unsigned oracle)
{
    struct world w;
    size_t rotated, known;
    world_init(&w, fixture, first);
    world_start(&w, 22);
    assert_true(world_run_until_synced(&w, MINUTE));
    world_grow(&w, last);
    assert_true(world_run_until_tip(&w, MINUTE));
    dspv_progress p = world_progress(&w);
    assert_true(p.qr_info_completed >= 1 && p.mn_diff_completed >= 1);
    assert_int_equal(p.qr_info_failed + p.mn_diff_failed, 0);
    assert_int_equal(w.commands[WIRE_GETQRINFO], p.qr_info_completed);
    assert_int_equal(w.commands[WIRE_GETMNLISTD], p.mn_diff_completed);
    check_quorums(&w, &rotated, &known);
    print_message("%s: %u qrinfo, %u mnlistdiff; %zu rotated of %u quorums, %zu signatures known\n", fixture,
                  p.qr_info_completed, p.mn_diff_completed, rotated, p.quorums_wanted, known);
    assert_true(rotated >= 2 && rotated < p.quorums_wanted && known >= 2);
    assert_int_equal(world_check_oracle(&w), oracle);
    world_free(&w);
}

static void test_hybrid_processing(void **state)
{
    (void)state;
    hybrid("churn", 496, TIP, 16); /* the leap is longer than rotation can follow by itself */
    hybrid("eras", 482, 482, 7);
}

/* ---- no QRINFO anywhere */

/* Every list that a wanted quorum rests on is there; only the snapshots are not. Returns how many quorums wait for them. */
static size_t check_covered(const struct world *w)
{
    const struct engine *e = client_engine(w->client);
    size_t *wanted, n, waiting = 0;
    struct needs needs;
    assert_int_equal(engine_discover(e, w->tip, &needs), 0);
    for (size_t i = 0; i < needs.n; i++)
        assert_int_equal(needs.items[i].kind, NEED_KIND_SNAPSHOT);
    needs_free(&needs);
    assert_int_equal(engine_wanted(e, w->tip, &wanted, &n), 0);
    for (size_t i = 0; i < n; i++) {
        struct quorum_view v;
        engine_quorum_at(e, wanted[i], &v);
        const struct llmq_params *llmq = params_of(w, &v);
        int32_t base = llmq->rotated ? llmq_cycle(llmq, v.base_height) : v.base_height;
        for (int32_t k = 0; k < (llmq->rotated ? 4 : 1); k++)
            tracked_list(w, llmq_work_height(base - k * llmq->interval));
        assert_true(v.committed);
        assert_int_equal(v.status, llmq->rotated ? QUORUM_WAITING : QUORUM_VERIFIED);
        assert_true(!llmq->rotated || v.fault.reason == DSPV_NEED_SNAPSHOT);
        waiting += llmq->rotated;
    }
    mem_free(wanted);
    return waiting;
}

/* Three peers, each of which refuses QRINFO: by silence (false) or by hanging up (true). */
static void fallback(const bool hangs_up[3])
{
    struct world w;
    char text[4000];
    world_init(&w, "churn", TIP - 1);
    for (size_t i = 0; i < 3; i++) {
        struct world_peer *p = world_add(&w);
        p->options.faults.disconnect_on_getqrinfo = hangs_up[i];
        p->options.faults.ignore_getqrinfo = !hangs_up[i];
    }
    world_start(&w, 23);
    world_run(&w, 20 * MINUTE);
    dspv_progress p = world_progress(&w);
    assert_int_equal(p.phase, DSPV_PHASE_DEGRADED);
    assert_int_equal(p.strategy, DSPV_STRATEGY_FALLBACK);
    assert_true(p.reason == DSPV_PEER_TIMEOUT || p.reason == DSPV_PEER_CLOSED);
    assert_int_equal(w.synced + p.qr_info_completed, 0);
    assert_true(p.qr_info_failed > 1 && p.mn_diff_completed > 4);
    for (size_t i = 0; i < 3; i++)
        assert_true(w.peers[i].commands[WIRE_GETQRINFO] > 0); /* everywhere */
    assert_true(dspv_plan_text(w.client, text, sizeof(text)) < sizeof(text));
    size_t waiting = check_covered(&w);
    assert_true(waiting >= 2);
    assert_int_equal(p.quorums_waiting, waiting);
    assert_int_equal(p.quorums_verified + waiting, p.quorums_wanted);
    print_message("fallback: %u lists asked for one by one, %u quorums verified, %zu wait for snapshots\n", p.mn_diff_completed,
                  p.quorums_verified, waiting);

    w.peers[1].options.faults = (struct devnode_faults){0}; /* one answers at last: recovery, without being told */
    world_break(&w, &w.peers[1]);
    assert_true(world_run_until_synced(&w, 60 * MINUTE));
    world_grow(&w, TIP);
    assert_true(world_run_until_tip(&w, MINUTE));
    assert_int_equal(world_check_oracle(&w), 16);
    p = world_progress(&w);
    assert_true(p.qr_info_completed >= 1 && p.strategy != DSPV_STRATEGY_FALLBACK);
    world_free(&w);
}

static void test_fallback(void **state)
{
    static const bool silent[] = {false, false, false}, mixed[] = {true, false, true};
    (void)state;
    fallback(silent);
    fallback(mixed);
}

/* ---- the plan */

static bool block_at(const void *chain, int32_t height, block_hash *out)
{
    (void)chain;
    *out = (block_hash){.b = {(uint8_t)height, (uint8_t)(height >> 8), 1}};
    return height >= 0;
}

static void check_groups(const int32_t *heights, size_t n, bool requires_qr_info, const char *expected)
{
    struct height_group groups[128];
    char text[256] = "";
    size_t n_groups = planner_group(heights, n, requires_qr_info, 50, groups);
    for (size_t i = 0; i < n_groups; i++) {
        size_t used = strlen(text);
        assert_int_equal(groups[i].priority, groups[i].end);
        snprintf(text + used, sizeof(text) - used, "%s %d..%d;", groups[i].kind == PLAN_QR_INFO ? "QRINFO" : "MNLISTDIFF",
                 groups[i].start, groups[i].end);
    }
    assert_string_equal(text, expected);
}

/* The golden case of hybrid-sync.md 2, and the same heights as a whole plan: a QRINFO answers for a cycle, so it is asked for the
 * snapshot and for the list at a work block, and every list that it cannot bring by a request of its own, newest first. */
static void test_optimal_request_planning(void **state)
{
    static const int32_t golden[] = {1000, 1001, 1002, 1010, 1020};
    int32_t contiguous[60];
    struct need items[6];
    struct needs needs = {.items = items, .n = 6, .requires_qrinfo = true};
    struct plan plan;
    (void)state;
    check_groups(golden, 5, true, "QRINFO 1000..1002;MNLISTDIFF 1010..1010;MNLISTDIFF 1020..1020;");
    check_groups(golden, 5, false, "MNLISTDIFF 1000..1002;MNLISTDIFF 1010..1010;MNLISTDIFF 1020..1020;");
    for (int32_t i = 0; i < 60; i++)
        contiguous[i] = 2000 + i;
    check_groups(contiguous, 10, false, "QRINFO 2000..2009;");
    check_groups(contiguous, 60, false, "QRINFO 2000..2049;QRINFO 2050..2059;");

    for (size_t i = 0; i < 5; i++)
        items[i] = (struct need){.kind = NEED_KIND_LIST, .height = golden[i], .type = 100, .wanted_by = 1};
    items[5] = (struct need){.kind = NEED_KIND_SNAPSHOT, .height = 984, .type = 103, .wanted_by = 2};
    const struct plan_input in = {.needs = &needs, .tip_height = 1030, .has_tip_list = true, .interval = INTERVAL,
                                  .block_at = block_at};
    struct plan_limits limits = {.max_qr_info_span = 50, .qr_info_allowed = true, .extra_share = true};
    assert_int_equal(planner_plan(&in, &limits, &plan), 0);
    assert_int_equal(plan.n_qr_info, 1);
    assert_int_equal(plan.qr_info_requests[0].tip_height, 1030); /* cycle 1008: the list at 1000, the snapshot of 984 */
    assert_int_equal(plan.n_mn_diff, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(plan.mn_diff_requests[i].tip_height, golden[4 - i]);
        assert_true(strlen(plan.mn_diff_requests[i].reason) > 10);
    }
    assert_false(plan.fallback_to_mn_diff);
    plan_free(&plan);

    limits.qr_info_allowed = false;
    assert_int_equal(planner_plan(&in, &limits, &plan), 0);
    assert_int_equal(plan.n_qr_info, 0);
    assert_int_equal(plan.n_mn_diff, 5);
    assert_true(plan.fallback_to_mn_diff);
    plan_free(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_native_qrinfo_processing),
        cmocka_unit_test(test_hybrid_processing),
        cmocka_unit_test(test_fallback),
        cmocka_unit_test(test_optimal_request_planning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
