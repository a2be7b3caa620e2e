/* The nBits a header must carry (protocol.md 1.3 rule 3, and 1.4). Internal to chain/. */
#ifndef CHAIN_DIFFICULTY_H
#define CHAIN_DIFFICULTY_H

#include "chain/params.h"
#include "chain/recent.h"

/* What the block after the recent ones must carry when its time is `time`. False, with *bits untouched, when the rule looks at blocks
 * below the start of a tree that does not start at the genesis. */
bool difficulty_required(const struct chain_params *params, const struct tree *t, struct recent *recent, uint32_t time,
                         uint32_t *bits);

/* Whether a header at `height` may carry `bits` where `required` is due: equality, or within 50 % on the early mainnet. Both
 * must be bits that pow_target accepts. */
bool difficulty_accepts(const struct chain_params *params, int32_t height, uint32_t bits, uint32_t required);

#endif
