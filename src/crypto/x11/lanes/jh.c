/* JH-512 (x11.md 2.5), bit-sliced, a header in each 64-bit lane: the portable functions with vectors for half words.
 *
 * The state is 16 vectors, the halves of the eight words one after the other. */
#include "crypto/x11/lanes/vector.h"
#include "crypto/x11/x11_tables.h"

/* The S-box, chosen between the two by the bits of c; each line is one instruction where there is ternary logic. */
#define SUBSTITUTE(x0, x1, x2, x3, c)                                                                                            \
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

/* One half of a round but the swaps: S-box on the even and on the odd words, then the linear layer over both. */
static inline void mix(v64 h[16], int half, uint64_t even, uint64_t odd)
{
    v64 a0 = h[half], a1 = h[4 + half], a2 = h[8 + half], a3 = h[12 + half];
    v64 b0 = h[2 + half], b1 = h[6 + half], b2 = h[10 + half], b3 = h[14 + half];
    SUBSTITUTE(a0, a1, a2, a3, v64_all(even));
    SUBSTITUTE(b0, b1, b2, b3, v64_all(odd));
    b0 ^= a1;
    b1 ^= a2;
    b2 ^= a3 ^ a0;
    b3 ^= a0;
    h[half] = a0 ^ b1;
    h[2 + half] = b0;
    h[4 + half] = a1 ^ b2;
    h[6 + half] = b1;
    h[8 + half] = a2 ^ b3 ^ b0;
    h[10 + half] = b2;
    h[12 + half] = a3 ^ b0;
    h[14 + half] = b3;
}

#ifdef __GFNI__
/* The bits of each byte in another order. */
static inline v64 bits(v64 x, uint64_t matrix)
{
#if X11_VECTOR == 64
    return (v64)_mm512_gf2p8affine_epi64_epi8((__m512i)x, (__m512i)v64_all(matrix), 0);
#else
    return (v64)_mm256_gf2p8affine_epi64_epi8((__m256i)x, (__m256i)v64_all(matrix), 0);
#endif
}
#endif

/* Neighbouring groups of n bits change places. */
static inline v64 swap_groups(v64 x, int n)
{
    switch (n) {
#ifdef __GFNI__
    case 1: return bits(x, 0x0201080420108040);
    case 2: return bits(x, 0x0408010240801020);
    case 4: return bits(x, 0x1020408001020408);
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

static inline void round_swapping(v64 h[16], const uint64_t c[4], int n)
{
    for (int half = 0; half < 2; half++) {
        mix(h, half, c[half], c[2 + half]);
        for (int i = 2; i < 16; i += 4)
            h[i + half] = swap_groups(h[i + half], n);
    }
}

static inline void round_swapping_halves(v64 h[16], const uint64_t c[4])
{
    mix(h, 0, c[0], c[2]);
    mix(h, 1, c[1], c[3]);
    for (int i = 2; i < 16; i += 4) {
        const v64 first = h[i];
        h[i] = h[i + 1];
        h[i + 1] = first;
    }
}

static void permute(v64 h[16])
{
    for (int r = 0; r < 42; r += 7) {
        round_swapping(h, x11_jh_c[r], 1);
        round_swapping(h, x11_jh_c[r + 1], 2);
        round_swapping(h, x11_jh_c[r + 2], 4);
        round_swapping(h, x11_jh_c[r + 3], 8);
        round_swapping(h, x11_jh_c[r + 4], 16);
        round_swapping(h, x11_jh_c[r + 5], 32);
        round_swapping_halves(h, x11_jh_c[r + 6]);
    }
}

/* A block enters the first half of the state before the permutation and the second half after it. */
static inline void block(uint8_t *state)
{
    static const uint64_t padding[8] = {[0] = 0x80, [7] = UINT64_C(2) << 48}; /* length: 512, big-endian */
    v64 h[16];
    for (int i = 0; i < 8; i++) {
        h[i] = x11_jh_iv[i] ^ v64_load(state + X11_VECTOR * i);
        h[8 + i] = v64_all(x11_jh_iv[8 + i]);
    }
    permute(h);
    for (int i = 0; i < 8; i++) {
        h[8 + i] ^= v64_load(state + X11_VECTOR * i);
        h[i] ^= padding[i];
    }
    permute(h);
    for (int i = 0; i < 8; i++)
        v64_store(state + X11_VECTOR * i, h[8 + i] ^ padding[i]);
}

void X11_KERNEL(jh)(void *state)
{
    block(state);
    block((uint8_t *)state + 8 * X11_VECTOR);
}
