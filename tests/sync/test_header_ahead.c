/* Asking ahead: a peer that is near is asked for plain headers, and for what follows before it is known to be good. Whatever it
 * makes of that, what ends up in the chain is what would have been without. */
#include "sync/header_branch.h"
#include "sync/world.h"
#include "wire/headers.h"

enum { MINUTE = 60000, SLOW_MS = 2000 /* to hash a message */ };
enum { TIP = 20000, LONG_TIP = HEADERS2_MOST + (HEADER_JOBS_AHEAD + 3) * HEADERS_MOST };

static struct devnode_chain chain;

static void begin_at(struct world *w, size_t peers, dspv_ms latency_ms, int32_t tip)
{
    world_init_chain(w, &chain, tip);
    w->now += (dspv_ms)LONG_TIP * 1000 + MINUTE;
    w->keeps_header_jobs = true;
    w->config.masternodes = false;
    w->chunk = 200000;
    for (size_t i = 0; i < peers; i++)
        world_add(w)->latency_ms = latency_ms;
    world_start(w, 7);
}

static void begin(struct world *w, size_t peers, dspv_ms latency_ms)
{
    begin_at(w, peers, latency_ms, TIP);
}

static int32_t height(const struct world *w)
{
    return headers_tip_height(client_headers(w->client));
}

static const struct peer *sync_peer(const struct world *w)
{
    return client_peer(w->client, w->client->header_sync.peer);
}

static void finish_all(struct world *w, bool backwards)
{
    while (w->n_jobs > 0)
        world_finish_job(w, backwards ? w->n_jobs - 1 : 0, true);
}

/* Everything that comes in `arriving` ms comes, then what is there is hashed, which takes `hashing` ms. */
static void step(struct world *w, dspv_ms arriving, dspv_ms hashing)
{
    world_pass(w, arriving);
    w->now += hashing;
    finish_all(w, (w->now / 10) % 2);
}

static void run_to_tip(struct world *w, dspv_ms arriving, dspv_ms hashing)
{
    for (int i = 0; i < 200 && height(w) < TIP; i++)
        step(w, arriving, hashing);
    assert_int_equal(height(w), TIP);
    block_hash tip = headers_tip_hash(client_headers(w->client));
    assert_true(block_hash_eq(&tip, devnode_chain_hash(&chain, TIP)));
}

/* Near: the first answer is compressed, the others are plain, and most of them wait in work together. */
static void a_peer_that_is_near(void **state)
{
    struct world w;
    unsigned most = 0;
    (void)state;
    begin(&w, 1, 1);
    while (height(&w) < TIP) {
        world_pass(&w, 100);
        unsigned in_work = sync_peer(&w) ? sync_peer(&w)->headers_hashing : 0;
        most = in_work > most ? in_work : most;
        w.now += SLOW_MS;
        finish_all(&w, true);
    }
    assert_int_equal(w.commands[WIRE_GETHEADERS2], 1);
    assert_int_equal(w.commands[WIRE_GETHEADERS], (TIP - HEADERS2_MOST) / HEADERS_MOST + 1); /* the last was full */
    assert_int_equal(most, (TIP - HEADERS2_MOST) / HEADERS_MOST);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    w.keeps_header_jobs = false;
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_int_equal(w.connections, 1);
    world_free(&w);
}

/* Far, or fast to hash: it stays with compressed ones. */
static void a_peer_that_is_far(void **state)
{
    struct world w;
    (void)state;
    begin(&w, 1, 400);
    run_to_tip(&w, 1000, 500);
    assert_int_equal(w.commands[WIRE_GETHEADERS], 0);
    world_free(&w);
}

