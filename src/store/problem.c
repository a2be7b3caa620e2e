/* See problem.h. SQLite reports much as "disk I/O error"; the system's error number behind it tells a full disk from others. */
#include "store/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

dspv_store_problem problem_report(dspv_store_report *report, dspv_store_problem problem, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(report->text, sizeof(report->text), format, arguments);
    va_end(arguments);
    return report->problem = problem;
}

static dspv_store_problem of_errno(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return DSPV_STORE_FULL;
    case EACCES:
    case EPERM:
    case EROFS: return DSPV_STORE_READ_ONLY;
    case ENOMEM: return DSPV_STORE_MEMORY;
    default: return DSPV_STORE_IO;
    }
}

static dspv_store_problem of_sqlite(int rc, int error)
{
    switch (rc) {
    case SQLITE_IOERR_NOMEM: return DSPV_STORE_MEMORY;
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS: return DSPV_STORE_DAMAGED;
    case SQLITE_READONLY_DBMOVED: return DSPV_STORE_IO;
    default: break;
    }
    switch (rc & 0xff) {
    case SQLITE_NOMEM: return DSPV_STORE_MEMORY;
    case SQLITE_FULL: return DSPV_STORE_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return DSPV_STORE_LOCKED;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return DSPV_STORE_READ_ONLY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_TOOBIG:
    case SQLITE_ERROR: return DSPV_STORE_DAMAGED; /* our statements are right: a table is not what it should be */
    default: return of_errno(error);
    }
}

/* The folder of a file: "." when `path` has none. */
static void folder_of(const char *path, char out[PROBLEM_PATH])
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    if (slash == path)
        n = 1;
    snprintf(out, PROBLEM_PATH, "%.*s", n ? (int)n : 1, n ? path : ".");
}

static dspv_store_problem explain(dspv_store_report *report, dspv_store_problem problem, const char *path, const char *detail)
{
    char folder[PROBLEM_PATH];
    folder_of(path, folder);
    switch (problem) {
    case DSPV_STORE_FULL:
        return problem_report(
            report, problem,
            "no space is left to write %s (the disk is full, or a quota or limit reached): free some space in %s and "
            "try again; nothing that was stored is lost",
            path, folder);
    case DSPV_STORE_READ_ONLY:
        return problem_report(
            report, problem,
            "no permission for %s (%s): give this user the right to use it and the folder %s, or choose another folder", path,
            detail, folder);
    case DSPV_STORE_LOCKED:
        return problem_report(report, problem, "another process keeps %s locked (%s): end it, or wait, and try again", path,
                              detail);
    case DSPV_STORE_DAMAGED:
        return problem_report(
            report, problem,
            "%s is damaged, or no database at all (%s): `dashspv run` sets it aside and begins a new one; what it held "
            "is fetched again",
            path, detail);
    case DSPV_STORE_MEMORY: return problem_report(report, problem, "out of memory while using %s", path);
    default:
        return problem_report(report, problem, "%s cannot be used (%s): see whether the folder %s exists and its disk works",
                              path, detail, folder);
    }
}

dspv_store_problem problem_errno(dspv_store_report *report, int error, const char *path)
{
    char detail[128];
    if (strerror_r(error, detail, sizeof(detail)) != 0)
        snprintf(detail, sizeof(detail), "error %d", error);
    return explain(report, of_errno(error), path, detail);
}

dspv_store_problem problem_sqlite(dspv_store_report *report, sqlite3 *db, int rc, const char *path)
{
    int error = errno;
    if (db && sqlite3_system_errno(db) != 0)
        error = sqlite3_system_errno(db);
    dspv_store_problem problem = of_sqlite(rc, error);
    if (problem == DSPV_STORE_IO && error != 0)
        return problem_errno(report, error, path);
    return explain(report, problem, path, rc == SQLITE_ERROR && db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}

int problem_error(dspv_store_problem problem)
{
    return problem == DSPV_STORE_FINE ? 0 : problem == DSPV_STORE_MEMORY ? DSPV_ENOMEM : DSPV_ESTORE;
}
