/* At most a few hundred quorums: a set is a plain sorted array, copied per block, whose commitments are shared. */
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

/* Mark the deleted ones of `base`. */
static int mark_deleted(const struct quorumset *base, const struct mnlistdiff *d, bool *gone, dspv_fault *fault)
{
    for (uint32_t i = 0; i < d->n_deleted_quorums; i++) {
        const struct quorum_ref *ref = &d->deleted_quorums[i];
        bool found;
        uint32_t at = locate(base, ref->type, &ref->hash, &found);
        if (!found || gone[at]) {
            *fault = fault_quorum(DSPV_DELETED_QUORUM_NOT_PRESENT, ref->type, ref->hash.b, -1);
            return DSPV_EFAULT;
        }
        gone[at] = true;
    }
    return 0;
}

static int add_new(struct quorumset *s, const struct mnlistdiff *d, dspv_fault *fault)
{
    for (uint32_t i = 0; i < d->n_new_quorums; i++) {
        const struct commitment *c = &d->new_quorums[i];
        if (commitment_is_null(c)) {
            *fault = fault_quorum(DSPV_QUORUM_NULL, c->type, c->hash.b, -1);
            return DSPV_EFAULT;
        }
        if (!(s->items[s->n] = quorum_new(c)))
            return DSPV_ENOMEM;
        s->n++;
    }
    qsort(s->items, s->n, sizeof(s->items[0]), quorum_order);
    for (uint32_t i = 1; i < s->n; i++)
        if (quorum_order(&s->items[i - 1], &s->items[i]) == 0) {
            *fault = fault_quorum(DSPV_DUPLICATE_QUORUM, s->items[i]->c.type, s->items[i]->c.hash.b, -1);
            return DSPV_EFAULT;
        }
    return 0;
}

int quorumset_apply(struct quorumset *base, const struct mnlistdiff *d, struct quorumset **out, dspv_fault *fault)
{
    size_t n_base = base ? base->n : 0;
    bool *gone = mem_zalloc(n_base);
    struct quorumset *s = mem_alloc(sizeof(*s) + (n_base + d->n_new_quorums) * sizeof(s->items[0]));
    int error = gone && s ? 0 : DSPV_ENOMEM;
    if (s)
        *s = (struct quorumset){.refs = 1};
    if (error == 0)
        error = mark_deleted(base, d, gone, fault);
    for (size_t i = 0; error == 0 && i < n_base; i++)
        if (!gone[i])
            s->items[s->n++] = quorum_ref(base->items[i]);
    if (error == 0)
        error = add_new(s, d, fault);
    mem_free(gone);
    if (error != 0)
        quorumset_unref(s);
    else
        *out = s;
    return error;
}

static int leaf_order(const void *a, const void *b)
{
    return hash256_cmp(a, b);
}

int quorumset_root(const struct quorumset *s, hash256 *out)
{
    hash256 *leaves = mem_alloc_array(s->n, sizeof(*leaves));
    if (!leaves)
        return DSPV_ENOMEM;
    for (uint32_t i = 0; i < s->n; i++)
        leaves[i] = s->items[i]->leaf;
    qsort(leaves, s->n, sizeof(*leaves), leaf_order);
    bool mutated;
    *out = merkle_root(leaves, s->n, &mutated);
    mem_free(leaves);
    return mutated ? DSPV_EFAULT : 0;
}
