/* Groestl-512 (x11.md 2.3): a row of the state is a block, a column's byte in each of its bytes, a header in each block of a
 * vector. */
#include "crypto/x11/lanes/aes.h"

enum { ROWS = 8, ROUNDS = 14 };

/* ---- SubBytes and ShiftBytes
 *
 * A constant added to all bytes after SubBytes comes out of MixBytes as three times the constant, because that is the sum of a
 * row of its matrix. So what Q adds to all bytes before SubBytes, ff, is added after the SubBytes before that, as 55: it costs
 * nothing there. So is what TWICE adds. */
enum { ONES = 0xff, THIRD_OF_ONES = 0x55 };

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
/* Twice x plus the polynomial of the field: where bit 7 of an index is set, the shuffle gives 0. */
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

/* And AddRoundConstant of the next round: four times `quarter` to one row. */
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
    {QUARTER(0x00 ^ (n)), QUARTER(0x10 ^ (n)), QUARTER(0x20 ^ (n)), QUARTER(0x30 ^ (n)), QUARTER(0x40 ^ (n)),                    \
     QUARTER(0x50 ^ (n)), QUARTER(0x60 ^ (n)), QUARTER(0x70 ^ (n)), QUARTER(0x80 ^ (n)), QUARTER(0x90 ^ (n)),                    \
     QUARTER(0xa0 ^ (n)), QUARTER(0xb0 ^ (n)), QUARTER(0xc0 ^ (n)), QUARTER(0xd0 ^ (n)), QUARTER(0xe0 ^ (n)),                    \
     QUARTER(0xf0 ^ (n))}
/* A quarter of the constant of the round after each one; none after the last. */
static const uint8_t quarters[ROUNDS][16] = {QUARTERS(1), QUARTERS(2), QUARTERS(3),  QUARTERS(4),  QUARTERS(5),  QUARTERS(6), QUARTERS(7),
                                             QUARTERS(8), QUARTERS(9), QUARTERS(10), QUARTERS(11), QUARTERS(12), QUARTERS(13)};
static const uint8_t first_constant[16] = {0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70,
                                           0x80, 0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0};

/* Of two bytes that no ShiftBytes leaves in place, it is enough to look at one. */
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

/* ---- rows and columns */

/* Rows of 8 bytes become columns: three times the first half of the bytes is zipped with the second. */
static inline void transpose(v64 b[4])
{
    for (int i = 0; i < 3; i++) {
        const v64 b0 = b[0], b1 = b[1], b2 = b[2], b3 = b[3];
        b[0] = block_zip_first(b0, b2);
        b[1] = block_zip_last(b0, b2);
        b[2] = block_zip_first(b1, b3);
        b[3] = block_zip_last(b1, b3);
    }
}

/* The initial value is the digest size in bits as a big-endian number: 2 in byte 126. */
static const uint8_t iv[16] = {[15] = 2};

static inline void load(v64 p[ROWS], v64 q[ROWS], const uint8_t *state)
{
    /* The last eight columns of two rows each: end mark, block count 1, big-endian, at the end. */
    static const uint8_t padding[ROWS / 2][16] = {{[0] = 0x80}, {0}, {0}, {[15] = 1}};
    v64 two_rows[ROWS / 2];
    for (unsigned i = 0; i < ROWS / 2; i++)
        two_rows[i] = blocks_load(state + 16 * i, 64);
    transpose(two_rows);
    for (unsigned i = 0; i < ROWS / 2; i++) {
        p[2 * i] = block_first_halves(two_rows[i], block_all(padding[i]));
        p[2 * i + 1] = block_last_halves(two_rows[i], block_all(padding[i]));
    }
    for (unsigned r = 0; r < ROWS; r++)
        q[r] = ~p[r];
    p[6] ^= block_all(iv);
    p[0] ^= block_all(first_constant);
    q[7] ^= block_all(first_constant);
}

/* The last eight columns. */
static inline void store(uint8_t *state, const v64 a[ROWS])
{
    v64 two_rows[ROWS / 2];
    for (unsigned i = 0; i < ROWS / 2; i++)
        two_rows[i] = block_last_halves(a[2 * i], a[2 * i + 1]);
    transpose(two_rows);
    for (unsigned i = 0; i < ROWS / 2; i++)
        blocks_store(state + 16 * i, 64, two_rows[i]);
}

enum { SIDE_BY_SIDE = X11_VECTORS > 1 ? 2 : 1 };

/* h = P(message + iv) + Q(message) + iv */
static inline void compress(v64 h[ROWS], const uint8_t *state)
{
    v64 q[ROWS];
    load(h, q, state);
    for (unsigned round = 0; round < ROUNDS; round++) {
        round_p(h, round);
        round_q(q, round);
    }
    for (unsigned r = 0; r < ROWS; r++)
        h[r] = ~(h[r] ^ q[r]);
    h[6] ^= block_all(iv);
}

static inline void blocks(uint8_t *state)
{
    const size_t size = 64 * X11_BLOCKS;
    v64 a[SIDE_BY_SIDE][ROWS], h[SIDE_BY_SIDE][ROWS];
    for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
        compress(h[i], state + size * i);
        memcpy(a[i], h[i], sizeof(a[i]));
        a[i][0] ^= block_all(first_constant);
    }
    for (unsigned round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < SIDE_BY_SIDE; i++)
            round_p(a[i], round);
    for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
        for (unsigned r = 0; r < ROWS; r++)
            a[i][r] ^= h[i][r];
        store(state + size * i, a[i]);
    }
}

void X11_KERNEL(groestl)(void *state)
{
    for (size_t i = 0; i < X11_VECTORS; i += SIDE_BY_SIDE)
        blocks((uint8_t *)state + 64 * X11_BLOCKS * i);
}
