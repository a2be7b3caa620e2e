/* `dashspv import FILE`: a snapshot that somebody else made becomes the store of a new data directory, after everything in it was
 * verified: it is read into memory, taken up as a store is, its headers pass every rule from the start on, lists and quorums are
 * proven again, and only when nothing is left to be desired it is written beside the place of the store and takes that place.
 * Otherwise nothing is left behind. An InstantSend lock may stay undecided: it counts for nothing until it is asked for and
 * verifies, as in every store. */
#include "cli/transfer.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/replay.h"
#include "cli/state.h"
#include "cli/stream.h"
#include "cli/terminal.h"
#include "cli/verify.h"
#include "store/memory.h"
#include "sync/header_store.h"

struct import {
    struct state state;
    struct store_memory *memory;
    struct terminal terminal;
    const char *path; /* of the snapshot */
};

static int refuse(const struct import *i, const char *why)
{
    return state_refuse(&i->state, EXIT_NOT_VERIFIED, "%s: %s", i->path, why);
}

static int out_of_memory(const struct import *i)
{
    return refuse(i, dspv_error_text(DSPV_ENOMEM));
}

/* ---- reading */

static int keep(void *argument, dspv_table table, struct span key, struct span value)
{
    const struct import *i = argument;
    const dspv_store *store = store_memory_seam(i->memory);
    const dspv_store_op op = {table, key.p, key.n, value.p, value.n};
    return store->apply(store->context, &op, 1);
}

static int read_snapshot(struct import *i, const struct network *net)
{
    char why[STREAM_ERROR_SIZE];
    struct stat s;
    FILE *in = fopen(i->path, "rb");
    if (!in || fstat(fileno(in), &s) != 0 || S_ISDIR(s.st_mode)) {
        int error = in && S_ISDIR(s.st_mode) ? EISDIR : errno;
        if (in)
            fclose(in);
        return state_refuse(&i->state, EXIT_USAGE, "cannot read %s: %s", i->path, strerror(error));
    }
    int rc = stream_read(in, net, keep, i, why);
    fclose(in);
    return rc == 0 ? EXIT_GOOD : rc == DSPV_EFAULT ? refuse(i, why) : out_of_memory(i);
}

/* ---- verifying */

static void on_headers(void *context, int32_t done, int32_t all)
{
    struct import *i = context;
    char line[80];
    snprintf(line, sizeof(line), "headers: %d of %d checked", (int)done, (int)all);
    terminal_progress(&i->terminal, line);
}

static int check_headers(struct import *i)
{
    char why[REPLAY_ERROR_SIZE];
    uint8_t seed[32];
    uint64_t words[2];
    if (!verify_seed(seed))
        return out_of_memory(i);
    memcpy(words, seed, sizeof(words));
    int rc = replay_headers(client_headers(i->state.client), &i->state.options->network->net.chain, words, i->state.now / 1000,
                            on_headers, i, why);
    terminal_clear(&i->terminal);
    if (rc == DSPV_ESTORE)
        return refuse(i, "a header is damaged");
    return rc == 0 ? EXIT_GOOD : rc == DSPV_EFAULT ? refuse(i, why) : out_of_memory(i);
}

/* Runs of headers that do not belong to the chain would lie in the store unseen: nobody looks at them. */
static bool all_headers_seen(const struct import *i)
{
    size_t first = (size_t)headers_first_height(i->state.headers), tip = (size_t)headers_tip_height(i->state.headers);
    return store_memory_count(i->memory, DSPV_TABLE_HEADERS) == tip / HEADER_STORE_RUN - first / HEADER_STORE_RUN + 1;
}

static int check(struct import *i)
{
    dspv_restored restored;
    dspv_fault fault;
    int rc = dspv_store_check(i->state.options->network, store_memory_seam(i->memory), &fault);
    if (rc != 0)
        return refuse(i, rc == DSPV_EFAULT ? dspv_reason_text(fault.reason) : dspv_error_text(rc));
    rc = state_load(&i->state, store_memory_seam(i->memory));
    if (rc != EXIT_GOOD)
        return rc;
    dspv_get_restored(i->state.client, &restored);
    if (restored.left_out != 0 || !all_headers_seen(i))
        return refuse(i, "it holds records that are damaged or prove nothing");
    rc = check_headers(i);
    const char *short_of = rc == EXIT_GOOD ? state_shortcoming(&i->state) : NULL;
    return short_of ? refuse(i, short_of) : rc;
}

/* ---- putting it in its place */

enum { MOST_OPS = 256, MOST_BYTES = 4 << 20 }; /* of one transaction */

struct copying {
    const dspv_store *to;
    dspv_table table;
    dspv_store_op ops[MOST_OPS];
    size_t n, bytes;
    struct arena arena; /* of the operations */
    int rc;
};

static void flush(struct copying *c)
{
    if (c->rc == 0 && c->n > 0)
        c->rc = c->to->apply(c->to->context, c->ops, c->n);
    arena_free(&c->arena);
    c->n = c->bytes = 0;
}

