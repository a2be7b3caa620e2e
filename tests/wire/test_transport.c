/* wire/version, small, inventory, addr: vectors by hand, round trips over random values, truncations, limits, recordings. */
#include "live.h"

#include "base/mem.h"
#include "wire/addr.h"
#include "wire/inventory.h"
#include "wire/small.h"
#include "wire/version.h"

static void random_bytes(uint64_t *seed, void *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)out)[i] = (uint8_t)test_random(seed);
}

static void assert_encodes_to(struct writer *w, const uint8_t *p, size_t n)
{
    assert_false(w->failed);
    assert_int_equal(w->n, n);
    assert_memory_equal(w->data, p, n);
    writer_free(w);
}

static struct version random_version(uint64_t *seed)
{
    struct version m;
    memset(&m, 0, sizeof(m));
    m.version = (int32_t)test_random(seed);
    m.services = test_random(seed);
    m.time_s = (int64_t)test_random(seed);
    m.you.services = test_random(seed);
    random_bytes(seed, m.you.ip, 16);
    m.you.port = (uint16_t)test_random(seed);
    m.me.services = test_random(seed);
    random_bytes(seed, m.me.ip, 16);
    m.me.port = (uint16_t)test_random(seed);
    m.nonce = test_random(seed);
    m.user_agent_n = test_random(seed) % (VERSION_MOST_AGENT + 1);
    random_bytes(seed, m.user_agent, m.user_agent_n);
    m.start_height = (int32_t)test_random(seed);
    m.relay = test_random(seed) & 1;
    random_bytes(seed, m.challenge, 32);
    m.masternode = test_random(seed) & 1;
    return m;
}

static void assert_same_version(const struct version *a, const struct version *b)
{
    assert_int_equal(a->version, b->version);
    assert_true(a->services == b->services && a->time_s == b->time_s && a->nonce == b->nonce);
    assert_true(a->you.services == b->you.services && a->me.services == b->me.services);
    assert_memory_equal(a->you.ip, b->you.ip, 16);
    assert_memory_equal(a->me.ip, b->me.ip, 16);
    assert_int_equal(a->you.port, b->you.port);
    assert_int_equal(a->me.port, b->me.port);
    assert_int_equal(a->user_agent_n, b->user_agent_n);
    assert_memory_equal(a->user_agent, b->user_agent, sizeof(a->user_agent));
    assert_int_equal(a->start_height, b->start_height);
    assert_int_equal(a->relay, b->relay);
    assert_memory_equal(a->challenge, b->challenge, 32);
    assert_int_equal(a->masternode, b->masternode);
}

/* The message may end after field 6, 9, 10, 11, 12, 13 or 14, nowhere else. `m` loses what is cut off. */
static bool cut_version(struct version *m, size_t n)
{
    size_t agent = 80 + (m->user_agent_n < 0xfd ? 1u : 3u) + m->user_agent_n;
    if (n < agent + 4 + 1 + 32 + 1)
        m->masternode = false;
    if (n < agent + 4 + 1 + 32)
        memset(m->challenge, 0, 32);
    if (n < agent + 4 + 1)
        m->relay = true;
    if (n < agent + 4)
        m->start_height = 0;
    if (n < agent) {
        memset(m->user_agent, 0, sizeof(m->user_agent));
        m->user_agent_n = 0;
    }
    if (n < 80) {
        memset(&m->me, 0, sizeof(m->me));
        m->nonce = 0;
    }
    return n == 46 || n == 80 || n == agent || n == agent + 4 || n == agent + 5 || n == agent + 37 || n >= agent + 38;
}

