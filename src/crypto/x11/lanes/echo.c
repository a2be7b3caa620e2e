/* ECHO-512 (x11.md 2.11): the words of the state are blocks, a header in each block of a vector.
 *
 * BigMixColumns needs sums of the words s0..s3 of a column more than the words themselves. The second AES round of a word has no
 * key: the sum of the words above takes its place, and s0, s0 + s1, s0 + s1 + s2 and the sum of all four cost nothing. */
#include "crypto/x11/lanes/aes.h"
#include "crypto/x11/x11_tables.h"

enum { WORDS = 16, ROUNDS = 10, COUNTER = 512 };

/* The counter, the key of the first AES round of each word. */
#define KEY(n)                                                                                                                   \
    {                                                                                                                            \
        COUNTER + (n)                                                                                                            \
    }
#define KEY4(n) KEY(n), KEY((n) + 1), KEY((n) + 2), KEY((n) + 3)
#define KEY16(n) KEY4(n), KEY4((n) + 4), KEY4((n) + 8), KEY4((n) + 12)
static const uint64_t keys[ROUNDS * WORDS][2] = {KEY16(0),  KEY16(16), KEY16(32),  KEY16(48),  KEY16(64),
                                                 KEY16(80), KEY16(96), KEY16(112), KEY16(128), KEY16(144)};

static const uint64_t zero[2];

/* BigSubWords of the word that BigShiftRows brings to row r of column c, plus `sum`. */
static inline vaes sub_word(const v64 w[WORDS], unsigned r, unsigned c, unsigned round, vaes sum)
{
    const unsigned n = (4 * (c + r) + r) % WORDS;
    return aes_round(aes_round(aes_apart(w[n]), aes_all(keys[WORDS * round + n])), sum);
}

/* BigMixColumns: the words of a column from their sums, the first, the first two, ... */
static inline void mix(v64 column[4], const v64 sums[4])
{
    const v64 s12 = sums[0] ^ sums[2], s23 = sums[1] ^ sums[3];
    const v64 t01 = aes_doubled(sums[1]), t12 = aes_doubled(s12), t23 = aes_doubled(s23);
    column[0] = v64_xor3(t01, sums[0], sums[3]);
    column[1] = v64_xor3(t12, sums[0], s23);
    column[2] = v64_xor3(t23, sums[2], s23);
    column[3] = v64_xor3(t01, t12, t23) ^ sums[2];
}

/* In the first round, words 8..11 are the message and all others constants; one of the four is in each column. */
static inline void first_column(v64 next[WORDS], const v64 w[WORDS], unsigned c)
{
    const unsigned row = (2 - c) % 4;
    const v64 s = aes_joined(sub_word(w, row, c, 0, aes_all(zero))), t = aes_doubled(s);
    for (unsigned r = 0; r < 4; r++) {
        const v64 constant = block_all(x11_echo_first[4 * c + r]);
        next[4 * c + r] = r == row ? t ^ constant : (r + 1) % 4 == row ? v64_xor3(t, s, constant) : s ^ constant;
    }
}

static inline void next_column(v64 next[WORDS], const v64 w[WORDS], unsigned c, unsigned round)
{
    v64 sums[4];
    vaes sum = aes_all(zero);
    for (unsigned r = 0; r < 4; r++) {
        sum = sub_word(w, r, c, round, sum);
        sums[r] = aes_joined(sum);
    }
    mix(next + 4 * c, sums);
}

/* The digest is the sum of columns 0 and 2 of the last state, which are mixed as one. */
static inline void last_columns(v64 column[4], const v64 w[WORDS])
{
    v64 sums[4];
    vaes sum = aes_all(zero);
    for (unsigned r = 0; r < 4; r++) {
        sum = sub_word(w, r, 0, ROUNDS - 1, sum);
        sum = sub_word(w, r, 2, ROUNDS - 1, sum);
        sums[r] = aes_joined(sum);
    }
    mix(column, sums);
}

static inline void next_state(v64 next[WORDS], const v64 w[WORDS], unsigned round)
{
    next_column(next, w, 0, round);
    next_column(next, w, 1, round);
    next_column(next, w, 2, round);
    next_column(next, w, 3, round);
}

static inline void vector(group_blocks blocks, size_t n)
{
    static const uint64_t iv[2] = {512};
    v64 w[WORDS], next[WORDS];
    for (unsigned i = 0; i < 4; i++)
        w[8 + i] = blocks[i][n];
    for (unsigned c = 0; c < 4; c++)
        first_column(next, w, c);
    for (unsigned round = 1; round < ROUNDS - 1; round += 2) {
        next_state(w, next, round);
        next_state(next, w, round + 1);
    }
    last_columns(w, next);
    for (unsigned i = 0; i < 4; i++)
        blocks[i][n] = v64_xor3(w[i], blocks[i][n], block_all(iv));
}

void X11_KERNEL(echo)(void *state)
{
    group_blocks blocks;
    blocks_load(blocks, state);
    for (size_t i = 0; i < X11_VECTORS; i++)
        vector(blocks, i);
    blocks_store_rows(state, blocks);
}
