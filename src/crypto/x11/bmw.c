/* BMW-512 of one header. */
#include "crypto/x11/words/bmw.h"

void x11_bmw512(uint8_t out[64], const uint8_t in[64])
{
    uint64_t m[16];
    for (int i = 0; i < 8; i++)
        m[i] = load_le64(in + 8 * i);
    bmw512(m);
    for (int i = 0; i < 8; i++)
        store_le64(out + 8 * i, m[8 + i]);
}
