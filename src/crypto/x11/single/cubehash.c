/* CubeHash of one header: the portable function, with this level's rotations. */
#include "crypto/x11/lanes/vector.h"
#include "crypto/x11/words/cubehash.h"

void X11_KERNEL(cubehash)(void *state)
{
    cubehash512(state, state);
}
