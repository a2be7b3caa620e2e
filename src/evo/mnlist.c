/* A list is an array of chunks, a chunk an immutable sorted array of masternodes. Applying a diff copies only the chunks in
 * whose range something changes and shares the others, so a new list costs what changed plus one pointer per chunk.
 *
 * Invariants: chunks are never empty; all proTxHashes ascend across the list; `first` orders the chunks. */
#include "evo/mnlist.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/mem.h"

/* A new list is filled to CHUNK_FILL, which leaves room for insertions; a chunk that grows past CHUNK_MAX is split evenly,
 * and one that shrinks below CHUNK_SMALL swallows its right neighbour when both fit: the number of chunks stays in
 * proportion to the number of masternodes however many diffs come. */
enum { CHUNK_MAX = 64, CHUNK_FILL = 48, CHUNK_SMALL = 16 };

struct chunk {
    uint32_t refs, n;
    struct masternode *mn[CHUNK_MAX];
};

struct mnlist {
    uint32_t refs;
    size_t count, valid, evo;
    size_t n_chunks;
    struct chunk *chunks[];
};

static void chunk_unref(struct chunk *c)
{
    if (!c || --c->refs != 0)
        return;
    for (uint32_t i = 0; i < c->n; i++)
        masternode_unref(c->mn[i]);
    mem_free(c);
}

struct mnlist *mnlist_ref(struct mnlist *l)
{
    l->refs++;
    return l;
}

void mnlist_unref(struct mnlist *l)
{
    if (!l || --l->refs != 0)
        return;
    for (size_t i = 0; i < l->n_chunks; i++)
        chunk_unref(l->chunks[i]);
    mem_free(l);
}

/* ---- applying a diff: a sorted walk over the base's chunks and the diff's changes */

struct change {
    const protx_hash *protx;
    const struct mnentry *entry; /* NULL = deleted */
};

struct builder {
    struct chunk **chunks;
    size_t n, cap;
    struct chunk *open; /* being filled; not in `chunks` yet */
    uint32_t fill;      /* close the open chunk when it holds so many */
};

static int change_order(const void *a, const void *b)
{
    return protx_hash_cmp(((const struct change *)a)->protx, ((const struct change *)b)->protx);
}

/* The diff's changes in proTxHash order, no masternode twice. */
static int sort_changes(const struct mnlistdiff *d, struct change **out, size_t *n, dspv_fault *fault)
{
    size_t count = (size_t)d->n_deleted + d->n_entries;
    struct change *c = mem_alloc_array(count, sizeof(*c));
    if (!c)
        return DSPV_ENOMEM;
    for (uint32_t i = 0; i < d->n_deleted; i++)
        c[i] = (struct change){&d->deleted[i], NULL};
    for (uint32_t i = 0; i < d->n_entries; i++)
        c[d->n_deleted + i] = (struct change){&d->entries[i].protx, &d->entries[i]};
    qsort(c, count, sizeof(*c), change_order);
    for (size_t i = 1; i < count; i++)
        if (protx_hash_eq(c[i - 1].protx, c[i].protx)) {
            *fault = fault_about(DSPV_DUPLICATE_ENTRY, c[i].protx->b, -1);
            mem_free(c);
            return DSPV_EFAULT;
        }
    *out = c;
    *n = count;
    return 0;
}

static int builder_push(struct builder *b, struct chunk *c)
{
    void *chunks = b->chunks;
    int error = mem_grow(&chunks, &b->cap, b->n + 1, sizeof(*b->chunks));
    b->chunks = chunks;
    if (error != 0)
        return error;
    b->chunks[b->n++] = c;
    return 0;
}

static int builder_close(struct builder *b)
{
    if (!b->open)
        return 0;
    int error = builder_push(b, b->open);
    if (error == 0)
        b->open = NULL;
    return error;
}

/* Takes over the reference to `m`, also when it fails. */
static int builder_add(struct builder *b, struct masternode *m)
{
    if (!m)
        return DSPV_ENOMEM;
    if (b->open && b->open->n >= b->fill && builder_close(b) != 0) {
        masternode_unref(m);
        return DSPV_ENOMEM;
    }
    if (!b->open) {
        b->open = mem_alloc(sizeof(*b->open));
        if (!b->open) {
            masternode_unref(m);
            return DSPV_ENOMEM;
        }
        b->open->refs = 1;
        b->open->n = 0;
    }
    b->open->mn[b->open->n++] = m;
    return 0;
}

static int builder_share(struct builder *b, struct chunk *c)
{
    int error = 0;
    if (b->open && b->open->n < CHUNK_SMALL && b->open->n + c->n <= CHUNK_FILL) {
        b->fill = CHUNK_FILL;
        for (uint32_t i = 0; error == 0 && i < c->n; i++)
            error = builder_add(b, masternode_ref(c->mn[i]));
        return error;
    }
    error = builder_close(b);
    if (error == 0)
        error = builder_push(b, c);
    if (error == 0)
        c->refs++;
    return error;
}

static void builder_free(struct builder *b)
{
    chunk_unref(b->open);
    for (size_t i = 0; i < b->n; i++)
        chunk_unref(b->chunks[i]);
    mem_free(b->chunks);
}

/* Into how many masternodes per chunk `n` of them are best divided. */
static uint32_t fill_for(size_t n)
{
    size_t pieces = (n + CHUNK_MAX - 1) / CHUNK_MAX;
    return pieces > 1 ? (uint32_t)((n + pieces - 1) / pieces) : CHUNK_MAX;
}

