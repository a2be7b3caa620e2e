/* The client against the development peer, which serves chains recorded from Dash Core. The oracle is Dash Core's own answer
 * about the quorums at some heights. */
#include "sync/world.h"

enum { MINUTE = 60000 };

/* ---- syncs, and what it then knows */

static void sync_at(const char *fixture, int32_t tip, int32_t protocol, size_t chunk)
{
    struct world w;
    world_init(&w, fixture, tip);
    w.options.protocol = protocol;
    w.chunk = chunk;
    world_start(&w, 1);
    bool synced = world_run_until_synced(&w, 2 * MINUTE);
    dspv_progress p = world_progress(&w);
    if (!synced)
        fail_msg("%s at %d, protocol %d: %s, %s", fixture, tip, protocol, dspv_phase_name(p.phase), dspv_reason_name(p.reason));
    world_run(&w, 1000);
    p = world_progress(&w);
    assert_int_equal(p.phase, DSPV_PHASE_SYNCED);
    assert_int_equal(p.header_height, tip);
    assert_int_equal(p.list_height, tip);
    assert_int_equal(p.quorums_verified, p.quorums_wanted);
    assert_true(p.percent > 99.9);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    assert_int_equal(w.connections, 1);
    /* extaddr is too young for snapshots: its node is silent at the getqrinfo, and counts it. The list, asked for soon after,
     * tells that nothing needs a snapshot: nobody waits for the timeout or asks again. */
    bool young = strcmp(fixture, "extaddr") == 0;
    assert_int_equal(devnode_peer_score(w.peers[0].node), young ? 1 : 0);
    assert_int_equal(p.qr_info_completed + p.qr_info_failed > 0, !young);
    assert_true(p.last_progress - p.started < (young ? 15000 : MINUTE));
    /* the tip's own coinbase brings a ChainLock of the block before, whatever is announced */
    assert_true(strcmp(fixture, "churn") != 0 || p.chainlock_height >= tip - 1);
    unsigned checked = world_check_oracle(&w);
    assert_int_equal(checked, strcmp(fixture, "churn") == 0 ? 16 : strcmp(fixture, "eras") == 0 ? 7 : 0);
    print_message("%s %d, protocol %d: %u quorums verified, %u checked against Dash Core, %u qrinfo, %u mnlistdiff\n", fixture,
                  tip, protocol, p.quorums_verified, checked, p.qr_info_completed, p.mn_diff_completed);
    world_free(&w);
}

static void test_syncs(void **state)
{
    static const int32_t protocols[] = {70230, 70234, 70235, 70236, 70238, 70240};
    (void)state;
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        sync_at("churn", 581, protocols[i], 4096);
        sync_at("eras", 482, protocols[i], 4096);
        sync_at("extaddr", 262, protocols[i], 4096);
    }
}

static void test_every_height(void **state)
{
    (void)state;
    for (int32_t tip = 1; tip <= 581; tip += 29) {
        struct world w;
        world_init(&w, "churn", tip);
        world_start(&w, 2);
        bool synced = world_run_until_synced(&w, 10 * MINUTE);
        dspv_progress p = world_progress(&w);
        if (!synced)
            fail_msg("churn at %d: %s, %s", tip, dspv_phase_name(p.phase), dspv_reason_name(p.reason));
        world_check_oracle(&w);
        world_free(&w);
    }
}

static void test_byte_at_a_time(void **state)
{
    (void)state;
    sync_at("churn", 581, 70240, 1);
    sync_at("eras", 482, 70236, 7);
}

static void test_deterministic(void **state)
{
    uint8_t digest[3][32];
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct world w;
        world_init(&w, "churn", 570);
        w.chunk = i == 1 ? 1000 : 1000 + (size_t)i;
        world_start(&w, i == 2 ? 9 : 8);
        assert_true(world_run_until_synced(&w, MINUTE));
        world_grow(&w, 575);
        world_run(&w, 10 * MINUTE);
        memcpy(digest[i], w.digest, 32);
        world_free(&w);
    }
    assert_memory_equal(digest[0], digest[1], 32);
    assert_memory_not_equal(digest[0], digest[2], 32);
}

/* ---- follows the chain */

static void test_follows(void **state)
{
    struct world w;
    unsigned locks = 0;
    (void)state;
    world_init(&w, "churn", 540);
    world_start(&w, 3);
    assert_true(world_run_until_synced(&w, MINUTE));
    world_run(&w, 1000);
    const struct devnode_lock *best = devnode_chain_best_clsig(w.chain, 540);
    assert_non_null(best);
    assert_int_equal(w.chainlock, best->height); /* learned by `mempool` */
    for (int32_t tip = 541; tip <= 581; tip++) {
        world_grow(&w, tip);
        world_run(&w, 2000);
        dspv_progress p = world_progress(&w);
        assert_int_equal(p.phase, DSPV_PHASE_SYNCED);
        assert_int_equal(p.header_height, tip);
        assert_int_equal(p.list_height, tip);
        best = devnode_chain_best_clsig(w.chain, tip);
        assert_int_equal(p.chainlock_height, best->height);
        locks += best->height == tip;
    }
    assert_true(locks > 30);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    assert_int_equal(w.commands[WIRE_GETQRINFO], 1); /* rotation goes on by itself */
    unsigned islocks = 0;
    for (size_t i = 0; i < w.chain->n_locks; i++)
        islocks += w.chain->locks[i].kind == DEVNODE_ISDLOCK && w.chain->locks[i].height > 540;
    assert_int_equal(world_progress(&w).instantlocks, islocks);
    assert_true(world_check_oracle(&w) > 0);
    print_message("540 to 581 followed: %u ChainLocks, %u InstantSend locks verified live\n", world_progress(&w).chainlocks,
                  world_progress(&w).instantlocks);
    world_free(&w);
}

