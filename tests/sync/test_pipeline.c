/* Lists that build on each other are asked for together, whatever comes first, is false or does not come at all.
 * world_check_honest() holds at every step. */
#include "base/mem.h"
#include "sync/rounds.h"

enum { MINUTE = ROUND_MINUTE, FIRST = 300 };

/* ---- in flight together */

static void test_together(void **state)
{
    static const size_t peers[] = {1, 2, 3, 5};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct world w;
        struct round_seen s = {0};
        size_t n = 60, window = peers[i] * REQUEST_WINDOW < REQUEST_WINDOW_ALL ? peers[i] * REQUEST_WINDOW : REQUEST_WINDOW_ALL;
        round_ready(&w, peers[i], 500, 1);
        unsigned before = round_asked(&w);
        round_plan_chain(&w, FIRST, n);
        round_execute(&w);
        dspv_ms took = round_run(&w, &s, 10 * MINUTE);
        round_lists(&w, FIRST, n);
        assert_int_equal(round_asked(&w) - before, n);
        assert_int_equal(s.in_flight, window);
        for (size_t k = 0; k < peers[i]; k++)
            assert_in_range(w.peers[k].most_unanswered, window / peers[i], REQUEST_WINDOW); /* the servers' own count */
        assert_in_range(took, (dspv_ms)(n / window) * 500, (dspv_ms)(n / window + 2) * 500); /* one by one it were 30 s */
        assert_int_equal(round_refused(&w), 0);
        round_synced(&w);
        print_message("%zu peers: %zu lists in %lld ms, %zu in flight\n", peers[i], n, (long long)took, s.in_flight);
        world_free(&w);
    }
}

/* What the planner makes in fallback: every list below the tip's builds on the one below. */
static void no_qrinfo(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)payload;
    if (strcmp(command, "qrinfo") == 0)
        *n = WORLD_DROPPED;
    size_t all = 0;
    for (size_t i = 0; i < w->n_peers; i++)
        all += w->peers[i].unanswered;
    if (all > w->tampered)
        w->tampered = (unsigned)all;
}

static void test_fallback(void **state)
{
    struct world w;
    (void)state;
    round_world(&w, "eras", 476, 3);
    for (size_t i = 0; i < 3; i++)
        w.peers[i].latency_ms = 200;
    w.tamper = no_qrinfo;
    world_start(&w, 2);
    world_run(&w, 10 * MINUTE);
    assert_int_equal(world_progress(&w).mn_diff_failed, 0);
    assert_int_equal(world_progress(&w).mn_diff_completed, round_asked(&w));
    print_message("fallback: %u lists, %u in flight\n", round_asked(&w), w.tampered);
    assert_true(w.tampered >= 5); /* at the servers at the same time */
    w.tamper = NULL;
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    round_synced(&w);
    assert_int_equal(round_refused(&w), 0);
    world_free(&w);
}

/* ---- out of order */

/* Each answer takes its own time; those of one peer stay in order. */
static void jitter(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)payload;
    (void)n;
    if (strcmp(command, "mnlistdiff") == 0)
        w->peers[w->speaker].latency_ms = 10 + (dspv_ms)(test_random(&w->random) % 3000);
}

static void test_out_of_order(void **state)
{
    size_t most_held = 0;
    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        struct world w;
        struct round_seen s = {0};
        round_ready(&w, 2 + i % 4, 100, 3);
        w.tamper = jitter;
        w.random = i + 1;
        w.peers[0].latency_ms = i % 3 == 0 ? 5000 : 100; /* the base's server is the slow one */
        unsigned before = round_asked(&w);
        round_plan_chain(&w, FIRST, 40);
        round_execute(&w);
        round_run(&w, &s, 10 * MINUTE);
        round_lists(&w, FIRST, 40);
        assert_int_equal(round_asked(&w) - before, 40); /* nothing twice */
        assert_int_equal(round_refused(&w), 0);
        assert_int_equal(world_progress(&w).mn_diff_failed, 0);
        most_held = s.held > most_held ? s.held : most_held;
        world_free(&w);
    }
    print_message("at most %zu answers held\n", most_held);
    assert_true(most_held > 10);
}

