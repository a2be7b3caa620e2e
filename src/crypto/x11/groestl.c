/* Groestl-512, final-round tweak, of exactly 64 bytes (x11.md 2.3).
 *
 * The 8 x 16 byte state is kept as 16 columns, row r in bits 8r. One 2 KiB table does SubBytes and MixBytes for row 0; as the
 * mixing matrix is circulant, the other rows are rotations of it. */
#include "base/endian.h"
#include "crypto/x11/x11_stages.h"
#include "crypto/x11/x11_tables.h"

enum { COLUMNS = 16, ROUNDS = 14 };

#define CELL(x, column, row) x11_groestl_t[(uint8_t)((x)[(column) & 15] >> 8 * (row))]

/* Column c of the next state; s0..s7: how far ShiftBytes moves each row. */
#define MIXED(x, c, s0, s1, s2, s3, s4, s5, s6, s7)                                                                              \
    (CELL(x, (c) + (s0), 0) ^ rotl64(CELL(x, (c) + (s1), 1), 8) ^ rotl64(CELL(x, (c) + (s2), 2), 16) ^                           \
     rotl64(CELL(x, (c) + (s3), 3), 24) ^ rotl64(CELL(x, (c) + (s4), 4), 32) ^ rotl64(CELL(x, (c) + (s5), 5), 40) ^              \
     rotl64(CELL(x, (c) + (s6), 6), 48) ^ rotl64(CELL(x, (c) + (s7), 7), 56))

/* A round but its constants. Written out: with the columns known at compile time it takes three quarters of the time. */
#define MIX_COLUMN(y, x, c, ...) (y)[c] = MIXED(x, c, __VA_ARGS__)
#define MIX_COLUMNS4(y, x, c, ...)                                                                                               \
    do {                                                                                                                         \
        MIX_COLUMN(y, x, c, __VA_ARGS__);                                                                                        \
        MIX_COLUMN(y, x, (c) + 1, __VA_ARGS__);                                                                                  \
        MIX_COLUMN(y, x, (c) + 2, __VA_ARGS__);                                                                                  \
        MIX_COLUMN(y, x, (c) + 3, __VA_ARGS__);                                                                                  \
    } while (0)
#define MIX_COLUMNS(y, x, ...)                                                                                                   \
    do {                                                                                                                         \
        MIX_COLUMNS4(y, x, 0, __VA_ARGS__);                                                                                      \
        MIX_COLUMNS4(y, x, 4, __VA_ARGS__);                                                                                      \
        MIX_COLUMNS4(y, x, 8, __VA_ARGS__);                                                                                      \
        MIX_COLUMNS4(y, x, 12, __VA_ARGS__);                                                                                     \
    } while (0)

static inline void round_p(uint64_t y[COLUMNS], uint64_t x[COLUMNS], unsigned round)
{
    for (unsigned c = 0; c < COLUMNS; c++)
        x[c] ^= c << 4 ^ round;
    MIX_COLUMNS(y, x, 0, 1, 2, 3, 4, 5, 6, 11);
}

static inline void round_q(uint64_t y[COLUMNS], uint64_t x[COLUMNS], unsigned round)
{
    for (unsigned c = 0; c < COLUMNS; c++)
        x[c] ^= ~((uint64_t)(c << 4 ^ round) << 56);
    MIX_COLUMNS(y, x, 1, 3, 5, 11, 0, 2, 4, 6);
}

static void permute_p(uint64_t x[COLUMNS])
{
    uint64_t y[COLUMNS];
    for (unsigned round = 0; round < ROUNDS; round += 2) {
        round_p(y, x, round);
        round_p(x, y, round + 1);
    }
}

static void permute_q(uint64_t x[COLUMNS])
{
    uint64_t y[COLUMNS];
    for (unsigned round = 0; round < ROUNDS; round += 2) {
        round_q(y, x, round);
        round_q(x, y, round + 1);
    }
}

void x11_groestl512(uint8_t out[64], const uint8_t in[64])
{
    /* End mark at byte 64; block count 1, big-endian, at the end. */
    uint64_t q[COLUMNS] = {[8] = 0x80, [15] = UINT64_C(1) << 56};
    for (int i = 0; i < 8; i++)
        q[i] = load_le64(in + 8 * i);
    /* The initial value is the digest size in bits as a big-endian number: 2 in byte 126. */
    const uint64_t iv = UINT64_C(2) << 48;
    uint64_t p[COLUMNS], h[COLUMNS];
    for (int i = 0; i < COLUMNS; i++)
        p[i] = q[i];
    p[15] ^= iv;
    permute_p(p);
    permute_q(q);
    for (int i = 0; i < COLUMNS; i++)
        p[i] = h[i] = p[i] ^ q[i];
    p[15] = h[15] ^= iv;
    permute_p(p);
    for (int i = 0; i < 8; i++)
        store_le64(out + 8 * i, p[8 + i] ^ h[8 + i]);
}
