/* Keccak-f[1600], and Keccak-512 as submitted to the SHA-3 contest (padding 0x01, not 0x06) of exactly 64 bytes (x11.md 2.6). */
#include "base/endian.h"
#include "crypto/x11/x11_stages.h"
#include "crypto/x11/x11_tables.h"

/* theta: the parity of a column. */
#define COLUMN(x) (a[x] ^ a[(x) + 5] ^ a[(x) + 10] ^ a[(x) + 15] ^ a[(x) + 20])
/* rho and pi: lane i goes, rotated, to its new place. */
#define MOVE(to, from, n) b[to] = rotl64(a[from] ^ d[(from) % 5], n)

static inline void keccak_round(uint64_t a[25], uint64_t constant)
{
    const uint64_t c0 = COLUMN(0), c1 = COLUMN(1), c2 = COLUMN(2), c3 = COLUMN(3), c4 = COLUMN(4);
    const uint64_t d[5] = {c4 ^ rotl64(c1, 1), c0 ^ rotl64(c2, 1), c1 ^ rotl64(c3, 1), c2 ^ rotl64(c4, 1), c3 ^ rotl64(c0, 1)};
    uint64_t b[25];
    b[0] = a[0] ^ d[0];
    MOVE(10, 1, 1);
    MOVE(20, 2, 62);
    MOVE(5, 3, 28);
    MOVE(15, 4, 27);
    MOVE(16, 5, 36);
    MOVE(1, 6, 44);
    MOVE(11, 7, 6);
    MOVE(21, 8, 55);
    MOVE(6, 9, 20);
    MOVE(7, 10, 3);
    MOVE(17, 11, 10);
    MOVE(2, 12, 43);
    MOVE(12, 13, 25);
    MOVE(22, 14, 39);
    MOVE(23, 15, 41);
    MOVE(8, 16, 45);
    MOVE(18, 17, 15);
    MOVE(3, 18, 21);
    MOVE(13, 19, 8);
    MOVE(14, 20, 18);
    MOVE(24, 21, 2);
    MOVE(9, 22, 61);
    MOVE(19, 23, 56);
    MOVE(4, 24, 14);
    for (int y = 0; y < 25; y += 5) {
        a[y] = b[y] ^ (~b[y + 1] & b[y + 2]);
        a[y + 1] = b[y + 1] ^ (~b[y + 2] & b[y + 3]);
        a[y + 2] = b[y + 2] ^ (~b[y + 3] & b[y + 4]);
        a[y + 3] = b[y + 3] ^ (~b[y + 4] & b[y]);
        a[y + 4] = b[y + 4] ^ (~b[y] & b[y + 1]);
    }
    a[0] ^= constant;
}

void keccak_f1600(uint64_t a[25])
{
    for (int round = 0; round < 24; round++)
        keccak_round(a, x11_keccak_rc[round]);
}

void x11_keccak512(uint8_t out[64], const uint8_t in[64])
{
    /* The rate is 72 bytes: lane 8 holds both ends of the padding. */
    uint64_t a[25] = {[8] = 0x8000000000000001};
    for (int i = 0; i < 8; i++)
        a[i] = load_le64(in + 8 * i);
    keccak_f1600(a);
    for (int i = 0; i < 8; i++)
        store_le64(out + 8 * i, a[i]);
}
