/* peers/address: text against published forms, groups and routability against the registries' own examples. */
#include "support/data.h"

#include "peers/address.h"
#include "wire/peer_address.h"

static dspv_addr parse(const char *text)
{
    dspv_addr a;
    if (!address_parse(text, 9999, &a))
        fail_msg("not understood: %s", text);
    return a;
}

static void expect_text(const char *text, const char *canonical)
{
    char out[PEER_ADDRESS_TEXT_SIZE];
    dspv_addr a = parse(text), again;
    peer_address_text(&a, out);
    assert_string_equal(out, canonical);
    assert_true(address_parse(out, 1, &again) && address_eq(&a, &again));
}

static void test_text(void **state)
{
    (void)state;
    expect_text("1.2.3.4", "1.2.3.4:9999");
    expect_text("255.0.7.99:65535", "255.0.7.99:65535");
    expect_text("::1", "[::1]:9999");
    expect_text("[::1]", "[::1]:9999");
    expect_text("[::]:1", "[::]:1");
    expect_text("2001:DB8:0:0:0:0:0:1", "[2001:db8::1]:9999");
    expect_text("[2001:db8:1:2:3:4:5:6]:19999", "[2001:db8:1:2:3:4:5:6]:19999");
    expect_text("1::8", "[1::8]:9999");
    expect_text("1:2:3:4:5:6:7::", "[1:2:3:4:5:6:7:0]:9999");
    expect_text("64:ff9b::192.0.2.33", "[64:ff9b::c000:221]:9999");
    expect_text("::ffff:1.2.3.4", "1.2.3.4:9999"); /* one form only */
    expect_text("::ffff:102:304", "1.2.3.4:9999");
    expect_text("duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion",
                "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion:9999");
    expect_text("PG6MMJIYJMCRSSLVYKFWNNTLARU7P5SVN6Y2YMMJU6NUBXNDF4PSCRYD.ONION:11661",
                "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:11661");
}

static void test_no_address(void **state)
{
    static const char *const bad[] = {
        "",
        ":",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.4:",
        "1.2.3.4:0",
        "1.2.3.4:65536",
        "1.2.3.4:x",
        "1.2.3.4 ",
        "[::1",
        "::1]",
        "[1.2.3.4]:5:6",
        ":1",
        "1:",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "12345::",
        "1:2:3:4:5:6:7::8",
        "::1.2.3",
        "1.2.3.4::",
        "g::",
        "[::1]9999",
        "[::1]:",
        "localhost",
        "dnsseed.dash.org",
        "1:::2",
        "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczae.onion", /* checksum, then version */
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.onion",
        "duckduckgogg42xj.onion",
        "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onio",
        ".onion",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        dspv_addr a;
        if (address_parse(bad[i], 9999, &a))
            fail_msg("taken for an address: %s", bad[i]);
    }
}

/* Any bytes: what is understood is written and read again as the same. */
static void test_text_random(void **state)
{
    static const char alphabet[] = "0123456789abcf:::...[]";
    uint64_t seed = 5;
    unsigned understood = 0;
    (void)state;
    for (unsigned i = 0; i < 300000; i++) {
        char text[24], out[PEER_ADDRESS_TEXT_SIZE];
        size_t n = test_random(&seed) % sizeof(text);
        for (size_t k = 0; k < n; k++)
            text[k] = alphabet[test_random(&seed) % (sizeof(alphabet) - 1)];
        text[n] = 0;
        dspv_addr a, b;
        if (!address_parse(text, 9999, &a))
            continue;
        understood++;
        peer_address_text(&a, out);
        assert_true(address_parse(out, 1, &b) && address_eq(&a, &b));
    }
    print_message("%u understood\n", understood);
    assert_true(understood > 100);
}

static void test_keys(void **state)
{
    static const char *const forms[] = {"1.2.3.4", "2001:db8::1",
                                        "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion"};
    static const size_t sizes[] = {7, 19, 35};
    uint8_t key[ADDRESS_KEY + 1] = {0};
    dspv_addr back;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        dspv_addr a = parse(forms[i]);
        assert_int_equal(address_key(&a, key), sizes[i]);
        assert_true(address_from_key(key, sizes[i], &back) && address_eq(&a, &back));
        assert_memory_equal(&a, &back, sizeof(a));
        assert_false(address_from_key(key, sizes[i] - 1, &back));
        assert_false(address_from_key(key, sizes[i] + 1, &back));
        assert_false(address_from_key(key, 0, &back));
        key[0] = 3;
        assert_false(address_from_key(key, sizes[i], &back));
    }
    uint8_t disguised[19] = {DSPV_NET_IPV6, [11] = 0xff, [12] = 0xff, 1, 2, 3, 4, 0, 1};
    assert_false(address_from_key(disguised, sizeof(disguised), &back));
}

