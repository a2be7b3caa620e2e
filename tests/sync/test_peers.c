/* The client with several peers, honest, broken and lying: work is spread, whoever fails is replaced, and what is known at the
 * end is what one honest peer would have given. world_check_honest() holds at every step. */
#include "base/mem.h"
#include "crypto/x11.h"
#include "sync/world.h"

enum { MINUTE = 60000, TIP = 581 };

static void many(struct world *w, size_t n)
{
    world_init(w, "churn", TIP);
    for (size_t i = 0; i < n; i++)
        world_add(w);
}

static void assert_synced(struct world *w)
{
    dspv_progress p = world_progress(w);
    if (p.phase != DSPV_PHASE_SYNCED)
        fail_msg("%s, %s", dspv_phase_name(p.phase), dspv_reason_name(p.reason));
    assert_int_equal(p.list_height, w->tip);
    assert_int_equal(p.quorums_verified, p.quorums_wanted);
    assert_true(world_check_oracle(w) > 0);
}

/* ---- what is known at the end */

struct knowledge {
    uint32_t wanted, verified, masternodes;
    uint8_t roots[64];
    uint8_t quorums[32]; /* the hashes of the verified ones, xored */
};

static struct knowledge knowledge_of(struct world *w)
{
    dspv_progress p = world_progress(w);
    struct engine *e = client_engine(w->client);
    const struct mnstate *s = engine_list(e, w->tip);
    struct knowledge k = {.wanted = p.quorums_wanted, .verified = p.quorums_verified, .masternodes = p.masternodes};
    size_t *wanted, n;
    memcpy(k.roots, s->cbtx.mn_root.b, 32);
    memcpy(k.roots + 32, s->cbtx.quorum_root.b, 32);
    assert_int_equal(engine_wanted(e, w->tip, &wanted, &n), 0);
    for (size_t i = 0; i < n; i++) {
        struct quorum_view v;
        engine_quorum_at(e, wanted[i], &v);
        for (size_t b = 0; b < 32 && v.status == QUORUM_VERIFIED; b++)
            k.quorums[b] ^= v.quorum->c.hash.b[b];
    }
    mem_free(wanted);
    return k;
}

/* ---- honest peers */

static unsigned asked(const struct world_peer *p)
{
    return p->commands[WIRE_GETQRINFO] + p->commands[WIRE_GETMNLISTD];
}

static void test_three_honest(void **state)
{
    struct world w;
    struct knowledge one;
    (void)state;
    many(&w, 1);
    world_start(&w, 1);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_synced(&w);
    one = knowledge_of(&w);
    world_free(&w);
    many(&w, 3);
    for (size_t i = 0; i < 3; i++)
        w.peers[i].latency_ms = 50 + 30 * (dspv_ms)i;
    world_start(&w, 1);
    assert_true(world_run_until_synced(&w, MINUTE));
    world_run(&w, 2 * MINUTE);
    assert_synced(&w);
    struct knowledge three = knowledge_of(&w);
    assert_memory_equal(&one, &three, sizeof(one));
    assert_int_equal(w.commands[WIRE_GETQRINFO], 1);
    assert_int_equal(w.connections, 3);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(devnode_peer_score(w.peers[i].node), 0);
    world_free(&w);
}

/* Without QRINFO there is much to ask for at once. */
static void test_spread(void **state)
{
    struct world w;
    unsigned all = 0;
    (void)state;
    world_init(&w, "eras", 480);
    for (size_t i = 0; i < 3; i++) {
        struct world_peer *p = world_add(&w);
        p->options.faults.ignore_getqrinfo = true;
        p->latency_ms = 200;
    }
    world_start(&w, 2);
    world_run(&w, 20 * MINUTE);
    for (size_t i = 0; i < 3; i++) {
        assert_in_range(w.peers[i].commands[WIRE_GETMNLISTD], 2, 3);
        assert_true(w.peers[i].commands[WIRE_GETQRINFO] > 0); /* each was tried before and during the fallback */
        assert_true(w.peers[i].most_unanswered <= REQUEST_WINDOW);
        all += w.peers[i].commands[WIRE_GETMNLISTD];
    }
    assert_int_equal(w.refused[DSPV_UNREQUESTED], 0);
    assert_int_equal(world_progress(&w).list_height, 480);
    print_message("%u getmnlistd: %u, %u, %u\n", all, w.peers[0].commands[WIRE_GETMNLISTD], w.peers[1].commands[WIRE_GETMNLISTD],
                  w.peers[2].commands[WIRE_GETMNLISTD]);
    world_free(&w);
}

/* ---- peers of all kinds */

