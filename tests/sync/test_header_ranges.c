/* Ranges between checkpoints: whatever the peers make of the questions, and in whatever order the answers are hashed, what ends
 * up in the chain is what would have been without; who lies about a range is found out, and nobody else. */
#include "sync/header_branch.h"
#include "sync/world.h"
#include "wire/headers.h"

enum { MINUTE = 60000, APART = 250, SHORT = 40 /* ranges of that length */, LONG = 9000 /* and one of two messages */ };
enum { TOP = SHORT * APART + LONG, TIP = TOP + 300, RANGES = SHORT + 1 };

static struct devnode_chain chain;
static struct checkpoint checkpoints[RANGES];

static void begin_on(struct world *w, const struct devnode_chain *served, size_t peers)
{
    world_init_chain(w, served, TIP);
    w->now += (dspv_ms)TIP * 1000 + MINUTE;
    w->keeps_header_jobs = true;
    w->config.masternodes = false;
    w->chunk = 200000;
    for (size_t i = 0; i < peers; i++)
        world_add(w)->latency_ms = 1;
    world_start(w, 7);
}

static void begin(struct world *w, size_t peers)
{
    begin_on(w, &chain, peers);
}

static int32_t height(const struct world *w)
{
    return headers_tip_height(client_headers(w->client));
}

static struct peer *sync_peer(const struct world *w)
{
    return client_peer(w->client, w->client->header_sync.peer);
}

static struct header_range *range(const struct world *w, size_t i)
{
    assert_true(i < w->client->header_ranges.n);
    return &w->client->header_ranges.r[i];
}

static void finish_all(struct world *w)
{
    while (w->n_jobs > 0)
        world_finish_job(w, w->now / 10 % 2 ? w->n_jobs - 1 : 0, w->now % 3 != 0);
}

static void run_to_tip(struct world *w)
{
    for (int i = 0; i < 200 && height(w) < TIP; i++) {
        world_pass(w, 101);
        finish_all(w);
    }
    assert_int_equal(height(w), TIP);
    block_hash tip = headers_tip_hash(client_headers(w->client));
    assert_true(block_hash_eq(&tip, devnode_chain_hash(&chain, TIP)));
}

static void in_the_end(struct world *w)
{
    run_to_tip(w);
    w->keeps_header_jobs = false;
    assert_true(world_run_until_synced(w, MINUTE));
    world_free(w);
}

static void say_range(struct world *w, size_t peer, int32_t start, int32_t end)
{
    struct header_run run = {devnode_chain_header(&chain, start + 1), devnode_chain_hash(&chain, start + 1),
                             (uint32_t)(end - start)};
    struct writer payload;
    writer_init(&payload);
    headers2_encode(&payload, &run);
    world_say(w, &w->peers[peer], WIRE_HEADERS2, payload.data, payload.n);
    writer_free(&payload);
}

/* ---- honest peers */

/* All are asked for at once; each is asked for once. */
static void all_at_once(void **state)
{
    struct world w;
    (void)state;
    begin(&w, 1);
    world_pass(&w, 100);
    assert_int_equal(w.client->header_ranges.n, RANGES);
    assert_int_equal(w.commands[WIRE_GETHEADERS2], RANGES);
    assert_int_equal(sync_peer(&w)->ranges_owed, 0);
    assert_int_equal(height(&w), 0);
    run_to_tip(&w);
    assert_int_equal(w.commands[WIRE_GETHEADERS], 0);
    assert_int_equal(w.commands[WIRE_GETHEADERS2], RANGES + 1); /* the rest of the last range, and what is above, together */
    assert_int_equal(w.client->header_ranges.n, 0);
    assert_int_equal(w.connections, 1);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    in_the_end(&w);
}

/* Nothing is added before its turn: the group with the lowest range comes back last. */
static void each_in_its_turn(void **state)
{
    struct world w;
    (void)state;
    begin(&w, 1);
    world_pass(&w, 100);
    for (int i = 0; i < 10 && w.n_jobs > 1; i++) {
        while (w.n_jobs > 1)
            world_finish_job(&w, 1, true);
        assert_int_equal(height(&w), 0);
        world_pass(&w, 100);
    }
    world_finish_job(&w, 0, true);
    assert_true(height(&w) >= SHORT * APART);
    in_the_end(&w);
}

