/* The requests of a round: getqrinfo and getmnlistd queued, sent to peers within their windows, timed, tried again. What an
 * answer means is for answer.c and masternodes.c; whom to ask for whom.c. */
#ifndef SYNC_REQUEST_H
#define SYNC_REQUEST_H

#include "dashspv/dashspv.h"
#include "sync/planner.h"

enum {
    REQUEST_DIFF_ATTEMPTS = 3,    /* at least; with more peers every one of them is asked, and one again */
    REQUEST_QR_INFO_ATTEMPTS = 2, /* as well */
    REQUEST_MOST_FAILED = 3,      /* in a row, before somebody else gets the connection */
    REQUEST_WINDOW = 8,           /* getmnlistd in flight per peer */
    REQUEST_WINDOW_ALL = 32,      /* and over all peers */
    REQUEST_MOST_HELD = 16 << 20, /* bytes of answers that wait for something, over all */
    REQUEST_BACKOFF_MS = 1000,    /* times the attempts so far, when everybody has failed */
    REQUEST_BASE_FAILURES = 2,    /* of the request whose list a QRINFO names as base; then it does without */
    REQUEST_SPARE_MS = 5000,      /* how long the first QRINFO may be silent before the tip's list is asked for beside it */
    REQUEST_HEADERS_MS = 5000     /* how long an answer waits for the headers of the blocks it names */
};

/* HELD: the answer is here and waits. */
enum request_state { REQUEST_QUEUED, REQUEST_SENT, REQUEST_HELD, REQUEST_DONE, REQUEST_FAILED };
enum request_wait { REQUEST_FOR_HEADERS, REQUEST_FOR_BASE };

/* A second peer that is asked the same, because the first one is silent (hedge.h). */
struct request_hedge {
    dspv_conn conn; /* 0: nobody */
    size_t address;
    dspv_ms sent;
    dspv_ms at;     /* while there is none: look for one then */
    uint64_t mark;  /* bytes that had come from the first one when it was asked */
};

struct request {
    enum plan_kind kind;
    enum request_state state;
    int32_t base_height, height; /* of the base (-1: none) and of the block asked about */
    block_hash base, block;
    bool extra_share;
    bool base_ahead; /* QRINFO: it may name a base that another request of the round brings */
    bool spare; /* only if the QRINFO of the round stays silent: the list tells whether it is needed at all */
    int32_t priority;
    unsigned attempts;
    dspv_conn conn;     /* SENT, HELD: whom we asked; it may be gone when the answer waits for its base */
    size_t address;     /* likewise */
    dspv_ms sent, took; /* when; how long until the answer came */
    struct request_hedge hedge; /* SENT */
    dspv_ms not_before; /* QUEUED: back-off */
    bool headers_asked; /* its answer named unknown blocks, and we asked for headers */
    bool base_first;    /* its answer found no room: not again before the base is there */
    enum request_wait waits_for;
    uint8_t *held; /* the answer */
    size_t held_n;
    int held_protocol;
    dspv_reason why; /* of the last failed attempt */
};

struct dspv;
struct peer;

static inline bool request_open(const struct request *r) { return r->state != REQUEST_DONE && r->state != REQUEST_FAILED; }

/* Queue what the present plan asks for, in place of what was there. 0 or DSPV_ENOMEM (none is queued then). */
int requests_start(struct dspv *c);
/* Forget all. Answers that are still on their way are nobody's fault. */
void requests_drop(struct dspv *c);
/* Forget those about blocks above `height`: they left the best chain. */
void requests_rollback(struct dspv *c, int32_t height);
bool requests_any_open(const struct dspv *c);
/* True once after the spare was answered while its QRINFO is still silent. */
bool requests_spare_came(struct dspv *c);
/* Of a kind; p NULL: over all peers. Answers that are held are no longer in flight. */
size_t requests_in_flight(const struct dspv *c, enum plan_kind kind, const struct peer *p);

/* Send what may be sent. 0 or DSPV_ENOMEM. */
int requests_send(struct dspv *c);
/* Write it to one peer, whatever its state. 0 or DSPV_ENOMEM. */
int request_write(struct dspv *c, const struct request *r, struct peer *p);
/* The list that the answer builds on is proven. */
bool request_base_known(const struct dspv *c, const struct request *r);
/* It is not, but an open request brings it. A QRINFO does not wait for long: it can do without. */
bool request_base_coming(const struct dspv *c, const struct request *r);

/* There is room for n more bytes of answers that wait. */
bool requests_may_hold(const struct dspv *c, size_t n);
/* Keep the answer until what it waits for is there. 0 or DSPV_ENOMEM. Without room it is forgotten and asked for again later. */
int request_hold(struct dspv *c, struct request *r, enum request_wait why, struct span answer, int protocol);
/* Count it against an address; `no_extra`: because it was silent about H-4C. */
void request_note_failure(struct dspv *c, const struct request *r, size_t address, bool no_extra);
/* The attempt at r->conn failed: leave it to the hedge, queue it again, or give it up. */
void request_attempt_failed(struct dspv *c, struct request *r, dspv_reason why);
/* Its base does not come: ask again with this one, lower than its block. What was asked or answered about the old one is forgotten,
 * and nobody's fault. */
void request_rebase(struct dspv *c, struct request *r, int32_t base_height, const block_hash *base);
/* Nobody is known to serve it with H-4C: do without, or, when that would bring nothing new, leave it to the next plan. */
void request_drop_extra(struct dspv *c, struct request *r);
void request_done(struct dspv *c, struct request *r);
/* It has told its headers. Whoever has not failed lately may serve what others did not: no back-off delays that. */
void requests_peer_came(struct dspv *c, const struct peer *p);
void requests_peer_gone(struct dspv *c, const struct peer *p);
/* Timeouts. 0 or DSPV_ENOMEM. */
int requests_tick(struct dspv *c);
dspv_ms requests_deadline(const struct dspv *c);

#endif
