/* One record of DSPV_TABLE_HEADERS, shared by header_store.c and header_load.c. */
#ifndef SYNC_HEADER_RUN_H
#define SYNC_HEADER_RUN_H

#include "base/reader.h"
#include "chain/headers.h"
#include "sync/header_store.h"

/* Keys in DSPV_TABLE_META. */
#define HEADER_RUN_TIP ((struct span){(const uint8_t *)"tip", 3})
#define HEADER_RUN_DAMAGED ((struct span){(const uint8_t *)"headers-damaged", 15}) /* the lowest run found damaged (BE32) */

enum {
    HEADER_RUN_RAW = 4 + 32,         /* first height, work of everything before, then the headers */
    HEADER_RUN_TIP_BYTES = 4 + 32 + 4 + 32,
    HEADER_RUN_HIGHEST = INT32_MAX / 2 /* block height: no chain is higher, and sums of heights stay numbers */
};

struct header_run_view {
    int32_t first;
    const uint8_t *work_before;
    const uint8_t *raw; /* n headers */
    uint32_t n;
};

/* False when it cannot be run `run`. */
static inline bool header_run_open(int32_t run, struct span payload, struct header_run_view *out)
{
    size_t n = payload.n < HEADER_RUN_RAW ? 0 : (payload.n - HEADER_RUN_RAW) / 80;
    if (n == 0 || n > HEADER_STORE_RUN || payload.n != HEADER_RUN_RAW + n * 80)
        return false;
    uint32_t first = load_le32(payload.p);
    *out = (struct header_run_view){(int32_t)first, payload.p + 4, payload.p + HEADER_RUN_RAW, (uint32_t)n};
    return first <= HEADER_RUN_HIGHEST && first / HEADER_STORE_RUN == (uint32_t)run &&
           first % HEADER_STORE_RUN + n <= HEADER_STORE_RUN;
}

/* The run, valid until the next call. 0; DSPV_EFAULT: missing or damaged; DSPV_ESTORE; DSPV_ENOMEM. */
int header_run_get(struct dspv *c, int32_t run, struct header_run_view *out);
struct headers_archive header_run_archive(struct dspv *c);

#endif
