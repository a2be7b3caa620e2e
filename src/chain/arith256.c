/* See arith256.h. Words of 32 bits, so that every product fits in 64 on any machine. */
#include "chain/arith256.h"

#include <string.h>

#include "base/endian.h"

#define WORDS 8u

arith256 arith256_from_u64(uint64_t v)
{
    return (arith256){{(uint32_t)v, (uint32_t)(v >> 32)}};
}

arith256 arith256_from_le(const uint8_t bytes[32])
{
    arith256 r;
    for (unsigned i = 0; i < WORDS; i++)
        r.w[i] = load_le32(bytes + 4 * i);
    return r;
}

void arith256_to_le(const arith256 *a, uint8_t bytes[32])
{
    for (unsigned i = 0; i < WORDS; i++)
        store_le32(bytes + 4 * i, a->w[i]);
}

bool arith256_is_zero(const arith256 *a)
{
    return arith256_bits(a) == 0;
}

unsigned arith256_bits(const arith256 *a)
{
    for (unsigned i = WORDS; i-- > 0;) {
        uint32_t w = a->w[i];
        unsigned bits = 1;
        if (!w)
            continue;
        for (unsigned half = 16; half; half /= 2)
            if (w >> half) {
                w >>= half;
                bits += half;
            }
        return 32 * i + bits;
    }
    return 0;
}

arith256 arith256_sub(const arith256 *a, const arith256 *b)
{
    arith256 r;
    uint64_t borrow = 0;
    for (unsigned i = 0; i < WORDS; i++) {
        uint64_t d = (uint64_t)a->w[i] - b->w[i] - borrow;
        r.w[i] = (uint32_t)d;
        borrow = d >> 63;
    }
    return r;
}

arith256 arith256_not(const arith256 *a)
{
    arith256 r;
    for (unsigned i = 0; i < WORDS; i++)
        r.w[i] = ~a->w[i];
    return r;
}

arith256 arith256_shl(const arith256 *a, unsigned bits)
{
    arith256 r = {{0}};
    unsigned words = bits / 32, rest = bits % 32;
    for (unsigned i = words; i < WORDS; i++) {
        r.w[i] = a->w[i - words] << rest;
        if (rest && i > words)
            r.w[i] |= a->w[i - words - 1] >> (32 - rest);
    }
    return r;
}

arith256 arith256_shr(const arith256 *a, unsigned bits)
{
    arith256 r = {{0}};
    unsigned words = bits / 32, rest = bits % 32;
    for (unsigned i = 0; words < WORDS && i < WORDS - words; i++) {
        r.w[i] = a->w[i + words] >> rest;
        if (rest && i + words + 1 < WORDS)
            r.w[i] |= a->w[i + words + 1] << (32 - rest);
    }
    return r;
}

arith256 arith256_mul(const arith256 *a, const arith256 *b)
{
    arith256 r = {{0}};
    for (unsigned i = 0; i < WORDS; i++) {
        uint64_t carry = 0;
        for (unsigned j = 0; i + j < WORDS; j++) {
            carry += (uint64_t)a->w[i] * b->w[j] + r.w[i + j];
            r.w[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    return r;
}

arith256 arith256_mul_u32(const arith256 *a, uint32_t b)
{
    arith256 r;
    uint64_t carry = 0;
    for (unsigned i = 0; i < WORDS; i++) {
        carry += (uint64_t)a->w[i] * b;
        r.w[i] = (uint32_t)carry;
        carry >>= 32;
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
    arith256 quotient = {{0}};
    unsigned n = (arith256_bits(b) + 31) / 32, shift = 32 * n - arith256_bits(b);
    if (n <= 1)
        return arith256_div_u32(a, b->w[0]);
    arith256 low = arith256_shl(a, shift), divisor = arith256_shl(b, shift);
    uint32_t u[WORDS + 1];
    memcpy(u, low.w, sizeof(low.w));
    u[WORDS] = shift ? a->w[WORDS - 1] >> (32 - shift) : 0;
    for (unsigned j = WORDS - n + 1; j-- > 0;)
        quotient.w[j] = divide_digit(u + j, divisor.w, n);
    return quotient;
}

arith256 arith256_div_u32(const arith256 *a, uint32_t b)
{
    arith256 r;
    uint64_t rest = 0;
    for (unsigned i = WORDS; i-- > 0;) {
        rest = rest << 32 | a->w[i];
        r.w[i] = (uint32_t)(rest / b);
        rest %= b;
    }
    return r;
}

arith256 arith256_from_compact(uint32_t compact, bool *negative, bool *overflow)
{
    unsigned size = compact >> 24; /* in bytes; the mantissa is the top three of them */
    uint32_t mantissa = compact & 0x7fffff;
    if (size < 3)
        mantissa >>= 8 * (3 - size);
    unsigned low = size > 3 ? size - 3 : 0; /* the byte it starts at */
    uint64_t shifted = (uint64_t)mantissa << 8 * (low % 4);
    arith256 r = {{0}};
    if (low / 4 < WORDS)
        r.w[low / 4] = (uint32_t)shifted;
    if (low / 4 + 1 < WORDS)
        r.w[low / 4 + 1] = (uint32_t)(shifted >> 32);
    *negative = mantissa != 0 && (compact & 0x800000) != 0;
    *overflow = mantissa != 0 && (size > 34 || (size > 33 && mantissa > 0xff) || (size > 32 && mantissa > 0xffff));
    return r;
}

uint32_t arith256_to_compact(const arith256 *a)
{
    unsigned size = (arith256_bits(a) + 7) / 8;
    uint32_t mantissa;
    if (size <= 3) {
        mantissa = a->w[0] << 8 * (3 - size);
    } else {
        arith256 top = arith256_shr(a, 8 * (size - 3));
        mantissa = top.w[0];
    }
    if (mantissa & 0x800000) { /* that bit is the sign */
        mantissa >>= 8;
        size++;
    }
    return mantissa | (uint32_t)size << 24;
}
