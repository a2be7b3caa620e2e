/* The lock against a second writer: a file beside the store, locked with flock(), which ends with the process. Its content, the
 * holder's process id, is only for messages. Never remove the file: two writers could then lock two files of that name. */
#ifndef STORE_LOCK_FILE_H
#define STORE_LOCK_FILE_H

#include "dashspv/store_sqlite.h"

struct lock_file {
    int fd; /* -1: not held */
    bool alone;
};

void lock_file_init(struct lock_file *l);
/* Take the lock of the store at `path`, hardly waiting: `alone` as its writer (the file is made if need be), else together with
 * others to keep writers out (it must exist). DSPV_STORE_FINE; otherwise `report` says why not. */
dspv_store_problem lock_file_take(struct lock_file *l, const char *path, bool alone, dspv_store_report *report);
/* Who holds the lock as a writer: a process, 0 when not known, -1 when nobody does. */
int32_t lock_file_holder(const char *path);
void lock_file_release(struct lock_file *l);

#endif
