/* Taking over what can still be read of a damaged store. */
#ifndef STORE_SALVAGE_H
#define STORE_SALVAGE_H

#include "store/sqlite.h"

/* Copy the records of the database at `old` into the open store `s`: those that SQLite can read and whose seals hold, of tables
 * of the same version. Whoever takes them up verifies them as any others. Returns how many; where it cannot go on, it ends there.
 */
size_t salvage(dspv_store_sqlite *s, const char *old, const struct schema *schema);

#endif
