/* Many signatures in one pairing product (bls.md 5): product of e(r_i*key_i, H(m_i)) times e(-G1, sum of r_i*sig_i) = 1, with
 * weights r_i that nobody could foresee. They are odd, so never zero, and below 2^64 < r, so that r_i*key_i is never infinity:
 * blst 0.3.12 loses a whole bulk conversion, and the Miller loop its result, over one infinity (bls.md 8).
 *
 * When a batch fails it is halved until single items remain. The product of a range divided by that of its left half is that of
 * its right half, so each step computes one half only, and weighted keys and hashes are computed once for all steps. */
#include "crypto/bls.h"

#include "base/mem.h"

enum { WEIGHT_BITS = 64, WEIGHT_BYTES = 8 };

struct batch {
    size_t n;
    blst_p1_affine *keys; /* r_i * key_i */
    blst_p2_affine *hashes;
    const blst_p2_affine **sigs;
    uint8_t *weights; /* 8 bytes each, little-endian; one spare byte, which blst's window code reads and masks out */
    limb_t *scratch;
};

static void batch_free(struct batch *b)
{
    mem_free(b->keys);
    mem_free(b->hashes);
    mem_free(b->sigs);
    mem_free(b->weights);
    mem_free(b->scratch);
}

static bool item_is_set(const struct bls_item *item)
{
    return !blst_p1_affine_is_inf(&item->key.point) && !blst_p2_affine_is_inf(&item->sig.point);
}

/* Fill everything; `weighted` is room for n points. An unset item is replaced by the two generators: nobody knows a message
 * that hashes to the generator of G2, so the item fails as it should. */
static void batch_fill(struct batch *b, const struct bls_item *items, blst_p1 *weighted)
{
    for (size_t i = 0; i < b->n; i++) {
        bool set = item_is_set(&items[i]);
        b->weights[WEIGHT_BYTES * i] |= 1;
        blst_p1_from_affine(&weighted[i], set ? &items[i].key.point : &BLS12_381_G1);
        blst_p1_mult(&weighted[i], &weighted[i], b->weights + WEIGHT_BYTES * i, WEIGHT_BITS);
        b->sigs[i] = set ? &items[i].sig.point : &BLS12_381_G2;
        bls_hash_to_g2(&b->hashes[i], items[i].msg, items[i].scheme);
    }
    const blst_p1 *const from[2] = {weighted, NULL};
    blst_p1s_to_affine(b->keys, from, b->n);
}

/* n > 0. 0 or DSPV_ENOMEM; after a failure there is nothing to free. The items must outlive the batch. */
static int batch_init(struct batch *b, const struct bls_item *items, size_t n, struct rng *rng)
{
    *b = (struct batch){.n = n};
    b->keys = mem_alloc_array(n, sizeof(*b->keys));
    b->hashes = mem_alloc_array(n, sizeof(*b->hashes));
    b->sigs = mem_alloc_array(n, sizeof(*b->sigs));
    b->weights = mem_alloc_array(n + 1, WEIGHT_BYTES);
    b->scratch = mem_alloc(blst_p2s_mult_pippenger_scratch_sizeof(n));
    blst_p1 *weighted = mem_alloc_array(n, sizeof(*weighted));
    int result = b->keys && b->hashes && b->sigs && b->weights && b->scratch && weighted ? 0 : DSPV_ENOMEM;
    if (result == 0) {
        memset(b->weights, 0, (n + 1) * WEIGHT_BYTES);
        rng_bytes(rng, b->weights, n * WEIGHT_BYTES);
        batch_fill(b, items, weighted);
    } else {
        batch_free(b);
    }
    mem_free(weighted);
    return result;
}

static void partial_empty(struct bls_partial *out)
{
    memset(out, 0, sizeof(*out)); /* the signatures' sum: infinity */
    out->product = *blst_fp12_one();
}

