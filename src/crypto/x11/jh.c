/* JH-512 of one header. */
#include "crypto/x11/words/jh.h"

void x11_jh512(uint8_t out[64], const uint8_t in[64])
{
    uint64_t m[8];
    for (int i = 0; i < 8; i++)
        m[i] = load_le64(in + 8 * i);
    jh512(m);
    for (int i = 0; i < 8; i++)
        store_le64(out + 8 * i, m[i]);
}
