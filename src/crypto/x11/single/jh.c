/* JH-512 of one header: here a vector is one of the eight words of the state, its lanes the halves. */
#include "crypto/x11/words/jh.h"

static inline void round_of_words(v64 h[8], const uint64_t c[4], int n)
{
    jh_mix(h, 1, v64_load(c), v64_load(c + 2));
    for (int i = 1; i < 8; i += 2)
        h[i] = n == 64 ? (v64){h[i][1], h[i][0]} : jh_swapped(h[i], n);
}

static void permute_words(v64 h[8])
{
    JH_PERMUTE(round_of_words, h)
}

void X11_KERNEL(jh)(void *state)
{
    v64 h[8], m[4];
    for (int i = 0; i < 4; i++) {
        m[i] = v64_load((uint8_t *)state + X11_VECTOR * i);
        h[i] = m[i] ^ v64_load(x11_jh_iv + 2 * i);
        h[4 + i] = v64_load(x11_jh_iv + 8 + 2 * i);
    }
    permute_words(h);
    for (int i = 0; i < 4; i++) {
        h[i] ^= v64_load(jh_padding + 2 * i);
        h[4 + i] ^= m[i];
    }
    permute_words(h);
    for (int i = 0; i < 4; i++)
        v64_store((uint8_t *)state + X11_VECTOR * i, h[4 + i] ^ v64_load(jh_last + 2 * i));
}
