/* Reads a chain directory (README.md). The files are trusted to mean what they say, but not to be well-formed: whatever does
 * not decode or fit together is an error with a sentence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/sha256.h"
#include "crypto/x11.h"
#include "devnode/chain.h"
#include "devnode/files.h"

enum { PROTO = 70230 }; /* the layout of diffs.lp */
static const char HEADERS_AGENT[] = "/Dash Core:23.1.0/";

struct loader {
    struct devnode_chain *chain;
    const char *directory;
    const struct span *contents; /* of the files; NULL: they are read */
    char *error;
    /* a chain of headers alone */
    const char *network, *file;
    int32_t first_height;
};

static int refuse(struct loader *l, const char *file, const char *why)
{
    snprintf(l->error, DEVNODE_ERROR_SIZE, "%.200s/%s: %s", l->directory, file, why);
    return DSPV_EFAULT;
}

static int refuse_fault(struct loader *l, const char *file, const dspv_fault *fault)
{
    char text[256];
    dspv_fault_text(fault, text, sizeof(text));
    return refuse(l, file, text);
}

static int copy_file(struct loader *l, int slot, struct reader *r)
{
    struct span from = l->contents[slot];
    uint8_t *p = mem_alloc(from.n);
    if (!p)
        return DSPV_ENOMEM;
    if (from.n != 0)
        memcpy(p, from.p, from.n);
    l->chain->files[slot] = p;
    reader_init(r, p, from.n);
    return 0;
}

static int read_file(struct loader *l, int slot, const char *name, bool optional, struct reader *r)
{
    size_t n;
    if (l->contents)
        return copy_file(l, slot, r);
    int rc = devnode_file_read(l->directory, name, optional, &l->chain->files[slot], &n);
    if (rc == DSPV_EFAULT)
        return refuse(l, name, "cannot be read");
    reader_init(r, l->chain->files[slot], n);
    return rc;
}

/* ---- chain.json, headers.bin */

static int take_description(struct loader *l, const json_t *json)
{
    struct devnode_chain *c = l->chain;
    const char *network = json_string_value(json_object_get(json, "network"));
    const char *agent = json_string_value(json_object_get(json, "user_agent"));
    if (!network || !agent || strlen(agent) >= sizeof(c->user_agent))
        return refuse(l, "chain.json", "network or user_agent is missing or too long");
    const char *wrong = devnode_network(&c->network, network, json_object_get(json, "options"));
    if (wrong)
        return refuse(l, "chain.json", wrong);
    strcpy(c->user_agent, agent);
    json_int_t start = json_integer_value(json_object_get(json, "start"));
    json_int_t first_diff = json_integer_value(json_object_get(json, "first_diff"));
    if (start < 0 || start > INT32_MAX / 2 || first_diff < 0 || first_diff > INT32_MAX / 2)
        return refuse(l, "chain.json", "start or first_diff is out of range");
    c->start = (int32_t)start;
    c->first_diff = (int32_t)first_diff;
    return 0;
}

static int load_description(struct loader *l)
{
    struct reader r;
    json_error_t error;
    int rc = read_file(l, DEVNODE_DESCRIPTION, "chain.json", false, &r);
    if (rc != 0)
        return rc;
    json_t *json = json_loadb((const char *)r.p, reader_left(&r), 0, &error);
    rc = json ? take_description(l, json) : refuse(l, "chain.json", error.text);
    json_decref(json);
    return rc;
}

/* A block's hash is in its successor's header, so only the last one has to be computed. */
static int take_headers(struct loader *l, const char *file, const struct reader *r)
{
    struct devnode_chain *c = l->chain;
    int rc = 0;
    size_t n = reader_left(r) / 80;
    if (n == 0 || reader_left(r) % 80 != 0 || n > (size_t)(INT32_MAX / 2))
        return refuse(l, file, "does not hold whole headers");
    c->headers = r->p;
    c->tip = c->start + (int32_t)n - 1;
    c->hashes = arena_alloc_array(&c->arena, n, sizeof(*c->hashes));
    if (!c->hashes)
        return DSPV_ENOMEM;
    for (size_t i = 0; i + 1 < n; i++)
        c->hashes[i] = block_hash_from(c->headers + (i + 1) * 80 + 4);
    x11_hash(&c->hashes[n - 1], c->headers + (n - 1) * 80);
    if (c->start == 0 && !block_hash_eq(&c->hashes[0], &c->network.chain.genesis_hash))
        return refuse(l, file, "does not start with the network's genesis");
    if (c->start > 0)
        rc = map_put(&c->heights, c->headers + 4, (uint32_t)c->start - 1);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = map_put(&c->heights, c->hashes[i].b, (uint32_t)c->start + (uint32_t)i);
    return rc;
}

