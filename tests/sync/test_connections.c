/* Peers that were found: tried by feelers, replaced when they lag or withhold, banned, and remembered over a restart. */
#include "sync/town.h"

#include "store/memory.h"
#include "sync/peer_record.h"

/* ---- feelers */

static void test_feelers(void **state)
{
    struct gossip_address list[WORLD_MOST_PEERS];
    struct world w;
    dspv_addresses book;
    (void)state;
    found(&w, 10);
    w.config.target_outbound = 2;
    w.peers[0].unnamed = w.peers[1].unnamed = false;
    struct gossip told = about_peers(&w, list, 2);
    w.peers[0].gossip = &told;
    w.tip = TIP - 3;
    world_start(&w, 5);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_int_equal(w.connections, 2);
    unsigned events = w.events[DSPV_EVENT_PEER];
    for (unsigned i = 0; i < 60; i++) {
        if (i > 0 && i % 15 == 0)
            world_grow(&w, w.tip + 1);
        world_pass(&w, MINUTE);
        assert_int_equal(connections_count(w.client), 2);
        world_run(&w, 1000);
        assert_int_equal(connected(&w), 2); /* it does not stay */
    }
    dspv_get_addresses(w.client, &book);
    print_message("%u of %u tried\n", book.tried, book.addresses);
    assert_true(book.tried >= 6);
    for (size_t i = 2; i < 10; i++) {
        assert_int_equal(w.peers[i].commands[WIRE_GETHEADERS2] + w.peers[i].commands[WIRE_GETADDR], 0);
        assert_int_equal(w.peers[i].commands[WIRE_VERSION], w.peers[i].connections);
    }
    assert_int_equal(w.events[DSPV_EVENT_PEER], events); /* nobody is bothered with it */
    assert_int_equal(world_phase(&w), DSPV_PHASE_SYNCED);
    world_free(&w);
}

/* ---- an old tip */

/* All peers stop telling blocks; the network goes on. One more is tried, and stays instead of one of them. */
static void test_old_tip(void **state)
{
    struct gossip_address list[WORLD_MOST_PEERS];
    struct world w;
    (void)state;
    found(&w, 3);
    w.tip = TIP - 5;
    w.config.target_outbound = 2;
    w.peers[0].unnamed = w.peers[1].unnamed = w.peers[2].unnamed = true;
    struct gossip told = about_peers(&w, list, 0);
    w.peers[0].gossip = w.peers[1].gossip = &told;
    w.peers[2].unreachable = true;
    w.dns_seed = "seed.example";
    w.resolve = dns_answers;
    world_start(&w, 6);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_int_equal(connected(&w), 2);
    w.peers[2].unreachable = false;
    w.peers[0].behind = w.peers[1].behind = 5;
    world_pass(&w, 29 * MINUTE);
    world_grow(&w, TIP);
    world_pass(&w, 50 * MINUTE); /* also until the feelers and the book's patience get there */
    print_message("three are connected: %d, %d, %d\n", w.peers[0].node != NULL, w.peers[1].node != NULL, w.peers[2].node != NULL);
    assert_non_null(w.peers[2].node);
    assert_int_equal(connected(&w), 2);
    assert_int_equal(headers_tip_height(client_headers(w.client)), TIP);
    assert_true(world_run_until_tip(&w, MINUTE));
    world_free(&w);
}

/* All peers are the attacker's: they withhold new blocks, tell of each other only, and their addresses fill the book. The
 * masternode list, which they cannot forge, names an honest node: it is found. */
static void test_eclipse(void **state)
{
    (void)state;
    for (uint8_t seed = 0; seed < 8; seed++) {
        struct gossip_address list[WORLD_MOST_PEERS];
        struct world w;
        found(&w, 20);
        w.tip = TIP - 5;
        w.dns_seed = "seed.example";
        w.resolve = dns_answers;
        struct gossip told = about_peers(&w, list, 0);
        for (size_t i = 0; i < 20; i++) {
            w.peers[i].gossip = &told;
            w.peers[i].addr.ip[13] = (uint8_t)(20 + i % 8); /* eight networks are his */
            w.peers[i].addr.ip[15] = (uint8_t)i;
        }
        told = about_peers(&w, list, 0);
        world_start(&w, seed);
        assert_true(world_run_until_synced(&w, MINUTE));
        struct world_peer *honest = settle_somewhere(&w);
        const struct book *b = w.client->book;
        for (size_t i = 0; i < b->n && honest->addr.ip[15] == 1; i++)
            if (b->entries[i].origins == DSPV_FROM_LIST)
                honest->addr = b->entries[i].addr;
        for (size_t i = 0; i < 20; i++)
            w.peers[i].behind = 5;
        world_grow(&w, TIP);
        dspv_ms start = w.now;
        while (headers_tip_height(client_headers(w.client)) < TIP && w.now < start + 12 * 60 * MINUTE)
            world_pass(&w, MINUTE);
        print_message("found after %lld minutes\n", (long long)((w.now - start) / MINUTE));
        assert_true(world_run_until_tip(&w, 5 * MINUTE));
        world_free(&w);
    }
}

