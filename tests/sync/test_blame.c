/* QRINFO: several at once, with and without H-4C, and who is blamed for false snapshots. world_check_honest() holds at every
 * step. */
#include "sync/rounds.h"

enum { MINUTE = ROUND_MINUTE };

/* ---- several QRINFO */

static void test_qr_infos(void **state)
{
    static const int32_t heights[] = {265, 290, 315, 340, 370};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct world w;
        struct round_seen s = {0};
        size_t n_peers = i == 0 ? 2 : 5, at_once = i == 0 ? 2 : 3;
        round_ready(&w, n_peers, 400, 12);
        for (size_t k = 0; k < n_peers && i > 1; k++)
            w.peers[k].latency_ms = i == 2 ? 100 + 300 * (dspv_ms)k : 1600 - 300 * (dspv_ms)k;
        unsigned before = w.commands[WIRE_GETQRINFO];
        round_plan_qr_infos(&w, heights, 5, false);
        round_execute(&w);
        round_run(&w, &s, 5 * MINUTE);
        assert_int_equal(w.commands[WIRE_GETQRINFO] - before, 5);
        assert_int_equal(s.qr_infos, at_once);
        assert_int_equal(world_progress(&w).qr_info_failed, 0);
        assert_int_equal(round_refused(&w), 0);
        for (size_t k = 0; k < 5; k++) /* each was of use: the list of its work block is there */
            assert_non_null(engine_list(client_engine(w.client), heights[k] - heights[k] % 24 - WORK_DIFF_DEPTH));
        world_free(&w);
    }
}

static void no_qrinfo(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)w;
    (void)payload;
    if (strcmp(command, "qrinfo") == 0)
        *n = WORLD_DROPPED;
}

/* After a fallback, without H-4C, one QRINFO is not enough for the snapshots of four cycles. */
static void test_qr_infos_planned(void **state)
{
    struct world w;
    struct round_seen s = {0};
    (void)state;
    round_world(&w, "churn", 576, 3);
    w.config.qr_info_extra_share = false;
    w.tamper = no_qrinfo;
    world_start(&w, 13);
    world_run(&w, 3 * MINUTE);
    assert_int_equal(world_phase(&w), DSPV_PHASE_DEGRADED);
    w.tamper = NULL;
    for (size_t i = 0; i < 3; i++)
        w.peers[i].latency_ms = 300;
    unsigned before = w.commands[WIRE_GETQRINFO];
    for (dspv_ms end = w.now + 20 * MINUTE; w.now < end && world_phase(&w) != DSPV_PHASE_SYNCED; w.now += 50) {
        world_run(&w, 50);
        round_look(&w, &s);
    }
    round_synced(&w);
    print_message("recovery: %zu QRINFO at once, %u in all\n", s.qr_infos, w.commands[WIRE_GETQRINFO] - before);
    world_free(&w);
}

/* ---- H-4C */

static const struct request *qr_info_of(const struct world *w)
{
    for (size_t i = 0; i < w->client->mn.n_requests; i++)
        if (w->client->mn.requests[i].kind == PLAN_QR_INFO)
            return &w->client->mn.requests[i];
    fail();
    return NULL;
}

