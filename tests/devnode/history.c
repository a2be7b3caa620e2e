/* See history.h. Read devnode_history_add first: everything else looks up what it recorded. */
#include "devnode/history.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/mem.h"

/* A development tool: nobody chooses its keys, so the seed of its map can be fixed. */
static const uint64_t MAP_SEED[2] = {1, 2};

void devnode_history_init(struct devnode_history *h)
{
    *h = (struct devnode_history){0};
    map_init(&h->by_protx, MAP_SEED);
}

void devnode_history_free(struct devnode_history *h)
{
    for (size_t i = 0; i < h->n_masternodes; i++)
        mem_free(h->masternodes[i].versions);
    mem_free(h->masternodes);
    mem_free(h->quorums);
    map_free(&h->by_protx);
}

/* ---- recording */

static int masternode_new(struct devnode_history *h, const protx_hash *protx, struct history_masternode **out)
{
    void *array = h->masternodes;
    int rc = mem_grow(&array, &h->cap_masternodes, h->n_masternodes + 1, sizeof(*h->masternodes));
    h->masternodes = array;
    if (rc == 0)
        rc = map_put(&h->by_protx, protx->b, (uint32_t)h->n_masternodes);
    if (rc != 0)
        return rc;
    *out = &h->masternodes[h->n_masternodes++];
    **out = (struct history_masternode){.protx = *protx};
    return 0;
}

static int version_add(struct history_masternode *m, int32_t height, const struct mnentry *entry)
{
    void *array = m->versions;
    int rc = mem_grow(&array, &m->cap, m->n + 1, sizeof(*m->versions));
    m->versions = array;
    if (rc == 0)
        m->versions[m->n++] = (struct history_version){height, entry};
    return rc;
}

static int masternodes_add(struct devnode_history *h, int32_t height, const struct mnlistdiff *d, dspv_fault *fault)
{
    for (uint32_t i = 0; i < d->n_deleted; i++) {
        uint32_t at;
        if (!map_get(&h->by_protx, d->deleted[i].b, &at)) {
            *fault = fault_about(DSPV_DELETED_NOT_PRESENT, d->deleted[i].b, height);
            return DSPV_EFAULT;
        }
        int rc = version_add(&h->masternodes[at], height, NULL);
        if (rc != 0)
            return rc;
    }
    for (uint32_t i = 0; i < d->n_entries; i++) {
        struct history_masternode *m;
        uint32_t at;
        int rc = 0;
        if (map_get(&h->by_protx, d->entries[i].protx.b, &at))
            m = &h->masternodes[at];
        else
            rc = masternode_new(h, &d->entries[i].protx, &m);
        if (rc == 0)
            rc = version_add(m, height, &d->entries[i]);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static bool quorum_remove(struct devnode_history *h, int32_t height, const struct quorum_ref *ref)
{
    for (size_t i = h->n_quorums; i-- > 0;) {
        struct history_quorum *q = &h->quorums[i];
        if (q->removed == INT32_MAX && q->commitment->type == ref->type && quorum_hash_eq(&q->commitment->hash, &ref->hash)) {
            q->removed = height;
            return true;
        }
    }
    return false;
}

int devnode_history_add(struct devnode_history *h, int32_t height, const struct mnlistdiff *d, dspv_fault *fault)
{
    int rc = masternodes_add(h, height, d, fault);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < d->n_deleted_quorums; i++) {
        const struct quorum_ref *ref = &d->deleted_quorums[i];
        if (!quorum_remove(h, height, ref)) {
            *fault = fault_quorum(DSPV_DELETED_QUORUM_NOT_PRESENT, ref->type, ref->hash.b, height);
            return DSPV_EFAULT;
        }
    }
    void *array = h->quorums;
    rc = mem_grow(&array, &h->cap_quorums, h->n_quorums + d->n_new_quorums, sizeof(*h->quorums));
    h->quorums = array;
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < d->n_new_quorums; i++)
        h->quorums[h->n_quorums++] = (struct history_quorum){&d->new_quorums[i], mnlistdiff_clsig_of(d, i), height, INT32_MAX};
    return 0;
}

/* ---- looking up */

static const struct mnentry *entry_at(const struct history_masternode *m, int32_t height)
{
    size_t low = 0, high = m->n; /* the first version above `height` lies in low .. high */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->versions[middle].height <= height)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? NULL : m->versions[low - 1].entry;
}

