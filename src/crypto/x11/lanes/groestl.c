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

static inline void mix(v64 a[ROWS])
{
    v64 t[ROWS], y[ROWS];
    for (unsigned i = 0; i < ROWS; i++)
        t[i] = a[i] ^ a[(i + 1) % ROWS];
    for (unsigned i = 0; i < ROWS; i++)
        y[i] = v64_xor3(t[i], t[(i + 2) % ROWS], a[(i + 6) % ROWS]);
    for (unsigned i = 0; i < ROWS; i++)
        a[i] = times4_plus_twice(t[(i + 3) % ROWS] ^ t[(i + 6) % ROWS], y[(i + 7) % ROWS], y[(i + 4) % ROWS]);
}

/* ---- the permutations */

#define CONSTANT(round)                                                                                                          \
    {                                                                                                                            \
        0x00 ^ (round), 0x10 ^ (round), 0x20 ^ (round), 0x30 ^ (round), 0x40 ^ (round), 0x50 ^ (round), 0x60 ^ (round),          \
            0x70 ^ (round), 0x80 ^ (round), 0x90 ^ (round), 0xa0 ^ (round), 0xb0 ^ (round), 0xc0 ^ (round), 0xd0 ^ (round),      \
            0xe0 ^ (round), 0xf0 ^ (round)                                                                                       \
    }
static const uint8_t constants[ROUNDS][16] = {CONSTANT(0),  CONSTANT(1),  CONSTANT(2),  CONSTANT(3), CONSTANT(4),
                                              CONSTANT(5),  CONSTANT(6),  CONSTANT(7),  CONSTANT(8), CONSTANT(9),
                                              CONSTANT(10), CONSTANT(11), CONSTANT(12), CONSTANT(13)};

static inline void permute_p(v64 a[ROWS])
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        a[0] ^= block_all(constants[round]);
        for (unsigned r = 0; r < ROWS; r++)
            a[r] = substituted(block_bytes(a[r], block_all(moved_p[r])), false);
        mix(a);
    }
}

/* Of the complement, to the complement. */
static inline void permute_q(v64 a[ROWS])
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        a[7] ^= block_all(constants[round]);
        for (unsigned r = 0; r < ROWS; r++)
            a[r] = substituted(block_bytes(a[r], block_all(moved_q[r])), true);
        mix(a);
    }
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

static inline void blocks(uint8_t *state)
{
    v64 p[ROWS], q[ROWS], h[ROWS];
    load(p, q, state);
    permute_p(p);
    permute_q(q);
    for (unsigned r = 0; r < ROWS; r++)
        p[r] = h[r] = ~(p[r] ^ q[r]);
    p[6] = h[6] = h[6] ^ block_all(iv);
    permute_p(p);
    for (unsigned r = 0; r < ROWS; r++)
        p[r] ^= h[r];
    store(state, p);
}

void X11_KERNEL(groestl)(void *state)
{
    for (size_t i = 0; i < X11_VECTORS; i++)
        blocks((uint8_t *)state + 64 * X11_BLOCKS * i);
}
