/* Member selection: scores, modifiers, non-rotated members (quorums.md 2). */
#ifndef LLMQ_MEMBERS_H
#define LLMQ_MEMBERS_H

#include "evo/mnstate.h"
#include "llmq/network.h"

/* Members of one quorum in member order; owns a reference to each. */
struct members {
    uint32_t n;
    struct masternode *mn[];
};
/* NULL when out of memory; takes references. */
struct members *members_new(struct masternode *const *mn, uint32_t n);
void members_free(struct members *m);

/* The modifier of a quorum or cycle base (quorums.md 2.2). `base_hash` is used only for non-rotated types before V20 (else may
 * be NULL); `work` is the state at the work block, used in all other cases. */
hash256 llmq_modifier(const struct network *net, const struct llmq_params *p, int32_t base_height, const block_hash *base_hash,
                      const struct mnstate *work);

/* Eligible masternodes of a list by descending score (ties by proTxHash, descending). `evo_only` keeps Evo nodes; `limit` (0 = none)
 * keeps the first so many. *out is a new array of borrowed pointers (mem_free), *n its length. 0 or DSPV_ENOMEM. */
int llmq_rank(const struct mnlist *list, const hash256 *modifier, bool evo_only, size_t limit, struct masternode ***out,
              size_t *n);
/* The same for an arbitrary array (not filtered by evo). Sorts in place. 0 or DSPV_ENOMEM. */
int llmq_rank_array(struct masternode **mn, size_t n, const hash256 *modifier);

/* Height of the list from which a non-rotated quorum's members are taken: b - 8, or b before V20 (quorums.md 2.1). */
int32_t llmq_list_height(const struct network *net, int32_t base_height);

/* Members of a non-rotated quorum. `state` is the state at llmq_list_height(); before V20 the modifier comes from base_hash.
 * *out is new. 0 or DSPV_ENOMEM. A base height that is not a multiple of the interval gives no members. */
int llmq_members(const struct network *net, const struct llmq_params *p, int32_t base_height, const block_hash *base_hash,
                 const struct mnstate *state, struct members **out);

#endif
