/* Measured progress as one line for a person. Pure. */
#ifndef CLI_PROGRESS_LINE_H
#define CLI_PROGRESS_LINE_H

#include "dashspv/dashspv.h"

void progress_line(const dspv_progress *p, dspv_ms now, char *out, size_t size);
/* How the masternode phase works: "Hybrid sync (25% QRInfo, 75% MnListDiff)". */
void progress_strategy(const dspv_progress *p, char *out, size_t size);
/* Milliseconds until it is synced, as it went so far; -1 = nothing can be said (yet). */
dspv_ms progress_time_left(const dspv_progress *p, dspv_ms now);
/* "1.4 MB". */
void progress_bytes(uint64_t bytes, char *out, size_t size);
/* "2.6 s", "3:05 min", "1:02:03 h". */
void progress_duration(dspv_ms ms, char *out, size_t size);

#endif
