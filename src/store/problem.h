/* Failures of SQLite and of the system as problems of a store, with words a person can act on. */
#ifndef STORE_PROBLEM_H
#define STORE_PROBLEM_H

#include <sqlite3.h>

#include "dashspv/store_sqlite.h"

enum { PROBLEM_PATH = 1024 }; /* room for a path of the store or a file beside it */

#if defined(__GNUC__)
#define PROBLEM_FORMAT __attribute__((format(printf, 3, 4)))
#else
#define PROBLEM_FORMAT
#endif

/* Fill `report` (`holder` stays); returns `problem`. */
dspv_store_problem problem_report(dspv_store_report *report, dspv_store_problem problem, const char *format, ...) PROBLEM_FORMAT;
/* A failed system call about the file `path`. */
dspv_store_problem problem_errno(dspv_store_report *report, int error, const char *path);
/* A failed call of SQLite; `rc` is its extended result code, `path` the store. SQLite does not always keep the system's error
 * number, so errno may be asked: set it to 0 before the calls that this may be about. */
dspv_store_problem problem_sqlite(dspv_store_report *report, sqlite3 *db, int rc, const char *path);
/* What a dspv_store function returns for it. */
int problem_error(dspv_store_problem problem);

#endif
