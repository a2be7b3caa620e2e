/* The names of a level's kernels: x11_<function>_<level>. Not every level has each of them: levels.c says which it takes. */
#ifndef CRYPTO_X11_KERNELS_H
#define CRYPTO_X11_KERNELS_H

#include <stdint.h>

#define X11_PASTE_(function, level) x11_##function##_##level
#define X11_PASTE(function, level) X11_PASTE_(function, level)

/* `state`: a group in the layout that the level says; in place. `headers`: 80 bytes each, back to back, any alignment. */
#define X11_DECLARE(level)                                                                                                       \
    void X11_PASTE(blake, level)(void *state, const uint8_t *headers);                                                           \
    void X11_PASTE(bmw, level)(void *state);                                                                                     \
    void X11_PASTE(groestl, level)(void *state);                                                                                 \
    void X11_PASTE(skein, level)(void *state);                                                                                   \
    void X11_PASTE(jh, level)(void *state);                                                                                      \
    void X11_PASTE(keccak, level)(void *state);                                                                                  \
    void X11_PASTE(luffa, level)(void *state);                                                                                   \
    void X11_PASTE(cubehash, level)(void *state);                                                                                \
    void X11_PASTE(shavite, level)(void *state);                                                                                 \
    void X11_PASTE(simd, level)(void *state);                                                                                    \
    void X11_PASTE(echo, level)(void *state);

#endif