/* It was near, and is not any more. */
static void a_peer_that_goes_away(void **state)
{
    struct world w;
    (void)state;
    begin(&w, 1, 1);
    step(&w, 100, SLOW_MS);
    assert_true(sync_peer(&w)->ahead.plain);
    w.peers[0].latency_ms = 1500;
    for (int i = 0; i < 20 && height(&w) < TIP && sync_peer(&w)->ahead.plain; i++)
        step(&w, 1000, 10);
    assert_true(height(&w) < TIP);
    assert_false(sync_peer(&w)->ahead.plain);
    run_to_tip(&w, 1000, 10);
    assert_true(w.commands[WIRE_GETHEADERS2] >= 2);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

/* No more than so much is in work; what else the peer says then waits, and goes on in its order when there is room again. */
static void what_waits(void **state)
{
    struct writer ping, payload;
    struct world w;
    (void)state;
    begin_at(&w, 1, 1, LONG_TIP);
    step(&w, 100, SLOW_MS);
    world_pass(&w, 1000);
    assert_int_equal(sync_peer(&w)->headers_hashing, HEADER_JOBS_AHEAD);
    assert_false(sync_peer(&w)->ahead.open);
    writer_init(&ping);
    writer_init(&payload);
    writer_u64(&payload, 7);
    frame_write(&ping, chain.network.chain.magic, WIRE_PING, payload.data, payload.n);
    dspv_conn conn = sync_peer(&w)->conn;
    unsigned pongs = w.commands[WIRE_PONG];
    assert_int_equal(dspv_in_bytes(w.client, conn, ping.data, 10, w.now), 0);
    assert_int_equal(sync_peer(&w)->held.n, 10);
    for (int i = 0; i < HEADER_JOBS_SLICES; i++) /* one message */
        world_finish_job(&w, 0, true);
    assert_true(sync_peer(&w)->ahead.open);
    assert_int_equal(dspv_in_bytes(w.client, conn, ping.data + 10, ping.n - 10, w.now), 0);
    assert_int_equal(sync_peer(&w)->held.n, 0);
    while (height(&w) < LONG_TIP)
        step(&w, 100, SLOW_MS);
    assert_int_equal(w.commands[WIRE_PONG], pongs + 1);
    assert_int_equal(w.connections, 1);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    writer_free(&ping);
    writer_free(&payload);
    world_free(&w);
}

/* ---- liars. The second peer is honest. */

static unsigned plain_ones;
static bool skips; /* a whole message, instead of changing a header of it */

static void change_the_third(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    if (strcmp(command, "headers") != 0 || *n < 100000 || ++plain_ones != 3)
        return;
    if (skips) {
        *n = WORLD_DROPPED;
        return;
    }
    payload[3 + 1000 * 81 + 4] ^= 1; /* it follows nothing */
    w->tampered++;
}

/* Whichever of two peers is asked, once its first answer is hashed. */
static dspv_conn begin_with_a_liar(struct world *w, bool only_skips)
{
    begin(w, 2, 1);
    step(w, 100, SLOW_MS);
    dspv_conn liar = sync_peer(w)->conn;
    w->speaker = w->peers[0].conn == liar ? 0 : 1;
    w->tamper = change_the_third;
    plain_ones = 0;
    skips = only_skips;
    return liar;
}

static void a_false_header(void **state)
{
    struct world w;
    (void)state;
    dspv_conn liar = begin_with_a_liar(&w, false);
    world_pass(&w, 100);
    assert_true(client_peer(w.client, liar)->headers_hashing > 4);
    w.now += SLOW_MS;
    finish_all(&w, false);
    assert_int_equal(w.tampered, 1);
    assert_int_equal(height(&w), HEADERS2_MOST + 2 * HEADERS_MOST + 1000); /* nothing of what came behind it */
    world_pass(&w, 100);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 1);
    assert_null(client_peer(w.client, liar));
    run_to_tip(&w, 100, SLOW_MS);
    world_free(&w);
}

