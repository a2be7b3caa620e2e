/* SHA3-256 (FIPS 202), for the checksum inside Tor v3 addresses. Any thread. */
#ifndef CRYPTO_SHA3_H
#define CRYPTO_SHA3_H

#include <stddef.h>
#include <stdint.h>

void sha3_256(uint8_t out[32], const uint8_t *data, size_t n);

#endif
