/* BLAKE-512 (x11.md 2.1) of 80 bytes, a header in each 64-bit lane. Words 10..15 of the block never change. */
#include "crypto/x11/lanes/vector.h"
#include "crypto/x11/x11_tables.h"

enum { HEADER = 80, HEADER_WORDS = 10, BITS = 640 };

/* a, b, c, d: words of the state; x, y: words of the message. */
#define G(a, b, c, d, x, y)                                                                                                      \
    do {                                                                                                                         \
        v[a] += v[b] + (m[x] ^ x11_blake_c[y]);                                                                                  \
        v[d] = v64_rotr(v[d] ^ v[a], 32);                                                                                        \
        v[c] += v[d];                                                                                                            \
        v[b] = v64_rotr(v[b] ^ v[c], 25);                                                                                        \
        v[a] += v[b] + (m[y] ^ x11_blake_c[x]);                                                                                  \
        v[d] = v64_rotr(v[d] ^ v[a], 16);                                                                                        \
        v[c] += v[d];                                                                                                            \
        v[b] = v64_rotr(v[b] ^ v[c], 11);                                                                                        \
    } while (0);

#define ROUND(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15)                                              \
    G(0, 4, 8, 12, s0, s1)                                                                                                       \
    G(1, 5, 9, 13, s2, s3)                                                                                                       \
    G(2, 6, 10, 14, s4, s5)                                                                                                      \
    G(3, 7, 11, 15, s6, s7)                                                                                                      \
    G(0, 5, 10, 15, s8, s9)                                                                                                      \
    G(1, 6, 11, 12, s10, s11)                                                                                                    \
    G(2, 7, 8, 13, s12, s13)                                                                                                     \
    G(3, 4, 9, 14, s14, s15)

static inline v64 gather(const uint8_t *headers, int word)
{
    uint64_t w[X11_LANES64];
    for (int i = 0; i < X11_LANES64; i++) {
        memcpy(&w[i], headers + HEADER * i + 8 * word, 8);
        w[i] = __builtin_bswap64(w[i]);
    }
    return v64_load(w);
}

static inline v64 swapped(v64 v)
{
    uint64_t w[X11_LANES64];
    v64_store(w, v);
    for (int i = 0; i < X11_LANES64; i++)
        w[i] = __builtin_bswap64(w[i]);
    return v64_load(w);
}

static inline void block(uint8_t *state, const uint8_t *headers)
{
    v64 v[16], m[16];
    for (int i = 0; i < HEADER_WORDS; i++)
        m[i] = gather(headers, i);
    m[10] = v64_all(UINT64_C(0x80) << 56);
    m[11] = m[12] = m[14] = v64_all(0);
    m[13] = v64_all(1);
    m[15] = v64_all(BITS);
    for (int i = 0; i < 8; i++) {
        v[i] = v64_all(x11_blake_iv[i]);
        v[8 + i] = v64_all(x11_blake_c[i] ^ (i == 4 || i == 5 ? BITS : 0));
    }
    X11_BLAKE_ROUNDS(ROUND)
    for (int i = 0; i < 8; i++)
        v64_store(state + X11_VECTOR * i, swapped(v64_all(x11_blake_iv[i]) ^ v[i] ^ v[8 + i]));
}

void X11_KERNEL(blake)(void *state, const uint8_t *headers)
{
    block(state, headers);
    block((uint8_t *)state + 8 * X11_VECTOR, headers + X11_LANES64 * HEADER);
}
