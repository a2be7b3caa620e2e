/* Between the layouts of a group (level.h). */
#ifndef CRYPTO_X11_LAYOUT_H
#define CRYPTO_X11_LAYOUT_H

#include "crypto/x11/level.h"

/* In place. Any thread. */
void x11_layout_change(void *state, unsigned group, enum x11_layout from, enum x11_layout to);

#endif
