/* Luffa-512 of one header. */
#include "crypto/x11/words/luffa.h"

void x11_luffa512(uint8_t out[64], const uint8_t in[64])
{
    uint32_t m[16];
    for (int i = 0; i < 16; i++)
        m[i] = load_be32(in + 4 * i);
    luffa512(m);
    for (int i = 0; i < 16; i++)
        store_be32(out + 4 * i, m[i]);
}
