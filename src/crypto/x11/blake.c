/* BLAKE-512, 16 rounds, of exactly 80 bytes (x11.md 2.1). */
#include "base/endian.h"
#include "crypto/x11/x11_stages.h"
#include "crypto/x11/x11_tables.h"

enum { MESSAGE_BITS = 640 };

#define G(a, b, c, d, i, j)                                                                                                      \
    do {                                                                                                                         \
        v[a] += v[b] + (m[i] ^ x11_blake_c[j]);                                                                                  \
        v[d] = rotr64(v[d] ^ v[a], 32);                                                                                          \
        v[c] += v[d];                                                                                                            \
        v[b] = rotr64(v[b] ^ v[c], 25);                                                                                          \
        v[a] += v[b] + (m[j] ^ x11_blake_c[i]);                                                                                  \
        v[d] = rotr64(v[d] ^ v[a], 16);                                                                                          \
        v[c] += v[d];                                                                                                            \
        v[b] = rotr64(v[b] ^ v[c], 11);                                                                                          \
    } while (0);

/* Columns, then diagonals; s0..s15 is a row of sigma. */
#define ROUND(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15)                                              \
    G(0, 4, 8, 12, s0, s1)                                                                                                       \
    G(1, 5, 9, 13, s2, s3)                                                                                                       \
    G(2, 6, 10, 14, s4, s5)                                                                                                      \
    G(3, 7, 11, 15, s6, s7)                                                                                                      \
    G(0, 5, 10, 15, s8, s9)                                                                                                      \
    G(1, 6, 11, 12, s10, s11)                                                                                                    \
    G(2, 7, 8, 13, s12, s13)                                                                                                     \
    G(3, 4, 9, 14, s14, s15)

void x11_blake512(uint8_t out[64], const uint8_t in[80])
{
    /* Behind the message: its end bit, the bit that marks the 512-bit variant, the length. */
    uint64_t m[16] = {[10] = UINT64_C(0x80) << 56, [13] = 1, [15] = MESSAGE_BITS};
    for (int i = 0; i < 10; i++)
        m[i] = load_be64(in + 8 * i);
    uint64_t v[16];
    for (int i = 0; i < 8; i++) {
        v[i] = x11_blake_iv[i];
        v[8 + i] = x11_blake_c[i];
    }
    v[12] ^= MESSAGE_BITS; /* the counter counts message bits only */
    v[13] ^= MESSAGE_BITS;
    X11_BLAKE_ROUNDS(ROUND)
    for (int i = 0; i < 8; i++)
        store_be64(out + 8 * i, x11_blake_iv[i] ^ v[i] ^ v[8 + i]);
}
