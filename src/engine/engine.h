/* The masternode-list engine: it knows what it can verify and what it lacks. Told facts (blocks, diffs, snapshots), it proves
 * lists, computes members, verifies quorums, and says what is missing. No I/O, no clock; one thread drives it, only
 * engine_job_run_part() may run elsewhere.
 *
 * Facts go in through engine_feed_*; every list in it is proven against its coinbase, every snapshot is a claim until a
 * membersSig or our own computation confirms it. Public form: dashspv/engine.h. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "evo/mnstate.h"
#include "llmq/rotation.h"
#include "llmq/signing.h"
#include "llmq/verify.h"

struct engine;

enum {
    /* Offline audit: diffs whose block has no header at hand are accepted, their lists are marked as not anchored; base
     * heights of quorums that are not known are found by trying. */
    ENGINE_OFFLINE = 1
};

/* `net` is copied. `seed` drives hash tables and batch weights: unpredictable, except in tests. 0 or DSPV_ENOMEM. */
int engine_new(struct engine **out, const struct network *net, const uint8_t seed[32], unsigned flags);
void engine_free(struct engine *e);
const struct network *engine_network(const struct engine *e);
/* Counts what it was told and what it found out: while this stays the same, so does every answer below, except that what was
 * pruned is gone. */
uint64_t engine_changes(const struct engine *e);

/* ---- facts in */

/* A block of the best chain: its height and, when its header is at hand, the header's merkle root (else NULL). Replaces what
 * was fed for the same hash. 0; DSPV_ENOMEM; DSPV_EMISUSE when another block of that height was fed (roll back first). */
int engine_feed_block(struct engine *e, const block_hash *hash, int32_t height, const hash256 *merkle_root);
/* -1 when not known. */
int32_t engine_block_height(const struct engine *e, const block_hash *hash);
/* False when no block of that height was fed. */
bool engine_block_at(const struct engine *e, int32_t height, block_hash *out);

/* A claimed bestCLSignature of a block, for cross-checks only: the proven coinbase always decides. 0; DSPV_ENOMEM;
 * DSPV_EFAULT (CLSIG_MISMATCH) when the proven coinbase says otherwise. */
int engine_feed_chainlock_signature(struct engine *e, const block_hash *block, const uint8_t signature[96], dspv_fault *fault);

/* Apply a decoded diff. 0 (also when the list was proven before); DSPV_ENOMEM (try again); DSPV_EWAITING with UNKNOWN_BASE or NEED_HEADER:
 * feed that and try again; DSPV_EFAULT: the message is false, nothing changed. */
int engine_apply_diff(struct engine *e, const struct mnlistdiff *d, dspv_fault *fault);
/* The same for a decoded qrinfo: diffs in ascending order, snapshots, last commitments. Lists proven before a failure stay.
 * `*tip_waiting` (may be NULL) becomes true when only the tip diff could not be applied (its block or base is not known):
 * that is no failure, the server's tip moves. */
int engine_feed_qrinfo(struct engine *e, const struct qrinfo *q, bool *tip_waiting, dspv_fault *fault);
/* Every block hash in a message whose height the engine should be fed first: bases, targets, quorum base blocks. *out is a new
 * array (mem_free), ascending, without repeats, zero hashes left out (genesis may be among them). 0 or DSPV_ENOMEM. */
int engine_diff_hashes(const struct mnlistdiff *d, block_hash **out, size_t *n);
int engine_qrinfo_hashes(const struct qrinfo *q, block_hash **out, size_t *n);

/* Forget every block above `height`, its list, and whatever was computed from it (reorganisation). */
void engine_rollback(struct engine *e, int32_t height);

/* ---- bounded memory (quorums.md 7.5) */

enum {
    ENGINE_MOST_REORG = 288,    /* blocks: no reorganisation goes deeper below the tip */
    ENGINE_LEAST_RECENT = 40,   /* blocks below the tip whose lists stay in any case */
    ENGINE_RECENT_MARGIN = 16,  /* and one rotation cycle and so many: InstantSend locks look one cycle back (quorums.md 7.4) */
    ENGINE_MOST_OLDER_LISTS = 12 /* below the horizon, while every wanted quorum is verified */
};

