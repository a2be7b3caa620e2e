/* Skein-512-512 v1.3 of exactly 64 bytes (x11.md 2.4): the message is one block under a constant key, so its subkeys are a table;
 * then one output block. */
#ifndef CRYPTO_X11_WORDS_SKEIN_H
#define CRYPTO_X11_WORDS_SKEIN_H

#include "crypto/x11/words/word.h"
#include "crypto/x11/x11_tables.h"

enum { SUBKEYS = 19 };

#define MIX(a, b, n)                                                                                                             \
    do {                                                                                                                         \
        v[a] += v[b];                                                                                                            \
        v[b] = word_rotl(v[b], n) ^ v[a];                                                                                        \
    } while (0)

/* Four mixes; the word permutation is in the choice of the pairs. */
#define MIX4(a, b, c, d, e, f, g, h, r0, r1, r2, r3)                                                                             \
    do {                                                                                                                         \
        MIX(a, b, r0);                                                                                                           \
        MIX(c, d, r1);                                                                                                           \
        MIX(e, f, r2);                                                                                                           \
        MIX(g, h, r3);                                                                                                           \
    } while (0)

static inline void rounds_even(word v[8])
{
    MIX4(0, 1, 2, 3, 4, 5, 6, 7, 46, 36, 19, 37);
    MIX4(2, 1, 4, 7, 6, 5, 0, 3, 33, 27, 14, 42);
    MIX4(4, 1, 6, 3, 0, 5, 2, 7, 17, 49, 36, 39);
    MIX4(6, 1, 0, 7, 2, 5, 4, 3, 44, 9, 54, 56);
}

static inline void rounds_odd(word v[8])
{
    MIX4(0, 1, 2, 3, 4, 5, 6, 7, 39, 30, 34, 24);
    MIX4(2, 1, 4, 7, 6, 5, 0, 3, 13, 50, 10, 17);
    MIX4(4, 1, 6, 3, 0, 5, 2, 7, 25, 29, 39, 43);
    MIX4(6, 1, 0, 7, 2, 5, 4, 3, 8, 35, 56, 22);
}

/* The message block: its key is a constant. */
static inline void add_constant(word v[8], unsigned s)
{
    for (int i = 0; i < 8; i++)
        v[i] += x11_skein_subkeys[s][i];
}

/* The output block: its key is the chaining value, its tweak a constant. */
static inline void add_subkey(word v[8], const word key[9], unsigned s)
{
    static const uint64_t tweak[3] = {8, UINT64_C(0xff) << 56, UINT64_C(0xff) << 56 | 8};
    for (unsigned i = 0; i < 8; i++)
        v[i] += key[(s + i) % 9];
    v[5] += tweak[s % 3];
    v[6] += tweak[(s + 1) % 3];
    v[7] += (uint64_t)s;
}

/* In place. */
static inline void skein512(word v[8])
{
    word key[9];
    for (int i = 0; i < 8; i++)
        key[i] = v[i];
#pragma GCC unroll 9
    for (unsigned s = 0; s < SUBKEYS - 1; s += 2) {
        add_constant(v, s);
        rounds_even(v);
        add_constant(v, s + 1);
        rounds_odd(v);
    }
    add_constant(v, SUBKEYS - 1);
    key[8] = word_all(0x1bd11bdaa9fc1a22);
    for (int i = 0; i < 8; i++) {
        key[i] ^= v[i];
        key[8] ^= key[i];
        v[i] = word_all(0); /* a counter; feeding it forward changes nothing */
    }
#pragma GCC unroll 9
    for (unsigned s = 0; s < SUBKEYS - 1; s += 2) {
        add_subkey(v, key, s);
        rounds_even(v);
        add_subkey(v, key, s + 1);
        rounds_odd(v);
    }
    add_subkey(v, key, SUBKEYS - 1);
}

#endif