/* While answers are on their way the first ones wait for others, but not long. */
static void waiting_for_company(void **state)
{
    struct world w;
    (void)state;
    if (header_lanes_full() == 1)
        skip();
    begin(&w, 1);
    w.chunk = 3000; /* an answer is 10 kB */
    w.peers[0].latency_ms = 50;
    while (!range(&w, 0)->first)
        world_pass(&w, 1);
    w.peers[0].latency_ms = 5 * MINUTE; /* what is not on its way yet */
    dspv_ms came = w.now;
    while (w.n_jobs == 0)
        world_pass(&w, 1);
    assert_in_range(w.now - came, 0, HEADER_LANES_WAIT_MS + 1);
    w.peers[0].latency_ms = 1;
    in_the_end(&w);
}

/* A range that does not fit in memory is not begun before it is the lowest. */
static void only_what_fits(void **state)
{
    const struct checkpoint far[] = {
        {500, *devnode_chain_hash(&chain, 500)}, {1000, *devnode_chain_hash(&chain, 1000)}, {HEADER_RANGES_ROOM + 501, {{0}}}};
    struct devnode_chain sparse = chain;
    struct world w;
    (void)state;
    sparse.network.chain.checkpoints = far;
    sparse.network.chain.n_checkpoints = 3;
    world_init_chain(&w, &sparse, 900);
    world_add(&w);
    world_start(&w, 7);
    assert_int_equal(w.client->header_ranges.n, 2);
    assert_int_equal(range(&w, 1)->end, 1000);
    world_pass(&w, 100);
    assert_int_equal(height(&w), 900);
    assert_int_equal(w.client->header_ranges.n, 2);
    assert_int_equal(range(&w, 1)->end, HEADER_RANGES_ROOM + 501);
    world_free(&w);
}

static void who_is_not_asked(void **state)
{
    (void)state;
    for (int why = 0; why < 2; why++) {
        struct world w;
        world_init_chain(&w, &chain, TIP);
        if (why == 0)
            w.options.services &= ~(uint64_t)SERVICE_HEADERS_COMPRESSED;
        w.now += (dspv_ms)TIP * 1000 + MINUTE;
        w.config.masternodes = false;
        world_add(&w)->behind = why == 1 ? TIP - 3 * APART - 10 : 0; /* it can tell three ranges */
        world_start(&w, 7);
        world_run(&w, MINUTE);
        assert_int_equal(height(&w), why == 1 ? 3 * APART + 10 : TIP);
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
        assert_int_equal(w.connections, 1);
        world_free(&w);
    }
}

/* ---- liars. The second peer is honest. */

enum lie { CHANGED, CUT, DROPPED, NOTHING, SHORTER, LONGER /* beside a dropped one */ };
enum { SMALLEST_ENTRY = 39, EVERY_ONE = 0 /* of the first peer's answers */ };
static enum lie lie;
static unsigned nth, answers;

static void tell_otherwise(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    if (strcmp(command, "headers2") != 0 || (++answers != nth && (nth != EVERY_ONE || w->speaker != 0)))
        return;
    w->tampered++;
    switch (lie) {
    case CHANGED: payload[*n / 2] ^= 1; break;
    case CUT: *n -= 1; break;
    case DROPPED:
    case LONGER: *n = WORLD_DROPPED; break;
    case NOTHING:
        payload[0] = 0;
        *n = 1;
        break;
    case SHORTER:
        payload[0]--;
        *n -= SMALLEST_ENTRY;
        break;
    }
}

static dspv_conn begin_with_a_liar_on(struct world *w, const struct devnode_chain *served, enum lie what, unsigned answer)
{
    lie = what;
    nth = answer;
    answers = 0;
    begin_on(w, served, 2);
    w->tamper = tell_otherwise;
    while (!w->client->header_sync.peer)
        world_pass(w, 1);
    return w->client->header_sync.peer;
}

static dspv_conn begin_with_a_liar(struct world *w, enum lie what, unsigned answer)
{
    return begin_with_a_liar_on(w, &chain, what, answer);
}

