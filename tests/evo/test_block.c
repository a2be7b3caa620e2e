/* A whole block as a proof of its coinbase: real mainnet blocks with tens of transactions, blocks made up here, and every way of
 * spoiling one. */
#include "support/data.h"

#include "base/mem.h"
#include "crypto/merkle.h"
#include "evo/block.h"

enum { HEADER = 80 };

static const struct chain_params *mainnet(void)
{
    static struct chain_params params;
    assert_true(chain_params_init(&params, "mainnet"));
    return &params;
}

static void good(const uint8_t *raw, size_t n, int32_t height, struct cbtx *out)
{
    dspv_fault fault;
    struct header h = header_parse(raw);
    assert_int_equal(block_prove_coinbase(mainnet(), &h, height, raw, n, out, &fault), 0);
}

static dspv_reason bad(const struct header *h, const uint8_t *raw, size_t n, int32_t height)
{
    dspv_fault fault;
    struct cbtx cbtx;
    assert_int_equal(block_prove_coinbase(mainnet(), h, height, raw, n, &cbtx, &fault), DSPV_EFAULT);
    assert_int_equal(fault.height, height);
    return fault.reason;
}

/* ---- taking a block to pieces */

struct parts {
    struct span tx[64];
    size_t n;
};

static struct parts take_apart(const uint8_t *raw, size_t n)
{
    struct parts p = {0};
    struct reader r;
    reader_init(&r, raw, n);
    reader_bytes(&r, HEADER);
    uint32_t count = reader_count(&r, 10, 64);
    for (; p.n < count; p.n++) {
        struct tx tx;
        tx_decode(&r, &tx);
        p.tx[p.n] = tx.raw;
    }
    assert_true(reader_finish(&r));
    return p;
}

/* `header` NULL: one whose merkle root fits, made up. */
static struct writer put_together(const struct parts *p, const uint8_t *header)
{
    struct writer w;
    hash256 leaves[64];
    uint8_t own[HEADER] = {0};
    for (size_t i = 0; i < p->n; i++) {
        struct tx tx = {.raw = p->tx[i]};
        tx_hash id = tx_id(&tx);
        leaves[i] = hash256_from(id.b);
    }
    hash256 root = merkle_root(leaves, p->n, NULL);
    memcpy(own + 36, root.b, 32);
    writer_init(&w);
    writer_bytes(&w, header ? header : own, HEADER);
    writer_compact_size(&w, p->n);
    for (size_t i = 0; i < p->n; i++)
        writer_span(&w, p->tx[i]);
    assert_false(w.failed);
    return w;
}

/* ---- real blocks */

static const struct {
    const char *file;
    int32_t height;
    size_t transactions;
} BLOCKS[] = {{"mainnet/block_2045354.bin", 2045354, 30}, {"mainnet/block_2282696.bin", 2282696, 21}};

static void test_real_blocks(void **state)
{
    (void)state;
    data_or_skip();
    for (size_t i = 0; i < 2; i++) {
        struct bytes b = data_load(BLOCKS[i].file);
        struct cbtx cbtx;
        good(b.p, b.n, BLOCKS[i].height, &cbtx);
        assert_int_equal(cbtx.version, 3);
        assert_int_equal(cbtx.height, BLOCKS[i].height);
        assert_true(cbtx_has_chainlock(&cbtx));
        assert_int_equal(take_apart(b.p, b.n).n, BLOCKS[i].transactions);
        free(b.p);
    }
}

static void test_every_byte_matters(void **state)
{
    (void)state;
    data_or_skip();
    for (size_t i = 0; i < 2; i++) {
        struct bytes b = data_load(BLOCKS[i].file);
        struct header h = header_parse(b.p);
        for (size_t at = 0; at < b.n; at += at < 400 ? 1 : 13) {
            b.p[at] ^= 1;
            dspv_reason why = bad(&h, b.p, b.n, BLOCKS[i].height);
            if (at < HEADER)
                assert_int_equal(why, DSPV_BLOCK_NOT_ASKED);
            b.p[at] ^= 1;
        }
        for (size_t n = 0; n < b.n; n += n < 400 ? 1 : 37)
            bad(&h, b.p, n, BLOCKS[i].height);
        bad(&h, b.p, b.n - 1, BLOCKS[i].height);
        assert_int_equal(bad(&h, b.p, b.n, BLOCKS[i].height + 1), DSPV_CBTX_HEIGHT);
        uint8_t *longer = malloc(b.n + 1);
        assert_non_null(longer);
        memcpy(longer, b.p, b.n);
        longer[b.n] = 0;
        assert_int_equal(bad(&h, longer, b.n + 1, BLOCKS[i].height), DSPV_TRAILING_BYTES);
        free(longer);
        free(b.p);
    }
}