/* Forget what can no longer matter. No reorganisation goes below `settled_height` (the highest ChainLocked block, -1: none) nor
 * deeper than ENGINE_MOST_REORG below `tip_height`: call that height the floor. The horizon is the floor, or lower: max(40, one
 * rotation cycle + 16) blocks below the tip. What stays:
 *  - every list from the highest one at or below the horizon upwards: at the tip, after any rollback that is still allowed, and
 *    for locks up to one cycle back, the engine answers as one that never forgot anything;
 *  - below it, the work-block lists and snapshots of the cycles whose commitments can still be mined above the horizon and of
 *    the five before: the rotation goes on by itself, without a new qrinfo, and all that the present and the previous cycle's
 *    quorums rest on is there; the work-block lists of other quorums that can still be mined above it; and up to four for each
 *    enabled quorum that matters and is not verified;
 *  - the lists at `keep[0..n_keep)`, which the caller waits for;
 *  - the quorums of a list that stays or of the present or one of the two previous cycles at the horizon, and the ChainLock
 *    quorum that had retired last by then;
 *  - genesis, the blocks from the horizon upwards, and below it those that a list, a quorum or its cycle names.
 * Bound, when every wanted quorum is verified, d = tip - horizon <= max(288, cycle + 16): d + 1 + ENGINE_MOST_OLDER_LISTS + n_keep
 * lists, which share what did not change; the quorums active at some time within d + 7 cycles; mainnet: 317 lists,
 * of which most share all masternodes with their neighbours.
 * Cannot fail: what memory does not suffice for is done the next time. Cheap when nothing changed. For offline audits it does
 * nothing. True when something was forgotten. */
bool engine_prune(struct engine *e, int32_t tip_height, int32_t settled_height, const int32_t *keep, size_t n_keep);
/* Bytes the engine holds, what neighbouring lists share counted once. Not cheap: for reports and tests. */
size_t engine_memory(const struct engine *e);
/* Forget the unproven snapshots of the cycles a rotated quorum rests on, because its membersSig failed: it and its siblings
 * wait again. Called for the same cycle twice running: of all earlier cycles, for theirs may have been computed from older claims. */
void engine_reject_snapshots(struct engine *e, uint8_t type, const quorum_hash *quorum);

/* ---- verification */

/* Work that can run on any thread: every signature check that is ready. NULL in *out when nothing is ready. 0 or DSPV_ENOMEM. */
struct engine_job;
int engine_job_take(struct engine *e, struct engine_job **out);
/* A job has parts, which may run at the same time on different threads, each once; all have to be over before the job is done.
 * Pure; touches only the job. 0 or DSPV_ENOMEM. */
enum { ENGINE_MOST_PARTS = 2 };
size_t engine_job_parts(const struct engine_job *job);
int engine_job_run_part(struct engine_job *job, size_t part);
/* All parts, one after the other. */
int engine_job_run(struct engine_job *job);
/* Record the verdicts and free the job (also one that did not run, or only in part: the other quorums are ready again). */
void engine_job_done(struct engine *e, struct engine_job *job);
size_t engine_job_items(const struct engine_job *job);
/* take, run, done until nothing is ready. */
int engine_verify(struct engine *e);

/* ---- answers */

enum quorum_status {
    QUORUM_WAITING, /* `fault` names what is missing */
    QUORUM_READY,   /* only the signature checks are outstanding (or running) */
    QUORUM_VERIFIED,
    QUORUM_INVALID  /* `fault` says why */
};

struct quorum_view {
    const struct quorum *quorum;
    int32_t base_height;            /* -1: not known */
    bool committed;                 /* it is in a proven quorum set */
    int32_t first_seen, last_seen;  /* heights of the lowest and highest proven list that holds it; -1 */
    enum quorum_status status;
    dspv_fault fault;
    const struct members *members;  /* NULL until computed */
};

