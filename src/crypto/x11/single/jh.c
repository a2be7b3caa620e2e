/* JH-512 (x11.md 2.5) of one header, bit-sliced: a vector is one of the eight words, its lanes the halves. */
#include "crypto/x11/lanes/jh.h"
#include "crypto/x11/x11_tables.h"

static inline void round_swapping(v64 h[8], const uint64_t c[4], int n)
{
    jh_mix(h, 1, v64_load(c), v64_load(c + 2));
    for (int i = 1; i < 8; i += 2)
        h[i] = jh_swap(h[i], n);
}

static inline void round_swapping_halves(v64 h[8], const uint64_t c[4])
{
    jh_mix(h, 1, v64_load(c), v64_load(c + 2));
    for (int i = 1; i < 8; i += 2)
        h[i] = (v64){h[i][1], h[i][0]};
}

static void permute(v64 h[8])
{
    for (int r = 0; r < 42; r += 7) {
        round_swapping(h, x11_jh_c[r], 1);
        round_swapping(h, x11_jh_c[r + 1], 2);
        round_swapping(h, x11_jh_c[r + 2], 4);
        round_swapping(h, x11_jh_c[r + 3], 8);
        round_swapping(h, x11_jh_c[r + 4], 16);
        round_swapping(h, x11_jh_c[r + 5], 32);
        round_swapping_halves(h, x11_jh_c[r + 6]);
    }
}

/* A block enters the first half of the state before the permutation and the second half after it. */
static inline void compress(v64 h[8], const v64 m[4])
{
    for (int i = 0; i < 4; i++)
        h[i] ^= m[i];
    permute(h);
    for (int i = 0; i < 4; i++)
        h[4 + i] ^= m[i];
}

void X11_KERNEL(jh)(void *state)
{
    static const v64 padding[4] = {{0x80, 0}, {0, 0}, {0, 0}, {0, UINT64_C(2) << 48}}; /* length: 512, big-endian */
    v64 h[8], m[4];
    for (int i = 0; i < 8; i++)
        h[i] = v64_load(x11_jh_iv + 2 * i);
    memcpy(m, state, sizeof(m));
    compress(h, m);
    compress(h, padding);
    memcpy(state, h + 4, sizeof(m));
}
