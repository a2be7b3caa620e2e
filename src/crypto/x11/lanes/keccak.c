/* Keccak-512 as submitted (x11.md 2.6) of 64 bytes, a header in each 64-bit lane of the vectors. */
#include "crypto/x11/lanes/vector.h"
#include "crypto/x11/x11_tables.h"

enum { ROUNDS = 24 };

/* rho and pi: word i, after theta, rotated. */
#define MIXED(i) v64_xor3(c[(i + 4) % 5], r[(i + 1) % 5], a[i])
#define MOVED(i, n) v64_rotl(MIXED(i), n)

/* chi on a row. */
static inline void row(v64 out[5], v64 b0, v64 b1, v64 b2, v64 b3, v64 b4)
{
    out[0] = b0 ^ (~b1 & b2);
    out[1] = b1 ^ (~b2 & b3);
    out[2] = b2 ^ (~b3 & b4);
    out[3] = b3 ^ (~b4 & b0);
    out[4] = b4 ^ (~b0 & b1);
}

/* The first `rows` rows of what a round makes of a. */
static inline void keccak_round(v64 out[25], const v64 a[25], uint64_t constant, int rows)
{
    v64 c[5], r[5];
    for (int x = 0; x < 5; x++) {
        c[x] = v64_xor3(v64_xor3(a[x], a[x + 5], a[x + 10]), a[x + 15], a[x + 20]);
        r[x] = v64_rotl(c[x], 1);
    }
    row(out, MIXED(0), MOVED(6, 44), MOVED(12, 43), MOVED(18, 21), MOVED(24, 14));
    row(out + 5, MOVED(3, 28), MOVED(9, 20), MOVED(10, 3), MOVED(16, 45), MOVED(22, 61));
    out[0] ^= constant;
    if (rows <= 2)
        return;
    row(out + 10, MOVED(1, 1), MOVED(7, 6), MOVED(13, 25), MOVED(19, 8), MOVED(20, 18));
    row(out + 15, MOVED(4, 27), MOVED(5, 36), MOVED(11, 10), MOVED(17, 15), MOVED(23, 56));
    row(out + 20, MOVED(2, 62), MOVED(8, 55), MOVED(14, 39), MOVED(15, 41), MOVED(21, 2));
}

static inline void block(uint8_t *state)
{
    v64 a[25] = {0}, b[25];
    for (int i = 0; i < 8; i++)
        a[i] = v64_load(state + X11_VECTOR * i);
    a[8] = v64_all(0x8000000000000001); /* the rate is 72 bytes: both ends of the padding */
    for (int r = 0; r < ROUNDS - 2; r += 2) {
        keccak_round(b, a, x11_keccak_rc[r], 5);
        keccak_round(a, b, x11_keccak_rc[r + 1], 5);
    }
    keccak_round(b, a, x11_keccak_rc[ROUNDS - 2], 5);
    keccak_round(a, b, x11_keccak_rc[ROUNDS - 1], 2);
    for (int i = 0; i < 8; i++)
        v64_store(state + X11_VECTOR * i, a[i]);
}

void X11_KERNEL(keccak)(void *state)
{
    block(state);
    block((uint8_t *)state + 8 * X11_VECTOR);
}
