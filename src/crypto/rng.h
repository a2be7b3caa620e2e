/* Seeded generator: all randomness of the core comes from one of these. SHA-256 in counter mode, so its output is
 * unpredictable to whoever does not know the seed (batch weights depend on that) and the same for the same seed. */
#ifndef CRYPTO_RNG_H
#define CRYPTO_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint8_t seed[32];
    uint64_t counter;
    uint8_t block[32];
    size_t used; /* bytes used of `block` */
};

void rng_init(struct rng *r, const uint8_t seed[32]);
void rng_bytes(struct rng *r, void *out, size_t n);
uint64_t rng_u64(struct rng *r);
/* Uniform in 0 .. n-1; n > 0. */
uint64_t rng_below(struct rng *r, uint64_t n);
/* A new generator whose stream is independent of what `r` gives afterwards. */
void rng_fork(struct rng *r, struct rng *out);

#endif
