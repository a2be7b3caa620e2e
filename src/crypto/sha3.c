/* SHA3-256 on the Keccak permutation X11 brings along. */
#include "crypto/sha3.h"

#include <string.h>

#include "base/endian.h"
#include "crypto/x11/x11_stages.h"

enum { RATE = 136 };

static void absorb(uint64_t a[25], const uint8_t block[RATE])
{
    for (int i = 0; i < RATE / 8; i++)
        a[i] ^= load_le64(block + 8 * i);
    keccak_f1600(a);
}

void sha3_256(uint8_t out[32], const uint8_t *data, size_t n)
{
    uint64_t a[25] = {0};
    for (; n >= RATE; data += RATE, n -= RATE)
        absorb(a, data);
    uint8_t last[RATE] = {0};
    if (n)
        memcpy(last, data, n);
    last[n] = 0x06;
    last[RATE - 1] |= 0x80;
    absorb(a, last);
    for (int i = 0; i < 4; i++)
        store_le64(out + 8 * i, a[i]);
}