/* Merge one touched chunk (NULL: nothing left of the base) with the changes [from, to). */
static int merge_chunk(struct builder *b, const struct chunk *c, const struct change *from, const struct change *to,
                       dspv_fault *fault)
{
    uint32_t i = 0, n = c ? c->n : 0;
    size_t open = b->open ? b->open->n : 0;
    b->fill = c ? fill_for(open + n + (size_t)(to - from)) : CHUNK_FILL;
    int error = 0;
    while (error == 0 && (i < n || from < to)) {
        int order = from == to ? -1 : i == n ? 1 : protx_hash_cmp(&c->mn[i]->entry.protx, from->protx);
        if (order < 0) {
            error = builder_add(b, masternode_ref(c->mn[i++]));
            continue;
        }
        if (order > 0 && !from->entry) {
            *fault = fault_about(DSPV_DELETED_NOT_PRESENT, from->protx->b, -1);
            return DSPV_EFAULT;
        }
        if (from->entry)
            error = builder_add(b, masternode_new(from->entry));
        if (order == 0)
            i++;
        from++;
    }
    return error;
}

static int builder_finish(struct builder *b, struct mnlist **out)
{
    if (builder_close(b) != 0)
        return DSPV_ENOMEM;
    struct mnlist *l = mem_alloc(sizeof(*l) + b->n * sizeof(l->chunks[0]));
    if (!l)
        return DSPV_ENOMEM;
    *l = (struct mnlist){.refs = 1, .n_chunks = b->n};
    for (size_t i = 0; i < b->n; i++) {
        const struct chunk *c = l->chunks[i] = b->chunks[i];
        l->count += c->n;
        for (uint32_t k = 0; k < c->n; k++) {
            l->valid += c->mn[k]->entry.valid;
            l->evo += masternode_is_evo(c->mn[k]);
        }
    }
    b->n = 0;
    *out = l;
    return 0;
}

int mnlist_apply(struct mnlist *base, const struct mnlistdiff *d, struct mnlist **out, dspv_fault *fault)
{
    struct change *changes;
    size_t n_changes;
    int error = sort_changes(d, &changes, &n_changes, fault);
    if (error != 0)
        return error;
    struct builder b = {0};
    const struct change *at = changes, *end = changes + n_changes;
    size_t n_chunks = base ? base->n_chunks : 0;
    for (size_t i = 0; error == 0 && i < n_chunks; i++) {
        struct chunk *c = base->chunks[i];
        /* A chunk takes the changes up to the next chunk's first masternode. */
        const struct change *to = at;
        while (to < end &&
               (i + 1 == n_chunks || protx_hash_cmp(to->protx, &base->chunks[i + 1]->mn[0]->entry.protx) < 0))
            to++;
        error = to == at ? builder_share(&b, c) : merge_chunk(&b, c, at, to, fault);
        at = to;
    }
    if (error == 0)
        error = merge_chunk(&b, NULL, at, end, fault);
    if (error == 0)
        error = builder_finish(&b, out);
    builder_free(&b);
    mem_free(changes);
    return error;
}

/* ---- reading */

size_t mnlist_count(const struct mnlist *l)
{
    return l->count;
}

size_t mnlist_valid(const struct mnlist *l)
{
    return l->valid;
}

size_t mnlist_evo(const struct mnlist *l)
{
    return l->evo;
}

struct masternode *mnlist_find(const struct mnlist *l, const protx_hash *protx)
{
    size_t low = 0, high = l->n_chunks; /* the last chunk whose first masternode is not above `protx` */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (protx_hash_cmp(&l->chunks[middle]->mn[0]->entry.protx, protx) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    const struct chunk *c = l->chunks[low - 1];
    for (low = 0, high = c->n; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = protx_hash_cmp(&c->mn[middle]->entry.protx, protx);
        if (order == 0)
            return c->mn[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void mnlist_begin(const struct mnlist *l, struct mnlist_iterator *it)
{
    *it = (struct mnlist_iterator){.list = l};
}

struct masternode *mnlist_next(struct mnlist_iterator *it)
{
    if (it->chunk == it->list->n_chunks)
        return NULL;
    const struct chunk *c = it->list->chunks[it->chunk];
    struct masternode *m = c->mn[it->item++];
    if (it->item == c->n) {
        it->chunk++;
        it->item = 0;
    }
    return m;
}

int mnlist_root(const struct mnlist *l, hash256 *out)
{
    hash256 *leaves = mem_alloc_array(l->count, sizeof(*leaves));
    if (!leaves)
        return DSPV_ENOMEM;
    struct mnlist_iterator it;
    const struct masternode *m;
    size_t n = 0;
    for (mnlist_begin(l, &it); (m = mnlist_next(&it));)
        leaves[n++] = m->leaf;
    *out = merkle_root(leaves, n, NULL);
    mem_free(leaves);
    return 0;
}

static bool holds_chunk(const struct mnlist *l, const struct chunk *c)
{
    for (size_t i = 0; l && i < l->n_chunks; i++)
        if (l->chunks[i] == c)
            return true;
    return false;
}

size_t mnlist_memory(const struct mnlist *l, const struct mnlist *other)
{
    size_t total = sizeof(*l) + l->n_chunks * sizeof(l->chunks[0]);
    for (size_t i = 0; i < l->n_chunks; i++) {
        const struct chunk *c = l->chunks[i];
        if (holds_chunk(other, c))
            continue;
        total += sizeof(*c);
        for (uint32_t k = 0; k < c->n; k++)
            if (!other || mnlist_find(other, &c->mn[k]->entry.protx) != c->mn[k])
                total += sizeof(*c->mn[k]) + c->mn[k]->raw_n;
    }
    return total;
}
