/* Whom the client is connected to: opening, closing, and for how long whom is left alone. With config.discover the address book
 * says who else there is: one connection per network group and few from one source while there are alternatives; feelers that
 * only try whether an address works; one peer more when the tip grows old; others instead of peers that lag behind. */
#ifndef SYNC_CONNECTIONS_H
#define SYNC_CONNECTIONS_H

#include "peers/book.h"
#include "sync/peer.h"

enum {
    CONNECTIONS_RETRY_MS = 2000,        /* doubles with every failure */
    CONNECTIONS_MOST_RETRY_MS = 300000, /* while synced */
    CONNECTIONS_URGENT_RETRY_MS = 60000,/* while not */
    CONNECTIONS_AT_ONCE = 8,            /* opened from the book: so many, then one per refill */
    CONNECTIONS_REFILL_MS = 500,
    CONNECTIONS_LOOK_MS = 10000,        /* the book had nobody: again after so long */
    CONNECTIONS_SHARE = 3,              /* at most one of so many peers from one source */
    CONNECTIONS_FEELER_MS = 120000,     /* on average */
    CONNECTIONS_STALE_BLOCKS = 12,      /* the tip is old when so many could have come (mainnet: 30 minutes) */
    CONNECTIONS_STALE_CHECK_MS = 600000,/* how often one more peer is tried then */
    CONNECTIONS_CHANCE_MS = 120000,     /* how long a new peer has to tell its blocks before another has to go */
    CONNECTIONS_BEHIND_MS = 1200000,    /* a peer without our tip for so long is asked, and then has a chance */
    CONNECTIONS_ANCHOR_MS = 600000,     /* a peer of so long a time may be an anchor */
    CONNECTIONS_MOST_EXTRA = 2          /* beside the target: the feeler, and one when the tip is old */
};

struct connections {
    struct bucket opens;
    dspv_ms look_at;    /* the book has nobody before */
    dspv_ms feeler_at;
    headers_node tip;   /* as last seen */
    dspv_ms extra_at;   /* the tip is old: one more peer is wanted then */
    bool extra;         /* it is */
    dspv_addr anchors[BOOK_ANCHORS]; /* of the last run, to be tried first */
    size_t n_anchors;
};

struct dspv;

void connections_init(struct dspv *c);
/* The book was loaded: its anchors come first. */
void connections_loaded(struct dspv *c);
/* After every input: connect while peers are wanted. 0 or DSPV_ENOMEM. */
int connections_advance(struct dspv *c);
/* Feelers, an old tip, peers that lag. 0 or DSPV_ENOMEM. */
int connections_tick(struct dspv *c);
dspv_ms connections_deadline(const struct dspv *c);
/* Its handshake is complete. False: it was only tried, and is closed. */
bool connections_ready(struct dspv *c, struct peer *p);
/* Take the peer out of everything; what it did speaks for or against its address. */
void connections_drop(struct dspv *c, struct peer *p, dspv_reason why);
/* Addresses that could be connected to now, those of the book counted up to a few. */
size_t connections_others(const struct dspv *c);
/* Peers with a finished handshake or on their way to it, feelers not counted. */
size_t connections_count(const struct dspv *c);
/* The book may have something new. */
void connections_look_again(struct dspv *c);

#endif
