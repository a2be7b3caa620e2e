/* Headers from several peers: all of them from one at a time, the rest from everybody; who stalls is replaced, who lags is not
 * believed to be all there is, and what nobody asked for is not even hashed. */
#include "crypto/x11.h"
#include "sync/header_branch.h"
#include "sync/world.h"
#include "wire/headers.h"

enum { SECOND = 1000, MINUTE = 60000, TIP = 581, LONG_TIP = 6581, SMALL_BATCH = 70234 /* headers2 of at most 2000 */ };

/* ---- chains of headers */

/* The recorded chain with 6000 more headers; made once. */
static const struct devnode_chain *long_chain(void)
{
    static struct devnode_chain chain;
    if (!chain.hashes)
        chain = branch(TIP + 1, LONG_TIP, 0);
    return &chain;
}

/* ---- worlds */

static size_t header_bytes, headers_of[WORLD_MOST_PEERS]; /* payload, by speaker */
static bool silent[WORLD_MOST_PEERS];                     /* its headers never arrive */

static void watch(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)payload;
    if (strncmp(command, "headers", 7) != 0)
        return;
    if (silent[w->speaker]) {
        *n = WORLD_DROPPED;
        return;
    }
    header_bytes += *n;
    headers_of[w->speaker] += *n;
}

static void many(struct world *w, size_t n, int32_t tip)
{
    world_init(w, "churn", tip);
    header_bytes = 0;
    memset(headers_of, 0, sizeof(headers_of));
    memset(silent, 0, sizeof(silent));
    w->tamper = watch;
    for (size_t i = 0; i < n; i++)
        world_add(w)->latency_ms = 20 + 10 * (dspv_ms)i;
}

/* Peers that serve nothing but the headers of a chain. */
static void many_long(struct world *w, size_t n, const struct devnode_chain *chain)
{
    many(w, n, chain->tip);
    w->config.masternodes = false;
    w->now = (dspv_ms)load_le32(devnode_chain_header(chain, chain->tip) + 68) * 1000 + MINUTE;
    for (size_t i = 0; i < n; i++) {
        w->peers[i].chain = chain;
        w->peers[i].options.protocol = SMALL_BATCH;
    }
}

static void say_headers_of(struct world *w, size_t speaker, const struct devnode_chain *chain, int32_t height)
{
    struct writer payload;
    struct header_run run = {devnode_chain_header(chain, height), devnode_chain_hash(chain, height), 1};
    writer_init(&payload);
    headers2_encode(&payload, &run);
    world_say(w, &w->peers[speaker], WIRE_HEADERS2, payload.data, payload.n);
    writer_free(&payload);
}

static int32_t height_of(const struct world *w)
{
    return headers_tip_height(client_headers(w->client));
}

static bool tip_is(const struct world *w, const struct devnode_chain *chain)
{
    block_hash ours;
    headers_hash(client_headers(w->client), headers_tip(client_headers(w->client)), &ours);
    return block_hash_eq(&ours, devnode_chain_hash(chain, chain->tip));
}

/* ---- one at a time */

static size_t bytes_with(size_t peers, const struct devnode_chain *chain)
{
    struct world w;
    if (chain)
        many_long(&w, peers, chain);
    else
        many(&w, peers, TIP);
    world_start(&w, 1);
    assert_true(world_run_until_synced(&w, MINUTE));
    world_run(&w, MINUTE);
    assert_int_equal(height_of(&w), chain ? LONG_TIP : TIP);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    for (size_t i = 0; i < peers; i++)
        assert_true(w.peers[i].commands[WIRE_GETHEADERS2] >= 1); /* everybody was heard */
    world_free(&w);
    return header_bytes;
}

static void test_one_at_a_time(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        size_t one = bytes_with(1, i ? long_chain() : NULL), eight = bytes_with(8, i ? long_chain() : NULL);
        print_message("%d headers: %zu bytes from one peer, %zu from eight\n", i ? LONG_TIP : TIP, one, eight);
        assert_true(one > 20000 && eight <= one + 7 * 3);
    }
}

/* The first one has few headers, the others many more: each of them tells one batch before it is known who goes on. */
static void test_first_one_lags(void **state)
{
    struct world w;
    (void)state;
    size_t all = bytes_with(1, long_chain());
    many_long(&w, 8, long_chain());
    w.peers[0].behind = 6000;
    world_start(&w, 2);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_int_equal(height_of(&w), LONG_TIP);
    print_message("%zu bytes, %zu from one peer\n", header_bytes, all);
    assert_true(header_bytes < all + 6 * all / 3 + 1000);
    world_free(&w);
}