/* The partial of items lo .. hi-1, at least one. */
static void batch_range(struct bls_partial *out, const struct batch *b, size_t lo, size_t hi)
{
    const blst_p2_affine *const hashes[2] = {b->hashes + lo, NULL};
    const blst_p1_affine *const keys[2] = {b->keys + lo, NULL};
    const byte *const weights[2] = {b->weights + WEIGHT_BYTES * lo, NULL};
    out->items = hi - lo;
    blst_miller_loop_n(&out->product, hashes, keys, out->items);
    blst_p2s_mult_pippenger(&out->signatures, b->sigs + lo, out->items, weights, WEIGHT_BITS, b->scratch);
}

/* What remains of `whole` without `part`. The conjugate stands for the inverse: the final exponentiation makes them equal. */
static void partial_without(struct bls_partial *out, const struct bls_partial *whole, const struct bls_partial *part)
{
    blst_fp12 inverse = part->product;
    blst_p2 negative = part->signatures;
    blst_fp12_conjugate(&inverse);
    blst_p2_cneg(&negative, true);
    blst_fp12_mul(&out->product, &whole->product, &inverse);
    blst_p2_add_or_double(&out->signatures, &whole->signatures, &negative);
    out->items = whole->items - part->items;
}

static void mark(bool *ok, size_t lo, size_t hi, bool verdict)
{
    for (size_t i = lo; i < hi; i++)
        ok[i] = verdict;
}

/* Judge the items lo .. hi-1, whose partial is known to fail. Depth: log2 of the number of items. */
static void find_culprits(const struct batch *b, size_t lo, size_t hi, const struct bls_partial *failing, bool *ok)
{
    if (hi - lo == 1) {
        ok[lo] = false;
        return;
    }
    size_t middle = lo + (hi - lo) / 2;
    struct bls_partial left, right;
    batch_range(&left, b, lo, middle);
    partial_without(&right, failing, &left);
    bool left_good = bls_batch_finish(&left, 1);
    if (left_good)
        mark(ok, lo, middle, true);
    else
        find_culprits(b, lo, middle, &left, ok);
    if (!left_good && bls_batch_finish(&right, 1))
        mark(ok, middle, hi, true);
    else
        find_culprits(b, middle, hi, &right, ok);
}

int bls_batch_slice(struct bls_partial *out, const struct bls_item *items, size_t n, struct rng *rng)
{
    if (n == 0) {
        partial_empty(out);
        return 0;
    }
    struct batch b;
    int result = batch_init(&b, items, n, rng);
    if (result)
        return result;
    batch_range(out, &b, 0, n);
    batch_free(&b);
    return 0;
}

bool bls_batch_finish(const struct bls_partial *partials, size_t n)
{
    struct bls_partial all;
    partial_empty(&all);
    for (size_t i = 0; i < n; i++) {
        blst_fp12_mul(&all.product, &all.product, &partials[i].product);
        blst_p2_add_or_double(&all.signatures, &all.signatures, &partials[i].signatures);
    }
    if (!blst_p2_is_inf(&all.signatures)) {
        blst_p2_affine sum;
        blst_fp12 pair;
        blst_p2_to_affine(&sum, &all.signatures);
        blst_miller_loop(&pair, &sum, &BLS12_381_NEG_G1);
        blst_fp12_mul(&all.product, &all.product, &pair);
    }
    blst_final_exp(&all.product, &all.product);
    return blst_fp12_is_one(&all.product);
}

int bls_batch_verify(const struct bls_item *items, size_t n, struct rng *rng, bool *ok)
{
    if (n == 0)
        return 0;
    struct batch b;
    int result = batch_init(&b, items, n, rng);
    if (result)
        return result;
    struct bls_partial all;
    batch_range(&all, &b, 0, n);
    if (bls_batch_finish(&all, 1))
        mark(ok, 0, n, true);
    else
        find_culprits(&b, 0, n, &all, ok);
    batch_free(&b);
    return 0;
}
