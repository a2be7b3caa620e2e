/* A dspv_store in memory, for tests, simulator and fuzzers. Deterministic; a transaction is whole or has not happened, as with a
 * real one. A clone costs a pointer per record, so a test can keep the "disk" of every commit. Clones share records: keep a store
 * and its clones on one thread. */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include "dashspv/store.h"

struct store_memory;

/* 0 or DSPV_ENOMEM. */
int store_memory_new(struct store_memory **out);
/* A store with the same records, independent from now on. 0 or DSPV_ENOMEM. */
int store_memory_clone(struct store_memory **out, const struct store_memory *m);
void store_memory_free(struct store_memory *m);

/* The store to hand around; lives as long as `m`. */
const dspv_store *store_memory_seam(struct store_memory *m);
/* Records of a table; bytes of all keys and values. */
size_t store_memory_count(const struct store_memory *m, dspv_table table);
size_t store_memory_bytes(const struct store_memory *m);
/* The same records in both? */
bool store_memory_equal(const struct store_memory *a, const struct store_memory *b);

#endif
