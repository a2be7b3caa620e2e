/* Keccak-512, a header in each 64-bit lane. */
#include "crypto/x11/words/keccak.h"

static inline void block(uint8_t *state)
{
    v64 a[25];
    for (int i = 0; i < 8; i++)
        a[i] = v64_load(state + X11_VECTOR * i);
    keccak512(a);
    for (int i = 0; i < 8; i++)
        v64_store(state + X11_VECTOR * i, a[i]);
}

void X11_KERNEL(keccak)(void *state)
{
    block(state);
    block((uint8_t *)state + 8 * X11_VECTOR);
}
