/* Making and combining signatures (bls.md 5), see sign.h. Signing is the same scalar multiplication in both schemes; only the
 * hash differs. */
#include "crypto/bls/sign.h"

#include "base/mem.h"
#include "crypto/bls/internal.h"

bool bls_secret_decode(struct bls_secret *out, const uint8_t in[32])
{
    blst_scalar scalar;
    blst_scalar_from_bendian(&scalar, in);
    if (!blst_sk_check(&scalar))
        return false;
    out->scalar = scalar;
    return true;
}

void bls_secret_key(const struct bls_secret *secret, bls_key *out)
{
    blst_p1 key;
    blst_sk_to_pk_in_g1(&key, &secret->scalar);
    blst_p1_to_affine(&out->point, &key);
}

void bls_secret_sign(const struct bls_secret *secret, const uint8_t msg[32], enum bls_scheme scheme, bls_sig *out)
{
    blst_p2_affine hash;
    bls_hash_to_g2(&hash, msg, scheme);
    bls_secret_sign_hash(secret, &hash, out);
}

void bls_secret_sign_hash(const struct bls_secret *secret, const blst_p2_affine *hash, bls_sig *out)
{
    blst_p2 point;
    blst_p2_from_affine(&point, hash);
    blst_sign_pk_in_g1(&point, &point, &secret->scalar);
    blst_p2_to_affine(&out->point, &point);
}

static int key_from_sum(bls_key *out, const blst_p1 *sum)
{
    if (blst_p1_is_inf(sum))
        return DSPV_EFAULT;
    blst_p1_to_affine(&out->point, sum);
    return 0;
}

static int sig_from_sum(bls_sig *out, const blst_p2 *sum)
{
    if (blst_p2_is_inf(sum))
        return DSPV_EFAULT;
    blst_p2_to_affine(&out->point, sum);
    return 0;
}

int bls_key_sum(bls_key *out, const bls_key *keys, size_t n)
{
    blst_p1 sum = {0};
    for (size_t i = 0; i < n; i++)
        blst_p1_add_or_double_affine(&sum, &sum, &keys[i].point);
    return key_from_sum(out, &sum);
}

int bls_sig_sum(bls_sig *out, const bls_sig *sigs, size_t n)
{
    blst_p2 sum = {0};
    for (size_t i = 0; i < n; i++)
        blst_p2_add_or_double_affine(&sum, &sum, &sigs[i].point);
    return sig_from_sum(out, &sum);
}

static int sig_sum_weighted(bls_sig *out, const blst_p2_affine *const *points, const blst_scalar *weights, size_t n)
{
    limb_t *scratch = mem_alloc(blst_p2s_mult_pippenger_scratch_sizeof(n));
    if (!scratch)
        return DSPV_ENOMEM;
    const byte *const scalars[2] = {weights[0].b, NULL};
    blst_p2 sum;
    blst_p2s_mult_pippenger(&sum, points, n, scalars, BLS_SCALAR_BITS, scratch);
    mem_free(scratch);
    return sig_from_sum(out, &sum);
}

int bls_sig_aggregate_weighted(bls_sig *out, const bls_key *const *keys, const bls_sig *const *sigs, size_t n,
                               enum bls_scheme scheme)
{
    struct bls_weighting w;
    int result = bls_weighting_init(&w, keys, n, scheme);
    if (result)
        return result;
    const blst_p2_affine **points = mem_alloc_array(n, sizeof(*points));
    if (points) {
        for (size_t i = 0; i < n; i++)
            points[i] = &sigs[w.order[i]]->point;
        result = sig_sum_weighted(out, points, w.weights, n);
    } else {
        result = DSPV_ENOMEM;
    }
    mem_free(points);
    bls_weighting_free(&w);
    return result;
}

int bls_secret_aggregate_weighted(struct bls_secret *out, const bls_key *const *keys, const struct bls_secret *const *secrets,
                                  size_t n, enum bls_scheme scheme)
{
    struct bls_weighting w;
    int result = bls_weighting_init(&w, keys, n, scheme);
    if (result)
        return result;
    blst_scalar sum = {{0}}, part;
    bool nonzero = false;
    for (size_t i = 0; i < n; i++) {
        blst_sk_mul_n_check(&part, &w.weights[i], &secrets[w.order[i]]->scalar);
        nonzero = blst_sk_add_n_check(&sum, &sum, &part);
    }
    bls_weighting_free(&w);
    out->scalar = sum;
    return nonzero ? 0 : DSPV_EFAULT;
}

static bool fr_is_zero(const blst_fr *a)
{
    static const blst_fr zero;
    return memcmp(a, &zero, sizeof(zero)) == 0;
}

/* coefficient i = (product of all ids) / (id_i * product over j != i of (id_j - id_i)); false for a repeated id. */
static bool lagrange_coefficient(blst_scalar *out, const blst_fr *ids, size_t n, size_t i, const blst_fr *product)
{
    blst_fr divisor = ids[i], difference;
    for (size_t j = 0; j < n; j++) {
        if (j != i) {
            blst_fr_sub(&difference, &ids[j], &ids[i]);
            blst_fr_mul(&divisor, &divisor, &difference);
        }
    }
    if (fr_is_zero(&divisor))
        return false;
    blst_fr_inverse(&divisor, &divisor);
    blst_fr_mul(&divisor, &divisor, product);
    blst_scalar_from_fr(out, &divisor);
    return true;
}

/* `ids` is room for n numbers. */
static bool lagrange_coefficients(blst_scalar *out, blst_fr *ids, const uint8_t (*bytes)[32], size_t n)
{
    blst_fr product;
    for (size_t i = 0; i < n; i++) {
        blst_scalar id;
        if (!blst_scalar_from_be_bytes(&id, bytes[i], 32))
            return false;
        blst_fr_from_scalar(&ids[i], &id);
        if (i == 0)
            product = ids[0];
        else
            blst_fr_mul(&product, &product, &ids[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (!lagrange_coefficient(&out[i], ids, n, i, &product))
            return false;
    }
    return true;
}

int bls_threshold_recover(bls_sig *out, const uint8_t (*ids)[32], const bls_sig *shares, size_t n)
{
    if (n == 0)
        return DSPV_EMISUSE;
    blst_fr *numbers = mem_alloc_array(n, sizeof(*numbers));
    blst_scalar *weights = mem_alloc_array(n, sizeof(*weights));
    const blst_p2_affine **points = mem_alloc_array(n, sizeof(*points));
    int result;
    if (!numbers || !weights || !points) {
        result = DSPV_ENOMEM;
    } else if (!lagrange_coefficients(weights, numbers, ids, n)) {
        result = DSPV_EFAULT;
    } else {
        for (size_t i = 0; i < n; i++)
            points[i] = &shares[i].point;
        result = sig_sum_weighted(out, points, weights, n);
    }
    mem_free(numbers);
    mem_free(weights);
    mem_free(points);
    return result;
}
