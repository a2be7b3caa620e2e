/* Where the client stands, measured; the phase follows from the state and is never set by hand. */
#ifndef SYNC_PROGRESS_H
#define SYNC_PROGRESS_H

#include "dashspv/dashspv.h"

enum { PROGRESS_RATE_S = 10 }; /* the rate of requests is measured over so many seconds */

struct progress {
    dspv_phase phase;
    dspv_reason reason;
    dspv_ms started, phase_started, last_progress;
    uint32_t qr_info_planned, qr_info_completed, qr_info_failed;
    uint32_t mn_diff_planned, mn_diff_completed, mn_diff_failed;
    uint32_t lookups, lookups_failed;
    uint32_t fallback_diffs;
    uint32_t answered;      /* both kinds of requests, when last looked at */
    uint32_t diffs_before;  /* mn_diff_completed then */
    bool was_fallback;      /* the strategy then */
    struct {
        int64_t second;     /* unix time */
        uint32_t answers;
    } recent[PROGRESS_RATE_S]; /* by second % PROGRESS_RATE_S */
    uint64_t bytes_received, bytes_sent;
    uint32_t chainlocks, instantlocks;
    int32_t first_height; /* of the header chain at the start */
    double percent;
};

void progress_init(struct dspv *c);
/* Derive the phase, tell the user when it changed. 0 or DSPV_ENOMEM. */
int progress_update(struct dspv *c);

#endif
