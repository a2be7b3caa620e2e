/* BMW-512, second-round tweak, of exactly 64 bytes (x11.md 2.2): one block, then the state itself as a closing block. */
#ifndef CRYPTO_X11_WORDS_BMW_H
#define CRYPTO_X11_WORDS_BMW_H

#include "crypto/x11/words/word.h"
#include "crypto/x11/x11_tables.h"

static inline word s0(word x)
{
    return word_xor3(x >> 1, x << 3, word_rotl(x, 4)) ^ word_rotl(x, 37);
}
static inline word s1(word x)
{
    return word_xor3(x >> 1, x << 2, word_rotl(x, 13)) ^ word_rotl(x, 43);
}
static inline word s2(word x)
{
    return word_xor3(x >> 2, x << 1, word_rotl(x, 19)) ^ word_rotl(x, 53);
}
static inline word s3(word x)
{
    return word_xor3(x >> 2, x << 2, word_rotl(x, 28)) ^ word_rotl(x, 59);
}
static inline word s4(word x)
{
    return x >> 1 ^ x;
}
static inline word s5(word x)
{
    return x >> 2 ^ x;
}

/* f0: the first half of the quadrupled pipe, q[0..15]. */
WORDS_INLINE void pipe_first(word q[32], const uint64_t h[16], const word m[16])
{
    word t[16];
    for (int i = 0; i < 16; i++)
        t[i] = m[i] ^ h[i];
    q[0] = s0(t[5] - t[7] + t[10] + t[13] + t[14]) + h[1];
    q[1] = s1(t[6] - t[8] + t[11] + t[14] - t[15]) + h[2];
    q[2] = s2(t[0] + t[7] + t[9] - t[12] + t[15]) + h[3];
    q[3] = s3(t[0] - t[1] + t[8] - t[10] + t[13]) + h[4];
    q[4] = s4(t[1] + t[2] + t[9] - t[11] - t[14]) + h[5];
    q[5] = s0(t[3] - t[2] + t[10] - t[12] + t[15]) + h[6];
    q[6] = s1(t[4] - t[0] - t[3] - t[11] + t[13]) + h[7];
    q[7] = s2(t[1] - t[4] - t[5] - t[12] - t[14]) + h[8];
    q[8] = s3(t[2] - t[5] - t[6] + t[13] - t[15]) + h[9];
    q[9] = s4(t[0] - t[3] + t[6] - t[7] + t[14]) + h[10];
    q[10] = s0(t[8] - t[1] - t[4] - t[7] + t[15]) + h[11];
    q[11] = s1(t[8] - t[0] - t[2] - t[5] + t[9]) + h[12];
    q[12] = s2(t[1] + t[3] - t[6] - t[9] + t[10]) + h[13];
    q[13] = s3(t[2] + t[4] + t[7] + t[10] + t[11]) + h[14];
    q[14] = s4(t[3] - t[5] + t[8] - t[11] - t[12]) + h[15];
    q[15] = s0(t[12] - t[4] - t[6] - t[9] + t[13]) + h[0];
}

/* AddElement(j) with the constant K(j + 16) = (j + 16) * 0x0555...; r[i] is word i of the message rotated left by i + 1. */
static inline word add_element(const word r[16], const uint64_t h[16], unsigned j)
{
    const uint64_t k = (j + 16) * UINT64_C(0x0555555555555555);
    return (r[j] + r[(j + 3) & 15] - r[(j + 10) & 15] + k) ^ h[(j + 7) & 15];
}

