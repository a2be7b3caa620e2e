/* BMW-512, a header in each 64-bit lane. */
#include "crypto/x11/words/bmw.h"

static inline void block(uint8_t *state)
{
    v64 m[16];
    for (int i = 0; i < 8; i++)
        m[i] = v64_load(state + X11_VECTOR * i);
    bmw512(m);
    for (int i = 0; i < 8; i++)
        v64_store(state + X11_VECTOR * i, m[8 + i]);
}

void X11_KERNEL(bmw)(void *state)
{
    block(state);
    block((uint8_t *)state + 8 * X11_VECTOR);
}