static void test_follows_jumps(void **state)
{
    static const int32_t tips[] = {330, 331, 400, 480, 481, 530, 581};
    struct world w;
    (void)state;
    world_init(&w, "churn", 300);
    world_start(&w, 4);
    assert_true(world_run_until_synced(&w, 2 * MINUTE));
    for (size_t i = 0; i < sizeof(tips) / sizeof(tips[0]); i++) {
        world_grow(&w, tips[i]);
        world_run(&w, 5 * MINUTE);
        assert_int_equal(world_phase(&w), DSPV_PHASE_SYNCED);
        assert_int_equal(world_progress(&w).list_height, tips[i]);
        assert_int_equal(w.chainlock, devnode_chain_best_clsig(w.chain, tips[i])->height);
    }
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

/* From before the first list, through young chains that serve no qrinfo, to the end; also across V19 and V20. */
static void test_grows_up(void **state)
{
    static const char *const fixtures[] = {"churn", "eras"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct world w;
        world_init(&w, fixtures[i], 1);
        world_start(&w, 5);
        assert_true(world_run_until_synced(&w, MINUTE));
        for (int32_t tip = 60; tip <= w.chain->tip; tip += 7) {
            world_grow(&w, tip);
            world_run(&w, 10 * MINUTE);
            dspv_progress p = world_progress(&w);
            if (p.phase != DSPV_PHASE_SYNCED)
                fail_msg("%s at %d: %s, %s", fixtures[i], tip, dspv_phase_name(p.phase), dspv_reason_name(p.reason));
        }
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
        world_free(&w);
    }
}

/* ---- connections */

static void test_handshake(void **state)
{
    static const struct {
        int32_t protocol;
        uint64_t services;
        dspv_reason why; /* OK: it is taken */
    } cases[] = {
        {70229, SERVICE_NETWORK | SERVICE_BLOOM | SERVICE_HEADERS_COMPRESSED, DSPV_PEER_VERSION},
        {70240, SERVICE_BLOOM | SERVICE_HEADERS_COMPRESSED, DSPV_PEER_SERVICES},
        {70240, SERVICE_NETWORK, DSPV_OK},
        {70240, SERVICE_NETWORK | SERVICE_BLOOM, DSPV_OK},
        {70240, SERVICE_NETWORK_LIMITED | SERVICE_HEADERS_COMPRESSED, DSPV_OK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct world w;
        world_init(&w, "churn", 581);
        w.options.protocol = cases[i].protocol;
        w.options.services = cases[i].services;
        bool compressed = cases[i].services & SERVICE_HEADERS_COMPRESSED, bloom = cases[i].services & SERVICE_BLOOM;
        world_start(&w, 13);
        assert_int_equal(world_run_until_synced(&w, MINUTE), cases[i].why == DSPV_OK);
        world_run(&w, 1000);
        if (cases[i].why != DSPV_OK) {
            assert_int_equal(world_phase(&w), DSPV_PHASE_CONNECTING);
            assert_int_equal(world_progress(&w).reason, cases[i].why);
            assert_true(w.connections > 1);
        } else {
            assert_int_equal(w.commands[WIRE_GETHEADERS2] > 0, compressed);
            assert_int_equal(w.commands[WIRE_GETHEADERS] > 0, !compressed);
            assert_int_equal(w.commands[WIRE_SENDHEADERS2], compressed);
            assert_int_equal(w.commands[WIRE_SENDHEADERS], !compressed);
            assert_int_equal(w.commands[WIRE_MEMPOOL], bloom);
        }
        world_free(&w);
    }
}

static void test_stays_connected(void **state)
{
    struct world w;
    (void)state;
    world_init(&w, "churn", 581);
    world_start(&w, 14);
    world_run(&w, 120 * MINUTE);
    assert_int_equal(world_phase(&w), DSPV_PHASE_SYNCED);
    assert_int_equal(w.connections, 1);
    assert_int_equal(w.commands[WIRE_PING], 60);
    assert_int_equal(w.commands[WIRE_GETQRINFO], 1);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

static void test_without_masternodes(void **state)
{
    struct world w;
    (void)state;
    world_init(&w, "churn", 581);
    w.config.masternodes = false;
    world_start(&w, 15);
    assert_true(world_run_until_tip(&w, MINUTE));
    assert_int_equal(w.commands[WIRE_GETQRINFO] + w.commands[WIRE_GETMNLISTD] + w.commands[WIRE_GETDATA], 0);
    assert_int_equal(world_progress(&w).list_height, -1);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_syncs),
        cmocka_unit_test(test_every_height),
        cmocka_unit_test(test_byte_at_a_time),
        cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_follows),
        cmocka_unit_test(test_follows_jumps),
        cmocka_unit_test(test_grows_up),
        cmocka_unit_test(test_handshake),
        cmocka_unit_test(test_stays_connected),
        cmocka_unit_test(test_without_masternodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
