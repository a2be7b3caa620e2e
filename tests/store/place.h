/* A folder of its own for each test of files, and what tests do to the files in it. */
#ifndef TESTS_STORE_PLACE_H
#define TESTS_STORE_PLACE_H

#include "support/data.h"

#include "dashspv/store_sqlite.h"

/* Make the folder; its path. cmocka set-up and tear-down (removes it with all that is inside). */
int place_make(void **state);
int place_remove(void **state);
const char *place_folder(void);
/* Path of a file inside; one of a few static buffers. */
const char *place_path(const char *name);

bool place_exists(const char *name);
size_t place_size(const char *name);
struct bytes place_read(const char *name);
void place_write(const char *name, const void *data, size_t n);
void place_copy(const char *from, const char *to);

/* Open the store "main.sqlite" there; the test fails when it cannot. */
dspv_store_sqlite *place_open(void);
dspv_store_sqlite *place_open_reader(void);

/* One record; apply must succeed or fail as told. Text of a record, "" when there is none. */
int place_put(dspv_store_sqlite *s, const char *key, const char *value);
const char *place_get(dspv_store_sqlite *s, const char *key);
size_t place_count(dspv_store_sqlite *s, dspv_table table);

#endif
