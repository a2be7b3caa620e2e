/* Peers that nobody named: found through DNS, seeds, gossip and the masternode list, and chosen for variety. */
#include "sync/town.h"

#include "base/mem.h"

/* ---- where addresses come from */

static void dns_fails(struct world *w, const dspv_out *out)
{
    w->resolved++;
    assert_int_equal(dspv_in_resolved(w->client, out->name, NULL, 0, w->now), 0);
}

static void test_dns(void **state)
{
    struct world w;
    dspv_addresses book;
    (void)state;
    found(&w, 6);
    w.dns_seed = "seed.example";
    w.resolve = dns_answers;
    world_start(&w, 1);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_true(world_check_oracle(&w) > 0);
    assert_int_equal(w.resolved, 1);
    assert_int_equal(connected(&w), 4);
    assert_int_equal(w.commands[WIRE_GETADDR], w.connections);
    assert_int_equal(w.commands[WIRE_SENDADDRV2], w.connections);
    dspv_get_addresses(w.client, &book);
    assert_int_equal(book.from_dns, 6);
    assert_int_equal(book.ipv4, book.addresses);
    assert_int_equal(book.tried, 4);
    world_free(&w);
}

/* No answer from the DNS: after a minute the fixed seeds; the DNS is asked again, less and less often. */
static void test_seeds(void **state)
{
    static const char *const seeds[] = {"127.21.0.1:19899", "127.22.0.1:19899", "no address"};
    struct world w;
    (void)state;
    found(&w, 2);
    w.dns_seed = "seed.example";
    w.resolve = dns_fails;
    w.fixed_seeds = seeds;
    w.n_fixed_seeds = 3;
    world_start(&w, 1);
    world_run(&w, MINUTE - 1);
    assert_int_equal(w.connections, 0);
    world_pass(&w, 1);
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_int_equal(connected(&w), 2);
    assert_true(w.resolved <= 3);
    world_pass(&w, 10 * 60 * MINUTE);
    assert_true(w.resolved >= 10 && w.resolved <= 20); /* hourly by now */
    world_free(&w);
}

static void test_gossip(void **state)
{
    struct gossip_address list[WORLD_MOST_PEERS];
    struct world w;
    dspv_peer p;
    unsigned of_user = 0, of_gossip = 0;
    (void)state;
    found(&w, 8);
    w.peers[0].unnamed = false;
    struct gossip told = about_peers(&w, list, 1);
    w.peers[0].gossip = &told;
    world_start(&w, 2);
    assert_true(world_run_until_synced(&w, MINUTE));
    world_run(&w, MINUTE);
    assert_int_equal(connected(&w), 4);
    assert_int_equal(dspv_peer_count(w.client), 4);
    for (size_t i = 0; dspv_peer_at(w.client, i, &p); i++) {
        of_user += p.origins == DSPV_FROM_USER;
        of_gossip += p.origins == DSPV_FROM_GOSSIP;
        assert_true(p.ready && p.height == TIP && p.score == 0 && p.protocol == 70240 && p.bytes_sent > 100 &&
                    p.bytes_received > 100);
        assert_non_null(strstr(p.user_agent, "Dash Core"));
    }
    assert_true(of_user == 1 && of_gossip == 3);
    world_free(&w);
}

/* The proven list names masternodes: addresses to try, no more. */
static void test_masternode_list(void **state)
{
    struct world w;
    dspv_addresses book;
    (void)state;
    found(&w, 1);
    w.peers[0].unnamed = false;
    world_start(&w, 3);
    assert_true(world_run_until_synced(&w, MINUTE));
    dspv_get_addresses(w.client, &book);
    print_message("%u addresses from the list\n", book.from_list);
    assert_true(book.from_list > 0 && book.from_list == book.addresses);
    world_run(&w, 30 * MINUTE);
    assert_true(w.strangers > 0); /* nobody is there */
    assert_int_equal(world_phase(&w), DSPV_PHASE_SYNCED);
    world_free(&w);
}

