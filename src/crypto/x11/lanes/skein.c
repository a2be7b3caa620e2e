/* Skein-512-512, a header in each 64-bit lane. */
#include "crypto/x11/words/skein.h"

static inline void block(uint8_t *state)
{
    v64 v[8];
    for (int i = 0; i < 8; i++)
        v[i] = v64_load(state + X11_VECTOR * i);
    skein512(v);
    for (int i = 0; i < 8; i++)
        v64_store(state + X11_VECTOR * i, v[i]);
}

void X11_KERNEL(skein)(void *state)
{
    block(state);
    block((uint8_t *)state + 8 * X11_VECTOR);
}
