/* A store on SQLite in a new folder below TMPDIR (by default /tmp), to be removed at the end. */
#ifndef BENCH_TEMP_STORE_H
#define BENCH_TEMP_STORE_H

#include "dashspv/store_sqlite.h"

struct temp_store {
    char folder[4000], path[4096];
    dspv_store_sqlite *store; /* NULL: closed */
};

void temp_store_new(struct temp_store *t);
void temp_store_open(struct temp_store *t);
void temp_store_close(struct temp_store *t);
/* Closes it, too. */
void temp_store_remove(struct temp_store *t);
/* Bytes of the main file. */
uint64_t temp_store_size(const struct temp_store *t);

#endif
