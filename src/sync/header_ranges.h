/* Ranges: at its checkpoints the chain is known, so what lies between two of them can be asked for before what lies below is
 * there. Thus many compressed answers are on their way and in work at the same time: their headers are hashed side by side
 * (header_lanes.h), and no round trip is waited for.
 *
 * A range is proven no sooner than its turn comes: then every header passes every rule, on top of the tip. What does not lead to
 * the next checkpoint is refused before that, as soon as it is hashed. Each range is told by one peer, so it is clear who lied.
 */
#ifndef SYNC_HEADER_RANGES_H
#define SYNC_HEADER_RANGES_H

#include "sync/header_lanes.h"
#include "wire/frame.h"

enum {
    HEADER_RANGES_MOST = 96,    /* in work at a time: full groups for a tenth of a second, while the store writes */
    HEADER_RANGES_ROOM = 200000 /* headers of all but the lowest: 23 MB. Only whole ranges that fit are begun */
};

struct dspv;
struct peer;
struct checkpoint;

/* Invariants: each begins where the one before it ends; what is told but not yet added is in `first` .. `newest`, of which only
 * the newest may still have to be hashed. */
struct header_range {
    int32_t start;       /* height of a checkpoint; of the lowest: of the tip when it was begun */
    int32_t end;         /* height of the next one */
    block_hash from, to; /* their hashes */
    int32_t height;      /* told and hashed up to here */
    block_hash last;     /* the hash at this height */
    dspv_conn conn;      /* who tells it, or is asked to; 0: nobody */
    bool asked;          /* for what follows `last` */
    struct header_message *first, *newest;
};

/* That a peer has not answered. */
struct range_question {
    block_hash after;
    dspv_ms sent;
    uint64_t mark; /* bytes it had sent by then */
};

struct header_ranges {
    struct header_range r[HEADER_RANGES_MOST];
    size_t n; /* lowest first */
    struct header_lanes lanes;
};

/* The peer, which is the sync peer, is asked for ranges, and for nothing else meanwhile. */
bool header_ranges_used(const struct dspv *c, const struct peer *p);
/* Ask it for those it may tell. 0 or DSPV_ENOMEM. */
int header_ranges_ask(struct dspv *c, struct peer *p);
/* The message that begins with this header is an answer about a range, or in place of one. */
bool header_ranges_expect(const struct dspv *c, const struct peer *p, const struct header_message *m, const uint8_t *first);
/* Take such a message. *kept: it is taken over. 0 or DSPV_ENOMEM. */
int header_ranges_message(struct dspv *c, struct peer *p, struct header_message *m, const struct frame *f, const uint8_t *first,
                          bool *kept);

/* The next job to hand out, NULL: none yet. */
struct dspv_job *header_ranges_next(struct dspv *c);
/* A job came back; *rc is 0 or DSPV_ENOMEM. False: it is none of ours. */
bool header_ranges_back(struct dspv *c, const struct dspv_job *job, int *rc);
/* Let the ranges follow the tip, and add one message if the lowest has one that is hashed: *added. 0 or DSPV_ENOMEM. */
int header_ranges_advance(struct dspv *c, bool *added);
/* Questions to this connection are not answered any more; what it told stays. */
void header_ranges_peer_gone(struct dspv *c, dspv_conn conn);
dspv_ms header_ranges_deadline(const struct dspv *c);
void header_ranges_free(struct header_ranges *s);

#endif
