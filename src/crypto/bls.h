/* BLS12-381 as Dash uses it: keys in G1 (48 bytes), signatures in G2 (96 bytes), two schemes that differ in encoding and in
 * hash-to-curve (../shared/spec rules: bls.md). A decoded point has passed every test (canonical, on the curve, in the
 * subgroup, not infinity): the types bls_key and bls_sig mean "tested". All functions are pure; any thread. */
#ifndef CRYPTO_BLS_H
#define CRYPTO_BLS_H

#include <blst.h>

#include "base/hash.h"
#include "crypto/rng.h"

enum bls_scheme { BLS_LEGACY, BLS_BASIC };

typedef struct {
    blst_p1_affine point;
} bls_key;
typedef struct {
    blst_p2_affine point;
} bls_sig;

/* Strict decoding; false for anything Dash's node would treat as null or reject, and for legacy points that fail the curve or
 * subgroup test (bls.md 2, 6). */
bool bls_key_decode(bls_key *out, const uint8_t in[48], enum bls_scheme scheme);
bool bls_sig_decode(bls_sig *out, const uint8_t in[96], enum bls_scheme scheme);

/* Many keys at once, as bls_key_decode() each: ok[i] tells whether out[i] is one. They are tested for the subgroup together, with
 * secrets from `rng`: to let another point pass has a chance below 2^-63. NULL: each is tested by itself. 0 or DSPV_ENOMEM. */
struct bls_encoded_key {
    const uint8_t *bytes; /* 48 */
    enum bls_scheme scheme;
};
int bls_keys_decode(bls_key *out, bool *ok, const struct bls_encoded_key *in, size_t n, struct rng *rng);

void bls_key_encode(uint8_t out[48], const bls_key *key, enum bls_scheme scheme);
void bls_sig_encode(uint8_t out[96], const bls_sig *sig, enum bls_scheme scheme);

/* The 32-byte message (internal byte order) as a point of G2. */
void bls_hash_to_g2(blst_p2_affine *out, const uint8_t msg[32], enum bls_scheme scheme);

/* One signature over one 32-byte message. */
bool bls_verify(const bls_key *key, const bls_sig *sig, const uint8_t msg[32], enum bls_scheme scheme);

/* Secure (weighted) aggregate of `n` >= 1 keys (bls.md 5). `keys` is sorted by encoding internally; order does not matter.
 * 0, DSPV_ENOMEM, DSPV_EFAULT when the sum is infinity, or DSPV_EMISUSE for no key or an unset one. */
int bls_key_aggregate_weighted(bls_key *out, const bls_key *const *keys, size_t n, enum bls_scheme scheme);
/* Many of them at once; `result` is what bls_key_aggregate_weighted() would return of each. 0, or DSPV_ENOMEM and no results. */
struct bls_aggregate {
    const bls_key *const *keys;
    size_t n;
    enum bls_scheme scheme;
    bls_key sum;
    int result;
};
int bls_keys_aggregate_weighted(struct bls_aggregate *aggregates, size_t n);

/* One item of a batch. An unset (all zero) key or signature counts as a wrong one. */
struct bls_item {
    bls_key key;
    bls_sig sig;
    uint8_t msg[32];
    enum bls_scheme scheme;
};

/* Verify many with secret random weights (bls/batch.c); successive items with one message cost little more than one. ok[i] tells
 * the verdict of each: a failing batch is halved to name the culprits. `rng` must be seeded unpredictably. 0 or DSPV_ENOMEM. */
int bls_batch_verify(const struct bls_item *items, size_t n, struct rng *rng, bool *ok);

#endif
