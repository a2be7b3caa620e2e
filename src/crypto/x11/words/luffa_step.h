/* A step of Luffa's permutation, of words of any type: numbers, or vectors.
 *
 * Words 2 and 6 are kept complemented, so that no gate of the S-boxes needs a NOT. Words 0 and 4 come out complemented; the
 * constants, which x11_tables.py prepares, put that right. */
#ifndef CRYPTO_X11_WORDS_LUFFA_STEP_H
#define CRYPTO_X11_WORDS_LUFFA_STEP_H

#include "crypto/x11/words/word.h"

enum { LUFFA_STEPS = 8 };

/* A function of three words, as word32_logic. Who has words of several types defines another. */
#ifndef LUFFA_LOGIC
#define LUFFA_LOGIC(f, a, b, c) word32_logic(f, a, b, c)
#endif
#define OR_XOR(a, b, c) (((a) | (b)) ^ (c))
#define AND_XOR(a, b, c) (((a) & (b)) ^ (c))
#define ANDN_XOR(a, b, c) ((~(a) & (b)) ^ (c))

/* The S-box, found by search: six ternary functions, or eleven gates. Takes c complemented; gives a and c complemented. */
#define LUFFA_SUB_FIRST(a, b, c, d)                                                                                              \
    do {                                                                                                                         \
        const __typeof__(a) x = LUFFA_LOGIC(OR_XOR, a, b, d), y = LUFFA_LOGIC(OR_XOR, a, d, c);                                  \
        d = LUFFA_LOGIC(OR_XOR, x, y, b);                                                                                        \
        c = LUFFA_LOGIC(XOR3, a, y, d);                                                                                          \
        a = LUFFA_LOGIC(ANDN_XOR, d, c, a);                                                                                      \
        b = LUFFA_LOGIC(ANDN_XOR, d, c, x);                                                                                      \
    } while (0)

/* The same S-box. Takes b complemented. */
#define LUFFA_SUB_SECOND(a, b, c, d)                                                                                             \
    do {                                                                                                                         \
        const __typeof__(a) x = LUFFA_LOGIC(ANDN_XOR, a, b, d), y = LUFFA_LOGIC(OR_XOR, a, d, c);                                \
        d = LUFFA_LOGIC(AND_XOR, x, y, b);                                                                                       \
        c = LUFFA_LOGIC(XOR3, a, y, d);                                                                                          \
        a = LUFFA_LOGIC(OR_XOR, d, c, a);                                                                                        \
        b = LUFFA_LOGIC(OR_XOR, d, c, x);                                                                                        \
    } while (0)

/* u: words 0..3, v: words 4..7; c0, c1: x11_luffa_mixed. MixWord of the four pairs goes side by side: each alone is a chain. The
 * constants are added where ternary functions add them for nothing. */
#define LUFFA_STEP(u, v, c0, c1)                                                                                                 \
    do {                                                                                                                         \
        LUFFA_SUB_FIRST(u[0], u[1], u[2], u[3]);                                                                                 \
        LUFFA_SUB_SECOND(v[1], v[2], v[3], v[0]);                                                                                \
        for (int i = 0; i < 4; i++)                                                                                              \
            v[i] ^= u[i];                                                                                                        \
        for (int i = 0; i < 4; i++)                                                                                              \
            u[i] = word32_rotl(u[i], 2) ^ v[i];                                                                                  \
        v[0] = LUFFA_LOGIC(XOR3, word32_rotl(v[0], 14), u[0], c0);                                                               \
        for (int i = 1; i < 4; i++)                                                                                              \
            v[i] = word32_rotl(v[i], 14) ^ u[i];                                                                                 \
        u[0] = LUFFA_LOGIC(XOR3, word32_rotl(u[0], 10), v[0], c1);                                                               \
        for (int i = 1; i < 4; i++)                                                                                              \
            u[i] = word32_rotl(u[i], 10) ^ v[i];                                                                                 \
        for (int i = 0; i < 4; i++)                                                                                              \
            v[i] = word32_rotl(v[i], 1);                                                                                         \
    } while (0)

#endif