static void test_mixed_protocols(void **state)
{
    static const int32_t protocols[] = {70221, 70229, 70230, 70234, 70235, 70236, 70238, 70240};
    (void)state;
    for (size_t first = 0; first < 8; first++) {
        struct world w;
        many(&w, 8);
        for (size_t i = 0; i < 8; i++) {
            w.peers[i].options.protocol = protocols[(first + i) % 8];
            w.peers[i].latency_ms = 10 + (dspv_ms)i;
        }
        world_start(&w, 3);
        assert_true(world_run_until_synced(&w, MINUTE));
        world_run(&w, 10 * MINUTE);
        assert_synced(&w);
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
        for (size_t i = 0; i < 8; i++)
            assert_true(w.peers[i].options.protocol >= 70230 || asked(&w.peers[i]) == 0);
        world_free(&w);
    }
}

/* Silent, hanging up, without H-4C, honest: in every order. */
static void test_mixed_faults(void **state)
{
    (void)state;
    for (size_t order = 0; order < 24; order++) {
        size_t places[4] = {0, 1, 2, 3};
        struct world w;
        for (size_t i = 0, rest = order; i < 4; rest /= 4 - i, i++) { /* the permutation of that number */
            size_t j = i + rest % (4 - i), swap = places[i];
            places[i] = places[j];
            places[j] = swap;
        }
        many(&w, 4);
        w.peers[places[0]].options.faults.ignore_getqrinfo = true;
        w.peers[places[1]].options.faults.disconnect_on_getqrinfo = true;
        w.peers[places[2]].options.faults.refuse_extra_share = true;
        w.peers[places[3]].options.protocol = order % 2 ? 70240 : 70235;
        world_start(&w, 4);
        assert_true(world_run_until_synced(&w, 3 * MINUTE));
        assert_synced(&w);
        assert_int_equal(w.degraded, 0); /* somebody served it: there was no reason to give up */
        assert_true(w.commands[WIRE_GETQRINFO] <= 4);
        world_free(&w);
    }
}

/* ---- behind, on another branch */

static void test_behind(void **state)
{
    (void)state;
    for (size_t late = 0; late < 3; late++) {
        struct world w;
        many(&w, 3);
        w.peers[late].behind = 30;
        w.peers[(late + 1) % 3].behind = 1;
        for (size_t i = 0; i < 3; i++)
            w.peers[i].latency_ms = i == late ? 20 : 400; /* it tells its chain before the others */
        world_start(&w, 5);
        assert_true(world_run_until_tip(&w, MINUTE));
        assert_synced(&w);
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
        assert_int_equal(world_progress(&w).mn_diff_failed, 0); /* nobody was asked for what it does not have */
        world_free(&w);
    }
}

/* One stays where it is while the chain grows: it is not asked for the new lists. */
static void test_stuck(void **state)
{
    struct world w;
    (void)state;
    many(&w, 3);
    w.tip = 560;
    world_start(&w, 5);
    assert_true(world_run_until_synced(&w, MINUTE));
    for (int32_t tip = 561; tip <= 581; tip++) {
        w.peers[0].behind++;
        world_grow(&w, tip);
        assert_true(world_run_until_tip(&w, 5000));
    }
    assert_synced(&w);
    assert_true(asked(&w.peers[0]) <= 1);
    assert_true(asked(&w.peers[1]) + asked(&w.peers[2]) >= 21); /* whoever announces a block first is asked for its list */
    assert_int_equal(world_progress(&w).mn_diff_failed + world_progress(&w).qr_info_failed, 0);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

/* The recorded chain up to `tip`; its blocks from `first` on are mined again, with other nonces: a branch. */
static struct devnode_chain fork_chain(const struct devnode_chain *from, int32_t first, int32_t tip)
{
    static const uint64_t seed[2] = {1, 2};
    struct devnode_chain fork = *from;
    size_t n = (size_t)(tip - from->start) + 1;
    uint8_t *headers = malloc(n * 80);
    fork.hashes = malloc(n * sizeof(*fork.hashes));
    assert_true(headers && fork.hashes);
    memcpy(headers, from->headers, n * 80);
    memcpy(fork.hashes, from->hashes, n * sizeof(*fork.hashes));
    fork.headers = headers;
    fork.tip = tip;
    for (size_t i = (size_t)(first - from->start); i < n; i++) {
        uint8_t *h = headers + i * 80;
        memcpy(h + 4, fork.hashes[i - 1].b, 32);
        do {
            store_le32(h + 76, load_le32(h + 76) + 1);
            x11_hash(&fork.hashes[i], h);
        } while (fork.hashes[i].b[31] >= 0x7f || memcmp(&fork.hashes[i], &from->hashes[i], 32) == 0);
    }
    map_init(&fork.heights, seed);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(map_put(&fork.heights, fork.hashes[i].b, (uint32_t)i + (uint32_t)from->start), 0);
    return fork;
}

static void fork_free(struct devnode_chain *fork)
{
    free((void *)(uintptr_t)fork->headers);
    free(fork->hashes);
    map_free(&fork->heights);
}

/* One peer is on a shorter branch, whose lists it cannot prove; it tells its chain first or last. */
static void test_other_branch(void **state)
{
    static const int32_t starts[] = {580, 574, 556};
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        struct world w;
        many(&w, 3);
        struct devnode_chain fork = fork_chain(w.chain, starts[i / 2], 579);
        w.peers[0].chain = &fork;
        for (size_t k = 0; k < 3; k++)
            w.peers[k].latency_ms = (k == 0) == (i % 2 == 0) ? 20 : 700;
        world_start(&w, 6);
        assert_true(world_run_until_tip(&w, 3 * MINUTE));
        assert_synced(&w);
        block_hash ours;
        headers_hash(client_headers(w.client), headers_tip(client_headers(w.client)), &ours);
        assert_memory_equal(ours.b, devnode_chain_hash(w.chain, TIP)->b, 32);
        world_free(&w);
        fork_free(&fork);
    }
}

