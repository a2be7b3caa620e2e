/* The two hashes behind one name, and one signature: e(key, H(m)) * e(-G1, sig) = 1 in both schemes (bls.md 3, 4). */
#include "crypto/bls/internal.h"

/* RFC 9380 suite of the basic scheme. */
static const char BASIC_TAG[] = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_";

void bls_hash_to_g2(blst_p2_affine *out, const uint8_t msg[32], enum bls_scheme scheme)
{
    blst_p2 point;
    if (scheme == BLS_LEGACY)
        bls_legacy_hash(&point, msg);
    else
        blst_hash_to_g2(&point, msg, 32, (const uint8_t *)BASIC_TAG, sizeof(BASIC_TAG) - 1, NULL, 0);
    blst_p2_to_affine(out, &point);
}

bool bls_verify_hash(const bls_key *key, const bls_sig *sig, const blst_p2_affine *hash)
{
    const blst_p2_affine *g2[2] = {hash, &sig->point};
    const blst_p1_affine *g1[2] = {&key->point, &BLS12_381_NEG_G1};
    blst_fp12 product;
    blst_miller_loop_n(&product, g2, g1, 2);
    blst_final_exp(&product, &product);
    return blst_fp12_is_one(&product);
}

bool bls_verify(const bls_key *key, const bls_sig *sig, const uint8_t msg[32], enum bls_scheme scheme)
{
    /* blst's Miller loop has no answer for infinity; an unset point verifies nothing. */
    if (blst_p1_affine_is_inf(&key->point) || blst_p2_affine_is_inf(&sig->point))
        return false;
    blst_p2_affine hash;
    bls_hash_to_g2(&hash, msg, scheme);
    return bls_verify_hash(key, sig, &hash);
}
