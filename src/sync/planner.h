/* The planner: from what the engine lacks to the fewest requests that bring it (hybrid-sync.md 2). Pure: the same input gives
 * the same plan, nothing is sent and nobody is asked. Each request says why in words. The model it counts in: docs/planner.md;
 * its input from an engine: plan_input.h. */
#ifndef SYNC_PLANNER_H
#define SYNC_PLANNER_H

#include "engine/engine.h"

enum { PLAN_REASON_SIZE = 120, PLAN_MAX_REQUESTS = 256, PLAN_JOIN_GAP = 3, PLAN_SMALL_GROUP = 4 };

/* ---- the grouping rule */

enum plan_kind { PLAN_MN_DIFF, PLAN_QR_INFO };

/* Missing heights that lie close together. */
struct height_group {
    int32_t start, end; /* first and last missing height */
    size_t first, n;    /* positions in the array of heights */
    enum plan_kind kind;
    int32_t priority;   /* its end: the newest group goes first */
    const char *reason;
};
/* Group ascending heights without repeats: a height joins while the gap is at most PLAN_JOIN_GAP and the group spans at most
 * `span` heights. `out` has room for `n` groups. Returns how many. */
size_t planner_group(const int32_t *heights, size_t n, bool requires_qr_info, uint32_t span, struct height_group *out);

/* ---- the plan */

struct qr_info_request {
    int32_t base_height; /* the newest list the answer may build on; 0: genesis */
    block_hash base;
    bool base_ahead;     /* which is not known yet: a MNLISTDIFF of this plan brings it */
    int32_t tip_height;  /* the block asked about */
    block_hash tip;
    bool extra_share;
    int32_t priority;
    char reason[PLAN_REASON_SIZE];
};

struct mn_diff_request {
    int32_t base_height; /* -1: from the empty list */
    block_hash base;     /* zeros then */
    int32_t tip_height;
    block_hash tip;
    int32_t priority;
    char reason[PLAN_REASON_SIZE];
};

struct plan {
    struct qr_info_request *qr_info_requests; /* newest first */
    size_t n_qr_info;
    struct mn_diff_request *mn_diff_requests; /* newest first; a base is known or the target of the next entry */
    size_t n_mn_diff;
    bool fallback_to_mn_diff;        /* snapshots are missing but QRINFO is not to be had: they stay missing */
    bool rotating_validation_needed; /* rotated quorums wait for this plan */
    dspv_ms estimated_completion_ms; /* from now, by the measured answer times */
    char strategy_reason[160];
};

struct plan_list {
    int32_t height;
    block_hash block;
};

struct plan_input {
    const struct needs *needs;     /* NULL: nothing was discovered, because there is no list at the tip */
    int32_t tip_height;
    bool has_tip_list;
    const struct plan_list *lists; /* proven, ascending */
    size_t n_lists;
    const int32_t *lock_heights;   /* lists that locks wait for; any order */
    size_t n_lock_heights;
    int32_t interval;              /* blocks per rotation cycle; 0: rotation is not in force */
    int32_t mine_start;            /* no commitment of a cycle is mined below this offset in it; 0: not known */
    int32_t oldest_list;           /* that quorums active at the tip will need, if no DKG failed; 0: not known */
    int32_t first_cycle;           /* no snapshots of lower cycles exist, and no answer that would need one */
    const int32_t *tip_cycles;     /* of the rotated quorums active at the tip; any order */
    size_t n_tip_cycles;
    const int32_t *snapshots;      /* cycles whose snapshot is known; any order */
    size_t n_snapshots;
    bool (*block_at)(const void *chain, int32_t height, block_hash *out); /* the best chain */
    const void *chain;
};

struct plan_limits {
    uint32_t max_qr_info_span;
    bool qr_info_allowed; /* false in fallback */
    bool extra_share;
    dspv_ms qr_info_ms, mn_diff_ms; /* what an answer takes, measured */
};

/* 0 or DSPV_ENOMEM (nothing to free then). Heights that block_at() does not know are left out. */
int planner_plan(const struct plan_input *in, const struct plan_limits *limits, struct plan *out);
void plan_free(struct plan *p);
static inline bool plan_is_empty(const struct plan *p) { return p->n_qr_info + p->n_mn_diff == 0; }

/* The plan as lines of text; returns the length without the terminator, as snprintf. */
size_t plan_text(const struct plan *p, char *out, size_t size);

#endif
