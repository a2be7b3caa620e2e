/* Whose file it is and which version of the tables it has; making and raising it. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <sqlite3.h>

enum { SCHEMA_APPLICATION = 0x44535056 }; /* "DSPV" */

struct schema {
    int version;              /* >= 1 */
    const char *full;         /* SQL that makes all tables in an empty file */
    const char *const *steps; /* SQL: steps[v - 1] makes version v + 1 of version v; there are version - 1 */
};

/* What this program writes. */
const struct schema *schema_current(void);

typedef enum {
    SCHEMA_EMPTY, /* a new file, or one whose making was cut off */
    SCHEMA_SAME,
    SCHEMA_OLDER,
    SCHEMA_NEWER,
    SCHEMA_FOREIGN, /* another program's */
    SCHEMA_BROKEN   /* ours, with a version that never was */
} schema_state;

/* Only reads. *version is the file's. A result code of SQLite. */
int schema_look(sqlite3 *db, const struct schema *schema, schema_state *state, int *version);
/* Make an empty file's tables, or raise an older version; in one transaction, so that it is done or not at all. A result code. */
int schema_raise(sqlite3 *db, const struct schema *schema, schema_state state, int version);

#endif
