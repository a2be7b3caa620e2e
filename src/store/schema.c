/* See schema.h. The application id and the version are in the file's header, written in the same transaction as the tables. */
#include "store/schema.h"

#include <stdio.h>

extern const char schema_sql[]; /* schema.sql, by the build */

const struct schema *schema_current(void)
{
    static const struct schema current = {.version = 1, .full = schema_sql, .steps = NULL};
    return &current;
}

static int read_number(sqlite3 *db, const char *sql, int *out)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        *out = sqlite3_column_int(s, 0);
        rc = SQLITE_OK;
    }
    int end = sqlite3_finalize(s);
    return rc != SQLITE_OK ? rc : end;
}

int schema_look(sqlite3 *db, const struct schema *schema, schema_state *state, int *version)
{
    int application = 0, objects = 0;
    int rc = read_number(db, "SELECT count(*) FROM sqlite_master", &objects); /* first: it reads the file's header in earnest */
    if (rc == SQLITE_OK)
        rc = read_number(db, "PRAGMA application_id", &application);
    if (rc == SQLITE_OK)
        rc = read_number(db, "PRAGMA user_version", version);
    if (rc != SQLITE_OK)
        return rc;
    if (application == 0 && *version == 0 && objects == 0)
        *state = SCHEMA_EMPTY;
    else if (application != SCHEMA_APPLICATION)
        *state = SCHEMA_FOREIGN;
    else if (*version < 1 || objects == 0)
        *state = SCHEMA_BROKEN;
    else
        *state = *version == schema->version ? SCHEMA_SAME : *version < schema->version ? SCHEMA_OLDER : SCHEMA_NEWER;
    return SQLITE_OK;
}

static int write_header(sqlite3 *db, const struct schema *schema)
{
    char sql[128];
    snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %d", SCHEMA_APPLICATION, schema->version);
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

int schema_raise(sqlite3 *db, const struct schema *schema, schema_state state, int version)
{
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return rc;
    if (state == SCHEMA_EMPTY)
        rc = sqlite3_exec(db, schema->full, NULL, NULL, NULL);
    else
        for (int v = version; rc == SQLITE_OK && v < schema->version; v++)
            rc = sqlite3_exec(db, schema->steps[v - 1], NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = write_header(db, schema);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK && !sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}