static void test_version_round_trips(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 40; round++) {
        struct version m = random_version(&seed), got;
        struct writer w;
        dspv_fault fault;
        writer_init(&w);
        version_encode(&w, &m);
        for (size_t n = 0; n <= w.n; n++) {
            struct version cut = m;
            bool good = cut_version(&cut, n);
            assert_int_equal(version_decode(w.data, n, &got, &fault), good ? 0 : DSPV_EFAULT);
            if (good)
                assert_same_version(&got, &cut);
            else
                assert_int_equal(fault.reason, DSPV_TRUNCATED);
        }
        writer_u32(&w, 0xffffffff); /* fields of the future */
        assert_int_equal(version_decode(w.data, w.n, &got, &fault), 0);
        assert_same_version(&got, &m);
        writer_free(&w);
    }
}

static void test_version_vector(void **state)
{
    (void)state;
    /* 70240, services 0x1c05, 2024-01-01, to 1.2.3.4:9999, from nowhere, "/x:1/", height 2, relay, no masternode */
    const char hex[] =
        "60120100051c000000000000800092650000000001000000000000000000000000000000"
        "0000ffff01020304270f00000000000000000000000000000000000000000000000000000807060504030201052f783a312f020000000"
        "1000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00";
    uint8_t raw[(sizeof(hex) - 1) / 2];
    assert_true(hex_decode(hex, raw, sizeof(raw)));
    struct version m;
    dspv_fault fault;
    assert_int_equal(version_decode(raw, sizeof(raw), &m, &fault), 0);
    assert_int_equal(m.version, 70240);
    assert_true(m.services ==
                (SERVICE_NETWORK | SERVICE_BLOOM | SERVICE_NETWORK_LIMITED | SERVICE_HEADERS_COMPRESSED | SERVICE_P2P_V2));
    assert_true(m.time_s == 1704067200);
    assert_true(m.you.services == 1);
    assert_int_equal(m.you.ip[12], 1);
    assert_int_equal(m.you.port, 9999);
    assert_true(m.nonce == 0x0102030405060708);
    assert_string_equal(m.user_agent, "/x:1/");
    assert_int_equal(m.start_height, 2);
    assert_true(m.relay);
    assert_int_equal(m.challenge[31], 31);
    assert_false(m.masternode);
    struct writer w;
    writer_init(&w);
    version_encode(&w, &m);
    assert_encodes_to(&w, raw, sizeof(raw));
}

