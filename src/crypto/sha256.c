/* Thin cover over blst's SHA-256, the only place that names it. */
#include "crypto/sha256.h"

#include <blst.h>
#include <blst_aux.h>

void sha256(uint8_t out[32], const void *data, size_t n)
{
    blst_sha256(out, data, n);
}

void sha256d(uint8_t out[32], const void *data, size_t n)
{
    uint8_t once[32];
    blst_sha256(once, data, n);
    blst_sha256(out, once, 32);
}

void sha256d_pair(uint8_t out[32], const uint8_t left[32], const uint8_t right[32])
{
    uint8_t both[64];
    memcpy(both, left, 32);
    memcpy(both + 32, right, 32);
    sha256d(out, both, 64);
}
