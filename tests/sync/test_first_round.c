/* The first round of a client that knows no list: a QRINFO that names a list as base which another request of the round brings.
 * Whatever comes first, is false or does not come, the round ends and the next ones complete the client. */
#include "base/mem.h"
#include "sync/rounds.h"

/* QRINFO about the tip (its lowest list is that of 472), on the list at OLDEST. */
enum { MINUTE = ROUND_MINUTE, OLDEST = 300, LOWEST = 472 };

/* What the peers said. */
struct said {
    unsigned on_oldest, whole; /* qrinfo by what its lists build on in the end */
};

static bool builds(const struct world *w, const struct qrinfo *q, int32_t base)
{
    bool any = round_height_of(w, q->tip.base.b) == base || round_height_of(w, q->h.base.b) == base;
    for (int i = 0; i < QRINFO_CYCLES; i++)
        any |= round_height_of(w, q->diffs[i].base.b) == base;
    for (uint32_t i = 0; i < q->n_older; i++)
        any |= round_height_of(w, q->older_diffs[i].base.b) == base;
    return any;
}

/* Does some list of a qrinfo build on the one at OLDEST? Otherwise one comes whole. */
static void note(const struct world *w, const char *command, const uint8_t *payload, size_t n, struct said *s)
{
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    if (strcmp(command, "qrinfo") != 0)
        return;
    arena_init(&arena, 0);
    assert_int_equal(qrinfo_decode(payload, n, devnode_peer_protocol(w->peers[w->speaker].node), &arena, &q, &fault), 0);
    assert_int_equal(round_height_of(w, q.diffs[QRINFO_H_4C].block.b), LOWEST);
    const bool on_oldest = builds(w, &q, OLDEST);
    assert_int_equal(on_oldest, !builds(w, &q, 0));
    s->on_oldest += on_oldest;
    s->whole += !on_oldest;
    arena_free(&arena);
}

static void add_said(struct world *w, const char *command, const uint8_t *payload, size_t n)
{
    struct said s = {0, 0};
    note(w, command, payload, n, &s);
    w->random += s.on_oldest + 1000 * s.whole; /* the only field that is free */
}

static struct said said(const struct world *w)
{
    return (struct said){(unsigned)(w->random % 1000), (unsigned)(w->random / 1000)};
}

/* Headers and nothing else. */
static void open_fresh(struct world *w, size_t n, dspv_ms latency_ms, int32_t protocol)
{
    round_world(w, "churn", ROUND_TIP, n);
    w->config.masternodes = false;
    for (size_t i = 0; i < n; i++) {
        w->peers[i].options.protocol = protocol;
        w->peers[i].latency_ms = latency_ms;
    }
    world_start(w, 31);
    world_run(w, 30000);
    assert_int_equal(headers_tip_height(client_headers(w->client)), ROUND_TIP);
    assert_int_equal(engine_list_count(client_engine(w->client)), 0);
    assert_int_equal(client_ready_peers(w->client), n);
    w->client->config.masternodes = true;
    w->tamper = NULL;
    w->random = w->tampered = 0;
}

/* As the planner makes it on a chain whose quorums need older lists than a QRINFO holds. */
static void plan_on(struct world *w, int32_t oldest, bool extra_share)
{
    const int32_t tip = ROUND_TIP;
    struct plan *p = &w->client->mn.plan;
    round_plan_qr_infos(w, &tip, 1, extra_share);
    p->qr_info_requests[0].base_ahead = true;
    p->qr_info_requests[0].base_height = oldest;
    p->qr_info_requests[0].base = *devnode_chain_hash(w->chain, oldest);
    p->mn_diff_requests[0] = (struct mn_diff_request){.base_height = -1, .tip_height = oldest, .priority = oldest,
                                                      .tip = *devnode_chain_hash(w->chain, oldest)};
    p->n_mn_diff = 1;
    round_execute(w);
}

static void plan_first(struct world *w)
{
    plan_on(w, OLDEST, true);
}

/* The QRINFO was answered and taken; then the client goes on by itself. */
static void finish(struct world *w)
{
    round_lists(w, LOWEST, 1);
    round_lists(w, ROUND_TIP, 1);
    w->tamper = NULL;
    w->config.masternodes = true; /* world_check_honest() */
    round_release(w);
    assert_true(world_run_until_synced(w, 10 * MINUTE));
    round_synced(w);
}

static void test_at_once(void **state)
{
    static const int32_t protocols[] = {70240, 70235};
    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        for (size_t i = 0; i < 2; i++) {
            struct world w;
            struct round_seen s = {0};
            open_fresh(&w, n, 500, protocols[i]);
            w.tamper = NULL;
            plan_first(&w);
            dspv_ms took = round_run(&w, &s, MINUTE);
            assert_in_range(took, 490, 520); /* one round trip */
            assert_int_equal(w.commands[WIRE_GETQRINFO], 1);
            assert_int_equal(round_asked(&w), 1);
            assert_int_equal(round_refused(&w), 0);
            round_lists(&w, OLDEST, 1);
            finish(&w);
            world_free(&w);
        }
    }
}

