/* Groestl-512 (x11.md 2.3): a row of the state is a block, a column's byte in each of its bytes, a header in each block of a
 * vector. */
#include "crypto/x11/lanes/aes.h"

enum { ROWS = 8, ROUNDS = 14 };

/* ---- SubBytes and ShiftBytes
 *
 * A constant added to all bytes after SubBytes comes out of MixBytes three times as large: 3 is the sum of each row of its
 * matrix. So ff, which Q adds to all bytes before SubBytes, is added as 55 after the SubBytes of the round before, where it costs
 * nothing. In the same way goes what twice() leaves in its results. */
enum { THIRD_OF_ONES = 0x55 };

#ifdef __GFNI__

#define FROM(i, places) (((i) + (places)) % 16)

static inline v64 substituted(v64 row, bool q)
{
    const x86 matrix = (x86)v64_all(0xf1e3c78f1f3e7cf8);
    return (v64)(q ? X86(gf2p8affineinv_epi64_epi8)((x86)row, matrix, 0x63 ^ THIRD_OF_ONES)
                   : X86(gf2p8affineinv_epi64_epi8)((x86)row, matrix, 0x63));
}

static inline v64 times4_plus_twice(v64 x, v64 y, v64 z)
{
    const x86 four = (x86)((v8){0} + 4), two = (x86)((v8){0} + 2);
    return v64_xor3((v64)X86(gf2p8mul_epi8)((x86)x, four), (v64)X86(gf2p8mul_epi8)((x86)y, two), z);
}

#else

/* SubBytes is a last round of AES; its ShiftRows is undone before. */
#define FROM(i, places) ((4 * (((i) / 4 + 16 - (i)) % 4) + (i) % 4 + (places)) % 16)

#ifdef __x86_64__
/* Twice x plus the polynomial of the field, which the shuffle gives where bit 7 of x is clear; where it is set, it gives 0. */
enum { POLYNOMIAL = 0x1b };
static inline v64 twice(v64 x)
{
    return (v64)((v8)x + (v8)x) ^ block_bytes((v64)((v8){0} + POLYNOMIAL), x);
}
#else
enum { POLYNOMIAL = 0 };
static inline v64 twice(v64 x)
{
    return aes_doubled(x);
}
#endif

static inline v64 substituted(v64 row, bool q)
{
    const v64 constant = (v64)((v8){0} + (uint8_t)(POLYNOMIAL ^ (q ? THIRD_OF_ONES : 0)));
    return aes_joined(aes_last_round(aes_apart(row), aes_apart(constant)));
}

static inline v64 times4_plus_twice(v64 x, v64 y, v64 z)
{
    return twice(twice(x) ^ y) ^ z;
}

#endif

#define MOVED(places)                                                                                                            \
    {                                                                                                                            \
        FROM(0, places), FROM(1, places), FROM(2, places), FROM(3, places), FROM(4, places), FROM(5, places), FROM(6, places),   \
            FROM(7, places), FROM(8, places), FROM(9, places), FROM(10, places), FROM(11, places), FROM(12, places),             \
            FROM(13, places), FROM(14, places), FROM(15, places)                                                                 \
    }
static const uint8_t moved_p[ROWS][16] = {MOVED(0), MOVED(1), MOVED(2), MOVED(3), MOVED(4), MOVED(5), MOVED(6), MOVED(11)};
static const uint8_t moved_q[ROWS][16] = {MOVED(1), MOVED(3), MOVED(5), MOVED(11), MOVED(0), MOVED(2), MOVED(4), MOVED(6)};

/* ---- MixBytes: circ(2, 2, 3, 4, 5, 3, 5, 7) */

/* With it AddRoundConstant of the next round: four times `quarter` is added to one row. */
static inline void mix(v64 a[ROWS], unsigned row, v64 quarter)
{
    v64 t[ROWS], y[ROWS];
    for (unsigned i = 0; i < ROWS; i++)
        t[i] = a[i] ^ a[(i + 1) % ROWS];
    for (unsigned i = 0; i < ROWS; i++)
        y[i] = v64_xor3(t[i], t[(i + 2) % ROWS], a[(i + 6) % ROWS]);
    for (unsigned i = 0; i < ROWS; i++) {
        const v64 t3 = t[(i + 3) % ROWS], t6 = t[(i + 6) % ROWS], x = i == row ? v64_xor3(t3, t6, quarter) : t3 ^ t6;
        a[i] = times4_plus_twice(x, y[(i + 7) % ROWS], y[(i + 4) % ROWS]);
    }
}

/* ---- the permutations */

#define HALF(x) ((x) >> 1 ^ ((x)&1) * 0x8d)
#define QUARTER(x) HALF(HALF(x))
#define QUARTERS(n)                                                                                                              \
    {                                                                                                                            \
        QUARTER(0x00 ^ (n)), QUARTER(0x10 ^ (n)), QUARTER(0x20 ^ (n)), QUARTER(0x30 ^ (n)), QUARTER(0x40 ^ (n)),                 \
            QUARTER(0x50 ^ (n)), QUARTER(0x60 ^ (n)), QUARTER(0x70 ^ (n)), QUARTER(0x80 ^ (n)), QUARTER(0x90 ^ (n)),             \
            QUARTER(0xa0 ^ (n)), QUARTER(0xb0 ^ (n)), QUARTER(0xc0 ^ (n)), QUARTER(0xd0 ^ (n)), QUARTER(0xe0 ^ (n)),             \
            QUARTER(0xf0 ^ (n))                                                                                                  \
    }
