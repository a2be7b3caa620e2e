/* The operations of one transaction, collected. Keys and values are copied; values are sealed (record.h). Operations are done in
 * the order they came: of two puts under one key the later one wins.
 *
 * The first failure (out of memory; a key or payload beyond the limits) is latched: put as much as there is, check at the end.
 * A batch that failed is incomplete and never applied; reset it and collect anew. */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "base/arena.h"
#include "base/reader.h"
#include "dashspv/store.h"

enum { BATCH_SEALS = 16 }; /* as many as the widest lanes of SHA-256 */

struct batch {
    struct arena arena; /* keys and values */
    dspv_store_op *ops;
    size_t n, cap;
    size_t bytes; /* of the keys and values */
    int failed;   /* 0; DSPV_ENOMEM; DSPV_EMISUSE */
    uint8_t *unsealed[BATCH_SEALS]; /* values of the last operations, which have payloads of one length */
    size_t n_unsealed;
};

/* An empty batch. Cannot fail. */
void batch_init(struct batch *b);
void batch_free(struct batch *b);
/* Empty it, the failure included. Memory of the size needed last is kept for the next transaction. */
void batch_reset(struct batch *b);

/* Put a record, key of 1 .. DSPV_STORE_MOST_KEY bytes, payload of up to RECORD_MOST_PAYLOAD. */
void batch_put(struct batch *b, dspv_table table, const uint8_t *key, size_t key_n, const void *payload, size_t n);
/* The same without the payload, which the caller writes to where it is to be, before the next call. NULL after a failure. */
uint8_t *batch_put_room(struct batch *b, dspv_table table, const uint8_t *key, size_t key_n, size_t n);
/* Remove a record, which need not exist. */
void batch_remove(struct batch *b, dspv_table table, const uint8_t *key, size_t key_n);

/* Write all of it as one transaction; an empty batch needs none. 0: it is stored, and the batch is empty. DSPV_ESTORE: the batch
 * is as it was, to be tried again. DSPV_ENOMEM: the same if the store had no memory; a batch that had failed keeps on saying so
 * until reset. DSPV_EMISUSE. */
int batch_apply(struct batch *b, const dspv_store *store);

#endif