static uint64_t group(const char *text)
{
    dspv_addr a = parse(text);
    return address_group(&a);
}

static void test_groups(void **state)
{
    (void)state;
    assert_true(group("1.2.3.4") == group("1.2.255.1:1"));
    assert_true(group("1.2.3.4") != group("1.3.3.4"));
    assert_true(group("1.2.3.4") == group("2002:0102:0304::1"));                    /* 6to4 */
    assert_true(group("1.2.3.4") == group("64:ff9b::1.2.9.9"));                     /* NAT64 */
    assert_true(group("1.2.3.4") == group("::ffff:0:1.2.9.9"));                     /* translated */
    assert_true(group("1.2.3.4") == group("2001:0:4136:e378:8000:63bf:fefd:fcfb")); /* Teredo */
    assert_true(group("2a01:4f8::1") == group("2a01:4f8:ffff::2"));
    assert_true(group("2a01:4f8::1") != group("2a01:4f9::1"));
    assert_true(group("2001:470:1000::1") != group("2001:470:2000::1"));
    assert_true(group("2001:470:1000::1") == group("2001:470:1fff::1"));
    dspv_addr t = {.port = 1, .is_onion = true, .onion = {0x3f}}, u = t;
    u.onion[0] = 0x30;
    u.onion[5] = 9;
    assert_true(address_group(&t) == address_group(&u));
    u.onion[0] = 0x40;
    assert_true(address_group(&t) != address_group(&u));
    assert_true(address_group(&t) != group("0.3.0.0"));
}

static void test_routable(void **state)
{
    static const char *const yes[] = {"1.1.1.1",
                                      "9.255.255.255",
                                      "11.0.0.0",
                                      "172.15.255.255",
                                      "172.32.0.0",
                                      "192.167.1.1",
                                      "100.63.0.1",
                                      "100.128.0.1",
                                      "126.1.1.1",
                                      "128.0.0.1",
                                      "198.17.1.1",
                                      "198.20.0.1",
                                      "223.255.255.255",
                                      "192.0.3.1",
                                      "2a01:4f8::1",
                                      "2001:4860::1",
                                      "2002:0101:0101::1",
                                      "64:ff9b::1.1.1.1",
                                      "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion"};
    static const char *const no[] = {"0.0.0.0",
                                     "0.1.2.3",
                                     "10.1.2.3",
                                     "172.16.0.1",
                                     "172.31.255.255",
                                     "192.168.0.1",
                                     "169.254.1.1",
                                     "100.64.0.1",
                                     "100.127.255.255",
                                     "127.0.0.1",
                                     "198.18.0.1",
                                     "198.19.255.255",
                                     "192.0.2.1",
                                     "198.51.100.7",
                                     "203.0.113.9",
                                     "224.0.0.1",
                                     "239.1.1.1",
                                     "240.0.0.1",
                                     "255.255.255.255",
                                     "::",
                                     "::1",
                                     "::2",
                                     "::1.1.1.1",
                                     "fe80::1",
                                     "fc00::1",
                                     "fd12::1",
                                     "ff02::1",
                                     "fec0::1",
                                     "2001:db8::1",
                                     "2001:10::1",
                                     "2001:2f::1",
                                     "3fff:fff::1",
                                     "2002:0a00:0001::1",
                                     "2002:7f00:1::",
                                     "64:ff9b::10.0.0.1",
                                     "::ffff:0:127.0.0.1",
                                     "4000::1"};
    (void)state;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        dspv_addr a = parse(yes[i]);
        if (!address_routable(&a) || address_local(&a))
            fail_msg("not routable: %s", yes[i]);
        a.port = 0;
        assert_false(address_routable(&a));
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        dspv_addr a = parse(no[i]);
        if (address_routable(&a))
            fail_msg("routable: %s", no[i]);
    }
}

static void test_local(void **state)
{
    static const char *const local[] = {"127.0.0.1",  "127.9.9.9", "::1",     "10.0.0.1",  "192.168.1.1",
                                        "172.20.1.1", "fd00::1",   "fe80::1", "100.64.1.1"};
    (void)state;
    for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
        dspv_addr a = parse(local[i]);
        assert_true(address_local(&a));
        assert_int_equal(address_loopback(&a), i < 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),  cmocka_unit_test(test_no_address), cmocka_unit_test(test_text_random),
        cmocka_unit_test(test_keys),  cmocka_unit_test(test_groups),     cmocka_unit_test(test_routable),
        cmocka_unit_test(test_local),
    };
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
