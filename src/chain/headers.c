/* See headers.h and headers_state.h. The rules of protocol.md 1.3 in one place, and what can be asked about the chain.
 * Next: headers_start.c (where it begins), headers_settle.c (how the floor rises), tree.c and settled.c (storage above and below
 * it), difficulty.c (required nBits), pow.c. */
#include "chain/headers.h"

#include "base/fault.h"
#include "base/mem.h"
#include "chain/difficulty.h"
#include "chain/headers_state.h"
#include "chain/pow.h"

enum { MEDIAN_BLOCKS = 11, MOST_AHEAD_S = 7200 };

/* ---- the rules */

bool headers_conflicts_with_lock(const struct headers *h, headers_node node, int32_t height)
{
    if (h->locked == HEADERS_NONE || headers_is_settled(h->locked) || headers_is_settled(node))
        return false; /* all of the tree descends from what is settled */
    int32_t lock_height = headers_height(h, h->locked);
    if (height < lock_height)
        return headers_ancestor(h, h->locked, height) != node;
    return headers_ancestor(h, node, lock_height) != h->locked;
}

/* Most heights are in the same gap between two checkpoints as the one before. */
static const struct checkpoint *checkpoint_at(struct headers *h, int32_t height)
{
    if (height >= h->gap_from && height < h->gap_to)
        return NULL;
    const struct checkpoint *c = chain_params_checkpoint_above(&h->params, height - 1);
    if (c && c->height == height)
        return c;
    h->gap_from = height;
    h->gap_to = c ? c->height : INT32_MAX;
    return NULL;
}

/* Where nothing may fork off any more. */
static dspv_reason check_fork(const struct headers *h, int32_t height)
{
    if (height < h->checkpoint)
        return DSPV_FORK_BEFORE_CHECKPOINT;
    return height <= h->buried ? DSPV_FORK_TOO_DEEP : DSPV_OK;
}

/* Rules about where the header stands. */
static dspv_reason check_place(struct headers *h, const struct headers_candidate *c)
{
    const struct chain_params *p = &h->params;
    if (p->has_block1 && c->height == 1 && !block_hash_eq(c->hash, &p->block1_hash))
        return DSPV_DEVNET_GENESIS;
    const struct checkpoint *checkpoint = checkpoint_at(h, c->height);
    if (checkpoint && !block_hash_eq(c->hash, &checkpoint->hash))
        return DSPV_CHECKPOINT_MISMATCH;
    dspv_reason reason = check_fork(h, c->height);
    if (reason != DSPV_OK)
        return reason;
    /* a new header can only be on the locked chain above the lock: everything below is known */
    if (h->locked != HEADERS_NONE &&
        (c->height <= headers_height(h, h->locked) || headers_conflicts_with_lock(h, c->prev, c->height - 1)))
        return DSPV_CHAINLOCK_CONFLICT;
    return DSPV_OK;
}

static dspv_reason check_work(struct headers *h, const struct headers_candidate *c)
{
    uint32_t required, bits = header_bits(c->raw);
    if (!pow_know(&h->pow, &h->params, bits))
        return DSPV_BAD_TARGET;
    if (difficulty_required(&h->params, &h->tree, &h->recent, header_time(c->raw), &required) &&
        !difficulty_accepts(&h->params, c->height, bits, required))
        return DSPV_BAD_DIFFBITS;
    return pow_meets(c->hash, &h->pow.target) ? DSPV_OK : DSPV_HIGH_HASH;
}

/* Is the time above the median of the last 11, fewer near the genesis, and so above more than half of them? A chain that starts
 * later does not have them all: then nobody can say that it is not. */
static bool above_median(const struct headers *h, uint32_t time)
{
    unsigned n = h->recent.n < MEDIAN_BLOCKS ? h->recent.n : MEDIAN_BLOCKS, below = 0;
    for (unsigned i = 0; i < n && below <= n / 2; i++)
        below += recent_time(&h->recent, i) < time;
    return below > n / 2 || (n < MEDIAN_BLOCKS && headers_floor_of(h) != 0);
}

static dspv_reason check_time(const struct headers *h, const struct headers_candidate *c, int64_t now_s)
{
    if (!above_median(h, header_time(c->raw)))
        return DSPV_TIME_TOO_OLD;
    return (int64_t)header_time(c->raw) - MOST_AHEAD_S > now_s ? DSPV_TIME_TOO_NEW : DSPV_OK;
}

