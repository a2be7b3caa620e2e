#include "crypto/x11/words/cubehash.h"
#include "crypto/x11/x11_stages.h"

void x11_cubehash512(uint8_t out[64], const uint8_t in[64])
{
    cubehash512(out, in);
}
