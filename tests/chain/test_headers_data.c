/* chain/headers on real runs of headers: everything the networks accepted passes every rule. */
#include "support/data.h"

#include "chain/headers.h"
#include "chain/pow.h"
#include "crypto/x11.h"

enum { LATER_S = 2000000000 }; /* an adjusted time after all recordings */

static const uint64_t seed[2] = {3, 4};

static struct headers *start(const char *network, int32_t height, const uint8_t *first, int32_t lenient_bits_height)
{
    struct chain_params p;
    assert_true(chain_params_init(&p, network));
    p.lenient_bits_height = lenient_bits_height;
    struct headers *h;
    assert_int_equal(headers_new_from(&h, &p, seed, height, first, NULL), 0);
    return h;
}

/* Add `n` headers; returns how many were accepted before the first refusal, and that fault. */
static size_t feed(struct headers *h, const uint8_t *raw, size_t n, dspv_fault *fault)
{
    for (size_t i = 0; i < n; i++) {
        block_hash hash;
        headers_node node;
        x11_hash(&hash, raw + 80 * i);
        if (headers_add(h, raw + 80 * i, &hash, LATER_S, &node, fault) != 0)
            return i;
    }
    return n;
}

static void fail_with(const char *name, const dspv_fault *fault)
{
    char text[300];
    dspv_fault_text(fault, text, sizeof(text));
    fail_msg("%s: %s", name, text);
}

/* A tree of all headers of a file, which starts at `height`. */
static struct headers *load_run(const char *network, const char *file, int32_t height)
{
    struct bytes b = data_load(file);
    size_t n = b.n / 80;
    assert_int_equal(b.n % 80, 0);
    struct chain_params p;
    assert_true(chain_params_init(&p, network));
    struct headers *h = start(network, height, b.p, p.lenient_bits_height);
    dspv_fault fault;
    if (feed(h, b.p + 80, n - 1, &fault) != n - 1)
        fail_with(file, &fault);
    assert_int_equal(headers_tip_height(h), height + (int32_t)n - 1);
    assert_int_equal(headers_count(h), n);
    for (size_t i = 0; i < n; i++) { /* and they come out as they went in */
        struct header got;
        uint8_t raw[80];
        headers_get(h, headers_at(h, height + (int32_t)i), &got);
        header_write(&got, raw);
        assert_memory_equal(raw, b.p + 80 * i, 80);
    }
    print_message("%s: %zu headers, %.1f bytes each in memory\n", file, n, (double)headers_memory(h) / (double)n);
    free(b.p);
    return h;
}

static void check_run(const char *network, const char *file, int32_t height)
{
    data_or_skip();
    headers_free(load_run(network, file, height));
}

static void test_mainnet_run(void **state)
{
    (void)state;
    check_run("mainnet", "mainnet/headers_1737084_1742083.bin", 1737084);
}

static void test_testnet_runs(void **state)
{
    (void)state;
    check_run("testnet", "testnet/headers_844000_851999.bin", 844000);
    check_run("testnet", "testnet/headers_895000_907999.bin", 895000);
    check_run("testnet", "testnet/headers_1090000_1100000.bin", 1090000);
}

static void test_regtest_runs(void **state)
{
    (void)state;
    check_run("regtest", "regtest/churn/headers.bin", 0);
    check_run("regtest", "regtest/eras/headers.bin", 0);
    check_run("regtest", "regtest/extaddr/headers.bin", 0);
}

/* Records of 12 bytes of chain work, 4 of height (both big-endian) and the header. */
struct record {
    const uint8_t *work_be;
    int32_t height;
    const uint8_t *header;
};

static struct record record_at(const struct bytes *b, size_t i)
{
    const uint8_t *p = b->p + 96 * i;
    return (struct record){p, (int32_t)load_be32(p + 12), p + 16};
}

static void assert_work(const struct headers *h, headers_node node, const uint8_t be[12])
{
    uint8_t work[32], expected[32] = {0};
    headers_work(h, node, work);
    for (int i = 0; i < 12; i++)
        expected[i] = be[11 - i];
    assert_memory_equal(work, expected, 32);
}

