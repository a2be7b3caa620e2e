/* Arithmetic modulo 257 in 16-bit lanes, and with it the transform of SIMD's message expansion (x11.md 2.10). Numbers are signed;
 * their lanes are declared unsigned because products wrap. */
#ifndef CRYPTO_X11_LANES_MOD257_H
#define CRYPTO_X11_LANES_MOD257_H

#include "crypto/x11/lanes/vector.h"

typedef uint16_t v16 __attribute__((vector_size(X11_VECTOR)));

static inline v16 v16_load(const void *p)
{
    v16 v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static inline v16 v16_all(int x)
{
    return (v16){0} + (uint16_t)x;
}

/* mulhi: a * b / 2^16, rounded down. mulround: a * b / 2^15, rounded to the nearest. */
#if X11_VECTOR == 64
static inline v16 mulhi(v16 a, v16 b)
{
    return (v16)_mm512_mulhi_epi16((__m512i)a, (__m512i)b);
}
static inline v16 mulround(v16 a, v16 b)
{
    return (v16)_mm512_mulhrs_epi16((__m512i)a, (__m512i)b);
}
#elif X11_VECTOR == 32
static inline v16 mulhi(v16 a, v16 b)
{
    return (v16)_mm256_mulhi_epi16((__m256i)a, (__m256i)b);
}
static inline v16 mulround(v16 a, v16 b)
{
    return (v16)_mm256_mulhrs_epi16((__m256i)a, (__m256i)b);
}
#elif defined(__x86_64__)
static inline v16 mulhi(v16 a, v16 b)
{
    return (v16)_mm_mulhi_epi16((__m128i)a, (__m128i)b);
}
static inline v16 mulround(v16 a, v16 b)
{
    return (v16)_mm_mulhrs_epi16((__m128i)a, (__m128i)b);
}
#else
static inline v16 mulhi(v16 a, v16 b)
{
    return (v16)vshrq_n_s16(vqdmulhq_s16((int16x8_t)a, (int16x8_t)b), 1);
}
static inline v16 mulround(v16 a, v16 b)
{
    return (v16)vqrdmulhq_s16((int16x8_t)a, (int16x8_t)b);
}
#endif

/* x * by, at most 129 + |x| / 512 in size: Montgomery's multiplication, whose 2^16 is 1 here. low = by / 257 mod 2^16, |by| <=
 * 128. */
static inline v16 mod257_times(v16 x, v16 by, v16 low)
{
    return mulhi(x, by) - mulhi(x * low, v16_all(257));
}

/* The representative in -128..128 of any x > -2^15: 32640 * 256 / 2^31 is so near to 1 / 257 that its multiple rounds to the
 * same. */
static inline v16 mod257_centred(v16 x)
{
    return x - mulround(mulhi(x, v16_all(32640)), v16_all(256)) * 257;
}

/* out[k] = sum of 4^(jk) in[j], without a reduction: |out| <= 170 * |in| at most, as what is multiplied are differences of pairs,
 * by 1, 16, and 4 and 64. In the expansion that is 129 * 169 + 255 (one number is a byte as it came), then 171 * 170: 16 bits
 * hold it. */
static inline void mod257_transform8(v16 out[8], const v16 in[8])
{
    const v16 s0 = in[0] + in[4], d0 = in[0] - in[4];
    const v16 s1 = in[1] + in[5], d1 = in[1] - in[5];
    const v16 s2 = in[2] + in[6], d2 = (in[2] - in[6]) << 4;
    const v16 s3 = in[3] + in[7], d3 = in[3] - in[7];
    const v16 even = s0 + s2, odd = s1 + s3, e = s0 - s2, o = (s1 - s3) << 4;
    const v16 p = d0 + d2, m = d0 - d2, q = (d1 << 2) + (d3 << 6), r = (d1 << 6) + (d3 << 2); /* r: 4^3 d1 + 4^9 d3 */
    out[0] = even + odd;
    out[4] = even - odd;
    out[2] = e + o;
    out[6] = e - o;
    out[1] = p + q;
    out[5] = p - q;
    out[3] = m + r;
    out[7] = m - r;
}

/* 32-bit lanes of the lower or of the higher halves of the lanes of a and b; that of b is on top. */
static inline v32 pairs_low(v32 a, v32 b)
{
    return (a & 0xffff) | b << 16;
}
static inline v32 pairs_high(v32 a, v32 b)
{
    return a >> 16 | (b & 0xffff0000);
}

#endif
