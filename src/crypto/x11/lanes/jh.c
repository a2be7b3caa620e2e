/* JH-512, a header in each 64-bit lane. */
#include "crypto/x11/words/jh.h"

X11_KERNEL_OF_WORDS(jh, jh512, 8, 0)
