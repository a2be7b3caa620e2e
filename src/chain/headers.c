/* See headers.h. The rules of protocol.md 1.3 in one place, the best chain as an array of nodes, and the ChainLock.
 *
 * Invariants: every node passed all rules that could be applied to it, so its target is valid and no node is invalid; best[i]
 * is the best chain's node at height first + i and its last element the tip; cap_best covers the highest node, so that moving
 * the tip never allocates; once a ChainLock is set, every node added later descends from it.
 * Next: tree.c (storage), difficulty.c (required nBits), pow.c. */
#include "chain/headers.h"

#include "base/fault.h"
#include "base/mem.h"
#include "chain/difficulty.h"
#include "chain/pow.h"
#include "chain/tree.h"
#include "crypto/x11.h"

enum { MEDIAN_BLOCKS = 11, MOST_AHEAD_S = 7200 };

struct headers {
    struct chain_params params;
    struct tree tree;
    headers_node *best;
    size_t n_best, cap_best;
    headers_node locked;
    int32_t checkpoint; /* highest checkpoint in the tree, -1 = none */
};

/* A candidate on its way through the rules. */
struct candidate {
    const block_hash *hash;
    struct header header;
    headers_node prev;
    int32_t height;
    arith256 target;
};

static bool conflicts_with_lock(const struct headers *h, headers_node node, int32_t height)
{
    if (h->locked == HEADERS_NONE)
        return false;
    int32_t lock_height = headers_height(h, h->locked);
    if (height < lock_height)
        return headers_ancestor(h, h->locked, height) != node;
    return headers_ancestor(h, node, lock_height) != h->locked;
}

/* Rules about where the header stands. */
static dspv_reason check_place(const struct headers *h, const struct candidate *c)
{
    const struct chain_params *p = &h->params;
    if (p->has_block1 && c->height == 1 && !block_hash_eq(c->hash, &p->block1_hash))
        return DSPV_DEVNET_GENESIS;
    const struct checkpoint *checkpoint = chain_params_checkpoint(p, c->height);
    if (checkpoint && !block_hash_eq(c->hash, &checkpoint->hash))
        return DSPV_CHECKPOINT_MISMATCH;
    if (c->height < h->checkpoint)
        return DSPV_FORK_BEFORE_CHECKPOINT;
    /* a new header can only be on the locked chain above the lock: everything below is in the tree */
    if (h->locked != HEADERS_NONE &&
        (c->height <= headers_height(h, h->locked) || conflicts_with_lock(h, c->prev, c->height - 1)))
        return DSPV_CHAINLOCK_CONFLICT;
    return DSPV_OK;
}

static dspv_reason check_work(const struct headers *h, struct candidate *c)
{
    uint32_t required;
    if (!pow_target(&h->params, c->header.bits, &c->target))
        return DSPV_BAD_TARGET;
    if (difficulty_required(&h->params, &h->tree, c->prev, c->header.time, &required) &&
        !difficulty_accepts(&h->params, c->height, c->header.bits, required))
        return DSPV_BAD_DIFFBITS;
    return pow_meets(c->hash, &c->target) ? DSPV_OK : DSPV_HIGH_HASH;
}

/* Median of the last 11 times up to `node`, fewer near the genesis. False when a tree that starts later does not have them. */
static bool median_time(const struct headers *h, headers_node node, uint32_t *median)
{
    uint32_t times[MEDIAN_BLOCKS];
    size_t n = 0;
    do {
        const struct tree_node *t = tree_node(&h->tree, node);
        size_t i = n++;
        for (; i > 0 && times[i - 1] > t->time; i--)
            times[i] = times[i - 1];
        times[i] = t->time;
        node = t->prev;
    } while (n < MEDIAN_BLOCKS && node != HEADERS_NONE);
    *median = times[n / 2];
    return n == MEDIAN_BLOCKS || headers_first_height(h) == 0;
}

static dspv_reason check_time(const struct headers *h, const struct candidate *c, int64_t now_s)
{
    uint32_t median;
    if (median_time(h, c->prev, &median) && c->header.time <= median)
        return DSPV_TIME_TOO_OLD;
    return (int64_t)c->header.time - MOST_AHEAD_S > now_s ? DSPV_TIME_TOO_NEW : DSPV_OK;
}

static dspv_reason check_version(const struct headers *h, const struct candidate *c)
{
    const struct activations *a = &h->params.active;
    int32_t least = c->height >= a->bip65 ? 4 : c->height >= a->bip66 ? 3 : c->height >= a->bip34 ? 2 : INT32_MIN;
    return c->header.version < least ? DSPV_BAD_VERSION : DSPV_OK;
}