/* It is refused as soon as it is hashed; of what else that peer told nothing is lost. */
static void a_false_range(void **state)
{
    (void)state;
    for (unsigned i = 2; i <= RANGES; i += 7) {
        struct world w;
        dspv_conn liar = begin_with_a_liar(&w, CHANGED, i);
        world_pass(&w, 100);
        assert_int_equal(w.tampered, 1);
        unsigned asked = w.commands[WIRE_GETHEADERS2];
        for (int k = 0; k < 20 && w.n_jobs > 0; k++) {
            world_finish_job(&w, w.n_jobs - 1, true);
            if (w.refused[DSPV_CHECKPOINT_MISMATCH] == 0)
                world_pass(&w, 10);
        }
        run_to_tip(&w);
        assert_int_equal(w.refused[DSPV_CHECKPOINT_MISMATCH], 1);
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 1);
        assert_null(client_peer(w.client, liar));
        assert_in_range(w.commands[WIRE_GETHEADERS2], asked + 1, asked + 7);
        in_the_end(&w);
    }
}

/* Who lies about many ranges is refused once. */
static void a_false_chain(void **state)
{
    struct world w;
    (void)state;
    dspv_conn liar = begin_with_a_liar(&w, CHANGED, EVERY_ONE);
    run_to_tip(&w);
    assert_null(client_peer(w.client, liar));
    assert_true(w.tampered > 1);
    assert_int_equal(w.refused[DSPV_CHECKPOINT_MISMATCH], 1);
    in_the_end(&w);
}

/* Nothing of it is hashed. */
static void a_malformed_range(void **state)
{
    struct world w;
    (void)state;
    dspv_conn liar = begin_with_a_liar(&w, CUT, 3);
    run_to_tip(&w);
    assert_null(client_peer(w.client, liar));
    assert_int_equal(w.refused[DSPV_TRUNCATED], 1);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 1);
    in_the_end(&w);
}

/* Others bring the tip beyond a range whose headers are being hashed. */
static void a_range_that_is_passed(void **state)
{
    struct checkpoint few[RANGES];
    struct devnode_chain other = chain;
    (void)state;
    memcpy(few, checkpoints, sizeof(few));
    few[0] = (struct checkpoint){3, *devnode_chain_hash(&chain, 3)};
    other.network.chain.checkpoints = few;
    for (int way = 0; way < 2; way++) {
        struct world w;
        begin_on(&w, &other, 2);
        world_pass(&w, 100);
        assert_true(w.n_jobs > 0);
        say_range(&w, w.peers[0].conn == w.client->header_sync.peer ? 1 : 0, 0, 3);
        world_pass(&w, 1);
        assert_int_equal(height(&w), 3);
        assert_int_equal(range(&w, 0)->start, 3);
        if (way == 0)
            in_the_end(&w);
        else
            world_free(&w);
    }
}

/* It ends where it should, but does not hang together: that is seen when its turn comes. */
static void a_range_with_a_gap(void **state)
{
    static const int32_t from = 5 * APART, n = APART;
    uint8_t raw[APART * HEADER_SIZE];
    block_hash hashes[APART];
    struct writer payload;
    struct world w;
    (void)state;
    begin(&w, 2);
    w.peers[0].latency_ms = w.peers[1].latency_ms = 300;
    while (!w.client->header_sync.peer || sync_peer(&w)->ranges_owed == 0)
        world_pass(&w, 1);
    dspv_conn liar = w.client->header_sync.peer;
    memcpy(raw, devnode_chain_header(&chain, from + 1), sizeof(raw));
    memcpy(hashes, devnode_chain_hash(&chain, from + 1), sizeof(hashes));
    hashes[n / 2].b[0] ^= 1; /* so the prev that names it is not left out */
    raw[(n / 2) * HEADER_SIZE + 40] ^= 1;
    struct header_run run = {raw, hashes, (uint32_t)n};
    writer_init(&payload);
    headers2_encode(&payload, &run);
    world_say(&w, &w.peers[w.peers[0].conn == liar ? 0 : 1], WIRE_HEADERS2, payload.data, payload.n);
    world_run(&w, 0);
    assert_non_null(range(&w, 5)->first);
    run_to_tip(&w);
    assert_int_equal(w.refused[DSPV_NOT_CONTINUOUS] + w.refused[DSPV_HIGH_HASH], 1);
    assert_null(client_peer(w.client, liar));
    writer_free(&payload);
    in_the_end(&w);
}

