/* Opening and closing (dashspv/store_sqlite.h). A file is looked at before anything in it is changed: another program's database
 * is left as it is. Never open() the database here: closing it again would drop the locks that SQLite, in this process, has on
 * it. */
#include "store/sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/mem.h"
#include "store/salvage.h"
#include "store/set_aside.h"

enum { BUSY_MS = 5000, READER_TRIES = 3 };

/* ---- Both kinds. */

static dspv_store_problem make_handle(dspv_store_sqlite **out, const char *path, dspv_store_report *report)
{
    char whole[PROBLEM_PATH];
    *out = NULL;
    *report = (dspv_store_report){.problem = DSPV_STORE_FINE};
    /* "./": or SQLite would see more in ":memory:" and "file:..." than a name. Room is left for "-wal", ".lock". */
    int n = snprintf(whole, sizeof(whole), "%s%s", path[0] == '/' ? "" : "./", path);
    if (path[0] == '\0' || n < 0 || (size_t)n + 16 > sizeof(whole))
        return problem_report(report, DSPV_STORE_IO, "the name of a store must not be empty nor longer than %d bytes",
                              PROBLEM_PATH - 16);
    dspv_store_sqlite *s = mem_alloc(sizeof(*s));
    if (!s)
        return problem_report(report, DSPV_STORE_MEMORY, "out of memory while opening %s", path);
    sqlite_init(s, whole);
    *out = s;
    return DSPV_STORE_FINE;
}

/* What the file says about its schema is not to be trusted with anything. */
static int set_defences(sqlite3 *db)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, BUSY_MS);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 2 * DSPV_STORE_MOST_VALUE); /* a record with its key, and no more */
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    return sqlite3_exec(db, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
}

int sqlite_connect(dspv_store_sqlite *s, const char *name, int flags)
{
    errno = 0; /* see problem_sqlite */
    int rc = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
    return rc == SQLITE_OK ? set_defences(s->db) : s->db ? sqlite3_extended_errcode(s->db) : SQLITE_NOMEM;
}

static dspv_store_problem failed(dspv_store_sqlite *s, int rc, dspv_store_report *report)
{
    return problem_sqlite(report, s->db, rc, s->path);
}

static dspv_store_problem judge(const dspv_store_sqlite *s, schema_state state, int version, const struct schema *schema,
                                dspv_store_report *report)
{
    switch (state) {
    case SCHEMA_FOREIGN:
        return problem_report(report, DSPV_STORE_FOREIGN,
                              "%s is a database of another program: choose another folder, or move it away", s->path);
    case SCHEMA_NEWER:
        return problem_report(
            report, DSPV_STORE_NEWER,
            "%s was written by a newer dashspv (its tables have version %d, this program knows up to %d): use the newer "
            "one, or another folder",
            s->path, version, schema->version);
    case SCHEMA_BROKEN:
        return problem_report(report, DSPV_STORE_DAMAGED,
                              "%s is damaged (version %d of its tables never was): `dashspv run` sets it aside and begins a new "
                              "one; what it held is fetched again",
                              s->path, version);
    default: return report->problem = DSPV_STORE_FINE;
    }
}

/* ---- The writer. */

/* Settings of a connection that writes; the file is ours or empty. */
static int set_writing(sqlite3 *db)
{
    sqlite3_stmt *mode = NULL;
    int rc = sqlite3_prepare_v2(db, "PRAGMA journal_mode = WAL", -1, &mode, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(mode);
    bool is_wal = rc == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(mode, 0), "wal") == 0;
    int end = sqlite3_finalize(mode);
    if (rc != SQLITE_ROW || end != SQLITE_OK)
        return end != SQLITE_OK ? end : rc;
    if (!is_wal)
        return SQLITE_IOERR_SHMOPEN; /* a file system that cannot share memory */
    return sqlite3_exec(db,
                        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;"
                        "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 16777216; PRAGMA secure_delete = OFF",
                        NULL, NULL, NULL);
}

static int gather(dspv_store_sqlite *s)
{
    s->log = mem_alloc(sizeof(*s->log));
    if (!s->log)
        return SQLITE_NOMEM;
    gather_log(s->log, s->db);
    return SQLITE_OK;
}

