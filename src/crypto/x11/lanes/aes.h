/* Vectors of 128-bit blocks, a block of another header in each, and what CPUs with AES instructions do to them. */
#ifndef CRYPTO_X11_LANES_AES_H
#define CRYPTO_X11_LANES_AES_H

#include "crypto/x11/lanes/vector.h"

enum {
    X11_BLOCKS = X11_VECTOR / 16,         /* headers in the blocks of a vector */
    X11_VECTORS = X11_GROUP / X11_BLOCKS, /* vectors for a block of each header of the group */
};

typedef uint8_t v8 __attribute__((vector_size(X11_VECTOR)));

/* The x86-64 intrinsic of an operation for vectors of this size, and their type. */
#if X11_VECTOR == 64
#define X86(operation) _mm512_##operation
typedef __m512i x86;
#elif X11_VECTOR == 32
#define X86(operation) _mm256_##operation
typedef __m256i x86;
#elif defined(__x86_64__)
#define X86(operation) _mm_##operation
typedef __m128i x86;
#endif

/* ---- blocks in memory */

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

/* The blocks at p, at p + stride, ... */
static inline v64 blocks_load(const uint8_t *p, size_t stride)
{
#if X11_VECTOR == 64
    const __m512i v = _mm512_castsi128_si512(_mm_loadu_si128((const void *)p));
    const __m512i w = _mm512_inserti64x2(v, _mm_loadu_si128((const void *)(p + stride)), 1);
    const __m512i x = _mm512_inserti64x2(w, _mm_loadu_si128((const void *)(p + 2 * stride)), 2);
    return (v64)_mm512_inserti64x2(x, _mm_loadu_si128((const void *)(p + 3 * stride)), 3);
#elif X11_VECTOR == 32
    return (v64)_mm256_loadu2_m128i((const void *)(p + stride), (const void *)p);
#else
    (void)stride;
    return v64_load(p);
#endif
}

static inline void blocks_store(uint8_t *p, size_t stride, v64 v)
{
    uint8_t blocks[X11_VECTOR];
    v64_store(blocks, v);
    for (size_t i = 0; i < X11_BLOCKS; i++)
        memcpy(p + stride * i, blocks + 16 * i, 16);
}

/* ---- within each block */

/* Byte i becomes byte order[i], which is below 16; `order` is the same in all blocks. */
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

/* The first (last) eight bytes of both blocks, by turns one of each. */
static inline v64 block_zip_first(v64 x, v64 y)
{
#if defined(__x86_64__)
    return (v64)X86(unpacklo_epi8)((x86)x, (x86)y);
#else
    return (v64)vzip1q_u8((uint8x16_t)x, (uint8x16_t)y);
#endif
}

static inline v64 block_zip_last(v64 x, v64 y)
{
#if defined(__x86_64__)
    return (v64)X86(unpackhi_epi8)((x86)x, (x86)y);
#else
    return (v64)vzip2q_u8((uint8x16_t)x, (uint8x16_t)y);
#endif
}

/* The first (last) eight bytes of both blocks, one after the other. */
static inline v64 block_first_halves(v64 x, v64 y)
{
#if defined(__x86_64__)
    return (v64)X86(unpacklo_epi64)((x86)x, (x86)y);
#else
    return (v64)vzip1q_u64(x, y);
#endif
}

static inline v64 block_last_halves(v64 x, v64 y)
{
#if defined(__x86_64__)
    return (v64)X86(unpackhi_epi64)((x86)x, (x86)y);
#else
    return (v64)vzip2q_u64(x, y);
#endif
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
