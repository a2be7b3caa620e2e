/* Numbers mod p, eight at a time: limbs of 52 bits, multiplied by AVX-512 IFMA, in Montgomery form for 2^416. The field of
 * lanes_kernel.c for CPUs that have it.
 *
 * 2^416 is 2^35 p, so sums and differences need no reduction before they are multiplied: a product of factors below 64p is below
 * (1 + 2^-20)p. Bounds: what is stored or comes out of fv_mul, fv_sqr, fv_sub1, fv_sub2 is below 1.01p ("small"); what comes out of
 * fv_negate is at most 2p, of fv_add and fv_sub below 8p. Limbs are always below 2^52. */
#ifndef CRYPTO_BLS_FIELD_IFMA_H
#define CRYPTO_BLS_FIELD_IFMA_H

#include <immintrin.h>

#include "crypto/bls.h"

enum { LANES = 8, LIMBS = 8, LIMB_BITS = 52 };

typedef struct {
    __m512i l[LIMBS];
} fv;
typedef __mmask8 fmask;

static const uint64_t LIMB_MASK = 0xfffffffffffff;
static const uint64_t P[LIMBS] = {0xeffffffffaaab, 0xfeb153ffffb9f, 0x6b0f6241eabff, 0x12bf6730d2a0f,
                                  0x764774b84f385, 0x1ba7b6434bacd, 0x1ea397fe69a4b, 0x1a011};
static const uint64_t MINUS_P_INVERSE = 0x3fffcfffcfffd; /* mod 2^52 */
static const uint64_t ONE[LIMBS] = {0x6480ea8e9b9af, 0x65766c8fe444f, 0x8b540fea96f7d, 0x3b2ee82efd422,
                                    0xa6723e5f0ade5, 0xff6eb6fdd4230, 0xe06ef23c24a25, 0x14c8e}; /* 2^416 */

static inline fv fv_constant(const uint64_t limbs[LIMBS])
{
    fv v;
    for (int i = 0; i < LIMBS; i++)
        v.l[i] = _mm512_set1_epi64((long long)limbs[i]);
    return v;
}

/* ---- in and out */