/* What only test networks may do is refused on others. */
static void test_local_addresses(void **state)
{
    dspv_network *net;
    dspv_config config;
    dspv *c;
    uint8_t seed[32] = {0};
    (void)state;
    dspv_config_init(&config);
    config.discover = config.local_addresses = true;
    assert_int_equal(dspv_network_new(&net, "mainnet"), 0);
    assert_int_equal(dspv_new(&c, net, &config, NULL, seed, 1), DSPV_EMISUSE);
    config.local_addresses = false;
    config.nets = 0;
    assert_int_equal(dspv_new(&c, net, &config, NULL, seed, 1), DSPV_EMISUSE);
    dspv_network_free(net);

    struct gossip_address list[WORLD_MOST_PEERS];
    struct world w;
    dspv_addresses book;
    found(&w, 4);
    w.config.local_addresses = false;
    w.peers[0].unnamed = false; /* the user may */
    struct gossip told = about_peers(&w, list, 1);
    w.peers[0].gossip = &told;
    world_start(&w, 2);
    assert_true(world_run_until_synced(&w, MINUTE));
    world_run(&w, 10 * MINUTE);
    dspv_get_addresses(w.client, &book);
    assert_int_equal(book.addresses, 0);
    assert_int_equal(connected(&w), 1);
    world_free(&w);
}

/* Without config.discover nothing of this happens. */
static void test_switched_off(void **state)
{
    struct gossip_address list[WORLD_MOST_PEERS];
    struct world w;
    dspv_addresses book;
    (void)state;
    found(&w, 6);
    w.config.discover = false;
    w.dns_seed = "seed.example";
    w.peers[0].unnamed = false;
    struct gossip told = about_peers(&w, list, 1);
    w.peers[0].gossip = &told;
    world_start(&w, 2);
    assert_true(world_run_until_synced(&w, MINUTE));
    world_pass(&w, 60 * MINUTE);
    assert_int_equal(w.connections, 1);
    assert_int_equal(w.commands[WIRE_GETADDR] + w.commands[WIRE_SENDADDRV2], 0);
    dspv_get_addresses(w.client, &book);
    assert_int_equal(book.addresses, 0);
    world_free(&w);
}

/* ---- gossip from enemies */

/* Say addrv2 with `n` addresses, the first at 5.0.0.0, each in a group of its own. */
static void flood(struct world *w, const struct world_peer *p, uint32_t first, uint32_t n)
{
    struct gossip_address *list = calloc(n, sizeof(*list));
    struct writer payload;
    assert_non_null(list);
    writer_init(&payload);
    for (uint32_t i = 0; i < n; i++) {
        dspv_addr a = {.port = 9999};
        a.ip[12] = (uint8_t)(5 + (first + i) / 256);
        a.ip[13] = (uint8_t)(first + i);
        list[i] = tellable(w, &a);
    }
    addrv2_encode(&payload, &(struct gossip){list, n});
    world_say(w, p, WIRE_ADDRV2, payload.data, payload.n);
    writer_free(&payload);
    free(list);
}

/* One answer to our question, then one address in ten seconds. */
static void test_rate(void **state)
{
    struct world w;
    (void)state;
    found(&w, 1);
    w.peers[0].unnamed = false;
    world_start(&w, 4);
    assert_true(world_run_until_synced(&w, MINUTE));
    w.client->config.nets = DSPV_NET_IPV6; /* nobody is tried */
    size_t before = w.client->book->n;
    flood(&w, &w.peers[0], 0, 700);
    size_t first = w.client->book->n - before;
    flood(&w, &w.peers[0], 700, 1000); /* 300 more are taken */
    size_t second = w.client->book->n - before - first;
    flood(&w, &w.peers[0], 1700, 1000);
    assert_int_equal(w.client->book->n, before + first + second);
    w.now += 100000;
    flood(&w, &w.peers[0], 2700, 1000);
    size_t third = w.client->book->n - before - first - second;
    print_message("%zu of 700, %zu of 300, %zu of 10\n", first, second, third);
    assert_true(first <= 512 && first > 200 && second <= 300 && third <= 10);
    assert_int_equal(w.refused[DSPV_PEER_FLOODS], 0);
    assert_non_null(w.peers[0].node);
    world_free(&w);
}

static void test_malformed(void **state)
{
    uint8_t wrong[8] = {1, 2, 3, 4, 5, 1, 0xff, 0xff}, too_many[3] = {0xfd, 0xe9, 0x03};
    struct world w;
    (void)state;
    found(&w, 1);
    w.peers[0].unnamed = false;
    world_start(&w, 4);
    assert_true(world_run_until_synced(&w, MINUTE));
    for (int i = 0; i < 5; i++) {
        assert_non_null(w.peers[0].node);
        if (i % 2)
            world_say(&w, &w.peers[0], WIRE_ADDRV2, wrong, sizeof(wrong));
        else
            world_say(&w, &w.peers[0], WIRE_ADDR, too_many, sizeof(too_many));
        world_run(&w, 0);
    }
    assert_null(w.peers[0].node);
    world_free(&w);
}

