/* BLAKE-512 of one header. */
#include "crypto/x11/words/blake.h"

void x11_blake512(uint8_t out[64], const uint8_t in[80])
{
    uint64_t m[16], hash[8];
    for (int i = 0; i < HEADER_WORDS; i++)
        m[i] = load_be64(in + 8 * i);
    blake512(hash, m);
    for (int i = 0; i < 8; i++)
        store_be64(out + 8 * i, hash[i]);
}