/* One peer is silent about H-4C: it alone is not asked for it again, the others are. */
static void test_extra_share(void **state)
{
    struct world w;
    struct round_seen s = {0};
    int32_t height = 500;
    (void)state;
    round_world(&w, "churn", ROUND_TIP, 3);
    w.peers[0].options.faults.refuse_extra_share = true;
    world_start(&w, 14);
    assert_true(world_run_until_synced(&w, 2 * MINUTE));
    round_synced(&w);
    assert_true(w.client->addresses[0].conduct.no_extra_until > w.now);
    assert_true(w.client->addresses[1].conduct.no_extra_until <= w.now && w.client->addresses[2].conduct.no_extra_until <= w.now);
    for (size_t i = 0; i < 4; i++) {
        w.client->peers[0]->asked = 0; /* it would be its turn */
        w.client->addresses[0].conduct.failed[PLAN_QR_INFO] = 0;
        w.client->peers[1]->asked = w.client->peers[2]->asked = 100;
        height -= 24;
        round_plan_qr_infos(&w, &height, 1, true);
        round_execute(&w);
        const struct request *r = qr_info_of(&w);
        assert_int_equal(r->state, REQUEST_SENT);
        assert_true(r->extra_share);
        assert_true(r->conn != w.peers[0].conn);
        assert_true(round_run(&w, &s, MINUTE) < 1000);
    }
    w.client->peers[0]->asked = 0;
    w.client->peers[1]->asked = w.client->peers[2]->asked = 100;
    w.client->addresses[0].conduct.failed[PLAN_QR_INFO] = 0; /* as later */
    round_plan_qr_infos(&w, &height, 1, false);
    round_execute(&w);
    assert_true(qr_info_of(&w)->conn == w.peers[0].conn); /* without, it is as good as the others */
    assert_true(round_run(&w, &s, MINUTE) < 1000);
    assert_int_equal(round_refused(&w), 0);
    world_free(&w);
}

/* Everybody is: the request goes without when that is of use. */
static void test_extra_share_nowhere(void **state)
{
    struct world w;
    struct round_seen s = {0};
    int32_t height = 400;
    (void)state;
    round_world(&w, "churn", ROUND_TIP, 3);
    w.options.faults.refuse_extra_share = true;
    for (size_t i = 0; i < 3; i++)
        w.peers[i].options.faults.refuse_extra_share = true;
    world_start(&w, 15);
    assert_true(world_run_until_synced(&w, 5 * MINUTE));
    round_synced(&w);
    assert_int_equal(w.degraded, 0);
    for (size_t i = 0; i < 3; i++)
        w.client->addresses[i].conduct.no_extra_until = CLIENT_NEVER;
    round_plan_qr_infos(&w, &height, 1, true);
    round_execute(&w);
    assert_false(qr_info_of(&w)->extra_share);
    assert_int_equal(qr_info_of(&w)->state, REQUEST_SENT);
    assert_true(round_run(&w, &s, MINUTE) < 1000);
    round_synced(&w);
    world_free(&w);
}

/* ---- false snapshots */

/* The first w->tampered peers change who is active in every snapshot; a single one the engine would compute itself. */
static void false_snapshot(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    if (strcmp(command, "qrinfo") != 0 || w->speaker >= w->tampered)
        return;
    arena_init(&arena, 1 << 20);
    assert_int_equal(qrinfo_decode(payload, *n, 70240, &arena, &q, &fault), 0);
    for (size_t k = 0; k < (q.extra_share ? QRINFO_CYCLES : QRINFO_H_4C); k++)
        payload[q.snapshots[k].active.bytes - payload] ^= (uint8_t)w->random;
    for (size_t k = 0; k < q.n_older; k++)
        payload[q.older_snapshots[k].active.bytes - payload] ^= (uint8_t)w->random;
    arena_free(&arena);
}

static unsigned lies_blamed(const struct world *w)
{
    return w->refused[DSPV_MEMBERS_SIG_INVALID] + w->refused[DSPV_SNAPSHOT_MISMATCH] + w->refused[DSPV_QUORUM_EXTRA_BITS] +
           w->refused[DSPV_SNAPSHOT_TOO_SHORT];
}

/* `liars` say the same; the others are honest. Returns how often somebody was blamed. */
static unsigned blamed_among(size_t n, unsigned liars, unsigned bits, bool extra_share)
{
    struct world w;
    round_world(&w, "churn", ROUND_TIP, n);
    w.config.qr_info_extra_share = extra_share;
    w.tamper = false_snapshot;
    w.tampered = liars;
    w.random = bits;
    world_start(&w, 16);
    assert_true(world_run_until_synced(&w, 30 * MINUTE));
    world_run(&w, MINUTE);
    round_synced(&w);
    unsigned blamed = lies_blamed(&w);
    assert_int_equal(blamed, round_refused(&w));
    for (size_t i = 0; i < n; i++) {
        assert_in_range(w.peers[i].connections, 1, i < liars ? 2 : 1); /* the honest ones are never closed */
        assert_int_equal(devnode_peer_score(w.peers[i].node), 0);
    }
    assert_in_range(w.commands[WIRE_GETQRINFO], 1, liars + 2);
    world_free(&w);
    return blamed;
}

