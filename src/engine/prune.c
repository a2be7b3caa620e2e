/* Bounded memory (engine.h says what stays). The rule in one sentence: everything from the horizon upwards stays as it is, below
 * it stays what the verification of a quorum above it may still need. So no question about blocks above the horizon, and no
 * rollback to one of them, can tell a pruned engine from one that never forgot.
 *
 * Invariants: every quorum of a list that is there is tracked; every list's block is known. */
#include <stdlib.h>

#include "engine/engine_state.h"

enum { SPARE_KEYS = 64 };

struct horizon {
    int32_t tip;
    int32_t height;       /* the horizon */
    int32_t base;         /* height of the highest list at or below it: the lists from here upwards stay */
    int32_t first_cycle;  /* whose snapshot and list the rotation may need; INT32_MAX: no rotation */
    int32_t oldest_kept;  /* cycle of the oldest quorums kept for locks; INT32_MAX: none */
    const struct tracked *retired;
    const int32_t *keep;
    size_t n_keep;
};

static int32_t highest(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Blocks below the tip whose lists locks may ask for. */
static int32_t recent(const struct engine *e)
{
    const struct llmq_params *p = cycles_params(e);
    return highest(ENGINE_LEAST_RECENT, p ? p->interval + ENGINE_RECENT_MARGIN : 0);
}

/* The cycles whose commitments can be mined above the horizon rest on the three before; the quorums of the two cycles before them,
 * which are wanted there, on five. */
static int32_t first_cycle(const struct engine *e, int32_t height)
{
    const struct llmq_params *p = cycles_params(e);
    if (!p)
        return INT32_MAX;
    int32_t mined_until = highest(height - p->mine_end, 0);
    return llmq_cycle(p, mined_until) + p->interval - 5 * p->interval;
}

static int32_t horizon_height(const struct engine *e, int32_t tip, int32_t settled)
{
    int32_t floor = highest(settled < tip ? settled : tip, tip - ENGINE_MOST_REORG);
    return tip - recent(e) < floor ? tip - recent(e) : floor;
}

static struct horizon horizon_at(const struct engine *e, int32_t height, const struct mnstate *base)
{
    int32_t newest = discover_newest_cycle(e, base);
    return (struct horizon){.height = height,
                            .base = base->height,
                            .first_cycle = first_cycle(e, height),
                            .oldest_kept = newest < 0 ? INT32_MAX : newest - 2 * cycles_params(e)->interval,
                            .retired = discover_retired(e, base)};
}

/* ---- what stays */

/* It may be wanted, be active again after a rollback, or have to judge a lock. */
static bool matters(const struct engine *e, const struct tracked *t, const struct horizon *h)
{
    if (!t->committed)
        return false;
    int32_t cycle = discover_cycle(e, t);
    return t->last_seen >= h->base || t == h->retired || (cycle >= 0 && cycle >= h->oldest_kept);
}

/* Still to be verified. */
static bool unfinished(const struct engine *e, const struct tracked *t, const struct horizon *h)
{
    return t->status != QUORUM_VERIFIED && matters(e, t, h) && discover_enabled(e, t, h->tip);
}

static bool unfinished_needs_list(const struct engine *e, int32_t height, const struct horizon *h)
{
    int32_t heights[4];
    for (size_t i = 0; i < e->n_tracked; i++) {
        if (!unfinished(e, e->tracked[i], h))
            continue;
        for (size_t k = quorums_lists(e, e->tracked[i], heights); k-- > 0;)
            if (heights[k] == height)
                return true;
    }
    return false;
}

static bool rotation_needs(const struct engine *e, int32_t cycle, const struct horizon *h)
{
    return h->first_cycle != INT32_MAX && cycle % cycles_params(e)->interval == 0 && cycle >= h->first_cycle;
}

/* Members of a quorum that may be mined above the horizon come from this list. */
static bool window_needs_list(const struct engine *e, int32_t height, const struct horizon *h)
{
    for (size_t i = 0; i < e->net.n_llmqs; i++) {
        const struct llmq_params *p = &e->net.llmqs[i];
        for (int32_t base = height; base <= height + WORK_DIFF_DEPTH; base += WORK_DIFF_DEPTH)
            if (!p->rotated && base % p->interval == 0 && llmq_list_height(&e->net, base) == height &&
                base + p->mine_end > h->height && llmq_enabled(&e->net, p, h->tip))
                return true;
    }
    return false;
}

static bool list_stays(const struct engine *e, int32_t height, const struct horizon *h)
{
    if (height >= h->base)
        return true;
    for (size_t i = 0; i < h->n_keep; i++)
        if (h->keep[i] == height)
            return true;
    if (h->retired && h->retired->last_seen == height) /* it proves that the quorum was active */
        return true;
    return rotation_needs(e, height + WORK_DIFF_DEPTH, h) || window_needs_list(e, height, h) ||
           unfinished_needs_list(e, height, h);
}

static bool quorum_stays(const struct engine *e, const struct tracked *t, const void *about)
{
    const struct horizon *h = about;
    if (matters(e, t, h))
        return true;
    for (size_t i = 0; i < e->n_lists && e->lists[i]->height < h->base; i++)
        if (quorumset_find(e->lists[i]->quorums, t->quorum->c.type, &t->quorum->c.hash))
            return true;
    return false;
}

/* A snapshot that is not needed beside the lists it belongs to is not needed at all. */
static bool cycle_stays(const struct engine *e, int32_t base, const void *about)
{
    return rotation_needs(e, base, about) || unfinished_needs_list(e, llmq_work_height(base), about);
}

/* ---- blocks */

static int ascending(const void *pa, const void *pb)
{
    int32_t a, b;
    memcpy(&a, pa, sizeof(a));
    memcpy(&b, pb, sizeof(b));
    return (a > b) - (a < b);
}

/* Heights that something names: genesis, lists, quorums and their cycles, cycles. NULL when out of memory. */
static int32_t *named_heights(const struct engine *e, size_t *n)
{
    int32_t *heights = mem_alloc_array(1 + e->n_lists + 2 * e->n_tracked + 2 * e->n_cycles, sizeof(*heights));
    if (!heights)
        return NULL;
    heights[0] = 0;
    *n = 1;
    for (size_t i = 0; i < e->n_lists; i++)
        heights[(*n)++] = e->lists[i]->height;
    for (size_t i = 0; i < e->n_tracked; i++) {
        int32_t base = quorums_base_height(e, e->tracked[i]);
        heights[(*n)++] = base;
        heights[(*n)++] = base - e->tracked[i]->quorum->c.index;
    }
    for (size_t i = 0; i < e->n_cycles; i++) {
        heights[(*n)++] = e->cycles[i].base;
        heights[(*n)++] = llmq_work_height(e->cycles[i].base);
    }
    qsort(heights, *n, sizeof(*heights), ascending);
    return heights;
}

static bool drop_blocks(struct engine *e, int32_t horizon)
{
    size_t n;
    int32_t *named = named_heights(e, &n);
    if (!named)
        return false;
    blocks_drop_unnamed(e, horizon, named, n);
    mem_free(named);
    return true;
}

/* ---- the whole */

/* Decoded operator keys of masternodes long gone: start anew when they are the greater part. */
static void renew_keys(struct engine *e)
{
    const uint64_t seed[2] = {rng_u64(&e->rng), rng_u64(&e->rng)};
    struct key_cache *fresh;
    if (key_cache_new(&fresh, seed) != 0)
        return;
    key_cache_free(e->keys);
    e->keys = fresh;
}

static bool too_many_keys(const struct engine *e)
{
    const struct mnstate *tip = engine_tip_list(e);
    return e->keys && tip && key_cache_count(e->keys) > 2 * mnlist_count(tip->list) + SPARE_KEYS;
}

static void drop_lists(struct engine *e, const struct horizon *h)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->n_lists; i++) {
        if (list_stays(e, e->lists[i]->height, h))
            e->lists[kept++] = e->lists[i];
        else
            mnstate_unref(e->lists[i]);
    }
    e->n_lists = kept;
}

