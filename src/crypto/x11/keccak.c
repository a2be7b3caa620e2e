/* Keccak-f[1600], and Keccak-512 of one header. */
#include "crypto/x11/words/keccak.h"

void keccak_f1600(uint64_t a[25])
{
    uint64_t b[25];
    for (int r = 0; r < ROUNDS; r += 2) {
        keccak_round(b, a, x11_keccak_rc[r], 5);
        keccak_round(a, b, x11_keccak_rc[r + 1], 5);
    }
}

void x11_keccak512(uint8_t out[64], const uint8_t in[64])
{
    uint64_t a[25];
    for (int i = 0; i < 8; i++)
        a[i] = load_le64(in + 8 * i);
    keccak512(a);
    for (int i = 0; i < 8; i++)
        store_le64(out + 8 * i, a[i]);
}
