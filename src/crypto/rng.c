/* See rng.h. block i = SHA-256(seed | LE64(i)). */
#include "crypto/rng.h"

#include <string.h>

#include "base/endian.h"
#include "crypto/sha256.h"

void rng_init(struct rng *r, const uint8_t seed[32])
{
    *r = (struct rng){.used = 32};
    memcpy(r->seed, seed, 32);
}

static void refill(struct rng *r)
{
    uint8_t in[40];
    memcpy(in, r->seed, 32);
    store_le64(in + 32, r->counter++);
    sha256(r->block, in, sizeof(in));
    r->used = 0;
}

void rng_bytes(struct rng *r, void *out, size_t n)
{
    uint8_t *p = out;
    while (n > 0) {
        if (r->used == 32)
            refill(r);
        size_t take = 32 - r->used < n ? 32 - r->used : n;
        memcpy(p, r->block + r->used, take);
        r->used += take;
        p += take;
        n -= take;
    }
}

uint64_t rng_u64(struct rng *r)
{
    uint8_t b[8];
    rng_bytes(r, b, 8);
    return load_le64(b);
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
    uint64_t biased = UINT64_MAX - UINT64_MAX % n; /* values from here on would favour small results */
    uint64_t v;
    do {
        v = rng_u64(r);
    } while (v >= biased);
    return v % n;
}

void rng_fork(struct rng *r, struct rng *out)
{
    uint8_t seed[32];
    rng_bytes(r, seed, 32);
    rng_init(out, seed);
}
