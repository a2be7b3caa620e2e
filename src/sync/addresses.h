/* What the store keeps of peers: the address book with its bans, and who is connected, for whoever asks while another process
 * is the one that is connected. */
#ifndef SYNC_ADDRESSES_H
#define SYNC_ADDRESSES_H

#include "peers/book.h"

enum {
    ADDRESSES_SAVE_MS = 30000,        /* the book's changes wait so long for each other; bans and anchors do not wait */
    ADDRESSES_PEERS_MS = 2000,        /* who is connected is written at most so often when that changed */
    ADDRESSES_COUNTERS_MS = 60000,    /* and so often when only numbers did */
    ADDRESSES_MOST_PEERS_RECORD = 64 << 10
};

struct addresses {
    dspv_ms saved_at, peers_saved_at;
    uint64_t peers_seen;     /* stands for who was connected when that was written */
    bool book_out, peers_out; /* collected, not committed yet */
    struct writer stored;    /* the record as it was found */
};

struct dspv;

/* Take up what the store has. 0; DSPV_ENOMEM; DSPV_ESTORE. */
int addresses_load(struct dspv *c);
void addresses_free(struct dspv *c);
/* Add what is due to the transaction of this step. 0 or DSPV_ENOMEM (also latched in `out`). */
int addresses_collect(struct dspv *c, struct batch *out);
/* The transaction is stored. */
void addresses_committed(struct dspv *c);
/* When who is connected is due to be written. */
dspv_ms addresses_deadline(const struct dspv *c);

#endif
