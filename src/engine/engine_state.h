/* The engine's inside, shared by the files of this folder only. */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include "base/fault.h"
#include "base/map.h"
#include "base/mem.h"
#include "engine/engine.h"

struct block_info {
    block_hash hash;
    int32_t height;
    bool has_root;
    hash256 merkle_root;
};

/* One cycle of the InstantSend type, by the height of its base. */
struct cycle {
    int32_t base;
    struct snapshot *snapshot; /* NULL: not known, or absent */
    bool absent;               /* we computed that Core stores none */
    bool checked;              /* we computed it and joined the result with what was served */
    bool derived;              /* our computation stands */
    bool proven;               /* follows from proven lists alone */
    bool trusted;              /* follows from snapshots on which whole verified cycles rest: stands until a quorum fails */
    struct quarters *old;      /* decoded from the snapshot */
    struct quarters *fresh;    /* built as the cycle's new quarters */
};

/* A quorum the engine met. */
struct tracked {
    struct quorum *quorum;
    int32_t base_height;
    bool committed;
    int32_t first_seen, last_seen;
    enum quorum_status status;
    dspv_fault fault;
    struct members *members;
    uint32_t generation; /* changes when a running job's verdict no longer applies */
    bool busy;           /* in a job */
    bool restored;       /* the members come from the store: they prove nothing about snapshots */
    uint64_t serial;     /* of the verdict, a new one each time it is verified; 0: not verified; 1: as the store says */
    bool has_key;
    bls_key key; /* of the commitment, decoded for locks */
    bool has_hint;
    uint8_t hint[96]; /* quorumsCLSigs: the claimed ChainLock signature of the work block */
};

struct engine {
    struct network net;
    uint64_t changes; /* engine_changes() */
    unsigned flags;
    struct rng rng;
    struct block_info *blocks; /* ascending by height */
    size_t n_blocks, blocks_cap;
    struct map heights; /* block hash -> height */
    struct mnstate **lists; /* ascending by height */
    size_t n_lists, lists_cap;
    struct cycle *cycles; /* ascending by base */
    size_t n_cycles, cycles_cap;
    size_t snapshot_mismatches;
    int32_t rejected; /* cycle whose snapshots were rejected last, 0 = none, or all were */
    struct tracked **tracked; /* ascending by (type, hash) */
    size_t n_tracked, tracked_cap;
    struct tracked **spare; /* blank ones, so that tracking cannot fail half-way */
    size_t n_spare, spare_cap;
    struct key_cache *keys; /* NULL while a job has it */
    uint64_t verdicts;      /* serials given out */
    struct {
        int32_t horizon;
        size_t lists, blocks, quorums, cycles;
    } pruned; /* how the last engine_prune() left it */
};

/* One thing a quorum lacks. */
struct missing {
    dspv_reason reason; /* NEED_BASE_HEIGHT, NEED_LIST, NEED_SNAPSHOT */
    int32_t height;     /* of the list's block, or of the cycle base */
};
enum { MISSING_MAX = 8 };

/* blocks.c */
const struct block_info *blocks_find(const struct engine *e, const block_hash *hash);
void blocks_drop_above(struct engine *e, int32_t height);
/* Forget the blocks below a height that are not among the named heights (ascending). */
void blocks_drop_unnamed(struct engine *e, int32_t below, const int32_t *named, size_t n);

