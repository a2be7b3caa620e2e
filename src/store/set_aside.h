/* Renaming a store that cannot be used, so that a new one can take its place. */
#ifndef STORE_SET_ASIDE_H
#define STORE_SET_ASIDE_H

#include "store/problem.h"

enum { SET_ASIDE_NAME = PROBLEM_PATH + 32 };

/* Leave the mark PATH.damaged: it was found broken inside. Best effort: without it the damage is met again. */
void set_aside_mark(const char *path);
void set_aside_unmark(const char *path);
bool set_aside_marked(const char *path);

/* PATH, PATH-wal and PATH-shm become PATH.damaged-N, PATH.damaged-N-wal, PATH.damaged-N-shm with the first free N. The caller
 * holds the lock and has it closed. DSPV_STORE_FINE with the new name ("" when there was no file); else a problem. The mark goes.
 */
dspv_store_problem set_aside(const char *path, char name[SET_ASIDE_NAME], dspv_store_report *report);

/* Remove what SQLite made beside the old store for reading it, which is empty or can be made again. */
void set_aside_tidy(const char *name);

#endif