static void test_false_snapshots(void **state)
{
    unsigned visible = 0;
    (void)state;
    for (unsigned bits = 1; bits <= 6; bits++) {
        if (blamed_among(5, 1, bits, true) == 0)
            continue; /* nothing that a membersSig of this chain can show */
        visible++;
        for (unsigned liars = 2; liars <= 4; liars++) {
            unsigned blamed = blamed_among(5, liars, bits, true);
            assert_int_equal(blamed, liars); /* each once: the first at once, the others when an honest one has answered */
        }
        assert_int_equal(blamed_among(3, 1, bits, false), 1);
    }
    print_message("%u of 6 changes are visible\n", visible);
    assert_true(visible >= 4);
}

/* They all say the same, so nobody can be blamed for long: it is told, and asked for more and more rarely. */
static void test_nobody_else_says_otherwise(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        struct world w;
        round_world(&w, "churn", 579, n);
        w.tamper = false_snapshot;
        w.tampered = (unsigned)n;
        w.random = 1;
        world_start(&w, 17);
        world_run(&w, 60 * MINUTE);
        unsigned hour = w.commands[WIRE_GETQRINFO];
        assert_int_equal(world_phase(&w), DSPV_PHASE_DEGRADED);
        assert_int_equal(world_progress(&w).reason, DSPV_MEMBERS_SIG_INVALID);
        assert_int_equal(w.synced, 0);
        assert_int_equal(round_refused(&w), 1); /* the first one, as long as nobody else had said it */
        assert_int_equal(w.connections, n + 1);
        assert_int_equal(client_ready_peers(w.client), n);
        world_run(&w, 60 * MINUTE);
        assert_int_equal(round_refused(&w), 1);
        assert_int_equal(w.connections, n + 1);
        print_message("%zu peers: %u QRINFO in the first hour, %u in the second\n", n, hour, w.commands[WIRE_GETQRINFO] - hour);
        assert_true(hour <= 20 && w.commands[WIRE_GETQRINFO] - hour <= 7);
        world_grow(&w, 581); /* the tip is followed meanwhile */
        world_run(&w, 5000);
        assert_int_equal(world_progress(&w).list_height, 581);
        w.tamper = NULL;
        assert_true(world_run_until_tip(&w, 30 * MINUTE)); /* and once they tell the truth all is well */
        world_free(&w);
    }
}

/* The one that has not said the same is silent: that does not make the client ask the others again and again. */
static void test_the_other_is_silent(void **state)
{
    struct world w;
    (void)state;
    round_world(&w, "churn", 579, 3);
    w.peers[2].options.faults.ignore_getqrinfo = true;
    w.tamper = false_snapshot;
    w.tampered = 2;
    w.random = 1;
    world_start(&w, 18);
    world_run(&w, 2 * 60 * MINUTE);
    assert_int_equal(world_phase(&w), DSPV_PHASE_DEGRADED);
    assert_int_equal(w.synced, 0);
    assert_int_equal(round_refused(&w), 1);
    assert_int_equal(w.connections, 4);
    assert_true(w.commands[WIRE_GETQRINFO] < 70);
    print_message("%u QRINFO in two hours\n", w.commands[WIRE_GETQRINFO]);
    world_free(&w);
}

