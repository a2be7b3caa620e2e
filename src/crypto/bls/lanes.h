/* Points of G1 in bulk: additions of many unrelated pairs at once, and square roots. An affine addition needs a division; many of
 * them share one (Montgomery's trick), so each costs six multiplications, half of what an addition without division costs. The
 * multiplications run in the lanes of what a CPU offers. All levels give the same points. Internal to crypto/. Any thread. */
#ifndef CRYPTO_BLS_LANES_H
#define CRYPTO_BLS_LANES_H

#include "crypto/bls.h"

/* A stored affine point in a form of the level's own. All zero: infinity. */
struct bls_point {
    uint64_t x[8], y[8];
};

/* points[to] = points[a] + points[b]. The operands may carry BLS_NEGATED. No operand of another operation of the same call may be
 * at `to`. */
struct bls_operation {
    uint32_t to, a, b;
};
#define BLS_NEGATED 0x80000000u

struct bls_pool {
    const struct bls_lanes *lanes;
    struct bls_point *points; /* aligned to 64 */
    void *scratch;            /* BLS_LANES_SCRATCH bytes, aligned to 64 */
    bool infinity;            /* a point may be infinity: set by add, first false */
};

enum { BLS_LANES_SCRATCH = 256 * 512 };

struct bls_lanes {
    const char *name;
    /* n points, none infinity, become stored points, and back. */
    void (*pack)(struct bls_point *out, const blst_p1_affine *const *from, size_t n);
    void (*unpack)(blst_p1_affine *out, const struct bls_pool *pool, const uint32_t *which, size_t n);
    void (*add)(struct bls_pool *pool, const struct bls_operation *operations, size_t n);
    /* The same with a = b in every operation. No infinity among them. */
    void (*twice)(struct bls_pool *pool, const struct bls_operation *operations, size_t n);
    /* out[i] = (beta * x, y) of from[i], which is -X^2 times the point, for the curve parameter X. Not of infinity. */
    void (*turn)(struct bls_point *out, const struct bls_point *from, size_t n);
    /* Candidates: the square root of a square, anything else of no square. */
    void (*roots)(blst_fp *out, const blst_fp *squares, size_t n);
};

extern const struct bls_lanes bls_lanes_portable, bls_lanes_ifma;

/* The levels this CPU can run, the best last; the first is the portable one. Returns how many. */
enum { BLS_MOST_LEVELS = 2 };
size_t bls_lanes_levels(const struct bls_lanes *out[BLS_MOST_LEVELS]);
const struct bls_lanes *bls_lanes_best(void);

#endif
