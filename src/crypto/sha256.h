/* SHA-256 and double SHA-256 (blst's implementation: SHA-NI where the CPU has it). Any thread. */
#ifndef CRYPTO_SHA256_H
#define CRYPTO_SHA256_H

#include "base/hash.h"

void sha256(uint8_t out[32], const void *data, size_t n);
/* H(x) of protocol.md: SHA256(SHA256(x)). */
void sha256d(uint8_t out[32], const void *data, size_t n);
/* H(left | right): a merkle tree node. */
void sha256d_pair(uint8_t out[32], const uint8_t left[32], const uint8_t right[32]);

#endif
