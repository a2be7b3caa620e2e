/* The client against a peer that is silent, breaks off or lies, and against a machine without memory: it may get nowhere, but
 * world_check_honest() holds at every step and it ends synced once the trouble is over. */
#include "sync/world.h"

enum { MINUTE = 60000 };

/* ---- faults of an honest peer */

static void test_ignored_qrinfo(void **state)
{
    struct world w;
    (void)state;
    world_init(&w, "churn", 581);
    w.options.faults.ignore_getqrinfo = true;
    world_start(&w, 6);
    world_run(&w, 30 * MINUTE);
    dspv_progress p = world_progress(&w);
    assert_int_equal(p.phase, DSPV_PHASE_DEGRADED);
    assert_int_equal(p.strategy, DSPV_STRATEGY_FALLBACK);
    assert_int_equal(p.reason, DSPV_PEER_TIMEOUT);
    assert_int_equal(w.synced, 0);
    assert_int_equal(p.list_height, 581);
    assert_true(p.quorums_verified > 0 && p.quorums_verified < p.quorums_wanted);
    assert_int_equal(p.quorums_verified + p.quorums_waiting, p.quorums_wanted);
    assert_true(w.commands[WIRE_GETQRINFO] > 4); /* tried again in the background */
    /* every waiting one is rotated */
    size_t *wanted, n;
    assert_int_equal(engine_wanted(client_engine(w.client), 581, &wanted, &n), 0);
    for (size_t i = 0; i < n; i++) {
        struct quorum_view v;
        engine_quorum_at(client_engine(w.client), wanted[i], &v);
        assert_true((v.status == QUORUM_VERIFIED) == (v.quorum->c.type != w.chain->network.instantsend_type));
    }
    free(wanted);
    world_free(&w);
}

static void test_disconnects_on_qrinfo(void **state)
{
    struct world w;
    (void)state;
    world_init(&w, "churn", 581);
    w.options.faults.disconnect_on_getqrinfo = true;
    world_start(&w, 6);
    world_run(&w, 5 * MINUTE);
    dspv_progress p = world_progress(&w);
    assert_int_equal(w.synced, 0);
    assert_int_equal(p.phase, DSPV_PHASE_DEGRADED);
    assert_int_equal(p.reason, DSPV_PEER_CLOSED);
    assert_int_equal(p.list_height, 581);
    assert_true(p.quorums_verified > 0);
    world_free(&w);
}

static void test_refused_extra_share(void **state)
{
    struct world w;
    (void)state;
    world_init(&w, "churn", 581);
    w.options.faults.refuse_extra_share = true;
    world_start(&w, 6);
    assert_true(world_run_until_synced(&w, 5 * MINUTE));
    assert_true(world_check_oracle(&w) > 0);
    world_free(&w);
}

/* ---- lies */

enum { FLIP, CUT };

static bool is_answer(const char *command)
{
    return strcmp(command, "qrinfo") == 0 || strcmp(command, "mnlistdiff") == 0 || strncmp(command, "headers", 7) == 0 ||
           strcmp(command, "clsig") == 0;
}

/* Spoil the first answers, each in another way. */
static void spoil(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    if (!is_answer(command) || *n < 90 || w->tampered >= 3)
        return;
    if (test_random(&w->random) % 3 == 0)
        return;
    w->tampered++;
    if (test_random(&w->random) % 4 == CUT)
        *n = test_random(&w->random) % *n;
    else
        payload[test_random(&w->random) % *n] ^= (uint8_t)(1 + test_random(&w->random) % 255);
}

/* Whatever is spoiled: never synced falsely (world_check_honest at every step), and in the end synced. */
static void test_spoiled_answers(void **state)
{
    unsigned refused = 0, reasons = 0;
    bool seen[WORLD_REASONS] = {false};
    (void)state;
    for (unsigned i = 0; i < 120; i++) {
        struct world w;
        world_init(&w, i % 2 ? "churn" : "eras", i % 2 ? 576 : 480);
        w.tamper = spoil;
        w.random = i * 7919 + 1;
        w.options.protocol = i % 3 ? 70240 : 70235;
        w.chunk = 5000;
        world_start(&w, 7);
        bool synced = world_run_until_synced(&w, 60 * MINUTE);
        if (!synced) { /* a spoiled header can have the work it claims: then the tips are equally good until a block decides */
            block_hash ours;
            headers_hash(client_headers(w.client), headers_tip(client_headers(w.client)), &ours);
            assert_int_equal(world_phase(&w), DSPV_PHASE_DEGRADED);
            assert_memory_not_equal(ours.b, devnode_chain_hash(w.chain, w.tip)->b, 32);
        }
        w.tamper = NULL;
        world_grow(&w, w.chain->tip);
        synced = world_run_until_tip(&w, 60 * MINUTE);
        dspv_progress p = world_progress(&w);
        if (!synced)
            fail_msg("case %u: %s, %s", i, dspv_phase_name(p.phase), dspv_reason_name(p.reason));
        world_check_oracle(&w);
        for (size_t r = 0; r < WORLD_REASONS; r++) {
            refused += w.refused[r];
            reasons += w.refused[r] > 0 && !seen[r];
            seen[r] = seen[r] || w.refused[r] > 0;
        }
        world_free(&w);
    }
    print_message("%u messages refused for %u reasons\n", refused, reasons);
    assert_true(refused > 150 && reasons > 8);
}

