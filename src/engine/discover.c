/* Which quorums are wanted and what they lack (hybrid-sync.md 1): pure, from the engine's state alone. */
#include <stdlib.h>

#include "engine/engine_state.h"

static bool is_active(const struct mnstate *tip, const struct tracked *t)
{
    const struct quorum *q = quorumset_find(tip->quorums, t->quorum->c.type, &t->quorum->c.hash);
    return q && hash256_eq(&q->leaf, &t->quorum->leaf);
}

bool discover_enabled(const struct engine *e, const struct tracked *t, int32_t tip_height)
{
    const struct llmq_params *p = network_llmq(&e->net, t->quorum->c.type);
    return p && llmq_enabled(&e->net, p, tip_height);
}

int32_t discover_cycle(const struct engine *e, const struct tracked *t)
{
    int32_t base = quorums_base_height(e, t);
    return base >= 0 && cycles_params(e) && t->quorum->c.type == e->net.instantsend_type ? base - t->quorum->c.index : -1;
}

const struct tracked *discover_retired(const struct engine *e, const struct mnstate *tip)
{
    const struct tracked *best = NULL;
    int32_t best_height = -1;
    for (size_t i = 0; i < e->n_tracked; i++) {
        const struct tracked *t = e->tracked[i];
        int32_t height = quorums_base_height(e, t);
        if (t->quorum->c.type == e->net.chainlock_type && t->committed && !is_active(tip, t) && height > best_height &&
            t->first_seen <= tip->height) {
            best = t;
            best_height = height;
        }
    }
    return best;
}

int32_t discover_newest_cycle(const struct engine *e, const struct mnstate *tip)
{
    int32_t newest = -1;
    for (size_t i = 0; i < e->n_tracked; i++)
        if (is_active(tip, e->tracked[i]) && discover_cycle(e, e->tracked[i]) > newest)
            newest = discover_cycle(e, e->tracked[i]);
    return newest;
}

int engine_wanted(const struct engine *e, int32_t tip_height, size_t **out, size_t *n)
{
    const struct mnstate *tip = engine_list(e, tip_height);
    if (!tip)
        return DSPV_EMISUSE;
    const struct llmq_params *rotated = cycles_params(e);
    const struct tracked *retired = discover_retired(e, tip);
    int32_t newest = discover_newest_cycle(e, tip);
    *n = 0;
    *out = mem_alloc_array(e->n_tracked, sizeof(**out));
    if (!*out)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < e->n_tracked; i++) {
        const struct tracked *t = e->tracked[i];
        if (!t->committed || !discover_enabled(e, t, tip_height))
            continue;
        bool previous_cycle = newest >= 0 && discover_cycle(e, t) == newest - rotated->interval;
        if (is_active(tip, t) || t == retired || previous_cycle)
            (*out)[(*n)++] = i;
    }
    return 0;
}

/* ---- needs */

struct collector {
    struct need *items;
    size_t n, cap;
};

static int collect(struct collector *c, const struct need *need)
{
    void *items = c->items;
    int error = mem_grow(&items, &c->cap, c->n + 1, sizeof(*c->items));
    c->items = items;
    if (error == 0)
        c->items[c->n++] = *need;
    return error;
}

static int collect_quorum(const struct engine *e, const struct tracked *t, struct collector *c)
{
    const struct commitment *q = &t->quorum->c;
    struct need need = {.height = -1, .type = q->type, .quorum = q->hash, .wanted_by = 1};
    int32_t base = quorums_base_height(e, t);
    if (base < 0) {
        need.kind = NEED_KIND_HEADER;
        need.block = block_hash_of_quorum(&q->hash);
        return collect(c, &need);
    }
    struct tracked known = *t; /* a view of the quorum with its height, which a later update will record */
    known.base_height = base;
    struct missing missing[MISSING_MAX];
    size_t n = t->members ? 0 : quorums_missing(e, &known, missing);
    for (size_t i = 0; i < n; i++) {
        need.kind = missing[i].reason == DSPV_NEED_LIST ? NEED_KIND_LIST : NEED_KIND_SNAPSHOT;
        need.height = missing[i].height;
        need.block = (block_hash){{0}};
        if (need.kind == NEED_KIND_LIST)
            engine_block_at(e, need.height, &need.block);
        int error = collect(c, &need);
        if (error != 0)
            return error;
    }
    return 0;
}

