/* See salvage.h. A table is read from its beginning up to the damage, and then from its end down to it: one broken page in the
 * midst of the headers costs the records on it, not all behind it. Seals are checked, as SQLite's pages have no checksums. */
#include "store/salvage.h"

#include <stdio.h>
#include <string.h>

#include "store/batch.h"
#include "store/record.h"

enum { BATCH_BYTES = 4 << 20 };

struct rescue {
    dspv_store_sqlite *from, *to;
    struct batch batch;
    size_t records; /* stored in `to` */
    bool stopped;   /* `to` took no more */
};

static void flush(struct rescue *r)
{
    size_t n = r->batch.n;
    if (batch_apply(&r->batch, dspv_store_sqlite_seam(r->to)) == 0)
        r->records += n;
    else
        r->stopped = true;
}

static void take(struct rescue *r, dspv_table table, struct span key, struct span value)
{
    struct span payload;
    if (!record_open(table, key, value, &payload))
        return;
    batch_put(&r->batch, table, key.p, key.n, payload.p, payload.n);
    if (r->batch.failed || r->batch.bytes > BATCH_BYTES)
        flush(r);
}

/* One way through a table, to the records above `border`, which becomes the last key that was read. True when the whole way was
 * readable. */
static bool read_table(struct rescue *r, dspv_table table, const char *order, uint8_t border[DSPV_STORE_MOST_KEY],
                       size_t *border_n)
{
    char text[160];
    sqlite3_stmt *row = NULL;
    snprintf(text, sizeof(text), "SELECT key, value FROM %s WHERE key > ?1 ORDER BY key %s", dspv_table_name(table), order);
    int rc = sqlite3_prepare_v2(r->from->db, text, -1, &row, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_blob(row, 1, border, (int)*border_n, SQLITE_TRANSIENT);
    while ((rc == SQLITE_OK || rc == SQLITE_ROW) && !r->stopped && (rc = sqlite3_step(row)) == SQLITE_ROW) {
        struct span key = {sqlite3_column_blob(row, 0), (size_t)sqlite3_column_bytes(row, 0)};
        struct span value = {sqlite3_column_blob(row, 1), (size_t)sqlite3_column_bytes(row, 1)};
        if (!key.p || !value.p || key.n > DSPV_STORE_MOST_KEY)
            continue;
        memcpy(border, key.p, key.n);
        *border_n = key.n;
        take(r, table, key, value);
    }
    sqlite3_finalize(row);
    return rc == SQLITE_DONE;
}

/* SQLite refuses a file that is shorter than its header says, except to those who may write to its schema. Nobody here can: the
 * file is open for reading only. */
static bool accept_cut_files(dspv_store_sqlite *from)
{
    return sqlite3_db_config(from->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL) == SQLITE_OK &&
           sqlite3_db_config(from->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, NULL) == SQLITE_OK;
}

static bool same_tables(dspv_store_sqlite *from, const struct schema *schema)
{
    schema_state state;
    int version;
    return schema_look(from->db, schema, &state, &version) == SQLITE_OK && state == SCHEMA_SAME;
}

size_t salvage(dspv_store_sqlite *s, const char *old, const struct schema *schema)
{
    dspv_store_sqlite from;
    sqlite_init(&from, old);
    struct rescue r = {.from = &from, .to = s};
    batch_init(&r.batch);
    if (sqlite_connect(&from, old, SQLITE_OPEN_READONLY) == SQLITE_OK && accept_cut_files(&from) && same_tables(&from, schema)) {
        for (int i = 0; i < DSPV_TABLE_COUNT && !r.stopped; i++) {
            uint8_t border[DSPV_STORE_MOST_KEY];
            size_t border_n = 0;
            if (!read_table(&r, (dspv_table)i, "ASC", border, &border_n))
                read_table(&r, (dspv_table)i, "DESC", border, &border_n);
        }
        flush(&r);
    }
    sqlite_disconnect(&from);
    batch_free(&r.batch);
    return r.records;
}
