/* Skein-512-512, a header in each 64-bit lane. */
#include "crypto/x11/words/skein.h"

X11_KERNEL_OF_WORDS(skein, skein512, 8, 0)
