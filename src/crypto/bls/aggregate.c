/* Secure aggregation (bls.md 5, quorums.md 6.5; Dash Core src/dashbls/src/schemes.cpp): each key gets a weight that depends on
 * all keys, so that nobody can choose a key that cancels others. The scheme matters only through the keys' encoding. */
#include "crypto/bls/internal.h"

#include <stdlib.h>

#include "base/endian.h"
#include "base/mem.h"
#include "crypto/sha256.h"

struct encoded_key {
    uint8_t bytes[48];
    size_t index;
};

/* Equal keys keep the caller's order: no result may depend on the sort's taste. */
static int encoded_key_cmp(const void *a, const void *b)
{
    const struct encoded_key *x = a, *y = b;
    int c = memcmp(x->bytes, y->bytes, 48);
    return c ? c : (x->index > y->index) - (x->index < y->index);
}

/* weight i = SHA-256(BE32(i) | SHA-256(all encodings)) mod r */
static void fill_weights(blst_scalar *weights, const uint8_t *encodings, size_t n)
{
    uint8_t in[36], out[32];
    sha256(in + 4, encodings, 48 * n);
    for (size_t i = 0; i < n; i++) {
        store_be32(in, (uint32_t)i);
        sha256(out, in, sizeof(in));
        blst_scalar_from_be_bytes(&weights[i], out, 32); /* reduces mod r */
    }
}

int bls_weighting_init(struct bls_weighting *w, const bls_key *const *keys, size_t n, enum bls_scheme scheme)
{
    if (n == 0 || n > UINT32_MAX)
        return DSPV_EMISUSE;
    for (size_t i = 0; i < n; i++) {
        if (blst_p1_affine_is_inf(&keys[i]->point))
            return DSPV_EMISUSE;
    }
    struct encoded_key *sorted = mem_alloc_array(n, sizeof(*sorted));
    uint8_t *joined = mem_alloc_array(n, 48);
    w->order = mem_alloc_array(n, sizeof(*w->order));
    w->weights = mem_alloc_array(n, sizeof(*w->weights));
    int result = sorted && joined && w->order && w->weights ? 0 : DSPV_ENOMEM;
    if (result == 0) {
        for (size_t i = 0; i < n; i++) {
            bls_key_encode(sorted[i].bytes, keys[i], scheme);
            sorted[i].index = i;
        }
        qsort(sorted, n, sizeof(*sorted), encoded_key_cmp);
        for (size_t i = 0; i < n; i++) {
            memcpy(joined + 48 * i, sorted[i].bytes, 48);
            w->order[i] = sorted[i].index;
        }
        fill_weights(w->weights, joined, n);
    } else {
        bls_weighting_free(w);
    }
    mem_free(sorted);
    mem_free(joined);
    return result;
}

void bls_weighting_free(struct bls_weighting *w)
{
    mem_free(w->order);
    mem_free(w->weights);
    *w = (struct bls_weighting){0};
}

/* ---- many */

/* Room for the weighted points of all sums. */
struct terms {
    struct bls_weighted_sum *sums;
    const blst_p1_affine **points;
    struct bls_weight *weights;
    size_t n_sums, n;
};

static void terms_free(struct terms *t)
{
    mem_free(t->sums);
    mem_free(t->points);
    mem_free(t->weights);
}

static int terms_init(struct terms *t, const struct bls_aggregate *aggregates, size_t n)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += aggregates[i].n;
    *t = (struct terms){0};
    t->sums = mem_alloc_array(n, sizeof(*t->sums));
    t->points = mem_alloc_array(total, sizeof(*t->points));
    t->weights = mem_alloc_array(total, sizeof(*t->weights));
    if (t->sums && t->points && t->weights)
        return 0;
    terms_free(t);
    return DSPV_ENOMEM;
}

/* The result is DSPV_EMISUSE, or 0 and the aggregate is the next sum. */
static int terms_add(struct terms *t, const struct bls_aggregate *a)
{
    struct bls_weighting w;
    int result = bls_weighting_init(&w, a->keys, a->n, a->scheme);
    if (result != 0)
        return result;
    t->sums[t->n_sums++] = (struct bls_weighted_sum){.points = t->points + t->n, .weights = t->weights + t->n, .n = a->n};
    for (size_t i = 0; i < a->n; i++, t->n++) {
        t->points[t->n] = &a->keys[w.order[i]]->point;
        t->weights[t->n] = bls_weight_of(&w.weights[i]);
    }
    bls_weighting_free(&w);
    return 0;
}

int bls_keys_aggregate_weighted(struct bls_aggregate *aggregates, size_t n)
{
    struct terms t;
    if (terms_init(&t, aggregates, n) != 0)
        return DSPV_ENOMEM;
    int error = 0;
    for (size_t i = 0; error == 0 && i < n; i++) {
        aggregates[i].result = terms_add(&t, &aggregates[i]);
        error = aggregates[i].result == DSPV_ENOMEM ? DSPV_ENOMEM : 0;
    }
    if (error == 0)
        error = bls_weighted_sums(bls_lanes_best(), t.sums, t.n_sums, BLS_WEIGHT_BITS);
    const struct bls_weighted_sum *sum = t.sums;
    for (size_t i = 0; error == 0 && i < n; i++) {
        if (aggregates[i].result != 0)
            continue;
        if (blst_p1_is_inf(&sum->sum))
            aggregates[i].result = DSPV_EFAULT;
        else
            blst_p1_to_affine(&aggregates[i].sum.point, &sum->sum);
        sum++;
    }
    terms_free(&t);
    return error;
}

int bls_key_aggregate_weighted(bls_key *out, const bls_key *const *keys, size_t n, enum bls_scheme scheme)
{
    struct bls_aggregate a = {.keys = keys, .n = n, .scheme = scheme};
    int result = bls_keys_aggregate_weighted(&a, 1);
    if (result == 0)
        result = a.result;
    if (result == 0)
        *out = a.sum;
    return result;
}
