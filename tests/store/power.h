/* A disk under SQLite (a VFS for tests) whose power can be cut, or which fails once, at any operation that changes it.
 *
 * What was written and not yet synced when the power goes may be on the disk or not, each sector by itself and in any order; what
 * was synced is. There is one such disk, and its files must be closed when it is asked for anything here. */
#ifndef TESTS_STORE_POWER_H
#define TESTS_STORE_POWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Make SQLite use it from now on; forget all files of before. Operations are counted from here. */
void power_on(void);
/* SQLite's own disk again. */
void power_off(void);

typedef enum { POWER_CUT, POWER_FAIL } power_event;

/* At the nth operation from now, 1 being the next; 0: never. After a cut everything fails. */
void power_plan(power_event event, uint64_t n);
/* Did it happen? */
bool power_happened(void);
/* Rewrite the files to what the disk holds after the cut; chance by `random`. Everything works again. */
void power_return(uint64_t *random);

#endif