/* ---- variety */

/* Eight of one network, told first, and four of others: while there are others, at most one of the eight. */
static void test_variety(void **state)
{
    (void)state;
    for (uint8_t seed = 0; seed < 20; seed++) {
        struct gossip_address list[WORLD_MOST_PEERS];
        struct world w;
        size_t alike = 0;
        found(&w, 13);
        for (size_t i = 1; i <= 8; i++) {
            w.peers[i].addr.ip[13] = 99;
            w.peers[i].addr.ip[15] = (uint8_t)i;
        }
        w.config.target_outbound = 5;
        w.peers[0].unnamed = false;
        struct gossip told = about_peers(&w, list, 1);
        w.peers[0].gossip = &told;
        world_start(&w, seed);
        assert_true(world_run_until_synced(&w, MINUTE));
        world_run(&w, MINUTE);
        assert_int_equal(connected(&w), 5);
        for (size_t i = 1; i <= 8; i++)
            alike += w.peers[i].node != NULL;
        assert_true(alike <= 2); /* places in the book are few for one source: some of the others may not be in it */
        world_free(&w);
    }
}

/* Three sources, one of which told of most: each has its third. */
static void test_sources(void **state)
{
    (void)state;
    for (uint8_t seed = 0; seed < 20; seed++) {
        struct world w;
        size_t of[3] = {0};
        found(&w, 18);
        w.config.target_outbound = 6;
        world_start(&w, seed);
        for (size_t i = 0; i < w.n_peers; i++) {
            bool added;
            uint64_t source = i < 10 ? 0 : i < 14 ? 1 : 2;
            struct book_news news = {&w.peers[i].addr, 1, source, DSPV_FROM_GOSSIP, w.now};
            assert_int_equal(book_add(w.client->book, &news, w.now, &added), 0);
        }
        connections_look_again(w.client);
        assert_int_equal(dspv_in_tick(w.client, w.now), 0);
        assert_true(world_run_until_synced(&w, MINUTE));
        for (size_t i = 0; i < w.n_peers; i++)
            of[i < 10 ? 0 : i < 14 ? 1 : 2] += w.peers[i].node != NULL;
        assert_int_equal(of[0] + of[1] + of[2], 6);
        assert_true(of[0] == 2 && of[1] == 2 && of[2] == 2);
        world_free(&w);
    }
}

/* ---- the same again; and without memory */

static void a_day(struct world *w, uint8_t seed, size_t fail_after)
{
    static struct gossip_address list[WORLD_MOST_PEERS];
    static struct gossip told;
    found(w, 9);
    told = about_peers(w, list, 3);
    w->peers[0].gossip = &told;
    w->peers[4].unreachable = true;
    w->dns_seed = "seed.example";
    w->resolve = dns_answers;
    w->tip = TIP - 1;
    world_start(w, seed);
    w->fail_after = fail_after;
    world_run(w, 20 * MINUTE);
    world_grow(w, TIP);
    world_run(w, 20 * MINUTE);
}

static void test_deterministic(void **state)
{
    struct world one, two, other;
    (void)state;
    a_day(&one, 13, 0);
    a_day(&two, 13, 0);
    a_day(&other, 14, 0);
    assert_memory_equal(one.digest, two.digest, 32);
    assert_memory_not_equal(one.digest, other.digest, 32);
    assert_int_equal(world_phase(&one), DSPV_PHASE_SYNCED);
    world_free(&one);
    world_free(&two);
    world_free(&other);
}

static void test_no_memory(void **state)
{
    unsigned failed = 0;
    (void)state;
    for (size_t nth = 1; nth < 4000; nth += nth < 200 ? 1 : 97) {
        struct world w;
        a_day(&w, 15, nth);
        failed += w.out_of_memory;
        assert_true(world_run_until_tip(&w, 10 * MINUTE));
        world_free(&w);
    }
    print_message("%u inputs failed\n", failed);
    assert_true(failed > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dns),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_gossip),
        cmocka_unit_test(test_masternode_list),
        cmocka_unit_test(test_local_addresses),
        cmocka_unit_test(test_switched_off),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_variety),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("discovery", tests, NULL, NULL);
}