static int load_headers(struct loader *l)
{
    struct reader r;
    int rc = read_file(l, DEVNODE_HEADERS, "headers.bin", false, &r);
    return rc == 0 ? take_headers(l, "headers.bin", &r) : rc;
}

/* ---- diffs.lp */

static size_t count_diffs(struct reader r)
{
    size_t n = 0;
    for (; reader_ok(&r) && reader_left(&r) != 0; n++)
        reader_bytes(&r, reader_u32(&r));
    return n;
}

static int load_diff(struct loader *l, struct span payload)
{
    struct devnode_chain *c = l->chain;
    int32_t height = c->first_diff + (int32_t)c->n_diffs;
    struct mnlistdiff *d = &c->diffs[c->n_diffs];
    dspv_fault fault;
    int rc = mnlistdiff_decode(payload.p, payload.n, PROTO, &c->arena, d, &fault);
    if (rc == 0 && (height < c->start || height > c->tip))
        return refuse(l, "diffs.lp", "has a diff outside the heights of the headers");
    if (rc == 0 && !block_hash_is_zero(&d->block) && !block_hash_eq(&d->block, devnode_chain_hash(c, height)))
        return refuse(l, "diffs.lp", "a diff is not for the block at its place");
    if (rc == 0)
        rc = devnode_history_add(&c->history, height, d, &fault);
    if (rc == 0)
        c->n_diffs++;
    return rc == DSPV_EFAULT ? refuse_fault(l, "diffs.lp", &fault) : rc;
}

static int load_diffs(struct loader *l)
{
    struct devnode_chain *c = l->chain;
    struct reader r;
    int rc = read_file(l, DEVNODE_DIFFS, "diffs.lp", true, &r);
    if (rc != 0)
        return rc;
    c->diffs = arena_alloc_array(&c->arena, count_diffs(r), sizeof(*c->diffs));
    if (!c->diffs)
        return DSPV_ENOMEM;
    while (rc == 0 && reader_left(&r) != 0) {
        struct span payload = {.n = reader_u32(&r)};
        payload.p = reader_bytes(&r, payload.n);
        rc = payload.p ? load_diff(l, payload) : refuse(l, "diffs.lp", "is truncated");
    }
    return rc;
}

/* ---- snapshots.bin, locks.bin */

static int by_cycle(const void *pa, const void *pb)
{
    const struct devnode_snapshot *a = pa, *b = pb;
    return a->cycle < b->cycle ? -1 : a->cycle > b->cycle;
}

static int take_snapshots(struct loader *l, struct reader *r)
{
    struct devnode_chain *c = l->chain;
    enum { SMALLEST = 4 + 4 + 6 };
    c->snapshots = arena_alloc_array(&c->arena, reader_left(r) / SMALLEST, sizeof(*c->snapshots));
    if (!c->snapshots)
        return DSPV_ENOMEM;
    while (reader_left(r) != 0) {
        int32_t cycle = reader_i32(r);
        uint32_t n = reader_u32(r);
        const uint8_t *p = reader_bytes(r, n);
        struct reader one;
        reader_init(&one, p, n);
        struct devnode_snapshot snapshot = {.cycle = cycle};
        snapshot_decode(&one, &snapshot.message);
        if (!p || !reader_finish(&one))
            return refuse(l, "snapshots.bin", "a snapshot does not decode");
        c->snapshots[c->n_snapshots++] = snapshot;
    }
    if (c->n_snapshots > 1)
        qsort(c->snapshots, c->n_snapshots, sizeof(*c->snapshots), by_cycle);
    return 0;
}

