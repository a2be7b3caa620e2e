/* See store_file.h. What can be wrong with a store is said by the library; here it gets a folder. */
#include "cli/store_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void store_file_path(struct store_file *f, const struct options *o)
{
    *f = (struct store_file){0};
    snprintf(f->path, sizeof(f->path), "%s/%s/store.sqlite", o->data_dir, o->network_name);
}

int store_file_make_folder(const struct store_file *f, char text[STORE_FILE_TEXT])
{
    char folder[sizeof(f->path)];
    memcpy(folder, f->path, sizeof(folder));
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
            snprintf(text, STORE_FILE_TEXT, "the folder %s cannot be made: %s; name another with --data-dir", folder,
                     strerror(errno));
            return -1;
        }
        *slash = '/';
    }
    return 0;
}

/* What cannot be read shows when it is taken up. */
static int check_network(struct store_file *f, const struct options *o, char text[STORE_FILE_TEXT])
{
    dspv_fault fault;
    if (dspv_store_check(o->network, store_file_seam(f), &fault) != DSPV_EFAULT)
        return 0;
    store_file_close(f);
    snprintf(text, STORE_FILE_TEXT, "%s: %s; name another folder with --data-dir, or move that file away", f->path,
             dspv_reason_text(fault.reason));
    return -1;
}

static int opened(struct store_file *f, const struct options *o, const dspv_store_report *report, char text[STORE_FILE_TEXT])
{
    snprintf(text, STORE_FILE_TEXT, "%s", report->text);
    return report->problem == DSPV_STORE_FINE ? check_network(f, o, text) : -1;
}

int store_file_open_writer(struct store_file *f, const struct options *o, char text[STORE_FILE_TEXT])
{
    dspv_store_report report;
    store_file_path(f, o);
    if (store_file_make_folder(f, text) != 0)
        return -1;
    dspv_store_sqlite_open(&f->sqlite, f->path, DSPV_STORE_REPLACE_IF_DAMAGED, &report);
    return opened(f, o, &report, text);
}

int store_file_open_reader(struct store_file *f, const struct options *o, char text[STORE_FILE_TEXT])
{
    dspv_store_report report;
    store_file_path(f, o);
    dspv_store_sqlite_open_reader(&f->sqlite, f->path, &report);
    return opened(f, o, &report, text);
}

const dspv_store *store_file_seam(const struct store_file *f)
{
    return f->sqlite ? dspv_store_sqlite_seam(f->sqlite) : NULL;
}

const char *store_file_trouble(const struct store_file *f)
{
    const dspv_store *store = store_file_seam(f);
    return store ? store->trouble(store->context) : dspv_error_text(DSPV_ESTORE);
}

void store_file_close(struct store_file *f)
{
    dspv_store_sqlite_close(f->sqlite);
    f->sqlite = NULL;
}

int32_t store_file_holder(const struct store_file *f)
{
    return dspv_store_sqlite_holder(f->path);
}

bool store_file_renew(struct store_file *f, const struct options *o, char text[STORE_FILE_TEXT])
{
    text[0] = '\0';
    if (!f->sqlite || dspv_store_sqlite_problem(f->sqlite) != DSPV_STORE_DAMAGED)
        return false;
    store_file_close(f);
    return store_file_open_writer(f, o, text) == 0;
}
