/* Messages of headers that a liar makes. */
#ifndef SIM_LIAR_BATCH_H
#define SIM_LIAR_BATCH_H

#include "chain/miner.h"
#include "sim/liar_kinds.h"

/* Headers that may be written to. */
struct liar_batch {
    uint8_t *raw;
    block_hash *hashes; /* as headers2 has them: where a prev is another one, it is told */
    uint32_t n;
};

bool liar_batch_new(struct arena *a, uint32_t most, struct liar_batch *out);
void liar_batch_put(struct liar_batch *b, uint32_t i, const struct mined *m);
void liar_batch_append(struct liar_batch *b, const uint8_t *raw, const block_hash *hash);
/* The chain's headers from `first` on, again from there after the tip, until there are `n`. */
void liar_batch_fill(const struct devnode_view *v, struct liar_batch *b, int32_t first, uint32_t n);
/* Append `n` headers of our own after `fork`, valid ones, each with the time and bits of the chain's at its height; where these
 * are so easy that it can be done at once. */
bool liar_batch_can_mine(const struct devnode_chain *chain, int32_t fork);
void liar_batch_mine(struct liar *l, const struct devnode_chain *chain, int32_t fork, uint32_t n, struct liar_batch *b);
/* Which is a lie. */
void liar_batch_say(struct liar *l, struct liar_output *out, bool compressed, const struct liar_batch *b);

#endif
