/* LLMQ parameters and roles of a network, joined with its chain parameters (quorums.md 1). All of it is data: regtest and
 * devnet options change it. */
#ifndef LLMQ_NETWORK_H
#define LLMQ_NETWORK_H

#include "chain/params.h"

struct llmq_params {
    uint8_t type;
    const char *name; /* Dash Core's: "llmq_60_75" */
    uint16_t size, min_size, threshold;
    uint16_t interval;               /* dkgInterval: blocks per cycle */
    uint16_t mine_start, mine_end;   /* offsets in the cycle at which the commitment may be mined, inclusive */
    uint16_t active;                 /* signingActiveQuorumCount */
    uint16_t keep_connections, keep_keys;
    bool rotated;
};

enum { NETWORK_MAX_LLMQS = 8, WORK_DIFF_DEPTH = 8, SIGN_HEIGHT_OFFSET = 8 };

struct network {
    struct chain_params chain;
    struct llmq_params llmqs[NETWORK_MAX_LLMQS]; /* known types, ascending */
    size_t n_llmqs;
    uint8_t chainlock_type, instantsend_type, platform_type, mnhf_type;
};

/* As chain_params_init. */
bool network_init(struct network *out, const char *name);
/* Apply one override with Dash Core's option name without dashes: testactivationheight, dip3params, llmqtestparams,
 * llmqtestinstantsendparams, llmqtestplatformparams, llmqtestinstantsenddip0024, llmqdevnetparams, llmqchainlocks,
 * llmqinstantsenddip0024, llmqplatform, llmqmnhf. NULL on success, else a sentence that says what is wrong. */
const char *network_override(struct network *net, const char *option, const char *value);

/* NULL: the type is not known on this network. */
const struct llmq_params *network_llmq(const struct network *net, uint8_t type);
/* As built in, by type and by Dash Core's name, among all types of all networks; NULL. */
const struct llmq_params *llmq_params_by_type(uint8_t type);
const struct llmq_params *llmq_params_by_name(const char *name);
/* Name of any type, "unknown" otherwise. */
const char *llmq_type_name(uint8_t type);

/* Is the type enabled for a block whose parent has height `prev_height` (quorums.md 1.3)? Type 102 depends on a deployment
 * that a light client cannot see: taken as enabled. */
bool llmq_enabled(const struct network *net, const struct llmq_params *p, int32_t prev_height);
/* Is rotation in force at a block of this height (quorums.md 1.3)? */
bool llmq_rotation_in_force(const struct network *net, const struct llmq_params *p, int32_t height);
/* height + 1 >= V19: commitments with this base block, and locks for it, use the basic scheme. */
bool network_basic_after(const struct network *net, int32_t height);
bool network_v20_after(const struct network *net, int32_t height);

static inline int32_t llmq_quarter_size(const struct llmq_params *p) { return p->size / 4; }
/* Start of the cycle that `height` lies in. */
static inline int32_t llmq_cycle(const struct llmq_params *p, int32_t height) { return height - height % p->interval; }
/* Height of the work block of a base block (non-rotated) or cycle base (rotated). */
static inline int32_t llmq_work_height(int32_t base_height) { return base_height - WORK_DIFF_DEPTH; }

#endif
