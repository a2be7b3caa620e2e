/* SHA-256 of several messages at once, by what a CPU offers. Internal to crypto/ and its tests. Any thread. */
#ifndef CRYPTO_SHA256_LANES_H
#define CRYPTO_SHA256_LANES_H

#include "base/hash.h"

enum { SHA256_MOST_LANES = 16 };

/* Padded messages of one length: lane l is n_whole blocks of 64 bytes from whole[l], then n_last from last[l]. */
struct sha256_blocks {
    const uint8_t *whole[SHA256_MOST_LANES], *last[SHA256_MOST_LANES];
    size_t n_whole, n_last;
};

struct sha256_level {
    const char *name;
    unsigned lanes;
    unsigned worth; /* a whole group costs less than so many messages one by one */
    bool (*usable)(void);
    void (*hash)(hash256 *out, const struct sha256_blocks *in, bool twice); /* fills out[lanes] */
};

/* All levels this program was built with, the best last; the first is portable and usable everywhere. */
const struct sha256_level *const *sha256_levels(size_t *n);
/* sha256_many(), sha256d_many() on a given level, which must be usable. */
void sha256_level_many(const struct sha256_level *level, hash256 *out, const uint8_t *const *messages, size_t size, size_t n);
void sha256d_level_many(const struct sha256_level *level, hash256 *out, const uint8_t *const *messages, size_t size, size_t n);

extern const uint32_t sha256_initial[8], sha256_k[64];

/* The kernels. */
void sha256_avx512(hash256 *out, const struct sha256_blocks *in, bool twice);

#endif
