/* chain/arith256: against arithmetic in bytes, and known compact forms. */
#include "support/data.h"

#include "chain/arith256.h"

static uint64_t rng = 256;

/* Random numbers of every length, many with runs of zero and one bits. */
static arith256 random_number(void)
{
    arith256 r = {{0}};
    for (int i = 0; i < 8; i++) {
        uint64_t v = test_random(&rng);
        uint32_t digit = v >> 62 == 0 ? 0 : v >> 62 == 1 ? UINT32_MAX : (uint32_t)v;
        r.w[i / 2] |= (uint64_t)digit << 32 * (i % 2);
    }
    return arith256_shr(&r, (unsigned)(test_random(&rng) % 257));
}

/* Schoolbook in base 256: all 64 bytes of a product, or a sum. */
static void oracle_mul(const uint8_t a[32], const uint8_t b[32], uint8_t out[64])
{
    memset(out, 0, 64);
    for (int i = 0; i < 32; i++)
        for (int j = 0; j < 32; j++) {
            unsigned v = (unsigned)a[i] * b[j];
            for (int k = i + j; v; k++) {
                v += out[k];
                out[k] = (uint8_t)v;
                v >>= 8;
            }
        }
}

static void oracle_add(const uint8_t a[32], const uint8_t b[32], uint8_t out[32])
{
    unsigned v = 0;
    for (int i = 0; i < 32; i++) {
        v += (unsigned)a[i] + b[i];
        out[i] = (uint8_t)v;
        v >>= 8;
    }
}

static void assert_same(const arith256 *a, const uint8_t expected[32])
{
    uint8_t got[32];
    arith256_to_le(a, got);
    assert_memory_equal(got, expected, 32);
}

static void assert_equal(arith256 a, arith256 b)
{
    assert_int_equal(arith256_cmp(&a, &b), 0);
}

static void test_add_sub_mul_match_bytes(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        arith256 a = random_number(), b = random_number();
        uint8_t x[32], y[32], wide[64];
        arith256_to_le(&a, x);
        arith256_to_le(&b, y);
        assert_equal(arith256_from_le(x), a);
        oracle_mul(x, y, wide);
        arith256 product = arith256_mul(&a, &b);
        assert_same(&product, wide);
        oracle_add(x, y, wide);
        arith256 sum = arith256_add(&a, &b);
        assert_same(&sum, wide);
        assert_equal(arith256_sub(&sum, &b), a);
        assert_equal(arith256_sub(&sum, &a), b);
        arith256 small = arith256_from_u64((uint32_t)b.w[0]);
        assert_equal(arith256_mul_u32(&a, (uint32_t)b.w[0]), arith256_mul(&a, &small));
        arith256 inverse = arith256_not(&a), all = arith256_add(&a, &inverse), one = arith256_from_u64(1);
        assert_equal(arith256_add(&all, &one), arith256_from_u64(0));
    }
}

static void test_compare_is_numeric(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        arith256 a = random_number(), b = round % 3 ? random_number() : a;
        if (round % 3 == 2)
            b = arith256_from_u64(0);
        uint8_t x[32], y[32];
        arith256_to_le(&a, x);
        arith256_to_le(&b, y);
        int expected = 0;
        for (int i = 0; i < 32; i++)
            if (x[i] != y[i])
                expected = x[i] < y[i] ? -1 : 1;
        assert_int_equal(arith256_cmp(&a, &b), expected);
        assert_int_equal(arith256_cmp(&b, &a), -expected);
    }
}

static void test_shifts_move_bits(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift < 600; shift++) {
        arith256 a = random_number(), left = arith256_shl(&a, shift), right = arith256_shr(&a, shift);
        for (unsigned i = 0; i < 256; i++) {
            uint64_t bit = a.w[i / 64] >> i % 64 & 1;
            if (i + shift < 256)
                assert_int_equal(left.w[(i + shift) / 64] >> (i + shift) % 64 & 1, bit);
            if (i >= shift)
                assert_int_equal(right.w[(i - shift) / 64] >> (i - shift) % 64 & 1, bit);
            if (i < shift)
                assert_int_equal(left.w[i / 64] >> i % 64 & 1, 0);
            if (i + shift >= 256)
                assert_int_equal(right.w[i / 64] >> i % 64 & 1, 0);
        }
    }
    for (unsigned i = 0; i < 256; i++) {
        arith256 one = arith256_from_u64(1), power = arith256_shl(&one, i);
        assert_int_equal(arith256_bits(&power), i + 1);
        power = arith256_sub(&power, &one);
        assert_int_equal(arith256_bits(&power), i);
    }
}

