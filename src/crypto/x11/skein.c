/* Skein-512-512 of one header. */
#include "crypto/x11/words/skein.h"

void x11_skein512(uint8_t out[64], const uint8_t in[64])
{
    uint64_t v[8];
    for (int i = 0; i < 8; i++)
        v[i] = load_le64(in + 8 * i);
    skein512(v);
    for (int i = 0; i < 8; i++)
        store_le64(out + 8 * i, v[i]);
}