static dspv_reason check_version(const struct headers *h, const struct headers_candidate *c)
{
    const struct activations *a = &h->params.active;
    int32_t least = c->height >= a->bip65 ? 4 : c->height >= a->bip66 ? 3 : c->height >= a->bip34 ? 2 : INT32_MIN;
    return header_version(c->raw) < least ? DSPV_BAD_VERSION : DSPV_OK;
}

/* Above the last checkpoint only time says how many headers there can be: difficulty keeps the rate near one in 157 s. */
static dspv_reason check_length(const struct headers *h, const struct headers_candidate *c, int64_t now_s)
{
    if (h->params.n_checkpoints == 0 || h->checkpoint != chain_params_last_checkpoint(&h->params))
        return DSPV_OK; /* below it, the next checkpoint does */
    int64_t passed_s = now_s - h->checkpoint_time;
    int64_t most = h->limits.spare + (passed_s > 0 ? 2 * passed_s / (int64_t)h->params.pow_spacing_s : 0);
    return c->height - h->checkpoint > most ? DSPV_CHAIN_TOO_LONG : DSPV_OK;
}

static dspv_reason check(struct headers *h, const struct headers_candidate *c, int64_t now_s)
{
    dspv_reason reason = check_place(h, c);
    if (reason != DSPV_OK)
        return reason;
    recent_move(&h->recent, &h->tree, c->prev);
    reason = check_work(h, c);
    if (reason == DSPV_OK)
        reason = check_time(h, c, now_s);
    if (reason == DSPV_OK)
        reason = check_version(h, c);
    return reason == DSPV_OK ? check_length(h, c, now_s) : reason;
}

/* ---- adding */

void headers_set_tip(struct headers *h, headers_node tip)
{
    int32_t floor = headers_floor_of(h);
    size_t n_before = h->n_best, i = (size_t)(tree_node(&h->tree, tip)->height - floor);
    h->n_best = i + 1;
    for (headers_node node = tip; node != TREE_NONE && (i >= n_before || h->best[i] != node); i--) {
        h->best[i] = node;
        node = tree_node(&h->tree, node)->prev;
    }
    int32_t changed = floor + (int32_t)(i + 1);
    if (changed < h->changed)
        h->changed = changed;
}

static int reserve(struct headers *h, int32_t height)
{
    size_t need = (size_t)(height - (h->tree.count ? headers_floor_of(h) : height)) + 1;
    void *best = h->best;
    if (need > h->cap_best && mem_grow(&best, &h->cap_best, need, sizeof(*h->best)) != 0)
        return DSPV_ENOMEM;
    h->best = best;
    return tree_reserve(&h->tree);
}

int headers_insert(struct headers *h, const struct headers_candidate *c, const arith256 *work, headers_node *node)
{
    if (reserve(h, c->height) != 0)
        return DSPV_ENOMEM;
    *node = tree_insert(&h->tree, c->raw, c->hash, c->prev, c->height, work);
    if (checkpoint_at(h, c->height) && c->height > h->checkpoint) {
        h->checkpoint = c->height;
        h->checkpoint_time = header_time(c->raw);
    }
    if (c->prev == HEADERS_NONE ||
        arith256_cmp(&tree_node(&h->tree, *node)->work, &tree_node(&h->tree, headers_tip(h))->work) > 0)
        headers_set_tip(h, *node);
    return 0;
}

static int refuse(dspv_fault *fault, dspv_reason reason, const block_hash *hash, int32_t height)
{
    *fault = fault_about(reason, hash->b, height);
    return DSPV_EFAULT;
}

/* Neither the header nor the one before is in the tree: it is settled, forks off below the floor, or is of another chain. */
static int find_below(struct headers *h, const struct headers_candidate *c, headers_node *node, dspv_fault *fault)
{
    const block_hash prev = header_prev(c->raw);
    int32_t height;
    int rc = settled_find(&h->settled, c->hash, &height);
    if (rc == 0 && height >= 0) {
        *node = headers_settled_node(height);
        return 0;
    }
    if (rc == 0)
        rc = settled_find(&h->settled, &prev, &height);
    if (rc != 0)
        return rc;
    if (height < 0)
        return refuse(fault, DSPV_PREV_UNKNOWN, c->hash, -1);
    dspv_reason reason = check_fork(h, height + 1);
    return refuse(fault, reason == DSPV_OK ? DSPV_CHAINLOCK_CONFLICT : reason, c->hash, height + 1);
}

