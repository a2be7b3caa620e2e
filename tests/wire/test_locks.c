/* wire/locks: clsig and isdlock against the vectors of protocol.md 8 and quorums.md 7, and recorded ones. */
#include "live.h"

#include "base/mem.h"
#include "crypto/sha256.h"
#include "wire/inventory.h"
#include "wire/locks.h"

/* mainnet; quorums.md 7.4 */
static const char real_isdlock[] = "0101497915895c30eebfad0c5fcfb9e0e72308c7e92cd3749be2fd49c8320c4c58b6010000005b9d05c613c2a5f8c"
                                   "a60800f65f47f46bebbc934571b9ceae8"
                                   "13a6ff8e96337bd674ea572a713d6b07deef085b9ce97e1e354055b91b0bbd0b00000000000000997d0b36738a9ee"
                                   "f46ceeb4405998ff7235317708f277402"
                                   "799ffe05258015cae9b6bae43683f992b2f50f70f8f0cb9c0f26af340b00903e93995c1345d1b2c5b697ebecdbe58"
                                   "11dd112e11889101dcb4553b2bc206ab3"
                                   "04026b96c07dec4f24";

static void assert_display(const uint8_t hash[32], const char *expected)
{
    char hex[65];
    hash_to_hex(hash, hex);
    assert_string_equal(hex, expected);
}

static void assert_encodes_to(struct writer *w, const uint8_t *p, size_t n)
{
    assert_false(w->failed);
    assert_int_equal(w->n, n);
    assert_memory_equal(w->data, p, n);
    writer_free(w);
}

static void test_clsig_request_ids(void **state)
{
    (void)state;
    char hex[65];
    hash256 id = clsig_request_id(1000);
    hex_encode(id.b, 32, hex);
    assert_string_equal(hex, "04021b2a9abbf4baa053efdcad0cc345710d5911f2d87b7e9f2bf316a7898c03");
    id = clsig_request_id(1000000);
    assert_display(id.b, "b3bf8849c16a0f05a4635d7cd0cf03c72d2024c11aa783b6ac716c1817fd4f14");
    id = clsig_request_id(946071);
    assert_display(id.b, "6fd6ddc7369570b1ddade6381b0f1b7a5ecf55ef4b1564e731daaa43632d3297");
    id = clsig_request_id(947223);
    assert_display(id.b, "fc0c22b3cf33195467ff186bbd0a0b2ed9dc0fe86476051b7a1666de0587767f");
}

static void test_isdlock_request_id(void **state)
{
    (void)state;
    uint8_t outpoint[36];
    for (size_t i = 0; i < 32; i++)
        outpoint[i] = (uint8_t)i;
    memcpy(outpoint + 32, (const uint8_t[]){1, 0, 0, 0}, 4);
    struct isdlock m = {.version = 1, .inputs = outpoint, .n_inputs = 1};
    hash256 id;
    char hex[65];
    assert_int_equal(isdlock_request_id(&m, &id), 0);
    hex_encode(id.b, 32, hex);
    assert_string_equal(hex, "070f15da0f012e27e2c658f61ee6811361fce32b3108aedfa353dec73e4058ab");
    mem_fail_after(1);
    assert_int_equal(isdlock_request_id(&m, &id), DSPV_ENOMEM);
    mem_fail_after(0);
}

static void test_real_isdlock(void **state)
{
    (void)state;
    uint8_t raw[198];
    assert_true(hex_decode(real_isdlock, raw, sizeof(raw)));
    struct isdlock m;
    dspv_fault fault;
    assert_int_equal(isdlock_decode(raw, sizeof(raw), &m, &fault), 0);
    assert_int_equal(m.version, 1);
    assert_int_equal(m.n_inputs, 1);
    assert_ptr_equal(m.inputs, raw + 2);
    assert_display(m.txid.b, "7b33968effa613e8ea9c1b5734c9bbbe467ff4650f8060caf8a5c213c6059d5b");
    assert_display(m.cycle.b, "000000000000000bbd0b1bb95540351e7ee99c5b08efde076b3d712a57ea74d6");
    assert_memory_equal(m.signature, raw + sizeof(raw) - 96, 96);
    hash256 id, expected, hash = isdlock_inv_hash(&m);
    assert_int_equal(isdlock_request_id(&m, &id), 0);
    assert_display(id.b, "f68926fe5569822fa9da9fccb1a809383ee09722fbb84e5124b692655e8477dc");
    sha256d(expected.b, raw, sizeof(raw));
    assert_true(hash256_eq(&hash, &expected));
    struct writer w;
    writer_init(&w);
    isdlock_encode(&w, &m);
    assert_encodes_to(&w, raw, sizeof(raw));
    for (size_t n = 0; n < sizeof(raw); n++) {
        assert_int_equal(isdlock_decode(raw, n, &m, &fault), DSPV_EFAULT);
        assert_true(fault.reason == DSPV_TRUNCATED || fault.reason == DSPV_TOO_MANY);
        assert_true(fault.offset <= n);
    }
    raw[0] = 2;
    assert_int_equal(isdlock_decode(raw, sizeof(raw), &m, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_BAD_LOCK_VERSION);
    assert_int_equal(fault.offset, 0);
}

static void test_isdlock_limits(void **state)
{
    (void)state;
    uint8_t *inputs = calloc(ISDLOCK_MAX_INPUTS + 1, 36);
    assert_non_null(inputs);
    uint64_t seed = 5;
    for (size_t i = 0; i < 36 * (size_t)(ISDLOCK_MAX_INPUTS + 1); i++)
        inputs[i] = (uint8_t)test_random(&seed);
    const uint32_t counts[] = {0, 1, 2, 252, 253, ISDLOCK_MAX_INPUTS, ISDLOCK_MAX_INPUTS + 1};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct isdlock m = {.version = 1, .inputs = inputs, .n_inputs = counts[i]}, got;
        struct writer w, again;
        dspv_fault fault;
        writer_init(&w);
        writer_init(&again);
        isdlock_encode(&w, &m);
        if (counts[i] > ISDLOCK_MAX_INPUTS) {
            assert_int_equal(isdlock_decode(w.data, w.n, &got, &fault), DSPV_EFAULT);
            assert_int_equal(fault.reason, DSPV_TOO_MANY);
        } else {
            assert_int_equal(isdlock_decode(w.data, w.n, &got, &fault), 0);
            assert_int_equal(got.n_inputs, counts[i]);
            isdlock_encode(&again, &got);
            assert_encodes_to(&again, w.data, w.n);
        }
        writer_u8(&w, 0);
        assert_int_equal(isdlock_decode(w.data, w.n, &got, &fault), DSPV_EFAULT);
        writer_free(&w);
    }
    free(inputs);
}