/* ---- connections that break */

/* The first two break in the middle of their headers (23 kB) or of the qrinfo (20 kB). */
static void test_disappears(void **state)
{
    unsigned broken = 0;
    (void)state;
    for (size_t after = 400; after < 43000; after += after < 22000 ? after / 3 : 600) {
        struct world w;
        many(&w, 3);
        for (size_t i = 0; i < 3; i++) {
            w.peers[i].breaks_after = i < 2 ? after + i * 77 : 0;
            w.peers[i].latency_ms = 40;
        }
        world_start(&w, 7);
        assert_true(world_run_until_synced(&w, MINUTE));
        assert_synced(&w);
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
        for (size_t i = 0; i < 2; i++)
            broken += w.peers[i].breaks_after == 0;
        world_free(&w);
    }
    print_message("%u connections broke\n", broken);
    assert_true(broken > 60);
}

/* One that never answers, one that cannot be reached, and at last all but one gone for good. */
static void test_gone_for_good(void **state)
{
    struct world w;
    (void)state;
    many(&w, 3);
    w.peers[0].unreachable = true;
    world_start(&w, 8);
    world_run(&w, 0);
    w.peers[1].unreachable = true;
    world_break(&w, &w.peers[1]);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_synced(&w);
    world_free(&w);
}

/* More peers than connections: the silent ones make room for the honest one. */
static void mute(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)payload;
    if (w->speaker + 1 < w->n_peers && (strcmp(command, "qrinfo") == 0 || strcmp(command, "mnlistdiff") == 0))
        *n = WORLD_DROPPED;
}

static void test_makes_room(void **state)
{
    struct world w;
    (void)state;
    many(&w, 5);
    w.config.target_outbound = 2;
    w.tamper = mute;
    world_start(&w, 9);
    assert_true(world_run_until_synced(&w, 30 * MINUTE));
    assert_synced(&w);
    print_message("found after %lld s\n", (long long)(world_progress(&w).last_progress - world_progress(&w).started) / 1000);
    world_free(&w);
}

/* ---- lies */

static bool is_answer(const char *command)
{
    return strcmp(command, "qrinfo") == 0 || strcmp(command, "mnlistdiff") == 0;
}

/* All but the last peer spoil one byte of each answer. */
static void spoil(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    if (w->speaker + 1 == w->n_peers || !is_answer(command))
        return;
    payload[test_random(&w->random) % *n] ^= (uint8_t)(1 + test_random(&w->random) % 255);
    w->tampered++;
}

static void test_liars(void **state)
{
    unsigned refused = 0, spoiled = 0;
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        struct world w;
        many(&w, 2 + i % 3);
        w.tamper = spoil;
        w.random = i * 104729 + 1;
        world_start(&w, 10);
        assert_true(world_run_until_synced(&w, 20 * MINUTE));
        assert_synced(&w);
        for (size_t r = 0; r < WORLD_REASONS; r++)
            refused += w.refused[r];
        spoiled += w.tampered;
        assert_int_equal(w.peers[w.n_peers - 1].connections, 1); /* the honest one is never blamed */
        assert_int_equal(devnode_peer_score(w.peers[w.n_peers - 1].node), 0);
        world_free(&w);
    }
    print_message("%u answers spoiled, %u refused\n", spoiled, refused);
    assert_true(refused > 20 && refused <= spoiled);
}

/* ---- answers nobody waits for */

/* Say the recorded diff to `height` on a connection. */
static void say_diff(struct world *w, dspv_conn conn, int32_t height)
{
    struct writer payload, framed;
    writer_init(&payload);
    writer_init(&framed);
    mnlistdiff_encode(&payload, devnode_chain_diff(w->chain, height));
    frame_write(&framed, w->chain->network.chain.magic, WIRE_MNLISTDIFF, payload.data, payload.n);
    assert_int_equal(dspv_in_bytes(w->client, conn, framed.data, framed.n, w->now), 0);
    writer_free(&payload);
    writer_free(&framed);
}

