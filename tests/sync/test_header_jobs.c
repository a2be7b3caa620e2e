/* Headers that are hashed in jobs: whenever the jobs come back, in which order and whether they ran, the client does the same; a
 * message waits for those before it; and nothing is lost or kept when a peer, or the client, goes away meanwhile. */
#include "base/mem.h"
#include "sync/world.h"
#include "wire/headers.h"

enum { MINUTE = 60000, FIRST_TIP = 560, TIP = 581 };

static void begin(struct world *w, size_t peers, bool compressed)
{
    world_init(w, "churn", FIRST_TIP);
    w->keeps_header_jobs = true;
    w->config.masternodes = false;
    if (!compressed)
        w->options.services &= ~(uint64_t)SERVICE_HEADERS_COMPRESSED;
    for (size_t i = 0; i < peers; i++)
        world_add(w);
    world_start(w, 7);
    world_run(w, MINUTE / 2);
}

static int32_t height(const struct world *w)
{
    return headers_tip_height(client_headers(w->client));
}

static struct peer *peer(const struct world *w, size_t i)
{
    return client_peer(w->client, w->peers[i].conn);
}

static void finish_all(struct world *w)
{
    while (w->n_jobs > 0)
        world_finish_job(w, 0, true);
}

/* Headers from..last of the chain, as if they had been asked for. */
static void say(struct world *w, size_t from, int32_t first, int32_t last)
{
    struct header_run run = {devnode_chain_header(w->chain, first), devnode_chain_hash(w->chain, first),
                             (uint32_t)(last - first + 1)};
    struct writer payload;
    writer_init(&payload);
    headers2_encode(&payload, &run);
    peer(w, from)->headers_owed++;
    world_say(w, &w->peers[from], WIRE_HEADERS2, payload.data, payload.n);
    writer_free(&payload);
}

/* ---- one message */

static void digest_of(bool compressed, bool backwards, bool ran, uint8_t out[32])
{
    struct world w;
    begin(&w, 1, compressed);
    assert_int_equal(w.n_jobs, compressed ? 1 : 2); /* each compressed header needs the one before */
    while (w.n_jobs > 0) {
        assert_int_equal(height(&w), 0);
        assert_true(peer(&w, 0)->headers_hashing);
        world_finish_job(&w, backwards ? w.n_jobs - 1 : 0, ran);
    }
    assert_int_equal(height(&w), FIRST_TIP);
    assert_false(peer(&w, 0)->headers_hashing);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    memcpy(out, w.digest, 32);
    world_free(&w);
}

static void jobs_in_any_order(void **state)
{
    (void)state;
    for (int compressed = 0; compressed < 2; compressed++) {
        uint8_t first[32], other[32];
        digest_of(compressed, false, true, first);
        for (int way = 1; way < 4; way++) {
            digest_of(compressed, way & 1, way & 2, other);
            assert_memory_equal(other, first, 32);
        }
    }
}

/* However long it takes: the peer is not blamed for it. */
static void time_does_not_run(void **state)
{
    struct world w;
    (void)state;
    begin(&w, 1, true);
    for (int i = 0; i < 4; i++)
        world_pass(&w, 25000);
    assert_non_null(w.peers[0].node);
    assert_int_equal(w.connections, 1);
    finish_all(&w);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_int_equal(w.connections, 1);
    world_free(&w);
}

static void jobs_that_are_not_ours(void **state)
{
    struct world w;
    dspv_job strange = {.kind = JOB_HEADERS};
    (void)state;
    begin(&w, 1, false);
    dspv_job *job = w.jobs[1];
    assert_int_equal(dspv_in_job_done(w.client, &strange, w.now), DSPV_EMISUSE);
    world_finish_job(&w, 1, true);
    assert_int_equal(dspv_in_job_done(w.client, job, w.now), DSPV_EMISUSE); /* twice */
    assert_int_equal(height(&w), 0);
    world_finish_job(&w, 0, true);
    assert_int_equal(height(&w), FIRST_TIP);
    world_free(&w);
}

/* ---- several messages */

