/* JH-512, 42 rounds, bit-sliced, of exactly 64 bytes (x11.md 2.5): the message block and a constant padding block.
 *
 * The state is eight 128-bit words, each two 64-bit halves, one after the other. The functions move bits in groups of powers of
 * two, so that any byte order will do that message, state and constants are all loaded with: little-endian. */
#ifndef CRYPTO_X11_WORDS_JH_H
#define CRYPTO_X11_WORDS_JH_H

#include "crypto/x11/words/word.h"
#include "crypto/x11/x11_tables.h"

/* The padding block, an end bit and the length in bits, 512, big-endian: as it enters the state, and as it leaves with words 8 to
 * 15, some of which are kept complemented. */
static const uint64_t jh_padding[8] = {0x80, 0, 0, 0, 0, 0, 0, UINT64_C(2) << 48};
static const uint64_t jh_last[8] = {~UINT64_C(0x80), UINT64_MAX, UINT64_MAX, UINT64_MAX, 0, 0, UINT64_MAX, ~(UINT64_C(2) << 48)};

/* The S-box, chosen between the two by the bits of c. With x2, of the odd words x3 as well, kept complemented, no line takes more
 * than two instructions, or one where there is ternary logic; after the linear layer the same words are complemented again. */
#define SUBSTITUTE_EVEN(x0, x1, x2, x3, c)                                                                                       \
    do {                                                                                                                         \
        x0 ^= (c)&x2;                                                                                                            \
        const word t = (c) ^ (x0 & x1);                                                                                          \
        x0 ^= x2 | x3;                                                                                                           \
        x3 ^= x1 | x2;                                                                                                           \
        x1 ^= x0 | x2;                                                                                                           \
        x2 ^= x0 | x3;                                                                                                           \
        x0 ^= x1 & ~x3;                                                                                                          \
        x3 ^= x2 & ~x1;                                                                                                          \
        x1 ^= x0 & t;                                                                                                            \
        x2 ^= t;                                                                                                                 \
    } while (0)
#define SUBSTITUTE_ODD(x0, x1, x2, x3, c)                                                                                        \
    do {                                                                                                                         \
        x0 ^= (c)&x2;                                                                                                            \
        const word t = (c) ^ (x0 & x1);                                                                                          \
        x0 ^= x3 & ~x2;                                                                                                          \
        x3 ^= x1 | x2;                                                                                                           \
        x1 ^= x0 & ~x2;                                                                                                          \
        x2 ^= x0 & x3;                                                                                                           \
        x0 ^= x3 & ~x1;                                                                                                          \
        x3 ^= x1 & ~x2;                                                                                                          \
        x1 ^= t & ~x0;                                                                                                           \
        x2 ^= t;                                                                                                                 \
    } while (0)

/* A round but the swaps: S-box on the even and on the odd words, then the linear layer over both. The words are `step` apart. */
static inline void jh_mix(word *h, int step, word even, word odd)
{
    word a0 = h[0], a1 = h[2 * step], a2 = h[4 * step], a3 = h[6 * step];
    word b0 = h[step], b1 = h[3 * step], b2 = h[5 * step], b3 = h[7 * step];
    SUBSTITUTE_EVEN(a0, a1, a2, a3, even);
    SUBSTITUTE_ODD(b0, b1, b2, b3, odd);
    b0 ^= a1;
    b1 ^= a2;
    b2 = word_xor3(b2, a3, a0);
    b3 ^= a0;
    h[0] = a0 ^ b1;
    h[step] = b0;
    h[2 * step] = a1 ^ b2;
    h[3 * step] = b1;
    h[4 * step] = word_xor3(a2, b3, b0);
    h[5 * step] = b2;
    h[6 * step] = a3 ^ b0;
    h[7 * step] = b3;
}

/* ---- swaps: neighbouring groups of n bits change places */

#ifdef X11_VECTOR

#ifdef __GFNI__
/* The bits of each byte in another order. */
static inline v64 v64_bits(v64 x, uint64_t order)
{
    return (v64)X86(gf2p8affine_epi64_epi8)((x86)x, (x86)v64_all(order), 0);
}
#define BITS_SWAPPED(x, n, mask, order) v64_bits(x, order)
#else
#define BITS_SWAPPED(x, n, mask, order) (((x) & (mask)) << (n) | ((x) >> (n) & (mask)))
#endif
#define BYTES_SWAPPED(x, n, mask, order) v64_bytes(x, order)

#else

#define BITS_SWAPPED(x, n, mask, order) (((x) & (mask)) << (n) | ((x) >> (n) & (mask)))
#define BYTES_SWAPPED(x, n, mask, order) BITS_SWAPPED(x, n, mask, order)

#endif

static inline word jh_swapped(word x, int n)
{
    switch (n) {
    case 1: return BITS_SWAPPED(x, 1, 0x5555555555555555, 0x0201080420108040);
    case 2: return BITS_SWAPPED(x, 2, 0x3333333333333333, 0x0408010240801020);
    case 4: return BITS_SWAPPED(x, 4, 0x0f0f0f0f0f0f0f0f, 0x1020408001020408);
    case 8: return BYTES_SWAPPED(x, 8, 0x00ff00ff00ff00ff, 0x0607040502030001);
    case 16: return BYTES_SWAPPED(x, 16, 0x0000ffff0000ffff, 0x0504070601000302);
    default: return word_rotl(x, 32);
    }
}

/* The permutation of a state by `round(state, constants, n)`; a round swaps groups twice as large as the one before. */
#define JH_PERMUTE(round, h)                                                                                                     \
    for (int r = 0; r < 42; r += 7) {                                                                                            \
        round(h, x11_jh_c[r], 1);                                                                                                \
        round(h, x11_jh_c[r + 1], 2);                                                                                            \
        round(h, x11_jh_c[r + 2], 4);                                                                                            \
        round(h, x11_jh_c[r + 3], 8);                                                                                            \
        round(h, x11_jh_c[r + 4], 16);                                                                                           \
        round(h, x11_jh_c[r + 5], 32);                                                                                           \
        round(h, x11_jh_c[r + 6], 64);                                                                                           \
    }

/* ---- of half words */

static inline void jh_round(word h[16], const uint64_t c[4], int n)
{
    for (int half = 0; half < 2; half++) {
        jh_mix(h + half, 2, word_all(c[half]), word_all(c[2 + half]));
        for (int i = 2; n < 64 && i < 16; i += 4)
            h[i + half] = jh_swapped(h[i + half], n);
    }
    for (int i = 2; n == 64 && i < 16; i += 4) {
        const word first = h[i];
        h[i] = h[i + 1];
        h[i + 1] = first;
    }
}

static void permute(word h[16])
{
    JH_PERMUTE(jh_round, h)
}

/* In place. A block enters the first half of the state before the permutation and the second half after it. */
static inline void jh512(word m[8])
{
    word h[16];
    for (int i = 0; i < 8; i++) {
        h[i] = m[i] ^ x11_jh_iv[i];
        h[8 + i] = word_all(x11_jh_iv[8 + i]);
    }
    permute(h);
    for (int i = 0; i < 8; i++) {
        h[i] ^= jh_padding[i];
        h[8 + i] ^= m[i];
    }
    permute(h);
    for (int i = 0; i < 8; i++)
        m[i] = h[8 + i] ^ jh_last[i];
}

#endif
