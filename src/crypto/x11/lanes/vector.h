/* Vectors of a level. The sources beside this are compiled once for each level; the build defines
 *   X11_LEVEL   its name
 *   X11_VECTOR  bytes of a vector: 16, 32 or 64
 * Arithmetic is written with the operators of C on the compilers' vector types; here is what has no operator. Everything is
 * static: code compiled for a level must not be found by the linker from anywhere else. */
#ifndef CRYPTO_X11_LANES_VECTOR_H
#define CRYPTO_X11_LANES_VECTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "crypto/x11/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Name of this level's kernel: x11_skein_avx2. */
#define X11_KERNEL(function) X11_PASTE(function, X11_LEVEL)
X11_DECLARE(X11_LEVEL)

enum {
    X11_LANES64 = X11_VECTOR / 8, /* headers of a block of 64-bit words */
    X11_LANES32 = X11_VECTOR / 4, /* headers of a group */
};

typedef uint64_t v64 __attribute__((vector_size(X11_VECTOR)));
typedef uint32_t v32 __attribute__((vector_size(X11_VECTOR)));

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

static inline v64 v64_load(const void *p)
{
    v64 v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static inline void v64_store(void *p, v64 v)
{
    memcpy(p, &v, sizeof(v));
}

static inline v32 v32_load(const void *p)
{
    v32 v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static inline void v32_store(void *p, v32 v)
{
    memcpy(p, &v, sizeof(v));
}

/* The same number in every lane. */
static inline v64 v64_all(uint64_t x)
{
    return (v64){0} + x;
}
static inline v32 v32_all(uint32_t x)
{
    return (v32){0} + x;
}

/* The bytes of each lane in another order, a constant: its byte i says which byte becomes byte i. */
static inline v64 v64_bytes(v64 x, uint64_t order)
{
    const int64_t first = (int64_t)order, next = (int64_t)(order + 0x0808080808080808); /* two lanes at once are shuffled */
#if X11_VECTOR == 64
    return (v64)_mm512_shuffle_epi8((__m512i)x, _mm512_set4_epi64(next, first, next, first));
#elif X11_VECTOR == 32
    return (v64)_mm256_shuffle_epi8((__m256i)x, _mm256_set_epi64x(next, first, next, first));
#elif defined(__x86_64__)
    return (v64)_mm_shuffle_epi8((__m128i)x, _mm_set_epi64x(next, first));
#else
    return (v64)vqtbl1q_u8((uint8x16_t)x, (uint8x16_t)(v64){(uint64_t)first, (uint64_t)next});
#endif
}

static inline v32 v32_swapped(v32 x)
{
    return (v32)v64_bytes((v64)x, 0x0405060700010203);
}

/* A function of three vectors bit by bit, given as a macro of three arguments: one instruction where there is one for all of
 * them, whose table is what the macro makes of the numbers here. */
#ifdef __AVX512VL__
#define v32_logic(f, a, b, c) ((v32)X86(ternarylogic_epi32)((x86)(a), (x86)(b), (x86)(c), f(0xf0, 0xcc, 0xaa) & 0xff))
#else
#define v32_logic(f, a, b, c) f(a, b, c)
#endif
#define XOR3(a, b, c) ((a) ^ (b) ^ (c))

static inline v64 v64_xor3(v64 a, v64 b, v64 c)
{
    return (v64)v32_logic(XOR3, a, b, c);
}

/* Rotations by a constant, 0 < n < width: compilers know them, where the CPU has them; else whole bytes are better shuffled. */
static inline v64 v64_rotl(v64 x, int n)
{
#ifndef __AVX512VL__
    if (n % 8 == 0)
        return v64_bytes(x, UINT64_C(0x0706050403020100) << n | UINT64_C(0x0706050403020100) >> (64 - n));
#endif
    return x << n | x >> (64 - n);
}
static inline v64 v64_rotr(v64 x, int n)
{
    return v64_rotl(x, 64 - n);
}

/* Lane i of vector k becomes lane k of vector i. */
static inline void v64_transpose(v64 v[X11_LANES64])
{
#if X11_VECTOR == 64
    __m512i pairs[8], fours[8];
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm512_unpacklo_epi64((__m512i)v[i], (__m512i)v[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi64((__m512i)v[i], (__m512i)v[i + 1]);
    }
    for (int i = 0; i < 8; i += 4)
        for (int k = 0; k < 2; k++) {
            fours[i + k] = _mm512_shuffle_i64x2(pairs[i + k], pairs[i + k + 2], 0x88);
            fours[i + k + 2] = _mm512_shuffle_i64x2(pairs[i + k], pairs[i + k + 2], 0xdd);
        }
    for (int i = 0; i < 4; i++) {
        v[i] = (v64)_mm512_shuffle_i64x2(fours[i], fours[i + 4], 0x88);
        v[i + 4] = (v64)_mm512_shuffle_i64x2(fours[i], fours[i + 4], 0xdd);
    }
#elif X11_VECTOR == 32
    __m256i pairs[4];
    for (int i = 0; i < 4; i += 2) {
        pairs[i] = _mm256_unpacklo_epi64((__m256i)v[i], (__m256i)v[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_epi64((__m256i)v[i], (__m256i)v[i + 1]);
    }
    for (int i = 0; i < 2; i++) {
        v[i] = (v64)_mm256_permute2x128_si256(pairs[i], pairs[i + 2], 0x20);
        v[i + 2] = (v64)_mm256_permute2x128_si256(pairs[i], pairs[i + 2], 0x31);
    }
#else
    const v64 first = {v[0][0], v[1][0]};
    v[1] = (v64){v[0][1], v[1][1]};
    v[0] = first;
#endif
}

#if X11_VECTOR == 32 /* more ports add than shift */
#define v32_rotl(x, n) (((n) == 1 ? (x) + (x) : (x) << (n)) | (x) >> (32 - (n)))
#else
#define v32_rotl(x, n) ((x) << (n) | (x) >> (32 - (n)))
#endif

#endif
