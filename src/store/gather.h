/* SQLite writes its log in two calls a page. This gathers them: what is written to a file one behind the other waits in a buffer
 * until the file is synced, read, or asked for its size, or the buffer is full.
 *
 * It may only be used for the log of a connection with `synchronous=FULL`: nothing of a log is announced to anybody before it is
 * synced, so nobody misses what waits here. A write that fails is reported by the call that needed it, and is tried again by the
 * next one, until the transaction is undone: no byte is lost that SQLite believes to be written, and none comes out of order. */
#ifndef STORE_GATHER_H
#define STORE_GATHER_H

#include <sqlite3.h>

struct gather;

struct gather_methods {
    sqlite3_io_methods methods;
    struct gather *gather;
};

enum { GATHER_ROOM = 1 << 16 }; /* SQLite's own files take less than twice as much in one write */

struct gather {
    struct gather_methods own;      /* in place of `real` */
    const sqlite3_io_methods *real; /* of the file; NULL: of none */
    sqlite3_int64 at;               /* of the file, where the buffer belongs */
    int n;                          /* bytes in the buffer */
    unsigned char buffer[GATHER_ROOM];
};

/* From now on until it is closed, which ends it, writes to the open `file` are gathered in `g`. */
void gather_begin(struct gather *g, sqlite3_file *file);
/* The same for the log of `db`, if it is such that this may be done; otherwise nothing happens. */
void gather_log(struct gather *g, sqlite3 *db);
/* A transaction was undone: what still waits is of no use to anybody. */
void gather_drop(struct gather *g);

#endif
