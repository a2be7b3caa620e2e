/* JH-512 (x11.md 2.5), bit-sliced, a header in each 64-bit lane: the portable functions with vectors for half words.
 *
 * The state is 16 vectors, the halves of the eight words one after the other. */
#include "crypto/x11/lanes/jh.h"
#include "crypto/x11/x11_tables.h"

static inline void round_swapping(v64 h[16], const uint64_t c[4], int n)
{
    for (int half = 0; half < 2; half++) {
        jh_mix(h + half, 2, v64_all(c[half]), v64_all(c[2 + half]));
        for (int i = 2; i < 16; i += 4)
            h[i + half] = jh_swap(h[i + half], n);
    }
}

static inline void round_swapping_halves(v64 h[16], const uint64_t c[4])
{
    jh_mix(h, 2, v64_all(c[0]), v64_all(c[2]));
    jh_mix(h + 1, 2, v64_all(c[1]), v64_all(c[3]));
    for (int i = 2; i < 16; i += 4) {
        const v64 first = h[i];
        h[i] = h[i + 1];
        h[i + 1] = first;
    }
}

static void permute(v64 h[16])
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
static inline void block(uint8_t *state)
{
    static const uint64_t padding[8] = {[0] = 0x80, [7] = UINT64_C(2) << 48}; /* length: 512, big-endian */
    v64 h[16];
    for (int i = 0; i < 8; i++) {
        h[i] = x11_jh_iv[i] ^ v64_load(state + X11_VECTOR * i);
        h[8 + i] = v64_all(x11_jh_iv[8 + i]);
    }
    permute(h);
    for (int i = 0; i < 8; i++) {
        h[8 + i] ^= v64_load(state + X11_VECTOR * i);
        h[i] ^= padding[i];
    }
    permute(h);
    for (int i = 0; i < 8; i++)
        v64_store(state + X11_VECTOR * i, h[8 + i] ^ padding[i]);
}

void X11_KERNEL(jh)(void *state)
{
    block(state);
    block((uint8_t *)state + 8 * X11_VECTOR);
}
