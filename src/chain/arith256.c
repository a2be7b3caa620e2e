/* See arith256.h. What multiplies and divides takes digits of 32 bits, so that every product fits in 64 on any machine. */
#include "chain/arith256.h"

enum { WORDS = 4, DIGITS = 8 };

void arith256_to_le(const arith256 *a, uint8_t bytes[32])
{
    for (unsigned i = 0; i < WORDS; i++)
        store_le64(bytes + 8 * i, a->w[i]);
}

unsigned arith256_bits(const arith256 *a)
{
    for (unsigned i = WORDS; i-- > 0;) {
        uint64_t w = a->w[i];
        unsigned bits = 1;
        if (!w)
            continue;
        for (unsigned half = 32; half; half /= 2)
            if (w >> half) {
                w >>= half;
                bits += half;
            }
        return 64 * i + bits;
    }
    return 0;
}

arith256 arith256_sub(const arith256 *a, const arith256 *b)
{
    arith256 r;
    uint64_t borrow = 0;
    for (unsigned i = 0; i < WORDS; i++) {
        uint64_t difference = a->w[i] - b->w[i];
        r.w[i] = difference - borrow;
        borrow = (a->w[i] < b->w[i]) | (difference < borrow);
    }
    return r;
}

arith256 arith256_not(const arith256 *a)
{
    return (arith256){{~a->w[0], ~a->w[1], ~a->w[2], ~a->w[3]}};
}

arith256 arith256_shl(const arith256 *a, unsigned bits)
{
    arith256 r = {{0}};
    unsigned words = bits / 64, rest = bits % 64;
    for (unsigned i = words; i < WORDS; i++) {
        r.w[i] = a->w[i - words] << rest;
        if (rest && i > words)
            r.w[i] |= a->w[i - words - 1] >> (64 - rest);
    }
    return r;
}

arith256 arith256_shr(const arith256 *a, unsigned bits)
{
    arith256 r = {{0}};
    unsigned words = bits / 64, rest = bits % 64;
    for (unsigned i = 0; words < WORDS && i < WORDS - words; i++) {
        r.w[i] = a->w[i + words] >> rest;
        if (rest && i + words + 1 < WORDS)
            r.w[i] |= a->w[i + words + 1] << (64 - rest);
    }
    return r;
}

static void to_digits(const arith256 *a, uint32_t digits[DIGITS])
{
    for (unsigned i = 0; i < WORDS; i++) {
        digits[2 * i] = (uint32_t)a->w[i];
        digits[2 * i + 1] = (uint32_t)(a->w[i] >> 32);
    }
}

static arith256 from_digits(const uint32_t digits[DIGITS])
{
    arith256 r;
    for (unsigned i = 0; i < WORDS; i++)
        r.w[i] = (uint64_t)digits[2 * i + 1] << 32 | digits[2 * i];
    return r;
}