/* Eight rows of eight words to columns: a transposition, which is its own inverse. */
static inline fv transposed(const fv *in)
{
    fv t, q, out;
    for (int i = 0; i < 8; i += 2) {
        t.l[i] = _mm512_unpacklo_epi64(in->l[i], in->l[i + 1]);
        t.l[i + 1] = _mm512_unpackhi_epi64(in->l[i], in->l[i + 1]);
    }
    for (int i = 0; i < 2; i++) {
        q.l[i] = _mm512_shuffle_i64x2(t.l[i], t.l[i + 2], 0x88);
        q.l[i + 2] = _mm512_shuffle_i64x2(t.l[i], t.l[i + 2], 0xdd);
        q.l[i + 4] = _mm512_shuffle_i64x2(t.l[i + 4], t.l[i + 6], 0x88);
        q.l[i + 6] = _mm512_shuffle_i64x2(t.l[i + 4], t.l[i + 6], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        out.l[i] = _mm512_shuffle_i64x2(q.l[i], q.l[i + 4], 0x88);
        out.l[i + 4] = _mm512_shuffle_i64x2(q.l[i], q.l[i + 4], 0xdd);
    }
    return out;
}

static inline fv fv_gather(const uint64_t *const rows[LANES])
{
    fv v;
    for (int i = 0; i < LANES; i++)
        v.l[i] = _mm512_loadu_si512(rows[i]);
    return transposed(&v);
}

static inline void fv_scatter(uint64_t *const rows[LANES], const fv *v)
{
    const fv t = transposed(v);
    for (int i = 0; i < LANES; i++)
        _mm512_storeu_si512(rows[i], t.l[i]);
}

/* ---- arithmetic */

/* Every limb but the highest below 2^52 again; limbs may be negative, their sum not. */
static inline void carry(fv *v)
{
    const __m512i mask = _mm512_set1_epi64((long long)LIMB_MASK);
    for (int i = 0; i + 1 < LIMBS; i++) {
        v->l[i + 1] = _mm512_add_epi64(v->l[i + 1], _mm512_srai_epi64(v->l[i], LIMB_BITS));
        v->l[i] = _mm512_and_si512(v->l[i], mask);
    }
}

/* How many p make the lowest limb a multiple of 2^52: a step of Montgomery's reduction. */
static inline __m512i quotient(__m512i lowest)
{
    return _mm512_madd52lo_epu64(_mm512_setzero_si512(), lowest, _mm512_set1_epi64((long long)MINUS_P_INVERSE));
}

static inline fv fv_mul(const fv *a, const fv *b)
{
    fv t;
    for (int j = 0; j < LIMBS; j++)
        t.l[j] = _mm512_setzero_si512();
#pragma GCC unroll 8
    for (int i = 0; i < LIMBS; i++) {
        for (int j = 0; j < LIMBS; j++)
            t.l[j] = _mm512_madd52lo_epu64(t.l[j], a->l[j], b->l[i]);
        const __m512i q = quotient(t.l[0]);
        for (int j = 0; j < LIMBS; j++)
            t.l[j] = _mm512_madd52lo_epu64(t.l[j], q, _mm512_set1_epi64((long long)P[j]));
        const __m512i carried = _mm512_srli_epi64(t.l[0], LIMB_BITS);
        for (int j = 0; j + 1 < LIMBS; j++)
            t.l[j] = t.l[j + 1];
        t.l[LIMBS - 1] = _mm512_setzero_si512();
        t.l[0] = _mm512_add_epi64(t.l[0], carried);
        for (int j = 0; j < LIMBS; j++) {
            t.l[j] = _mm512_madd52hi_epu64(t.l[j], a->l[j], b->l[i]);
            t.l[j] = _mm512_madd52hi_epu64(t.l[j], q, _mm512_set1_epi64((long long)P[j]));
        }
    }
    carry(&t);
    return t;
}

/* The same product with each mixed term computed once. */
static inline fv fv_sqr(const fv *a)
{
    __m512i t[2 * LIMBS];
    for (int i = 0; i < 2 * LIMBS; i++)
        t[i] = _mm512_setzero_si512();
    for (int i = 0; i < LIMBS; i++)
        for (int j = i + 1; j < LIMBS; j++) {
            t[i + j] = _mm512_madd52lo_epu64(t[i + j], a->l[i], a->l[j]);
            t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], a->l[i], a->l[j]);
        }
    for (int i = 0; i < 2 * LIMBS; i++)
        t[i] = _mm512_add_epi64(t[i], t[i]);
    for (int i = 0; i < LIMBS; i++) {
        t[2 * i] = _mm512_madd52lo_epu64(t[2 * i], a->l[i], a->l[i]);
        t[2 * i + 1] = _mm512_madd52hi_epu64(t[2 * i + 1], a->l[i], a->l[i]);
    }
    for (int i = 0; i < LIMBS; i++) {
        const __m512i q = quotient(t[i]);
        for (int j = 0; j < LIMBS; j++) {
            const __m512i p = _mm512_set1_epi64((long long)P[j]);
            t[i + j] = _mm512_madd52lo_epu64(t[i + j], q, p);
            t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], q, p);
        }
        t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64(t[i], LIMB_BITS));
    }
    fv out;
    for (int i = 0; i < LIMBS; i++)
        out.l[i] = t[LIMBS + i];
    carry(&out);
    return out;
}

static inline fv fv_add(const fv *a, const fv *b)
{
    fv out;
    for (int i = 0; i < LIMBS; i++)
        out.l[i] = _mm512_add_epi64(a->l[i], b->l[i]);
    carry(&out);
    return out;
}

/* a - b + factor*p, limb by limb. */
static inline fv difference(const fv *a, const fv *b, uint64_t factor)
{
    fv out;
    for (int i = 0; i < LIMBS; i++)
        out.l[i] = _mm512_add_epi64(_mm512_sub_epi64(a->l[i], b->l[i]), _mm512_set1_epi64((long long)(factor * P[i])));
    return out;
}

/* a below 3p, b too. */
static inline fv fv_sub(const fv *a, const fv *b)
{
    fv out = difference(a, b, 3);
    carry(&out);
    return out;
}

/* From between p/2 and 8p to small: less a multiple of p that the highest limb tells but for one in 2^12. */
static inline void reduce(fv *v)
{
    enum { SLACK = 16 }; /* the highest limb lacks the carries of the others */
    const __m512i per_p = _mm512_set1_epi64((long long)(((uint64_t)1 << LIMB_BITS) / (P[LIMBS - 1] + 1)));
    const __m512i high = _mm512_sub_epi64(v->l[LIMBS - 1], _mm512_set1_epi64(SLACK));
    const __m512i q = _mm512_madd52hi_epu64(_mm512_setzero_si512(), high, per_p);
    for (int i = 0; i < LIMBS; i++) {
        const uint64_t p = P[i];
        const __m512i multiples = _mm512_set_epi64((long long)(7 * p), (long long)(6 * p), (long long)(5 * p), (long long)(4 * p),
                                                   (long long)(3 * p), (long long)(2 * p), (long long)p, 0);
        v->l[i] = _mm512_sub_epi64(v->l[i], _mm512_permutexvar_epi64(q, multiples));
    }
    carry(v);
}

