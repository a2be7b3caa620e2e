/* Luffa-512 v2 of exactly 64 bytes (x11.md 2.7): two message blocks, the padding block, two blank blocks that give 32 bytes each.
 * What Luffa calls its five lanes are rows here. */
#ifndef CRYPTO_X11_WORDS_LUFFA_H
#define CRYPTO_X11_WORDS_LUFFA_H

#include <string.h>

#include "crypto/x11/words/luffa_step.h"
#include "crypto/x11/x11_tables.h"

enum { LUFFA_ROWS = 5 };

/* ---- injection: rows are elements of the ring modulo x^8 + x^4 + x^3 + x + 1, word i the coefficient of x^i */

static inline void luffa_twice(word32 a[8])
{
    const word32 top = a[7];
    for (int i = 7; i > 0; i--)
        a[i] = a[i - 1];
    a[0] = top;
    a[1] ^= top;
    a[3] ^= top;
    a[4] ^= top;
}

/* Word i of 2 a. */
static inline word32 luffa_doubled(const word32 a[8], int i)
{
    return i == 0 ? a[7] : i == 1 || i == 3 || i == 4 ? a[i - 1] ^ a[7] : a[i - 1];
}

/* to = 2 a + b */
static inline void luffa_twice_and(word32 to[8], const word32 a[8], const word32 b[8])
{
    for (int i = 0; i < 8; i++)
        to[i] = i == 1 || i == 3 || i == 4 ? word32_logic(XOR3, a[i - 1], a[7], b[i]) : luffa_doubled(a, i) ^ b[i];
}

static inline word32 luffa_sum(word32 v[LUFFA_ROWS][8], int i)
{
    return word32_logic(XOR3, word32_logic(XOR3, v[0][i], v[1][i], v[2][i]), v[3][i], v[4][i]);
}

/* The injection of a zero block: twice the sum to each row; then each its double and its successor, then its double and its
 * predecessor. The first two in one: stores would be what bounds it. */
static void luffa_mix_rows(word32 v[LUFFA_ROWS][8])
{
    word32 sum[8], sum3[8], w[LUFFA_ROWS][8];
    for (int i = 0; i < 8; i++)
        sum[i] = luffa_sum(v, i);
    luffa_twice(sum);
    luffa_twice_and(sum3, sum, sum);
    for (int j = 0; j < LUFFA_ROWS; j++)
        for (int i = 0; i < 8; i++)
            w[j][i] = word32_logic(XOR3, luffa_doubled(v[j], i), v[(j + 1) % LUFFA_ROWS][i], sum3[i]);
    for (int j = 0; j < LUFFA_ROWS; j++)
        luffa_twice_and(v[j], w[j], w[(j + LUFFA_ROWS - 1) % LUFFA_ROWS]);
}

/* What a message block adds to that. */
static inline void luffa_add_block(word32 v[LUFFA_ROWS][8], const word32 block[8])
{
    word32 m[8];
    memcpy(m, block, sizeof(m));
    for (int j = 0; j < LUFFA_ROWS; j++) {
        for (int i = 0; i < 8; i++)
            v[j][i] ^= m[i];
        luffa_twice(m);
    }
}

/* ---- permutation */

static inline void luffa_steps(word32 words[8], int row)
{
    word32 u[4], v[4];
    memcpy(u, words, sizeof(u));
    memcpy(v, words + 4, sizeof(v));
    u[2] = ~u[2];
    v[2] = ~v[2];
    for (int s = 0; s < LUFFA_STEPS; s++)
        LUFFA_STEP(u, v, word32_all(x11_luffa_mixed[s][0][row]), word32_all(x11_luffa_mixed[s][1][row]));
    u[2] = ~u[2];
    v[2] = ~v[2];
    memcpy(words, u, sizeof(u));
    memcpy(words + 4, v, sizeof(v));
}

static void luffa_permute(word32 v[LUFFA_ROWS][8])
{
    for (int j = 1; j < LUFFA_ROWS; j++)
        for (int i = 4; i < 8; i++)
            v[j][i] = word32_rotl(v[j][i], j);
    for (int j = 0; j < LUFFA_ROWS; j++)
        luffa_steps(v[j], j);
}

/* Words, not their bytes: Luffa is big-endian. */
static inline void luffa512(word32 m[16])
{
    word32 v[LUFFA_ROWS][8];
    for (int j = 0; j < LUFFA_ROWS; j++)
        for (int i = 0; i < 8; i++)
            v[j][i] = word32_all(x11_luffa_first[j][i]);
    luffa_add_block(v, m);
    luffa_permute(v);
    luffa_mix_rows(v);
    luffa_add_block(v, m + 8);
    luffa_permute(v);
    luffa_mix_rows(v);
    for (int j = 0; j < LUFFA_ROWS; j++)
        v[j][j] ^= word32_all(UINT32_C(1) << 31); /* the padding block, doubled from row to row */
    luffa_permute(v);
    for (int half = 0; half < 16; half += 8) {
        luffa_mix_rows(v);
        luffa_permute(v);
        for (int i = 0; i < 8; i++)
            m[half + i] = luffa_sum(v, i);
    }
}

#endif
