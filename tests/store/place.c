/* See place.h. */
#include "store/place.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];

int place_make(void **state)
{
    (void)state;
    /* In memory where that is to be had: syncing takes most of the time, and nothing here depends on it. */
    const char *tmp = getenv("TMPDIR");
    if (!tmp || !*tmp)
        tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof(folder), "%s/dashspv-store-XXXXXX", tmp);
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_tree(const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char inner[1024];
        int n = snprintf(inner, sizeof(inner), "%s/%s", path, e->d_name);
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && n > 0 && (size_t)n < sizeof(inner))
            remove_tree(inner);
    }
    if (dir)
        closedir(dir);
    return remove(path);
}

int place_remove(void **state)
{
    (void)state;
    return remove_tree(folder);
}

const char *place_folder(void)
{
    return folder;
}

const char *place_path(const char *name)
{
    static char paths[4][600];
    static size_t next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

bool place_exists(const char *name)
{
    struct stat st;
    return stat(place_path(name), &st) == 0;
}

size_t place_size(const char *name)
{
    struct stat st;
    return stat(place_path(name), &st) == 0 ? (size_t)st.st_size : 0;
}

struct bytes place_read(const char *name)
{
    struct bytes b = {.n = place_size(name)};
    FILE *f = fopen(place_path(name), "rb");
    b.p = malloc(b.n + 1);
    assert_true(f && b.p && fread(b.p, 1, b.n, f) == b.n);
    fclose(f);
    return b;
}

void place_write(const char *name, const void *data, size_t n)
{
    FILE *f = fopen(place_path(name), "wb");
    assert_true(f && fwrite(data, 1, n, f) == n && fclose(f) == 0);
}

void place_copy(const char *from, const char *to)
{
    struct bytes b = place_read(from);
    place_write(to, b.p, b.n);
    free(b.p);
}

dspv_store_sqlite *place_open(void)
{
    dspv_store_sqlite *s;
    dspv_store_report report;
    if (dspv_store_sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, &report) != DSPV_STORE_FINE)
        fail_msg("open: problem %d, %s", (int)report.problem, report.text);
    return s;
}

dspv_store_sqlite *place_open_reader(void)
{
    dspv_store_sqlite *s;
    dspv_store_report report;
    if (dspv_store_sqlite_open_reader(&s, place_path("main.sqlite"), &report) != DSPV_STORE_FINE)
        fail_msg("open for reading: problem %d, %s", (int)report.problem, report.text);
    return s;
}

int place_put(dspv_store_sqlite *s, const char *key, const char *value)
{
    const dspv_store *store = dspv_store_sqlite_seam(s);
    const dspv_store_op op = {DSPV_TABLE_META, (const uint8_t *)key, strlen(key), (const uint8_t *)value,
                              value ? strlen(value) : 0};
    return store->apply(store->context, &op, 1);
}

static bool take_text(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    (void)key, (void)key_n;
    snprintf(argument, 64, "%.*s", (int)value_n, (const char *)value);
    return true;
}

const char *place_get(dspv_store_sqlite *s, const char *key)
{
    static char text[64];
    const dspv_store *store = dspv_store_sqlite_seam(s);
    const uint8_t *k = (const uint8_t *)key;
    text[0] = '\0';
    int rc = store->scan(store->context, DSPV_TABLE_META, k, strlen(key), k, strlen(key), take_text, text);
    if (rc != 0)
        fail_msg("scan: %s", store->trouble(store->context));
    return text;
}

static bool count_one(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    (void)key, (void)key_n, (void)value, (void)value_n;
    ++*(size_t *)argument;
    return true;
}

size_t place_count(dspv_store_sqlite *s, dspv_table table)
{
    size_t n = 0;
    const dspv_store *store = dspv_store_sqlite_seam(s);
    assert_int_equal(store->scan(store->context, table, NULL, 0, NULL, 0, count_one, &n), 0);
    return n;
}
