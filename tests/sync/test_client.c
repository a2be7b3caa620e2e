/* The client against the development peer, which serves chains recorded from Dash Core. The oracle is Dash Core's own answer
 * about the quorums at some heights. */
#include "sync/world.h"

#include "wire/inventory.h"

enum { MINUTE = 60000 };

/* ---- syncs, and what it then knows */

/* Dash Core prints keys in the basic encoding, whatever the commitment uses. */
static void check_key(const struct commitment *c, const uint8_t expected[48])
{
    bls_key key;
    uint8_t basic[48];
    assert_true(bls_key_decode(&key, c->public_key, commitment_is_legacy(c) ? BLS_LEGACY : BLS_BASIC));
    bls_key_encode(basic, &key, BLS_BASIC);
    assert_memory_equal(basic, expected, 48);
}

/* Dash Core's active quorums at the tip: each must be verified, with that public key. Returns how many. */
static unsigned check_oracle(struct world *w)
{
    char path[64];
    unsigned checked = 0;
    int32_t tip = headers_tip_height(client_headers(w->client));
    snprintf(path, sizeof(path), "%s/oracle.json", w->fixture);
    json_t *json = fixture_json(path), *at;
    size_t i;
    json_array_foreach(json, i, at) {
        if (json_int(at, "height") != tip)
            continue;
        const char *type_name, *hex;
        json_t *of_type, *quorum;
        json_object_foreach(json_object_get(at, "quorums"), type_name, of_type) {
            json_object_foreach(of_type, hex, quorum) {
                const struct llmq_params *p = llmq_params_by_name(type_name);
                quorum_hash hash;
                struct quorum_view v;
                assert_non_null(p);
                assert_true(hash_from_hex(hex, hash.b));
                if (!engine_quorum(client_engine(w->client), p->type, &hash, &v) || v.last_seen != tip)
                    continue; /* kept by the node, but no longer active */
                struct bytes key = json_hex(quorum, "quorumPublicKey");
                assert_int_equal(v.status, QUORUM_VERIFIED);
                assert_int_equal(v.base_height, json_int(quorum, "height"));
                check_key(&v.quorum->c, key.p);
                free(key.p);
                checked++;
            }
        }
        const char *name;
        json_t *active;
        json_object_foreach(json_object_get(at, "quorum_list_active"), name, active) {
            size_t k;
            json_t *item;
            json_array_foreach(active, k, item) {
                const char *text = json_is_string(item) ? json_string_value(item) : json_text(item, "quorumHash");
                quorum_hash hash;
                struct quorum_view v;
                assert_true(hash_from_hex(text, hash.b));
                assert_true(engine_quorum(client_engine(w->client), llmq_params_by_name(name)->type, &hash, &v));
                assert_int_equal(v.status, QUORUM_VERIFIED);
                checked++;
            }
        }
    }
    json_decref(json);
    return checked;
}

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
    /* extaddr is too young for snapshots: its node stays silent at both attempts to get a qrinfo, and counts them */
    assert_int_equal(devnode_peer_score(w.peer), strcmp(fixture, "extaddr") == 0 ? 2 : 0);
    unsigned checked = check_oracle(&w);
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
        check_oracle(&w);
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
    assert_true(check_oracle(&w) > 0);
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
    assert_true(check_oracle(&w) > 0);
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
        check_oracle(&w);
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
        assert_int_equal(dspv_in_bytes(w.client, w.conn, framed.data, framed.n, w.now), 0);
        assert_int_equal(engine_list_count(client_engine(w.client)), lists);
    }
    world_run(&w, 0);
    assert_int_equal(w.refused[DSPV_UNREQUESTED], 5);
    assert_null(w.peer); /* closed at 100 points */
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
        cmocka_unit_test(test_syncs),
        cmocka_unit_test(test_every_height),
        cmocka_unit_test(test_byte_at_a_time),
        cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_follows),
        cmocka_unit_test(test_follows_jumps),
        cmocka_unit_test(test_grows_up),
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