/* One that lags by more than a batch answers a locator with nothing but what we have: it is not asked for that for ever. */
static void test_far_behind(void **state)
{
    static const int32_t behind[] = {1, 9, 40, 700, 2070, 4200, 6000}; /* 2070 and 4200: more than a batch of what we have */
    (void)state;
    for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
        struct world w;
        many_long(&w, 2, long_chain());
        w.peers[1].behind = behind[i];
        world_start(&w, 3);
        assert_true(world_run_until_tip(&w, MINUTE));
        world_run(&w, MINUTE);
        assert_true(w.peers[1].commands[WIRE_GETHEADERS2] <= 2);
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
        world_free(&w);
    }
}

/* A branch that wins only with its third batch is followed to its end. */
static void test_long_branch(void **state)
{
    struct devnode_chain ours = branch(TIP + 1, TIP + 5000, 0), better = branch(TIP - 1, LONG_TIP, 1u << 20);
    (void)state;
    for (size_t first = 0; first < 2; first++) {
        struct world w;
        many_long(&w, 2, &better);
        w.peers[first].chain = &ours;
        world_start(&w, 4);
        assert_true(world_run_until_tip(&w, MINUTE));
        assert_true(tip_is(&w, &better));
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
        assert_true(w.commands[WIRE_GETHEADERS2] < 16);
        world_free(&w);
    }
    branch_free(&ours);
    branch_free(&better);
}

/* ---- when all is told */

static void test_no_waiting_alone(void **state)
{
    struct world w;
    (void)state;
    many(&w, 1, TIP);
    dspv_ms start = w.now;
    world_start(&w, 5);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_true(w.now - start < 500);
    world_free(&w);
}

/* The lagging one is quick. The other has its chance, but no more than that. */
static void test_chance(void **state)
{
    (void)state;
    for (dspv_ms latency = 500; latency <= 4100; latency += 600) {
        struct world w;
        many(&w, 2, TIP);
        w.peers[0].behind = 30;
        w.peers[1].latency_ms = latency;
        dspv_ms start = w.now;
        world_start(&w, 6);
        bool in_time = 2 * latency < HEADER_SYNC_CHANCE_MS; /* version, headers */
        assert_true(world_run_until_synced(&w, MINUTE));
        assert_int_equal(height_of(&w), in_time ? TIP : TIP - 30);
        assert_true(in_time || w.now - start < HEADER_SYNC_CHANCE_MS + SECOND);
        assert_true(world_run_until_tip(&w, MINUTE));
        assert_int_equal(w.synced, in_time ? 1 : 2);
        world_free(&w);
    }
}

/* Unreachable ones are waited for only so long, and not at all once they are gone. */
static void test_unreachable(void **state)
{
    struct world w;
    (void)state;
    many(&w, 4, TIP);
    for (size_t i = 1; i < 4; i++)
        w.peers[i].unreachable = true;
    dspv_ms start = w.now;
    world_start(&w, 7);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_true(w.now - start < HEADER_SYNC_CHANCE_MS + SECOND);
    world_free(&w);
}

/* ---- who stalls */

static void test_stalls(void **state)
{
    struct world w;
    (void)state;
    many(&w, 3, TIP);
    silent[0] = true;
    dspv_ms start = w.now;
    world_start(&w, 8);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_true(w.now - start >= HEADER_SYNC_STALL_MS && w.now - start < HEADER_SYNC_STALL_MS + HEADER_SYNC_CHANCE_MS + SECOND);
    assert_int_equal(height_of(&w), TIP);
    assert_true(headers_of[1] > 20000 && headers_of[2] < 10);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    assert_non_null(w.peers[0].node); /* slow is no crime */
    world_run(&w, start + HEADER_SYNC_TIMEOUT_MS - SECOND - w.now);
    assert_int_equal(w.peers[0].connections, 1);
    world_run(&w, MINUTE);
    assert_int_equal(w.peers[0].connections, 2); /* but no answer at all is of no use */
    assert_int_equal(world_phase(&w), DSPV_PHASE_SYNCED);
    world_free(&w);
}

/* All stall but the last. */
static void test_all_but_one(void **state)
{
    struct world w;
    (void)state;
    many(&w, 4, TIP);
    silent[0] = silent[1] = silent[2] = true;
    dspv_ms start = w.now;
    world_start(&w, 9);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_true(w.now - start < 3 * HEADER_SYNC_STALL_MS + HEADER_SYNC_CHANCE_MS + SECOND);
    world_free(&w);
}