/* cycles.c: the InstantSend type's rotation */
const struct llmq_params *cycles_params(const struct engine *e); /* NULL when the network's type does not rotate */
int cycles_feed_snapshot(struct engine *e, int32_t base, const struct snapshot_msg *m, dspv_fault *fault);
/* Compute every cycle's snapshot that follows from what is known. */
int cycles_derive(struct engine *e);
/* What the quorums of a cycle lack; returns how many. */
size_t cycles_missing(const struct engine *e, int32_t base, struct missing out[MISSING_MAX]);
/* Members of one index; nothing may be missing. */
int cycles_members(struct engine *e, int32_t base, uint32_t index, struct members **out, dspv_fault *fault);
/* The quorums of the cycle at `base` verified. */
void cycles_trust_previous(struct engine *e, int32_t base);
/* Forget the unproven snapshots of the three cycles before `base`; the second time in a row those of all before. */
void cycles_reject_previous(struct engine *e, int32_t base);
void cycles_drop_above(struct engine *e, int32_t height);
/* Forget the records of cycles for which `keep` says no. */
typedef bool cycles_filter(const struct engine *e, int32_t base, const void *about);
void cycles_drop(struct engine *e, cycles_filter *keep, const void *about);
size_t cycles_memory(const struct engine *e);
void cycles_free(struct engine *e);

/* quorums.c */
/* Make room so that tracking these quorums cannot fail. 0 or DSPV_ENOMEM. */
int quorums_reserve(struct engine *e, struct quorum *const *quorums, size_t n);
/* A quorum of a proven list at `height` (committed), or one merely met (height -1). Room must have been reserved. */
void quorums_track(struct engine *e, struct quorum *q, int32_t height);
struct tracked *quorums_find(const struct engine *e, uint8_t type, const quorum_hash *hash);
/* What the quorum lacks; its base height must be known. */
size_t quorums_missing(const struct engine *e, const struct tracked *t, struct missing out[MISSING_MAX]);
/* Bring a waiting quorum's status up to date; computes its members when nothing is missing. 0 or DSPV_ENOMEM. */
int quorums_update(struct engine *e, struct tracked *t);
bool quorums_rotates(const struct engine *e, const struct tracked *t);
/* Members of rotated quorums that are not verified must be computed again. */
void quorums_forget_rotated_members(struct engine *e);
/* A verified quorum of the three cycles after `base` rests on that cycle's snapshot. */
bool quorums_rest_on(const struct engine *e, int32_t base);
/* Snapshots were dropped: the verified quorums of the cycles from .. to that rested on one wait again. Their keys were good, but
 * membersSig cannot tell the order of the members nor who did not sign. */
void quorums_doubt_cycles(struct engine *e, int32_t from, int32_t to);
void quorums_after_rollback(struct engine *e, int32_t height);
/* Its base height as far as the blocks tell, else -1. */
int32_t quorums_base_height(const struct engine *e, const struct tracked *t);
/* Heights of the lists its members are computed from; returns how many (0: not known). */
size_t quorums_lists(const struct engine *e, const struct tracked *t, int32_t heights[4]);
typedef bool quorums_filter(const struct engine *e, const struct tracked *t, const void *about);
void quorums_drop(struct engine *e, quorums_filter *keep, const void *about);
size_t quorums_memory(const struct engine *e);
void quorums_verdict(struct engine *e, struct tracked *t, bool quorum_sig_ok, bool members_sig_ok);
/* The signatures could not even be checked. */
void quorums_refuse(struct tracked *t, dspv_fault fault);
void quorums_free(struct engine *e);

/* discover.c */
/* Known and enabled for quorums formed after the tip. */
bool discover_enabled(const struct engine *e, const struct tracked *t, int32_t tip_height);
/* The newest ChainLock quorum that is no longer active at the list: it may still have to check a lock at the border (quorums.md
 * 7.5). NULL: none. */
const struct tracked *discover_retired(const struct engine *e, const struct mnstate *tip);
/* Base of the cycle a rotated quorum of known height belongs to, else -1. */
int32_t discover_cycle(const struct engine *e, const struct tracked *t);
/* Base of the newest cycle among the quorums active at the list, -1. */
int32_t discover_newest_cycle(const struct engine *e, const struct mnstate *tip);

/* search.c: offline only. *found: some height was, and other quorums may have the same base block. */
int search_base_heights(struct engine *e, bool *found);

#endif
