/* See power.h. SQLite writes through to the real files, which is what the running program sees; of each file the synced content
 * and the writes since are kept beside. */
#include "store/power.h"

#include "support/data.h"

#include <sqlite3.h>
#include <unistd.h>

enum { FILES = 8, SECTOR = 512 };

struct change {
    size_t offset, n; /* `bytes` NULL: the file's length becomes `offset` */
    uint8_t *bytes;
};

struct kept {
    char path[600];
    struct bytes synced;
    struct change *changes;
    size_t n, cap;
};

struct power_file {
    sqlite3_file base;
    struct kept *kept;  /* NULL: not of the database */
    sqlite3_file *real; /* behind this struct */
};

static sqlite3_vfs *real, disk;
static struct kept files[FILES];
static uint64_t done, happens_at;
static power_event planned;
static bool dark, happened;

static struct kept *kept_of(const char *path)
{
    struct kept *free_one = NULL;
    for (size_t i = 0; i < FILES; i++) {
        if (strcmp(files[i].path, path) == 0)
            return &files[i];
        if (!files[i].path[0] && !free_one)
            free_one = &files[i];
    }
    assert_non_null(free_one);
    snprintf(free_one->path, sizeof(free_one->path), "%s", path);
    return free_one;
}

static void forget_changes(struct kept *k)
{
    for (size_t i = 0; i < k->n; i++)
        free(k->changes[i].bytes);
    k->n = 0;
}

static void forget(struct kept *k)
{
    forget_changes(k);
    free(k->changes);
    free(k->synced.p);
    memset(k, 0, sizeof(*k));
}

static void note(struct kept *k, size_t offset, const void *bytes, size_t n)
{
    if (k->n == k->cap) {
        k->cap = k->cap ? 2 * k->cap : 16;
        k->changes = realloc(k->changes, k->cap * sizeof(*k->changes));
        assert_non_null(k->changes);
    }
    struct change *c = &k->changes[k->n++];
    *c = (struct change){offset, n, bytes ? malloc(n) : NULL};
    if (bytes)
        memcpy(c->bytes, bytes, n);
}

static void resize(struct bytes *b, size_t n)
{
    b->p = realloc(b->p, n + 1);
    assert_non_null(b->p);
    if (n > b->n)
        memset(b->p + b->n, 0, n - b->n);
    b->n = n;
}

static uint64_t kept_of_4; /* quarters of the sectors that survive a cut */

static bool survives(uint64_t *random)
{
    return !random || test_random(random) % 4 < kept_of_4;
}

/* With `random`, each sector only by chance. */
static void apply_changes(struct kept *k, uint64_t *random)
{
    for (size_t i = 0; i < k->n; i++) {
        const struct change *c = &k->changes[i];
        if (!c->bytes) {
            if (survives(random))
                resize(&k->synced, c->offset);
            continue;
        }
        for (size_t at = 0; at < c->n; at += SECTOR) {
            size_t n = c->n - at < SECTOR ? c->n - at : SECTOR;
            if (!survives(random))
                continue;
            if (c->offset + at + n > k->synced.n)
                resize(&k->synced, c->offset + at + n);
            memcpy(k->synced.p + c->offset + at, c->bytes + at, n);
        }
    }
    forget_changes(k);
}

/* True when this operation must fail. */
static bool struck(void)
{
    if (dark)
        return true;
    if (++done != happens_at)
        return false;
    happened = true;
    dark = planned == POWER_CUT;
    return true;
}

/* ---- The methods of a file. */

static struct power_file *self(sqlite3_file *f)
{
    return (struct power_file *)f;
}

static int on_close(sqlite3_file *f)
{
    return self(f)->real->pMethods->xClose(self(f)->real);
}

static int on_read(sqlite3_file *f, void *out, int n, sqlite3_int64 offset)
{
    return dark ? SQLITE_IOERR_READ : self(f)->real->pMethods->xRead(self(f)->real, out, n, offset);
}

static int on_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 offset)
{
    if (self(f)->kept && struck()) {
        if (dark) /* it may have begun */
            note(self(f)->kept, (size_t)offset, bytes, (size_t)n);
        return SQLITE_IOERR_WRITE;
    }
    if (self(f)->kept)
        note(self(f)->kept, (size_t)offset, bytes, (size_t)n);
    return self(f)->real->pMethods->xWrite(self(f)->real, bytes, n, offset);
}

static int on_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    if (self(f)->kept && struck())
        return SQLITE_IOERR_TRUNCATE;
    if (self(f)->kept)
        note(self(f)->kept, (size_t)size, NULL, 0);
    return self(f)->real->pMethods->xTruncate(self(f)->real, size);
}

