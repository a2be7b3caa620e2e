/* ECHO-512, second-round version, of exactly 64 bytes (x11.md 2.11): one block; the bit counter is the constant 512, so every key
 * follows from the number of the word. The state is 16 AES states, word 4c + r at row r and column c. */
#include <string.h>

#include "base/endian.h"
#include "crypto/x11/x11_aes.h"
#include "crypto/x11/x11_stages.h"

enum { WORDS = 16, ROUNDS = 10, COUNTER = 512 };

/* Each byte doubled in the AES field. */
static inline uint32_t doubled(uint32_t x)
{
    const uint32_t carry = x & 0x80808080;
    return (x ^ carry) << 1 ^ (carry >> 7) * 0x1b;
}

/* BigSubWords: two AES rounds, the first keyed with the counter, which goes up by one per word, the second with zero. */
static inline void sub_word(uint32_t to[4], const uint32_t from[4], uint32_t key)
{
    for (int i = 0; i < 4; i++)
        to[i] = from[i];
    aes_round(to);
    to[0] ^= key;
    aes_round(to);
}

/* Column c of the next state: BigSubWords and BigShiftRows of the words that come to it, then BigMixColumns. */
static inline void next_column(uint32_t next[WORDS][4], uint32_t w[WORDS][4], unsigned c, unsigned round)
{
    uint32_t row[4][4];
    for (unsigned r = 0; r < 4; r++) {
        const unsigned from = (4 * (c + r) + r) % WORDS;
        sub_word(row[r], w[from], COUNTER + WORDS * round + from);
    }
    for (int i = 0; i < 4; i++) {
        const uint32_t s0 = row[0][i], s1 = row[1][i], s2 = row[2][i], s3 = row[3][i];
        const uint32_t t0 = doubled(s0 ^ s1), t1 = doubled(s1 ^ s2), t2 = doubled(s2 ^ s3);
        next[4 * c][i] = t0 ^ s1 ^ s2 ^ s3;
        next[4 * c + 1][i] = t1 ^ s0 ^ s2 ^ s3;
        next[4 * c + 2][i] = t2 ^ s0 ^ s1 ^ s3;
        next[4 * c + 3][i] = t0 ^ t1 ^ t2 ^ s0 ^ s1 ^ s2;
    }
}

void x11_echo512(uint8_t out[64], const uint8_t in[64])
{
    /* Eight words of chaining value, the message, its end mark; at bytes 110 and 112 of the block digest bits and counter. */
    uint32_t w[WORDS][4] = {[12] = {0x80}, [14] = {[3] = 512 << 16}, [15] = {COUNTER}};
    for (int i = 0; i < 8; i++)
        w[i][0] = 512;
    for (int i = 0; i < 16; i++)
        w[8 + i / 4][i % 4] = load_le32(in + 4 * i);
    uint32_t next[WORDS][4];
    for (unsigned round = 0; round < ROUNDS - 1; round++) {
        for (unsigned c = 0; c < 4; c++)
            next_column(next, w, c, round);
        memcpy(w, next, sizeof(w));
    }
    /* The digest is made of words 0..3 and 8..11 of the last state: columns 0 and 2. */
    next_column(next, w, 0, ROUNDS - 1);
    next_column(next, w, 2, ROUNDS - 1);
    for (int i = 0; i < 16; i++) {
        const uint32_t message = load_le32(in + 4 * i), iv = i % 4 ? 0 : 512;
        store_le32(out + 4 * i, iv ^ message ^ next[i / 4][i % 4] ^ next[8 + i / 4][i % 4]);
    }
}
