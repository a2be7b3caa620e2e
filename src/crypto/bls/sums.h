/* Many sums of points of G1 at once, in lanes (lanes.h). Internal to crypto/. Any thread. */
#ifndef CRYPTO_BLS_SUMS_H
#define CRYPTO_BLS_SUMS_H

#include "crypto/bls/lanes.h"

/* A weight a + b*X^2 for the curve parameter X: numbers of 128 bits, low word first. Every number mod r is one. */
enum { BLS_WEIGHT_BITS = 128 };
struct bls_weight {
    uint64_t a[2], b[2];
};

struct bls_weight bls_weight_of(const blst_scalar *scalar);

/* One weighted sum. No point is infinity. */
struct bls_weighted_sum {
    const blst_p1_affine *const *points;
    const struct bls_weight *weights;
    size_t n;
    blst_p1 sum; /* the result */
};

/* All of them. `bits`, at most BLS_WEIGHT_BITS: no half of a weight has more. 0 or DSPV_ENOMEM. */
int bls_weighted_sums(const struct bls_lanes *lanes, struct bls_weighted_sum *sums, size_t n, unsigned bits);

/* Is every point in the subgroup G1? All are on the curve, none is infinity. What `rng` gives must be unpredictable for whoever
 * chose the points. An answer of yes is wrong with probability below 2^-63; no is always right. 0 or DSPV_ENOMEM. */
int bls_points_in_group(const struct bls_lanes *lanes, const blst_p1_affine *const *points, size_t n, struct rng *rng, bool *yes);

#endif