/* A quarter of the constant of the round after each one; none after the last. */
static const uint8_t quarters[ROUNDS][16] = {QUARTERS(1),  QUARTERS(2),  QUARTERS(3), QUARTERS(4), QUARTERS(5),
                                             QUARTERS(6),  QUARTERS(7),  QUARTERS(8), QUARTERS(9), QUARTERS(10),
                                             QUARTERS(11), QUARTERS(12), QUARTERS(13)};
static const uint8_t first_constant[16] = {0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70,
                                           0x80, 0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0};

/* Where all bytes stay, these two do, and nowhere else. */
static inline v64 moved(v64 row, const uint8_t from[16])
{
    return from[0] == 0 && from[5] == 5 ? row : block_bytes(row, block_all(from));
}

static inline void round_p(v64 a[ROWS], unsigned round)
{
    for (unsigned r = 0; r < ROWS; r++)
        a[r] = substituted(moved(a[r], moved_p[r]), false);
    mix(a, 0, block_all(quarters[round]));
}

/* Of the complement, to the complement. */
static inline void round_q(v64 a[ROWS], unsigned round)
{
    for (unsigned r = 0; r < ROWS; r++)
        a[r] = substituted(moved(a[r], moved_q[r]), true);
    mix(a, 7, block_all(quarters[round]));
}

/* ---- columns and rows
 *
 * A column is a 64-bit word, so that a vector of words holds a column of two headers in each block, and the eight vectors of a
 * block of words become the rows of the headers at even and of those at odd places, which make two vectors of blocks. A single
 * header is at an even place. */
enum { VECTORS = X11_GROUP > 1 ? 2 : 1, WORDS_SIZE = VECTORS > 1 ? X11_VECTOR : 8 };

/* The bits of a byte's number, three of the vector and four of the place in its block, move up three places, the highest come in
 * below: each time the first half of all bytes is zipped with the second. */
static inline void rotate_places(v64 v[8])
{
    for (int time = 0; time < 3; time++) {
        v64 old[8];
        memcpy(old, v, sizeof(old));
        for (int i = 0; i < 4; i++) {
            v[2 * i] = block_zip8_first(old[i], old[4 + i]);
            v[2 * i + 1] = block_zip8_last(old[i], old[4 + i]);
        }
    }
}

/* ---- the function */

/* The initial value is the digest size in bits as a big-endian number: 2 in byte 126. */
static const uint8_t iv[16] = {[15] = 2};

/* Into h the sum of P(message + iv), Q(message) and iv. The message: its rows, two in a block. */
static inline void compress(v64 h[ROWS], const v64 message[ROWS / 2])
{
    /* The last eight columns, of two rows each: end mark; block count 1, big-endian, at the end. */
    static const uint8_t padding[ROWS / 2][16] = {{[0] = 0x80}, {0}, {0}, {[15] = 1}};
    v64 q[ROWS];
    for (unsigned i = 0; i < ROWS / 2; i++) {
        h[2 * i] = block_zip64_first(message[i], block_all(padding[i]));
        h[2 * i + 1] = block_zip64_last(message[i], block_all(padding[i]));
    }
    for (unsigned r = 0; r < ROWS; r++)
        q[r] = ~h[r];
    h[6] ^= block_all(iv);
    h[0] ^= block_all(first_constant);
    q[7] ^= block_all(first_constant);
    for (unsigned round = 0; round < ROUNDS; round++) { /* by turns: one alone does not keep a CPU busy */
        round_p(h, round);
        round_q(q, round);
    }
    for (unsigned r = 0; r < ROWS; r++)
        h[r] = ~(h[r] ^ q[r]);
    h[6] ^= block_all(iv);
}

static inline void block_of_words(uint8_t *state)
{
    v64 v[8] = {0}, h[2][ROWS], a[2][ROWS];
    for (size_t i = 0; i < 8; i++)
        memcpy(&v[i], state + WORDS_SIZE * i, WORDS_SIZE);
    rotate_places(v);
    for (size_t i = 0; i < VECTORS; i++) {
        compress(h[i], v + 4 * i);
        memcpy(a[i], h[i], sizeof(a[i]));
        a[i][0] ^= block_all(first_constant);
    }
    for (unsigned round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < VECTORS; i++)
            round_p(a[i], round);
    for (unsigned r = 0; r < ROWS; r++) /* the last eight columns */
        v[r] = block_zip8_last(a[0][r] ^ h[0][r], a[VECTORS - 1][r] ^ h[VECTORS - 1][r]);
    rotate_places(v);
    for (size_t i = 0; i < 8; i++)
        memcpy(state + WORDS_SIZE * i, &v[i], WORDS_SIZE);
}

void X11_KERNEL(groestl)(void *state)
{
    for (size_t i = 0; i < X11_GROUP; i += X11_LANES64)
        block_of_words((uint8_t *)state + 64 * i);
}