/* One answer is not there: the peer stalls, another tells the rest of the ranges, and only that. */
static void an_answer_that_never_comes(void **state)
{
    struct world w;
    (void)state;
    dspv_conn first = begin_with_a_liar(&w, DROPPED, 3);
    world_pass(&w, 100);
    finish_all(&w);
    assert_int_equal(height(&w), 2 * APART);
    unsigned asked = w.commands[WIRE_GETHEADERS2];
    for (int i = 0; i < HEADER_SYNC_STALL_MS / 1000 + 2; i++) {
        world_pass(&w, 1000);
        finish_all(&w);
    }
    assert_int_not_equal(w.client->header_sync.peer, first);
    run_to_tip(&w);
    assert_in_range(w.commands[WIRE_GETHEADERS2], asked + 1, asked + 6);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    in_the_end(&w);
}

static bool all_mute;

static void drop_all(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)payload;
    if ((w->speaker != 0 && !all_mute) || strcmp(command, "headers2") != 0)
        return;
    w->tampered++;
    *n = WORLD_DROPPED;
}

/* Nothing the first peer says of headers arrives, but what the test has it say. */
static dspv_conn begin_with_a_mute(struct world *w, const struct devnode_chain *served)
{
    begin_on(w, served, 2);
    w->keeps_header_jobs = false;
    w->tamper = drop_all;
    while (w->tampered == 0)
        world_pass(w, 1);
    assert_int_equal(w->client->header_sync.peer, w->peers[0].conn);
    return w->peers[0].conn;
}

/* Who is slow loses its place. What it tells afterwards is of no use, but it is what it was asked for, each in its time. The
 * first one is as short as news. */
static void answers_that_come_late(void **state)
{
    struct checkpoint few[RANGES];
    struct devnode_chain other = chain;
    struct world w;
    (void)state;
    memcpy(few, checkpoints, sizeof(few));
    few[0] = (struct checkpoint){3, *devnode_chain_hash(&chain, 3)};
    other.network.chain.checkpoints = few;
    dspv_conn slow = begin_with_a_mute(&w, &other);
    world_pass(&w, 20000);
    assert_int_equal(height(&w), TIP);
    assert_int_equal(client_peer(w.client, slow)->ranges_owed, RANGES);
    for (int i = 0; i < RANGES; i++) {
        world_pass(&w, i < 3 ? 30000 : 1);
        assert_non_null(client_peer(w.client, slow));
        say_range(&w, 0, i == 0 ? 0 : few[i - 1].height, few[i].height < TOP ? few[i].height : few[i - 1].height + HEADERS2_MOST);
    }
    world_pass(&w, 1);
    assert_int_equal(client_peer(w.client, slow)->ranges_owed, 0);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    w.tamper = NULL;
    in_the_end(&w);
}

/* All are slow: each has lost its place when its answers come. As nobody else has told anything, they are taken. */
static void everybody_is_late(void **state)
{
    struct world w;
    (void)state;
    all_mute = true;
    dspv_conn first = begin_with_a_mute(&w, &chain);
    world_pass(&w, HEADER_SYNC_STALL_MS + 5000);
    assert_int_not_equal(w.client->header_sync.peer, first);
    assert_int_equal(range(&w, 0)->conn, w.client->header_sync.peer);
    for (int i = 0; i < SHORT; i++)
        say_range(&w, 0, i * APART, (i + 1) * APART);
    world_pass(&w, 100);
    assert_int_equal(height(&w), SHORT * APART);
    assert_int_equal(client_peer(w.client, first)->ranges_owed, 1);
    assert_false(sync_peer(&w)->ranges_failed);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
    all_mute = false;
}

