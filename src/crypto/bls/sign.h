/* Making signatures: for tests and the generated world only. The client verifies and never includes this header; nothing here
 * guards a secret against timing. Any thread. */
#ifndef CRYPTO_BLS_SIGN_H
#define CRYPTO_BLS_SIGN_H

#include "crypto/bls.h"

struct bls_secret {
    blst_scalar scalar;
};

/* 32 bytes, big-endian; false unless 0 < value < r. */
bool bls_secret_decode(struct bls_secret *out, const uint8_t in[32]);
void bls_secret_key(const struct bls_secret *secret, bls_key *out);
void bls_secret_sign(const struct bls_secret *secret, const uint8_t msg[32], enum bls_scheme scheme, bls_sig *out);
/* The same for a message that was hashed by bls_hash_to_g2(). */
void bls_secret_sign_hash(const struct bls_secret *secret, const blst_p2_affine *hash, bls_sig *out);

/* Plain sums of `n` >= 1 points. 0, or DSPV_EFAULT when the sum is infinity. */
int bls_key_sum(bls_key *out, const bls_key *keys, size_t n);
int bls_sig_sum(bls_sig *out, const bls_sig *sigs, size_t n);

/* The signature that goes with bls_key_aggregate_weighted() of `keys`; sigs[i] was made with the secret of keys[i].
 * 0, DSPV_ENOMEM, DSPV_EFAULT (infinity) or DSPV_EMISUSE (no key, unset key). */
int bls_sig_aggregate_weighted(bls_sig *out, const bls_key *const *keys, const bls_sig *const *sigs, size_t n,
                               enum bls_scheme scheme);

/* The secret that signs as bls_sig_aggregate_weighted() would combine the signatures of all: one multiplication instead of n.
 * secrets[i] signs where keys[i] is expected. 0, DSPV_ENOMEM, DSPV_EFAULT (zero) or DSPV_EMISUSE. */
int bls_secret_aggregate_weighted(struct bls_secret *out, const bls_key *const *keys, const struct bls_secret *const *secrets,
                                  size_t n, enum bls_scheme scheme);

/* The group's signature from `n` >= 1 shares (Lagrange at 0, bls.md 5). 0, DSPV_ENOMEM, DSPV_EMISUSE (no share), or
 * DSPV_EFAULT: an id is zero or occurs twice, or the sum is infinity. */
int bls_threshold_recover(bls_sig *out, const uint8_t (*ids)[32], const bls_sig *shares, size_t n);

#endif
