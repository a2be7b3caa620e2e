/* See keep.h. What can be wrong with a store is said by the library; here it gets a folder. */
#include "cli/keep.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void keep_path(struct keep *k, const struct options *o)
{
    *k = (struct keep){0};
    snprintf(k->path, sizeof(k->path), "%s/%s/store.sqlite", o->data_dir, o->network_name);
}

int keep_make_folder(const struct keep *k, char text[KEEP_TEXT_SIZE])
{
    char folder[sizeof(k->path)];
    memcpy(folder, k->path, sizeof(folder));
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
            snprintf(text, KEEP_TEXT_SIZE, "the folder %s cannot be made: %s; name another with --data-dir", folder,
                     strerror(errno));
            return -1;
        }
        *slash = '/';
    }
    return 0;
}

static int opened(dspv_store_problem problem, const dspv_store_report *report, char text[KEEP_TEXT_SIZE])
{
    snprintf(text, KEEP_TEXT_SIZE, "%s", report->text);
    return problem == DSPV_STORE_FINE ? 0 : -1;
}

int keep_open_writer(struct keep *k, const struct options *o, char text[KEEP_TEXT_SIZE])
{
    dspv_store_report report;
    keep_path(k, o);
    if (keep_make_folder(k, text) != 0)
        return -1;
    return opened(dspv_store_sqlite_open(&k->sqlite, k->path, DSPV_STORE_REPLACE_IF_DAMAGED, &report), &report, text);
}

int keep_open_reader(struct keep *k, const struct options *o, char text[KEEP_TEXT_SIZE])
{
    dspv_store_report report;
    keep_path(k, o);
    return opened(dspv_store_sqlite_open_reader(&k->sqlite, k->path, &report), &report, text);
}

const dspv_store *keep_store(const struct keep *k)
{
    return k->sqlite ? dspv_store_sqlite_seam(k->sqlite) : NULL;
}

void keep_close(struct keep *k)
{
    dspv_store_sqlite_close(k->sqlite);
    k->sqlite = NULL;
}

int32_t keep_holder(const struct keep *k)
{
    return dspv_store_sqlite_holder(k->path);
}

bool keep_renew(struct keep *k, const struct options *o, char text[KEEP_TEXT_SIZE])
{
    text[0] = '\0';
    if (!k->sqlite || dspv_store_sqlite_problem(k->sqlite) != DSPV_STORE_DAMAGED)
        return false;
    keep_close(k);
    return keep_open_writer(k, o, text) == 0;
}