/* Who answers one question after the other, each just in time, does not keep its place. */
static void one_answer_at_a_time(void **state)
{
    struct world w;
    (void)state;
    dspv_conn slow = begin_with_a_mute(&w, &chain);
    for (int i = 0; i < 2; i++) {
        world_pass(&w, HEADER_SYNC_STALL_MS - 1000);
        say_range(&w, 0, i * APART, (i + 1) * APART);
        assert_int_equal(w.client->header_sync.peer == slow, i == 0);
    }
    assert_int_equal(height(&w), TIP);
    w.tamper = NULL;
    in_the_end(&w);
}

/* What a slow peer has told of the lowest range is not asked for again: the next one goes on at the tip. */
static void who_takes_over_goes_on(void **state)
{
    struct checkpoint high[RANGES];
    struct devnode_chain other = chain;
    struct world w;
    (void)state;
    for (int i = 0; i < RANGES; i++)
        high[i] = (struct checkpoint){LONG + i * APART, *devnode_chain_hash(&chain, LONG + i * APART)};
    other.network.chain.checkpoints = high;
    dspv_conn slow = begin_with_a_liar_on(&w, &other, DROPPED, RANGES + 1);
    struct world_peer *next = &w.peers[w.peers[0].conn == slow ? 1 : 0];
    for (int i = 0; i < 10; i++) {
        world_pass(&w, 100);
        finish_all(&w);
    }
    assert_int_equal(height(&w), HEADERS2_MOST);
    next->latency_ms = 5000;
    while (range(&w, 0)->conn == slow)
        world_pass(&w, 1000);
    assert_int_equal(range(&w, 0)->conn, next->conn);
    assert_int_equal(range(&w, 0)->start, HEADERS2_MOST);
    next->latency_ms = 1;
    in_the_end(&w);
}

/* What one peer has told of a range, falsely, is not what another one is asked to go on with. */
static void who_takes_over_begins_anew(void **state)
{
    struct world w;
    (void)state;
    dspv_conn liar = begin_with_a_mute(&w, &chain);
    int32_t start = SHORT * APART;
    struct header_run part = {devnode_chain_header(&chain, start + 1), devnode_chain_hash(&chain, start + 1), HEADERS2_MOST};
    struct writer payload;
    writer_init(&payload);
    headers2_encode(&payload, &part);
    payload.data[payload.n / 2] ^= 1;
    world_say(&w, &w.peers[0], WIRE_HEADERS2, payload.data, payload.n);
    writer_free(&payload);
    world_pass(&w, 100);
    assert_int_equal(range(&w, SHORT)->height, start + HEADERS2_MOST);
    while (w.client->header_sync.peer == liar)
        world_pass(&w, 1000);
    run_to_tip(&w);
    assert_false(client_peer(w.client, w.peers[1].conn)->ranges_failed);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    w.tamper = NULL;
    in_the_end(&w);
}

/* In hours of ranges there is much news, whose parents are not known yet. */
static void news_meanwhile(void **state)
{
    struct world w;
    (void)state;
    begin_with_a_mute(&w, &chain);
    for (int i = 0; i < SHORT; i++) {
        say_range(&w, 0, i * APART, (i + 1) * APART);
        say_range(&w, 0, TIP - 2, TIP - 1);
        world_pass(&w, 1);
    }
    world_pass(&w, HEADER_LANES_WAIT_MS);
    assert_int_equal(height(&w), SHORT * APART);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    w.tamper = NULL;
    in_the_end(&w);
}

/* Answers that are none, from the only peer: it is asked for one thing after the other, as any, and not blamed. */
static void answers_to_something_else(void **state)
{
    struct header_run longer = {devnode_chain_header(&chain, 1 + 3 * APART), devnode_chain_hash(&chain, 1 + 3 * APART),
                                APART + 1};
    struct writer payload;
    (void)state;
    writer_init(&payload);
    headers2_encode(&payload, &longer);
    for (lie = NOTHING; lie <= LONGER; lie++) {
        struct world w;
        begin(&w, 1);
        nth = 4;
        answers = 0;
        w.tamper = tell_otherwise;
        w.peers[0].latency_ms = 500;
        while (!w.client->header_sync.peer || sync_peer(&w)->ranges_owed == 0)
            world_pass(&w, 1);
        if (lie == LONGER)
            world_say(&w, &w.peers[0], WIRE_HEADERS2, payload.data, payload.n);
        w.peers[0].latency_ms = 1;
        run_to_tip(&w);
        assert_int_equal(w.tampered, 1);
        assert_int_equal(w.connections, 1);
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
        assert_true(client_peer(w.client, w.peers[0].conn)->ranges_failed);
        in_the_end(&w);
    }
    writer_free(&payload);
}

