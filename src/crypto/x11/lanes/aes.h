/* Vectors of 128-bit blocks, a block of another header in each, and what CPUs with AES instructions do to them. */
#ifndef CRYPTO_X11_LANES_AES_H
#define CRYPTO_X11_LANES_AES_H

#include "crypto/x11/lanes/vector.h"

enum {
    X11_BLOCKS = X11_VECTOR / 16,         /* headers in the blocks of a vector */
    X11_VECTORS = X11_GROUP / X11_BLOCKS, /* vectors for a block of each header of the group */
};

typedef uint8_t v8 __attribute__((vector_size(X11_VECTOR)));

/* The same block for all headers. */
static inline v64 block_all(const void *p)
{
#if X11_VECTOR == 64
    return (v64)_mm512_broadcast_i32x4(_mm_loadu_si128(p));
#elif X11_VECTOR == 32
    return (v64)_mm256_broadcastsi128_si256(_mm_loadu_si128(p));
#else
    return v64_load(p);
#endif
}

/* ---- within each block */

/* Byte i becomes the byte order[i], below 16, of the same block. */
static inline v64 block_bytes(v64 x, v64 order)
{
#if defined(__x86_64__)
    return (v64)X86(shuffle_epi8)((x86)x, (x86)order);
#else
    return (v64)vqtbl1q_u8((uint8x16_t)x, (uint8x16_t)order);
#endif
}

/* The four words one place down, the first becomes the last. */
static inline v64 block_rotated(v64 x)
{
#if X11_VECTOR == 64
    return (v64)_mm512_shuffle_epi32((x86)x, _MM_PERM_ADCB);
#elif defined(__x86_64__)
    return (v64)X86(shuffle_epi32)((x86)x, 0x39);
#else
    return (v64)vextq_u32((uint32x4_t)x, (uint32x4_t)x, 1);
#endif
}

/* The same with the first word of `next` becoming the last. */
static inline v64 block_shifted(v64 x, v64 next)
{
#if defined(__x86_64__)
    return (v64)X86(alignr_epi8)((x86)next, (x86)x, 4);
#else
    return (v64)vextq_u32((uint32x4_t)x, (uint32x4_t)next, 1);
#endif
}

/* The first (last) bytes, words or halves of both blocks, by turns one of each. */
#if defined(__x86_64__)
#define BLOCK_ZIP(name, intel, arm, arm_vector)                                                                                  \
    static inline v64 name(v64 x, v64 y) { return (v64)X86(intel)((x86)x, (x86)y); }
#else
#define BLOCK_ZIP(name, intel, arm, arm_vector)                                                                                  \
    static inline v64 name(v64 x, v64 y) { return (v64)arm((arm_vector)x, (arm_vector)y); }
#endif
BLOCK_ZIP(block_zip8_first, unpacklo_epi8, vzip1q_u8, uint8x16_t)
BLOCK_ZIP(block_zip8_last, unpackhi_epi8, vzip2q_u8, uint8x16_t)
BLOCK_ZIP(block_zip32_first, unpacklo_epi32, vzip1q_u32, uint32x4_t)
BLOCK_ZIP(block_zip32_last, unpackhi_epi32, vzip2q_u32, uint32x4_t)
BLOCK_ZIP(block_zip64_first, unpacklo_epi64, vzip1q_u64, uint64x2_t)
BLOCK_ZIP(block_zip64_last, unpackhi_epi64, vzip2q_u64, uint64x2_t)

/* ---- a group: its four blocks, in vectors of some headers each */

typedef v64 group_blocks[4][X11_VECTORS];

/* Words of four headers each become a block in each of four vectors; and back. A single header has blocks already. */
enum { TURNED = X11_GROUP > 1 ? 4 : 1, TURNS = X11_VECTORS / TURNED };

/* 4 x 4 words are transposed: two times the first two vectors are zipped with the last. */
static inline void blocks_turn(v64 v[TURNED])
{
    for (int time = 0; time < 2 && TURNED == 4; time++) {
        const v64 v0 = v[0], v1 = v[1 % TURNED], v2 = v[2 % TURNED], v3 = v[3 % TURNED];
        v[0] = block_zip32_first(v0, v2);
        v[1 % TURNED] = block_zip32_last(v0, v2);
        v[2 % TURNED] = block_zip32_first(v1, v3);
        v[3 % TURNED] = block_zip32_last(v1, v3);
    }
}