static void test_other_transactions(void **state)
{
    (void)state;
    data_or_skip();
    for (size_t i = 0; i < 2; i++) {
        struct bytes b = data_load(BLOCKS[i].file);
        struct header h = header_parse(b.p);
        struct parts p = take_apart(b.p, b.n), q = p;
        q.tx[1] = p.tx[2];
        q.tx[2] = p.tx[1];
        struct writer w = put_together(&q, b.p);
        assert_int_equal(bad(&h, w.data, w.n, BLOCKS[i].height), DSPV_BLOCK_ROOT);
        writer_free(&w);
        q = p;
        q.n--;
        w = put_together(&q, b.p);
        assert_int_equal(bad(&h, w.data, w.n, BLOCKS[i].height), DSPV_BLOCK_ROOT);
        writer_free(&w);
        /* The coinbase must come first, whatever the root says. */
        q = p;
        q.tx[0] = p.tx[1];
        q.tx[1] = p.tx[0];
        w = put_together(&q, NULL);
        h = header_parse(w.data);
        assert_int_equal(bad(&h, w.data, w.n, BLOCKS[i].height), DSPV_BAD_COINBASE);
        writer_free(&w);
        free(b.p);
    }
}

/* CVE-2012-2459: the last transactions once more, at the end, have the same root. 21 -> 22; 30 = 2 * 15 -> 32. */
static void test_repeated_transactions(void **state)
{
    (void)state;
    data_or_skip();
    for (size_t i = 0; i < 2; i++) {
        struct bytes b = data_load(BLOCKS[i].file);
        struct header h = header_parse(b.p);
        struct parts p = take_apart(b.p, b.n);
        size_t again = p.n % 2 ? 1 : 2;
        for (size_t k = 0; k < again; k++)
            p.tx[p.n + k] = p.tx[p.n - again + k];
        p.n += again;
        struct writer w = put_together(&p, NULL);
        struct header forged = header_parse(w.data);
        assert_true(hash256_eq(&forged.merkle_root, &h.merkle_root)); /* that is the trick */
        memcpy(w.data, b.p, HEADER);
        assert_int_equal(bad(&h, w.data, w.n, BLOCKS[i].height), DSPV_BLOCK_REPEATS);
        writer_free(&w);
        free(b.p);
    }
}

/* ---- made-up blocks */

static void test_sizes_and_counts(void **state)
{
    uint8_t raw[HEADER + 9] = {0};
    struct header h = header_parse(raw);
    (void)state;
    assert_int_equal(bad(&h, raw, 0, 1), DSPV_TRUNCATED);
    assert_int_equal(bad(&h, raw, HEADER, 1), DSPV_TRUNCATED);
    assert_int_equal(bad(&h, raw, HEADER + 1, 1), DSPV_BAD_COINBASE); /* no transaction; the root of none is zero */
    raw[HEADER] = 1;
    assert_int_equal(bad(&h, raw, HEADER + 1, 1), DSPV_TOO_MANY);
    raw[HEADER] = 0xfe;
    raw[HEADER + 4] = 1;
    assert_int_equal(bad(&h, raw, HEADER + 5, 1), DSPV_TOO_MANY); /* before anything is allocated for them */
    uint8_t *large = calloc(1, BLOCK_LARGEST + 1);
    assert_non_null(large);
    assert_int_equal(bad(&h, large, BLOCK_LARGEST + 1, 1), DSPV_TOO_LARGE);
    free(large);
}

/* Blocks of random transactions of the smallest kinds: the root decides, whatever they are. */
static void test_random_blocks(void **state)
{
    uint64_t random = 11;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        uint8_t raw[512];
        size_t n = 1 + (size_t)(test_random(&random) % (sizeof(raw) - 1));
        for (size_t i = 0; i < n; i++)
            raw[i] = test_random(&random) % 3 ? 0 : (uint8_t)test_random(&random);
        if (n > HEADER)
            raw[HEADER] %= 8;
        struct header h = {0};
        if (n >= HEADER)
            h = header_parse(raw);
        bad(&h, raw, n, 3);
    }
}

static void test_out_of_memory(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes b = data_load(BLOCKS[0].file);
    struct header h = header_parse(b.p);
    struct cbtx cbtx;
    dspv_fault fault;
    mem_fail_after(1);
    int rc = block_prove_coinbase(mainnet(), &h, BLOCKS[0].height, b.p, b.n, &cbtx, &fault);
    mem_fail_after(0);
    assert_int_equal(rc, DSPV_ENOMEM);
    free(b.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_blocks),        cmocka_unit_test(test_every_byte_matters),
        cmocka_unit_test(test_other_transactions), cmocka_unit_test(test_repeated_transactions),
        cmocka_unit_test(test_sizes_and_counts),   cmocka_unit_test(test_random_blocks),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests_name("block", tests, NULL, NULL);
}
