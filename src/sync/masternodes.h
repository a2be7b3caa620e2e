/* The masternode phase: discover what the engine lacks, plan, request, feed, verify, until nothing is missing; then follow the
 * tip the same way (hybrid-sync.md 1 to 6). Read first: planner.h; beside it: engine/engine.h. */
#ifndef SYNC_MASTERNODES_H
#define SYNC_MASTERNODES_H

#include "base/map.h"
#include "sync/blame.h"
#include "sync/job.h"
#include "sync/peer.h"
#include "sync/request.h"

enum {
    MASTERNODES_BACKOFF_MS = 5000,           /* after a round that failed; doubles */
    MASTERNODES_MOST_BACKOFF_MS = 300000,
    MASTERNODES_QR_INFO_RETRY_MS = 60000,    /* in fallback; doubles */
    MASTERNODES_SPARE_TOLD = 64,             /* entries of `announced` beyond twice what the engine knows */
    MASTERNODES_MOST_LOCK_LISTS = 4,         /* per round */
    MASTERNODES_TIP_FAILURES = 2,            /* rounds without the tip's list, before blocks below it are looked at as well */
    MASTERNODES_MOST_BELOW = 16              /* how far; 1, 2, 4, .. */
};

struct masternodes {
    struct plan plan; /* of the present round */
    struct request *requests;
    size_t n_requests, cap_requests;
    size_t most_held; /* bytes: REQUEST_MOST_HELD; tests set less */
    struct {
        struct engine_job *engine; /* NULL: none is out */
        struct dspv_job parts[ENGINE_MOST_PARTS];
        size_t told, back; /* parts handed out, and come back */
    } job;

    bool complete;          /* nothing is missing at `complete_at`, every wanted quorum is verified */
    bool was_complete;      /* at some tip */
    block_hash complete_at;
    bool again;             /* something changed: advance */
    dspv_ms wake;           /* or when this time has come */
    uint64_t seen, planned; /* engine_changes(): when jobs and news were last looked for, when a round was */
    bool round_failed;      /* a request of this round failed for good */
    dspv_strategy strategy;
    dspv_reason blocked;    /* why the last request was given up, DSPV_OK = none was */
    dspv_reason degraded;   /* why a round ended in nothing; stays until complete again */
    dspv_ms retry_at;       /* of a blocked round, 0 = none */
    unsigned failed_rounds;
    int32_t below;          /* the present round is about a block so far below the tip, 0 = the tip */
    int32_t last_below;
    uint8_t last_plan[32];  /* digest of what the last round asked for; zeros: none, or it may be asked again */

    unsigned qr_info_failures;  /* in a row; 0 = it works */
    dspv_ms qr_info_retry_at;   /* fallback: try again then */
    struct blame blame;
    dspv_ms qr_info_ms, mn_diff_ms; /* measured */

    size_t wanted, verified, waiting, invalid; /* at the last discovery */
    struct map announced;   /* list or quorum -> verdict told; of forgotten ones not for long */
};

void masternodes_init(struct dspv *c);
void masternodes_free(struct dspv *c);

/* Something changed, or a time has come. */
bool masternodes_due(const struct dspv *c);
/* Do what can be done now: discover, plan, send, hand out jobs, conclude. Call when it is due. 0 or DSPV_ENOMEM. */
int masternodes_advance(struct dspv *c);
/* The best tip moved: a blocked round need not wait. */
void masternodes_tip_moved(struct dspv *c);
/* The next part of a job to hand out; NULL: none. */
struct dspv_job *masternodes_job_next(struct dspv *c);
/* A part came back; with the last the job is done. False: it is none of ours that is out. */
bool masternodes_job_back(struct dspv *c, struct dspv_job *job);
void masternodes_job_done(struct dspv *c);
/* What to wait after so many failures in a row. */
dspv_ms masternodes_backoff(unsigned failures);
/* Nothing is asked until then, except what a new tip brings; the reason is shown. */
void masternodes_wait(struct dspv *c, dspv_reason why, dspv_ms until);
/* Blocks above `height` left the best chain. */
void masternodes_rollback(struct dspv *c, int32_t height);
dspv_ms masternodes_deadline(const struct dspv *c);
/* The lists at the tip are complete and verified, or none can exist. */
bool masternodes_synced(const struct dspv *c);

#endif
