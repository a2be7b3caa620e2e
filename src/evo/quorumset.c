/* At most a few hundred quorums, which few blocks change: a set is two plain sorted arrays, whose commitments are shared with the
 * set before as the nodes of its merkle tree are. */
#include "evo/quorumset.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/mem.h"

struct quorum *quorum_new(const struct commitment *c)
{
    struct quorum *q = mem_alloc(sizeof(*q) + c->raw.n);
    if (!q)
        return NULL;
    q->refs = 1;
    memcpy(q->raw, c->raw.p, c->raw.n);
    struct reader r;
    reader_init(&r, q->raw, c->raw.n);
    commitment_decode(&r, &q->c); /* decoded before from the same bytes: cannot fail */
    q->leaf = commitment_leaf(&q->c);
    return q;
}

struct quorum *quorum_ref(struct quorum *q)
{
    q->refs++;
    return q;
}

void quorum_unref(struct quorum *q)
{
    if (q && --q->refs == 0)
        mem_free(q);
}

struct quorumset *quorumset_ref(struct quorumset *s)
{
    s->refs++;
    return s;
}

void quorumset_unref(struct quorumset *s)
{
    if (!s || --s->refs != 0)
        return;
    for (uint32_t i = 0; i < s->n; i++)
        quorum_unref(s->items[i]);
    merkle_tree_free(s->merkle);
    mem_free(s);
}

static int compare(uint8_t type_a, const quorum_hash *a, uint8_t type_b, const quorum_hash *b)
{
    return type_a != type_b ? type_a - type_b : quorum_hash_cmp(a, b);
}

