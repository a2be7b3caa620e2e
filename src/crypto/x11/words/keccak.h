/* A round of Keccak-f[1600] (x11.md 2.6). */
#ifndef CRYPTO_X11_WORDS_KECCAK_H
#define CRYPTO_X11_WORDS_KECCAK_H

#include "crypto/x11/words/word.h"
#include "crypto/x11/x11_tables.h"

enum { ROUNDS = 24 };

/* theta: c are the parities of the columns, r the same rotated. */
#define MIXED(i) word_xor3(c[(i + 4) % 5], r[(i + 1) % 5], a[i])
/* rho and pi: what comes from word i. */
#define MOVED(i, n) word_rotl(MIXED(i), n)

/* chi. */
static inline void row(word out[5], word b0, word b1, word b2, word b3, word b4)
{
    out[0] = b0 ^ (~b1 & b2);
    out[1] = b1 ^ (~b2 & b3);
    out[2] = b2 ^ (~b3 & b4);
    out[3] = b3 ^ (~b4 & b0);
    out[4] = b4 ^ (~b0 & b1);
}

/* The first `rows` rows of what a round makes of a: two, or all five. */
static inline void keccak_round(word out[25], const word a[25], uint64_t constant, int rows)
{
    word c[5], r[5];
    for (int x = 0; x < 5; x++) {
        c[x] = word_xor3(word_xor3(a[x], a[x + 5], a[x + 10]), a[x + 15], a[x + 20]);
        r[x] = word_rotl(c[x], 1);
    }
    row(out, MIXED(0), MOVED(6, 44), MOVED(12, 43), MOVED(18, 21), MOVED(24, 14));
    row(out + 5, MOVED(3, 28), MOVED(9, 20), MOVED(10, 3), MOVED(16, 45), MOVED(22, 61));
    out[0] ^= constant;
    if (rows == 2)
        return;
    row(out + 10, MOVED(1, 1), MOVED(7, 6), MOVED(13, 25), MOVED(19, 8), MOVED(20, 18));
    row(out + 15, MOVED(4, 27), MOVED(5, 36), MOVED(11, 10), MOVED(17, 15), MOVED(23, 56));
    row(out + 20, MOVED(2, 62), MOVED(8, 55), MOVED(14, 39), MOVED(15, 41), MOVED(21, 2));
}

/* Keccak-512 as submitted to the SHA-3 contest (padding 0x01, not 0x06) of exactly 64 bytes: words 0..7, in place. */
static inline void keccak512(word a[25])
{
    a[8] = word_all(0x8000000000000001); /* the rate is 72 bytes: both ends of the padding */
    for (int i = 9; i < 25; i++)
        a[i] = word_all(0);
    word b[25];
    for (int r = 0; r < ROUNDS - 2; r += 2) {
        keccak_round(b, a, x11_keccak_rc[r], 5);
        keccak_round(a, b, x11_keccak_rc[r + 1], 5);
    }
    keccak_round(b, a, x11_keccak_rc[ROUNDS - 2], 5);
    keccak_round(a, b, x11_keccak_rc[ROUNDS - 1], 2);
}

#endif
