/* SIMD-512, second-round tweak, of exactly 64 bytes (x11.md 2.10): the zero-padded message block, then a block with the length
 * only, whose whole expansion is a table.
 *
 * Message expansion: a transform modulo 257 of 64 bytes into 256 numbers. With j = 8a + b and i = 32t + m
 *     y[i] = sum over b of 4^(tb) * 41^(mb) * u[m][b],   u[m][b] = sum over a of 41^(8am) * x[8a + b]
 * and with m = 4k + q the inner sum is 4^(ka) * 41^(8aq): two layers of 8-point transforms whose only multipliers are powers of
 * 4, eight lanes at a time. Everything fits 16 bits. */
#include <string.h>

#include "base/endian.h"
#include "crypto/x11/x11_stages.h"
#include "crypto/x11/x11_tables.h"

enum { LANES = 8, STEPS = 32 };

/* x mod 257, as 256 = -1: in -127..383. The shift of a negative number is taken to be arithmetic, as every compiler
 * does it. */
static inline int16_t reduced(int16_t x)
{
    return (int16_t)((x & 255) - (x >> 8));
}

/* The representative in -128..128. */
static inline int16_t centred(int16_t x)
{
    const int16_t y = reduced(x);
    return (int16_t)(y - (y > 128 ? 257 : 0));
}

/* 8-point transforms with root 4 of eight lanes, |in| <= 128, |out| <= 21760: out[k] = sum of 4^(jk) in[j]. */
static inline void transform8(int16_t out[8][LANES], int16_t in[8][LANES])
{
    for (int n = 0; n < LANES; n++) {
        const int s0 = in[0][n] + in[4][n], d0 = in[0][n] - in[4][n];
        const int s1 = in[1][n] + in[5][n], d1 = in[1][n] - in[5][n];
        const int s2 = in[2][n] + in[6][n], d2 = (in[2][n] - in[6][n]) * 16;
        const int s3 = in[3][n] + in[7][n], d3 = in[3][n] - in[7][n];
        const int s = (s1 - s3) * 16;
        const int e = d1 * 4 + d3 * 64, f = d1 * 64 + d3 * 4; /* f = 16 * (4 * d1 - 64 * d3), as 1024 = -4 */
        out[0][n] = (int16_t)(s0 + s2 + s1 + s3);
        out[4][n] = (int16_t)(s0 + s2 - s1 - s3);
        out[2][n] = (int16_t)(s0 - s2 + s);
        out[6][n] = (int16_t)(s0 - s2 - s);
        out[1][n] = (int16_t)(d0 + d2 + e);
        out[5][n] = (int16_t)(d0 + d2 - e);
        out[3][n] = (int16_t)(d0 - d2 + f);
        out[7][n] = (int16_t)(d0 - d2 - f);
    }
}

/* y[i], centred, of a message block of 64 bytes followed by 64 zero bytes. */
static void expand(int16_t y[256], const uint8_t in[64])
{
    int16_t message[8][LANES], u[8][4][LANES]; /* u: [b][m / 8][m % 8] */
    for (int j = 0; j < 64; j++)
        message[j / LANES][j % LANES] = in[j];
    for (int q = 0; q < 4; q++) {
        int16_t x[8][LANES], sums[8][LANES];
        for (int a = 0; a < 8; a++) {
            for (int b = 0; b < LANES; b++)
                x[a][b] = centred((int16_t)(message[a][b] * x11_simd_twist[a][q]));
        }
        transform8(sums, x);
        for (int k = 0; k < 8; k++) {
            const int m = 4 * k + q;
            for (int b = 0; b < 8; b++)
                u[b][m / LANES][m % LANES] = sums[k][b];
        }
    }
    for (int m = 0; m < 32; m++)
        u[7][m / LANES][m % LANES] = (int16_t)(u[7][m / LANES][m % LANES] + x11_simd_offset[m]);
    for (int part = 0; part < 4; part++) {
        int16_t x[8][LANES], sums[8][LANES];
        for (int b = 0; b < 8; b++) {
            for (int n = 0; n < LANES; n++)
                x[b][n] = centred((int16_t)(centred(u[b][part][n]) * x11_simd_twiddle[b][LANES * part + n]));
        }
        transform8(sums, x);
        for (int t = 0; t < 8; t++) {
            const int i = 32 * t + LANES * part;
            for (int n = 0; n < LANES; n++)
                y[i + n] = centred(sums[t][n]);
        }
    }
}

static inline uint32_t pack(int low, int high, int factor)
{
    return (uint16_t)(low * factor) | (uint32_t)(uint16_t)(high * factor) << 16;
}

/* Words of the 32 steps, from the transformed message. */
static void message_words(uint32_t w[STEPS * LANES], const int16_t y[256])
{
    for (int step = 0; step < STEPS; step++) {
        const int round = step / 8;
        const int16_t *row = y + 16 * x11_simd_rows[round][step % 8];
        for (int n = 0; n < LANES; n++) {
            if (round < 2)
                w[LANES * step + n] = pack(row[2 * n], row[2 * n + 1], 185);
            else
                w[LANES * step + n] = pack(row[2 * n + round - 2], row[2 * n + round + 126], 233);
        }
    }
}

static inline uint32_t choose(uint32_t x, uint32_t y, uint32_t z) { return ((y ^ z) & x) ^ z; }
static inline uint32_t majority(uint32_t x, uint32_t y, uint32_t z) { return (x & y) | ((x | y) & z); }

/* d = rotl(d + w + f(a, b, c), s) + rotl(a, r) of word n ^ p, then a = rotl(a, r); the next step calls d a, a b, b c and c d. */
#define STEP(f, a, b, c, d, r, s, p, i)                                                                                          \
    {                                                                                                                            \
        const uint32_t *add = (i) < STEPS ? w + LANES * (i) : before + LANES * ((i) % STEPS);                                    \
        for (int n = 0; n < LANES; n++) {                                                                                        \
            h.d[n] = rotl32(h.d[n] + add[n] + f(h.a[n], h.b[n], h.c[n]), s);                                                     \
            h.a[n] = rotl32(h.a[n], r);                                                                                          \
        }                                                                                                                        \
        for (int n = 0; n < LANES; n++)                                                                                          \
            h.d[n] += h.a[n ^ (p)];                                                                                              \
    }

/* The last four steps are the feed-forward: they add the chaining value. */
static void steps(uint32_t state[4 * LANES], const uint32_t w[STEPS * LANES], const uint32_t before[4 * LANES])
{
    struct {
        uint32_t a[LANES], b[LANES], c[LANES], d[LANES];
    } h;
    memcpy(&h, state, sizeof(h));
    X11_SIMD_STEPS(STEP)
    memcpy(state, &h, sizeof(h));
}

void x11_simd512(uint8_t out[64], const uint8_t in[64])
{
    int16_t y[256];
    uint32_t w[STEPS * LANES];
    expand(y, in);
    message_words(w, y);
    uint32_t first[4 * LANES], last[4 * LANES];
    memcpy(first, x11_simd_iv, sizeof(first));
    for (int i = 0; i < 16; i++)
        first[i] ^= load_le32(in + 4 * i);
    steps(first, w, x11_simd_iv);
    memcpy(last, first, sizeof(last));
    last[0] ^= 512;
    steps(last, x11_simd_last, first);
    for (int i = 0; i < 16; i++)
        store_le32(out + 4 * i, last[i]);
}