static void test_clsig_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 6;
    for (int round = 0; round < 100; round++) {
        uint8_t raw[133];
        for (size_t i = 0; i < sizeof(raw); i++)
            raw[i] = (uint8_t)test_random(&seed);
        struct clsig m;
        dspv_fault fault;
        assert_int_equal(clsig_decode(raw, 132, &m, &fault), 0);
        assert_int_equal(m.height, (int32_t)load_le32(raw));
        assert_memory_equal(m.block.b, raw + 4, 32);
        assert_memory_equal(m.signature, raw + 36, 96);
        hash256 expected, hash = clsig_inv_hash(&m);
        sha256d(expected.b, raw, 132);
        assert_true(hash256_eq(&hash, &expected));
        struct writer w;
        writer_init(&w);
        clsig_encode(&w, &m);
        assert_encodes_to(&w, raw, 132);
        assert_int_equal(clsig_decode(raw, 133, &m, &fault), DSPV_EFAULT);
        assert_int_equal(fault.reason, DSPV_TRAILING_BYTES);
        assert_int_equal(fault.offset, 132);
        for (size_t n = 0; n < 132; n++) {
            assert_int_equal(clsig_decode(raw, n, &m, &fault), DSPV_EFAULT);
            assert_int_equal(fault.reason, DSPV_TRUNCATED);
        }
    }
}

/* Hashes that were announced, by type. */
struct announced {
    struct inventory_item items[4096];
    size_t n;
};

static bool was_announced(const struct announced *a, uint32_t type, const hash256 *hash)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->items[i].type == type && hash256_eq(&a->items[i].hash, hash))
            return true;
    return false;
}

/* Every lock that was sent was announced before under the hash we compute, and a ChainLock names the block at its height. */
static void check_recorded(const char *folder, size_t want_clsigs, size_t want_isdlocks)
{
    char name[64];
    snprintf(name, sizeof(name), "regtest/%s/live.bin", folder);
    struct bytes live = data_load(name);
    snprintf(name, sizeof(name), "regtest/%s/hashes.bin", folder);
    struct bytes hashes = data_load(name);
    static struct announced announced;
    announced.n = 0;
    size_t clsigs = 0, isdlocks = 0;
    struct live_message m;
    for (size_t at = 0; live_next(&live, &at, &m);) {
        dspv_fault fault;
        struct writer w;
        writer_init(&w);
        if (m.command == WIRE_INV) {
            struct inventory inv;
            assert_int_equal(inventory_decode(m.payload, m.n, &inv, &fault), 0);
            for (uint32_t i = 0; i < inv.n; i++) {
                assert_true(announced.n < 4096);
                announced.items[announced.n++] = inventory_at(&inv, i);
            }
        } else if (m.command == WIRE_CLSIG) {
            struct clsig lock;
            assert_int_equal(clsig_decode(m.payload, m.n, &lock, &fault), 0);
            hash256 hash = clsig_inv_hash(&lock);
            assert_true(was_announced(&announced, INVENTORY_CLSIG, &hash));
            assert_in_range(lock.height, 1, hashes.n / 32 - 1);
            assert_memory_equal(lock.block.b, hashes.p + 32 * (size_t)lock.height, 32);
            clsig_encode(&w, &lock);
            assert_encodes_to(&w, m.payload, m.n);
            clsigs++;
        } else if (m.command == WIRE_ISDLOCK) {
            struct isdlock lock;
            assert_int_equal(isdlock_decode(m.payload, m.n, &lock, &fault), 0);
            hash256 hash = isdlock_inv_hash(&lock);
            assert_true(was_announced(&announced, INVENTORY_ISDLOCK, &hash));
            isdlock_encode(&w, &lock);
            assert_encodes_to(&w, m.payload, m.n);
            isdlocks++;
        }
    }
    assert_int_equal(clsigs, want_clsigs);
    assert_int_equal(isdlocks, want_isdlocks);
    free(live.p);
    free(hashes.p);
}

static void test_recorded_locks(void **state)
{
    (void)state;
    data_or_skip();
    check_recorded("churn", 286, 27);
    check_recorded("eras", 91, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clsig_request_ids), cmocka_unit_test(test_isdlock_request_id),
        cmocka_unit_test(test_real_isdlock),      cmocka_unit_test(test_isdlock_limits),
        cmocka_unit_test(test_clsig_round_trip),  cmocka_unit_test(test_recorded_locks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