/* a - b and a - b - c, fit to be stored: small a (and b), the last below 3p. */
static inline fv fv_sub1(const fv *a, const fv *b)
{
    fv out = difference(a, b, 4);
    reduce(&out);
    return out;
}
static inline fv fv_sub2(const fv *a, const fv *b, const fv *c)
{
    fv out = difference(a, b, 5);
    for (int i = 0; i < LIMBS; i++)
        out.l[i] = _mm512_sub_epi64(out.l[i], c->l[i]);
    reduce(&out);
    return out;
}

/* The lanes of `which` negated. Small a. */
static inline fv fv_negate(const fv *a, fmask which)
{
    fv out = *a;
    for (int i = 0; i < LIMBS; i++)
        out.l[i] = _mm512_mask_sub_epi64(a->l[i], which, _mm512_set1_epi64((long long)(2 * P[i])), a->l[i]);
    carry(&out);
    return out;
}

/* Of any number below 64p. */
static inline fmask fv_is_zero(const fv *a)
{
    const fv one = fv_constant(ONE), v = fv_mul(a, &one);
    fmask zero = 0xff, p = 0xff;
    for (int i = 0; i < LIMBS; i++) {
        zero &= _mm512_testn_epi64_mask(v.l[i], v.l[i]);
        p &= _mm512_cmpeq_epi64_mask(v.l[i], _mm512_set1_epi64((long long)P[i]));
    }
    return zero | p;
}

static inline fv fv_select(fmask which, const fv *yes, const fv *no)
{
    fv out;
    for (int i = 0; i < LIMBS; i++)
        out.l[i] = _mm512_mask_blend_epi64(which, no->l[i], yes->l[i]);
    return out;
}

/* ---- from and to blst */

static inline fv fv_from(const blst_fp in[LANES])
{
    static const uint64_t SQUARE[LIMBS] = {0xa5bf4cb89af51, 0x3afbba7ca31a2, 0x2646160ec71f1, 0xa84d710465903,
                                           0x3480a4a188311, 0x98e5907ad91f5, 0x2075d74507266, 0x8746}; /* 2^832 */
    uint64_t limbs[LANES][LIMBS];
    const uint64_t *rows[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        uint64_t w[7] = {0};
        blst_uint64_from_fp(w, &in[lane]);
        for (int i = 0; i < LIMBS; i++) {
            const int bit = i * LIMB_BITS, word = bit / 64, shift = bit % 64;
            uint64_t limb = w[word] >> shift;
            if (shift > 64 - LIMB_BITS)
                limb |= w[word + 1] << (64 - shift);
            limbs[lane][i] = limb & LIMB_MASK;
        }
        rows[lane] = limbs[lane];
    }
    const fv plain = fv_gather(rows), square = fv_constant(SQUARE);
    return fv_mul(&plain, &square);
}

static inline void fv_to(blst_fp out[LANES], const fv *v)
{
    static const uint64_t PLAIN_ONE[LIMBS] = {1};
    const fv one = fv_constant(PLAIN_ONE), plain = fv_mul(v, &one); /* at most p */
    uint64_t limbs[LANES][LIMBS];
    uint64_t *rows[LANES];
    for (int lane = 0; lane < LANES; lane++)
        rows[lane] = limbs[lane];
    fv_scatter(rows, &plain);
    for (int lane = 0; lane < LANES; lane++) {
        uint64_t w[7] = {0};
        for (int i = 0; i < LIMBS; i++) {
            const int bit = i * LIMB_BITS, word = bit / 64, shift = bit % 64;
            w[word] |= limbs[lane][i] << shift;
            if (shift > 64 - LIMB_BITS)
                w[word + 1] |= limbs[lane][i] >> (64 - shift);
        }
        if (memcmp(limbs[lane], P, sizeof(P)) == 0)
            memset(w, 0, sizeof(w));
        blst_fp_from_uint64(&out[lane], w);
    }
}

/* ---- roots: a^((p + 1) / 4), four bits of the exponent at a time */

static inline void fv_roots(blst_fp out[LANES], const blst_fp in[LANES])
{
    static const char EXPONENT[] = "680447a8e5ff9a692c6e9ed90d2eb35d91dd2e13ce144afd"
                                   "9cc34a83dac3d8907aaffffac54ffffee7fbfffffffeaab";
    fv power[16], r;
    power[1] = fv_from(in);
    for (int i = 2; i < 16; i++)
        power[i] = fv_mul(&power[i - 1], &power[1]);
    r = power[6]; /* the first digit */
    for (const char *digit = EXPONENT + 1; *digit; digit++) {
        const int d = *digit <= '9' ? *digit - '0' : *digit - 'a' + 10;
        for (int i = 0; i < 4; i++)
            r = fv_sqr(&r);
        if (d > 0)
            r = fv_mul(&r, &power[d]);
    }
    fv_to(out, &r);
}

#endif