static void messages_in_order(void **state)
{
    struct world w;
    (void)state;
    begin(&w, 2, true);
    size_t asked = peer(&w, 0)->headers_hashing ? 0 : 1, other = 1 - asked;
    assert_true(peer(&w, asked)->headers_hashing);
    say(&w, other, 1, FIRST_TIP + 10);
    world_run(&w, 0);
    assert_int_equal(w.n_jobs, 2);
    world_finish_job(&w, 1, true); /* the second message is hashed first */
    assert_int_equal(height(&w), 0);
    world_finish_job(&w, 0, true);
    assert_int_equal(height(&w), FIRST_TIP + 10);
    assert_false(peer(&w, 0)->headers_hashing || peer(&w, 1)->headers_hashing);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

/* Beyond four messages nothing waits. */
static void no_more_than_a_few(void **state)
{
    struct world w;
    (void)state;
    begin(&w, 6, true);
    for (size_t i = 0; i < 6; i++)
        if (!peer(&w, i)->headers_hashing && w.n_jobs < HEADER_JOBS_MESSAGES) {
            say(&w, i, 1, 100);
            world_run(&w, 0);
        }
    assert_int_equal(w.n_jobs, HEADER_JOBS_MESSAGES);
    assert_int_equal(height(&w), 0);
    for (size_t i = 0; i < 6; i++)
        if (!peer(&w, i)->headers_hashing) {
            say(&w, i, 1, 200);
            world_run(&w, 0);
            assert_int_equal(height(&w), 200);
            break;
        }
    assert_int_equal(w.n_jobs, HEADER_JOBS_MESSAGES);
    while (w.n_jobs > 0)
        world_finish_job(&w, w.n_jobs - 1, true);
    assert_int_equal(height(&w), FIRST_TIP);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

/* What a peer says after its headers comes after them. */
static void what_follows_waits(void **state)
{
    struct world w;
    (void)state;
    begin(&w, 1, true);
    say(&w, 0, FIRST_TIP + 1, FIRST_TIP + 3);
    say(&w, 0, FIRST_TIP + 4, TIP);
    world_run(&w, 0);
    assert_int_equal(height(&w), 0);
    assert_true(peer(&w, 0)->held.n > 0);
    world_finish_job(&w, 0, true);
    assert_int_equal(height(&w), FIRST_TIP + 3); /* and the next large message is in work */
    assert_int_equal(peer(&w, 0)->held.n, 0);
    world_run(&w, 0);
    assert_int_equal(w.n_jobs, 1);
    world_finish_job(&w, 0, true);
    assert_int_equal(height(&w), TIP);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

/* But not without bound. */
static void who_talks_on(void **state)
{
    enum { ITEMS = 1000, EACH = 36, TIMES = PEER_MOST_HELD / (ITEMS * EACH) + 1 };
    static uint8_t inventory[3 + ITEMS * EACH] = {0xfd, ITEMS & 0xff, ITEMS >> 8}; /* of nothing that is known */
    struct world w;
    (void)state;
    begin(&w, 1, true);
    say(&w, 0, FIRST_TIP + 1, FIRST_TIP + 3);
    for (int i = 0; i < TIMES; i++)
        world_say(&w, &w.peers[0], WIRE_INV, inventory, sizeof(inventory));
    world_run(&w, 0);
    assert_true(peer(&w, 0)->overrun);
    assert_int_equal(peer(&w, 0)->held.n, 0);
    assert_int_equal(height(&w), 0);
    world_finish_job(&w, 0, true);
    assert_int_equal(height(&w), FIRST_TIP);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    assert_true(peer(&w, 0)->headers_asked); /* again, for what came too early */
    world_free(&w);
}

/* ---- the end of things */

static void peer_that_is_gone(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        struct world w;
        begin(&w, 1, false);
        world_break(&w, &w.peers[0]);
        if (way == 0)
            finish_all(&w); /* before it is back, or while it is */
        world_run(&w, MINUTE / 2);
        assert_int_equal(height(&w), 0);
        assert_int_equal(w.connections, 2);
        assert_int_equal(w.n_jobs, way == 0 ? 2 : 4);
        finish_all(&w);
        assert_true(world_run_until_synced(&w, MINUTE));
        assert_int_equal(height(&w), FIRST_TIP);
        world_free(&w);
    }
}

static void client_that_is_gone(void **state)
{
    struct world w;
    (void)state;
    begin(&w, 2, false);
    say(&w, peer(&w, 0)->headers_hashing ? 1 : 0, 1, 300);
    world_run(&w, 0);
    assert_true(w.n_jobs >= 3);
    world_finish_job(&w, 1, true);
    world_free(&w);
}

/* A job comes back and memory is short: the input is lost, and the peer with it; the next one brings all. */
static void no_memory(void **state)
{
    (void)state;
    for (size_t nth = 1; nth < 40; nth++) {
        struct world w;
        begin(&w, 1, true);
        dspv_job *job = w.jobs[0];
        w.n_jobs = 0;
        assert_int_equal(dspv_job_run(job), 0);
        mem_fail_after(nth);
        int rc = dspv_in_job_done(w.client, job, w.now);
        mem_fail_after(0);
        assert_true(rc == 0 || rc == DSPV_ENOMEM);
        w.keeps_header_jobs = false;
        assert_true(world_run_until_synced(&w, 10 * MINUTE));
        assert_int_equal(height(&w), FIRST_TIP);
        world_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_in_any_order), cmocka_unit_test(time_does_not_run),  cmocka_unit_test(jobs_that_are_not_ours),
        cmocka_unit_test(messages_in_order), cmocka_unit_test(no_more_than_a_few), cmocka_unit_test(what_follows_waits),
        cmocka_unit_test(who_talks_on),      cmocka_unit_test(peer_that_is_gone),  cmocka_unit_test(client_that_is_gone),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("header_jobs", tests, NULL, NULL);
}
