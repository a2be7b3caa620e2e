/* Many signatures in one pairing product (bls.md 5): the product over all items of e(key, H(message)) to the power r, times
 * e(-G1, the sum of r times signature), is 1. Nobody could foresee the weights: r = a + b*X^2 for the curve parameter X, with
 * random a, b below 2^32 and a odd. All 2^63 of them differ mod the group's order, so a batch with a wrong item passes with a chance
 * of at most 2^-63 (given the weights of the others, one value of its own lets it pass), and none is zero. X^2 times a point costs
 * a multiplication, so such a weight needs half the doublings of a number of 64 bits.
 *
 * Successive items with the same message, as the two signatures of a commitment are, share one hash and one Miller loop, for
 * e(r*key, H) e(s*other, H) = e(r*key + s*other, H). Such items are a group.
 *
 * When a batch fails it is halved until single groups remain, whose items are judged one by one. The product of a range divided by
 * that of its left half is that of its right half, so each step computes one half only. Each half that is tested may pass wrongly by
 * the same chance; there are fewer than two for each group. Where many items turn out to be wrong, halving is given up: one by one is
 * cheaper then. */
#include "crypto/bls/internal.h"

#include "base/endian.h"
#include "base/mem.h"

enum { WEIGHT_BITS = 32, WEIGHT_BYTES = WEIGHT_BITS / 8 };

struct batch {
    const struct bls_item *items;
    size_t n, groups;
    size_t *first;         /* of each group, and the end */
    blst_p1_affine *keys;  /* of each group: the sum of r*key */
    blst_p2_affine *hashes;
    blst_p2_affine *sigs;  /* of each item: the signature, and X^2 times it */
    uint8_t *weights;      /* of each of those, little-endian; spare bytes, which blst's window code reads and masks out */
    limb_t *scratch;
};

