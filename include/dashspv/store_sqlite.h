/* The store that the library brings along: one SQLite file (dashspv/store.h says what a store is).
 *
 * One writer at a time, any number of readers beside it, in any processes. The writer holds a lock on the file PATH.lock, which
 * ends with the process however that ends; the lock file stays. Beside PATH lie PATH-wal and PATH-shm, which belong to SQLite:
 * move or copy all three together, or close first. A transaction that was applied survives a crash of process and machine.
 *
 * What is checked on opening: that the file is SQLite's, of this program (its application id), of a version this program knows,
 * as long as its header says, and has every table. Not checked is every page of it, which takes as long as reading all: whoever
 * reads a record checks its seal, and a page that SQLite cannot read makes the call fail, with problem DSPV_STORE_DAMAGED.
 *
 * SQLite's global configuration is left alone. A handle is for one thread at a time. Do not use it in a child after fork(). */
#ifndef DASHSPV_STORE_SQLITE_H
#define DASHSPV_STORE_SQLITE_H

#include "dashspv/store.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dspv_store_sqlite dspv_store_sqlite;

/* What is wrong with a store. */
typedef enum {
    DSPV_STORE_FINE,
    DSPV_STORE_LOCKED,    /* somebody else has it open for writing (or, rarely, keeps it from changing; see open_reader) */
    DSPV_STORE_MISSING,   /* reader: there is no such file, or nothing in it yet */
    DSPV_STORE_FOREIGN,   /* a database of another program */
    DSPV_STORE_NEWER,     /* written by a newer version of this program */
    DSPV_STORE_OLDER,     /* reader: written by an older version; opening it for writing brings it up to date */
    DSPV_STORE_DAMAGED,   /* not a database at all, cut off, or broken inside */
    DSPV_STORE_READ_ONLY, /* no permission to write it (reader: to read it) */
    DSPV_STORE_FULL,      /* the disk is full, or a limit reached */
    DSPV_STORE_MEMORY,    /* out of memory */
    DSPV_STORE_IO         /* anything else: the disk, the folder, a file that was taken away */
} dspv_store_problem;

/* The outcome of opening. `text` says to a person what is wrong and what to do, or, when all is fine, what was set aside; it may
 * then be empty. */
typedef struct {
    dspv_store_problem problem;
    int32_t holder; /* of DSPV_STORE_LOCKED: the process, 0 when not known */
    char text[768];
} dspv_store_report;

/* What to do with a file that is already there. Setting aside renames PATH, PATH-wal and PATH-shm to PATH.damaged-N...; nothing
 * is ever deleted. Readers that have it open go on reading the old one. */
typedef enum {
    DSPV_STORE_KEEP,               /* use it, or fail */
    DSPV_STORE_REPLACE_IF_DAMAGED, /* use it; when it is found DSPV_STORE_DAMAGED, set it aside and begin a new one with the
                                      records of the old one that can still be read and have their seals */
    DSPV_STORE_REPLACE             /* set it aside and begin an empty one */
} dspv_store_existing;

/* Open for writing; make the file if there is none (its folder must exist), and bring an older one up to date. `path` UTF-8. On
 * success *out is to be closed by the caller, else NULL. `report` may be NULL. Returns report->problem. */
DSPV_API dspv_store_problem dspv_store_sqlite_open(dspv_store_sqlite **out, const char *path, dspv_store_existing existing,
                                                   dspv_store_report *report);

/* Open for reading: apply() fails, and everything read is what was stored at this moment, whatever is written meanwhile. The
 * writer's file grows as long as a reader is open, so close it soon. Needs no permission to write: a store on a read-only disk or
 * in somebody else's folder can be read too, the latter for as long as no writer wants to begin (it is told who reads). Beside a
 * living or killed writer that needs PATH-wal and PATH-shm to be readable. As dspv_store_sqlite_open. */
DSPV_API dspv_store_problem dspv_store_sqlite_open_reader(dspv_store_sqlite **out, const char *path, dspv_store_report *report);

/* The store to hand to dspv_new; lives until closed. Its trouble() is a sentence that says what to do. */
DSPV_API const dspv_store *dspv_store_sqlite_seam(dspv_store_sqlite *s);

/* What made the last call of the store's functions fail; DSPV_STORE_FINE when it did not. */
DSPV_API dspv_store_problem dspv_store_sqlite_problem(const dspv_store_sqlite *s);

/* The process that has the store at `path` open for writing; 0: some process that is not known, -1: none, or no such store. */
DSPV_API int32_t dspv_store_sqlite_holder(const char *path);

/* Close; the writer also moves what is in PATH-wal into PATH, unless a reader is in the way. Nothing is lost if that fails. `s`
 * may be NULL. */
DSPV_API void dspv_store_sqlite_close(dspv_store_sqlite *s);

#ifdef __cplusplus
}
#endif
#endif
