/* `dashspv export FILE`: a snapshot (stream.h) of the store as it is at this moment, after all of it was verified again. It is
 * written beside FILE and takes its place when it is whole. */
#include "cli/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/progress_line.h"
#include "cli/state.h"
#include "cli/stream.h"

struct export
{
    struct stream_writer stream;
    dspv_table table;
    int rc;
};

static bool on_record(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    struct export *e = argument;
    struct span k = {key, key_n};
    if (stream_wants(e->table, k))
        e->rc = stream_write(&e->stream, e->table, k, (struct span){value, value_n});
    return e->rc == 0;
}

/* 0; DSPV_ENOMEM; DSPV_ESTORE with errno: the file; DSPV_EBUSY: the store. */
static int write_records(struct export *e, const dspv_store *store)
{
    for (int t = 0; e->rc == 0 && t < DSPV_TABLE_COUNT; t++) {
        e->table = (dspv_table)t;
        int rc = store->scan(store->context, e->table, NULL, 0, NULL, 0, on_record, e);
        if (rc != 0 && e->rc == 0)
            e->rc = rc == DSPV_ESTORE ? DSPV_EBUSY : rc;
    }
    return e->rc;
}

static int write_file(const struct state *s, FILE *out, struct export *e)
{
    e->rc = stream_begin(&e->stream, out, engine_network(s->engine));
    if (e->rc == 0)
        e->rc = write_records(e, store_file_seam(&s->file));
    if (e->rc == 0)
        e->rc = stream_end(&e->stream);
    if (e->rc == 0 && (fflush(out) != 0 || fsync(fileno(out)) != 0))
        e->rc = DSPV_ESTORE;
    stream_writer_free(&e->stream);
    return e->rc;
}

static int failed(const struct state *s, int rc, const char *path, int error)
{
    if (rc == DSPV_EBUSY)
        return state_refuse(s, EXIT_USAGE, "%s", store_file_trouble(&s->file));
    if (rc == DSPV_ENOMEM)
        return state_refuse(s, EXIT_NOT_VERIFIED, "%s", dspv_error_text(rc));
    return state_refuse(s, EXIT_USAGE, "cannot write %s: %s", path, strerror(error));
}

/* A new file: what stands in its place, say a link that somebody laid there, is not written to. */
static FILE *create(const char *path)
{
    if (unlink(path) != 0 && errno != ENOENT)
        return NULL;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    FILE *f = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (!f && fd >= 0)
        close(fd);
    return f;
}

static int export_to(const struct state *s, const char *path)
{
    char part[OPTIONS_LONGEST_PATH + 8], size[32];
    struct export e = {0};
    int n = snprintf(part, sizeof(part), "%s.part", path);
    FILE *out = n < (int)sizeof(part) ? create(part) : NULL;
    if (!out)
        return failed(s, DSPV_ESTORE, path, n < (int)sizeof(part) ? errno : ENAMETOOLONG);
    int rc = write_file(s, out, &e), error = errno;
    long bytes = ftell(out);
    if (fclose(out) != 0 && rc == 0) {
        rc = DSPV_ESTORE;
        error = errno;
    }
    if (rc == 0 && rename(part, path) != 0) {
        rc = DSPV_ESTORE;
        error = errno;
    }
    if (rc != 0) {
        unlink(part);
        return failed(s, rc, path, error);
    }
    progress_bytes((uint64_t)bytes, size, sizeof(size));
    printf("%s: %s up to block %d in %llu records, %s\n", path, s->options->network_name, (int)s->progress.header_height,
           (unsigned long long)e.stream.count, size);
    return state_printed(s, false, EXIT_GOOD);
}

int export_run(struct options *options)
{
    struct state s;
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is told by an error, as a full disk */
    int rc = state_open(&s, options);
    const char *short_of = rc == EXIT_GOOD ? state_shortcoming(&s) : NULL;
    if (short_of)
        rc = state_refuse(&s, EXIT_NOT_VERIFIED, "%s: nobody could verify a snapshot of that; try again later", short_of);
    else if (rc == EXIT_GOOD)
        rc = export_to(&s, options->settings.words[0]);
    state_close(&s);
    return rc;
}
