/* See mnchanges.h. Nothing here looks at all masternodes of a list, unless two lists are compared. */
#include "evo/mnchanges.h"

#include <stdlib.h>

#include "base/fault.h"

static int change_order(const void *a, const void *b)
{
    const struct mntree_change *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return protx_hash_cmp(x->protx, y->protx);
}

/* ---- reading a diff */

static void put(struct mntree_change *to, size_t *places, unsigned shift, const protx_hash *protx, const struct mnentry *entry)
{
    const uint64_t key = mntree_key(protx);
    to[places[key >> shift]++] = (struct mntree_change){.key = key, .protx = protx, .entry = entry};
}

/* All changes in order. They are hashes: dealt by their first bits they are almost sorted. Where somebody chose them so that they
 * are not, qsort() has the more to do. */
static int sorted(struct mnchanges *c, const struct mnlistdiff *d)
{
    const size_t n = (size_t)d->n_deleted + d->n_entries;
    unsigned bits = 1;
    while (bits < 16 && (size_t)1 << bits < n)
        bits++;
    const unsigned shift = 64 - bits;
    const size_t buckets = (size_t)1 << bits;
    size_t *ends = arena_alloc_array(&c->arena, buckets + 1, sizeof(*ends));
    c->items = arena_alloc_array(&c->arena, n, sizeof(*c->items));
    if (!ends || !c->items)
        return DSPV_ENOMEM;
    memset(ends, 0, (buckets + 1) * sizeof(*ends));
    for (uint32_t i = 0; i < d->n_deleted; i++)
        ends[(mntree_key(&d->deleted[i]) >> shift) + 1]++;
    for (uint32_t i = 0; i < d->n_entries; i++)
        ends[(mntree_key(&d->entries[i].protx) >> shift) + 1]++;
    for (size_t i = 0; i < buckets; i++)
        ends[i + 1] += ends[i];
    for (uint32_t i = 0; i < d->n_deleted; i++)
        put(c->items, ends, shift, &d->deleted[i], NULL);
    for (uint32_t i = 0; i < d->n_entries; i++)
        put(c->items, ends, shift, &d->entries[i].protx, &d->entries[i]);
    for (size_t i = 0, from = 0; i < buckets; from = ends[i++])
        if (ends[i] - from > 1)
            qsort(c->items + from, ends[i] - from, sizeof(*c->items), change_order);
    c->n = n;
    return 0;
}

int mnchanges_read(struct mnchanges *c, const struct mntree *base, const struct mnlistdiff *d, dspv_fault *fault)
{
    *c = (struct mnchanges){.n = 0};
    arena_init(&c->arena, 0);
    if (sorted(c, d) != 0)
        return DSPV_ENOMEM;
    for (size_t i = 1; i < c->n; i++)
        if (change_order(&c->items[i - 1], &c->items[i]) == 0) {
            *fault = fault_about(DSPV_DUPLICATE_ENTRY, c->items[i].protx->b, -1);
            return DSPV_EFAULT;
        }
    size_t kept = 0;
    for (size_t i = 0; i < c->n; i++) {
        struct mntree_change now = c->items[i];
        now.old = mntree_find(base, now.protx);
        if (!now.entry && !now.old) {
            *fault = fault_about(DSPV_DELETED_NOT_PRESENT, now.protx->b, -1);
            return DSPV_EFAULT;
        }
        if (!now.old || !now.entry || !masternode_is(now.old, now.entry))
            c->items[kept++] = now;
    }
    c->n = kept;
    return 0;
}

/* ---- comparing with another tree */

/* What leads from `like` to `base`, where both differ. */
static size_t differences(const struct mntree *base, const struct mntree *like, struct mntree_change *out)
{
    struct mntree_walk in_base, in_like;
    mntree_seek(base, 0, &in_base);
    mntree_seek(like, 0, &in_like);
    struct masternode *m = mntree_next(&in_base), *k = mntree_next(&in_like);
    size_t n = 0;
    while (m || k) {
        const int order = m == k ? 0 : !m ? 1 : !k ? -1 : protx_hash_cmp(&m->entry.protx, &k->entry.protx);
        if (m != k) {
            const protx_hash *protx = order <= 0 ? &m->entry.protx : &k->entry.protx;
            out[n++] = (struct mntree_change){
                .key = mntree_key(protx), .protx = protx, .old = order >= 0 ? k : NULL, .mn = order <= 0 ? m : NULL};
        }
        if (order <= 0)
            m = mntree_next(&in_base);
        if (order >= 0)
            k = mntree_next(&in_like);
    }
    return n;
}

/* It is there before and after, or not at all. */
static bool is_no_change(const struct mntree_change *c)
{
    if (c->old && c->mn)
        return c->old == c->mn || masternode_eq(c->old, c->mn);
    return !c->old && !c->mn && !c->entry;
}

/* The changes from `base`, and those from `like` to `base`: what both do together, into `out`. Which of an entry's changes `like`
 * knows, is noted in both. */
static size_t combine(struct mnchanges *c, const struct mntree_change *between, size_t n, struct mntree_change *out)
{
    size_t made = 0;
    for (size_t i = 0, k = 0; i < n || k < c->n;) {
        const int order = i == n ? 1 : k == c->n ? -1 : change_order(&between[i], &c->items[k]);
        struct mntree_change now = order < 0 ? between[i] : c->items[k];
        if (order >= 0) {
            now.old = order == 0 ? between[i].old : now.old;
            if (now.entry && now.old && masternode_is(now.old, now.entry))
                c->items[k].mn = now.mn = now.old;
        }
        if (!is_no_change(&now))
            out[made++] = now;
        i += order <= 0;
        k += order >= 0;
    }
    return made;
}

int mnchanges_compare(struct mnchanges *c, const struct mntree *base, const struct mntree *like, bool *from_like)
{
    const size_t most = mntree_count(base) + mntree_count(like);
    struct mntree_change *between = arena_alloc_array(&c->arena, most, sizeof(*between));
    struct mntree_change *all = arena_alloc_array(&c->arena, most + c->n, sizeof(*all));
    if (!between || !all)
        return DSPV_ENOMEM;
    const size_t n = combine(c, between, differences(base, like, between), all);
    *from_like = n < c->n;
    if (*from_like) {
        c->items = all;
        c->n = n;
    }
    return 0;
}

/* ---- new masternodes */

int mnchanges_make(struct mnchanges *c)
{
    const struct mnentry **entries = arena_alloc_array(&c->arena, c->n, sizeof(*entries));
    struct masternode **made = arena_alloc_array(&c->arena, c->n, sizeof(*made));
    size_t n = 0;
    if (!entries || !made)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].entry && !c->items[i].mn)
            entries[n++] = c->items[i].entry;
    int error = masternode_new_many(entries, n, made);
    if (error != 0)
        return error;
    for (size_t i = 0, next = 0; next < n; i++)
        if (c->items[i].entry && !c->items[i].mn)
            c->items[i].mn = made[next++];
    c->made = made;
    c->n_made = n;
    return 0;
}

void mnchanges_free(struct mnchanges *c)
{
    for (size_t i = 0; i < c->n_made; i++)
        masternode_unref(c->made[i]);
    arena_free(&c->arena);
}