/* Every rule from genesis on; the accumulated work is what another program recorded. */
static void test_testnet_from_genesis(void **state)
{
    (void)state;
    data_or_skip();
    struct headers *h = load_run("testnet", "testnet/headers_0_39999.bin", 0);
    struct bytes b = data_load("testnet/checkpoints.bin");
    size_t compared = 0;
    for (size_t i = 0; i < b.n / 96; i++) {
        struct record r = record_at(&b, i);
        headers_node node = headers_at(h, r.height);
        if (node == HEADERS_NONE)
            continue;
        struct header got;
        uint8_t raw[80];
        headers_get(h, node, &got);
        header_write(&got, raw);
        assert_memory_equal(raw, r.header, 80);
        assert_work(h, node, r.work_be);
        compared++;
    }
    assert_true(compared > 30);
    print_message("%zu records of chain work agree\n", compared);
    free(b.p);
    headers_free(h);
}

/* The recorded headers have proof of work and can start a tree at their heights; work never falls. */
static void check_records(const char *network, const char *file, uint64_t least)
{
    data_or_skip();
    struct bytes b = data_load(file);
    size_t n = b.n / 96;
    assert_true(n >= least);
    for (size_t i = 0; i < n; i++) {
        struct record r = record_at(&b, i);
        struct headers *h = start(network, r.height, r.header, -1);
        assert_int_equal(headers_first_height(h), r.height);
        headers_free(h);
        assert_true(i == 0 || memcmp(record_at(&b, i - 1).work_be, r.work_be, 12) < 0);
    }
    free(b.p);
}

static void test_recorded_checkpoints(void **state)
{
    (void)state;
    check_records("mainnet", "mainnet/checkpoints.bin", 4244);
    check_records("testnet", "testnet/checkpoints.bin", 2511);
}

struct window_counts {
    size_t windows, inexact, inexact_after_dgw;
};

/* One window with its rules as they are, and again with equality demanded where it is not due. */
static void check_window(int32_t height, const uint8_t *raw, size_t n, struct window_counts *counts)
{
    dspv_fault fault;
    struct headers *h = start("mainnet", height, raw, 68589);
    if (feed(h, raw + 80, n - 1, &fault) != n - 1)
        fail_with("header_windows.bin", &fault);
    headers_free(h);
    h = start("mainnet", height, raw, -1);
    size_t accepted = feed(h, raw + 80, n - 1, &fault);
    headers_free(h);
    counts->windows++;
    if (accepted == n - 1)
        return;
    assert_int_equal(fault.reason, DSPV_BAD_DIFFBITS);
    assert_true(fault.height <= 68589);
    counts->inexact++;
    counts->inexact_after_dgw += fault.height >= 34140;
}

static void test_mainnet_windows(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes b = data_load("mainnet/header_windows.bin");
    struct window_counts counts = {0};
    for (size_t at = 0; at < b.n;) {
        size_t n = (size_t)(b.p[at + 4] | b.p[at + 5] << 8);
        check_window((int32_t)load_le32(b.p + at), b.p + at + 6, n, &counts);
        at += 6 + 80 * n;
    }
    free(b.p);
    print_message("%zu windows, %zu inexact, %zu of them from 34140 on\n", counts.windows, counts.inexact,
                  counts.inexact_after_dgw);
    assert_int_equal(counts.windows, 429);
    assert_int_equal(counts.inexact_after_dgw, 12);
}

/* A real run with one header changed is refused at that header, whatever changes. */
static void test_changed_real_headers_are_refused(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes b = data_load("mainnet/headers_1737084_1742083.bin");
    struct headers *h = start("mainnet", 1737084, b.p, -1);
    dspv_fault fault;
    assert_int_equal(feed(h, b.p + 80, 99, &fault), 99);
    const uint8_t *next = b.p + 80 * 100;
    for (size_t byte = 0; byte < 80; byte++) {
        uint8_t raw[80];
        memcpy(raw, next, 80);
        raw[byte] ^= 1;
        dspv_reason expected = DSPV_HIGH_HASH;
        if (byte >= 4 && byte < 36)
            expected = DSPV_PREV_UNKNOWN;
        else if (byte >= 72 && byte < 76)
            expected = DSPV_BAD_DIFFBITS;
        assert_int_equal(feed(h, raw, 1, &fault), 0);
        assert_int_equal(fault.reason, expected);
        assert_int_equal(headers_count(h), 100);
    }
    assert_int_equal(feed(h, next, 1, &fault), 1);
    headers_free(h);
    free(b.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mainnet_run),          cmocka_unit_test(test_testnet_runs),
        cmocka_unit_test(test_regtest_runs),         cmocka_unit_test(test_testnet_from_genesis),
        cmocka_unit_test(test_recorded_checkpoints), cmocka_unit_test(test_mainnet_windows),
        cmocka_unit_test(test_changed_real_headers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
