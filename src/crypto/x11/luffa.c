/* Luffa-512 v2 of exactly 64 bytes (x11.md 2.7): two message blocks, the padding block, two blank blocks that give 32 bytes each.
 *
 * State: five lanes of eight big-endian 32-bit words. A word index counts the coefficient of a ring element, which is what
 * the injection doubles. */
#include <string.h>

#include "base/endian.h"
#include "crypto/x11/x11_stages.h"
#include "crypto/x11/x11_tables.h"

enum { LANES = 5, STEPS = 8 };

static inline void add(uint32_t to[8], const uint32_t a[8])
{
    for (int i = 0; i < 8; i++)
        to[i] ^= a[i];
}

/* Multiplication by x in the ring: modulo x^8 + x^4 + x^3 + x + 1. */
static inline void twice(uint32_t a[8])
{
    const uint32_t top = a[7];
    a[7] = a[6];
    a[6] = a[5];
    a[5] = a[4];
    a[4] = a[3] ^ top;
    a[3] = a[2] ^ top;
    a[2] = a[1];
    a[1] = a[0] ^ top;
    a[0] = top;
}

/* The message injection for five lanes; `m` is used up, a null pointer is a zero block. */
static void inject(uint32_t v[LANES][8], uint32_t m[8])
{
    uint32_t sum[8] = {0}, first[8];
    for (int j = 0; j < LANES; j++)
        add(sum, v[j]);
    twice(sum);
    for (int j = 0; j < LANES; j++)
        add(v[j], sum);
    /* Each lane: twice itself plus its successor; then the same with the predecessor. */
    memcpy(first, v[0], sizeof(first));
    for (int j = 0; j < LANES; j++) {
        twice(v[j]);
        add(v[j], j + 1 < LANES ? v[j + 1] : first);
    }
    memcpy(first, v[LANES - 1], sizeof(first));
    for (int j = LANES - 1; j >= 0; j--) {
        twice(v[j]);
        add(v[j], j ? v[j - 1] : first);
    }
    if (!m)
        return;
    for (int j = 0; j < LANES; j++) {
        if (j)
            twice(m);
        add(v[j], m);
    }
}

/* The 4-bit S-box on 32 columns at once. */
#define SUB_CRUMB(a, b, c, d)                                                                                                    \
    do {                                                                                                                         \
        uint32_t t = a;                                                                                                          \
        a |= b;                                                                                                                  \
        c ^= d;                                                                                                                  \
        b = ~b;                                                                                                                  \
        a ^= d;                                                                                                                  \
        d &= t;                                                                                                                  \
        b ^= d;                                                                                                                  \
        d ^= c;                                                                                                                  \
        c &= a;                                                                                                                  \
        a = ~a;                                                                                                                  \
        c ^= b;                                                                                                                  \
        b |= d;                                                                                                                  \
        t ^= b;                                                                                                                  \
        d ^= c;                                                                                                                  \
        c &= b;                                                                                                                  \
        b ^= a;                                                                                                                  \
        a = t;                                                                                                                   \
    } while (0)

#define MIX_WORD(u, v)                                                                                                           \
    do {                                                                                                                         \
        v ^= u;                                                                                                                  \
        u = rotl32(u, 2) ^ v;                                                                                                    \
        v = rotl32(v, 14) ^ u;                                                                                                   \
        u = rotl32(u, 10) ^ v;                                                                                                   \
        v = rotl32(v, 1);                                                                                                        \
    } while (0)

/* The eight steps of one lane; `tweak` = the number of the lane. */
static inline void permute_lane(uint32_t x[8], const uint32_t rc[2][STEPS], unsigned tweak)
{
    uint32_t a = x[0], b = x[1], c = x[2], d = x[3], e = x[4], f = x[5], g = x[6], h = x[7];
    if (tweak) {
        e = rotl32(e, tweak);
        f = rotl32(f, tweak);
        g = rotl32(g, tweak);
        h = rotl32(h, tweak);
    }
    for (int s = 0; s < STEPS; s++) {
        SUB_CRUMB(a, b, c, d);
        SUB_CRUMB(f, g, h, e);
        MIX_WORD(a, e);
        MIX_WORD(b, f);
        MIX_WORD(c, g);
        MIX_WORD(d, h);
        a ^= rc[0][s];
        e ^= rc[1][s];
    }
    x[0] = a;
    x[1] = b;
    x[2] = c;
    x[3] = d;
    x[4] = e;
    x[5] = f;
    x[6] = g;
    x[7] = h;
}

static void permute(uint32_t v[LANES][8])
{
    for (unsigned j = 0; j < LANES; j++)
        permute_lane(v[j], x11_luffa_rc[j], j);
}

static void squeeze(uint8_t out[32], uint32_t v[LANES][8])
{
    inject(v, NULL);
    permute(v);
    for (int i = 0; i < 8; i++)
        store_be32(out + 4 * i, v[0][i] ^ v[1][i] ^ v[2][i] ^ v[3][i] ^ v[4][i]);
}

void x11_luffa512(uint8_t out[64], const uint8_t in[64])
{
    uint32_t v[LANES][8];
    memcpy(v, x11_luffa_iv, sizeof(v));
    for (int block = 0; block < 2; block++) {
        uint32_t m[8];
        for (int i = 0; i < 8; i++)
            m[i] = load_be32(in + 32 * block + 4 * i);
        inject(v, m);
        permute(v);
    }
    uint32_t padding[8] = {UINT32_C(0x80) << 24};
    inject(v, padding);
    permute(v);
    squeeze(out, v);
    squeeze(out + 32, v);
}
