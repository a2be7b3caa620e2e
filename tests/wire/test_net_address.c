/* wire/net_address: text of addresses, against published addresses and RFC 5952. */
#include "support/data.h"

#include "wire/mnentry.h"

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
static void test_tor(void **state)
{
    (void)state;
    const char *published[] = {
        "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion:80",
        "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion:443",
        "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:11661",
    };
    const uint16_t ports[] = {80, 443, 11661};
    for (int i = 0; i < 3; i++) {
        uint8_t address[35];
        from_base32(published[i], 56, address);
        expect(NET_TORV3, address, 32, ports[i], published[i]);
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
        cmocka_unit_test(test_i2p),
        cmocka_unit_test(test_domain),
    };
    return cmocka_run_group_tests_name("wire_net_address", tests, NULL, NULL);
}
