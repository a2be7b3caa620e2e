/* Which announced locks are asked from whom (protocol.md 3.9, 8): every announcer is remembered, one is asked at a time, the next
 * one when it stays silent, says notfound or goes. Nobody's announcements push out anybody else's: each peer has a share. */
#ifndef SYNC_ASKED_H
#define SYNC_ASKED_H

#include "base/map.h"
#include "sync/peer.h"
#include "wire/inventory.h"

enum {
    ASKED_MOST_ANNOUNCERS = 8,  /* remembered of one lock */
    ASKED_SHARE = 256,          /* locks asked from one peer at a time */
    ASKED_MOST_SETTLED = 1024,  /* locks that came, and are not asked for again */
    ASKED_AT_ONCE = 1024,       /* asked from one peer: so many, then one per refill; what it announces beyond that is left out */
    ASKED_REFILL_MS = 10,
    ASKED_NEXT_MS = 5000,       /* without an answer: ask the next announcer */
    ASKED_FORGET_MS = 60000     /* nobody else to ask: so long an answer is taken; a new announcement is asked at once */
};

/* A lock that was announced and has not come. */
struct asked_lock {
    struct inventory_item item;
    dspv_conn announcers[ASKED_MOST_ANNOUNCERS];
    bool tried[ASKED_MOST_ANNOUNCERS]; /* was, or is, asked */
    uint8_t n, at;                     /* announcers[at] is the one that is asked now: it counts in its share */
    bool sent;
    dspv_ms since;
};

struct asked {
    struct asked_lock *open; /* in no order */
    size_t n_open, cap_open;
    hash256 settled[ASKED_MOST_SETTLED]; /* a ring */
    size_t next_settled;
    struct map index;  /* hash -> place in `open`, or SETTLED | place in the ring */
    dspv_ms next_due;  /* nothing is due before */
    bool unsent;       /* some peer's getdata is due */
};

void asked_init(struct dspv *c);
void asked_free(struct dspv *c);
/* The peer announced it. 0 or DSPV_ENOMEM. */
int asked_announced(struct dspv *c, struct peer *p, const struct inventory_item *item);

/* Was it asked from this peer? TAKE once; then, or when it was given up, LATE. */
enum asked_verdict { ASKED_TAKE, ASKED_LATE, ASKED_NEVER };
enum asked_verdict asked_came(struct dspv *c, struct peer *p, const hash256 *hash);
/* What came was lost again: it may be asked for once more. */
void asked_lost(struct dspv *c, const hash256 *hash);
/* notfound. */
void asked_not_found(struct dspv *c, struct peer *p, const hash256 *hash);
/* It is no longer among the client's peers. */
void asked_peer_gone(struct dspv *c, const struct peer *p);
void asked_tick(struct dspv *c);
dspv_ms asked_deadline(const struct dspv *c);
/* Send what is due. 0 or DSPV_ENOMEM. */
int asked_send(struct dspv *c);

#endif
