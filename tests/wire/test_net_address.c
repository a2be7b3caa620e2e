/* wire/net_address and wire/peer_address: text of addresses, against published addresses and RFC 5952. */
#include "support/data.h"

#include "base/base32.h"
#include "wire/mnentry.h"
#include "wire/peer_address.h"

static void expect(enum net_kind kind, const void *host, size_t n, uint16_t port, const char *text)
{
    char out[320];
    struct net_address a = {NET_CORE_P2P, kind, {host, n}, port};
    net_address_text(&a, out, sizeof(out));
    assert_string_equal(out, text);
}

static void expect_ipv6(const char *hex, const char *text)
{
    uint8_t host[16];
    char whole[64];
    assert_true(hex_decode(hex, host, 16));
    snprintf(whole, sizeof(whole), "[%s]:9999", text);
    expect(NET_IPV6, host, 16, 9999, whole);
    expect(NET_CJDNS, host, 16, 9999, whole);
}

static void test_ip(void **state)
{
    (void)state;
    expect(NET_IPV4, "\xff\x00\x07\x63", 4, 65535, "255.0.7.99:65535");
    expect_ipv6("00000000000000000000000000000001", "::1");
    expect_ipv6("00000000000000000000000000000000", "::");
    expect_ipv6("20010db8000000000000000000000001", "2001:db8::1");
    expect_ipv6("20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1");
    expect_ipv6("20010000000000010000000000000001", "2001:0:0:1::1");
    expect_ipv6("20010db8000000000001000000000001", "2001:db8::1:0:0:1");
    expect_ipv6("fc000000000000000000000000000000", "fc00::");
    expect_ipv6("abcd00ef0000000000000000000a0000", "abcd:ef::a:0");
    expect_ipv6("00000001000200030004000500060007", "0:1:2:3:4:5:6:7");
    expect_ipv6("00000000000200030004000500060007", "::2:3:4:5:6:7");
    expect_ipv6("00010002000300040005000600000000", "1:2:3:4:5:6::");
}

/* Bits of `n` base32 characters, most significant first. */
static void from_base32(const char *text, size_t n, uint8_t *out)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    memset(out, 0, n * 5 / 8);
    for (size_t bit = 0; bit < n * 5 / 8 * 8; bit++) {
        size_t value = (size_t)(strchr(alphabet, text[bit / 5]) - alphabet);
        out[bit / 8] |= (uint8_t)((value >> (4 - bit % 5) & 1) << (7 - bit % 8));
    }
}

/* Published onion addresses carry their own checksum: only the key is given to the code. */
static const char *const published[] = {
    "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion:80",
    "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion:443",
    "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:11661",
};
static const uint16_t published_ports[] = {80, 443, 11661};

static void test_tor(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        uint8_t address[35];
        from_base32(published[i], 56, address);
        expect(NET_TORV3, address, 32, published_ports[i], published[i]);
    }
}

static void expect_peer(const dspv_addr *a, const char *text)
{
    char out[PEER_ADDRESS_TEXT_SIZE];
    peer_address_text(a, out);
    assert_string_equal(out, text);
}

static void test_peers(void **state)
{
    char longest[PEER_ADDRESS_TEXT_SIZE];
    (void)state;
    expect_peer(&(dspv_addr){.ip = {[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 7}, .port = 9}, "192.0.2.7:9");
    expect_peer(&(dspv_addr){.ip = {[15] = 1}, .port = 65535}, "[::1]:65535");
    dspv_addr onion = {.port = 65535, .is_onion = true};
    assert_true(onion_host_parse("2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion", onion.onion));
    snprintf(longest, sizeof(longest), "%.62s:65535", published[0]);
    expect_peer(&onion, longest);
    dspv_addr wide = {.port = 65535};
    memset(wide.ip, 0xfe, 16);
    expect_peer(&wide, "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:65535");
}

/* A name that is wrong in any one place is no service's name. */
static void test_onion_names(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        char name[ONION_HOST_SIZE], again[ONION_HOST_SIZE];
        uint8_t address[35], key[32];
        memcpy(name, published[i], ONION_HOST_SIZE - 1);
        name[ONION_HOST_SIZE - 1] = 0;
        from_base32(name, 56, address);
        assert_true(onion_host_parse(name, key));
        assert_memory_equal(key, address, 32);
        onion_host(key, again);
        assert_string_equal(again, name);
        for (size_t at = 0; at < ONION_HOST_SIZE - 1; at++) {
            char right = name[at];
            name[at] = right == 'q' ? 'r' : 'q';
            assert_false(onion_host_parse(name, key));
            name[at] = 0;
            assert_false(onion_host_parse(name, key));
            name[at] = (char)(right >= 'a' ? right - 32 : right); /* case says nothing */
            assert_true(onion_host_parse(name, key));
            assert_memory_equal(key, address, 32);
        }
    }
    uint8_t key[32];
    assert_false(onion_host_parse("", key));
    assert_false(onion_host_parse("expyuzz4wqqyqhjn.onion", key)); /* version 2 is no more */
    assert_false(onion_host_parse("2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion.", key));
}

/* RFC 4648, section 10, where the length is a multiple of five; and every byte there and back. */
static void test_base32(void **state)
{
    uint8_t bytes[255], back[255];
    char text[409];
    (void)state;
    base32_encode((const uint8_t *)"fooba", 5, text);
    assert_string_equal(text, "mzxw6ytb");
    base32_encode((const uint8_t *)"foobar", 6, text);
    assert_string_equal(text, "mzxw6ytboi");
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i + 1);
    base32_encode(bytes, sizeof(bytes), text);
    assert_int_equal(strlen(text), 408);
    assert_true(base32_decode(text, back, sizeof(back)));
    assert_memory_equal(back, bytes, sizeof(back));
    for (int c = 0; c < 256; c++) {
        char one[9] = "aaaaaaaa";
        one[5] = (char)c;
        bool is_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
        assert_int_equal(base32_decode(one, back, 5), is_digit);
    }
}

static void test_i2p(void **state)
{
    (void)state;
    const char *text = "c4gfnttsuwqomiygupdqqqyy5y5emnk5c73hrfvatri67prd7vyq.b32.i2p:0";
    uint8_t hash[32];
    from_base32(text, 52, hash);
    expect(NET_I2P, hash, 32, 0, text);
}

static void test_domain(void **state)
{
    (void)state;
    expect(NET_DOMAIN, "server-1.example.com", 20, 22201, "server-1.example.com:22201");
    expect(NET_DOMAIN, "a\nb\x1b[0m c\x7f\xff\0d", 12, 1, "a?b?[0m?c???:1");
    char longest[254], text[320];
    memset(longest, 'x', 253);
    longest[253] = 0;
    snprintf(text, sizeof(text), "%s:65535", longest);
    expect(NET_DOMAIN, longest, 253, 65535, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ip),
        cmocka_unit_test(test_tor),
        cmocka_unit_test(test_peers),
        cmocka_unit_test(test_onion_names),
        cmocka_unit_test(test_base32),
        cmocka_unit_test(test_i2p),
        cmocka_unit_test(test_domain),
    };
    return cmocka_run_group_tests_name("wire_net_address", tests, NULL, NULL);
}
