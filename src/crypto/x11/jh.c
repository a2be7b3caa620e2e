/* JH-512, 42 rounds, bit-sliced, of exactly 64 bytes (x11.md 2.5): the message block and a constant padding block.
 *
 * The state is eight 128-bit words, each two 64-bit halves. The functions move bits in groups of powers of two, so that any byte
 * order will do that message, state and constants are all loaded with: little-endian. */
#include "base/endian.h"
#include "crypto/x11/x11_stages.h"
#include "crypto/x11/x11_tables.h"

struct word {
    uint64_t half[2];
};

/* The S-box on 64 columns, chosen between the two by the bits of c. */
#define SUBSTITUTE(x0, x1, x2, x3, c)                                                                                            \
    do {                                                                                                                         \
        x3 = ~x3;                                                                                                                \
        x0 ^= (c) & ~x2;                                                                                                         \
        const uint64_t t = (c) ^ (x0 & x1);                                                                                      \
        x0 ^= x2 & x3;                                                                                                           \
        x3 ^= ~x1 & x2;                                                                                                          \
        x1 ^= x0 & x2;                                                                                                           \
        x2 ^= x0 & ~x3;                                                                                                          \
        x0 ^= x1 | x3;                                                                                                           \
        x3 ^= x1 & x2;                                                                                                           \
        x1 ^= t & x0;                                                                                                            \
        x2 ^= t;                                                                                                                 \
    } while (0)

/* One half of a round but the swaps: S-box on the even and on the odd words, then the linear layer over both. */
static inline void mix(struct word h[8], int half, uint64_t even, uint64_t odd)
{
    uint64_t a0 = h[0].half[half], a1 = h[2].half[half], a2 = h[4].half[half], a3 = h[6].half[half];
    uint64_t b0 = h[1].half[half], b1 = h[3].half[half], b2 = h[5].half[half], b3 = h[7].half[half];
    SUBSTITUTE(a0, a1, a2, a3, even);
    SUBSTITUTE(b0, b1, b2, b3, odd);
    b0 ^= a1;
    b1 ^= a2;
    b2 ^= a3 ^ a0;
    b3 ^= a0;
    h[0].half[half] = a0 ^ b1;
    h[1].half[half] = b0;
    h[2].half[half] = a1 ^ b2;
    h[3].half[half] = b1;
    h[4].half[half] = a2 ^ b3 ^ b0;
    h[5].half[half] = b2;
    h[6].half[half] = a3 ^ b0;
    h[7].half[half] = b3;
}

/* Neighbouring groups of `n` bits change places; `mask` holds the lower group of each pair. */
static inline uint64_t swap_groups(uint64_t x, unsigned n, uint64_t mask) { return (x & mask) << n | (x >> n & mask); }

static inline void round_swapping(struct word h[8], const uint64_t c[4], unsigned n, uint64_t mask)
{
    mix(h, 0, c[0], c[2]);
    mix(h, 1, c[1], c[3]);
    for (int i = 1; i < 8; i += 2) {
        h[i].half[0] = swap_groups(h[i].half[0], n, mask);
        h[i].half[1] = swap_groups(h[i].half[1], n, mask);
    }
}

static inline void round_swapping_halves(struct word h[8], const uint64_t c[4])
{
    mix(h, 0, c[0], c[2]);
    mix(h, 1, c[1], c[3]);
    for (int i = 1; i < 8; i += 2) {
        const uint64_t first = h[i].half[0];
        h[i].half[0] = h[i].half[1];
        h[i].half[1] = first;
    }
}

static void permute(struct word h[8])
{
    for (int r = 0; r < 42; r += 7) {
        round_swapping(h, x11_jh_c[r], 1, 0x5555555555555555);
        round_swapping(h, x11_jh_c[r + 1], 2, 0x3333333333333333);
        round_swapping(h, x11_jh_c[r + 2], 4, 0x0f0f0f0f0f0f0f0f);
        round_swapping(h, x11_jh_c[r + 3], 8, 0x00ff00ff00ff00ff);
        round_swapping(h, x11_jh_c[r + 4], 16, 0x0000ffff0000ffff);
        round_swapping(h, x11_jh_c[r + 5], 32, 0x00000000ffffffff);
        round_swapping_halves(h, x11_jh_c[r + 6]);
    }
}

/* A block enters the first half of the state before the permutation and the second half after it. */
static void compress(struct word h[8], const uint64_t m[8])
{
    for (int i = 0; i < 8; i++)
        h[i / 2].half[i & 1] ^= m[i];
    permute(h);
    for (int i = 0; i < 8; i++)
        h[4 + i / 2].half[i & 1] ^= m[i];
}

void x11_jh512(uint8_t out[64], const uint8_t in[64])
{
    static const uint64_t padding[8] = {[0] = 0x80, [7] = UINT64_C(2) << 48}; /* length: 512, big-endian */
    struct word h[8];
    for (int i = 0; i < 16; i++)
        h[i / 2].half[i & 1] = x11_jh_iv[i];
    uint64_t m[8];
    for (int i = 0; i < 8; i++)
        m[i] = load_le64(in + 8 * i);
    compress(h, m);
    compress(h, padding);
    for (int i = 0; i < 8; i++)
        store_le64(out + 8 * i, h[4 + i / 2].half[i & 1]);
}
