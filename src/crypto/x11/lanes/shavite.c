/* SHAvite-3-512 (x11.md 2.9): its words in fours are blocks, a header in each block of a vector.
 *
 * All is one chain of AES rounds, and a CPU could make several of them at once: two vectors go through it side by side, and the
 * next keys are made beside the AES rounds that use these. */
#include "crypto/x11/lanes/aes.h"
#include "crypto/x11/x11_tables.h"

enum { SIDE_BY_SIDE = X11_VECTORS > 1 ? 2 : 1 };

struct chain {
    v64 keys[8]; /* of a round */
    v64 branches[4];
};

/* The counter (512, 0, 0, 0) enters the keys at four places, each time in another order and with another word complemented. */
#define ONES 0xffffffff
static inline v64 with_counter(v64 key, unsigned number)
{
    static const uint32_t first[4] = {512, 0, 0, ONES}, second[4] = {0, 0, 0, ONES ^ 512};
    static const uint32_t third[4] = {0, 0, 512, ONES}, fourth[4] = {0, 512, 0, ONES};
    switch (number) {
    case 8: return key ^ block_all(first);
    case 41: return key ^ block_all(second);
    case 79: return key ^ block_all(third);
    case 110: return key ^ block_all(fourth);
    default: return key;
    }
}

/* The keys of an odd round: an AES round of the word-rotated key eight places back, plus the previous key. */
static inline void next_nonlinear(v64 k[8], unsigned round)
{
    v64 previous = k[7];
    for (unsigned i = 0; i < 8; i++)
        previous = k[i] = with_counter(aes_round(block_rotated(k[i]), (v64){0}) ^ previous, 8 * round + i);
}

/* The keys of an even round: the key eight places back plus the four words that start seven words back. */
static inline void next_linear(v64 k[8])
{
    for (unsigned i = 0; i < 8; i++)
        k[i] ^= block_shifted(k[(i + 6) % 8], k[(i + 7) % 8]);
}

/* Half a Feistel round: four AES rounds of `right`, each after adding a key, go into `left`. */
static inline v64 feistel(v64 left, v64 right, const v64 k[4])
{
    return aes_round(aes_round(aes_round(aes_round(right ^ k[0], k[1]), k[2]), k[3]), left);
}

/* Branches are renamed instead of moved: each round they go one place on. */
static inline void feistel_round(struct chain *s, unsigned round)
{
    v64 *const b = s->branches;
    const unsigned b0 = -round % 4, b1 = (b0 + 1) % 4, b2 = (b0 + 2) % 4, b3 = (b0 + 3) % 4;
    b[b0] = feistel(b[b0], b[b1], s->keys);
    b[b2] = feistel(b[b2], b[b3], s->keys + 4);
}

static inline void two_rounds(struct chain s[SIDE_BY_SIDE], unsigned round)
{
    for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
        if (round > 0)
            next_linear(s[i].keys);
        feistel_round(&s[i], round);
    }
    for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
        next_nonlinear(s[i].keys, round + 1);
        feistel_round(&s[i], round + 1);
    }
}

static inline struct chain start(group_blocks blocks, size_t vector)
{
    /* After the message its end mark; message bits from byte 110, digest bits at byte 126. */
    static const uint32_t padding[4][4] = {{0x80}, {0}, {0, 0, 0, 512 << 16}, {0, 0, 0, 512 << 16}};
    struct chain s;
    for (unsigned i = 0; i < 4; i++) {
        s.keys[i] = blocks[i][vector];
        s.keys[4 + i] = block_all(padding[i]);
        s.branches[i] = block_all(x11_shavite_iv + 4 * i);
    }
    return s;
}

static inline void finish(group_blocks blocks, size_t vector, const struct chain *s)
{
    for (unsigned i = 0; i < 4; i++) /* after 14 rounds block 0 stands in place 2 */
        blocks[i][vector] = s->branches[(i + 2) % 4] ^ block_all(x11_shavite_iv + 4 * i);
}

static inline void vectors(group_blocks blocks, size_t first)
{
    struct chain s[SIDE_BY_SIDE];
    for (size_t i = 0; i < SIDE_BY_SIDE; i++)
        s[i] = start(blocks, first + i);
    two_rounds(s, 0);
    two_rounds(s, 2);
    two_rounds(s, 4);
    two_rounds(s, 6);
    two_rounds(s, 8);
    two_rounds(s, 10);
    two_rounds(s, 12);
    for (size_t i = 0; i < SIDE_BY_SIDE; i++)
        finish(blocks, first + i, &s[i]);
}

void X11_KERNEL(shavite)(void *state)
{
    group_blocks blocks;
    blocks_load(blocks, state);
    for (size_t i = 0; i < X11_VECTORS; i += SIDE_BY_SIDE)
        vectors(blocks, i);
    blocks_store(state, blocks);
}