static dspv_store_problem open_file(dspv_store_sqlite *s, const struct schema *schema, dspv_store_report *report)
{
    schema_state state = SCHEMA_EMPTY;
    int version = 0;
    int rc = sqlite_connect(s, s->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (rc == SQLITE_OK && sqlite3_db_readonly(s->db, "main")) /* what SQLite makes of a file without permission */
        return problem_errno(report, EACCES, s->path);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(s->db, "PRAGMA page_size = 4096", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = schema_look(s->db, schema, &state, &version);
    if (rc != SQLITE_OK)
        return failed(s, rc, report);
    if (judge(s, state, version, schema, report) != DSPV_STORE_FINE)
        return report->problem;
    if (state == SCHEMA_EMPTY)
        set_aside_unmark(s->path); /* it was about another file */
    else if (set_aside_marked(s->path))
        return failed(s, SQLITE_CORRUPT, report);
    rc = set_writing(s->db);
    if (rc == SQLITE_OK && state != SCHEMA_SAME)
        rc = schema_raise(s->db, schema, state, version);
    if (rc == SQLITE_OK)
        rc = sqlite_prepare(s, true);
    if (rc == SQLITE_OK)
        rc = gather(s);
    return rc == SQLITE_OK ? (report->problem = DSPV_STORE_FINE) : failed(s, rc, report);
}

static dspv_store_problem open_or_replace(dspv_store_sqlite *s, dspv_store_existing existing, const struct schema *schema,
                                          dspv_store_report *report)
{
    dspv_store_problem problem = DSPV_STORE_DAMAGED;
    if (existing != DSPV_STORE_REPLACE)
        problem = open_file(s, schema, report);
    if (problem != DSPV_STORE_DAMAGED || existing == DSPV_STORE_KEEP)
        return problem;
    sqlite_disconnect(s);
    char old[SET_ASIDE_NAME];
    if (set_aside(s->path, old, report) != DSPV_STORE_FINE || open_file(s, schema, report) != DSPV_STORE_FINE || !old[0])
        return report->problem;
    size_t records = existing == DSPV_STORE_REPLACE ? 0 : salvage(s, old, schema);
    set_aside_tidy(old);
    return problem_report(
        report, DSPV_STORE_FINE,
        "%s was damaged and is now %s (delete that if you do not want to look into it); a new store was begun, to which "
        "%zu records could be taken over",
        s->path, old, records);
}

static dspv_store_problem give(dspv_store_sqlite **out, dspv_store_sqlite *s, dspv_store_report *report)
{
    if (report->problem == DSPV_STORE_FINE) {
        *out = s;
    } else {
        dspv_store_sqlite_close(s);
        *out = NULL;
    }
    return report->problem;
}

dspv_store_problem sqlite_open(dspv_store_sqlite **out, const char *path, dspv_store_existing existing,
                               const struct schema *schema, dspv_store_report *report)
{
    dspv_store_sqlite *s;
    if (make_handle(&s, path, report) == DSPV_STORE_FINE && lock_file_take(&s->lock, s->path, true, report) == DSPV_STORE_FINE)
        report->problem = open_or_replace(s, existing, schema, report);
    return give(out, s, report);
}

/* ---- Readers. */

static bool log_is_empty(const char *path)
{
    char name[PROBLEM_PATH + 8];
    struct stat st;
    snprintf(name, sizeof(name), "%s-wal", path);
    return stat(name, &st) != 0 ? errno == ENOENT : st.st_size == 0;
}

/* As a URI for SQLite, which shall take the file for one that nobody changes. */
static void immutable_uri(const char *path, char out[3 * PROBLEM_PATH + 32])
{
    size_t n = (size_t)sprintf(out, "file:%s", path[0] == '/' ? "//" : "");
    for (const char *c = path; *c; c++) {
        if (strchr("%?#", *c))
            n += (size_t)sprintf(out + n, "%%%02X", (unsigned)(unsigned char)*c);
        else
            out[n++] = *c;
    }
    strcpy(out + n, "?immutable=1");
}

/* Begin the snapshot that lasts until the handle is closed. */
static dspv_store_problem begin_reading(dspv_store_sqlite *s, int rc, const struct schema *schema, dspv_store_report *report)
{
    schema_state state = SCHEMA_EMPTY;
    int version = 0;
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = schema_look(s->db, schema, &state, &version);
    if (rc == SQLITE_OK && state == SCHEMA_EMPTY)
        return problem_report(report, DSPV_STORE_MISSING, "there is nothing in %s yet: start `dashspv run` first", s->path);
    if (rc == SQLITE_OK && state == SCHEMA_OLDER)
        return problem_report(report, DSPV_STORE_OLDER,
                              "%s was written by an older dashspv: `dashspv run` brings it up to date, start that once", s->path);
    if (rc == SQLITE_OK && judge(s, state, version, schema, report) != DSPV_STORE_FINE)
        return report->problem;
    if (rc == SQLITE_OK)
        rc = sqlite_prepare(s, false);
    return rc == SQLITE_OK ? (report->problem = DSPV_STORE_FINE) : failed(s, rc, report);
}

static dspv_store_problem read_shared(dspv_store_sqlite *s, const struct schema *schema, dspv_store_report *report)
{
    int rc = sqlite_connect(s, s->path, SQLITE_OPEN_READONLY);
    if (rc == SQLITE_OK) /* tidying up is the writer's business */
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return begin_reading(s, rc, schema, report);
}

/* SQLite reads a log through memory shared by files it may have to make. Where that is not permitted, the file can be read alone,
 * provided that its log is empty and that nobody can write to it meanwhile. */
static dspv_store_problem read_alone(dspv_store_sqlite *s, const struct schema *schema, dspv_store_report *report)
{
    char uri[3 * PROBLEM_PATH + 32];
    struct statvfs volume;
    dspv_store_report lock;
    bool read_only = statvfs(s->path, &volume) == 0 && (volume.f_flag & ST_RDONLY) != 0;
    if (!read_only && lock_file_take(&s->lock, s->path, false, &lock) != DSPV_STORE_FINE)
        return problem_report(
            report, DSPV_STORE_READ_ONLY,
            "%s cannot be read without writing beside it, nor be kept from changing (%s): copy it to a folder of your own",
            s->path, lock.text);
    if (!log_is_empty(s->path))
        return problem_report(
            report, DSPV_STORE_READ_ONLY,
            "the log %s-wal cannot be read without the right to write beside it: copy %s and what begins with its name "
            "to a folder of your own",
            s->path, s->path);
    sqlite_disconnect(s);
    immutable_uri(s->path, uri);
    return begin_reading(s, sqlite_connect(s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI), schema, report);
}

static dspv_store_problem missing(const dspv_store_sqlite *s, dspv_store_report *report)
{
    struct stat st;
    if (stat(s->path, &st) == 0)
        return S_ISDIR(st.st_mode) ? problem_errno(report, EISDIR, s->path) : (report->problem = DSPV_STORE_FINE);
    if (errno != ENOENT && errno != ENOTDIR)
        return problem_errno(report, errno, s->path);
    return problem_report(report, DSPV_STORE_MISSING, "there is no %s: start `dashspv run` first, or name another folder",
                          s->path);
}

/* What SQLite says when it may not, or cannot, make the files it wants beside the database. */
static bool wants_files(const dspv_store_sqlite *s)
{
    int rc = s->db ? sqlite3_errcode(s->db) & 0xff : SQLITE_OK;
    return rc == SQLITE_CANTOPEN || rc == SQLITE_READONLY;
}

/* Opening makes several steps; a writer that sets the file aside between two of them has us begin again. */
static dspv_store_problem read_current(dspv_store_sqlite *s, const struct schema *schema, dspv_store_report *report)
{
    int moved = 1;
    for (int i = 0; moved && i < READER_TRIES; i++) {
        sqlite_disconnect(s);
        if (missing(s, report) != DSPV_STORE_FINE)
            return report->problem;
        dspv_store_problem problem = read_shared(s, schema, report);
        if (problem != DSPV_STORE_FINE && wants_files(s))
            problem = read_alone(s, schema, report);
        moved = 0;
        if (s->db)
            sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
        if (!moved)
            return problem;
    }
    return problem_report(report, DSPV_STORE_IO, "%s is being replaced: try again", s->path);
}

dspv_store_problem sqlite_open_reader(dspv_store_sqlite **out, const char *path, const struct schema *schema,
                                      dspv_store_report *report)
{
    dspv_store_sqlite *s;
    if (make_handle(&s, path, report) == DSPV_STORE_FINE) {
        s->seam.read_only = true;
        report->problem = read_current(s, schema, report);
    }
    return give(out, s, report);
}

/* ---- The public ones. */

dspv_store_problem dspv_store_sqlite_open(dspv_store_sqlite **out, const char *path, dspv_store_existing existing,
                                          dspv_store_report *report)
{
    dspv_store_report own;
    return sqlite_open(out, path, existing, schema_current(), report ? report : &own);
}

dspv_store_problem dspv_store_sqlite_open_reader(dspv_store_sqlite **out, const char *path, dspv_store_report *report)
{
    dspv_store_report own;
    return sqlite_open_reader(out, path, schema_current(), report ? report : &own);
}

int32_t dspv_store_sqlite_holder(const char *path)
{
    return lock_file_holder(path);
}

void dspv_store_sqlite_close(dspv_store_sqlite *s)
{
    if (!s)
        return;
    sqlite_disconnect(s);
    lock_file_release(&s->lock);
    mem_free(s);
}
