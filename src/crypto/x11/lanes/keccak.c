/* Keccak-512, a header in each 64-bit lane. */
#include "crypto/x11/words/keccak.h"

X11_KERNEL_OF_WORDS(keccak, keccak512, 25, 0)