static uint8_t *kept;
static size_t kept_n;

static void keep_first(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    if (strcmp(command, "headers2") != 0 || w->speaker != 0 || kept)
        return;
    kept = malloc(*n);
    assert_non_null(kept);
    memcpy(kept, payload, *n);
    kept_n = *n;
    *n = WORLD_DROPPED;
}

/* A few bytes per second are as good as none; fifteen thousand are slow, but not too slow. */
static void dribble(const struct devnode_chain *chain, size_t per_second, bool replaced)
{
    struct world w;
    struct writer framed;
    many_long(&w, 2, chain);
    w.peers[0].options.protocol = w.peers[1].options.protocol = 70240;
    w.tamper = keep_first;
    kept = NULL;
    dspv_ms start = w.now;
    world_start(&w, 10);
    world_run(&w, 100);
    assert_non_null(kept);
    writer_init(&framed);
    frame_write(&framed, w.chain->network.chain.magic, WIRE_HEADERS2, kept, kept_n);
    for (size_t at = 0, n; at < framed.n && w.peers[1].commands[WIRE_GETHEADERS2] == 0; at += n) {
        n = framed.n - at < per_second ? framed.n - at : per_second;
        assert_int_equal(dspv_in_bytes(w.client, w.peers[0].conn, framed.data + at, n, w.now), 0);
        if (at + n < framed.n)
            world_run(&w, SECOND), w.now += SECOND, assert_int_equal(dspv_in_tick(w.client, w.now), 0);
    }
    world_run(&w, 100);
    assert_int_equal(client_peer(w.client, w.peers[0].conn)->headers_asked, replaced);
    assert_true(w.now - start > HEADER_SYNC_STALL_MS);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_int_equal(height_of(&w), chain->tip);
    writer_free(&framed);
    free(kept);
    world_free(&w);
}

static void test_dribbles(void **state)
{
    (void)state;
    dribble(long_chain(), 20, true);
    dribble(long_chain(), 5000, true);
    dribble(long_chain(), 15000, false);
}

/* The answer that comes after all is taken, and nobody is blamed. */
static void test_late_answer(void **state)
{
    struct world w;
    (void)state;
    many(&w, 2, TIP);
    w.tamper = keep_first;
    kept = NULL;
    world_start(&w, 11);
    assert_true(world_run_until_synced(&w, MINUTE));
    world_run(&w, 20 * SECOND);
    assert_false(client_peer(w.client, w.peers[0].conn)->headers_done);
    world_say(&w, &w.peers[0], WIRE_HEADERS2, kept, kept_n);
    world_run(&w, 0);
    assert_true(client_peer(w.client, w.peers[0].conn)->headers_done);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_say(&w, &w.peers[0], WIRE_HEADERS2, kept, kept_n); /* once */
    world_run(&w, 0);
    assert_int_equal(w.refused[DSPV_UNREQUESTED], 1);
    free(kept);
    world_free(&w);
}

/* ---- who claims more than it tells */

enum { VERSION_AGENT = 80, CLAIM = 100000 };

static bool boasts[WORLD_MOST_PEERS]; /* claims CLAIM blocks and tells none */

static void boast(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    if (!boasts[w->speaker])
        return;
    if (strcmp(command, "version") == 0)
        store_le32(payload + VERSION_AGENT + 1 + payload[VERSION_AGENT], CLAIM);
    if (strncmp(command, "headers", 7) == 0) {
        payload[0] = 0;
        *n = 1;
    }
}

/* `boasters`: a bit for each peer. */
static void many_boasters(struct world *w, size_t n, unsigned boasters)
{
    many(w, n, TIP);
    w->tamper = boast;
    for (size_t i = 0; i < n; i++)
        boasts[i] = (boasters >> i & 1) != 0;
}