/* What was asked for never comes: another peer gets its place, with all that was told so far. */
static void an_answer_that_never_comes(void **state)
{
    struct world w;
    (void)state;
    dspv_conn first = begin_with_a_liar(&w, true);
    step(&w, 100, SLOW_MS);
    assert_int_equal(height(&w), HEADERS2_MOST + 2 * HEADERS_MOST);
    assert_true(client_peer(w.client, first)->ahead.open);
    world_pass(&w, HEADER_SYNC_STALL_MS + 1000);
    assert_int_not_equal(w.client->header_sync.peer, first);
    run_to_tip(&w, 100, SLOW_MS);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

/* Instead of what follows it says something else: nothing, known headers, or those of another branch. */
static void answers_to_something_else(void **state)
{
    (void)state;
    for (int what = 0; what < 3; what++) {
        struct devnode_chain side = branch_of(&chain, 100, 2200, 5000);
        struct header_run run = {devnode_chain_header(what == 2 ? &side : &chain, 101),
                                 devnode_chain_hash(what == 2 ? &side : &chain, 101), what == 0 ? 0 : HEADERS_MOST};
        struct writer payload;
        struct world w;
        begin(&w, 1, 1);
        step(&w, 100, SLOW_MS);
        world_pass(&w, 2);
        assert_true(sync_peer(&w)->headers_hashing > 0);
        writer_init(&payload);
        headers_encode(&payload, &run);
        for (int i = 0; i < 3; i++) {
            ((struct peer *)(uintptr_t)sync_peer(&w))->headers_owed++;
            world_say(&w, &w.peers[0], WIRE_HEADERS, payload.data, payload.n);
        }
        run_to_tip(&w, 100, SLOW_MS);
        assert_int_equal(w.connections, 1);
        writer_free(&payload);
        world_free(&w);
        branch_free(&side);
    }
}

/* The connection breaks while much is in work. */
static void a_peer_that_is_gone(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        struct world w;
        begin(&w, 1, 1);
        step(&w, 100, SLOW_MS);
        world_pass(&w, 100);
        assert_true(w.n_jobs > 8);
        if (way == 0)
            for (int i = 0; i < 8; i++)
                world_finish_job(&w, w.n_jobs / 2, true);
        world_break(&w, &w.peers[0]);
        world_pass(&w, 100);
        finish_all(&w, way == 0);
        run_to_tip(&w, 1000, SLOW_MS);
        world_free(&w);
    }
}

/* This machine's clock is behind: what is too new for it is refused once, and what the peer had been asked for ahead, or says
 * before that is known, is not held against it. */
static void a_clock_that_is_behind(void **state)
{
    (void)state;
    for (unsigned in_work = 2; in_work <= 4; in_work++) { /* the second holds the first header that is too new */
        struct world w;
        begin(&w, 1, 1);
        w.now = ((dspv_ms)load_le32(devnode_chain_header(&chain, HEADERS2_MOST + HEADERS_MOST + 1000) + 68) - 7200 - 5) * 1000;
        step(&w, 100, SLOW_MS);
        w.peers[0].latency_ms = 20;
        while (sync_peer(&w)->headers_hashing < in_work || !sync_peer(&w)->ahead.open)
            world_pass(&w, 1);
        dspv_job *last = w.jobs[w.n_jobs - 1];
        while (w.jobs[0] != last)
            world_finish_job(&w, 0, true);
        if (in_work == 3) /* it comes before the last one is hashed */
            world_pass(&w, 100);
        finish_all(&w, false);
        world_pass(&w, 1000);
        finish_all(&w, false);
        assert_in_range(height(&w), HEADERS2_MOST + HEADERS_MOST + 900, HEADERS2_MOST + HEADERS_MOST + 1000);
        assert_int_equal(w.refused[DSPV_TIME_TOO_NEW], 1);
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 1);
        assert_true(w.client->peers[0]->headers_done);
        assert_int_equal(w.client->peers[0]->headers_owed, 0);
        assert_int_equal(w.connections, 1);
        world_free(&w);
    }
}

static int make(void **state)
{
    chain = branch(582, LONG_TIP, 0);
    *state = &chain;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_that_is_near),        cmocka_unit_test(a_peer_that_is_far),
        cmocka_unit_test(a_peer_that_goes_away),      cmocka_unit_test(a_false_header),
        cmocka_unit_test(an_answer_that_never_comes), cmocka_unit_test(answers_to_something_else),
        cmocka_unit_test(a_peer_that_is_gone),        cmocka_unit_test(what_waits),
        cmocka_unit_test(a_clock_that_is_behind),
    };
    return cmocka_run_group_tests_name("header_ahead", tests, make, branch_drop);
}
