/* Silence, wrong answers and boasts cost little time: another peer is asked soon, liars' time-outs run side by side, and nobody
 * honest is blamed for an answer that came second. world_check_honest() holds at every step. */
#include "sync/hedge.h"
#include "sync/rounds.h"

static bool is_answer(const char *command)
{
    return strcmp(command, "qrinfo") == 0 || strcmp(command, "mnlistdiff") == 0;
}

/* A second goes by. */
static void second(struct world *w)
{
    dspv_ms next = w->now + 1000;
    world_run(w, 1000);
    w->now = next;
}

static dspv_ms synced_after(struct world *w, dspv_ms most)
{
    dspv_ms start = w->now;
    assert_true(world_run_until_synced(w, most));
    round_synced(w);
    return w->now - start;
}

/* ---- silence */

/* All but the last peer never answer. */
static void mute(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)payload;
    if (w->speaker + 1 < w->n_peers && is_answer(command))
        *n = WORLD_DROPPED;
}

static void test_silence_side_by_side(void **state)
{
    dspv_ms longest = 0;
    (void)state;
    for (size_t n = 2; n <= 8; n += 2) {
        for (uint8_t seed = 1; seed <= 4; seed++) {
            struct world w;
            round_world(&w, "churn", ROUND_TIP, n);
            w.tamper = mute;
            world_start(&w, seed);
            dspv_ms took = synced_after(&w, 10 * ROUND_MINUTE);
            longest = took > longest ? took : longest;
            assert_true(took < (dspv_ms)n * 15000); /* one after the other: 30 s each */
            assert_int_equal(w.degraded, 0);
            assert_int_equal(round_refused(&w), 0);
            assert_int_equal(w.connections, n);
            world_free(&w);
        }
    }
    print_message("seven silent peers: synced after %lld s at most\n", (long long)longest / 1000);
}

/* Slow, but honest: whoever is asked second answers, too, and that is no fault. */
static void test_slow_is_no_fault(void **state)
{
    struct world w;
    (void)state;
    round_world(&w, "churn", ROUND_TIP, 3);
    for (size_t i = 0; i < 3; i++)
        w.peers[i].latency_ms = HEDGE_AFTER_MS + 1000;
    world_start(&w, 1);
    assert_true(synced_after(&w, 2 * ROUND_MINUTE) < ROUND_MINUTE);
    assert_true(w.commands[WIRE_GETQRINFO] == 2); /* once more because of the silence, not thrice */
    world_run(&w, ROUND_MINUTE);
    assert_int_equal(round_refused(&w), 0);
    assert_int_equal(w.connections, 3);
    dspv_progress p = world_progress(&w);
    assert_int_equal(p.qr_info_failed, 0);
    assert_int_equal(p.qr_info_completed, 1);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(w.client->peers[i]->score, 0);
    world_free(&w);
}

/* Whoever answers in time is the only one who is asked. */
static void test_prompt_is_enough(void **state)
{
    struct world w;
    (void)state;
    round_world(&w, "churn", ROUND_TIP, 4);
    for (size_t i = 0; i < 4; i++)
        w.peers[i].latency_ms = HEDGE_AFTER_MS - 200;
    world_start(&w, 2);
    synced_after(&w, 2 * ROUND_MINUTE);
    assert_int_equal(w.commands[WIRE_GETQRINFO], 1);
    dspv_progress p = world_progress(&w);
    assert_int_equal(w.commands[WIRE_GETMNLISTD], p.mn_diff_completed);
    world_free(&w);
}

/* With room for one QRINFO only, nobody is asked as the second. */
static void test_parallel_limit(void **state)
{
    struct world w;
    struct round_seen seen = {0};
    (void)state;
    round_world(&w, "churn", ROUND_TIP, 4);
    w.config.qr_info_max_parallel = 1;
    w.tamper = mute;
    world_start(&w, 3);
    for (int i = 0; i < 200 && world_phase(&w) != DSPV_PHASE_SYNCED; i++) {
        second(&w);
        round_look(&w, &seen);
    }
    round_synced(&w);
    assert_int_equal(seen.qr_infos, 1);
    world_free(&w);
}

/* The second one's connection breaks, then the first one's: both failures are known, a third is asked. */
static void test_both_gone(void **state)
{
    struct world w;
    (void)state;
    round_world(&w, "churn", ROUND_TIP, 3);
    w.tamper = mute;
    world_start(&w, 1);
    while (w.commands[WIRE_GETQRINFO] < 2)
        second(&w);
    const struct request *r = &w.client->mn.requests[0];
    dspv_conn first = r->conn, second = r->hedge.conn;
    assert_true(second != 0 && second != first);
    for (size_t i = 0; i < 2; i++) { /* whoever of the mute is among them */
        w.peers[i].unreachable = true;
        if (w.peers[i].conn == first || w.peers[i].conn == second)
            world_break(&w, &w.peers[i]);
    }
    assert_true(synced_after(&w, ROUND_MINUTE) < 10000);
    world_free(&w);
}

/* ---- answers to something else */

