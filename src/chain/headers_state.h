/* What the files of the header chain share. Internal to chain/.
 *
 * Invariants: every node passed all rules that could be applied to it, so its target is valid and no node is invalid; the tree's
 * start is at the floor and on the best chain; best[i] is the best chain's node at height floor + i and its last element the tip;
 * cap_best covers the highest node, so that moving the tip never allocates; once a ChainLock is set, every node added later
 * descends from it. A settled node is its height with the highest bit set. */
#ifndef CHAIN_HEADERS_STATE_H
#define CHAIN_HEADERS_STATE_H

#include "chain/headers.h"
#include "chain/pow.h"
#include "chain/recent.h"
#include "chain/settled.h"

#define HEADERS_SETTLED 0x80000000u

struct headers {
    struct chain_params params;
    struct headers_limits limits;
    struct settled settled;
    struct tree tree;
    struct recent recent;     /* before the last candidate */
    struct pow pow;           /* of the last candidate's bits */
    int32_t gap_from, gap_to; /* no checkpoint is at these heights, gap_to excluded */
    headers_node *best;
    size_t n_best, cap_best;
    headers_node locked;
    int32_t checkpoint; /* highest checkpoint in the chain, -1 = none */
    uint32_t checkpoint_time;
    int32_t buried;     /* without checkpoints: at and below this height nothing forks off, -1 = nowhere yet */
    arith256 start_work; /* of the start and all before it */
    int32_t changed;    /* the archive lacks the best chain from here on */
};

/* A candidate on its way through the rules. */
struct headers_candidate {
    const uint8_t *raw;
    const block_hash *hash;
    headers_node prev;
    int32_t height;
};

/* Add a header that passed the rules; `work`: its own, at the start that of all before it too. 0 or DSPV_ENOMEM. */
int headers_insert(struct headers *h, const struct headers_candidate *c, const arith256 *work, headers_node *node);
/* Make `tip`, a node of the tree, the tip. */
void headers_set_tip(struct headers *h, headers_node tip);
bool headers_conflicts_with_lock(const struct headers *h, headers_node node, int32_t height);

static inline bool headers_is_settled(headers_node node) { return node >= HEADERS_SETTLED && node != HEADERS_NONE; }
static inline headers_node headers_settled_node(int32_t height) { return HEADERS_SETTLED | (headers_node)height; }
static inline int32_t headers_floor_of(const struct headers *h) { return h->tree.height; }

#endif
