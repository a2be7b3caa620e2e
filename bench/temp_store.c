/* See temp_store.h. */
#define _XOPEN_SOURCE 700 /* mkdtemp */

#include "temp_store.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "group.h"

void temp_store_new(struct temp_store *t)
{
    const char *where = getenv("TMPDIR");
    *t = (struct temp_store){0};
    snprintf(t->folder, sizeof(t->folder), "%s/dashspv-bench-XXXXXX", where && *where ? where : "/tmp");
    bench_need(mkdtemp(t->folder) != NULL, "no folder for a store");
    snprintf(t->path, sizeof(t->path), "%s/store.sqlite", t->folder);
    temp_store_open(t);
}

void temp_store_open(struct temp_store *t)
{
    dspv_store_report report;
    bench_need(dspv_store_sqlite_open(&t->store, t->path, DSPV_STORE_KEEP, &report) == DSPV_STORE_FINE,
               "the store does not open");
}

void temp_store_close(struct temp_store *t)
{
    dspv_store_sqlite_close(t->store);
    t->store = NULL;
}

void temp_store_remove(struct temp_store *t)
{
    static const char *const parts[] = {"", "-wal", "-shm", ".lock"};
    if (t->store)
        temp_store_close(t);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        char name[4200];
        snprintf(name, sizeof(name), "%s%s", t->path, parts[i]);
        unlink(name);
    }
    rmdir(t->folder);
}

uint64_t temp_store_size(const struct temp_store *t)
{
    struct stat st;
    return stat(t->path, &st) == 0 ? (uint64_t)st.st_size : 0;
}
