/* A set of masternodes no two of which share a property that Dash Core wants unique (quorums.md 3.6). */
#ifndef LLMQ_UNIQUE_SET_H
#define LLMQ_UNIQUE_SET_H

#include "base/map.h"
#include "evo/masternode.h"

struct unique_set {
    struct map properties; /* hash of a property -> position in `mn` */
    struct masternode **mn; /* borrowed, in the order they were added */
    size_t n, cap;
};

/* `seed` should be unpredictable to whoever registers masternodes. */
void unique_set_init(struct unique_set *s, const uint64_t seed[2]);
void unique_set_free(struct unique_set *s);
bool unique_set_has(const struct unique_set *s, const protx_hash *protx);
/* *added = false when the masternode, or another one with one of its properties, is already there: the first one wins.
 * 0 or DSPV_ENOMEM; then the set may hold some properties of `mn` and is good for nothing but unique_set_free. */
int unique_set_add(struct unique_set *s, struct masternode *mn, bool *added);

#endif
