/* Luffa-512, a header in each 32-bit lane. */
#include "crypto/x11/words/luffa.h"

void X11_KERNEL(luffa)(void *state)
{
    uint8_t *words = state;
    v32 m[16];
    for (int i = 0; i < 16; i++)
        m[i] = v32_swapped(v32_load(words + X11_VECTOR * i));
    luffa512(m);
    for (int i = 0; i < 16; i++)
        v32_store(words + X11_VECTOR * i, v32_swapped(m[i]));
}