bool devnode_entry_eq(const struct mnentry *a, const struct mnentry *b)
{
    return a->version == b->version && a->hashed.n == b->hashed.n && memcmp(a->hashed.p, b->hashed.p, a->hashed.n) == 0;
}

static int masternodes_difference(const struct devnode_history *h, int32_t base, int32_t target, struct arena *arena,
                                  struct mnlistdiff *d)
{
    protx_hash *deleted = arena_alloc_array(arena, h->n_masternodes, sizeof(*deleted));
    struct mnentry *entries = arena_alloc_array(arena, h->n_masternodes, sizeof(*entries));
    if (!deleted || !entries)
        return DSPV_ENOMEM;
    d->n_deleted = d->n_entries = 0;
    for (size_t i = 0; i < h->n_masternodes; i++) {
        const struct history_masternode *m = &h->masternodes[i];
        const struct mnentry *before = entry_at(m, base), *after = entry_at(m, target);
        if (before && !after)
            deleted[d->n_deleted++] = m->protx;
        else if (after && (!before || !devnode_entry_eq(before, after)))
            entries[d->n_entries++] = *after;
    }
    d->deleted = deleted;
    d->entries = entries;
    return 0;
}

static bool active_at(const struct history_quorum *q, int32_t height)
{
    return q->added <= height && height < q->removed;
}

static int by_type_and_hash(const void *pa, const void *pb)
{
    const struct commitment *a = (*(const struct history_quorum *const *)pa)->commitment;
    const struct commitment *b = (*(const struct history_quorum *const *)pb)->commitment;
    return a->type != b->type ? (int)a->type - (int)b->type : quorum_hash_cmp(&a->hash, &b->hash);
}

/* The quorums active at `in` but not at `out`, ascending by type and hash. */
static int quorums_between(const struct devnode_history *h, int32_t in, int32_t out, struct arena *arena,
                           const struct history_quorum ***list, uint32_t *n)
{
    *list = arena_alloc_array(arena, h->n_quorums, sizeof(**list));
    *n = 0;
    if (!*list)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < h->n_quorums; i++)
        if (active_at(&h->quorums[i], in) && !active_at(&h->quorums[i], out))
            (*list)[(*n)++] = &h->quorums[i];
    if (*n > 1)
        qsort(*list, *n, sizeof(**list), by_type_and_hash);
    return 0;
}

int devnode_history_difference(const struct devnode_history *h, int32_t base, int32_t target, bool with_clsigs,
                               struct arena *arena, struct mnlistdiff *d)
{
    const struct history_quorum **gone, **come;
    if (masternodes_difference(h, base, target, arena, d) != 0 ||
        quorums_between(h, base, target, arena, &gone, &d->n_deleted_quorums) != 0 ||
        quorums_between(h, target, base, arena, &come, &d->n_new_quorums) != 0)
        return DSPV_ENOMEM;

    d->deleted_quorums = arena_alloc_array(arena, d->n_deleted_quorums, sizeof(*d->deleted_quorums));
    d->new_quorums = arena_alloc_array(arena, d->n_new_quorums, sizeof(*d->new_quorums));
    const uint8_t **signatures = arena_alloc_array(arena, d->n_new_quorums, sizeof(*signatures));
    if (!d->deleted_quorums || !d->new_quorums || !signatures)
        return DSPV_ENOMEM;
    for (uint32_t i = 0; i < d->n_deleted_quorums; i++)
        d->deleted_quorums[i] = (struct quorum_ref){gone[i]->commitment->type, gone[i]->commitment->hash};
    for (uint32_t i = 0; i < d->n_new_quorums; i++) {
        d->new_quorums[i] = *come[i]->commitment;
        signatures[i] = come[i]->clsig;
    }
    d->clsigs = NULL;
    d->n_clsigs = 0;
    return with_clsigs ? devnode_clsigs_group(d, signatures, arena) : 0;
}

size_t devnode_history_active(const struct devnode_history *h, int32_t height, uint8_t type, struct commitment *out, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < h->n_quorums; i++) {
        const struct history_quorum *q = &h->quorums[i];
        if (q->commitment->type != type || !active_at(q, height) || n == most)
            continue;
        size_t at = n++;
        for (; at > 0 && out[at - 1].index > q->commitment->index; at--)
            out[at] = out[at - 1];
        out[at] = *q->commitment;
    }
    return n;
}