/* ---- a base that does not come */

/* The first w->tampered answers about FIRST are lost. */
static void lose_base(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    if (round_brings(w, command, payload) == FIRST && w->tampered > 0) {
        w->tampered--;
        *n = WORLD_DROPPED;
    }
}

static void test_silent_base(void **state)
{
    (void)state;
    for (unsigned lost = 1; lost <= 3; lost++) {
        struct world w;
        struct round_seen s = {0};
        round_ready(&w, 3, 100, 4);
        w.tamper = lose_base;
        w.tampered = lost;
        unsigned before = round_asked(&w);
        round_plan_chain(&w, FIRST, 20);
        round_execute(&w);
        dspv_ms took = round_run(&w, &s, 10 * MINUTE);
        round_lists(&w, FIRST, 20);
        assert_int_equal(round_asked(&w) - before, 20 + lost); /* only the base was asked for again */
        assert_int_equal(s.held, 19);
        assert_true(took < (dspv_ms)(lost * (15000 + 3000) + 2000));
        assert_in_range(world_progress(&w).mn_diff_failed, lost - 1, lost); /* silence that another peer ended early is no failure,
                                                                             * nor is what is held */
        assert_int_equal(round_refused(&w), 0);
        world_free(&w);
    }
}

/* Nobody ever brings it: the next one is asked for on another base, and all others are there; nothing of it is held against
 * anybody. */
static void test_given_up_base(void **state)
{
    struct world w;
    struct round_seen s = {0};
    (void)state;
    round_ready(&w, 3, 100, 5);
    w.tamper = lose_base;
    w.tampered = 1000;
    unsigned before = round_asked(&w);
    round_plan_chain(&w, FIRST, 60);
    round_execute(&w);
    round_run(&w, &s, 10 * MINUTE);
    assert_true(round_asked(&w) - before <= 60 + 5 + 1); /* 4 attempts, one of them at two peers; the next list on another base */
    assert_int_equal(s.held, 59);
    assert_null(engine_list(client_engine(w.client), FIRST));
    round_lists(&w, FIRST + 1, 59);
    assert_int_equal(round_refused(&w), 0);
    world_run(&w, MINUTE);
    round_synced(&w); /* the plan was only ours */
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(w.peers[i].connections, 1);
    world_free(&w);
}

/* The request about that block is in its last attempt, and soon over. */
static void last_attempt(struct world *w, int32_t height)
{
    struct dspv *c = w->client;
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        if (r->height != height)
            continue;
        assert_int_equal(r->state, REQUEST_SENT);
        r->attempts = 100;
        r->sent -= 5000;
    }
    for (size_t i = 0; i < c->n_addresses; i++)
        whom_note_failure(c, i, PLAN_MN_DIFF); /* there is nobody fresh to ask */
}

/* Some of a chain are withheld for ever: whatever they were, all others come, at the price of one more request for each. */
static void lose_some(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    int32_t height = round_brings(w, command, payload);
    if (height >= FIRST && w->random >> (height - FIRST) & 1)
        *n = WORLD_DROPPED;
}

static void test_given_up_some(void **state)
{
    uint64_t random = 12;
    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        struct world w;
        struct round_seen s = {0};
        unsigned lost = 0;
        round_ready(&w, 1 + i % 4, 100, 5);
        w.tamper = lose_some;
        w.random = test_random(&random) & test_random(&random) & 0xffffffffff;
        round_plan_chain(&w, FIRST, 40);
        unsigned before = round_asked(&w);
        round_execute(&w);
        dspv_ms took = round_run(&w, &s, 60 * MINUTE);
        for (int32_t h = FIRST; h < FIRST + 40; h++) {
            bool withheld = w.random >> (h - FIRST) & 1;
            assert_int_equal(engine_list(client_engine(w.client), h) == NULL, withheld);
            lost += withheld;
        }
        print_message("%zu peers, %u of 40 withheld: %u asked in %lld ms\n", w.n_peers, lost, round_asked(&w) - before,
                      (long long)took);
        assert_true(round_asked(&w) - before <= 40 + lost * (unsigned)(w.n_peers + 2 + 1));
        assert_int_equal(round_refused(&w), 0);
        world_run(&w, MINUTE);
        round_synced(&w);
        world_free(&w);
    }
}