/* ---- the base is late or does not come */

static void slow_base(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    add_said(w, command, payload, *n);
    w->peers[w->speaker].latency_ms = round_brings(w, command, payload) == OLDEST ? 3000 : 100;
}

static void test_slow_base(void **state)
{
    struct world w;
    struct round_seen s = {0};
    (void)state;
    open_fresh(&w, 3, 100, 70240);
    w.tamper = slow_base;
    plan_first(&w);
    dspv_ms took = round_run(&w, &s, MINUTE);
    assert_in_range(took, 2900, 3200);
    assert_int_equal(s.held, 1);
    assert_int_equal(w.commands[WIRE_GETQRINFO], 1);
    assert_int_equal(round_asked(&w), 1);
    assert_int_equal(said(&w).on_oldest, 1);
    assert_int_equal(said(&w).whole, 0);
    assert_int_equal(round_refused(&w), 0);
    finish(&w);
    world_free(&w);
}

/* The first w->tampered answers about OLDEST are lost. */
static void lose_base(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    add_said(w, command, payload, *n);
    if (round_brings(w, command, payload) == OLDEST && w->tampered > 0) {
        w->tampered--;
        *n = WORLD_DROPPED;
    }
}

static void test_silent_base(void **state)
{
    static const unsigned lost[] = {1, 2, 3, 1000};
    (void)state;
    for (size_t n = 1; n <= 4; n++) {
        for (size_t i = 0; i < 4; i++) {
            struct world w;
            struct round_seen s = {0};
            dspv_ms came = 0;
            open_fresh(&w, n, 100, 70240);
            w.tamper = lose_base;
            w.tampered = lost[i];
            plan_first(&w);
            dspv_ms start = w.now;
            for (; !engine_list(client_engine(w.client), ROUND_TIP) && came < MINUTE; came = w.now - start) {
                dspv_ms next = w.now + 10;
                world_run(&w, 10);
                w.now = next > w.now ? next : w.now;
                round_look(&w, &s);
            }
            print_message("%zu peers, %u lost: the lists came after %lld ms, %u getqrinfo, %u getmnlistd\n", n, lost[i],
                          (long long)came, w.commands[WIRE_GETQRINFO], round_asked(&w));
            assert_true(came < 2 * (15000 + 2000) + 2000); /* nobody waits for all attempts */
            assert_int_equal(s.held, 1);
            round_run(&w, &s, 10 * MINUTE);
            assert_int_equal(said(&w).on_oldest, 1);
            assert_int_equal(said(&w).whole, w.commands[WIRE_GETQRINFO] - 1);
            assert_true(w.commands[WIRE_GETQRINFO] <= 2 && (w.commands[WIRE_GETQRINFO] == 2 || lost[i] <= 3));
            assert_int_equal(round_refused(&w), 0);
            finish(&w);
            assert_int_equal(round_refused(&w), 0);
            world_free(&w);
        }
    }
}

/* The list named as base does not come, but the answer without it holds it: then that is no base that is missing. */
static void lose_lowest(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    if (round_brings(w, command, payload) == LOWEST)
        *n = WORLD_DROPPED;
}

static void test_base_in_answer(void **state)
{
    struct world w;
    struct round_seen s = {0};
    (void)state;
    open_fresh(&w, 2, 100, 70240);
    w.tamper = lose_lowest;
    plan_on(&w, LOWEST, true);
    world_run(&w, 25000);
    round_lists(&w, LOWEST, 1);
    round_lists(&w, ROUND_TIP, 1);
    assert_int_equal(w.commands[WIRE_GETQRINFO], 2);
    round_run(&w, &s, 10 * MINUTE);
    assert_int_equal(round_refused(&w), 0);
    finish(&w);
    world_free(&w);
}

/* An answer on the base that was named comes when the same peer has been asked again, without it: nobody's fault, and not for ever. */
static void slow_qr_info(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    w->peers[w->speaker].latency_ms = 100;
    if (round_brings(w, command, payload) == OLDEST)
        *n = WORLD_DROPPED;
    if (strcmp(command, "qrinfo") == 0 && w->tampered++ == 0)
        w->peers[w->speaker].latency_ms = 45000;
}

static void test_late_answer(void **state)
{
    struct world w;
    struct round_seen s = {0};
    (void)state;
    open_fresh(&w, 1, 100, 70240);
    w.tamper = slow_qr_info;
    plan_on(&w, OLDEST, false);
    round_run(&w, &s, 10 * MINUTE);
    print_message("%u getqrinfo, %u refused\n", w.commands[WIRE_GETQRINFO], round_refused(&w));
    assert_int_equal(w.refused[DSPV_UNKNOWN_BASE], 0);
    assert_in_range(w.commands[WIRE_GETQRINFO], 2, 3);
    assert_int_equal(w.peers[0].connections, 1);
    w.tamper = NULL;
    w.config.masternodes = true;
    round_release(&w);
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    round_synced(&w);
    world_free(&w);
}