/* f1: q[16..31], two steps of the first kind and fourteen of the second. */
static inline void pipe_second(word q[32], const uint64_t h[16], const word m[16])
{
    word r[16];
    for (int i = 0; i < 16; i++)
        r[i] = word_rotl(m[i], i + 1);
    for (unsigned j = 0; j < 2; j++) {
        const word *p = q + j;
        word sum = add_element(r, h, j);
        for (int i = 0; i < 16; i += 4)
            sum += s1(p[i]) + s2(p[i + 1]) + s3(p[i + 2]) + s0(p[i + 3]);
        q[16 + j] = sum;
    }
    /* The plain terms q[j] + q[j + 2] + ... + q[j + 12] of even and odd steps, carried along. */
    word plain[2] = {q[2] + q[4] + q[6] + q[8] + q[10] + q[12], q[3] + q[5] + q[7] + q[9] + q[11] + q[13]};
#pragma GCC unroll 14
    for (unsigned j = 2; j < 16; j++) {
        const word *p = q + j;
        plain[j & 1] += p[12];
        q[16 + j] = plain[j & 1] + add_element(r, h, j) + word_rotl(p[1], 5) + word_rotl(p[3], 11) + word_rotl(p[5], 27) +
                    word_rotl(p[7], 32) + word_rotl(p[9], 37) + word_rotl(p[11], 43) + word_rotl(p[13], 53) + s4(p[14]) +
                    s5(p[15]);
        plain[j & 1] -= p[0];
    }
}

/* f2: folds the pipe and the message into the new chaining value. */
static inline void pipe_fold(word h[16], const word q[32], const word m[16])
{
    const word low = word_xor3(word_xor3(q[16], q[17], q[18]), word_xor3(q[19], q[20], q[21]), q[22]) ^ q[23];
    const word all = word_xor3(word_xor3(q[24], q[25], q[26]), word_xor3(q[27], q[28], q[29]), word_xor3(q[30], q[31], low));
    h[0] = word_xor3(all << 5, q[16] >> 5, m[0]) + word_xor3(low, q[24], q[0]);
    h[1] = word_xor3(all >> 7, q[17] << 8, m[1]) + word_xor3(low, q[25], q[1]);
    h[2] = word_xor3(all >> 5, q[18] << 5, m[2]) + word_xor3(low, q[26], q[2]);
    h[3] = word_xor3(all >> 1, q[19] << 5, m[3]) + word_xor3(low, q[27], q[3]);
    h[4] = word_xor3(all >> 3, q[20], m[4]) + word_xor3(low, q[28], q[4]);
    h[5] = word_xor3(all << 6, q[21] >> 6, m[5]) + word_xor3(low, q[29], q[5]);
    h[6] = word_xor3(all >> 4, q[22] << 6, m[6]) + word_xor3(low, q[30], q[6]);
    h[7] = word_xor3(all >> 11, q[23] << 2, m[7]) + word_xor3(low, q[31], q[7]);
    h[8] = word_rotl(h[4], 9) + word_xor3(all, q[24], m[8]) + word_xor3(low << 8, q[23], q[8]);
    h[9] = word_rotl(h[5], 10) + word_xor3(all, q[25], m[9]) + word_xor3(low >> 6, q[16], q[9]);
    h[10] = word_rotl(h[6], 11) + word_xor3(all, q[26], m[10]) + word_xor3(low << 6, q[17], q[10]);
    h[11] = word_rotl(h[7], 12) + word_xor3(all, q[27], m[11]) + word_xor3(low << 4, q[18], q[11]);
    h[12] = word_rotl(h[0], 13) + word_xor3(all, q[28], m[12]) + word_xor3(low >> 3, q[19], q[12]);
    h[13] = word_rotl(h[1], 14) + word_xor3(all, q[29], m[13]) + word_xor3(low >> 4, q[20], q[13]);
    h[14] = word_rotl(h[2], 15) + word_xor3(all, q[30], m[14]) + word_xor3(low >> 7, q[21], q[14]);
    h[15] = word_rotl(h[3], 16) + word_xor3(all, q[31], m[15]) + word_xor3(low >> 2, q[22], q[15]);
}

WORDS_INLINE void compress(word out[16], const uint64_t h[16], const word m[16])
{
    word q[32];
    pipe_first(q, h, m);
    pipe_second(q, h, m);
    pipe_fold(out, q, m);
}

/* Words 0..7 are the message's; the hash is words 8..15. */
static inline void bmw512(word m[16])
{
    word state[16];
    m[8] = word_all(0x80);
    for (int i = 9; i < 15; i++)
        m[i] = word_all(0);
    m[15] = word_all(512);
    compress(state, x11_bmw_iv, m);
    compress(m, x11_bmw_final, state);
}

#endif