/* Nobody else is there: never synced, the reason is said, they are asked again, and once they tell all is well. */
static void test_only_boasters(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        struct world w;
        many_boasters(&w, n, 7);
        world_start(&w, 20);
        world_pass(&w, HEADER_SYNC_CHANCE_MS - SECOND);
        assert_int_equal(world_phase(&w), DSPV_PHASE_HEADERS);
        world_pass(&w, HEADER_SYNC_CHANCE_MS + 2 * SECOND);
        assert_int_equal(world_phase(&w), DSPV_PHASE_DEGRADED);
        assert_int_equal(world_progress(&w).reason, DSPV_PEER_BOASTS);
        world_pass(&w, 10 * MINUTE);
        assert_int_equal(world_phase(&w), DSPV_PHASE_DEGRADED);
        assert_int_equal(w.synced, 0);
        for (size_t i = 0; i < n; i++) {
            unsigned asked = w.peers[i].commands[WIRE_GETHEADERS2];
            assert_true(asked >= 15 && asked <= 25);
            assert_int_equal(w.peers[i].connections, 1); /* there is nobody to take its place */
        }
        boasts[n - 1] = false; /* its claim is still too high */
        world_pass(&w, MINUTE);
        assert_int_equal(height_of(&w), TIP);
        assert_int_equal(w.synced, 0);
        world_break(&w, &w.peers[n - 1]);
        assert_true(world_run_until_synced(&w, MINUTE));
        assert_int_equal(height_of(&w), TIP);
        world_free(&w);
    }
}

/* They have all the places: they lose them to somebody who has not been tried. */
static void test_boasters_are_replaced(void **state)
{
    (void)state;
    for (size_t honest = 0; honest < 5; honest++) {
        struct world w;
        many_boasters(&w, 5, 31u & ~(1u << honest));
        w.config.target_outbound = 2;
        dspv_ms start = w.now;
        world_start(&w, 21);
        assert_true(world_run_until_synced(&w, 5 * MINUTE));
        assert_int_equal(height_of(&w), TIP);
        assert_true(w.now - start < (dspv_ms)(honest / 2) * (HEADER_SYNC_DOUBT_MS + SECOND) + HEADER_SYNC_CHANCE_MS + SECOND);
        world_free(&w);
    }
}

/* Likewise those whose chain is true as far as it goes, but has less work than this network had long ago. */
static void test_low_work_is_replaced(void **state)
{
    (void)state;
    for (size_t honest = 1; honest < 4; honest++) {
        struct world w;
        many(&w, 4, TIP);
        for (size_t i = 0; i < 4; i++)
            w.peers[i].behind = i == honest ? 0 : 100;
        w.config.target_outbound = 1;
        world_start(&w, 22);
        store_le32(w.client->net.chain.minimum_chain_work, 2 * (TIP + 1)); /* a block of regtest has 2 */
        world_pass(&w, 2 * SECOND);
        assert_int_equal(world_progress(&w).reason, DSPV_LOW_WORK);
        assert_true(world_run_until_synced(&w, 5 * MINUTE));
        assert_int_equal(height_of(&w), TIP);
        world_free(&w);
    }
}

/* Beside an honest one a boaster is waited for as long as anybody else, and no longer. */
static void test_boaster_delays_little(void **state)
{
    (void)state;
    for (unsigned boaster = 0; boaster < 2; boaster++) {
        struct world w;
        many_boasters(&w, 2, 1u << boaster);
        dspv_ms start = w.now;
        world_start(&w, 22);
        assert_true(world_run_until_synced(&w, MINUTE));
        assert_int_equal(height_of(&w), TIP);
        assert_true(w.now - start < HEADER_SYNC_CHANCE_MS + SECOND);
        world_pass(&w, 5 * MINUTE);
        assert_int_equal(world_phase(&w), DSPV_PHASE_SYNCED);
        assert_int_equal(w.synced, 1);
        assert_int_equal(w.peers[boaster].connections, 1);
        world_break(&w, &w.peers[1 - boaster]); /* alone, a boaster is no proof that this is still the tip */
        w.peers[1 - boaster].unreachable = true;
        world_pass(&w, MINUTE);
        assert_int_equal(world_phase(&w), DSPV_PHASE_DEGRADED);
        assert_int_equal(world_progress(&w).reason, DSPV_PEER_BOASTS);
        world_free(&w);
    }
}

/* A claim that was kept once counts, although the best chain may become lower than it. */
static void test_kept_claim(void **state)
{
    struct world w;
    (void)state;
    many(&w, 1, TIP);
    world_start(&w, 23);
    assert_true(world_run_until_synced(&w, MINUTE));
    client_peer(w.client, w.peers[0].conn)->start_height = TIP + 2; /* as if two blocks had gone */
    world_pass(&w, 5 * MINUTE);
    assert_int_equal(world_phase(&w), DSPV_PHASE_SYNCED);
    assert_int_equal(w.synced, 1);
    world_free(&w);
}

