/* CubeHash16/32-512 (x11.md 2.8) of 64 bytes, a header in each 32-bit lane. */
#include "crypto/x11/lanes/vector.h"
#include "crypto/x11/x11_tables.h"

/* Half of a round: 16 words that depend on no others, those whose index in `a` has the parity `half`. The swaps move nothing: a word
 * stays where it is, and which word meets it changes. After one round word i of `a` is at i ^ 12, of `b` at i ^ 3, so that the words
 * that met at a distance of z = 0 meet at z = 15; after two all are back. */
static inline __attribute__((always_inline)) void half_round(v32 a[16], v32 b[16], unsigned half, unsigned z)
{
#pragma GCC unroll 8
    for (unsigned i = half; i < 16; i += 2)
        b[i ^ z] += a[i];
#pragma GCC unroll 8
    for (unsigned i = half; i < 16; i += 2)
        a[i] = v32_rotl(a[i], 7) ^ b[i ^ z ^ 8];
#pragma GCC unroll 8
    for (unsigned i = half; i < 16; i += 2)
        b[i ^ z ^ 10] += a[i];
#pragma GCC unroll 8
    for (unsigned i = half; i < 16; i += 2)
        a[i] = v32_rotl(a[i], 11) ^ b[i ^ z ^ 14];
}

/* n: even */
static inline __attribute__((always_inline)) void rounds(v32 a[16], v32 b[16], int n)
{
    for (; n > 0; n -= 2) {
        half_round(a, b, 0, 0);
        half_round(a, b, 1, 0);
        half_round(a, b, 1, 15);
        half_round(a, b, 0, 15);
    }
}

void X11_KERNEL(cubehash)(void *state)
{
    uint8_t *words = state;
    v32 a[16], b[16];
    for (int i = 0; i < 16; i++) {
        a[i] = v32_all(x11_cubehash_iv[i]);
        b[i] = v32_all(x11_cubehash_iv[16 + i]);
    }
    for (int block = 0; block < 2; block++) {
        for (int i = 0; i < 8; i++)
            a[i] ^= v32_load(words + X11_VECTOR * (8 * block + i));
        rounds(a, b, 16);
    }
    a[0] ^= 0x80; /* the padding block */
    rounds(a, b, 16);
    b[15] ^= 1; /* word 31 marks the end */
    rounds(a, b, 160);
    for (int i = 0; i < 16; i++)
        v32_store(words + X11_VECTOR * i, a[i]);
}
