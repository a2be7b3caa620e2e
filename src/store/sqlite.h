/* The handle behind dashspv/store_sqlite.h: sqlite.c reads and writes with it, sqlite_open.c makes it. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "dashspv/store_sqlite.h"
#include "store/gather.h"
#include "store/lock_file.h"
#include "store/problem.h"
#include "store/schema.h"

struct dspv_store_sqlite {
    dspv_store seam;
    sqlite3 *db;
    struct gather *log; /* the writer's */
    sqlite3_stmt *put[DSPV_TABLE_COUNT], *remove[DSPV_TABLE_COUNT],
        *scan[DSPV_TABLE_COUNT]; /* the writer has all, a reader scans */
    struct lock_file lock;
    dspv_store_report last; /* of the last call of the seam */
    char path[PROBLEM_PATH];
};

/* A handle without a database; `path` was found short enough. */
void sqlite_init(dspv_store_sqlite *s, const char *path);
/* Connect to the file `name` (a path or URI) with SQLite's open flags, trusting nothing that is in it. A result code of SQLite.
 */
int sqlite_connect(dspv_store_sqlite *s, const char *name, int flags);
/* Prepare what is used again and again. A result code of SQLite. */
int sqlite_prepare(dspv_store_sqlite *s, bool writer);
/* Close the database, not the lock; the handle is as after sqlite_init. */
void sqlite_disconnect(dspv_store_sqlite *s);

/* dspv_store_sqlite_open for tables of a given version (tests make old and new ones). */
dspv_store_problem sqlite_open(dspv_store_sqlite **out, const char *path, dspv_store_existing existing,
                               const struct schema *schema, dspv_store_report *report);
dspv_store_problem sqlite_open_reader(dspv_store_sqlite **out, const char *path, const struct schema *schema,
                                      dspv_store_report *report);

#endif
