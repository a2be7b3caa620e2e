/* wire/headers and wire/headers2: real runs, vectors spelled out by hand, every truncation, every limit. */
#include "support/data.h"

#include "base/endian.h"
#include "base/mem.h"
#include "crypto/x11.h"
#include "wire/headers.h"

static struct writer encoded(void (*encode)(struct writer *, const struct header_run *), const struct header_run *run)
{
    struct writer w;
    writer_init(&w);
    encode(&w, run);
    assert_false(w.failed);
    return w;
}

/* Hashes of a connected run, without X11 where the next header tells: the oracle for what the decoders hand out. */
static block_hash *hashes_by_links(const uint8_t *raw, uint32_t n)
{
    block_hash *hashes = malloc(n * sizeof(*hashes));
    assert_non_null(hashes);
    for (uint32_t i = 0; i + 1 < n; i++)
        hashes[i] = block_hash_from(raw + (size_t)(i + 1) * 80 + 4);
    x11_hash(&hashes[n - 1], raw + (size_t)(n - 1) * 80);
    return hashes;
}

/* Size of the compressed header at p, from its flags alone (protocol.md 3.8). */
static size_t entry_size(const uint8_t *p)
{
    return 1 + (p[0] & 7 ? 0u : 4u) + (p[0] & 8 ? 32u : 0u) + 32 + (p[0] & 16 ? 4u : 2u) + (p[0] & 32 ? 4u : 0u) + 4;
}

static void assert_same_run(const struct header_run *got, const uint8_t *raw, const block_hash *hashes, uint32_t n)
{
    assert_int_equal(got->n, n);
    assert_memory_equal(got->raw, raw, (size_t)n * 80);
    assert_memory_equal(got->hashes, hashes, n * sizeof(*hashes));
}

