/* Headers from peers into the header tree (protocol.md 3.8, 1.3): all of them from one peer at a time, the sync peer; once it has
 * told all, everybody else is asked what it has beyond that. */
#ifndef SYNC_HEADER_SYNC_H
#define SYNC_HEADER_SYNC_H

#include "sync/peer.h"

enum {
    HEADER_SYNC_STALL_MS = 10000,       /* without an answer: another peer takes over; the answer is still taken */
    HEADER_SYNC_SLOWEST = 10,           /* bytes per ms: what comes at this rate is no stall */
    HEADER_SYNC_TIMEOUT_MS = 60000,     /* without an answer: the connection is given up */
    HEADER_SYNC_CHANCE_MS = 5000,       /* how long the others are waited for after the first peer has told all */
    HEADER_SYNC_PROMPTS_AT_ONCE = 10,   /* questions because of what one peer announces: so many, then one per refill */
    HEADER_SYNC_PROMPT_REFILL_MS = 1000,
    HEADER_SYNC_NEWS_AT_ONCE = 200,     /* small messages of one peer that are looked at: so many, then one per refill */
    HEADER_SYNC_NEWS_REFILL_MS = 50,
    HEADER_SYNC_DOUBT_MS = 30000,       /* while all claim more blocks than they tell: ask again; look for others */
    HEADER_SYNC_MOST_ANNOUNCED = 8,     /* headers that come without being asked for */
    HEADER_SYNC_MOST_OFF = 288,         /* blocks off the best chain, or below the tip: further off only the sync peer is heard */
    HEADER_SYNC_MOST_REPEATED = 3       /* asked again before a peer counts as done */
};

struct header_sync {
    dspv_conn peer;     /* the sync peer, 0: none */
    bool any;           /* a peer has told all its headers */
    dspv_ms first_done; /* since when */
    bool settled;       /* since then every peer has, or had its chance */
    bool boasted;       /* all who have told all claim more blocks than that */
    dspv_ms boasted_since;
    bool done;          /* as last seen */
};

/* A peer may have headers that we lack: ask it, now or when the sync peer is done. 0 or DSPV_ENOMEM. */
int header_sync_ask(struct dspv *c, struct peer *p);
/* Ask for what follows a header that is not in the tree yet (header_ahead.h). 0 or DSPV_ENOMEM. */
int header_sync_ask_after(struct dspv *c, struct peer *p, const block_hash *last);
/* Ask for what follows a header, up to and with another. 0 or DSPV_ENOMEM. */
int header_sync_ask_range(struct dspv *c, struct peer *p, const block_hash *last, const block_hash *stop);
/* When a peer that is asked counts as stalled. */
dspv_ms header_sync_stalls_at(const struct peer *p);
/* headers or headers2. 0 or DSPV_ENOMEM. */
int header_sync_message(struct dspv *c, struct peer *p, const struct frame *f);
/* A job came back (header_jobs.h): go on with the messages that have been hashed. 0 or DSPV_ENOMEM. */
int header_sync_hashed(struct dspv *c);
/* After every input: choose the sync peer, ask whom it is time to ask. 0 or DSPV_ENOMEM. */
int header_sync_advance(struct dspv *c);
/* The sync peer brings one message of new headers after the other. */
bool header_sync_goes_on(const struct dspv *c);
int header_sync_tick(struct dspv *c, struct peer *p);
dspv_ms header_sync_deadline(const struct dspv *c);

/* The peers have told all their headers or had their chance, at least one of them as many as it claims to have, and the best chain
 * has the work this network has at least. */
bool header_sync_done(const struct dspv *c);
/* The same, but they have too little work. */
bool header_sync_low_work(const struct dspv *c);
/* They claim more blocks than they tell, and nobody else has been found in a while. */
bool header_sync_boasted(const struct dspv *c);
/* The tip may have moved (headers, a ChainLock): roll the engine back where blocks left the best chain, tell the user. 0 or
 * DSPV_ENOMEM. */
int header_sync_tip(struct dspv *c);

#endif