arith256 arith256_mul(const arith256 *a, const arith256 *b)
{
    uint32_t x[DIGITS], y[DIGITS], r[DIGITS] = {0};
    to_digits(a, x);
    to_digits(b, y);
    for (unsigned i = 0; i < DIGITS; i++) {
        uint64_t carry = 0;
        for (unsigned j = 0; i + j < DIGITS; j++) {
            carry += (uint64_t)x[i] * y[j] + r[i + j];
            r[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    return from_digits(r);
}

arith256 arith256_mul_u32(const arith256 *a, uint32_t b)
{
    arith256 r;
    uint64_t carry = 0;
    for (unsigned i = 0; i < WORDS; i++) {
        uint64_t low = (a->w[i] & UINT32_MAX) * b + carry, high = (a->w[i] >> 32) * b + (low >> 32);
        r.w[i] = high << 32 | (low & UINT32_MAX);
        carry = high >> 32;
    }
    return r;
}

/* One digit of Knuth's algorithm D (TAOCP 4.3.1): u[0 .. n] becomes the rest of its division by v[0 .. n - 1], whose highest bit
 * is set; the quotient fits in a word. */
static uint32_t divide_digit(uint32_t *u, const uint32_t *v, unsigned n)
{
    uint64_t top = (uint64_t)u[n] << 32 | u[n - 1], q = top / v[n - 1], rest = top % v[n - 1], carry = 0, borrow = 0;
    while (q >> 32 || q * v[n - 2] > (rest << 32 | u[n - 2])) {
        q--;
        rest += v[n - 1];
        if (rest >> 32)
            break;
    }
    for (unsigned i = 0; i <= n; i++) {
        carry += i < n ? q * v[i] : 0;
        uint64_t d = (uint64_t)u[i] - (uint32_t)carry - borrow;
        u[i] = (uint32_t)d;
        borrow = d >> 63;
        carry >>= 32;
    }
    if (!borrow)
        return (uint32_t)q;
    for (unsigned i = 0, sum = 0; i <= n; i++) { /* it was one too many */
        uint64_t d = (uint64_t)u[i] + (i < n ? v[i] : 0) + sum;
        u[i] = (uint32_t)d;
        sum = (unsigned)(d >> 32);
    }
    return (uint32_t)q - 1;
}

arith256 arith256_div(const arith256 *a, const arith256 *b)
{
    uint32_t u[DIGITS + 1], v[DIGITS], quotient[DIGITS] = {0};
    unsigned n = (arith256_bits(b) + 31) / 32, shift = 32 * n - arith256_bits(b);
    if (n <= 1)
        return arith256_div_u32(a, (uint32_t)b->w[0]);
    arith256 low = arith256_shl(a, shift), divisor = arith256_shl(b, shift);
    to_digits(&low, u);
    to_digits(&divisor, v);
    u[DIGITS] = shift ? (uint32_t)(a->w[WORDS - 1] >> (64 - shift)) : 0;
    for (unsigned j = DIGITS - n + 1; j-- > 0;)
        quotient[j] = divide_digit(u + j, v, n);
    return from_digits(quotient);
}

arith256 arith256_div_u32(const arith256 *a, uint32_t b)
{
    arith256 r;
    uint64_t rest = 0;
    for (unsigned i = WORDS; i-- > 0;) {
        uint64_t high = rest << 32 | a->w[i] >> 32, low = high % b << 32 | (a->w[i] & UINT32_MAX);
        r.w[i] = high / b << 32 | low / b;
        rest = low % b;
    }
    return r;
}

arith256 arith256_from_compact(uint32_t compact, bool *negative, bool *overflow)
{
    unsigned size = compact >> 24; /* in bytes; the mantissa is the top three of them */
    uint32_t mantissa = compact & 0x7fffff;
    if (size < 3)
        mantissa >>= 8 * (3 - size);
    unsigned low = size > 3 ? 8 * (size - 3) : 0; /* the bit it starts at */
    arith256 r = {{0}};
    if (low / 64 < WORDS)
        r.w[low / 64] = (uint64_t)mantissa << low % 64;
    if (low % 64 > 40 && low / 64 + 1 < WORDS)
        r.w[low / 64 + 1] = (uint64_t)mantissa >> (64 - low % 64);
    *negative = mantissa != 0 && (compact & 0x800000) != 0;
    *overflow = mantissa != 0 && (size > 34 || (size > 33 && mantissa > 0xff) || (size > 32 && mantissa > 0xffff));
    return r;
}

uint32_t arith256_to_compact(const arith256 *a)
{
    unsigned size = (arith256_bits(a) + 7) / 8;
    uint32_t mantissa;
    if (size <= 3) {
        mantissa = (uint32_t)a->w[0] << 8 * (3 - size);
    } else {
        arith256 top = arith256_shr(a, 8 * (size - 3));
        mantissa = (uint32_t)top.w[0];
    }
    if (mantissa & 0x800000) { /* that bit is the sign */
        mantissa >>= 8;
        size++;
    }
    return mantissa | (uint32_t)size << 24;
}
