/* What a stranger's messages make the client say is bounded, and what is held back for that is not lost. */
#include "sync/world.h"
#include "wire/headers.h"
#include "wire/inventory.h"
#include "wire/small.h"

enum { SECOND = 1000, MINUTE = 60000, TIP = 560 };

static void synced_world(struct world *w, uint8_t seed)
{
    world_init(w, "churn", TIP);
    world_add(w)->latency_ms = 10;
    world_start(w, seed);
    assert_true(world_run_until_synced(w, MINUTE));
    world_pass(w, MINUTE);
}

static struct peer *the_peer(struct world *w)
{
    return client_peer(w->client, w->peers[0].conn);
}

/* ---- the bucket */

static void test_bucket(void **state)
{
    const struct bucket_rule rule = {4, 100};
    struct bucket b = {0};
    uint64_t random = 7;
    (void)state;
    int64_t in_stock = 4 * 100, now = 1000; /* in refills times their length */
    for (int i = 0; i < 20000; i++) {
        int64_t wait = (int64_t)(test_random(&random) % 120);
        now += wait;
        in_stock = in_stock + wait > 400 ? 400 : in_stock + wait;
        assert_int_equal(bucket_ready(&b, rule, now), in_stock >= 100);
        assert_int_equal(bucket_ready_at(&b, rule) <= now, in_stock >= 100);
        if (in_stock < 100)
            assert_int_equal(bucket_ready_at(&b, rule), now + 100 - in_stock);
        bool taken = bucket_take(&b, rule, now);
        assert_int_equal(taken, in_stock >= 100);
        in_stock -= taken ? 100 : 0;
    }
}

/* ---- pings */

static void say_pings(struct world *w, unsigned n)
{
    uint8_t nonce[8] = {1};
    for (unsigned i = 0; i < n; i++) {
        nonce[1]++;
        world_say(w, &w->peers[0], WIRE_PING, nonce, sizeof(nonce));
    }
    world_run(w, 0);
}

static void test_pings(void **state)
{
    struct world w;
    (void)state;
    synced_world(&w, 1);
    unsigned before = w.commands[WIRE_PONG];
    for (unsigned i = 1; i <= 20; i++) { /* one in two minutes, as nodes do */
        say_pings(&w, 1);
        world_pass(&w, 2 * MINUTE);
        assert_int_equal(w.commands[WIRE_PONG] - before, i);
    }
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    say_pings(&w, PEER_PINGS_AT_ONCE + 5);
    assert_int_equal(w.commands[WIRE_PONG] - before, 20 + PEER_PINGS_AT_ONCE);
    assert_int_equal(w.refused[DSPV_PEER_FLOODS], 5);
    world_pass(&w, 3 * PEER_PING_REFILL_MS);
    say_pings(&w, 9);
    assert_int_equal(w.commands[WIRE_PONG] - before, 20 + PEER_PINGS_AT_ONCE + 3);
    assert_int_equal(w.refused[DSPV_PEER_FLOODS], 11);
    assert_non_null(the_peer(&w));
    say_pings(&w, 300);
    assert_int_equal(w.refused[DSPV_PEER_FLOODS], PEER_MOST_SCORE);
    assert_null(w.peers[0].node);
    world_free(&w);
}

/* ---- questions about headers */

static void say_unknown_block(struct world *w, uint64_t *random)
{
    struct inventory_item item = {.type = INVENTORY_BLOCK};
    struct writer payload;
    for (size_t i = 0; i < 32; i++)
        item.hash.b[i] = (uint8_t)test_random(random);
    writer_init(&payload);
    inventory_encode(&payload, &item, 1);
    world_say(w, &w->peers[0], WIRE_INV, payload.data, payload.n);
    writer_free(&payload);
}

/* One header, with its predecessor's hash spoilt or not. */
static void say_header(struct world *w, int32_t height, bool spoilt)
{
    uint8_t message[1 + HEADER_SIZE + 1] = {1};
    memcpy(message + 1, devnode_chain_header(w->chain, height), HEADER_SIZE);
    message[1 + 4] ^= spoilt;
    world_say(w, &w->peers[0], WIRE_HEADERS, message, sizeof(message));
}

static void prompt(struct world *w, int way, uint64_t *random)
{
    if (way == 0) {
        say_unknown_block(w, random);
    } else { /* one that is known lets the count of those that are not begin again */
        say_header(w, TIP, true);
        say_header(w, TIP, false);
    }
}

static void lose(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)w;
    (void)command;
    (void)payload;
    *n = WORLD_DROPPED;
}

static void test_prompts(void **state)
{
    uint64_t random = 3;
    (void)state;
    for (int way = 0; way < 2; way++) {
        struct world w;
        synced_world(&w, 2);
        unsigned before = w.commands[WIRE_GETHEADERS2];
        for (int i = 0; i < 200; i++) { /* 20 s, and no faster than small header messages are looked at */
            prompt(&w, way, &random);
            world_pass(&w, 2 * HEADER_SYNC_NEWS_REFILL_MS);
        }
        unsigned asked = w.commands[WIRE_GETHEADERS2] - before;
        assert_in_range(asked, 20, HEADER_SYNC_PROMPTS_AT_ONCE + 20 + 1);
        assert_non_null(the_peer(&w));
        w.tamper = lose;
        world_grow(&w, TIP + 5);
        world_pass(&w, 20);
        w.tamper = NULL;
        assert_int_equal(headers_tip_height(client_headers(w.client)), TIP);
        prompt(&w, way, &random);
        world_pass(&w, 2 * HEADER_SYNC_PROMPT_REFILL_MS + 100); /* an older prompt first */
        assert_int_equal(headers_tip_height(client_headers(w.client)), TIP + 5);
        assert_true(world_run_until_synced(&w, MINUTE));
        world_free(&w);
    }
}

/* ---- questions about locks */

static void test_lock_announcements(void **state)
{
    struct world w;
    struct writer payload;
    struct inventory_item item = {.type = INVENTORY_CLSIG};
    (void)state;
    synced_world(&w, 3);
    writer_init(&payload);
    unsigned before = w.commands[WIRE_GETDATA];
    for (uint32_t i = 0; i < 3000; i++) {
        store_le32(item.hash.b, i);
        inventory_encode(&payload, &item, 1);
        world_say(&w, &w.peers[0], WIRE_INV, payload.data, payload.n);
        world_say(&w, &w.peers[0], WIRE_NOTFOUND, payload.data, payload.n);
        writer_reset(&payload);
        if (i % 30 == 0)
            world_pass(&w, ASKED_REFILL_MS);
    }
    unsigned asked = w.commands[WIRE_GETDATA] - before;
    assert_in_range(asked, ASKED_AT_ONCE, ASKED_AT_ONCE + 100 + 2);
    assert_int_equal(w.client->locks.asked.n_open, 0);
    writer_free(&payload);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bucket),
        cmocka_unit_test(test_pings),
        cmocka_unit_test(test_prompts),
        cmocka_unit_test(test_lock_announcements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
