/* Reading records from any dspv_store, each checked against its seal (record.h). A damaged record is reported as such and gives
 * no payload: leave it out, remove it with the next batch, and fetch again what it held. */
#ifndef STORE_READ_H
#define STORE_READ_H

#include "base/writer.h"
#include "dashspv/store.h"

struct stored {
    struct span key;
    struct span payload; /* empty when damaged */
    bool damaged;
};

/* One record; its bytes are valid until it returns. 0 to go on. Anything else ends the scan, which returns it. */
typedef int stored_visit(void *argument, const struct stored *record);

/* The records with first <= key <= last, ascending; an empty `first` is the beginning, an empty `last` the end. Do not write to
 * the store from `visit`. 0; DSPV_ENOMEM; DSPV_ESTORE; what `visit` returned. */
int store_scan(const dspv_store *store, dspv_table table, struct span first, struct span last, stored_visit *visit,
               void *argument);

/* The record under `key`: its payload is appended to `payload`. *found: there is a good one; *damaged: there is one, damaged (it
 * is not "found"). 0; DSPV_ENOMEM; DSPV_ESTORE. */
int store_get(const dspv_store *store, dspv_table table, struct span key, struct writer *payload, bool *found, bool *damaged);

#endif