/* ---- lies */

/* peers[0] spoils what it says about OLDEST. */
static void lie_about_base(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    add_said(w, command, payload, *n);
    if (w->speaker != 0 || round_brings(w, command, payload) != OLDEST)
        return;
    w->tampered++;
    payload[*n / 2] ^= 1; /* in the lists */
}

static void test_lying_base(void **state)
{
    (void)state;
    for (size_t n = 2; n <= 4; n++) {
        struct world w;
        struct round_seen s = {0};
        open_fresh(&w, n, 100, 70240);
        w.tamper = lie_about_base;
        for (size_t i = 0; i < n; i++) /* the QRINFO goes to somebody else */
            w.client->peers[i]->asked = w.client->peers[i]->conn == w.peers[0].conn ? 1 : i + 1 == n ? 0 : 5;
        plan_first(&w);
        round_run(&w, &s, 10 * MINUTE);
        assert_true(w.tampered > 0);
        assert_true(round_refused(&w) >= 1);
        for (size_t i = 1; i < n; i++)
            assert_int_equal(w.peers[i].connections, 1); /* nobody else is blamed */
        assert_int_equal(said(&w).whole, 0);
        round_lists(&w, OLDEST, 1);
        finish(&w);
        world_free(&w);
    }
}

/* Chance decides who says what wrong, late or not at all; the last peer is honest. */
static void anything(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    w->peers[w->speaker].latency_ms = 10 + (dspv_ms)(test_random(&w->random) % 3000);
    if (w->speaker + 1 < w->n_peers && (strcmp(command, "mnlistdiff") == 0 || strcmp(command, "qrinfo") == 0))
        round_spoil(w, payload, n, 4);
}

static void test_anything(void **state)
{
    unsigned tampered = 0, refusals = 0;
    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        struct world w;
        struct round_seen s = {0};
        open_fresh(&w, 2 + i % 4, 50, i % 7 ? 70240 : 70235);
        w.tamper = anything;
        w.random = 77 * i + 1;
        if (i % 5 == 0)
            w.client->mn.most_held = 100;
        plan_first(&w);
        round_run(&w, &s, 30 * MINUTE);
        round_end(&w, &tampered, &refusals);
    }
    print_message("%u answers spoiled or lost, %u refused\n", tampered, refusals);
    assert_true(tampered > 60 && refusals > 20);
}

/* ---- the QRINFO does not come */

static void no_qr_info(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)payload;
    if (strcmp(command, "qrinfo") == 0 && w->tampered > 0) {
        w->tampered--;
        *n = WORLD_DROPPED;
    }
}

/* The list at the tip is asked for beside it, on the oldest one. */
static void test_silent_qr_info(void **state)
{
    struct world w;
    struct round_seen s = {0};
    (void)state;
    open_fresh(&w, 3, 100, 70240);
    w.tamper = no_qr_info;
    w.tampered = 1;
    plan_first(&w);
    world_run(&w, REQUEST_SPARE_MS + 1000);
    round_lists(&w, OLDEST, 1);
    round_lists(&w, ROUND_TIP, 1);
    assert_int_equal(round_asked(&w), 2);
    round_run(&w, &s, 10 * MINUTE);
    assert_int_equal(round_refused(&w), 0);
    finish(&w);
    world_free(&w);
}

/* ---- bounds */

static void test_no_room(void **state)
{
    static const size_t room[] = {0, 1, 100, 1000};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct world w;
        struct round_seen s = {0};
        open_fresh(&w, 3, 100, 70240);
        w.tamper = slow_base;
        w.client->mn.most_held = room[i];
        plan_first(&w);
        round_run(&w, &s, 10 * MINUTE);
        assert_int_equal(w.commands[WIRE_GETQRINFO], 2);
        assert_int_equal(said(&w).whole, 0); /* it waited for the base */
        assert_int_equal(round_refused(&w), 0);
        finish(&w);
        world_free(&w);
    }
}

static void test_out_of_memory(void **state)
{
    unsigned failures = 0;
    (void)state;
    for (size_t nth = 1; nth < 3000; nth += 1 + nth / 8) {
        struct world w;
        struct round_seen s = {0};
        open_fresh(&w, 3, 100, 70240);
        w.tamper = slow_base;
        plan_first(&w);
        w.fail_after = nth;
        round_run(&w, &s, 30 * MINUTE);
        w.fail_after = 0;
        failures += w.out_of_memory;
        assert_int_equal(round_refused(&w), 0);
        finish(&w);
        world_free(&w);
    }
    print_message("%u inputs failed for want of memory\n", failures);
    assert_true(failures > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_once),     cmocka_unit_test(test_slow_base),      cmocka_unit_test(test_silent_base),
        cmocka_unit_test(test_lying_base),  cmocka_unit_test(test_anything),       cmocka_unit_test(test_silent_qr_info),
        cmocka_unit_test(test_no_room),     cmocka_unit_test(test_out_of_memory),  cmocka_unit_test(test_base_in_answer),
        cmocka_unit_test(test_late_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
