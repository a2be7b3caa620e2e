/* The last blocks up to one node: what the rules about the next header look at. From a node to its child it moves in O(1), to any
 * other by a walk. Internal to chain/.
 *
 * `sum` is that of their targets, exact, in units of 256^unit; unit 0: it does not fit, or has not been made. */
#ifndef CHAIN_RECENT_H
#define CHAIN_RECENT_H

#include "chain/tree.h"

#define RECENT_BLOCKS 24u /* as many as DarkGravityWave looks at */

struct recent {
    uint32_t node;                /* TREE_NONE: of no node */
    unsigned n;                   /* RECENT_BLOCKS, or less where the tree starts */
    uint32_t times[32], bits[32]; /* rings */
    unsigned newest;              /* where the node's are; counts on, wraps */
    uint64_t sum;
    unsigned unit;
};

/* Of no node: when nodes have got other names. */
void recent_forget(struct recent *r);
void recent_move(struct recent *r, const struct tree *t, uint32_t node);
/* Make the sum if it is not there. False: the targets are too different, or too small. */
bool recent_sum(struct recent *r);

/* Of the block `back` before the node, less than r->n. */
static inline uint32_t recent_time(const struct recent *r, unsigned back)
{
    return r->times[(r->newest - back) % 32];
}

static inline uint32_t recent_bits(const struct recent *r, unsigned back)
{
    return r->bits[(r->newest - back) % 32];
}

#endif