/* The only honest one has no H-4C: it is asked without, rather than a liar with. */
static void test_the_honest_one_lacks_extra(void **state)
{
    struct world w;
    (void)state;
    round_world(&w, "churn", ROUND_TIP, 3);
    w.peers[2].options.faults.refuse_extra_share = true;
    w.tamper = false_snapshot;
    w.tampered = 2;
    w.random = 1;
    world_start(&w, 19);
    assert_true(world_run_until_synced(&w, 30 * MINUTE));
    round_synced(&w);
    assert_int_equal(round_refused(&w), 2);
    assert_int_equal(w.peers[2].connections, 1);
    world_free(&w);
}

/* A rotated quorum of the tip, as if its membersSig had failed. */
static struct quorum_view failed_quorum(struct world *w)
{
    struct engine *e = client_engine(w->client);
    struct quorum_view v;
    for (size_t i = engine_quorum_count(e); i-- > 0;) {
        engine_quorum_at(e, i, &v);
        if (v.quorum->c.type == w->chain->network.instantsend_type && v.base_height > ROUND_TIP - 48)
            break;
    }
    assert_int_equal(v.quorum->c.type, w->chain->network.instantsend_type);
    v.fault.reason = DSPV_MEMBERS_SIG_INVALID;
    return v;
}

/* Of one snapshot it is not remembered who served it (or that was another branch's): then it need not be the one who served the
 * others. */
static void test_a_server_forgotten(void **state)
{
    (void)state;
    for (int forgotten = 0; forgotten <= 1; forgotten++) {
        struct world w;
        round_ready(&w, 2, 0, 21);
        struct blame *b = &w.client->mn.blame;
        struct quorum_view v = failed_quorum(&w);
        int32_t oldest = ROUND_TIP;
        for (size_t i = 0; i < b->n_served; i++)
            oldest = b->served[i].cycle < oldest ? b->served[i].cycle : oldest;
        assert_true(b->n_served >= 4);
        if (forgotten)
            blame_rollback(w.client, oldest + 24);
        assert_true(b->n_served >= 2);
        assert_int_equal(blame_judge(w.client, &v), 0);
        assert_int_equal(w.client->peers[0]->closing + w.client->peers[1]->closing, !forgotten);
        world_free(&w);
    }
}

/* One address that serves ever new snapshots pushes out nobody else's. */
static void test_a_flood_of_snapshots(void **state)
{
    struct world w;
    uint8_t bits[2] = {0};
    struct mnlistdiff diff = {0};
    (void)state;
    round_ready(&w, 2, 0, 22);
    struct blame *b = &w.client->mn.blame;
    size_t address = b->served[0].address, flooder = 1 - address, honest = 0, left = 0;
    diff.block = *devnode_chain_hash(w.chain, 400);
    assert_int_equal(engine_feed_block(client_engine(w.client), &diff.block, 400, NULL), 0);
    for (size_t i = 0; i < b->n_served; i++)
        honest += b->served[i].address == address;
    for (unsigned i = 0; i < 1000; i++) {
        struct snapshot_msg m = {.active = {bits, 16, {bits, 2}}};
        struct qrinfo q = {.older_snapshots = &m, .older_diffs = &diff, .n_older = 1};
        store_le16(bits, (uint16_t)i);
        assert_int_equal(blame_note_served(w.client, flooder, &q), 0);
        assert_true(b->n_served <= BLAME_MOST_SERVED);
    }
    for (size_t i = 0; i < b->n_served; i++)
        left += b->served[i].address == address;
    assert_int_equal(left, honest);
    assert_int_equal(b->n_served - left, BLAME_SHARE);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_qr_infos),
        cmocka_unit_test(test_qr_infos_planned),
        cmocka_unit_test(test_extra_share),
        cmocka_unit_test(test_extra_share_nowhere),
        cmocka_unit_test(test_false_snapshots),
        cmocka_unit_test(test_nobody_else_says_otherwise),
        cmocka_unit_test(test_the_other_is_silent),
        cmocka_unit_test(test_the_honest_one_lacks_extra),
        cmocka_unit_test(test_a_server_forgotten),
        cmocka_unit_test(test_a_flood_of_snapshots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
