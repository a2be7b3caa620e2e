/* Where addresses come from, with config.discover: the DNS seed and the fixed seeds while the book has too few, what peers tell,
 * and the proven masternode list. */
#ifndef SYNC_DISCOVERY_H
#define SYNC_DISCOVERY_H

#include "sync/peer.h"

enum {
    DISCOVERY_FEW = 32,               /* addresses in the book: look for more */
    DISCOVERY_LONELY_MS = 60000,      /* likewise when for so long nobody was connected who stays */
    DISCOVERY_STAYS_MS = 30000,       /* whoever is connected for so long */
    DISCOVERY_STUCK_MS = 180000,      /* likewise when for so long not all was verified, or the tip was old, whoever is connected */
    DISCOVERY_OLD_TIP_BLOCKS = 24,    /* the tip is old when so many blocks could have come since the time in it */
    DISCOVERY_RESOLVE_MS = 60000,     /* ask the DNS again after so long; doubles */
    DISCOVERY_MOST_RESOLVE_MS = 3600000,
    DISCOVERY_SEEDS_MS = 60000,       /* so long after the DNS was first asked the fixed seeds come in */
    DISCOVERY_SEEDS_AGAIN_MS = 21600000,
    DISCOVERY_MOST_RESOLVED = 256,    /* taken from one answer of the DNS */
    DISCOVERY_ADDRESS_MS = 10000,     /* one address of a peer's gossip is taken in so long */
    DISCOVERY_MOST_GOSSIP = 1000,     /* so many more when we asked, and no more than so many at once */
    DISCOVERY_HEARSAY_MS = 7200000,   /* taken off the time at which others say they saw somebody */
    DISCOVERY_SAMPLE = 64,            /* masternodes taken from a new list */
    DISCOVERY_LIST_MS = 60000         /* at most so often */
};

struct discovery {
    dspv_ms lonely_since;  /* nobody is connected who stays; 0: somebody is */
    dspv_ms stuck_since;   /* not synced, or with an old tip; 0: synced */
    dspv_ms resolve_at, resolve_wait;
    dspv_ms asked_first;   /* the DNS; 0: not yet */
    dspv_ms seeds_at;      /* not before */
    bool resolve_due;      /* DSPV_OUT_RESOLVE is to be told */
    dspv_ms list_at;
    int32_t list_height;   /* of the list sampled last */
};

struct dspv;

void discovery_init(struct dspv *c);
/* After every input. 0 or DSPV_ENOMEM. */
int discovery_advance(struct dspv *c);
dspv_ms discovery_deadline(const struct dspv *c);
/* DSPV_OUT_RESOLVE, when it is due. */
bool discovery_next(struct dspv *c, dspv_out *out);
/* The answer. True: it was to our question. *rc: 0 or DSPV_ENOMEM. */
bool discovery_resolved(struct dspv *c, const char *name, const dspv_addr *addrs, size_t n, int *rc);
/* The peer can be asked for addresses. 0 or DSPV_ENOMEM. */
int discovery_ask(struct dspv *c, struct peer *p);
/* addr or addrv2. 0 or DSPV_ENOMEM. */
int discovery_message(struct dspv *c, struct peer *p, const struct frame *f);

#endif