/* Quorums the engine met, ascending by (type, hash). Pointers are valid until the engine changes. */
size_t engine_quorum_count(const struct engine *e);
void engine_quorum_at(const struct engine *e, size_t i, struct quorum_view *out);
bool engine_quorum(const struct engine *e, uint8_t type, const quorum_hash *hash, struct quorum_view *out);

/* Lists by height, ascending. */
size_t engine_list_count(const struct engine *e);
struct mnstate *engine_list_at(const struct engine *e, size_t i);
struct mnstate *engine_list(const struct engine *e, int32_t height);           /* exactly there; NULL */
struct mnstate *engine_list_below(const struct engine *e, int32_t height);     /* the highest at or below; NULL */
struct mnstate *engine_list_of_block(const struct engine *e, const block_hash *hash);
struct mnstate *engine_tip_list(const struct engine *e);                       /* the highest; NULL */

/* Snapshot of a cycle: NULL = none known. `*derived` (may be NULL): computed by ourselves. */
const struct snapshot *engine_snapshot(const struct engine *e, int32_t cycle, bool *derived);
/* There is one, and more speaks for it than the word of a peer: our own computation, or a verified quorum that rests on it. */
bool engine_snapshot_confirmed(const struct engine *e, int32_t cycle);
/* True when Core stores no snapshot for that cycle (too early, or too few masternodes). */
bool engine_snapshot_absent(const struct engine *e, int32_t cycle);
/* Served snapshots that differed from our own computation since the start. */
size_t engine_snapshot_mismatches(const struct engine *e);

/* Verify every committed quorum of the given types (n = 0: all known types) in the list at `height`. 0 when all are verified;
 * DSPV_EWAITING / DSPV_EFAULT and the first fault otherwise; DSPV_ENOMEM. */
int engine_verify_list_quorums(struct engine *e, int32_t height, const uint8_t *types, size_t n, dspv_fault *fault);

/* ---- locks (quorums.md 7). 0 = the lock is good, *signer is the quorum; DSPV_EWAITING with what is missing; DSPV_EFAULT. */
int engine_check_chainlock(struct engine *e, const struct clsig *lock, struct quorum_view *signer, dspv_fault *fault);
int engine_check_instantlock(struct engine *e, const struct isdlock *lock, int32_t tip_height, struct quorum_view *signer,
                             dspv_fault *fault);

/* ---- what is missing (hybrid-sync.md 1) */

enum need_kind { NEED_KIND_HEADER, NEED_KIND_LIST, NEED_KIND_SNAPSHOT };

/* One thing some wanted quorum lacks, with who wants it. */
struct need {
    enum need_kind kind;
    int32_t height;      /* of the list's block, or of the cycle base; -1 for a header whose height is not known */
    block_hash block;    /* header: the hash wanted; list: the block at `height` when it was fed, else zeros */
    uint8_t type;        /* the first quorum that wants it */
    quorum_hash quorum;
    uint32_t wanted_by;  /* how many quorums want it */
};

struct needs {
    struct need *items; /* ascending by (kind, height, block) */
    size_t n;
    size_t wanted, verified, invalid, waiting, ready; /* quorums by status; wanted = the sum of the others */
    bool requires_qrinfo;                             /* some snapshot is missing that the lists named will not bring */
};

/* What the quorums wanted at the list `tip_height` lack: every active quorum of every enabled type, one older per ChainLock
 * type, the previous rotation cycle. A snapshot that the engine will compute from lists that it has or names is not named. 0;
 * DSPV_ENOMEM; DSPV_EMISUSE when there is no list at `tip_height`. */
int engine_discover(const struct engine *e, int32_t tip_height, struct needs *out);
void needs_free(struct needs *n);
/* The quorums that discovery at `tip_height` wants, as indexes for engine_quorum_at(). *out new (mem_free). */
int engine_wanted(const struct engine *e, int32_t tip_height, size_t **out, size_t *n);

#endif