/* The same while the dependents are still on their way: the answer on the old base comes when nobody wants it any more. */
static void test_given_up_in_flight(void **state)
{
    struct world w;
    struct round_seen s = {0};
    (void)state;
    round_ready(&w, 2, 14000, 5);
    w.tamper = lose_base;
    w.tampered = 1000;
    unsigned before = round_asked(&w);
    round_plan_chain(&w, FIRST, 16);
    round_execute(&w);
    last_attempt(&w, FIRST);
    round_run(&w, &s, 40000);
    assert_null(engine_list(client_engine(w.client), FIRST));
    round_lists(&w, FIRST + 1, 15);
    assert_int_equal(round_asked(&w) - before, 16 + 1); /* one of them again */
    world_run(&w, MINUTE);
    assert_int_equal(round_refused(&w), 0); /* the answers came, and nobody is blamed */
    assert_int_equal(w.refused[DSPV_UNREQUESTED], 0);
    world_free(&w);
}

/* ---- lies */

/* peers[0] spoils w->tampered of its answers about lists from height w->random on. */
static void lie_about(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    int32_t height = round_brings(w, command, payload);
    if (w->speaker != 0 || height < (int32_t)w->random || w->tampered == 0)
        return;
    w->tampered--;
    payload[*n - 40] ^= 1;
}

static void test_lying_base(void **state)
{
    struct world w;
    struct round_seen s = {0};
    (void)state;
    for (size_t n = 2; n <= 4; n++) {
        round_ready(&w, n, 100, 6);
        w.tamper = lie_about;
        w.random = FIRST;
        w.tampered = 1000;
        round_plan_chain(&w, FIRST, 30);
        round_execute(&w);
        round_run(&w, &s, 10 * MINUTE);
        round_lists(&w, FIRST, 30);
        assert_true(round_refused(&w) >= 1);
        assert_true(w.peers[0].connections <= 2);
        for (size_t i = 1; i < n; i++)
            assert_int_equal(w.peers[i].connections, 1); /* nobody else is blamed */
        world_free(&w);
    }
}

/* The lies come early and are held, because the honest server of the base is slow; the liar may be gone when they are found
 * out. */
static void test_lying_dependents(void **state)
{
    (void)state;
    for (unsigned gone = 0; gone < 2; gone++) {
        struct world w;
        struct round_seen s = {0};
        round_ready(&w, 3, 3000, 7);
        w.tamper = lie_about;
        w.random = FIRST + 1;
        w.tampered = 1000;
        w.peers[0].latency_ms = 10;
        w.client->peers[0]->asked = 100; /* somebody else is asked for the base */
        round_plan_chain(&w, FIRST, 24);
        round_execute(&w);
        world_run(&w, 1000);
        round_look(&w, &s);
        assert_int_equal(round_refused(&w), 0);
        if (gone)
            world_break(&w, &w.peers[0]);
        size_t lies = s.held;
        assert_true(lies >= 5);
        round_run(&w, &s, 10 * MINUTE);
        round_lists(&w, FIRST, 24);
        assert_int_equal(round_refused(&w) > 0, !gone);
        for (size_t i = 1; i < 3; i++)
            assert_int_equal(w.peers[i].connections, 1);
        assert_true(w.peers[0].connections <= 2);
        assert_true(w.client->addresses[0].conduct.failed[PLAN_MN_DIFF] > 0);
        print_message("%zu lies held, liar %s: %u refused, %u asked\n", lies, gone ? "gone" : "there",
                      round_refused(&w), round_asked(&w));
        world_free(&w);
    }
}

