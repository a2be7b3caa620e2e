/* One round of JH-512 (x11.md 2.5), bit-sliced, on vectors. What a lane holds is left to those who include this: half words of
 * different headers, or both halves of a word of one. */
#ifndef CRYPTO_X11_LANES_JH_H
#define CRYPTO_X11_LANES_JH_H

#include "crypto/x11/lanes/vector.h"

/* The S-box, chosen between the two by the bits of c; each line is one instruction where there is ternary logic. */
#define JH_SUBSTITUTE(x0, x1, x2, x3, c)                                                                                         \
    do {                                                                                                                         \
        x0 ^= (c) & ~x2;                                                                                                         \
        const v64 t = (c) ^ (x0 & x1);                                                                                           \
        x0 ^= ~x3 & x2;                                                                                                          \
        x3 = ~x3 ^ (~x1 & x2);                                                                                                   \
        x1 ^= x0 & x2;                                                                                                           \
        x2 ^= ~x3 & x0;                                                                                                          \
        x0 ^= x1 | x3;                                                                                                           \
        x3 ^= x1 & x2;                                                                                                           \
        x1 ^= t & x0;                                                                                                            \
        x2 ^= t;                                                                                                                 \
    } while (0)

/* A round but the swaps: S-box on the even and on the odd words, then the linear layer over both. Words are `step` vectors apart. */
static inline void jh_mix(v64 *h, int step, v64 even, v64 odd)
{
    v64 a0 = h[0], a1 = h[2 * step], a2 = h[4 * step], a3 = h[6 * step];
    v64 b0 = h[step], b1 = h[3 * step], b2 = h[5 * step], b3 = h[7 * step];
    JH_SUBSTITUTE(a0, a1, a2, a3, even);
    JH_SUBSTITUTE(b0, b1, b2, b3, odd);
    b0 ^= a1;
    b1 ^= a2;
    b2 = v64_xor3(b2, a3, a0);
    b3 ^= a0;
    h[0] = a0 ^ b1;
    h[step] = b0;
    h[2 * step] = a1 ^ b2;
    h[3 * step] = b1;
    h[4 * step] = v64_xor3(a2, b3, b0);
    h[5 * step] = b2;
    h[6 * step] = a3 ^ b0;
    h[7 * step] = b3;
}

#ifdef __GFNI__
/* The bits of each byte in another order. */
static inline v64 jh_bits(v64 x, uint64_t matrix)
{
#if X11_VECTOR == 64
    return (v64)_mm512_gf2p8affine_epi64_epi8((__m512i)x, (__m512i)v64_all(matrix), 0);
#else
    return (v64)_mm256_gf2p8affine_epi64_epi8((__m256i)x, (__m256i)v64_all(matrix), 0);
#endif
}
#endif

/* Neighbouring groups of n bits change places. */
static inline v64 jh_swap(v64 x, int n)
{
    switch (n) {
#ifdef __GFNI__
    case 1: return jh_bits(x, 0x0201080420108040);
    case 2: return jh_bits(x, 0x0408010240801020);
    case 4: return jh_bits(x, 0x1020408001020408);
#else
    case 1: return (x << 1 & 0xaaaaaaaaaaaaaaaa) | (x >> 1 & 0x5555555555555555);
    case 2: return (x << 2 & 0xcccccccccccccccc) | (x >> 2 & 0x3333333333333333);
    case 4: return (x << 4 & 0xf0f0f0f0f0f0f0f0) | (x >> 4 & 0x0f0f0f0f0f0f0f0f);
#endif
    case 8: return v64_bytes(x, 0x0607040502030001);
    case 16: return v64_bytes(x, 0x0504070601000302);
    default: return v64_bytes(x, 0x0302010007060504);
    }
}

#endif