static int take_locks(struct loader *l, struct reader *r)
{
    struct devnode_chain *c = l->chain;
    enum { SMALLEST = 4 + 1 + 4 + 132 };
    c->locks = arena_alloc_array(&c->arena, reader_left(r) / SMALLEST, sizeof(*c->locks));
    if (!c->locks)
        return DSPV_ENOMEM;
    while (reader_left(r) != 0) {
        struct devnode_lock lock = {.height = reader_i32(r), .kind = reader_u8(r)};
        lock.payload.n = reader_u32(r);
        lock.payload.p = reader_bytes(r, lock.payload.n);
        if (!lock.payload.p || lock.payload.n < 132 || (lock.kind != DEVNODE_CLSIG && lock.kind != DEVNODE_ISDLOCK))
            return refuse(l, "locks.bin", "a lock does not decode");
        if (c->n_locks != 0 && lock.height < c->locks[c->n_locks - 1].height)
            return refuse(l, "locks.bin", "the locks are not in the order of their announcement");
        sha256d(lock.hash.b, lock.payload.p, lock.payload.n);
        c->locks[c->n_locks++] = lock;
    }
    return 0;
}

static int load_all(struct loader *l)
{
    struct reader r;
    int rc = load_description(l);
    if (rc == 0)
        rc = load_headers(l);
    if (rc == 0)
        rc = load_diffs(l);
    if (rc == 0)
        rc = read_file(l, DEVNODE_SNAPSHOTS, "snapshots.bin", true, &r);
    if (rc == 0)
        rc = take_snapshots(l, &r);
    if (rc == 0)
        rc = read_file(l, DEVNODE_LOCKS, "locks.bin", true, &r);
    if (rc == 0)
        rc = take_locks(l, &r);
    return rc;
}

static int load_new(struct devnode_chain **out, struct loader l, int (*load)(struct loader *))
{
    static const uint64_t seed[2] = {3, 4};
    struct devnode_chain *c = l.chain = mem_zalloc(sizeof(*c));
    *out = NULL;
    *l.error = '\0';
    if (!c)
        return DSPV_ENOMEM;
    arena_init(&c->arena, 0);
    map_init(&c->heights, seed);
    devnode_history_init(&c->history);
    int rc = load(&l);
    if (rc == 0)
        *out = c;
    else
        devnode_chain_free(c);
    return rc;
}

int devnode_chain_load(struct devnode_chain **out, const char *directory, char *error)
{
    return load_new(out, (struct loader){.directory = directory, .error = error}, load_all);
}

int devnode_chain_load_memory(struct devnode_chain **out, const char *name, const struct span files[DEVNODE_FILES], char *error)
{
    return load_new(out, (struct loader){.directory = name, .contents = files, .error = error}, load_all);
}

/* ---- a chain of headers alone */

static int load_run(struct loader *l)
{
    struct devnode_chain *c = l->chain;
    struct reader r;
    size_t n;
    const char *wrong = devnode_network(&c->network, l->network, NULL);
    if (wrong)
        return refuse(l, l->file, wrong);
    strcpy(c->user_agent, HEADERS_AGENT);
    c->start = l->first_height;
    int rc = devnode_file_read(l->directory, l->file, false, &c->files[DEVNODE_HEADERS], &n);
    if (rc == DSPV_EFAULT)
        return refuse(l, l->file, "cannot be read");
    reader_init(&r, c->files[DEVNODE_HEADERS], n);
    if (rc == 0)
        rc = take_headers(l, l->file, &r);
    return rc == 0 ? devnode_stretches_make(c) : rc;
}

int devnode_chain_load_headers(struct devnode_chain **out, const char *network, const char *path, int32_t first_height,
                               char *error)
{
    char directory[4096] = ".";
    const char *slash = strrchr(path, '/');
    if (slash && slash - path < (ptrdiff_t)sizeof(directory))
        snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
    return load_new(out, (struct loader){.directory = directory, .error = error, .network = network,
                                         .file = slash ? slash + 1 : path, .first_height = first_height},
                    load_run);
}
