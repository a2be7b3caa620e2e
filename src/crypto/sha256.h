/* SHA-256 and double SHA-256, of one message or of many at once. Any thread.
 *
 * One message: blst's implementation, which uses SHA-NI where the CPU has it. Many messages of one length: in the lanes of what the
 * CPU offers (sha256_lanes.h), several times as fast; the results are the same, bit for bit. */
#ifndef CRYPTO_SHA256_H
#define CRYPTO_SHA256_H

#include "base/hash.h"

void sha256(uint8_t out[32], const void *data, size_t n);
/* H(x) of protocol.md: SHA256(SHA256(x)). */
void sha256d(uint8_t out[32], const void *data, size_t n);
/* H(left | right): a merkle tree node. */
void sha256d_pair(uint8_t out[32], const uint8_t left[32], const uint8_t right[32]);

/* out[i] = SHA-256, or double SHA-256, of the `size` bytes at messages[i]. */
void sha256_many(hash256 *out, const uint8_t *const *messages, size_t size, size_t n);
void sha256d_many(hash256 *out, const uint8_t *const *messages, size_t size, size_t n);
/* out[i] = H(in[2i] | in[2i + 1]) for i < n: a level of a merkle tree. `out` may be `in`. */
void sha256d_pairs(hash256 *out, const hash256 *in, size_t n);

#endif
