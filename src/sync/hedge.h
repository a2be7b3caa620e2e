/* When the peer that was asked is silent, another one that is idle is asked the same: so liars who say nothing cost their time side
 * by side, not one after the other. The first good answer counts; the other one is nobody's fault when it comes, but who was
 * overtaken is asked last for a while. */
#ifndef SYNC_HEDGE_H
#define SYNC_HEDGE_H

#include "sync/request.h"

enum {
    HEDGE_AFTER_MS = 5000, /* of silence; what arrives meanwhile makes it longer (HEADER_SYNC_SLOWEST) */
    HEDGE_SOON_MS = 1000   /* of one that failed lately, or once somebody new has come */
};

/* The request was sent to its first peer now. */
void hedge_start(const struct dspv *c, struct request *r);
/* SENT to this peer, as the first or the second. */
bool hedge_asks(const struct request *r, dspv_conn conn);
/* This one of the two answered: it becomes the first. */
void hedge_answered(struct request *r, dspv_conn conn);
/* Its answer was good: the other one's is no longer wanted. */
void hedge_over(struct dspv *c, struct request *r);
/* The first one failed: the second takes its place. False: there is none. */
bool hedge_takes_over(const struct dspv *c, struct request *r);
/* The second one is gone, or said something else. */
void hedge_failed(struct dspv *c, struct request *r);
/* Its answer is no longer wanted, and may still come. */
void hedge_drop(struct dspv *c, struct request *r);
/* A peer nobody has asked yet is there: it takes the place of a second one that is silent, too. */
void hedge_newcomer(struct dspv *c, struct request *r);
/* Ask a second peer if it is time to and there is one. 0 or DSPV_ENOMEM. */
int hedge_tick(struct dspv *c, struct request *r);
dspv_ms hedge_due(const struct request *r);

#endif