static void test_unrequested(void **state)
{
    struct world w;
    (void)state;
    many(&w, 3);
    world_start(&w, 11);
    assert_true(world_run_until_synced(&w, MINUTE));
    size_t lists = engine_list_count(client_engine(w.client));
    for (int i = 0; i < 5; i++) {
        say_diff(&w, w.peers[1].conn, 500 + i);
        assert_int_equal(engine_list_count(client_engine(w.client)), lists);
    }
    world_run(&w, 1000);
    assert_int_equal(w.refused[DSPV_UNREQUESTED], 5);
    assert_null(w.peers[1].node); /* 100 points */
    assert_non_null(w.peers[0].node);
    assert_synced(&w); /* the others are enough */
    world_free(&w);
}

/* The first two answer long after the time-out: by then the third has. */
static void test_late(void **state)
{
    struct world w;
    (void)state;
    many(&w, 3);
    w.config.qr_info_timeout_ms = 4000;
    w.config.mnlist_diff_timeout_ms = 4000;
    w.peers[0].latency_ms = w.peers[1].latency_ms = 6000;
    w.peers[2].latency_ms = 6000;
    world_start(&w, 12);
    world_run(&w, 16000); /* handshake and headers are slow too */
    w.peers[2].latency_ms = 10;
    assert_true(world_run_until_synced(&w, 2 * MINUTE));
    assert_synced(&w);
    struct knowledge before = knowledge_of(&w);
    size_t lists = engine_list_count(client_engine(w.client));
    world_run(&w, MINUTE);
    struct knowledge after = knowledge_of(&w);
    assert_memory_equal(&before, &after, sizeof(before));
    assert_int_equal(engine_list_count(client_engine(w.client)), lists);
    assert_true(w.refused[DSPV_UNREQUESTED] > 0);
    assert_int_equal(w.connections, 3); /* lateness costs little */
    assert_synced(&w);
    world_free(&w);
}

/* ---- fallback and recovery */

/* Nobody answers getqrinfo until w->tampered is set; then peers[1] does. */
static void withhold(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)payload;
    if (strcmp(command, "qrinfo") == 0 && !(w->tampered && w->speaker == 1))
        *n = WORLD_DROPPED;
}

static void test_recovers(void **state)
{
    struct world w;
    (void)state;
    many(&w, 3);
    w.tamper = withhold;
    world_start(&w, 13);
    world_run(&w, 10 * MINUTE);
    dspv_progress p = world_progress(&w);
    assert_int_equal(p.phase, DSPV_PHASE_DEGRADED);
    assert_int_equal(p.strategy, DSPV_STRATEGY_FALLBACK);
    assert_int_equal(w.synced, 0);
    assert_int_equal(p.list_height, TIP);
    assert_true(p.quorums_verified > 0 && p.quorums_verified + p.quorums_waiting == p.quorums_wanted);
    for (size_t i = 0; i < 3; i++)
        assert_true(w.peers[i].commands[WIRE_GETQRINFO] > 0);
    w.tampered = 1;
    assert_true(world_run_until_synced(&w, 15 * MINUTE));
    assert_synced(&w);
    assert_true(world_progress(&w).strategy != DSPV_STRATEGY_FALLBACK);
    world_free(&w);
}

/* A new peer that serves QRINFO ends the fallback at once. */
static void test_newcomer(void **state)
{
    struct world w;
    (void)state;
    many(&w, 3);
    w.peers[0].options.faults.ignore_getqrinfo = true;
    w.peers[1].options.faults.ignore_getqrinfo = true;
    w.peers[2].unreachable = true;
    world_start(&w, 14);
    world_run(&w, 30 * MINUTE);
    assert_int_equal(world_phase(&w), DSPV_PHASE_DEGRADED);
    w.peers[2].unreachable = false;
    dspv_ms start = w.now;
    while (w.peers[2].connections == 0 && w.now < start + 20 * MINUTE)
        world_run(&w, 1000), w.now++;
    assert_int_equal(w.peers[2].connections, 1);
    assert_true(world_run_until_synced(&w, 2000));
    assert_synced(&w);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_honest),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_mixed_protocols),
        cmocka_unit_test(test_mixed_faults),
        cmocka_unit_test(test_behind),
        cmocka_unit_test(test_stuck),
        cmocka_unit_test(test_other_branch),
        cmocka_unit_test(test_disappears),
        cmocka_unit_test(test_gone_for_good),
        cmocka_unit_test(test_makes_room),
        cmocka_unit_test(test_liars),
        cmocka_unit_test(test_unrequested),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_recovers),
        cmocka_unit_test(test_newcomer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