/* All but the last peer answer about another block: its hash stands in the place of the right one. */
static void answer_otherwise(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    const uint8_t *other = devnode_chain_hash(w->chain, 300)->b;
    if (w->speaker + 1 == w->n_peers || !is_answer(command))
        return;
    if (strcmp(command, "mnlistdiff") == 0) {
        memcpy(payload + 4 + 32, other, 32);
        w->tampered++;
        return;
    }
    for (size_t i = 0; i + 32 <= *n; i++) /* every hash of a block of the cycles' */
        for (int32_t h = 400; h <= ROUND_TIP; h++)
            if (memcmp(payload + i, devnode_chain_hash(w->chain, h)->b, 32) == 0)
                memcpy(payload + i, other, 32);
    w->tampered++;
}

static void test_other_answer_fails_at_once(void **state)
{
    unsigned said = 0;
    (void)state;
    for (uint8_t seed = 1; seed <= 6; seed++) {
        struct world w;
        round_world(&w, "churn", ROUND_TIP, 3);
        w.tamper = answer_otherwise;
        world_start(&w, seed);
        assert_true(synced_after(&w, ROUND_MINUTE) < HEDGE_AFTER_MS); /* neither the time-out nor the hedge was waited for */
        assert_int_equal(w.refused[DSPV_UNREQUESTED], w.tampered);
        assert_int_equal(w.peers[2].connections, 1);
        said += w.tampered;
        world_free(&w);
    }
    print_message("%u answers about other blocks\n", said);
    assert_true(said >= 6);
}

/* A late answer proves nothing about the request that is open now. */
static void test_late_answer_fails_nothing(void **state)
{
    struct world w;
    (void)state;
    round_ready(&w, 1, 100, 4);
    struct peer *p = w.client->peers[0];
    round_plan_chain(&w, 300, 1);
    round_execute(&w);
    assert_int_equal(w.client->mn.requests[0].state, REQUEST_SENT);
    const struct mnlistdiff *other = devnode_chain_diff(w.chain, 310);
    struct writer payload;
    writer_init(&payload);
    mnlistdiff_encode(&payload, other);
    p->late = 1;
    world_say(&w, &w.peers[0], WIRE_MNLISTDIFF, payload.data, payload.n);
    assert_int_equal(w.client->mn.requests[0].state, REQUEST_SENT);
    p->dropped = 1;
    world_say(&w, &w.peers[0], WIRE_MNLISTDIFF, payload.data, payload.n);
    assert_int_equal(w.client->mn.requests[0].state, REQUEST_SENT);
    assert_int_equal(p->late + p->dropped, 0);
    world_say(&w, &w.peers[0], WIRE_MNLISTDIFF, payload.data, payload.n); /* now it can only be the answer */
    assert_int_equal(w.client->mn.requests[0].state, REQUEST_QUEUED);
    assert_int_equal(w.client->mn.requests[0].why, DSPV_UNREQUESTED);
    writer_free(&payload);
    world_free(&w);
}

/* ---- boasts */

/* The first two claim a million blocks and answer nothing else. */
static void boast(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    enum { AT_AGENT = 80 };
    if (w->speaker > 1)
        return;
    if (is_answer(command))
        *n = WORLD_DROPPED;
    if (strcmp(command, "version") == 0)
        store_le32(payload + AT_AGENT + 1 + payload[AT_AGENT], 1000000);
}

static void test_boasters_come_last(void **state)
{
    (void)state;
    for (uint8_t seed = 1; seed <= 6; seed++) {
        struct world w;
        round_world(&w, "churn", ROUND_TIP, 4);
        w.tamper = boast;
        for (size_t i = 0; i < 4; i++)
            w.peers[i].latency_ms = i < 2 ? 10 : 200;
        world_start(&w, seed);
        synced_after(&w, 2 * ROUND_MINUTE);
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(w.peers[i].commands[WIRE_GETQRINFO] + w.peers[i].commands[WIRE_GETMNLISTD], 0);
        assert_int_equal(round_refused(&w), 0);
        world_free(&w);
    }
}

/* ---- somebody comes back */

/* It was there before, and never failed: no back-off delays what only it can answer. */
static void test_comes_back(void **state)
{
    struct world w;
    (void)state;
    round_world(&w, "churn", 560, 3);
    w.tamper = mute;
    world_start(&w, 5);
    assert_true(world_run_until_synced(&w, 5 * ROUND_MINUTE));
    w.peers[2].unreachable = true;
    world_break(&w, &w.peers[2]);
    world_grow(&w, ROUND_TIP);
    world_run(&w, 40 * ROUND_MINUTE);
    assert_int_equal(world_phase(&w), DSPV_PHASE_DEGRADED);
    w.peers[2].unreachable = false;
    unsigned before = w.peers[2].connections;
    dspv_ms start = w.now;
    while (w.peers[2].connections == before && w.now < start + 20 * ROUND_MINUTE)
        second(&w);
    assert_int_equal(w.peers[2].connections, before + 1);
    assert_true(synced_after(&w, ROUND_MINUTE) < 2000);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silence_side_by_side),
        cmocka_unit_test(test_slow_is_no_fault),
        cmocka_unit_test(test_prompt_is_enough),
        cmocka_unit_test(test_parallel_limit),
        cmocka_unit_test(test_both_gone),
        cmocka_unit_test(test_other_answer_fails_at_once),
        cmocka_unit_test(test_late_answer_fails_nothing),
        cmocka_unit_test(test_boasters_come_last),
        cmocka_unit_test(test_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