static dspv_reason check(const struct headers *h, struct candidate *c, int64_t now_s)
{
    dspv_reason reason = check_place(h, c);
    if (reason == DSPV_OK)
        reason = check_work(h, c);
    if (reason == DSPV_OK)
        reason = check_time(h, c, now_s);
    return reason == DSPV_OK ? check_version(h, c) : reason;
}

/* Rewrite the array from the tip down to where both chains are one. */
static void set_tip(struct headers *h, headers_node tip)
{
    int32_t first = headers_first_height(h);
    size_t n_before = h->n_best;
    h->n_best = (size_t)(headers_height(h, tip) - first) + 1;
    for (headers_node node = tip; node != HEADERS_NONE; node = tree_node(&h->tree, node)->prev) {
        size_t i = (size_t)(headers_height(h, node) - first);
        if (i < n_before && h->best[i] == node)
            break;
        h->best[i] = node;
    }
}

static int reserve(struct headers *h, int32_t height)
{
    size_t need = (size_t)(height - (h->tree.count ? headers_first_height(h) : height)) + 1;
    void *best = h->best;
    if (mem_grow(&best, &h->cap_best, need, sizeof(*h->best)) != 0)
        return DSPV_ENOMEM;
    h->best = best;
    return tree_reserve(&h->tree);
}

/* Add a header that passed the rules. */
static int insert(struct headers *h, const struct candidate *c, headers_node *node)
{
    if (reserve(h, c->height) != 0)
        return DSPV_ENOMEM;
    arith256 work = pow_work(&c->target);
    *node = tree_insert(&h->tree, &c->header, c->hash, c->prev, c->height, &work);
    if (chain_params_checkpoint(&h->params, c->height) && c->height > h->checkpoint)
        h->checkpoint = c->height;
    if (c->prev == HEADERS_NONE ||
        arith256_cmp(&tree_node(&h->tree, *node)->work, &tree_node(&h->tree, headers_tip(h))->work) > 0)
        set_tip(h, *node);
    return 0;
}

static int make(struct headers **out, const struct chain_params *params, const uint64_t seed[2], const struct candidate *start)
{
    struct headers *h = mem_zalloc(sizeof(*h));
    if (!h)
        return DSPV_ENOMEM;
    h->params = *params;
    h->locked = HEADERS_NONE;
    h->checkpoint = -1;
    tree_init(&h->tree, seed);
    headers_node node;
    if (insert(h, start, &node) != 0) {
        headers_free(h);
        return DSPV_ENOMEM;
    }
    *out = h;
    return 0;
}

int headers_new(struct headers **out, const struct chain_params *params, const uint64_t seed[2])
{
    struct candidate genesis = {
        .hash = &params->genesis_hash, .header = header_parse(params->genesis), .prev = HEADERS_NONE, .height = 0};
    genesis.target = pow_target_of(genesis.header.bits);
    struct headers *h;
    if (make(&h, params, seed, &genesis) != 0)
        return DSPV_ENOMEM;
    if (params->has_block1) {
        struct candidate block1 = {
            .hash = &params->block1_hash, .header = header_parse(params->block1), .prev = headers_tip(h), .height = 1};
        block1.target = pow_target_of(block1.header.bits);
        headers_node node;
        if (insert(h, &block1, &node) != 0) {
            headers_free(h);
            return DSPV_ENOMEM;
        }
    }
    *out = h;
    return 0;
}

int headers_new_from(struct headers **out, const struct chain_params *params, const uint64_t seed[2], int32_t height,
                     const uint8_t first[80])
{
    if (height == 0)
        return memcmp(first, params->genesis, 80) == 0 ? headers_new(out, params, seed) : DSPV_EMISUSE;
    block_hash hash;
    x11_hash(&hash, first);
    struct candidate start = {.hash = &hash, .header = header_parse(first), .prev = HEADERS_NONE, .height = height};
    const struct checkpoint *checkpoint = chain_params_checkpoint(params, height);
    bool wrong = height < 0 || height > INT32_MAX / 2 || !pow_target(params, start.header.bits, &start.target) ||
                 !pow_meets(&hash, &start.target) || (checkpoint && !block_hash_eq(&hash, &checkpoint->hash)) ||
                 (height == 1 && params->has_block1 && !block_hash_eq(&hash, &params->block1_hash));
    return wrong ? DSPV_EMISUSE : make(out, params, seed, &start);
}

void headers_free(struct headers *h)
{
    if (!h)
        return;
    tree_free(&h->tree);
    mem_free(h->best);
    mem_free(h);
}