/* A header that is in the tree. */
static int examine_known(const struct headers *h, headers_node node, const block_hash *hash, dspv_fault *fault)
{
    int32_t height = headers_height(h, node);
    return headers_conflicts_with_lock(h, node, height) ? refuse(fault, DSPV_CHAINLOCK_CONFLICT, hash, height) : 0;
}

/* What is to be said of a header. 0: it is *node, or, with that HEADERS_NONE, a new one that is good. Most follow the tip; those
 * are new, because a child of the tip would have more work and be the tip. */
static int examine(struct headers *h, const uint8_t raw[80], const block_hash *hash, int64_t now_s, struct headers_candidate *c,
                   headers_node *node, dspv_fault *fault)
{
    headers_node tip = headers_tip(h);
    const block_hash prev = header_prev(raw);
    bool follows = block_hash_eq(&prev, &tree_node(&h->tree, tip)->hash);
    *c = (struct headers_candidate){.raw = raw, .hash = hash};
    *node = follows ? HEADERS_NONE : headers_find(h, hash);
    if (*node != HEADERS_NONE)
        return examine_known(h, *node, hash, fault);
    c->prev = follows ? tip : headers_find(h, &prev);
    if (c->prev == HEADERS_NONE)
        return find_below(h, c, node, fault);
    c->height = headers_height(h, c->prev) + 1;
    dspv_reason reason = check(h, c, now_s);
    return reason == DSPV_OK ? 0 : refuse(fault, reason, hash, c->height);
}

int headers_try(struct headers *h, const uint8_t raw[80], const block_hash *hash, int64_t now_s, dspv_fault *fault)
{
    struct headers_candidate c;
    headers_node node;
    return examine(h, raw, hash, now_s, &c, &node, fault);
}

int headers_add(struct headers *h, const uint8_t raw[80], const block_hash *hash, int64_t now_s, headers_node *node,
                dspv_fault *fault)
{
    struct headers_candidate c;
    int rc = examine(h, raw, hash, now_s, &c, node, fault);
    if (rc != 0 || *node != HEADERS_NONE)
        return rc;
    return headers_insert(h, &c, &h->pow.work, node); /* its bits were the last */
}

/* ---- the ChainLock */

int headers_chainlock(struct headers *h, headers_node node)
{
    if (!headers_is_settled(node) && !tree_has(&h->tree, node))
        return DSPV_EMISUSE;
    if (headers_is_settled(node) && headers_height(h, node) >= headers_floor_of(h))
        return DSPV_EMISUSE;
    if (headers_conflicts_with_lock(h, node, headers_height(h, node)))
        return DSPV_EMISUSE;
    if (h->locked != HEADERS_NONE && headers_height(h, node) <= headers_height(h, h->locked))
        return 0; /* an ancestor of the lock, or the lock: nothing new */
    h->locked = node;
    if (headers_on_best_chain(h, node))
        return 0;
    headers_node best = node;
    for (headers_node n = node + 1; tree_has(&h->tree, n); n++) /* descendants come later */
        if (arith256_cmp(&tree_node(&h->tree, n)->work, &tree_node(&h->tree, best)->work) > 0 &&
            tree_ancestor(&h->tree, n, headers_height(h, node)) == node)
            best = n;
    headers_set_tip(h, best);
    return 0;
}

headers_node headers_chainlocked(const struct headers *h)
{
    return h->locked;
}

/* ---- questions */

headers_node headers_tip(const struct headers *h)
{
    return h->best[h->n_best - 1];
}

int32_t headers_tip_height(const struct headers *h)
{
    return headers_height(h, headers_tip(h));
}

block_hash headers_tip_hash(const struct headers *h)
{
    return tree_node(&h->tree, headers_tip(h))->hash;
}

int32_t headers_first_height(const struct headers *h)
{
    return h->settled.first;
}

int32_t headers_floor_height(const struct headers *h)
{
    return headers_floor_of(h);
}

headers_node headers_find(const struct headers *h, const block_hash *hash)
{
    return tree_find(&h->tree, hash);
}