/* As the last prune left it: nothing came since. */
static bool unchanged(const struct engine *e, int32_t horizon)
{
    return e->pruned.horizon == horizon && e->pruned.lists == e->n_lists && e->pruned.blocks == e->n_blocks &&
           e->pruned.quorums == e->n_tracked && e->pruned.cycles == e->n_cycles;
}

bool engine_prune(struct engine *e, int32_t tip_height, int32_t settled_height, const int32_t *keep, size_t n_keep)
{
    int32_t height = tip_height < 0 ? -1 : horizon_height(e, tip_height, settled_height);
    const struct mnstate *base = height < 0 ? NULL : engine_list_below(e, height);
    if (!base || e->flags & ENGINE_OFFLINE || unchanged(e, height))
        return false;
    size_t before = e->n_lists + e->n_blocks + e->n_tracked + e->n_cycles;
    struct horizon h = horizon_at(e, height, base);
    h.tip = tip_height;
    h.keep = keep;
    h.n_keep = n_keep;
    drop_lists(e, &h);
    cycles_drop(e, cycle_stays, &h);
    quorums_drop(e, quorum_stays, &h);
    if (too_many_keys(e))
        renew_keys(e);
    if (drop_blocks(e, h.height)) {
        e->pruned.horizon = h.height;
        e->pruned.lists = e->n_lists;
        e->pruned.blocks = e->n_blocks;
        e->pruned.quorums = e->n_tracked;
        e->pruned.cycles = e->n_cycles;
    }
    return e->n_lists + e->n_blocks + e->n_tracked + e->n_cycles < before;
}

size_t engine_memory(const struct engine *e)
{
    size_t total = sizeof(*e) + e->blocks_cap * sizeof(*e->blocks) + map_memory(&e->heights) +
                   e->lists_cap * sizeof(struct mnstate *) + cycles_memory(e) + quorums_memory(e);
    if (e->keys)
        total += key_cache_memory(e->keys);
    const struct mnstate *below = NULL;
    for (size_t i = 0; i < e->n_lists; i++) {
        const struct mnstate *s = e->lists[i];
        total += sizeof(*s) + s->proof_n + mnlist_memory(s->list, below ? below->list : NULL);
        if (!below || below->quorums != s->quorums)
            total += sizeof(*s->quorums) + s->quorums->n * sizeof(s->quorums->items[0]);
        below = s;
    }
    return total;
}
