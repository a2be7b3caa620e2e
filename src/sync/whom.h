/* Whom to ask: what an address did with earlier requests, and of the peers the one that fits a request best. */
#ifndef SYNC_WHOM_H
#define SYNC_WHOM_H

#include "sync/peer.h"
#include "sync/request.h"

/* What is remembered of an address over all its connections. */
struct conduct {
    unsigned failed[2]; /* by enum plan_kind, in a row */
    dspv_ms failed_at[2];
    dspv_ms no_extra_until; /* not asked with H-4C until then: it was silent */
    dspv_ms came;           /* was last welcomed as somebody new to ask; 0: never */
    bool answered[2];       /* well, the last time */
};

enum {
    WHOM_FORGET_MS = 300000,       /* how long a failed request speaks against an address */
    WHOM_NEWCOMER_MS = 60000,     /* how often coming back makes an address a newcomer */
    WHOM_FORGET_EXTRA_MS = 3600000 /* how long its silence about H-4C does */
};

/* Requests in a row that this address left unanswered or answered wrongly, in the last while. */
unsigned whom_failures(const struct dspv *c, size_t address, enum plan_kind kind);
void whom_note_failure(struct dspv *c, size_t address, enum plan_kind kind);
void whom_note_success(struct dspv *c, size_t address, enum plan_kind kind);
/* It was silent when asked with H-4C: it may lack the oldest snapshot (protocol.md 6.6). */
void whom_note_no_extra(struct dspv *c, size_t address);
/* There are peers, and all of them have failed with H-4C; those that are neither suspected (blame.h) nor on another
 * branch count, if there are any. */
bool whom_none_has_extra(const struct dspv *c);
/* Of the peers with the fewest doubts the one with the fewest of the kind in flight, of these the one that was asked least; after a
 * failed attempt rather one that has answered before.
 * NULL: it has no room, or nobody fits. */
struct peer *whom_to_ask(const struct dspv *c, const struct request *r);
/* An idle one that has not failed lately and against which no more speaks than against r->conn, to be asked beside it. NULL: none. */
struct peer *whom_to_hedge(const struct dspv *c, const struct request *r);
/* It can be asked from now on. True when that is news: it is new, or has been away and did not fail lately. */
bool whom_note_came(struct dspv *c, size_t address);
/* Some peer has not failed lately. */
bool whom_any_fresh(const struct dspv *c, enum plan_kind kind);
bool whom_worth_another_attempt(const struct dspv *c, const struct request *r);

#endif