/* A peer that lags for long makes room for another. */
static void test_laggard(void **state)
{
    struct world w;
    (void)state;
    found(&w, 3);
    w.tip = TIP - 5;
    w.config.target_outbound = 2;
    w.peers[2].unreachable = true;
    w.dns_seed = "seed.example";
    w.resolve = dns_answers;
    world_start(&w, 7);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_int_equal(connected(&w), 2);
    w.peers[2].unreachable = false;
    w.peers[0].behind = 5;
    world_grow(&w, TIP);
    world_pass(&w, 30 * MINUTE);
    assert_null(w.peers[0].node);
    assert_true(w.peers[1].node && w.peers[2].node);
    world_free(&w);
}

/* ---- bans */

static void misbehave(struct world *w, const struct world_peer *p)
{
    uint8_t garbage[40] = {1};
    world_say(w, p, WIRE_VERSION, garbage, 3);
    world_say(w, p, WIRE_HEADERS, garbage, sizeof(garbage)); /* malformed: 100 points */
    world_run(w, 0);
}

static void test_ban(void **state)
{
    struct store_memory *m;
    struct world w;
    dspv_ban ban;
    (void)state;
    assert_int_equal(store_memory_new(&m), 0);
    found(&w, 3);
    w.store = store_memory_seam(m);
    w.dns_seed = "seed.example";
    w.resolve = dns_answers;
    world_start(&w, 8);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_int_equal(connected(&w), 3);
    assert_false(dspv_ban_at(w.client, 0, &ban));
    misbehave(&w, &w.peers[0]);
    assert_null(w.peers[0].node);
    assert_true(dspv_ban_at(w.client, 0, &ban));
    assert_memory_equal(ban.addr.ip, w.peers[0].addr.ip, 16);
    assert_true(ban.reason != DSPV_OK && ban.times == 1 && ban.until - ban.since == 24 * 60 * MINUTE);
    unsigned before = w.peers[0].connections;
    world_pass(&w, 23 * 60 * MINUTE);
    assert_int_equal(w.peers[0].connections, before);
    dspv_ms then = w.now;
    world_free(&w);

    found(&w, 3); /* another process, the same store */
    w.store = store_memory_seam(m);
    w.now = then;
    w.dns_seed = "seed.example";
    w.resolve = dns_answers;
    world_start(&w, 9);
    assert_true(dspv_ban_at(w.client, 0, &ban));
    world_run(&w, 10 * MINUTE);
    assert_int_equal(connected(&w), 2);
    assert_int_equal(w.peers[0].connections, 0);
    assert_true(dspv_unban(w.client, &w.peers[0].addr, w.now));
    assert_false(dspv_unban(w.client, &w.peers[0].addr, w.now));
    world_pass(&w, 60 * MINUTE);
    assert_int_equal(w.peers[0].connections, 1);
    world_free(&w);
    store_memory_free(m);
}

/* A peer on the user's own machine is only left alone for a while. */
static void test_no_ban(void **state)
{
    struct world w;
    dspv_ban ban;
    (void)state;
    found(&w, 1);
    w.peers[0].unnamed = false;
    world_start(&w, 8);
    assert_true(world_run_until_synced(&w, MINUTE));
    misbehave(&w, &w.peers[0]);
    assert_false(dspv_ban_at(w.client, 0, &ban));
    world_pass(&w, 10 * MINUTE);
    assert_int_equal(w.peers[0].connections, 2);
    world_free(&w);
}

/* ---- what is remembered */

/* After a restart the two of the longest standing are tried first; who was connected can be read. */
static void test_anchors(void **state)
{
    struct store_memory *m;
    struct world w;
    dspv_peer p;
    dspv_ms when;
    (void)state;
    assert_int_equal(store_memory_new(&m), 0);
    found(&w, 8);
    w.store = store_memory_seam(m);
    w.dns_seed = "seed.example";
    w.resolve = dns_answers;
    w.config.target_outbound = 2;
    world_start(&w, 10);
    assert_true(world_run_until_synced(&w, MINUTE));
    world_pass(&w, 25 * MINUTE);
    world_run(&w, 1000);
    assert_int_equal(w.client->book->n_anchors, 2);
    dspv_addr anchors[2] = {w.client->book->anchors[0], w.client->book->anchors[1]};
    dspv_ms then = w.now;
    world_free(&w);

    for (uint8_t seed = 11; seed < 16; seed++) {
        struct store_memory *copy;
        assert_int_equal(store_memory_clone(&copy, m), 0);
        found(&w, 8);
        w.store = store_memory_seam(copy);
        w.now = then + MINUTE;
        w.config.target_outbound = 2;
        w.config.discover = false; /* first only look */
        world_start(&w, seed);
        for (size_t i = 0; i < 2; i++) {
            assert_true(dspv_stored_peer_at(w.client, i, &p, &when));
            assert_true(address_eq(&p.addr, &anchors[0]) || address_eq(&p.addr, &anchors[1]));
            assert_true(p.ready && p.height == TIP && p.bytes_received > 1000 && strstr(p.user_agent, "Dash Core"));
            assert_true(when <= then && when > then - 2 * MINUTE);
        }
        assert_false(dspv_stored_peer_at(w.client, 2, &p, &when));
        w.client->config.discover = true;
        world_run(&w, MINUTE);
        for (size_t i = 0; i < w.n_peers; i++) {
            bool anchor = address_eq(&w.peers[i].addr, &anchors[0]) || address_eq(&w.peers[i].addr, &anchors[1]);
            assert_int_equal(w.peers[i].node != NULL, anchor);
        }
        world_free(&w);
        store_memory_free(copy);
    }
    store_memory_free(m);
}