/* Chance decides who says what wrong, late or not at all; the last peer is honest. */
static void anything(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    jitter(w, command, payload, n);
    if (w->speaker + 1 < w->n_peers && strcmp(command, "mnlistdiff") == 0)
        round_spoil(w, payload, n, 6);
}

static void test_anything(void **state)
{
    unsigned tampered = 0, refusals = 0;
    (void)state;
    for (unsigned i = 0; i < 25; i++) {
        struct world w;
        struct round_seen s = {0};
        round_ready(&w, 2 + i % 4, 50, 8);
        w.tamper = anything;
        w.random = 77 * i + 1;
        if (i % 3 == 0)
            w.peers[0].breaks_after = w.peers[0].delivered + 500 + 400 * i;
        if (i % 5 == 0)
            w.client->mn.most_held = 2000;
        round_plan_chain(&w, FIRST, 40);
        round_execute(&w);
        round_run(&w, &s, 30 * MINUTE);
        round_lists(&w, FIRST, 40); /* the honest one serves them all */
        round_end(&w, &tampered, &refusals);
    }
    print_message("%u answers spoiled or lost, %u refused\n", tampered, refusals);
    assert_true(tampered > 100 && refusals > 30);
}

/* ---- a peer that dies */

static void test_dies(void **state)
{
    unsigned broken = 0;
    (void)state;
    for (size_t after = 1; after < 30000; after += 1 + after / 3) {
        struct world w;
        struct round_seen s = {0};
        round_ready(&w, 3, 100, 9);
        w.peers[0].breaks_after = w.peers[0].delivered + after;
        w.peers[1].breaks_after = w.peers[1].delivered + 2 * after;
        unsigned before = round_asked(&w);
        round_plan_chain(&w, FIRST, 40);
        round_execute(&w);
        round_run(&w, &s, 10 * MINUTE);
        round_lists(&w, FIRST, 40);
        assert_true(round_asked(&w) - before <= 40 + 2 * REQUEST_WINDOW); /* what was in flight, and no more, again */
        assert_int_equal(round_refused(&w), 0);
        for (size_t i = 0; i < 2; i++)
            broken += w.peers[i].breaks_after == 0;
        world_free(&w);
    }
    print_message("%u connections broke\n", broken);
    assert_true(broken > 20);
}

/* ---- bounds */

static void test_room(void **state)
{
    static const size_t room[] = {0, 1, 300, 1000, 3000, 10000};
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        struct world w;
        struct round_seen s = {0};
        round_ready(&w, 3, 2000, 10);
        w.client->mn.most_held = room[i];
        w.peers[1].latency_ms = w.peers[2].latency_ms = 50;
        unsigned before = round_asked(&w);
        round_plan_chain(&w, FIRST, 40);
        round_execute(&w);
        dspv_ms took = round_run(&w, &s, 30 * MINUTE); /* round_look() checks the bound */
        round_lists(&w, FIRST, 40);
        assert_int_equal(round_refused(&w), 0);
        assert_int_equal(world_progress(&w).mn_diff_failed, 0); /* nobody is blamed for want of room */
        assert_true(round_asked(&w) - before <= 2 * 40); /* at most once more each */
        assert_int_equal(s.in_flight == 1, room[i] == 0); /* without room nothing is asked ahead */
        print_message("room for %zu bytes: %zu held, %u asked, %lld ms\n", room[i], s.held, round_asked(&w) - before,
                      (long long)took);
        world_free(&w);
    }
}

/* ---- determinism */

static void test_deterministic(void **state)
{
    uint8_t digest[3][32];
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct world w;
        struct round_seen s = {0};
        round_ready(&w, 4, 50, 11);
        w.tamper = anything;
        w.random = i < 2 ? 5 : 6;
        round_plan_chain(&w, FIRST, 40);
        round_execute(&w);
        round_run(&w, &s, 30 * MINUTE);
        memcpy(digest[i], w.digest, 32);
        world_free(&w);
    }
    assert_memory_equal(digest[0], digest[1], 32);
    assert_memory_not_equal(digest[0], digest[2], 32);
}