/* One message worth of a real run, plain and compressed, there and back. Returns the compressed size. */
static size_t check_message(const uint8_t *raw, const block_hash *hashes, uint32_t n)
{
    struct arena arena;
    dspv_fault fault;
    arena_init(&arena, 0);
    struct header_run run = {raw, hashes, n}, got;
    struct writer w = encoded(headers2_encode, &run);
    assert_int_equal(headers2_decode(w.data, w.n, n, &arena, &got, &fault), 0);
    assert_same_run(&got, raw, hashes, n);
    size_t at = n < 0xfd ? 1 : 3, size = w.n;
    for (uint32_t i = 0; i < n; i++) {
        size_t entry = entry_size(w.data + at);
        assert_in_range(entry, HEADERS2_SMALLEST_ENTRY, HEADERS2_LARGEST_ENTRY);
        assert_int_equal((w.data[at] & 8) != 0, i == 0); /* every prev but the first is omitted */
        at += entry;
    }
    assert_int_equal(at, w.n);
    assert_int_equal(headers2_decode(w.data, w.n, n - 1, &arena, &got, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_TOO_MANY);
    writer_free(&w);
    if (n <= HEADERS_MOST) {
        w = encoded(headers_encode, &run);
        assert_int_equal(headers_decode(w.data, w.n, HEADERS_MOST, &arena, &got, &fault), 0);
        assert_same_run(&got, raw, hashes, n);
        writer_free(&w);
    }
    arena_free(&arena);
    return size;
}

static void check_run(const char *name, uint32_t per_message)
{
    struct bytes b = data_load(name);
    assert_int_equal(b.n % 80, 0);
    uint32_t n = (uint32_t)(b.n / 80);
    block_hash *hashes = hashes_by_links(b.p, n);
    size_t total = 0;
    for (uint32_t at = 0; at < n; at += per_message)
        total += check_message(b.p + (size_t)at * 80, hashes + at, n - at < per_message ? n - at : per_message);
    print_message("%s: %u headers by %u, %.1f bytes each\n", name, n, per_message, (double)total / n);
    free(hashes);
    free(b.p);
}

static void test_real_runs(void **state)
{
    (void)state;
    data_or_skip();
    check_run("mainnet/headers_1737084_1742083.bin", HEADERS_MOST);
    check_run("mainnet/headers_1737084_1742083.bin", HEADERS2_MOST);
    check_run("testnet/headers_0_39999.bin", HEADERS_MOST);
    check_run("testnet/headers_844000_851999.bin", HEADERS_MOST);
    check_run("testnet/headers_895000_907999.bin", HEADERS2_MOST);
    check_run("testnet/headers_1090000_1100000.bin", HEADERS_MOST);
    check_run("regtest/churn/headers.bin", 8); /* as announcements */
}

/* A header whose fields are easy to name: merkle root of `fill`, prev of zeros. */
static void make_header(uint8_t out[80], uint32_t version, uint8_t fill, uint32_t time, uint32_t bits, uint32_t nonce)
{
    memset(out, 0, 80);
    store_le32(out, version);
    memset(out + 36, fill, 32);
    store_le32(out + 68, time);
    store_le32(out + 72, bits);
    store_le32(out + 76, nonce);
}

static void put_entry(struct writer *w, uint8_t flags, uint32_t version, uint8_t fill, uint32_t time, uint32_t bits,
                      uint32_t nonce)
{
    static const uint8_t zero[32];
    uint8_t merkle[32];
    memset(merkle, fill, 32);
    writer_u8(w, flags);
    if ((flags & 7) == 0)
        writer_u32(w, version);
    if (flags & 8)
        writer_bytes(w, zero, 32);
    writer_bytes(w, merkle, 32);
    if (flags & 16)
        writer_u32(w, time);
    else
        writer_u16(w, (uint16_t)time);
    if (flags & 32)
        writer_u32(w, bits);
    writer_u32(w, nonce);
}

/* The version list: eight explicit versions push the oldest out; an index moves its version to the front. */
static void test_version_list(void **state)
{
    (void)state;
    static const struct {
        uint8_t index;
        uint32_t explicit, expected;
    } steps[] = {
        {0, 101, 101}, {1, 0, 101},   {0, 102, 102}, {2, 0, 101},   {2, 0, 102},   {0, 103, 103},
        {0, 104, 104}, {0, 105, 105}, {0, 106, 106}, {0, 107, 107}, {7, 0, 101}, /* 101 was last: 107 106 105 104 103 102 101 */
        {7, 0, 102},   {0, 108, 108},                                            /* 103 falls out: 108 102 101 107 106 105 104 */
        {7, 0, 104},   {4, 0, 101},   {1, 0, 101},   {3, 0, 108},   {0, 101, 101}, /* a needless explicit version is pushed again
                                                                                    */
        {3, 0, 101},   {3, 0, 108},
    };
    enum { N = sizeof(steps) / sizeof(steps[0]) };
    struct writer w;
    struct arena arena;
    struct header_run run;
    dspv_fault fault;
    writer_init(&w);
    arena_init(&arena, 0);
    writer_compact_size(&w, N);
    for (uint32_t i = 0; i < N; i++)
        put_entry(&w, (uint8_t)((i ? 0x08 : 0x38) | steps[i].index), steps[i].explicit, (uint8_t)i, i ? 10 : 1000, 5, i);
    assert_int_equal(headers2_decode(w.data, w.n, HEADERS2_MOST, &arena, &run, &fault), 0);
    for (uint32_t i = 0; i < N; i++) {
        uint8_t expected[80];
        block_hash hash;
        make_header(expected, steps[i].expected, (uint8_t)i, 1000 + 10 * i, 5, i);
        assert_memory_equal(run.raw + 80 * i, expected, 80);
        x11_hash(&hash, expected);
        assert_true(block_hash_eq(&run.hashes[i], &hash));
    }
    arena_free(&arena);
    writer_free(&w);
}

static dspv_reason headers2_fault(const struct writer *w, size_t *offset)
{
    struct arena arena;
    struct header_run run;
    dspv_fault fault = {0};
    arena_init(&arena, 0);
    int error = headers2_decode(w->data, w->n, HEADERS2_MOST, &arena, &run, &fault);
    arena_free(&arena);
    assert_int_equal(error, fault.reason == DSPV_OK ? 0 : DSPV_EFAULT);
    *offset = fault.offset;
    return fault.reason;
}

static void test_impossible_references(void **state)
{
    (void)state;
    struct writer w;
    size_t offset;
    writer_init(&w);
    for (unsigned flags = 0; flags < 256; flags++) { /* first header: only a complete one */
        writer_reset(&w);
        writer_compact_size(&w, 1);
        put_entry(&w, (uint8_t)flags, 1, 2, 3, 4, 5);
        assert_int_equal(headers2_fault(&w, &offset), (flags & 0x3f) == 0x38 ? DSPV_OK : DSPV_BAD_COMPRESSED_HEADER);
        if (offset)
            assert_int_equal(offset, 1);
    }
    for (uint8_t known = 1; known <= 8; known++) { /* an index beyond the versions seen so far */
        for (uint8_t index = 1; index <= 7; index++) {
            writer_reset(&w);
            writer_compact_size(&w, known + 1u);
            for (uint8_t i = 0; i < known; i++)
                put_entry(&w, 0x38, i, 2, 3, 4, 5);
            size_t at = w.n;
            put_entry(&w, index, 0, 2, 3, 4, 5);
            bool good = index <= known;
            assert_int_equal(headers2_fault(&w, &offset), good ? DSPV_OK : DSPV_BAD_COMPRESSED_HEADER);
            if (!good)
                assert_int_equal(offset, at);
        }
    }
    writer_free(&w);
}

/* Time offsets at the edges of i16, wrap-around, changed bits, a prev that does not follow: the encoder keeps them all. */
static void test_encoder_keeps_everything(void **state)
{
    (void)state;
    static const uint32_t times[] = {50000, 82767, 49999, 82767, 49999, 17231, 49999, 0, 0xffffffff, 0xffff8000, 0x7fff, 7};
    static const bool near[] = {false, true, true, false, true, true, false, false, true, true, false, true};
    enum { N = sizeof(times) / sizeof(times[0]) };
    uint8_t raw[N * 80];
    block_hash hashes[N];
    for (uint32_t i = 0; i < N; i++) {
        make_header(raw + 80 * i, i % 3, (uint8_t)i, times[i], i / 4, i);
        if (i)
            memcpy(raw + 80 * i + 4, hashes[i - 1].b, 32);
        if (i && i % 5 == 0)
            raw[80 * i + (i == 5 ? 4 : 35)] ^= 1; /* the first byte, the last byte */
        x11_hash(&hashes[i], raw + 80 * i);
    }
    struct header_run run = {raw, hashes, N}, got;
    struct writer w = encoded(headers2_encode, &run);
    struct arena arena;
    dspv_fault fault;
    arena_init(&arena, 0);
    assert_int_equal(headers2_decode(w.data, w.n, HEADERS2_MOST, &arena, &got, &fault), 0);
    assert_same_run(&got, raw, hashes, N);
    size_t at = 1;
    for (uint32_t i = 0; i < N; i++) {
        assert_int_equal(!(w.data[at] & 8), i && i % 5);
        assert_int_equal(!(w.data[at] & 16), near[i]);
        assert_int_equal(!(w.data[at] & 32), i % 4 != 0);
        at += entry_size(w.data + at);
    }
    arena_free(&arena);
    writer_free(&w);
}

/* ---- side by side */

/* Batches of random headers with what x11_hash, one after another, makes of them. */
struct batches {
    struct header_batch batch[HEADER_BATCHES_MOST], *all[HEADER_BATCHES_MOST];
    uint8_t *raw[HEADER_BATCHES_MOST]; /* complete */
    block_hash *hashes[HEADER_BATCHES_MOST];
};

static void random_batch(struct arena *arena, uint64_t *seed, struct batches *out, size_t k)
{
    static const bool nowhere[1];
    const uint32_t n = (uint32_t)(test_random(seed) % 4 ? test_random(seed) % 40 : 25);
    const unsigned links = (unsigned)(test_random(seed) % 5); /* of 4 prevs so many are omitted */
    struct header_batch *b = &out->batch[k];
    bool *linked = arena_alloc_array(arena, n + 1, sizeof(*linked));
    *b = (struct header_batch){arena_alloc_array(arena, n + 1, 80), arena_alloc_array(arena, n + 1, 32), linked, n};
    out->all[k] = b;
    out->raw[k] = arena_alloc_array(arena, n + 1, 80);
    out->hashes[k] = arena_alloc_array(arena, n + 1, 32);
    for (uint32_t i = 0; i < n; i++) {
        uint8_t *header = out->raw[k] + 80 * i;
        for (size_t at = 0; at < 80; at++)
            header[at] = (uint8_t)test_random(seed);
        memcpy(b->raw + 80 * i, header, 80);
        linked[i] = i && test_random(seed) % 4 < links;
        if (linked[i])
            memcpy(header + 4, out->hashes[k][i - 1].b, 32);
        x11_hash(&out->hashes[k][i], header);
    }
    if (n == 0)
        b->linked = nowhere;
    else if (links == 0)
        b->linked = NULL;
}

static void test_batches_side_by_side(void **state)
{
    (void)state;
    uint64_t seed = 25;
    for (int round = 0; round < 8 * HEADER_BATCHES_MOST; round++) {
        const size_t n = 1 + (size_t)round % HEADER_BATCHES_MOST;
        struct batches b;
        struct arena arena;
        arena_init(&arena, 0);
        for (size_t k = 0; k < n; k++)
            random_batch(&arena, &seed, &b, k);
        header_batches_hash(b.all, n);
        for (size_t k = 0; k < n; k++) {
            assert_memory_equal(b.batch[k].raw, b.raw[k], (size_t)b.batch[k].n * 80);
            assert_memory_equal(b.batch[k].hashes, b.hashes[k], (size_t)b.batch[k].n * 32);
        }
        arena_free(&arena);
    }
}

/* Messages of a real run, of different lengths, as a peer would send them. */
static void test_real_messages_side_by_side(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes b = data_load("mainnet/headers_1737084_1742083.bin");
    const uint32_t total = (uint32_t)(b.n / 80);
    block_hash *hashes = hashes_by_links(b.p, total);
    struct header_batch batch[HEADER_BATCHES_MOST], *all[HEADER_BATCHES_MOST];
    struct arena arena;
    uint32_t at = 0;
    arena_init(&arena, 0);
    for (uint32_t k = 0; k < HEADER_BATCHES_MOST; k++) {
        const uint32_t n = 150 + 20 * (k % 4);
        struct header_run run = {b.p + 80 * (size_t)at, hashes + at, n};
        struct writer w = encoded(headers2_encode, &run);
        dspv_fault fault;
        assert_int_equal(headers2_read(w.data, w.n, n, &arena, &batch[k], &fault), 0);
        all[k] = &batch[k];
        at += n;
        writer_free(&w);
    }
    assert_true(at <= total);
    header_batches_hash(all, HEADER_BATCHES_MOST);
    at = 0;
    for (uint32_t k = 0; k < HEADER_BATCHES_MOST; at += batch[k++].n) {
        const struct header_run got = {batch[k].raw, batch[k].hashes, batch[k].n};
        assert_same_run(&got, b.p + 80 * (size_t)at, hashes + at, got.n);
    }
    arena_free(&arena);
    free(hashes);
    free(b.p);
}

static void test_truncations_and_trailing_bytes(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes b = data_load("testnet/headers_0_39999.bin");
    block_hash *hashes = hashes_by_links(b.p, 20);
    struct header_run run = {b.p, hashes, 20}, got;
    struct writer forms[] = {encoded(headers_encode, &run), encoded(headers2_encode, &run)};
    for (int form = 0; form < 2; form++) {
        struct writer *w = &forms[form];
        struct arena arena;
        dspv_fault fault;
        arena_init(&arena, 0);
        for (size_t n = 0; n < w->n; n++) {
            int error = form ? headers2_decode(w->data, n, 20, &arena, &got, &fault)
                             : headers_decode(w->data, n, 20, &arena, &got, &fault);
            assert_int_equal(error, DSPV_EFAULT);
            assert_true(fault.reason == DSPV_TRUNCATED || fault.reason == DSPV_TOO_MANY);
            assert_true(fault.offset <= n && got.n == 0);
        }
        writer_u8(w, 0);
        int error = form ? headers2_decode(w->data, w->n, 20, &arena, &got, &fault)
                         : headers_decode(w->data, w->n, 20, &arena, &got, &fault);
        assert_int_equal(error, DSPV_EFAULT);
        assert_int_equal(fault.reason, DSPV_TRAILING_BYTES);
        assert_int_equal(fault.offset, w->n - 1);
        arena_free(&arena);
        writer_free(w);
    }
    free(hashes);
    free(b.p);
}

static void test_plain_headers_refusals(void **state)
{
    (void)state;
    struct writer w;
    struct arena arena;
    struct header_run got;
    dspv_fault fault;
    uint8_t raw[160];
    make_header(raw, 1, 2, 3, 4, 5);
    make_header(raw + 80, 6, 7, 8, 9, 10);
    struct header_run run = {raw, NULL, 2};
    arena_init(&arena, 0);
    w = encoded(headers_encode, &run);
    assert_int_equal(w.n, 1 + 2 * 81);
    assert_int_equal(headers_decode(w.data, w.n, 1, &arena, &got, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_TOO_MANY);
    w.data[1 + 81 + 80] = 1;
    assert_int_equal(headers_decode(w.data, w.n, 2, &arena, &got, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_HEADER_HAS_TRANSACTIONS);
    assert_int_equal(fault.offset, 1 + 81 + 80);
    const uint8_t empty[] = {0}, promise[] = {0xfd, 0xd0, 0x07, 1, 2, 3};
    assert_int_equal(headers_decode(empty, 1, HEADERS_MOST, &arena, &got, &fault), 0);
    assert_int_equal(got.n, 0);
    assert_int_equal(headers2_decode(empty, 1, HEADERS2_MOST, &arena, &got, &fault), 0);
    assert_int_equal(got.n, 0);
    assert_int_equal(headers_decode(promise, sizeof(promise), HEADERS_MOST, &arena, &got, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_TOO_MANY);
    assert_true(arena.total < 4096); /* nothing was allocated for the promised 2000 */
    arena_free(&arena);
    writer_free(&w);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    struct arena arena;
    struct header_run got;
    dspv_fault fault;
    uint8_t raw[80];
    make_header(raw, 1, 2, 3, 4, 5);
    block_hash hash;
    x11_hash(&hash, raw);
    struct header_run run = {raw, &hash, 1};
    struct writer plain = encoded(headers_encode, &run), packed = encoded(headers2_encode, &run);
    for (size_t limit = 1; limit < 80 + 32; limit += 16) {
        arena_init(&arena, limit);
        assert_int_equal(headers_decode(plain.data, plain.n, 1, &arena, &got, &fault), DSPV_ENOMEM);
        arena_free(&arena);
        assert_int_equal(headers2_decode(packed.data, packed.n, 1, &arena, &got, &fault), DSPV_ENOMEM);
        arena_free(&arena);
    }
    arena_init(&arena, 0);
    mem_fail_after(1);
    assert_int_equal(headers_decode(plain.data, plain.n, 1, &arena, &got, &fault), DSPV_ENOMEM);
    arena_free(&arena);
    mem_fail_after(1);
    assert_int_equal(headers2_decode(packed.data, packed.n, 1, &arena, &got, &fault), DSPV_ENOMEM);
    mem_fail_after(0);
    arena_free(&arena);
    writer_free(&plain);
    writer_free(&packed);
}

static void test_getheaders(void **state)
{
    (void)state;
    uint64_t seed = 9;
    block_hash locator[GETHEADERS_MOST_LOCATOR + 1];
    for (size_t i = 0; i < sizeof(locator); i++)
        ((uint8_t *)locator)[i] = (uint8_t)test_random(&seed);
    for (uint32_t n = 0; n <= GETHEADERS_MOST_LOCATOR + 1; n++) {
        struct getheaders m = {.version = 70240, .locator = locator, .n_locator = n, .stop = locator[n / 2]}, got;
        struct writer w;
        dspv_fault fault;
        writer_init(&w);
        getheaders_encode(&w, &m);
        assert_int_equal(w.n, 4 + 1 + 32 * n + 32);
        if (n > GETHEADERS_MOST_LOCATOR) {
            assert_int_equal(getheaders_decode(w.data, w.n, &got, &fault), DSPV_EFAULT);
            assert_int_equal(fault.reason, DSPV_TOO_MANY);
        } else {
            assert_int_equal(getheaders_decode(w.data, w.n, &got, &fault), 0);
            assert_int_equal(got.version, 70240);
            assert_int_equal(got.n_locator, n);
            assert_true(n == 0 || memcmp(got.locator, locator, n * sizeof(*locator)) == 0);
            assert_true(block_hash_eq(&got.stop, &m.stop));
            for (size_t cut = 0; cut < w.n; cut++)
                assert_int_equal(getheaders_decode(w.data, cut, &got, &fault), DSPV_EFAULT);
            writer_u8(&w, 0);
            assert_int_equal(getheaders_decode(w.data, w.n, &got, &fault), DSPV_EFAULT);
        }
        writer_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_runs),
        cmocka_unit_test(test_version_list),
        cmocka_unit_test(test_impossible_references),
        cmocka_unit_test(test_encoder_keeps_everything),
        cmocka_unit_test(test_batches_side_by_side),
        cmocka_unit_test(test_real_messages_side_by_side),
        cmocka_unit_test(test_truncations_and_trailing_bytes),
        cmocka_unit_test(test_plain_headers_refusals),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_getheaders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