static int refuse(dspv_fault *fault, dspv_reason reason, const block_hash *hash, int32_t height)
{
    *fault = fault_about(reason, hash->b, height);
    return DSPV_EFAULT;
}

int headers_add(struct headers *h, const uint8_t raw[80], const block_hash *hash, int64_t now_s, headers_node *node,
                dspv_fault *fault)
{
    headers_node known = headers_find(h, hash);
    if (known != HEADERS_NONE) {
        int32_t height = headers_height(h, known);
        if (conflicts_with_lock(h, known, height))
            return refuse(fault, DSPV_CHAINLOCK_CONFLICT, hash, height);
        *node = known;
        return 0;
    }
    struct candidate c = {.hash = hash, .header = header_parse(raw)};
    c.prev = headers_find(h, &c.header.prev);
    if (c.prev == HEADERS_NONE)
        return refuse(fault, DSPV_PREV_UNKNOWN, hash, -1);
    c.height = headers_height(h, c.prev) + 1;
    dspv_reason reason = check(h, &c, now_s);
    if (reason != DSPV_OK)
        return refuse(fault, reason, hash, c.height);
    return insert(h, &c, node);
}

int headers_chainlock(struct headers *h, headers_node node)
{
    if (node >= h->tree.count || conflicts_with_lock(h, node, headers_height(h, node)))
        return DSPV_EMISUSE;
    if (h->locked != HEADERS_NONE && headers_height(h, node) <= headers_height(h, h->locked))
        return 0; /* an ancestor of the lock, or the lock: nothing new */
    h->locked = node;
    if (headers_on_best_chain(h, node))
        return 0;
    headers_node best = node;
    for (headers_node n = node + 1; n < h->tree.count; n++) /* descendants come later */
        if (arith256_cmp(&tree_node(&h->tree, n)->work, &tree_node(&h->tree, best)->work) > 0 &&
            tree_ancestor(&h->tree, n, headers_height(h, node)) == node)
            best = n;
    set_tip(h, best);
    return 0;
}

headers_node headers_chainlocked(const struct headers *h)
{
    return h->locked;
}

headers_node headers_tip(const struct headers *h)
{
    return h->best[h->n_best - 1];
}

int32_t headers_tip_height(const struct headers *h)
{
    return headers_height(h, headers_tip(h));
}

int32_t headers_first_height(const struct headers *h)
{
    return tree_node(&h->tree, 0)->height;
}

headers_node headers_find(const struct headers *h, const block_hash *hash)
{
    return tree_find(&h->tree, hash);
}

headers_node headers_at(const struct headers *h, int32_t height)
{
    int32_t first = headers_first_height(h);
    return height >= first && height <= headers_tip_height(h) ? h->best[height - first] : HEADERS_NONE;
}

bool headers_on_best_chain(const struct headers *h, headers_node node)
{
    return node < h->tree.count && headers_at(h, headers_height(h, node)) == node;
}

int32_t headers_height(const struct headers *h, headers_node node)
{
    return tree_node(&h->tree, node)->height;
}

headers_node headers_prev(const struct headers *h, headers_node node)
{
    return tree_node(&h->tree, node)->prev;
}

headers_node headers_ancestor(const struct headers *h, headers_node node, int32_t height)
{
    if (height <= headers_height(h, node) && headers_on_best_chain(h, node))
        return headers_at(h, height);
    return tree_ancestor(&h->tree, node, height);
}

void headers_hash(const struct headers *h, headers_node node, block_hash *out)
{
    *out = tree_node(&h->tree, node)->hash;
}

void headers_get(const struct headers *h, headers_node node, struct header *out)
{
    tree_header(&h->tree, node, out);
}

void headers_work(const struct headers *h, headers_node node, uint8_t out[32])
{
    arith256_to_le(&tree_node(&h->tree, node)->work, out);
}

size_t headers_locator(const struct headers *h, headers_node from, block_hash *out, size_t most)
{
    int64_t height = headers_height(h, from), step = 1;
    int32_t first = headers_first_height(h);
    size_t n = 0;
    while (n < most) {
        if (n + 1 == most || height < first)
            height = first;
        from = headers_ancestor(h, from, (int32_t)height);
        out[n++] = tree_node(&h->tree, from)->hash;
        if (height == first)
            break;
        if (n >= 10)
            step *= 2;
        height -= step;
    }
    return n;
}

size_t headers_count(const struct headers *h)
{
    return h->tree.count;
}

size_t headers_memory(const struct headers *h)
{
    return sizeof(*h) + tree_memory(&h->tree) + h->cap_best * sizeof(*h->best);
}