static bool copy_record(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    struct copying *c = argument;
    uint8_t *copy = arena_alloc(&c->arena, key_n + value_n);
    if (!copy) {
        c->rc = DSPV_ENOMEM;
        return false;
    }
    memcpy(copy, key, key_n);
    memcpy(copy + key_n, value, value_n);
    c->ops[c->n++] = (dspv_store_op){c->table, copy, key_n, copy + key_n, value_n};
    c->bytes += key_n + value_n;
    if (c->n == MOST_OPS || c->bytes >= MOST_BYTES)
        flush(c);
    return c->rc == 0;
}

/* 0; DSPV_ENOMEM; DSPV_ESTORE. */
static int copy_all(const dspv_store *from, const dspv_store *to)
{
    struct copying c = {.to = to};
    arena_init(&c.arena, 0);
    for (int t = 0; c.rc == 0 && t < DSPV_TABLE_COUNT; t++) {
        c.table = (dspv_table)t;
        int rc = from->scan(from->context, c.table, NULL, 0, NULL, 0, copy_record, &c);
        c.rc = c.rc == 0 ? rc : c.rc;
        flush(&c);
    }
    arena_free(&c.arena);
    return c.rc;
}

/* The new store before it is in its place, and what SQLite puts beside it. */
struct draft {
    char path[OPTIONS_LONGEST_PATH + 160];
};

static void draft_remove(const struct draft *d)
{
    static const char *const beside[] = {"", "-wal", "-shm", "-journal", ".lock"};
    char name[sizeof(d->path) + 16];
    for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", d->path, beside[i]);
        unlink(name);
    }
}

/* Closing moves everything from the log into the file; what could not be moved is still there, and only the file is taken. */
static bool draft_has_log(const struct draft *d)
{
    char name[sizeof(d->path) + 16];
    snprintf(name, sizeof(name), "%s-wal", d->path);
    return access(name, F_OK) == 0;
}

static int write_draft(const struct import *i, const struct draft *d)
{
    struct store_file file = {0};
    dspv_store_report report;
    if (dspv_store_sqlite_open(&file.sqlite, d->path, DSPV_STORE_KEEP, &report) != DSPV_STORE_FINE)
        return state_refuse(&i->state, EXIT_USAGE, "%s", report.text);
    int rc = copy_all(store_memory_seam(i->memory), store_file_seam(&file));
    if (rc == DSPV_ESTORE)
        rc = state_refuse(&i->state, EXIT_USAGE, "%s", store_file_trouble(&file));
    else if (rc != 0)
        rc = out_of_memory(i);
    store_file_close(&file);
    if (rc == EXIT_GOOD && draft_has_log(d))
        rc = state_refuse(&i->state, EXIT_USAGE, "%s cannot be written completely: is there space left?", d->path);
    return rc;
}

static int exists(const struct import *i)
{
    return state_refuse(&i->state, EXIT_USAGE,
                        "there is a store already: %s; name another folder with --data-dir, or move that one away",
                        i->state.file.path);
}

/* link() takes no place that is taken. */
static int put_in_place(const struct import *i)
{
    char text[STORE_FILE_TEXT];
    struct draft d;
    if (store_file_make_folder(&i->state.file, text) != 0)
        return state_refuse(&i->state, EXIT_USAGE, "%s", text);
    snprintf(d.path, sizeof(d.path), "%s.import-%ld", i->state.file.path, (long)getpid());
    int rc = write_draft(i, &d);
    if (rc == EXIT_GOOD && link(d.path, i->state.file.path) != 0)
        rc = errno == EEXIST ? exists(i)
                             : state_refuse(&i->state, EXIT_USAGE, "cannot make %s: %s", i->state.file.path, strerror(errno));
    draft_remove(&d);
    return rc;
}

/* ---- the command */

static int import(struct import *i)
{
    const struct options *o = i->state.options;
    struct stat s;
    if (lstat(i->state.file.path, &s) == 0)
        return exists(i);
    if (store_memory_new(&i->memory) != 0)
        return out_of_memory(i);
    int rc = read_snapshot(i, &o->network->net);
    if (rc == EXIT_GOOD)
        rc = check(i);
    if (rc == EXIT_GOOD)
        rc = put_in_place(i);
    if (rc == EXIT_GOOD)
        printf("%s up to block %d, verified from block %d on, is in %s now.\n", o->network_name,
               (int)i->state.progress.header_height, (int)headers_first_height(i->state.headers), i->state.file.path);
    return rc == EXIT_GOOD ? state_printed(&i->state, false, rc) : rc;
}

int import_run(struct options *options)
{
    struct import i = {.state = {.options = options}, .path = options->settings.words[0]};
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is told by an error, as a full disk */
    terminal_init(&i.terminal, stdout, false);
    store_file_path(&i.state.file, options);
    int rc = import(&i);
    state_close(&i.state);
    store_memory_free(i.memory);
    return rc;
}
