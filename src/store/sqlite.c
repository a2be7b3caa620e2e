/* Reading and writing an open store (dashspv/store_sqlite.h). One transaction per apply, synchronous: when COMMIT has returned,
 * the log was synced. When it failed, the transaction is undone here; if the machine then stops before anything else is written,
 * it may still be found whole on the disk, which is no worse than if the crash had come right after it.
 *
 * Every value of the file is bounded before it is handed on: what cannot be a record of ours counts as damage.
 * Next: sqlite_open.c. */
#include "store/sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store/op.h"
#include "store/set_aside.h"

static int fine(dspv_store_sqlite *s)
{
    s->last.problem = DSPV_STORE_FINE;
    return 0;
}

static int failed(dspv_store_sqlite *s, int rc)
{
    dspv_store_problem problem = problem_sqlite(&s->last, s->db, rc, s->path);
    if (problem == DSPV_STORE_DAMAGED && s->put[0])
        set_aside_mark(s->path);
    return problem_error(problem);
}

static bool ops_sound(const dspv_store_op *ops, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!op_sound(&ops[i]))
            return false;
    return true;
}

static int write_op(dspv_store_sqlite *s, const dspv_store_op *op)
{
    sqlite3_stmt *statement = op->value ? s->put[op->table] : s->remove[op->table];
    int rc = sqlite3_bind_blob(statement, 1, op->key, (int)op->key_n, SQLITE_STATIC);
    if (rc == SQLITE_OK && op->value)
        rc = sqlite3_bind_blob(statement, 2, op->value, (int)op->value_n, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Has somebody renamed or removed the file? Then writing to it would be in vain. */
static bool gone(dspv_store_sqlite *s)
{
    int moved = 0;
    return sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved;
}

static int apply(void *context, const dspv_store_op *ops, size_t n)
{
    dspv_store_sqlite *s = context;
    if (!s->put[0])
        return problem_error(problem_report(&s->last, DSPV_STORE_READ_ONLY, "%s was opened for reading only", s->path));
    if (!ops_sound(ops, n))
        return problem_error(problem_report(&s->last, DSPV_STORE_IO, "an operation beyond the limits of %s", s->path));
    if (n == 0)
        return fine(s);
    if (gone(s))
        return problem_error(problem_report(
            &s->last, DSPV_STORE_IO, "%s was removed or replaced while it was in use: put it back, or start again", s->path));
    errno = 0; /* see problem_sqlite */
    int rc = sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (size_t i = 0; rc == SQLITE_OK && i < n; i++)
        rc = write_op(s, &ops[i]);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        return fine(s);
    int error = failed(s, rc);
    if (!sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    gather_drop(s->log);
    return error;
}

/* A result code: SQLITE_ROW to go on, SQLITE_DONE when the visitor has enough. */
static int show_row(sqlite3_stmt *row, dspv_store_visit *visit, void *argument)
{
    const uint8_t *key = sqlite3_column_blob(row, 0), *value = sqlite3_column_blob(row, 1);
    int key_n = sqlite3_column_bytes(row, 0), value_n = sqlite3_column_bytes(row, 1);
    if (sqlite3_column_type(row, 0) != SQLITE_BLOB || sqlite3_column_type(row, 1) != SQLITE_BLOB || key_n < 1 ||
        key_n > DSPV_STORE_MOST_KEY || value_n > DSPV_STORE_MOST_VALUE)
        return SQLITE_CORRUPT;
    if (!key || (!value && value_n > 0))
        return SQLITE_NOMEM;
    return visit(argument, key, (size_t)key_n, value, (size_t)value_n) ? SQLITE_ROW : SQLITE_DONE;
}

static int prepare_scan(dspv_store_sqlite *s, dspv_table table, unsigned flags, sqlite3_stmt **out)
{
    char sql[128];
    snprintf(sql, sizeof(sql), "SELECT key, value FROM %s WHERE key >= ?1 AND key <= ?2 ORDER BY key", dspv_table_name(table));
    return sqlite3_prepare_v3(s->db, sql, -1, flags, out, NULL);
}

static int scan(void *context, dspv_table table, const uint8_t *first, size_t first_n, const uint8_t *last, size_t last_n,
                dspv_store_visit *visit, void *argument)
{
    static const uint8_t beginning[1];
    uint8_t end[DSPV_STORE_MOST_KEY + 1]; /* above every key there can be */
    memset(end, 0xff, sizeof(end));
    dspv_store_sqlite *s = context;
    sqlite3_stmt *statement = s->scan[table], *own = NULL;
    int rc = SQLITE_OK;
    errno = 0;                          /* see problem_sqlite */
    if (sqlite3_stmt_busy(statement)) { /* a scan from within a visit of the same table */
        rc = prepare_scan(s, table, 0, &own);
        statement = own;
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_blob(statement, 1, first_n ? first : beginning, (int)first_n, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_blob(statement, 2, last_n ? last : end, last_n ? (int)last_n : (int)sizeof(end), SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = SQLITE_ROW;
    while (rc == SQLITE_ROW) {
        rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW)
            rc = show_row(statement, visit, argument);
    }
    int error = rc == SQLITE_DONE ? fine(s) : failed(s, rc);
    if (statement) {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
    sqlite3_finalize(own);
    return error;
}

static const char *trouble(void *context)
{
    const dspv_store_sqlite *s = context;
    return s->last.problem == DSPV_STORE_FINE ? "nothing went wrong" : s->last.text;
}

void sqlite_init(dspv_store_sqlite *s, const char *path)
{
    *s = (dspv_store_sqlite){.seam = {.context = s, .apply = apply, .scan = scan, .trouble = trouble}};
    snprintf(s->path, sizeof(s->path), "%s", path);
    lock_file_init(&s->lock);
}

int sqlite_prepare(dspv_store_sqlite *s, bool writer)
{
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < DSPV_TABLE_COUNT; i++) {
        dspv_table table = (dspv_table)i;
        char sql[160];
        rc = prepare_scan(s, table, SQLITE_PREPARE_PERSISTENT, &s->scan[i]);
        if (rc == SQLITE_OK && writer) {
            snprintf(sql, sizeof(sql),
                     "INSERT INTO %s (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                     dspv_table_name(table));
            rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->put[i], NULL);
        }
        if (rc == SQLITE_OK && writer) {
            snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE key = ?1", dspv_table_name(table));
            rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->remove[i], NULL);
        }
    }
    return rc;
}

void sqlite_disconnect(dspv_store_sqlite *s)
{
    for (int i = 0; i < DSPV_TABLE_COUNT; i++) {
        sqlite3_finalize(s->put[i]);
        sqlite3_finalize(s->remove[i]);
        sqlite3_finalize(s->scan[i]);
        s->put[i] = s->remove[i] = s->scan[i] = NULL;
    }
    sqlite3_close(s->db); /* the last connection moves the log into the file */
    s->db = NULL;
    mem_free(s->log);
    s->log = NULL;
}

const dspv_store *dspv_store_sqlite_seam(dspv_store_sqlite *s)
{
    return &s->seam;
}

dspv_store_problem dspv_store_sqlite_problem(const dspv_store_sqlite *s)
{
    return s->last.problem;
}
