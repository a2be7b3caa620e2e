/* X11: the hash of a block header. Any thread. */
#ifndef CRYPTO_X11_H
#define CRYPTO_X11_H

#include "base/hash.h"

enum { X11_MOST_LANES = 16 };

/* Hash of one 80-byte header = its block hash. */
void x11_hash(block_hash *out, const uint8_t header[80]);
/* Hashes of `n` unrelated headers, back to back; the bulk path. */
void x11_many(block_hash *out, const uint8_t *headers, size_t n);
/* How many of them it hashes at once here: 1 .. X11_MOST_LANES. */
size_t x11_lanes(void);

#endif