/* From WORDS32. */
static inline void blocks_load(group_blocks to, const uint8_t *state)
{
    for (size_t i = 0; i < 4 * TURNS; i++) {
        v64 v[TURNED];
        for (size_t k = 0; k < TURNED; k++)
            v[k] = v64_load(state + X11_VECTOR * (i / TURNS * X11_VECTORS + k * TURNS + i % TURNS));
        blocks_turn(v);
        for (size_t k = 0; k < TURNED; k++)
            to[i / TURNS][k * TURNS + i % TURNS] = v[k];
    }
}

/* To WORDS32. */
static inline void blocks_store(uint8_t *state, group_blocks from)
{
    for (size_t i = 0; i < 4 * TURNS; i++) {
        v64 v[TURNED];
        for (size_t k = 0; k < TURNED; k++)
            v[k] = from[i / TURNS][k * TURNS + i % TURNS];
        blocks_turn(v);
        for (size_t k = 0; k < TURNED; k++)
            v64_store(state + X11_VECTOR * (i / TURNS * X11_VECTORS + k * TURNS + i % TURNS), v[k]);
    }
}

/* To ROWS. */
static inline void blocks_store_rows(uint8_t *state, group_blocks from)
{
    for (size_t b = 0; b < 4; b++)
        for (size_t n = 0; n < X11_VECTORS; n++) {
            uint8_t blocks[X11_BLOCKS][16];
            v64_store(blocks, from[b][n]);
            for (size_t i = 0; i < X11_BLOCKS; i++)
                memcpy(state + 64 * (n % TURNS * X11_LANES32 + TURNED * i + n / TURNS) + 16 * b, blocks[i], 16);
        }
}

/* ---- AES and its field */

/* The blocks of a vector on their way through AES. Where AES comes in 128 bits only they go one by one, and are better left apart
 * between two rounds. */
#if X11_VECTOR == 32 && !defined(__VAES__)
typedef struct {
    __m128i b[2];
} vaes;
static inline vaes aes_apart(v64 x)
{
    return (vaes){{_mm256_castsi256_si128((x86)x), _mm256_extracti128_si256((x86)x, 1)}};
}
static inline v64 aes_joined(vaes x) { return (v64)_mm256_set_m128i(x.b[1], x.b[0]); }
#else
typedef v64 vaes;
static inline vaes aes_apart(v64 x) { return x; }
static inline v64 aes_joined(vaes x) { return x; }
#endif

/* The same block for all headers. */
static inline vaes aes_all(const void *p)
{
#if X11_VECTOR == 32 && !defined(__VAES__)
    const __m128i b = _mm_loadu_si128(p);
    return (vaes){{b, b}};
#else
    return block_all(p);
#endif
}

/* SubBytes, ShiftRows, MixColumns, then `key` is added. */
static inline vaes aes_round(vaes x, vaes key)
{
#if X11_VECTOR == 64
    return (v64)_mm512_aesenc_epi128((x86)x, (x86)key);
#elif X11_VECTOR == 32 && defined(__VAES__)
    return (v64)_mm256_aesenc_epi128((x86)x, (x86)key);
#elif X11_VECTOR == 32
    return (vaes){{_mm_aesenc_si128(x.b[0], key.b[0]), _mm_aesenc_si128(x.b[1], key.b[1])}};
#elif defined(__x86_64__)
    return (v64)_mm_aesenc_si128((x86)x, (x86)key);
#else
    return (v64)vaesmcq_u8(vaeseq_u8((uint8x16_t)x, vdupq_n_u8(0))) ^ key;
#endif
}

/* SubBytes and ShiftRows, then `key` is added. */
static inline vaes aes_last_round(vaes x, vaes key)
{
#if X11_VECTOR == 64
    return (v64)_mm512_aesenclast_epi128((x86)x, (x86)key);
#elif X11_VECTOR == 32 && defined(__VAES__)
    return (v64)_mm256_aesenclast_epi128((x86)x, (x86)key);
#elif X11_VECTOR == 32
    return (vaes){{_mm_aesenclast_si128(x.b[0], key.b[0]), _mm_aesenclast_si128(x.b[1], key.b[1])}};
#elif defined(__x86_64__)
    return (v64)_mm_aesenclast_si128((x86)x, (x86)key);
#else
    return (v64)vaeseq_u8((uint8x16_t)x, vdupq_n_u8(0)) ^ key;
#endif
}

/* Each byte times two. */
static inline v64 aes_doubled(v64 x)
{
#ifdef __GFNI__
    return (v64)X86(gf2p8mul_epi8)((x86)x, (x86)((v8){0} + 2));
#else
    typedef int8_t signs __attribute__((vector_size(X11_VECTOR)));
    return (v64)(((v8)x + (v8)x) ^ ((v8)((signs)x < 0) & 0x1b));
#endif
}

#endif
