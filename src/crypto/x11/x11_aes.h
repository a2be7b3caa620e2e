/* One AES round by table, for SHAvite-3 and ECHO. Headers are public: table timing does not matter. */
#ifndef CRYPTO_X11_AES_H
#define CRYPTO_X11_AES_H

#include "crypto/x11/x11_stages.h"
#include "crypto/x11/x11_tables.h"

/* Column of the AES state; row r in bits 8r. */
static inline uint32_t aes_column(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3)
{
    return x11_aes_t[c0 & 0xff] ^ rotl32(x11_aes_t[c1 >> 8 & 0xff], 8) ^ rotl32(x11_aes_t[c2 >> 16 & 0xff], 16) ^
           rotl32(x11_aes_t[c3 >> 24], 24);
}

/* SubBytes, ShiftRows, MixColumns in place. The caller adds the key, if any. */
static inline void aes_round(uint32_t s[4])
{
    const uint32_t a = s[0], b = s[1], c = s[2], d = s[3];
    s[0] = aes_column(a, b, c, d);
    s[1] = aes_column(b, c, d, a);
    s[2] = aes_column(c, d, a, b);
    s[3] = aes_column(d, a, b, c);
}

#endif