/* a = q b + r with r < b, where q b does not exceed 256 bits: that names q. */
static void check_quotient(const arith256 *a, const arith256 *b, const arith256 *q)
{
    uint8_t x[32], y[32], wide[64];
    static const uint8_t zero[32];
    arith256_to_le(q, x);
    arith256_to_le(b, y);
    oracle_mul(x, y, wide);
    assert_memory_equal(wide + 32, zero, 32);
    arith256 product = arith256_from_le(wide);
    assert_true(arith256_cmp(&product, a) <= 0);
    arith256 rest = arith256_sub(a, &product);
    assert_true(arith256_cmp(&rest, b) < 0);
}

static void test_division_leaves_less_than_the_divisor(void **state)
{
    (void)state;
    for (int round = 0; round < 5000; round++) {
        arith256 a = random_number(), b = random_number();
        if (arith256_is_zero(&b))
            continue;
        arith256 q = arith256_div(&a, &b);
        check_quotient(&a, &b, &q);
        if ((uint32_t)b.w[0] == 0)
            continue;
        arith256 small = arith256_from_u64((uint32_t)b.w[0]);
        q = arith256_div_u32(&a, (uint32_t)b.w[0]);
        check_quotient(&a, &small, &q);
    }
}

static void test_known_compact_forms(void **state)
{
    (void)state;
    /* what an nBits value decodes to (low 64 bits, then shifted left), its flags, and how the number is encoded again */
    static const struct {
        uint32_t compact;
        uint64_t low;
        unsigned shift;
        bool negative, overflow;
        uint32_t again;
    } known[] = {
        {0x00000000, 0, 0, false, false, 0},
        {0x00123456, 0, 0, false, false, 0},
        {0x01003456, 0, 0, false, false, 0},
        {0x02000056, 0, 0, false, false, 0},
        {0x03000000, 0, 0, false, false, 0},
        {0x04000000, 0, 0, false, false, 0},
        {0xff000000, 0, 0, false, false, 0},
        {0x00923456, 0, 0, false, false, 0},
        {0x01803456, 0, 0, false, false, 0},
        {0x04800000, 0, 0, false, false, 0},
        {0x01123456, 0x12, 0, false, false, 0x01120000},
        {0x01fedcba, 0x7e, 0, true, false, 0x017e0000},
        {0x02008000, 0x80, 0, false, false, 0x02008000},
        {0x02123456, 0x1234, 0, false, false, 0x02123400},
        {0x03123456, 0x123456, 0, false, false, 0x03123456},
        {0x04123456, 0x12345600, 0, false, false, 0x04123456},
        {0x04923456, 0x12345600, 0, true, false, 0x04123456},
        {0x05009234, 0x92340000, 0, false, false, 0x05009234},
        {0x1d00ffff, 0xffff, 208, false, false, 0x1d00ffff},
        {0x1e0fffff, 0x0fffff, 216, false, false, 0x1e0fffff},
        {0x207fffff, 0x7fffff, 232, false, false, 0x207fffff},
        {0x20123456, 0x123456, 232, false, false, 0x20123456},
        {0x2100ffff, 0xffff, 240, false, false, 0x2100ffff},
        {0x220000ff, 0xff, 248, false, false, 0x2100ff00},
        {0x22000100, 0x100, 248, false, true, 0},
        {0x21010000, 0, 0, false, true, 0},
        {0x23000001, 0, 0, false, true, 0},
        {0xff123456, 0, 0, false, true, 0},
        {0xff923456, 0, 0, true, true, 0},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        bool negative, overflow;
        arith256 got = arith256_from_compact(known[i].compact, &negative, &overflow);
        assert_int_equal(negative, known[i].negative);
        assert_int_equal(overflow, known[i].overflow);
        arith256 low = arith256_from_u64(known[i].low);
        assert_equal(got, arith256_shl(&low, known[i].shift));
        assert_int_equal(arith256_to_compact(&got), known[i].again);
    }
}

static void test_compact_keeps_the_leading_digits(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        arith256 a = random_number();
        bool negative, overflow;
        uint32_t compact = arith256_to_compact(&a);
        arith256 back = arith256_from_compact(compact, &negative, &overflow);
        assert_false(negative || overflow);
        assert_int_equal(arith256_to_compact(&back), compact);
        assert_true(arith256_cmp(&back, &a) <= 0);
        /* at most the lowest bytes are lost: what is missing is less than 2^-15 of the number */
        arith256 lost = arith256_sub(&a, &back);
        assert_true(arith256_is_zero(&lost) || arith256_bits(&lost) + 15 <= arith256_bits(&a));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_sub_mul_match_bytes),
        cmocka_unit_test(test_compare_is_numeric),
        cmocka_unit_test(test_shifts_move_bits),
        cmocka_unit_test(test_division_leaves_less_than_the_divisor),
        cmocka_unit_test(test_known_compact_forms),
        cmocka_unit_test(test_compact_keeps_the_leading_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