/* The record of who is connected, cut off anywhere and with any byte changed: what is read is within its bounds, or nothing. */
static void test_damaged_record(void **state)
{
    struct world w;
    struct writer record;
    dspv_peer p, honest[4];
    dspv_ms when;
    unsigned told = 0, refused = 0;
    (void)state;
    found(&w, 4);
    w.dns_seed = "seed.example";
    w.resolve = dns_answers;
    world_start(&w, 10);
    assert_true(world_run_until_synced(&w, MINUTE));
    writer_init(&record);
    peer_record_write(w.client, &record);
    for (size_t i = 0; i < 4; i++) {
        assert_true(peer_record_read((struct span){record.data, record.n}, i, &p, &when));
        assert_true(dspv_peer_at(w.client, i, &honest[i]) && address_eq(&p.addr, &honest[i].addr) && when == w.now);
        assert_string_equal(p.user_agent, honest[i].user_agent);
    }
    assert_false(peer_record_read((struct span){record.data, record.n}, 4, &p, &when));
    for (size_t n = 0; n < record.n; n++)
        assert_false(peer_record_read((struct span){record.data, n}, 3, &p, &when));
    for (size_t at = 0; at < record.n * 8; at++) {
        record.data[at / 8] ^= (uint8_t)(1 << at % 8);
        for (size_t i = 0; i < 5; i++) {
            bool is = peer_record_read((struct span){record.data, record.n}, i, &p, &when);
            told += is;
            refused += !is;
            assert_true(!is || memchr(p.user_agent, 0, sizeof(p.user_agent)));
        }
        record.data[at / 8] ^= (uint8_t)(1 << at % 8);
    }
    assert_true(told > 0 && refused > 0);
    writer_free(&record);
    world_free(&w);
}

/* More addresses than the set of those in use holds: old ones give way, and nothing is held against the newcomers. */
static void test_many_addresses(void **state)
{
    struct world w;
    (void)state;
    found(&w, 1);
    w.peers[0].unnamed = false;
    world_start(&w, 12);
    assert_true(world_run_until_synced(&w, MINUTE));
    size_t index, user = w.client->peers[0]->address;
    for (uint32_t i = 0; i < 5000; i++) {
        dspv_addr a = {.port = 9999};
        a.ip[10] = a.ip[11] = 0xff;
        store_be32(a.ip + 12, 0x05000000 + i * 257);
        w.now++;
        w.client->now = w.now;
        assert_int_equal(address_set_take(w.client, &a, &index), 0);
        assert_true(index < ADDRESS_SET_MOST && index != user);
        const struct address *taken = &w.client->addresses[index];
        assert_true(address_eq(&taken->addr, &a) && taken->failures == 0 && taken->origins == 0);
        assert_false(blame_remembers(w.client, index));
        if (i % 10 == 0) { /* remembered longer than others */
            whom_note_failure(w.client, index, PLAN_QR_INFO);
            w.client->mn.blame.served[0] = (struct served_snapshot){.address = index, .suspected = true};
            w.client->mn.blame.n_served = 1;
        }
    }
    assert_int_equal(w.client->n_addresses, ADDRESS_SET_MOST);
    world_run(&w, 10 * MINUTE);
    assert_int_equal(world_phase(&w), DSPV_PHASE_SYNCED);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feelers),
        cmocka_unit_test(test_old_tip),
        cmocka_unit_test(test_eclipse),
        cmocka_unit_test(test_laggard),
        cmocka_unit_test(test_ban),
        cmocka_unit_test(test_no_ban),
        cmocka_unit_test(test_anchors),
        cmocka_unit_test(test_damaged_record),
        cmocka_unit_test(test_many_addresses),
    };
    return cmocka_run_group_tests_name("connections", tests, NULL, NULL);
}