static void test_version_user_agent_limit(void **state)
{
    (void)state;
    uint8_t raw[80 + 3 + 257] = {0};
    struct version m;
    dspv_fault fault;
    raw[80] = 0xfd;
    raw[81] = 0;
    raw[82] = 1;
    assert_int_equal(version_decode(raw, 80 + 3 + 256, &m, &fault), 0);
    assert_int_equal(m.user_agent_n, 256);
    raw[81] = 1;
    assert_int_equal(version_decode(raw, sizeof(raw), &m, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_BAD_USER_AGENT);
    assert_int_equal(fault.offset, 80);
}

static void test_small_messages(void **state)
{
    (void)state;
    uint8_t raw[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    uint64_t nonce;
    bool wanted;
    struct sendcmpct m;
    struct writer w;
    dspv_fault fault;
    writer_init(&w);
    assert_int_equal(ping_decode(raw, 8, &nonce, &fault), 0);
    assert_true(nonce == 0x0807060504030201);
    ping_encode(&w, nonce);
    assert_encodes_to(&w, raw, 8);
    assert_int_equal(sendcmpct_decode(raw, 9, &m, &fault), 0);
    assert_true(m.announce && m.version == 0x0908070605040302);
    sendcmpct_encode(&w, &m);
    assert_encodes_to(&w, raw, 9);
    for (uint8_t v = 0; v < 2; v++) {
        assert_int_equal(senddsq_decode(&v, 1, &wanted, &fault), 0);
        assert_int_equal(wanted, v);
        senddsq_encode(&w, wanted);
        assert_encodes_to(&w, &v, 1);
    }
    raw[0] = 2;
    assert_int_equal(senddsq_decode(raw, 1, &wanted, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_BAD_BOOLEAN);
    for (size_t n = 0; n <= 10; n++) {
        raw[0] = 1;
        assert_int_equal(ping_decode(raw, n, &nonce, &fault), n == 8 ? 0 : DSPV_EFAULT);
        assert_int_equal(sendcmpct_decode(raw, n, &m, &fault), n == 9 ? 0 : DSPV_EFAULT);
        assert_int_equal(senddsq_decode(raw, n, &wanted, &fault), n == 1 ? 0 : DSPV_EFAULT);
    }
}

static void test_inventory(void **state)
{
    (void)state;
    uint64_t seed = 2;
    struct inventory_item *items = calloc(INVENTORY_MOST + 1, sizeof(*items));
    assert_non_null(items);
    random_bytes(&seed, items, 300 * sizeof(*items));
    const uint32_t counts[] = {0, 1, 2, 252, 253, INVENTORY_MOST, INVENTORY_MOST + 1};
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        struct writer w;
        struct inventory got;
        dspv_fault fault;
        writer_init(&w);
        inventory_encode(&w, items, counts[c]);
        assert_int_equal(w.n, (counts[c] < 0xfd ? 1u : 3u) + 36 * (size_t)counts[c]);
        if (counts[c] > INVENTORY_MOST) {
            assert_int_equal(inventory_decode(w.data, w.n, &got, &fault), DSPV_EFAULT);
            assert_int_equal(fault.reason, DSPV_TOO_MANY);
            writer_free(&w);
            continue;
        }
        assert_int_equal(inventory_decode(w.data, w.n, &got, &fault), 0);
        assert_int_equal(got.n, counts[c]);
        for (uint32_t i = 0; i < got.n; i++) {
            struct inventory_item item = inventory_at(&got, i);
            assert_true(item.type == items[i].type && hash256_eq(&item.hash, &items[i].hash));
        }
        for (size_t n = 0; n < w.n && n < 5000; n++)
            assert_int_equal(inventory_decode(w.data, n, &got, &fault), DSPV_EFAULT);
        writer_u8(&w, 0);
        assert_int_equal(inventory_decode(w.data, w.n, &got, &fault), DSPV_EFAULT);
        assert_int_equal(fault.reason, DSPV_TRAILING_BYTES);
        writer_free(&w);
    }
    free(items);
}

static struct gossip_address random_address(uint64_t *seed, bool ip_only)
{
    static const enum net_kind kinds[] = {NET_IPV4, NET_IPV6, NET_TORV3, NET_I2P, NET_CJDNS};
    struct gossip_address a;
    memset(&a, 0, sizeof(a));
    a.time_s = (uint32_t)test_random(seed);
    a.services = test_random(seed) >> (test_random(seed) % 64);
    a.kind = kinds[test_random(seed) % (ip_only ? 2 : 5)];
    random_bytes(seed, a.host, gossip_host_size(a.kind));
    a.port = (uint16_t)test_random(seed);
    return a;
}

static void assert_same_address(const struct gossip_address *a, const struct gossip_address *b)
{
    assert_int_equal(a->time_s, b->time_s);
    assert_true(a->services == b->services);
    assert_int_equal(a->kind, b->kind);
    assert_memory_equal(a->host, b->host, 32);
    assert_int_equal(a->port, b->port);
}

typedef int decode_function(const uint8_t *, size_t, struct arena *, struct gossip *, dspv_fault *);
typedef void encode_function(struct writer *, const struct gossip *);

static void check_gossip(decode_function *decode, encode_function *encode, bool ip_only)
{
    uint64_t seed = 3;
    static struct gossip_address list[ADDR_MOST + 1];
    const uint32_t counts[] = {0, 1, 5, 40, ADDR_MOST, ADDR_MOST + 1};
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        for (uint32_t i = 0; i < counts[c]; i++)
            list[i] = random_address(&seed, ip_only);
        struct gossip m = {list, counts[c]}, got;
        struct writer w;
        struct arena arena;
        dspv_fault fault;
        writer_init(&w);
        arena_init(&arena, 0);
        encode(&w, &m);
        if (counts[c] > ADDR_MOST) {
            assert_int_equal(decode(w.data, w.n, &arena, &got, &fault), DSPV_EFAULT);
            assert_int_equal(fault.reason, DSPV_TOO_MANY);
        } else {
            assert_int_equal(decode(w.data, w.n, &arena, &got, &fault), 0);
            assert_int_equal(got.n, m.n);
            for (uint32_t i = 0; i < m.n; i++)
                assert_same_address(&got.addresses[i], &m.addresses[i]);
            for (size_t n = 0; n < w.n && n < 2000; n++) {
                assert_int_equal(decode(w.data, n, &arena, &got, &fault), DSPV_EFAULT);
                assert_true(fault.reason == DSPV_TRUNCATED || fault.reason == DSPV_TOO_MANY);
            }
            writer_u8(&w, 0);
            assert_int_equal(decode(w.data, w.n, &arena, &got, &fault), DSPV_EFAULT);
            assert_int_equal(fault.reason, DSPV_TRAILING_BYTES);
            arena_free(&arena);
            mem_fail_after(1);
            assert_int_equal(decode(w.data, w.n, &arena, &got, &fault), DSPV_ENOMEM);
            mem_fail_after(0);
        }
        arena_free(&arena);
        writer_free(&w);
    }
}

static void test_addr(void **state)
{
    (void)state;
    check_gossip(addr_decode, addr_encode, true);
    /* addr cannot carry what is neither IPv4 nor IPv6 */
    struct gossip_address mixed[] = {
        {.kind = NET_TORV3}, {.kind = NET_IPV4, .host = {8, 8, 4, 4}, .port = 0x1234}, {.kind = NET_CJDNS}};
    struct writer w;
    writer_init(&w);
    addr_encode(&w, &(struct gossip){mixed, 3});
    const uint8_t expected[31] = {1, [23] = 0xff, 0xff, 8, 8, 4, 4, 0x12, 0x34};
    assert_encodes_to(&w, expected, sizeof(expected));
}

static void test_addrv2(void **state)
{
    (void)state;
    check_gossip(addrv2_decode, addrv2_encode, false);
    static const size_t sizes[] = {[1] = 4, [2] = 16, [4] = 32, [5] = 32, [6] = 16};
    for (unsigned id = 0; id < 256; id++) {
        size_t right = id < 7 ? sizes[id] : 0;
        for (size_t n = 0; n <= ADDRV2_MOST_HOST + 1; n++) {
            uint8_t host[ADDRV2_MOST_HOST + 1];
            memset(host, 0x20, sizeof(host));
            struct writer w;
            struct arena arena;
            struct gossip got;
            dspv_fault fault;
            writer_init(&w);
            arena_init(&arena, 0);
            writer_u8(&w, 1);
            writer_u32(&w, 77);
            writer_compact_size(&w, 0xfedcba9876543210);
            writer_u8(&w, (uint8_t)id);
            writer_compact_size(&w, n);
            writer_bytes(&w, host, n);
            writer_u16_be(&w, 9999);
            int error = addrv2_decode(w.data, w.n, &arena, &got, &fault);
            if (n > ADDRV2_MOST_HOST || (right && n != right)) {
                assert_int_equal(error, DSPV_EFAULT);
                assert_int_equal(fault.reason, n > ADDRV2_MOST_HOST ? DSPV_TOO_MANY : DSPV_BAD_ADDRESS);
            } else {
                assert_int_equal(error, 0);
                assert_int_equal(got.n, right != 0);
                if (right) {
                    assert_int_equal(got.addresses[0].port, 9999);
                    assert_true(got.addresses[0].services == 0xfedcba9876543210);
                }
            }
            arena_free(&arena);
            writer_free(&w);
        }
    }
}

static void test_addrv2_oddities(void **state)
{
    (void)state;
    struct arena arena;
    struct gossip got;
    dspv_fault fault;
    arena_init(&arena, 0);
    /* an unknown network between two known ones; the second is IPv4 written as IPv6 and left out as well */
    const uint8_t some[] = {3, 1, 0,    0,    0,    5, 99,   2, 1, 2, 0, 1, /* id 99 */
                            2, 0, 0,    0,    5,    2, 16,   0, 0, 0, 0, 0, 0, 0,    0,
                            0, 0, 0xff, 0xff, 1,    2, 3,    4, 0, 1, /* ::ffff: */
                            3, 0, 0,    0,    0xfd, 5, 0x1c, 1, 4, 1, 2, 3, 4, 0x27, 0x0f};
    assert_int_equal(addrv2_decode(some, sizeof(some), &arena, &got, &fault), 0);
    assert_int_equal(got.n, 1);
    assert_int_equal(got.addresses[0].time_s, 3);
    assert_int_equal(got.addresses[0].kind, NET_IPV4);
    assert_int_equal(got.addresses[0].services, 0x1c05);
    assert_int_equal(got.addresses[0].port, 9999);
    const uint8_t not_minimal[] = {1, 1, 0, 0, 0, 0xfd, 5, 0, 1, 4, 1, 2, 3, 4, 0, 1};
    assert_int_equal(addrv2_decode(not_minimal, sizeof(not_minimal), &arena, &got, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_COMPACT_SIZE);
    assert_int_equal(fault.offset, 5);
    arena_free(&arena);
}

/* Every small message of a recording decodes and encodes to the same bytes. */
static void check_recorded(const char *name, size_t want_inv, size_t want_ping)
{
    struct bytes live = data_load(name);
    struct live_message m;
    size_t inv = 0, ping = 0, once = 0;
    for (size_t at = 0; live_next(&live, &at, &m);) {
        struct writer w;
        dspv_fault fault;
        writer_init(&w);
        assert_true(m.n <= wire_command_largest(m.command));
        if (m.command == WIRE_INV) {
            struct inventory list;
            struct inventory_item items[8];
            assert_int_equal(inventory_decode(m.payload, m.n, &list, &fault), 0);
            assert_in_range(list.n, 1, 8);
            for (uint32_t i = 0; i < list.n; i++)
                items[i] = inventory_at(&list, i);
            inventory_encode(&w, items, list.n);
            inv++;
        } else if (m.command == WIRE_PING) {
            uint64_t nonce;
            assert_int_equal(ping_decode(m.payload, m.n, &nonce, &fault), 0);
            assert_true(nonce != 0);
            ping_encode(&w, nonce);
            ping++;
        } else if (m.command == WIRE_SENDCMPCT) {
            struct sendcmpct c;
            assert_int_equal(sendcmpct_decode(m.payload, m.n, &c, &fault), 0);
            assert_true(!c.announce && c.version == 1); /* protocol.md 3.6 */
            sendcmpct_encode(&w, &c);
            once++;
        } else if (m.command == WIRE_SENDDSQ) {
            bool wanted;
            assert_int_equal(senddsq_decode(m.payload, m.n, &wanted, &fault), 0);
            assert_true(wanted);
            senddsq_encode(&w, wanted);
            once++;
        } else {
            continue;
        }
        assert_encodes_to(&w, m.payload, m.n);
    }
    assert_int_equal(inv, want_inv);
    assert_int_equal(ping, want_ping);
    assert_int_equal(once, 2);
    free(live.p);
}

static void test_recorded_messages(void **state)
{
    (void)state;
    data_or_skip();
    check_recorded("regtest/churn/live.bin", 789, 28);
    check_recorded("regtest/eras/live.bin", 403, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_round_trips),
        cmocka_unit_test(test_version_vector),
        cmocka_unit_test(test_version_user_agent_limit),
        cmocka_unit_test(test_small_messages),
        cmocka_unit_test(test_inventory),
        cmocka_unit_test(test_addr),
        cmocka_unit_test(test_addrv2),
        cmocka_unit_test(test_addrv2_oddities),
        cmocka_unit_test(test_recorded_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