int headers_look_up(struct headers *h, const block_hash *hash, headers_node *node)
{
    int32_t height;
    *node = headers_find(h, hash);
    if (*node != HEADERS_NONE)
        return 0;
    int rc = settled_find(&h->settled, hash, &height);
    if (rc == 0 && height >= 0)
        *node = headers_settled_node(height);
    return rc;
}

headers_node headers_at(const struct headers *h, int32_t height)
{
    int32_t floor = headers_floor_of(h);
    if (height < h->settled.first || height > headers_tip_height(h))
        return HEADERS_NONE;
    return height < floor ? headers_settled_node(height) : h->best[height - floor];
}

bool headers_on_best_chain(const struct headers *h, headers_node node)
{
    if (node == HEADERS_NONE || (!headers_is_settled(node) && !tree_has(&h->tree, node)))
        return false;
    return headers_at(h, headers_height(h, node)) == node;
}

int32_t headers_height(const struct headers *h, headers_node node)
{
    return headers_is_settled(node) ? (int32_t)(node & ~HEADERS_SETTLED) : tree_node(&h->tree, node)->height;
}

headers_node headers_prev(const struct headers *h, headers_node node)
{
    if (!headers_is_settled(node) && node != h->tree.base)
        return tree_node(&h->tree, node)->prev;
    int32_t height = headers_height(h, node);
    return height == h->settled.first ? HEADERS_NONE : headers_settled_node(height - 1);
}

headers_node headers_ancestor(const struct headers *h, headers_node node, int32_t height)
{
    if (height > headers_height(h, node))
        return HEADERS_NONE;
    if (height < headers_floor_of(h) || headers_on_best_chain(h, node))
        return headers_at(h, height);
    return tree_ancestor(&h->tree, node, height);
}

int32_t headers_off_best(const struct headers *h, headers_node node, int32_t most)
{
    int32_t n = 0;
    for (; n < most && !headers_on_best_chain(h, node); n++)
        node = headers_prev(h, node);
    return n;
}

int headers_hash(const struct headers *h, headers_node node, block_hash *out)
{
    if (headers_is_settled(node))
        return settled_hash(&h->settled, headers_height(h, node), out);
    *out = tree_node(&h->tree, node)->hash;
    return 0;
}

int headers_raw(const struct headers *h, headers_node node, uint8_t out[80])
{
    if (headers_is_settled(node))
        return settled_get(&h->settled, headers_height(h, node), out);
    tree_raw(&h->tree, node, out);
    return 0;
}

int headers_get(const struct headers *h, headers_node node, struct header *out)
{
    uint8_t raw[80];
    int rc = headers_raw(h, node, raw);
    if (rc == 0)
        *out = header_parse(raw);
    return rc;
}

int headers_work(const struct headers *h, headers_node node, uint8_t out[32])
{
    if (headers_is_settled(node))
        return DSPV_EMISUSE;
    arith256_to_le(&tree_node(&h->tree, node)->work, out);
    return 0;
}

int headers_work_before(const struct headers *h, headers_node node, uint8_t out[32])
{
    if (headers_is_settled(node))
        return DSPV_EMISUSE;
    const struct tree_node *n = tree_node(&h->tree, node);
    arith256 own = pow_work_of(n->bits), before = arith256_sub(&n->work, &own);
    arith256_to_le(&before, out);
    return 0;
}

void headers_start_work(const struct headers *h, uint8_t out[32])
{
    arith256_to_le(&h->start_work, out);
}

size_t headers_locator(const struct headers *h, headers_node from, block_hash *out, size_t most)
{
    int64_t height = headers_height(h, from), step = 1;
    int32_t first = headers_first_height(h);
    for (size_t n = 0, tried = 1;; tried++) {
        if (n + 1 >= most || height < first)
            height = first;
        from = headers_ancestor(h, from, (int32_t)height);
        if (headers_hash(h, from, &out[n]) == 0)
            n++;
        if (height == first)
            return n;
        if (tried >= 10)
            step *= 2;
        height -= step;
    }
}

size_t headers_count(const struct headers *h)
{
    return (size_t)(h->settled.end - h->settled.first) + h->tree.count;
}

size_t headers_memory(const struct headers *h)
{
    return sizeof(*h) + tree_memory(&h->tree) + settled_memory(&h->settled) + h->cap_best * sizeof(*h->best);
}