/* ---- the chain moves */

/* What is about blocks that stay is neither thrown away nor asked for again. */
static void test_rollback(void **state)
{
    struct world w;
    struct round_seen s = {0};
    (void)state;
    round_ready(&w, 3, 1000, 18);
    unsigned before = round_asked(&w);
    round_plan_chain(&w, FIRST, 20);
    round_execute(&w);
    assert_int_equal(round_asked(&w), before); /* nothing drained yet */
    world_run(&w, 500);
    assert_int_equal(round_asked(&w) - before, 20);
    masternodes_rollback(w.client, FIRST + 11);
    assert_int_equal(w.client->mn.n_requests, 12);
    w.client->mn.retry_at = w.now + 1000 * MINUTE;
    round_run(&w, &s, 10 * MINUTE);
    round_lists(&w, FIRST, 12);
    world_run(&w, 10000);
    assert_null(engine_list(client_engine(w.client), FIRST + 12));
    assert_int_equal(round_asked(&w) - before, 20);
    assert_int_equal(round_refused(&w), 0); /* for answers that we no longer want nobody is scored */
    world_free(&w);
}

/* A new tip in the middle of a round: its list is asked for after it, nothing else again. */
static void test_tip_moves(void **state)
{
    struct world w;
    struct round_seen s = {0};
    (void)state;
    round_world(&w, "churn", 576, 3);
    world_start(&w, 19);
    assert_true(world_run_until_synced(&w, MINUTE));
    world_run(&w, 1000);
    for (size_t i = 0; i < 3; i++)
        w.peers[i].latency_ms = 300;
    unsigned before = round_asked(&w), qr_before = w.commands[WIRE_GETQRINFO];
    round_plan_chain(&w, FIRST, 50);
    assert_int_equal(requests_start(w.client), 0);
    assert_int_equal(requests_send(w.client), 0);
    for (int32_t tip = 577; tip <= 581; tip++) {
        world_grow(&w, tip);
        world_run(&w, 100);
        w.now += 100;
        round_look(&w, &s);
    }
    assert_true(world_run_until_tip(&w, MINUTE));
    round_synced(&w);
    assert_in_range(round_asked(&w) - before, 51, 50 + 5);
    assert_int_equal(w.commands[WIRE_GETQRINFO], qr_before);
    assert_int_equal(world_progress(&w).mn_diff_failed, 0);
    assert_int_equal(round_refused(&w), 0);
    world_free(&w);
}

/* ---- out of memory */

/* Whatever allocation fails while answers are held: nothing is lost for good, nothing leaks (sanitizers). */
static void test_out_of_memory(void **state)
{
    unsigned failures = 0;
    (void)state;
    for (size_t nth = 1; nth < 4000; nth += 1 + nth / 8) {
        struct world w;
        struct round_seen s = {0};
        round_ready(&w, 3, 100, 20);
        w.peers[0].latency_ms = 1000;
        round_plan_chain(&w, FIRST, 20);
        round_execute(&w);
        w.fail_after = nth;
        round_run(&w, &s, 30 * MINUTE);
        w.fail_after = 0;
        round_lists(&w, FIRST, 20);
        failures += w.out_of_memory;
        assert_int_equal(round_refused(&w), 0);
        world_free(&w);
    }
    print_message("%u inputs failed for want of memory\n", failures);
    assert_true(failures > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_together),
        cmocka_unit_test(test_fallback),
        cmocka_unit_test(test_out_of_order),
        cmocka_unit_test(test_silent_base),
        cmocka_unit_test(test_given_up_base),
        cmocka_unit_test(test_given_up_some),
        cmocka_unit_test(test_given_up_in_flight),
        cmocka_unit_test(test_lying_base),
        cmocka_unit_test(test_lying_dependents),
        cmocka_unit_test(test_anything),
        cmocka_unit_test(test_dies),
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_rollback),
        cmocka_unit_test(test_tip_moves),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