/* ---- a tip whose list nobody has */

static void withhold_lists(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)payload;
    if (w->speaker == 1 && (strcmp(command, "mnlistdiff") == 0 || strcmp(command, "qrinfo") == 0))
        *n = WORLD_DROPPED;
}

/* Peer 1 tells one block more than everybody; it is valid, but nobody serves its list. `before`: the client was synced. */
static void withhold(struct world *w, const struct devnode_chain *withheld, bool before)
{
    many(w, 3, 571);
    w->peers[1].chain = withheld;
    w->tamper = withhold_lists;
    w->peers[0].behind = w->peers[1].behind = w->peers[2].behind = 1;
    world_start(w, 24);
    if (!before)
        w->peers[1].behind = 0;
    else
        assert_true(world_run_until_synced(w, MINUTE));
    if (before)
        say_headers_of(w, 1, withheld, 571);
    for (int i = 0; i < 20; i++) {
        world_pass(w, 30 * SECOND);
        assert_int_equal(height_of(w), 571);
        assert_int_equal(w->synced, before);
    }
    assert_int_equal(world_phase(w), DSPV_PHASE_DEGRADED);
    assert_int_not_equal(world_progress(w).reason, DSPV_OK);
}

/* Never synced while it is the tip, the reason is said, and when the others have more it is left. */
static void test_withheld_tip(void **state)
{
    struct devnode_chain withheld = branch(571, 571, 1u << 20);
    (void)state;
    for (int before = 0; before < 2; before++) {
        struct world w;
        withhold(&w, &withheld, before);
        print_message("%s: %s\n", before ? "synced before" : "from nothing", dspv_reason_name(world_progress(&w).reason));
        w.peers[0].behind = w.peers[2].behind = 0;
        world_grow(&w, 572);
        assert_true(world_run_until_tip(&w, 3 * MINUTE));
        assert_int_equal(height_of(&w), 572);
        world_free(&w);
    }
    branch_free(&withheld);
}

/* What can be verified below it is, so that a ChainLock of a block beside it decides, although no branch is longer. */
static void test_lock_against_withheld(void **state)
{
    struct devnode_chain withheld = branch(571, 571, 1u << 20);
    (void)state;
    for (int before = 0; before < 2; before++) {
        struct world w;
        withhold(&w, &withheld, before);
        dspv_ms start = w.now;
        assert_true(tip_is(&w, &withheld));
        w.peers[0].behind = w.peers[2].behind = 0;
        world_grow(&w, 571);
        assert_true(world_run_until_synced(&w, 10 * MINUTE));
        assert_int_equal(height_of(&w), 571);
        assert_false(tip_is(&w, &withheld));
        print_message("after %lld s\n", (long long)(w.now - start) / SECOND);
        world_free(&w);
    }
    branch_free(&withheld);
}

/* ---- what nobody asked for */

/* Headers `first` .. of the chain, from peers[speaker]; `spoil`: a byte of the first one to change, -1: none. */
static void say_headers(struct world *w, size_t speaker, int32_t first, uint32_t n, int spoil, size_t cut)
{
    struct writer payload;
    struct header_run run = {devnode_chain_header(w->chain, first), devnode_chain_hash(w->chain, first), n};
    writer_init(&payload);
    headers2_encode(&payload, &run);
    size_t at = n >= 0xfd ? 4 : 2; /* the count, the flags */
    if (spoil >= 0)
        payload.data[at + (size_t)spoil] ^= 0x10;
    world_say(w, &w->peers[speaker], WIRE_HEADERS2, payload.data, payload.n - cut);
    writer_free(&payload);
}

static void test_announcements(void **state)
{
    struct world w;
    (void)state;
    many(&w, 3, 560);
    world_start(&w, 12);
    assert_true(world_run_until_synced(&w, MINUTE));
    world_run(&w, SECOND);
    for (unsigned i = 1; i <= 5; i++) {
        say_headers(&w, 1, 561, 9 + i, -1, 0);
        assert_int_equal(height_of(&w), 560); /* good headers, but not looked at */
        world_run(&w, 0);
        assert_int_equal(w.refused[DSPV_UNREQUESTED], i);
    }
    assert_null(w.peers[1].node);
    say_headers(&w, 2, 561, 8, -1, 0);
    assert_int_equal(height_of(&w), 568);
    world_run(&w, 0);
    assert_int_equal(w.refused[DSPV_UNREQUESTED], 5);
    world_free(&w);
}

