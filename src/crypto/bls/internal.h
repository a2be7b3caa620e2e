/* Shared between the files of this folder and their tests; not for other folders. */
#ifndef CRYPTO_BLS_INTERNAL_H
#define CRYPTO_BLS_INTERNAL_H

#include "crypto/bls.h"
#include "crypto/bls/sums.h"

/* One element of Fp2 to a point of the twist, before the cofactor is cleared (bls.md 4, step 2). */
void bls_legacy_map(blst_p2 *out, const blst_fp2 *t);
/* The whole legacy hash to G2. */
void bls_legacy_hash(blst_p2 *out, const uint8_t msg[32]);

/* bls_verify() of set points, for a message that was hashed by bls_hash_to_g2(). */
bool bls_verify_hash(const bls_key *key, const bls_sig *sig, const blst_p2_affine *hash);

/* Above (p-1)/2. */
bool bls_fp_is_larger(const blst_fp *a);
/* From the legacy encoding to the basic one; false when the flags are wrong. */
bool bls_key_to_basic(uint8_t out[48], const uint8_t legacy[48]);
/* bls_keys_decode() on a given level. */
int bls_level_keys_decode(const struct bls_lanes *lanes, bls_key *out, bool *ok, const struct bls_encoded_key *in, size_t n,
                          struct rng *rng);

/* A batch may be cut into slices; each gives a partial product, and the finish combines them. */
struct bls_partial {
    blst_fp12 product;  /* product of e(r_i * key_i, H(msg_i)) before the final exponentiation */
    blst_p2 signatures; /* sum of r_i * sig_i */
    size_t items;
};

/* 0 or DSPV_ENOMEM. */
int bls_batch_slice(struct bls_partial *out, const struct bls_item *items, size_t n, struct rng *rng);
/* True when every item of every slice is valid (with overwhelming probability). No items: true. */
bool bls_batch_finish(const struct bls_partial *partials, size_t n);

/* Order and weights of a secure aggregate: position i takes key order[i] with weights[i]. */
struct bls_weighting {
    size_t *order;
    blst_scalar *weights;
};
/* 0, DSPV_ENOMEM or DSPV_EMISUSE (no key, unset key); after a failure there is nothing to free. */
int bls_weighting_init(struct bls_weighting *w, const bls_key *const *keys, size_t n, enum bls_scheme scheme);
void bls_weighting_free(struct bls_weighting *w);

/* Bits of a scalar reduced mod r, as blst's multi-scalar functions want it. */
enum { BLS_SCALAR_BITS = 255 };

#endif
