/* See headers.h. How the floor rises, and how branches are dropped. Both are one pass over the tree that decides for each node
 * whether it stays, and one that closes the gaps (tree_keep). Everything that can fail comes before. Next: settled.c. */
#include <stdlib.h>

#include "base/mem.h"
#include "chain/headers_state.h"

/* ---- how far */

static bool has_checkpoint(const struct headers *h)
{
    const struct checkpoint *c = chain_params_checkpoint(&h->params, h->checkpoint);
    headers_node node = headers_at(h, h->checkpoint);
    return c && (headers_is_settled(node) || (node != HEADERS_NONE && block_hash_eq(&tree_node(&h->tree, node)->hash, &c->hash)));
}

static int32_t higher(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t lower(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* Without checkpoints: what is buried deep enough is final. */
static int32_t buried(const struct headers *h)
{
    return h->params.n_checkpoints > 0 ? -1 : higher(h->buried, headers_tip_height(h) - h->limits.depth);
}

int32_t headers_final_height(const struct headers *h)
{
    int32_t locked = h->locked == HEADERS_NONE ? -1 : headers_height(h, h->locked);
    return higher(buried(h), higher(locked, has_checkpoint(h) ? h->checkpoint : -1));
}

static int32_t aligned(int32_t height)
{
    return height < 0 ? -1 : height - height % SETTLED_UNIT;
}

static int32_t wanted_floor(const struct headers *h)
{
    int32_t floor = lower(headers_final_height(h) - h->limits.context, headers_tip_height(h) - h->limits.reach);
    return aligned(h->settled.own ? floor : lower(floor, h->changed));
}

int32_t headers_floor_for(const struct chain_params *params, int32_t tip_height)
{
    const struct headers_limits limits = HEADERS_LIMITS;
    int32_t final = params->n_checkpoints > 0 ? -1 : tip_height - limits.depth;
    for (size_t i = 0; i < params->n_checkpoints && params->checkpoints[i].height <= tip_height; i++)
        final = params->checkpoints[i].height;
    return aligned(lower(final - limits.context, tip_height - limits.reach));
}

/* ---- which branches */

/* What hangs on the best chain or on the growing branch at one node. */
struct branch {
    uint32_t first; /* its lowest node */
    uint32_t n;
    arith256 work; /* of its best node */
};

struct sweep {
    uint32_t *map; /* per place, node - base: TREE_NONE = it goes; in between TRUNK, or the number of its branch */
    struct branch *branches;
    uint32_t n_branches, n_off;
};
#define TRUNK (TREE_NONE - 1)

static bool on_best(const struct headers *h, uint32_t node)
{
    int32_t height = tree_node(&h->tree, node)->height;
    return height <= headers_tip_height(h) && h->best[height - headers_floor_of(h)] == node;
}

static bool has_branches(const struct headers *h)
{
    return h->tree.count > h->n_best;
}

static uint32_t *mark_of(const struct headers *h, const struct sweep *s, uint32_t node)
{
    return &s->map[node - h->tree.base];
}

static void mark_trunk(const struct headers *h, struct sweep *s, headers_node growing, int32_t floor)
{
    memset(s->map, 0xff, h->tree.count * sizeof(*s->map));
    for (size_t i = (size_t)(floor - headers_floor_of(h)); i < h->n_best; i++)
        *mark_of(h, s, h->best[i]) = TRUNK;
    if (growing == HEADERS_NONE || headers_is_settled(growing))
        return;
    for (uint32_t node = growing; node != TREE_NONE && !on_best(h, node); node = tree_node(&h->tree, node)->prev)
        *mark_of(h, s, node) = TRUNK;
}

/* Whatever forks off at or below `final` goes, the others are sorted into branches. Parents come before their children. */
static void find_branches(const struct headers *h, struct sweep *s, int32_t final)
{
    for (uint32_t node = h->tree.base; tree_has(&h->tree, node); node++) {
        const struct tree_node *n = tree_node(&h->tree, node);
        uint32_t *mark = mark_of(h, s, node);
        if (n->prev == TREE_NONE || on_best(h, node))
            continue;
        bool leaves = on_best(h, n->prev);
        uint32_t b = *mark_of(h, s, n->prev);
        if (leaves ? tree_node(&h->tree, n->prev)->height < final : b == TREE_NONE) {
            *mark = TREE_NONE;
            continue;
        }
        if (*mark == TRUNK)
            continue;
        if (b == TRUNK) {
            b = s->n_branches++;
            s->branches[b] = (struct branch){.first = node, .work = n->work};
        }
        *mark = b;
        s->branches[b].n++;
        s->n_off++;
        if (arith256_cmp(&n->work, &s->branches[b].work) > 0)
            s->branches[b].work = n->work;
    }
}

/* Least work first; of equals, the one seen last. */
static int by_work(const void *a, const void *b)
{
    const struct branch *x = a, *y = b;
    int order = arith256_cmp(&x->work, &y->work);
    return order ? order : (x->first < y->first) - (x->first > y->first);
}

/* When there are too many nodes, half of them go, so that this is not done for every message. */
static void drop_branches(const struct headers *h, struct sweep *s)
{
    if (s->n_off <= h->limits.off_best)
        return;
    qsort(s->branches, s->n_branches, sizeof(*s->branches), by_work);
    uint32_t left = s->n_off;
    for (uint32_t b = 0; b < s->n_branches && left > h->limits.off_best / 2; b++) {
        *mark_of(h, s, s->branches[b].first) = TREE_NONE;
        left -= s->branches[b].n;
    }
    for (uint32_t node = h->tree.base + 1; tree_has(&h->tree, node); node++) /* what descends from them */
        if (*mark_of(h, s, node) != TRUNK && !on_best(h, node) && *mark_of(h, s, tree_node(&h->tree, node)->prev) == TREE_NONE)
            *mark_of(h, s, node) = TREE_NONE;
}

/* ---- doing it */

static void archive(struct headers *h, int32_t floor)
{
    for (int32_t height = headers_floor_of(h); h->settled.own && height < floor; height++) {
        uint8_t raw[80];
        tree_raw(&h->tree, h->best[height - headers_floor_of(h)], raw);
        settled_put(&h->settled, height, raw);
    }
}

/* What is settled gets its lasting name, as long as the tree says where it is. */
static headers_node name_settled(const struct headers *h, headers_node node, int32_t floor)
{
    if (node == HEADERS_NONE || headers_is_settled(node) || !on_best(h, node))
        return node;
    int32_t height = tree_node(&h->tree, node)->height;
    return height < floor ? headers_settled_node(height) : node;
}

static headers_node name_kept(const uint32_t *map, uint32_t base, headers_node node)
{
    return node == HEADERS_NONE || headers_is_settled(node) ? node : map[node - base];
}

/* The best chain's nodes, moved to where the floor is now; the memory that is free is given back. `map`: their new names; NULL:
 * they keep theirs. */
static void move_best(struct headers *h, const uint32_t *map, uint32_t base, size_t rise)
{
    h->n_best -= rise;
    for (size_t i = 0; i < h->n_best; i++)
        h->best[i] = map ? map[h->best[i + rise] - base] : h->best[i + rise];
    size_t cap = (size_t)(headers_tip_height(h) - headers_floor_of(h)) + 1;
    for (uint32_t node = h->tree.base; has_branches(h) && tree_has(&h->tree, node); node++) /* one may be higher than the tip */
        if ((size_t)(tree_node(&h->tree, node)->height - headers_floor_of(h)) >= cap)
            cap = (size_t)(tree_node(&h->tree, node)->height - headers_floor_of(h)) + 1;
    headers_node *best = cap < h->cap_best / 4 ? mem_realloc(h->best, 2 * cap * sizeof(*best)) : NULL;
    if (best) {
        h->best = best;
        h->cap_best = 2 * cap;
    }
}

static int sweep(struct headers *h, struct sweep *s, headers_node growing, int32_t floor)
{
    uint32_t most = h->tree.count - (uint32_t)h->n_best;
    s->map = mem_alloc_array(h->tree.count, sizeof(*s->map));
    s->branches = mem_alloc_array(most, sizeof(*s->branches));
    if (!s->map || !s->branches)
        return DSPV_ENOMEM;
    mark_trunk(h, s, growing, floor);
    find_branches(h, s, headers_final_height(h));
    drop_branches(h, s);
    return 0;
}

/* To rise is a pass over the whole tree if it has branches, and not done for less than `reach` blocks. */
static int32_t next_floor(const struct headers *h)
{
    int32_t old = headers_floor_of(h), floor = wanted_floor(h);
    return floor > old && floor - old >= h->limits.reach ? floor : old;
}

/* The nodes of a tree without branches lie one behind the other: the first ones go, the others keep their names. */
static bool is_drop(const struct headers *h, uint32_t rise)
{
    return !has_branches(h) && rise % TREE_CHUNK == 0 && h->tree.base < TREE_MOST / 2;
}

static void name_all_settled(struct headers *h, headers_node **held, size_t n_held, int32_t floor)
{
    h->locked = name_settled(h, h->locked, floor);
    for (size_t i = 0; i < n_held; i++)
        *held[i] = name_settled(h, *held[i], floor);
}

static void keep_marked(struct headers *h, const struct sweep *s, headers_node **held, size_t n_held, size_t rise)
{
    uint32_t base = h->tree.base;
    tree_keep(&h->tree, s->map);
    h->locked = name_kept(s->map, base, h->locked);
    for (size_t i = 0; i < n_held; i++)
        *held[i] = name_kept(s->map, base, *held[i]);
    move_best(h, s->map, base, rise);
}

int headers_settle(struct headers *h, headers_node growing, headers_node **held, size_t n_held)
{
    int32_t old = headers_floor_of(h), floor = next_floor(h);
    uint32_t rise = (uint32_t)(floor - old);
    bool drops = is_drop(h, rise);
    struct sweep s = {0};
    if (rise == 0 && h->tree.count - h->n_best <= h->limits.off_best)
        return 0;
    int rc = rise > 0 ? settled_reserve(&h->settled, floor) : 0;
    if (rc == 0 && !drops)
        rc = sweep(h, &s, growing, floor);
    if (rc == 0) {
        archive(h, floor);
        recent_forget(&h->recent);
        h->buried = buried(h);
        name_all_settled(h, held, n_held, floor);
        if (drops) {
            tree_drop(&h->tree, rise);
            move_best(h, NULL, 0, rise);
        } else {
            keep_marked(h, &s, held, n_held, rise);
        }
        if (rise > 0)
            settled_extend(&h->settled, floor, &h->tree.before);
    }
    mem_free(s.map);
    mem_free(s.branches);
    return rc;
}

int32_t headers_changed_from(const struct headers *h)
{
    return h->changed;
}

void headers_archived(struct headers *h)
{
    h->changed = INT32_MAX;
}
