/* BMW-512, a header in each 64-bit lane. */
#include "crypto/x11/words/bmw.h"

X11_KERNEL_OF_WORDS(bmw, bmw512, 16, 8)