/* Position of the first item not below (type, hash); *found tells whether it is that one. */
static uint32_t locate(const struct quorumset *s, uint8_t type, const quorum_hash *hash, bool *found)
{
    uint32_t low = 0, high = s ? s->n : 0;
    *found = false;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare(s->items[middle]->c.type, &s->items[middle]->c.hash, type, hash);
        if (order == 0)
            *found = true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct quorum *quorumset_find(const struct quorumset *s, uint8_t type, const quorum_hash *hash)
{
    bool found;
    uint32_t i = locate(s, type, hash, &found);
    return found ? s->items[i] : NULL;
}

static int quorum_order(const void *a, const void *b)
{
    const struct quorum *x = *(struct quorum *const *)a, *y = *(struct quorum *const *)b;
    return compare(x->c.type, &x->c.hash, y->c.type, &y->c.hash);
}

static int leaf_order(const void *a, const void *b)
{
    return hash256_cmp(&(*(struct quorum *const *)a)->leaf, &(*(struct quorum *const *)b)->leaf);
}

/* ---- applying a diff */

/* What goes and what comes, in one of the two orders. */
struct changes {
    struct quorum **gone, **fresh;
    uint32_t n_gone, n_fresh;
};

typedef int quorum_orders(const void *a, const void *b);

static void changes_sort(struct changes *c, quorum_orders *order)
{
    qsort(c->gone, c->n_gone, sizeof(*c->gone), order);
    qsort(c->fresh, c->n_fresh, sizeof(*c->fresh), order);
}

static int find_gone(struct changes *c, const struct quorumset *base, const struct mnlistdiff *d, dspv_fault *fault)
{
    for (uint32_t i = 0; i < d->n_deleted_quorums; i++) {
        const struct quorum_ref *ref = &d->deleted_quorums[i];
        struct quorum *q = quorumset_find(base, ref->type, &ref->hash);
        for (uint32_t k = 0; q && k < c->n_gone; k++)
            q = c->gone[k] == q ? NULL : q;
        if (!q) {
            *fault = fault_quorum(DSPV_DELETED_QUORUM_NOT_PRESENT, ref->type, ref->hash.b, -1);
            return DSPV_EFAULT;
        }
        c->gone[c->n_gone++] = q;
    }
    return 0;
}

static bool same_bytes(const struct quorum *q, const struct commitment *c)
{
    return q->c.raw.n == c->raw.n && memcmp(q->raw, c->raw.p, c->raw.n) == 0;
}

static int find_fresh(struct changes *c, const struct quorumset *like, const struct mnlistdiff *d, dspv_fault *fault)
{
    for (uint32_t i = 0; i < d->n_new_quorums; i++) {
        const struct commitment *new = &d->new_quorums[i];
        if (commitment_is_null(new)) {
            *fault = fault_quorum(DSPV_QUORUM_NULL, new->type, new->hash.b, -1);
            return DSPV_EFAULT;
        }
        struct quorum *q = like ? quorumset_find(like, new->type, &new->hash) : NULL;
        q = q && same_bytes(q, new) ? quorum_ref(q) : quorum_new(new);
        if (!q)
            return DSPV_ENOMEM;
        c->fresh[c->n_fresh++] = q;
    }
    return 0;
}

/* `base` after the changes, all in one order; returns how many. `moved` (NULL: of no interest) learns what is where. */
static uint32_t merge(struct quorum *const *base, uint32_t n, const struct changes *c, quorum_orders *order, struct quorum **out,
                      struct merkle_changes *moved)
{
    uint32_t made = 0;
    for (uint32_t i = 0, g = 0, f = 0; i < n || f < c->n_fresh;) {
        const bool comes = i == n || (f < c->n_fresh && order(&c->fresh[f], &base[i]) < 0);
        const bool goes = !comes && g < c->n_gone && c->gone[g] == base[i];
        if (moved && (comes || goes))
            merkle_change(moved, i, goes, comes);
        if (!goes)
            out[made++] = comes ? c->fresh[f] : base[i];
        i += !comes;
        g += goes;
        f += comes;
    }
    return made;
}

static int refuse_repeats(struct quorum **items, uint32_t n, quorum_orders *order, dspv_fault *fault)
{
    for (uint32_t i = 1; i < n; i++)
        if (order(&items[i - 1], &items[i]) == 0) {
            *fault = fault_quorum(DSPV_DUPLICATE_QUORUM, items[i]->c.type, items[i]->c.hash.b, -1);
            return DSPV_EFAULT;
        }
    return 0;
}

static void read_leaves(const void *owner, size_t from, size_t n, hash256 *out)
{
    const struct quorumset *s = owner;
    for (size_t i = 0; i < n; i++)
        out[i] = s->by_leaf[from + i]->leaf;
}

static int set_after(const struct quorumset *base, struct changes *c, struct arena *scratch, struct quorumset **out,
                     dspv_fault *fault)
{
    const uint32_t n_base = base ? base->n : 0, n = n_base - c->n_gone + c->n_fresh;
    struct merkle_changes moved = {arena_alloc_array(scratch, (size_t)c->n_gone + c->n_fresh, sizeof(*moved.ranges)), 0, 0, 0};
    struct quorumset *s = moved.ranges ? mem_alloc(sizeof(*s) + 2 * (size_t)n * sizeof(s->items[0])) : NULL;
    if (!s)
        return DSPV_ENOMEM;
    *s = (struct quorumset){.refs = 1, .by_leaf = s->items + n};
    changes_sort(c, quorum_order);
    merge(base ? base->items : NULL, n_base, c, quorum_order, s->items, NULL);
    changes_sort(c, leaf_order);
    merge(base ? base->by_leaf : NULL, n_base, c, leaf_order, s->by_leaf, &moved);
    for (; s->n < n; s->n++)
        quorum_ref(s->items[s->n]);
    int error = refuse_repeats(s->items, n, quorum_order, fault);
    if (error == 0)
        error = refuse_repeats(s->by_leaf, n, leaf_order, fault);
    const struct merkle_leaves leaves = {n, read_leaves, s};
    if (error == 0)
        error = merkle_tree_new(&s->merkle, base ? base->merkle : NULL, &leaves, &moved, scratch);
    if (error != 0)
        quorumset_unref(s);
    else
        *out = s;
    return error;
}

static bool same_items(const struct quorumset *a, const struct quorumset *b)
{
    return a->n == b->n && memcmp(a->items, b->items, a->n * sizeof(a->items[0])) == 0;
}

int quorumset_apply(struct quorumset *base, struct quorumset *like, const struct mnlistdiff *d, struct quorumset **out,
                    dspv_fault *fault)
{
    if (base && d->n_deleted_quorums == 0 && d->n_new_quorums == 0) {
        *out = quorumset_ref(base);
        return 0;
    }
    struct arena scratch;
    arena_init(&scratch, 0);
    struct changes c = {arena_alloc_array(&scratch, d->n_deleted_quorums, sizeof(*c.gone)),
                        arena_alloc_array(&scratch, d->n_new_quorums, sizeof(*c.fresh)), 0, 0};
    int error = c.gone && c.fresh ? 0 : DSPV_ENOMEM;
    if (error == 0)
        error = find_gone(&c, base, d, fault);
    if (error == 0)
        error = find_fresh(&c, like, d, fault);
    if (error == 0)
        error = set_after(base, &c, &scratch, out, fault);
    if (error == 0 && like && same_items(*out, like)) {
        quorumset_unref(*out);
        *out = quorumset_ref(like);
    }
    for (uint32_t i = 0; i < c.n_fresh; i++)
        quorum_unref(c.fresh[i]);
    arena_free(&scratch);
    return error;
}

hash256 quorumset_root(const struct quorumset *s)
{
    return merkle_tree_root(s->merkle);
}

size_t quorumset_memory(const struct quorumset *s)
{
    return sizeof(*s) + 2 * s->n * sizeof(s->items[0]) + merkle_tree_memory(s->merkle, NULL);
}