/* The first header decides before anything else of the message is looked at: it may end in the middle. */
static void test_first_header(void **state)
{
    enum { PREV = 4, BITS = 72, NONCE = 76 };
    static const struct {
        int spoil;
        dspv_reason why;
    } cases[] = {{PREV, DSPV_PREV_UNKNOWN}, {BITS + 2, DSPV_BAD_DIFFBITS}, {BITS + 3, DSPV_BAD_TARGET}, {-1, DSPV_TRUNCATED}};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct world w;
        many(&w, 1, 560);
        world_start(&w, 13);
        assert_true(world_run_until_synced(&w, MINUTE));
        size_t before = headers_count(client_headers(w.client));
        client_peer(w.client, w.peers[0].conn)->headers_owed = 2; /* it was asked */
        client_peer(w.client, w.peers[0].conn)->headers_asked = true;
        say_headers(&w, 0, 561, 20, cases[i].spoil, 1);
        assert_int_equal(headers_count(client_headers(w.client)), before);
        world_run(&w, 0);
        assert_int_equal(w.refused[cases[i].why], 1);
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 1);
        world_free(&w);
    }
}

/* Proof of work: change the nonce until it fails. */
static void test_no_work(void **state)
{
    struct world w;
    uint8_t raw[HEADER_SIZE];
    block_hash hash;
    struct writer payload;
    (void)state;
    many(&w, 1, 560);
    world_start(&w, 14);
    assert_true(world_run_until_synced(&w, MINUTE));
    memcpy(raw, devnode_chain_header(w.chain, 561), HEADER_SIZE);
    do {
        store_le32(raw + 76, load_le32(raw + 76) + 1);
        x11_hash(&hash, raw);
    } while (hash.b[31] < 0x80);
    struct header_run run = {raw, &hash, 1};
    writer_init(&payload);
    headers2_encode(&payload, &run);
    world_say(&w, &w.peers[0], WIRE_HEADERS2, payload.data, payload.n);
    world_run(&w, 0);
    assert_int_equal(w.refused[DSPV_HIGH_HASH], 1);
    assert_int_equal(height_of(&w), 560);
    writer_free(&payload);
    world_free(&w);
}

/* Who announces old headers without end is not heard any more, but asked now and then; what it really has is still learned. */
static void test_endless_announcements(void **state)
{
    enum { MESSAGES = 5000, OLD = 100 };
    struct world w;
    (void)state;
    many(&w, 1, TIP - 1);
    world_start(&w, 12);
    assert_true(world_run_until_synced(&w, MINUTE));
    unsigned asked = w.peers[0].commands[WIRE_GETHEADERS2];
    for (int i = 0; i < MESSAGES; i++)
        say_headers_of(&w, 0, w.chain, i % OLD);
    unsigned taken = HEADER_SYNC_NEWS_AT_ONCE - 1;
    assert_true(client_peer(w.client, w.peers[0].conn)->announcements.full_at >=
                w.now + (dspv_ms)taken * HEADER_SYNC_NEWS_REFILL_MS);
    world_run(&w, 20 * SECOND);
    asked = w.peers[0].commands[WIRE_GETHEADERS2] - asked;
    assert_in_range(asked, 1, HEADER_SYNC_PROMPTS_AT_ONCE);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_grow(&w, TIP);
    assert_true(world_run_until_tip(&w, MINUTE));
    assert_int_equal(height_of(&w), TIP);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_at_a_time),
        cmocka_unit_test(test_first_one_lags),
        cmocka_unit_test(test_far_behind),
        cmocka_unit_test(test_long_branch),
        cmocka_unit_test(test_no_waiting_alone),
        cmocka_unit_test(test_chance),
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_stalls),
        cmocka_unit_test(test_all_but_one),
        cmocka_unit_test(test_dribbles),
        cmocka_unit_test(test_late_answer),
        cmocka_unit_test(test_only_boasters),
        cmocka_unit_test(test_boasters_are_replaced),
        cmocka_unit_test(test_low_work_is_replaced),
        cmocka_unit_test(test_boaster_delays_little),
        cmocka_unit_test(test_kept_claim),
        cmocka_unit_test(test_withheld_tip),
        cmocka_unit_test(test_lock_against_withheld),
        cmocka_unit_test(test_announcements),
        cmocka_unit_test(test_endless_announcements),
        cmocka_unit_test(test_first_header),
        cmocka_unit_test(test_no_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
