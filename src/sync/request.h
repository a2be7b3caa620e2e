/* One getqrinfo or getmnlistd on its way: queued, sent to a peer, its answer perhaps held until headers have come. */
#ifndef SYNC_REQUEST_H
#define SYNC_REQUEST_H

#include "dashspv/dashspv.h"
#include "sync/planner.h"

enum { REQUEST_ATTEMPTS = 3, REQUEST_WINDOW = 8 };

enum request_state { REQUEST_QUEUED, REQUEST_SENT, REQUEST_HELD, REQUEST_DONE, REQUEST_FAILED };

struct request {
    enum plan_kind kind;
    enum request_state state;
    int32_t base_height, height; /* of the base (-1: none) and of the block asked about */
    block_hash base, block;
    bool extra_share;
    int32_t priority;
    unsigned attempts;
    dspv_conn conn;     /* SENT, HELD: whom we asked */
    dspv_ms sent;       /* when */
    dspv_ms not_before; /* QUEUED: back-off */
    uint64_t serial;    /* order of sending */
    bool headers_asked; /* its answer named unknown blocks, and we asked for headers */
    uint8_t *held;      /* the answer */
    size_t held_n;
    dspv_reason why;    /* FAILED, or of the last failed attempt */
};

static inline bool request_open(const struct request *r) { return r->state != REQUEST_DONE && r->state != REQUEST_FAILED; }

#endif
