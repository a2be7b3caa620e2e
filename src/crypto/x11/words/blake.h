/* BLAKE-512 of 80 bytes (x11.md 2.1). */
#ifndef CRYPTO_X11_WORDS_BLAKE_H
#define CRYPTO_X11_WORDS_BLAKE_H

#include "crypto/x11/words/word.h"
#include "crypto/x11/x11_tables.h"

enum { HEADER_WORDS = 10, BITS = 640 };

/* a, b, c, d: words of the state; x, y: words of the message. */
#define G(a, b, c, d, x, y)                                                                                                      \
    do {                                                                                                                         \
        v[a] = (v[a] + (m[x] ^ x11_blake_c[y])) + v[b];                                                                          \
        v[d] = word_rotr(v[d] ^ v[a], 32);                                                                                       \
        v[c] += v[d];                                                                                                            \
        v[b] = word_rotr(v[b] ^ v[c], 25);                                                                                       \
        v[a] = (v[a] + (m[y] ^ x11_blake_c[x])) + v[b];                                                                          \
        v[d] = word_rotr(v[d] ^ v[a], 16);                                                                                       \
        v[c] += v[d];                                                                                                            \
        v[b] = word_rotr(v[b] ^ v[c], 11);                                                                                       \
    } while (0);

#define ROUND(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15)                                              \
    G(0, 4, 8, 12, s0, s1)                                                                                                       \
    G(1, 5, 9, 13, s2, s3)                                                                                                       \
    G(2, 6, 10, 14, s4, s5)                                                                                                      \
    G(3, 7, 11, 15, s6, s7)                                                                                                      \
    G(0, 5, 10, 15, s8, s9)                                                                                                      \
    G(1, 6, 11, 12, s10, s11)                                                                                                    \
    G(2, 7, 8, 13, s12, s13)                                                                                                     \
    G(3, 4, 9, 14, s14, s15)

/* Words 0..9 are the header's. Words 10..15, the padding, never change: compilers fold them into the constants. */
static inline void blake512(word out[8], word m[16])
{
    m[10] = word_all(UINT64_C(0x80) << 56);
    m[11] = m[12] = m[14] = word_all(0);
    m[13] = word_all(1);
    m[15] = word_all(BITS);
    word v[16];
    for (int i = 0; i < 8; i++) {
        v[i] = word_all(x11_blake_iv[i]);
        v[8 + i] = word_all(x11_blake_c[i] ^ (i == 4 || i == 5 ? BITS : 0));
    }
    X11_BLAKE_ROUNDS(ROUND)
    for (int i = 0; i < 8; i++)
        out[i] = word_xor3(v[i], v[8 + i], word_all(x11_blake_iv[i]));
}

#endif