static int need_order(const void *a, const void *b)
{
    const struct need *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->height != y->height)
        return x->height < y->height ? -1 : 1;
    int order = block_hash_cmp(&x->block, &y->block);
    if (order == 0)
        order = x->type - y->type;
    return order != 0 ? order : quorum_hash_cmp(&x->quorum, &y->quorum);
}

/* Sort, and join what several quorums want. */
static void join(struct needs *out)
{
    if (out->n > 0)
        qsort(out->items, out->n, sizeof(*out->items), need_order);
    size_t kept = 0;
    for (size_t i = 0; i < out->n; i++) {
        struct need *last = kept ? &out->items[kept - 1] : NULL, *now = &out->items[i];
        if (last && last->kind == now->kind && last->height == now->height && block_hash_eq(&last->block, &now->block))
            last->wanted_by++;
        else
            out->items[kept++] = *now;
    }
    out->n = kept;
}

static struct need *find_need(const struct needs *n, enum need_kind kind, int32_t height)
{
    for (size_t i = 0; i < n->n; i++)
        if (n->items[i].kind == kind && n->items[i].height == height)
            return &n->items[i];
    return NULL;
}

/* Once the lists that are named are there, the engine computes the cycle's snapshot itself (quorums.md 3.5). Not so when all its
 * lists are there already: then it could not. The needs of earlier cycles that follow have wanted_by 0. */
static bool follows(const struct engine *e, const struct needs *n, int32_t base)
{
    int32_t interval = cycles_params(e)->interval;
    bool waits = false;
    for (int k = 0; k <= 3; k++) {
        int32_t old = base - k * interval, work = llmq_work_height(old);
        if (k > 0 && engine_snapshot_absent(e, old))
            break;
        bool list_named = find_need(n, NEED_KIND_LIST, work) != NULL;
        if (!list_named && !engine_list(e, work))
            return false;
        waits |= list_named;
        if (k == 0 || engine_snapshot(e, old, NULL))
            continue;
        const struct need *snapshot = find_need(n, NEED_KIND_SNAPSHOT, old);
        if (!snapshot || snapshot->wanted_by > 0)
            return false;
        waits = true;
    }
    return waits;
}

/* Leave out the snapshots that follow from lists: when all DKGs of a cycle fail, only its work block's list was not asked for. */
static void leave_out_snapshots(const struct engine *e, struct needs *n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n->n; i++)
        if (n->items[i].kind == NEED_KIND_SNAPSHOT && follows(e, n, n->items[i].height))
            n->items[i].wanted_by = 0;
    for (size_t i = 0; i < n->n; i++)
        if (n->items[i].wanted_by > 0)
            n->items[kept++] = n->items[i];
    n->n = kept;
}

static void count(const struct tracked *t, struct needs *out)
{
    out->wanted++;
    switch (t->status) {
    case QUORUM_VERIFIED: out->verified++; break;
    case QUORUM_INVALID: out->invalid++; break;
    case QUORUM_READY: out->ready++; break;
    case QUORUM_WAITING: out->waiting++; break;
    }
}

int engine_discover(const struct engine *e, int32_t tip_height, struct needs *out)
{
    *out = (struct needs){0};
    size_t *wanted, n;
    int error = engine_wanted(e, tip_height, &wanted, &n);
    if (error != 0)
        return error;
    struct collector c = {0};
    for (size_t i = 0; error == 0 && i < n; i++) {
        const struct tracked *t = e->tracked[wanted[i]];
        count(t, out);
        if (t->status == QUORUM_WAITING)
            error = collect_quorum(e, t, &c);
    }
    mem_free(wanted);
    out->items = c.items;
    out->n = c.n;
    if (error != 0) {
        needs_free(out);
        return error;
    }
    join(out);
    leave_out_snapshots(e, out);
    for (size_t i = 0; i < out->n; i++)
        out->requires_qrinfo |= out->items[i].kind == NEED_KIND_SNAPSHOT;
    return 0;
}

void needs_free(struct needs *n)
{
    mem_free(n->items);
    *n = (struct needs){0};
}
