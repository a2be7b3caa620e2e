/* Secure aggregation (bls.md 5, quorums.md 6.5; Dash Core src/dashbls/src/schemes.cpp): each key gets a weight that depends on
 * all keys, so that nobody can choose a key that cancels others. The scheme matters only through the keys' encoding. */
#include "crypto/bls_internal.h"

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

int bls_key_aggregate_weighted(bls_key *out, const bls_key *const *keys, size_t n, enum bls_scheme scheme)
{
    struct bls_weighting w;
    int result = bls_weighting_init(&w, keys, n, scheme);
    if (result)
        return result;
    const blst_p1_affine **points = mem_alloc_array(n, sizeof(*points));
    limb_t *scratch = mem_alloc(blst_p1s_mult_pippenger_scratch_sizeof(n));
    if (points && scratch) {
        for (size_t i = 0; i < n; i++)
            points[i] = &keys[w.order[i]]->point;
        const byte *const scalars[2] = {w.weights[0].b, NULL};
        blst_p1 sum;
        blst_p1s_mult_pippenger(&sum, points, n, scalars, BLS_SCALAR_BITS, scratch);
        if (blst_p1_is_inf(&sum))
            result = DSPV_EFAULT;
        else
            blst_p1_to_affine(&out->point, &sum);
    } else {
        result = DSPV_ENOMEM;
    }
    mem_free(points);
    mem_free(scratch);
    bls_weighting_free(&w);
    return result;
}
