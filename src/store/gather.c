/* See gather.h. The methods of the open file are exchanged, which needs no VFS of one's own. */
#include "store/gather.h"

#include <string.h>

static struct gather *gather_of(sqlite3_file *f)
{
    return ((const struct gather_methods *)f->pMethods)->gather;
}

/* What waits goes to the file; after a failure it still waits. */
static int flush(struct gather *g, sqlite3_file *f)
{
    int rc = g->n > 0 ? g->real->xWrite(f, g->buffer, g->n, g->at) : SQLITE_OK;
    if (rc == SQLITE_OK)
        g->n = 0;
    return rc;
}

static int on_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
    struct gather *g = gather_of(f);
    int rc = at != g->at + g->n || n > GATHER_ROOM - g->n ? flush(g, f) : SQLITE_OK;
    if (rc != SQLITE_OK || n > GATHER_ROOM)
        return rc != SQLITE_OK ? rc : g->real->xWrite(f, bytes, n, at);
    if (g->n == 0)
        g->at = at;
    memcpy(g->buffer + g->n, bytes, (size_t)n);
    g->n += n;
    return SQLITE_OK;
}

static int on_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at)
{
    struct gather *g = gather_of(f);
    int rc = flush(g, f);
    return rc != SQLITE_OK ? rc : g->real->xRead(f, out, n, at);
}

static int on_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    struct gather *g = gather_of(f);
    int rc = flush(g, f);
    return rc != SQLITE_OK ? rc : g->real->xTruncate(f, size);
}

static int on_sync(sqlite3_file *f, int flags)
{
    struct gather *g = gather_of(f);
    int rc = flush(g, f);
    return rc != SQLITE_OK ? rc : g->real->xSync(f, flags);
}

static int on_size(sqlite3_file *f, sqlite3_int64 *out)
{
    struct gather *g = gather_of(f);
    int rc = flush(g, f);
    return rc != SQLITE_OK ? rc : g->real->xFileSize(f, out);
}

static int on_close(sqlite3_file *f)
{
    struct gather *g = gather_of(f);
    int rc = flush(g, f);
    f->pMethods = g->real;
    int end = g->real->xClose(f);
    return rc != SQLITE_OK ? rc : end;
}

void gather_begin(struct gather *g, sqlite3_file *file)
{
    const sqlite3_io_methods *real = file->pMethods;
    g->real = real;
    g->at = g->n = 0;
    g->own.gather = g;
    g->own.methods = (sqlite3_io_methods){.iVersion = 1, /* the later ones are about shared memory, which a log has not */
                                          .xClose = on_close,
                                          .xRead = on_read,
                                          .xWrite = on_write,
                                          .xTruncate = on_truncate,
                                          .xSync = on_sync,
                                          .xFileSize = on_size,
                                          .xLock = real->xLock,
                                          .xUnlock = real->xUnlock,
                                          .xCheckReservedLock = real->xCheckReservedLock,
                                          .xFileControl = real->xFileControl,
                                          .xSectorSize = real->xSectorSize,
                                          .xDeviceCharacteristics = real->xDeviceCharacteristics};
    file->pMethods = &g->own.methods;
}

void gather_drop(struct gather *g)
{
    g->n = 0;
}

void gather_log(struct gather *g, sqlite3 *db)
{
    sqlite3_file *log = NULL;
    g->real = NULL;
    g->n = 0;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK || !log || !log->pMethods)
        return;
    /* Without this trait a log is written on after its sync, up to the end of the sector. */
    if (log->pMethods->xDeviceCharacteristics(log) & SQLITE_IOCAP_POWERSAFE_OVERWRITE)
        gather_begin(g, log);
}
