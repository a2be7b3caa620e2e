/* CubeHash16/32-512, initial and final 160 rounds, of exactly 64 bytes (x11.md 2.8). */
#include <string.h>

#include "base/endian.h"
#include "crypto/x11/x11_stages.h"
#include "crypto/x11/x11_tables.h"

/* Four neighbouring words. Values of this type, copied in and out whole, are what compilers keep in one vector register. */
struct quad {
    uint32_t w[4];
};

static inline struct quad load(const uint32_t *words)
{
    struct quad q;
    memcpy(&q, words, sizeof(q));
    return q;
}

static inline void store(uint32_t *words, struct quad q)
{
    memcpy(words, &q, sizeof(q));
}

static inline struct quad add(struct quad a, struct quad b)
{
    struct quad sum;
    for (int i = 0; i < 4; i++)
        sum.w[i] = a.w[i] + b.w[i];
    return sum;
}

/* (a turned left by n bits) ^ b */
static inline struct quad turn_xor(struct quad a, unsigned n, struct quad b)
{
    struct quad sum;
    for (int i = 0; i < 4; i++)
        sum.w[i] = rotl32(a.w[i], n) ^ b.w[i];
    return sum;
}

/* Exchanges the words whose indexes differ by n, 1 or 2. */
static inline struct quad swap(struct quad a, unsigned n)
{
    struct quad swapped;
    for (unsigned i = 0; i < 4; i++)
        swapped.w[i] = a.w[i ^ n];
    return swapped;
}

/* a: words 0..15, b: words 16..31. The swaps of words 8 and 4 apart in `a` are in the choice of the quads. */
static void rounds(uint32_t a[16], uint32_t b[16], int n)
{
    struct quad a0 = load(a), a1 = load(a + 4), a2 = load(a + 8), a3 = load(a + 12);
    struct quad b0 = load(b), b1 = load(b + 4), b2 = load(b + 8), b3 = load(b + 12);
    for (; n > 0; n--) {
        b0 = add(b0, a0);
        b1 = add(b1, a1);
        b2 = add(b2, a2);
        b3 = add(b3, a3);
        const struct quad t0 = turn_xor(a2, 7, b0), t1 = turn_xor(a3, 7, b1);
        const struct quad t2 = turn_xor(a0, 7, b2), t3 = turn_xor(a1, 7, b3);
        b0 = add(swap(b0, 2), t0);
        b1 = add(swap(b1, 2), t1);
        b2 = add(swap(b2, 2), t2);
        b3 = add(swap(b3, 2), t3);
        a0 = turn_xor(t1, 11, b0);
        a1 = turn_xor(t0, 11, b1);
        a2 = turn_xor(t3, 11, b2);
        a3 = turn_xor(t2, 11, b3);
        b0 = swap(b0, 1);
        b1 = swap(b1, 1);
        b2 = swap(b2, 1);
        b3 = swap(b3, 1);
    }
    store(a, a0);
    store(a + 4, a1);
    store(a + 8, a2);
    store(a + 12, a3);
    store(b, b0);
    store(b + 4, b1);
    store(b + 8, b2);
    store(b + 12, b3);
}

void x11_cubehash512(uint8_t out[64], const uint8_t in[64])
{
    uint32_t a[16], b[16];
    memcpy(a, x11_cubehash_iv, sizeof(a));
    memcpy(b, x11_cubehash_iv + 16, sizeof(b));
    for (int block = 0; block < 2; block++) {
        for (int i = 0; i < 8; i++)
            a[i] ^= load_le32(in + 32 * block + 4 * i);
        rounds(a, b, 16);
    }
    a[0] ^= 0x80; /* the padding block */
    rounds(a, b, 16);
    b[15] ^= 1; /* word 31 marks the end */
    rounds(a, b, 160);
    for (int i = 0; i < 16; i++)
        store_le32(out + 4 * i, a[i]);
}