static int on_sync(sqlite3_file *f, int flags)
{
    (void)flags;
    if (self(f)->kept && struck())
        return SQLITE_IOERR_FSYNC;
    if (self(f)->kept)
        apply_changes(self(f)->kept, NULL);
    return SQLITE_OK;
}

static int on_size(sqlite3_file *f, sqlite3_int64 *out)
{
    return self(f)->real->pMethods->xFileSize(self(f)->real, out);
}
static int on_lock(sqlite3_file *f, int kind)
{
    return self(f)->real->pMethods->xLock(self(f)->real, kind);
}
static int on_unlock(sqlite3_file *f, int kind)
{
    return self(f)->real->pMethods->xUnlock(self(f)->real, kind);
}
static int on_check(sqlite3_file *f, int *out)
{
    return self(f)->real->pMethods->xCheckReservedLock(self(f)->real, out);
}
static int on_control(sqlite3_file *f, int op, void *p)
{
    return self(f)->real->pMethods->xFileControl(self(f)->real, op, p);
}
static int on_sector(sqlite3_file *f)
{
    return self(f)->real->pMethods->xSectorSize(self(f)->real);
}
static int on_traits(sqlite3_file *f)
{
    return self(f)->real->pMethods->xDeviceCharacteristics(self(f)->real);
}
static int on_map(sqlite3_file *f, int i, int n, int extend, void volatile **out)
{
    return self(f)->real->pMethods->xShmMap(self(f)->real, i, n, extend, out);
}
static int on_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    return self(f)->real->pMethods->xShmLock(self(f)->real, at, n, flags);
}
static void on_barrier(sqlite3_file *f)
{
    self(f)->real->pMethods->xShmBarrier(self(f)->real);
}
static int on_unmap(sqlite3_file *f, int delete_it)
{
    return self(f)->real->pMethods->xShmUnmap(self(f)->real, delete_it);
}

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out_flags)
{
    static const sqlite3_io_methods methods = {2,           on_close,   on_read,  on_write,   on_truncate, on_sync,   on_size,
                                               on_lock,     on_unlock,  on_check, on_control, on_sector,   on_traits, on_map,
                                               on_shm_lock, on_barrier, on_unmap, NULL,       NULL};
    (void)vfs;
    struct power_file *p = self(f);
    memset(p, 0, sizeof(*p));
    p->real = (sqlite3_file *)(p + 1);
    if (dark)
        return SQLITE_CANTOPEN;
    int rc = real->xOpen(real, name, p->real, flags, out_flags);
    if (rc != SQLITE_OK)
        return rc;
    p->base.pMethods = &methods;
    if (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL))
        p->kept = kept_of(name);
    return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    if (struck())
        return SQLITE_IOERR_DELETE;
    forget(kept_of(name));
    return real->xDelete(real, name, sync);
}

/* ---- The disk. */

void power_on(void)
{
    if (!real)
        real = sqlite3_vfs_find(NULL);
    power_off();
    disk = *real;
    disk.pNext = NULL;
    disk.zName = "power";
    disk.szOsFile = (int)sizeof(struct power_file) + real->szOsFile;
    disk.xOpen = on_open;
    disk.xDelete = on_delete;
    assert_int_equal(sqlite3_vfs_register(&disk, 1), SQLITE_OK);
    done = happens_at = 0;
    dark = happened = false;
}

void power_off(void)
{
    for (size_t i = 0; i < FILES; i++)
        forget(&files[i]);
    sqlite3_vfs_unregister(&disk);
    assert_int_equal(sqlite3_vfs_register(real, 1), SQLITE_OK);
}

void power_plan(power_event event, uint64_t n)
{
    planned = event;
    happens_at = n ? done + n : 0;
    happened = false;
}

bool power_happened(void)
{
    return happened;
}

void power_return(uint64_t *random)
{
    char shared[sizeof(files[0].path) + 8];
    kept_of_4 = test_random(random) % 5;
    for (size_t i = 0; i < FILES; i++) {
        struct kept *k = &files[i];
        if (!k->path[0])
            continue;
        apply_changes(k, random);
        resize(&k->synced, k->synced.n); /* never NULL */
        FILE *f = fopen(k->path, "wb");
        assert_true(f && fwrite(k->synced.p, 1, k->synced.n, f) == k->synced.n && fclose(f) == 0);
        snprintf(shared, sizeof(shared), "%.*s-shm", (int)sizeof(k->path) - 1, k->path);
        unlink(shared);
    }
    dark = false;
    happens_at = 0;
}
