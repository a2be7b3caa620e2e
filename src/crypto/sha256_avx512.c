/* Sixteen messages in the lanes of AVX-512 registers: register w of the schedule holds word w of all messages. Compiled with its
 * flags (sources.cmake). */
#include "crypto/sha256_lanes.h"

#include <immintrin.h>

/* Rows to columns: word l of out[w] is word w of in[l]. */
static inline void transpose(__m512i m[16])
{
    __m512i t[16];
    for (unsigned i = 0; i < 16; i += 2) { /* pairs of rows, words alternating */
        t[i] = _mm512_unpacklo_epi32(m[i], m[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(m[i], m[i + 1]);
    }
    for (unsigned i = 0; i < 16; i += 4) { /* four rows: m[i + k] has column k of each quarter */
        m[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        m[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        m[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        m[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (unsigned k = 0; k < 4; k++) { /* quarters of the registers: a 4x4 transposition */
        const __m512i ab_low = _mm512_shuffle_i32x4(m[k], m[4 + k], 0x44), ab_high = _mm512_shuffle_i32x4(m[k], m[4 + k], 0xee);
        const __m512i cd_low = _mm512_shuffle_i32x4(m[8 + k], m[12 + k], 0x44);
        const __m512i cd_high = _mm512_shuffle_i32x4(m[8 + k], m[12 + k], 0xee);
        t[k] = _mm512_shuffle_i32x4(ab_low, cd_low, 0x88);
        t[4 + k] = _mm512_shuffle_i32x4(ab_low, cd_low, 0xdd);
        t[8 + k] = _mm512_shuffle_i32x4(ab_high, cd_high, 0x88);
        t[12 + k] = _mm512_shuffle_i32x4(ab_high, cd_high, 0xdd);
    }
    for (unsigned i = 0; i < 16; i++)
        m[i] = t[i];
}

/* For a shuffle: the other byte order in every word. */
static inline __m512i big_endian(void)
{
    return _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

static inline void load_blocks(__m512i w[16], const uint8_t *const *data, size_t offset)
{
    for (unsigned l = 0; l < 16; l++)
        w[l] = _mm512_shuffle_epi8(_mm512_loadu_si512(data[l] + offset), big_endian());
    transpose(w);
}

static inline __m512i xor3(__m512i a, __m512i b, __m512i c)
{
    return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}

static inline __m512i expanded(const __m512i w[16], unsigned t)
{
    const __m512i w15 = w[(t + 1) % 16], w2 = w[(t + 14) % 16];
    const __m512i s0 = xor3(_mm512_ror_epi32(w15, 7), _mm512_ror_epi32(w15, 18), _mm512_srli_epi32(w15, 3));
    const __m512i s1 = xor3(_mm512_ror_epi32(w2, 17), _mm512_ror_epi32(w2, 19), _mm512_srli_epi32(w2, 10));
    return _mm512_add_epi32(_mm512_add_epi32(w[t % 16], s0), _mm512_add_epi32(w[(t + 9) % 16], s1));
}

/* Round t; `s` is turned by one place each round instead of being moved: s[(i - t) mod 8] is the working variable i. */
static inline void one_round(__m512i s[8], __m512i word, unsigned t)
{
    enum { CHOOSE = 0xca, MAJORITY = 0xe8 };
    const __m512i a = s[-t % 8], b = s[(1 - t) % 8], c = s[(2 - t) % 8];
    const __m512i e = s[(4 - t) % 8], f = s[(5 - t) % 8], g = s[(6 - t) % 8], h = s[(7 - t) % 8];
    const __m512i s1 = xor3(_mm512_ror_epi32(e, 6), _mm512_ror_epi32(e, 11), _mm512_ror_epi32(e, 25));
    const __m512i s0 = xor3(_mm512_ror_epi32(a, 2), _mm512_ror_epi32(a, 13), _mm512_ror_epi32(a, 22));
    const __m512i keyed = _mm512_add_epi32(word, _mm512_set1_epi32((int)sha256_k[t]));
    const __m512i t1 = _mm512_add_epi32(_mm512_add_epi32(h, keyed),
                                        _mm512_add_epi32(s1, _mm512_ternarylogic_epi32(e, f, g, CHOOSE)));
    s[(3 - t) % 8] = _mm512_add_epi32(s[(3 - t) % 8], t1);
    s[(7 - t) % 8] = _mm512_add_epi32(t1, _mm512_add_epi32(s0, _mm512_ternarylogic_epi32(a, b, c, MAJORITY)));
}

static void compress(__m512i h[8], __m512i w[16])
{
    __m512i s[8];
    for (unsigned i = 0; i < 8; i++)
        s[i] = h[i];
#pragma GCC unroll 64
    for (unsigned t = 0; t < 64; t++) {
        if (t >= 16)
            w[t % 16] = expanded(w, t);
        one_round(s, w[t % 16], t);
    }
    for (unsigned i = 0; i < 8; i++)
        h[i] = _mm512_add_epi32(h[i], s[i]);
}

static void begin(__m512i h[8])
{
    for (unsigned i = 0; i < 8; i++)
        h[i] = _mm512_set1_epi32((int)sha256_initial[i]);
}

/* The hash of the hash: its words are the first half of the only block. */
static void hash_again(__m512i h[8])
{
    __m512i w[16];
    for (unsigned i = 0; i < 16; i++)
        w[i] = i < 8 ? h[i] : _mm512_setzero_si512();
    w[8] = _mm512_set1_epi32((int)0x80000000);
    w[15] = _mm512_set1_epi32(256);
    begin(h);
    compress(h, w);
}

void sha256_avx512(hash256 *out, const struct sha256_blocks *in, bool twice)
{
    __m512i h[8], w[16];
    begin(h);
    for (size_t block = 0; block < in->n_whole; block++) {
        load_blocks(w, in->whole, 64 * block);
        compress(h, w);
    }
    for (size_t block = 0; block < in->n_last; block++) {
        load_blocks(w, in->last, 64 * block);
        compress(h, w);
    }
    if (twice)
        hash_again(h);
    for (unsigned i = 0; i < 16; i++)
        w[i] = i < 8 ? h[i] : _mm512_setzero_si512();
    transpose(w);
    for (unsigned l = 0; l < 16; l++)
        _mm256_storeu_si256((void *)out[l].b, _mm512_castsi512_si256(_mm512_shuffle_epi8(w[l], big_endian())));
}