static void batch_free(struct batch *b)
{
    mem_free(b->first);
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

/* An unset item is replaced by the two generators: nobody knows a message that hashes to the generator of G2, so the item fails as
 * it should. */
static const blst_p1_affine *key_of(const struct bls_item *item)
{
    return item_is_set(item) ? &item->key.point : &BLS12_381_G1;
}
static const blst_p2_affine *sig_of(const struct bls_item *item)
{
    return item_is_set(item) ? &item->sig.point : &BLS12_381_G2;
}

static bool same_message(const struct bls_item *a, const struct bls_item *b)
{
    return a->scheme == b->scheme && memcmp(a->msg, b->msg, sizeof(a->msg)) == 0;
}

/* X^2 times a point of G2: psi twice, which is (zeta * x, -y). */
static void turn_sig(blst_p2_affine *out, const blst_p2_affine *sig)
{
    static const uint8_t ZETA[48] = {
        0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x99, 0xec, 0x02, 0x40, 0x86, 0x63, 0xd4, 0xde, 0x85,
        0xaa, 0x0d, 0x85, 0x7d, 0x89, 0x75, 0x9a, 0xd4, 0x89, 0x7d, 0x29, 0x65, 0x0f, 0xb8, 0x5f, 0x9b,
        0x40, 0x94, 0x27, 0xeb, 0x4f, 0x49, 0xff, 0xfd, 0x8b, 0xfd, 0x00, 0x00, 0x00, 0x00, 0xaa, 0xac,
    };
    blst_fp zeta;
    blst_fp_from_bendian(&zeta, ZETA);
    blst_fp_mul(&out->x.fp[0], &sig->x.fp[0], &zeta);
    blst_fp_mul(&out->x.fp[1], &sig->x.fp[1], &zeta);
    blst_fp2_cneg(&out->y, &sig->y, true);
}

static uint64_t weight_at(const struct batch *b, size_t half)
{
    return load_le32(b->weights + WEIGHT_BYTES * half);
}

/* ---- preparing */

static void fill_items(struct batch *b, struct rng *rng)
{
    memset(b->weights, 0, (2 * b->n + 2) * WEIGHT_BYTES);
    rng_bytes(rng, b->weights, 2 * b->n * WEIGHT_BYTES);
    b->groups = 0;
    for (size_t i = 0; i < b->n; i++) {
        b->weights[2 * WEIGHT_BYTES * i] |= 1;
        b->sigs[2 * i] = *sig_of(&b->items[i]);
        turn_sig(&b->sigs[2 * i + 1], &b->sigs[2 * i]);
        if (i == 0 || !same_message(&b->items[i - 1], &b->items[i]))
            b->first[b->groups++] = i;
    }
    b->first[b->groups] = b->n;
}

/* The sums of r*key; *infinite tells that one is infinity, for which there is no Miller loop. Then b->keys is not filled. */
static int sum_keys(struct batch *b, bool *infinite)
{
    struct bls_weighted_sum *sums = mem_alloc_array(b->groups, sizeof(*sums));
    const blst_p1_affine **points = mem_alloc_array(b->n, sizeof(*points));
    const blst_p1 **from = mem_alloc_array(b->groups, sizeof(*from));
    struct bls_weight *weights = mem_alloc_array(b->n, sizeof(*weights));
    int error = sums && points && weights && from ? 0 : DSPV_ENOMEM;
    for (size_t i = 0; error == 0 && i < b->n; i++) {
        points[i] = key_of(&b->items[i]);
        weights[i] = (struct bls_weight){{weight_at(b, 2 * i)}, {weight_at(b, 2 * i + 1)}};
    }
    for (size_t g = 0; error == 0 && g < b->groups; g++)
        sums[g] = (struct bls_weighted_sum){points + b->first[g], weights + b->first[g], b->first[g + 1] - b->first[g]};
    if (error == 0)
        error = bls_weighted_sums(bls_lanes_best(), sums, b->groups, WEIGHT_BITS);
    *infinite = false;
    for (size_t g = 0; error == 0 && g < b->groups; g++) {
        from[g] = &sums[g].sum;
        *infinite |= blst_p1_is_inf(from[g]);
    }
    if (error == 0 && !*infinite)
        blst_p1s_to_affine(b->keys, from, b->groups);
    mem_free(sums);
    mem_free(points);
    mem_free(from);
    mem_free(weights);
    return error;
}

/* Groups of one item have no infinite sum. */
static int fill_keys(struct batch *b)
{
    bool infinite;
    int error = sum_keys(b, &infinite);
    if (error != 0 || !infinite)
        return error;
    for (size_t i = 0; i <= b->n; i++)
        b->first[i] = i;
    b->groups = b->n;
    return sum_keys(b, &infinite);
}

/* n > 0. 0 or DSPV_ENOMEM; after a failure there is nothing to free. The items must outlive the batch. */
static int batch_init(struct batch *b, const struct bls_item *items, size_t n, struct rng *rng)
{
    const struct rng before = *rng;
    *b = (struct batch){.items = items, .n = n};
    b->first = mem_alloc_array(n + 1, sizeof(*b->first));
    b->keys = mem_alloc_array(n, sizeof(*b->keys));
    b->hashes = mem_alloc_array(n, sizeof(*b->hashes));
    b->sigs = mem_alloc_array(n, 2 * sizeof(*b->sigs));
    b->weights = mem_alloc_array(n + 1, 2 * WEIGHT_BYTES);
    b->scratch = mem_alloc(blst_p2s_mult_pippenger_scratch_sizeof(2 * n));
    int error = b->first && b->keys && b->hashes && b->sigs && b->weights && b->scratch ? 0 : DSPV_ENOMEM;
    if (error == 0) {
        fill_items(b, rng);
        error = fill_keys(b);
    }
    for (size_t g = 0; error == 0 && g < b->groups; g++)
        bls_hash_to_g2(&b->hashes[g], items[b->first[g]].msg, items[b->first[g]].scheme);
    if (error != 0) {
        *rng = before;
        batch_free(b);
    }
    return error;
}

/* ---- partial products */

static void partial_empty(struct bls_partial *out)
{
    memset(out, 0, sizeof(*out)); /* the signatures' sum: infinity */
    out->product = *blst_fp12_one();
}

/* The partial of the groups lo .. hi-1, at least one. */
static void batch_range(struct bls_partial *out, const struct batch *b, size_t lo, size_t hi)
{
    const size_t from = b->first[lo];
    const blst_p2_affine *const hashes[2] = {b->hashes + lo, NULL}, *const sigs[2] = {b->sigs + 2 * from, NULL};
    const blst_p1_affine *const keys[2] = {b->keys + lo, NULL};
    const byte *const weights[2] = {b->weights + 2 * WEIGHT_BYTES * from, NULL};
    out->items = b->first[hi] - from;
    blst_miller_loop_n(&out->product, hashes, keys, hi - lo);
    blst_p2s_mult_pippenger(&out->signatures, sigs, 2 * out->items, weights, WEIGHT_BITS, b->scratch);
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

/* ---- verdicts */

struct search {
    const struct batch *batch;
    bool *ok;
    size_t wrong; /* found so far */
};

static void mark_good(struct search *s, size_t lo, size_t hi)
{
    for (size_t i = s->batch->first[lo]; i < s->batch->first[hi]; i++)
        s->ok[i] = true;
}

static void one_by_one(struct search *s, size_t lo, size_t hi)
{
    for (size_t g = lo; g < hi; g++)
        for (size_t i = s->batch->first[g]; i < s->batch->first[g + 1]; i++) {
            const struct bls_item *item = &s->batch->items[i];
            s->ok[i] = item_is_set(item) && bls_verify_hash(&item->key, &item->sig, &s->batch->hashes[g]);
            s->wrong += !s->ok[i];
        }
}

/* So many wrong ones cost about as much to find by halving as to judge all one by one. */
static bool too_many(const struct search *s)
{
    return s->wrong > 1 + s->batch->n / 24;
}

/* Judge the groups lo .. hi-1, whose partial is known to fail. Depth: log2 of the number of groups. */
static void find_culprits(struct search *s, size_t lo, size_t hi, const struct bls_partial *failing)
{
    if (hi - lo == 1 || too_many(s)) {
        one_by_one(s, lo, hi);
        return;
    }
    size_t middle = lo + (hi - lo) / 2;
    struct bls_partial left, right;
    batch_range(&left, s->batch, lo, middle);
    partial_without(&right, failing, &left);
    bool left_good = bls_batch_finish(&left, 1);
    if (left_good)
        mark_good(s, lo, middle);
    else
        find_culprits(s, lo, middle, &left);
    if (!left_good && !too_many(s) && bls_batch_finish(&right, 1))
        mark_good(s, middle, hi);
    else
        find_culprits(s, middle, hi, &right);
}

int bls_batch_slice(struct bls_partial *out, const struct bls_item *items, size_t n, struct rng *rng)
{
    partial_empty(out);
    if (n == 0)
        return 0;
    struct batch b;
    int error = batch_init(&b, items, n, rng);
    if (error)
        return error;
    batch_range(out, &b, 0, b.groups);
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
    if (n == 1) {
        ok[0] = bls_verify(&items[0].key, &items[0].sig, items[0].msg, items[0].scheme);
        return 0;
    }
    struct batch b;
    int error = batch_init(&b, items, n, rng);
    if (error)
        return error;
    struct search s = {.batch = &b, .ok = ok};
    struct bls_partial all;
    batch_range(&all, &b, 0, b.groups);
    if (bls_batch_finish(&all, 1))
        mark_good(&s, 0, b.groups);
    else
        find_culprits(&s, 0, b.groups, &all);
    batch_free(&b);
    return 0;
}