/* This machine's clock is behind: the peer is not blamed again and again for what is too new for it. */
static void a_clock_that_is_behind(void **state)
{
    struct world w;
    (void)state;
    begin(&w, 1);
    w.now = ((dspv_ms)load_le32(devnode_chain_header(&chain, 5 * APART + 100) + 68) - 7200 - 5) * 1000;
    for (int i = 0; i < 40; i++) {
        world_pass(&w, 51);
        finish_all(&w);
    }
    assert_in_range(height(&w), 5 * APART + 90, 5 * APART + 110);
    assert_in_range(w.refused[DSPV_TIME_TOO_NEW], 1, 2);
    assert_int_equal(w.connections, 1);
    world_free(&w);
}

/* The connection breaks while much is in work: what is complete stays. */
static void a_peer_that_is_gone(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        struct world w;
        begin(&w, 1);
        world_pass(&w, way == 2 ? 3 : 100);
        if (way == 1)
            world_finish_job(&w, w.n_jobs - 1, true);
        unsigned asked = w.commands[WIRE_GETHEADERS2];
        world_break(&w, &w.peers[0]);
        for (size_t i = 0; i < w.client->header_ranges.n; i++)
            assert_false(range(&w, i)->asked);
        finish_all(&w);
        run_to_tip(&w);
        if (way < 2)
            assert_in_range(w.commands[WIRE_GETHEADERS2], asked + 1, asked + 4);
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
        in_the_end(&w);
    }
}

static void a_client_that_is_gone(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        struct world w;
        begin(&w, 1);
        world_pass(&w, 100);
        if (way == 1)
            world_finish_job(&w, w.n_jobs - 1, true);
        if (way == 2)
            world_break(&w, &w.peers[0]);
        world_free(&w);
    }
}

/* Any allocation fails: the chain is complete in the end. */
static void no_memory(void **state)
{
    (void)state;
    for (size_t after = 1; after < 3000; after += after < 150 ? 7 : 511) {
        struct world w;
        begin(&w, 1);
        w.keeps_header_jobs = false;
        world_pass(&w, 2);
        w.fail_after = after;
        for (int i = 0; i < 50 && height(&w) < TIP; i++)
            world_pass(&w, 1000);
        in_the_end(&w);
    }
}

static int make(void **state)
{
    (void)state;
    chain = branch(582, TIP, 0);
    for (int i = 0; i < RANGES; i++) {
        int32_t at = i < SHORT ? (i + 1) * APART : TOP;
        checkpoints[i] = (struct checkpoint){at, *devnode_chain_hash(&chain, at)};
    }
    chain.network.chain.checkpoints = checkpoints;
    chain.network.chain.n_checkpoints = RANGES;
    return 0;
}

static int drop(void **state)
{
    (void)state;
    branch_free(&chain);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_at_once),
        cmocka_unit_test(each_in_its_turn),
        cmocka_unit_test(waiting_for_company),
        cmocka_unit_test(only_what_fits),
        cmocka_unit_test(who_is_not_asked),
        cmocka_unit_test(a_false_range),
        cmocka_unit_test(a_false_chain),
        cmocka_unit_test(a_malformed_range),
        cmocka_unit_test(a_range_that_is_passed),
        cmocka_unit_test(a_range_with_a_gap),
        cmocka_unit_test(an_answer_that_never_comes),
        cmocka_unit_test(answers_that_come_late),
        cmocka_unit_test(everybody_is_late),
        cmocka_unit_test(one_answer_at_a_time),
        cmocka_unit_test(who_takes_over_goes_on),
        cmocka_unit_test(who_takes_over_begins_anew),
        cmocka_unit_test(news_meanwhile),
        cmocka_unit_test(answers_to_something_else),
        cmocka_unit_test(a_clock_that_is_behind),
        cmocka_unit_test(a_peer_that_is_gone),
        cmocka_unit_test(a_client_that_is_gone),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("header_ranges", tests, make, drop);
}
