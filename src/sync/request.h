/* The requests of a round: getqrinfo and getmnlistd queued, sent to peers within their windows, timed, tried again. What an
 * answer means is for answer.c and masternodes.c. */
#ifndef SYNC_REQUEST_H
#define SYNC_REQUEST_H

#include "dashspv/dashspv.h"
#include "sync/planner.h"

enum {
    REQUEST_DIFF_ATTEMPTS = 3,    /* at least; with more peers every one of them is asked, and one again */
    REQUEST_QR_INFO_ATTEMPTS = 2, /* as well; only the first one with H-4C */
    REQUEST_FORGET_MS = 300000,   /* how long a failed request speaks against a peer */
    REQUEST_MOST_FAILED = 3,      /* in a row, before somebody else gets the connection */
    REQUEST_WINDOW = 8,           /* getmnlistd in flight per peer */
    REQUEST_BACKOFF_MS = 1000,    /* times the attempts so far */
    REQUEST_SPARE_MS = 5000       /* how long the first QRINFO may be silent before the tip's list is asked for beside it */
};

enum request_state { REQUEST_QUEUED, REQUEST_SENT, REQUEST_HELD, REQUEST_DONE, REQUEST_FAILED };

struct request {
    enum plan_kind kind;
    enum request_state state;
    int32_t base_height, height; /* of the base (-1: none) and of the block asked about */
    block_hash base, block;
    bool extra_share;
    bool spare; /* only if the QRINFO of the round stays silent: the list tells whether it is needed at all */
    int32_t priority;
    unsigned attempts;
    dspv_conn conn;     /* SENT, HELD: whom we asked */
    dspv_ms sent;       /* when */
    dspv_ms not_before; /* QUEUED: back-off */
    bool headers_asked; /* its answer named unknown blocks, and we asked for headers */
    uint8_t *held;      /* the answer, waiting for these */
    size_t held_n;
    dspv_reason why;    /* of the last failed attempt */
};

struct dspv;
struct peer;

static inline bool request_open(const struct request *r) { return r->state != REQUEST_DONE && r->state != REQUEST_FAILED; }

/* Queue what the present plan asks for, in place of what was there. 0 or DSPV_ENOMEM (none is queued then). */
int requests_start(struct dspv *c);
/* Forget all. Answers that are still on their way count as late. */
void requests_drop(struct dspv *c);
bool requests_any_open(const struct dspv *c);
/* True once after the spare was answered while its QRINFO is still silent. */
bool requests_spare_came(struct dspv *c);
/* Send what may be sent. 0 or DSPV_ENOMEM. */
int requests_send(struct dspv *c);
/* This attempt failed: queue it again, or give it up. */
void request_attempt_failed(struct dspv *c, struct request *r, dspv_reason why);
void request_done(struct dspv *c, struct request *r);
void request_release_held(struct request *r);
/* It has told its headers. A peer seen for the first time may serve what others did not: no back-off delays that. */
void requests_peer_came(struct dspv *c, const struct peer *p);
void requests_peer_gone(struct dspv *c, const struct peer *p);
/* Timeouts. 0 or DSPV_ENOMEM. */
int requests_tick(struct dspv *c);
dspv_ms requests_deadline(const struct dspv *c);

#endif