static void spoil_all(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    if (strcmp(command, "qrinfo") == 0 || strcmp(command, "mnlistdiff") == 0)
        for (int i = 0; i < 64; i++)
            payload[test_random(&w->random) % *n] ^= 1;
}

/* The nonce is the last field of the last header: a change of it gives another block, often with enough work. */
static void fake_tip(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    if (strcmp(command, "headers2") == 0 && *n > 1000)
        payload[*n - 1] ^= (uint8_t)w->random;
}

/* A false tip with as much work as the true one is followed until a block decides; it is never called synced. */
static void test_false_tip(void **state)
{
    unsigned forks = 0;
    (void)state;
    for (unsigned i = 1; i <= 16; i++) {
        struct world w;
        world_init(&w, "churn", 560);
        w.tamper = fake_tip;
        w.random = i;
        world_start(&w, 11);
        bool synced = world_run_until_synced(&w, 20 * MINUTE);
        block_hash ours;
        headers_hash(client_headers(w.client), headers_tip(client_headers(w.client)), &ours);
        bool fork = !block_hash_eq(&ours, devnode_chain_hash(w.chain, 560));
        assert_true(synced != fork);
        assert_int_equal(world_phase(&w), fork ? DSPV_PHASE_DEGRADED : DSPV_PHASE_SYNCED);
        forks += fork;
        w.tamper = NULL;
        world_grow(&w, 562);
        assert_true(world_run_until_tip(&w, 60 * MINUTE));
        world_free(&w);
    }
    print_message("%u of 16 false tips had enough work\n", forks);
    assert_true(forks > 2 && forks < 16);
}

/* A peer that spoils everything gets nowhere, and the client does not go wild. */
static void test_only_lies(void **state)
{
    struct world w;
    (void)state;
    world_init(&w, "churn", 581);
    w.tamper = spoil_all;
    w.random = 5;
    world_start(&w, 8);
    world_run(&w, 60 * MINUTE);
    assert_int_equal(w.synced, 0);
    assert_true(w.connections > 3 && w.connections < 100);
    world_free(&w);
}

/* An answer repeated is an answer nobody asked for. */
static void test_unrequested(void **state)
{
    struct world w;
    (void)state;
    world_init(&w, "churn", 581);
    world_start(&w, 9);
    assert_true(world_run_until_synced(&w, MINUTE));
    struct writer payload, framed;
    writer_init(&payload);
    writer_init(&framed);
    mnlistdiff_encode(&payload, devnode_chain_diff(w.chain, 500));
    frame_write(&framed, w.chain->network.chain.magic, WIRE_MNLISTDIFF, payload.data, payload.n);
    for (int i = 1; i <= 5; i++) {
        size_t lists = engine_list_count(client_engine(w.client));
        assert_int_equal(dspv_in_bytes(w.client, w.peers[0].conn, framed.data, framed.n, w.now), 0);
        assert_int_equal(engine_list_count(client_engine(w.client)), lists);
    }
    world_run(&w, 0);
    assert_int_equal(w.refused[DSPV_UNREQUESTED], 5);
    assert_null(w.peers[0].node); /* closed at 100 points */
    assert_int_equal(world_phase(&w), DSPV_PHASE_CONNECTING);
    assert_true(world_run_until_synced(&w, MINUTE)); /* and tried again */
    writer_free(&payload);
    writer_free(&framed);
    world_free(&w);
}

/* ---- out of memory */

/* Whatever allocation fails, on an otherwise honest connection: no crash, no leak (sanitizers), nothing false, and it ends synced. */
static void test_out_of_memory(void **state)
{
    unsigned failures = 0;
    (void)state;
    for (size_t nth = 1; nth < 12000; nth += 1 + nth / 12) {
        struct world w;
        world_init(&w, "churn", 581);
        world_start(&w, 12);
        w.fail_after = nth;
        assert_true(world_run_until_synced(&w, 60 * MINUTE));
        failures += w.out_of_memory;
        world_free(&w);
    }
    print_message("%u inputs failed for want of memory\n", failures);
    assert_true(failures > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ignored_qrinfo),
        cmocka_unit_test(test_disconnects_on_qrinfo),
        cmocka_unit_test(test_refused_extra_share),
        cmocka_unit_test(test_spoiled_answers),
        cmocka_unit_test(test_false_tip),
        cmocka_unit_test(test_only_lies),
        cmocka_unit_test(test_unrequested),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
