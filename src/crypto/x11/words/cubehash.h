/* CubeHash16/32-512, initial and final 160 rounds, of exactly 64 bytes (x11.md 2.8), of one header. */
#ifndef CRYPTO_X11_WORDS_CUBEHASH_H
#define CRYPTO_X11_WORDS_CUBEHASH_H

#include <string.h>

#include "base/endian.h"
#include "crypto/x11/x11_tables.h"

/* Four neighbouring words. Compilers keep them in one register where the CPU has such, and else in four. Never passed by value:
 * how that is done depends on the CPU. */
typedef uint32_t quad __attribute__((vector_size(16)));

#define CUBEHASH_TURN(q, n) ((q) << (n) | (q) >> (32 - (n)))

/* The words whose indexes differ by 1, or by 2, exchanged. */
#define CUBEHASH_SWAP1(q) ((quad){(q)[1], (q)[0], (q)[3], (q)[2]})
#define CUBEHASH_SWAP2(q) ((quad){(q)[2], (q)[3], (q)[0], (q)[1]})

/* a: words 0..15, b: words 16..31. The swaps of words 8 and 4 apart in `a` are in the choice of the quads. */
static inline void cubehash_rounds(quad a[4], quad b[4], int n)
{
    quad x[4], y[4], sum[4];
    memcpy(x, a, sizeof(x));
    memcpy(y, b, sizeof(y));
    for (; n > 0; n--) {
        for (int i = 0; i < 4; i++)
            y[i] += x[i];
        for (int i = 0; i < 4; i++)
            sum[i] = CUBEHASH_TURN(x[i ^ 2], 7) ^ y[i];
        for (int i = 0; i < 4; i++)
            y[i] = CUBEHASH_SWAP2(y[i]) + sum[i];
        for (int i = 0; i < 4; i++)
            x[i] = CUBEHASH_TURN(sum[i ^ 1], 11) ^ y[i];
        for (int i = 0; i < 4; i++)
            y[i] = CUBEHASH_SWAP1(y[i]);
    }
    memcpy(a, x, sizeof(x));
    memcpy(b, y, sizeof(y));
}

static inline void cubehash512(uint8_t out[64], const uint8_t in[64])
{
    uint32_t words[16];
    quad a[4], b[4], m[4];
    for (int i = 0; i < 16; i++)
        words[i] = load_le32(in + 4 * i);
    memcpy(m, words, sizeof(m));
    memcpy(a, x11_cubehash_iv, sizeof(a));
    memcpy(b, x11_cubehash_iv + 16, sizeof(b));
    for (int block = 0; block < 4; block += 2) {
        a[0] ^= m[block];
        a[1] ^= m[block + 1];
        cubehash_rounds(a, b, 16);
    }
    a[0] ^= (quad){0x80}; /* the padding block */
    cubehash_rounds(a, b, 16);
    b[3] ^= (quad){0, 0, 0, 1}; /* word 31 marks the end */
    cubehash_rounds(a, b, 160);
    memcpy(words, a, sizeof(words));
    for (int i = 0; i < 16; i++)
        store_le32(out + 4 * i, words[i]);
}

#endif
