/* The best chain's headers in the store: runs of 256. */
#ifndef SYNC_HEADER_STORE_H
#define SYNC_HEADER_STORE_H

#include "base/hash.h"
#include "store/batch.h"

struct dspv;

enum { HEADER_STORE_RUN = 256 };

struct header_store {
    block_hash stored, next; /* tip of the chain on disk; of the pending batch */
    bool any, pending;
};

/* Add what changed to the batch; then one of the two outcomes. 0 or DSPV_ENOMEM. */
int header_store_collect(struct dspv *c, struct batch *b);
void header_store_committed(struct dspv *c);
/* Take up what is stored; every rule is applied again. 0, DSPV_ENOMEM, DSPV_ESTORE. *left_out counts records that do not fit. */
int header_store_load(struct dspv *c, size_t *headers, size_t *left_out);

#endif
