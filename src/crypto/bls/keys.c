/* Many keys decoded at once: square roots in lanes, and one test of all for the subgroup (sums.h), which finds a point outside
 * of it as surely as a batch of signatures finds a wrong one. Where it finds one, each key is tested by itself. */
#include "crypto/bls/internal.h"

#include <blst_aux.h>

#include "base/mem.h"

enum { CHUNK = 2048, FEWEST_TOGETHER = 64, FLAGS = 0xe0, COMPRESSED = 0x80, LARGER = 0x20 };

static const uint8_t P[48] = {
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
    0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
    0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab,
};

/* Keys under way; `index` says which of the chunk's. */
struct decoding {
    size_t n;
    size_t *index;
    bool *larger;
    blst_fp *x, *yy, *y;
    const blst_p1_affine **points;
};

/* A chunk in one block. */
static uint8_t *decoding_init(struct decoding *d, size_t n)
{
    const size_t each = sizeof(*d->index) + sizeof(*d->points) + 3 * sizeof(blst_fp) + sizeof(*d->larger);
    uint8_t *block = mem_alloc_array(n, each);
    if (!block)
        return NULL;
    d->n = 0;
    d->x = (blst_fp *)(void *)block; /* the strictest alignment first */
    d->yy = d->x + n;
    d->y = d->yy + n;
    d->index = (size_t *)(void *)(d->y + n);
    d->points = (const blst_p1_affine **)(void *)(d->index + n);
    d->larger = (bool *)(d->points + n);
    return block;
}

/* The number of the encoding, unless the encoding is not one of a point. x = 0 is on the curve, but not in the subgroup. */
static void take(struct decoding *d, size_t index, const struct bls_encoded_key *key)
{
    uint8_t basic[48];
    static const uint8_t zero[48];
    memcpy(basic, key->bytes, sizeof(basic));
    if (key->scheme == BLS_LEGACY && !bls_key_to_basic(basic, key->bytes))
        return;
    const uint8_t flags = basic[0] & FLAGS;
    basic[0] &= (uint8_t)~FLAGS;
    if ((flags & ~LARGER) != COMPRESSED || memcmp(basic, P, sizeof(P)) >= 0 || memcmp(basic, zero, sizeof(zero)) == 0)
        return;
    const size_t i = d->n++;
    d->index[i] = index;
    d->larger[i] = flags & LARGER;
    blst_fp b;
    blst_fp_from_uint64(&b, (const uint64_t[6]){4});
    blst_fp_from_bendian(&d->x[i], basic);
    blst_fp_sqr(&d->yy[i], &d->x[i]);
    blst_fp_mul(&d->yy[i], &d->yy[i], &d->x[i]);
    blst_fp_add(&d->yy[i], &d->yy[i], &b);
}

/* Those that are on the curve stay. */
static void solve(struct decoding *d, const struct bls_lanes *lanes, bls_key *out, bool *ok)
{
    size_t kept = 0;
    lanes->roots(d->y, d->yy, d->n);
    for (size_t i = 0; i < d->n; i++) {
        bls_key *key = &out[d->index[i]];
        blst_fp square;
        blst_fp_sqr(&square, &d->y[i]);
        if (memcmp(&square, &d->yy[i], sizeof(square)) != 0)
            continue;
        key->point.x = d->x[i];
        blst_fp_cneg(&key->point.y, &d->y[i], bls_fp_is_larger(&d->y[i]) != d->larger[i]);
        ok[d->index[i]] = true;
        d->index[kept] = d->index[i];
        d->points[kept++] = &key->point;
    }
    d->n = kept;
}

static int test(struct decoding *d, const struct bls_lanes *lanes, bool *ok, struct rng *rng)
{
    bool all = false;
    if (rng && d->n >= FEWEST_TOGETHER && bls_points_in_group(lanes, d->points, d->n, rng, &all) != 0)
        return DSPV_ENOMEM;
    for (size_t i = 0; !all && i < d->n; i++)
        ok[d->index[i]] = blst_p1_affine_in_g1(d->points[i]);
    return 0;
}

int bls_level_keys_decode(const struct bls_lanes *lanes, bls_key *out, bool *ok, const struct bls_encoded_key *in, size_t n,
                          struct rng *rng)
{
    struct decoding d;
    int error = 0;
    uint8_t *block = decoding_init(&d, n < CHUNK ? n : CHUNK);
    if (!block)
        return DSPV_ENOMEM;
    for (size_t done = 0; error == 0 && done < n; done += CHUNK) {
        d.n = 0;
        for (size_t i = done; i < n && i < done + CHUNK; i++) {
            ok[i] = false;
            take(&d, i, &in[i]);
        }
        solve(&d, lanes, out, ok);
        error = test(&d, lanes, ok, rng);
    }
    mem_free(block);
    return error;
}

int bls_keys_decode(bls_key *out, bool *ok, const struct bls_encoded_key *in, size_t n, struct rng *rng)
{
    return bls_level_keys_decode(bls_lanes_best(), out, ok, in, n, rng);
}
