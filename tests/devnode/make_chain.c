/* devnode-make-chain RECORDING OUTPUT: from a recording of a regtest node to a chain directory (README.md). */
#include <string.h>

#include "base/mem.h"
#include "crypto/x11.h"
#include "devnode/recording.h"

int32_t recording_height(const struct recording *r, const block_hash *hash)
{
    uint32_t height;
    return map_get(&r->heights, hash->b, &height) ? (int32_t)height : -1;
}

bool recording_save(const struct writer *w, FILE *out)
{
    return !w->failed && (w->n == 0 || fwrite(w->data, 1, w->n, out) == w->n);
}

/* ---- reading */

static const char *read_meta(struct recording *r)
{
    uint8_t *bytes;
    size_t n;
    if (devnode_file_read(r->directory, "meta.json", false, &bytes, &n) != 0)
        return "meta.json cannot be read";
    r->meta = json_loadb((const char *)bytes, n, 0, NULL);
    mem_free(bytes);
    if (!r->meta)
        return "meta.json is not JSON";
    return devnode_network(&r->network, "regtest", json_object_get(r->meta, "options"));
}

static const char *read_headers(struct recording *r)
{
    static const uint64_t seed[2] = {7, 8};
    size_t n;
    map_init(&r->heights, seed);
    if (devnode_file_read(r->directory, "headers.bin", false, &r->headers, &n) != 0 || n < 80 || n % 80 != 0)
        return "headers.bin cannot be read";
    r->tip = (int32_t)(n / 80) - 1;
    r->hashes = arena_alloc_array(&r->arena, n / 80, sizeof(*r->hashes));
    r->full = arena_alloc_array(&r->arena, n / 80, sizeof(*r->full));
    if (!r->hashes || !r->full)
        return "out of memory";
    x11_many(r->hashes, r->headers, n / 80);
    memset(r->full, 0, n / 80 * sizeof(*r->full));
    for (int32_t h = 0; h <= r->tip; h++)
        if (map_put(&r->heights, r->hashes[h].b, (uint32_t)h) != 0)
            return "out of memory";
    return NULL;
}

static const char *read_states(struct recording *r, uint8_t **bytes)
{
    size_t n;
    struct reader file;
    if (devnode_file_read(r->directory, "mnlistdiff_from_genesis.bin", false, bytes, &n) != 0)
        return "mnlistdiff_from_genesis.bin cannot be read";
    reader_init(&file, *bytes, n);
    int32_t expected = 1;
    for (; reader_left(&file) != 0; expected++) {
        dspv_fault fault;
        int32_t height = reader_i32(&file);
        uint32_t length = reader_u32(&file);
        const uint8_t *p = reader_bytes(&file, length);
        if (!p || height != expected || height > r->tip)
            return "mnlistdiff_from_genesis.bin does not hold one diff for each height";
        if (mnlistdiff_decode(p, length, 70240, &r->arena, &r->full[height], &fault) != 0)
            return "a recorded mnlistdiff does not decode";
    }
    return expected == r->tip + 1 ? NULL : "mnlistdiff_from_genesis.bin ends before the tip";
}

/* ---- writing */

static const char *write_description(struct recording *r, FILE *out)
{
    json_t *json =
        json_pack("{s:s, s:O, s:i, s:i, s:i, s:O}", "network", "regtest", "options", json_object_get(r->meta, "options"), "start",
                  0, "tip", (int)r->tip, "first_diff", 1, "user_agent", json_object_get(r->meta, "version"));
    int rc = json ? json_dumpf(json, out, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : -1;
    json_decref(json);
    return rc == 0 ? NULL : "cannot write";
}

static const char *write_headers(struct recording *r, FILE *out)
{
    size_t n = (size_t)(r->tip + 1) * 80;
    return fwrite(r->headers, 1, n, out) == n ? NULL : "cannot write";
}

static const char *write_file(struct recording *r, const char *directory, const char *name,
                              const char *(*write)(struct recording *, FILE *))
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *f = fopen(path, "wb");
    if (!f)
        return "the output folder cannot be written";
    const char *wrong = write(r, f);
    if (fclose(f) != 0 && !wrong)
        wrong = "cannot write";
    return wrong;
}

static const char *make(struct recording *r, const char *directory, uint8_t **states)
{
    const char *wrong = read_meta(r);
    if (!wrong)
        wrong = read_headers(r);
    if (!wrong)
        wrong = read_states(r, states);
    if (!wrong)
        wrong = write_file(r, directory, "chain.json", write_description);
    if (!wrong)
        wrong = write_file(r, directory, "headers.bin", write_headers);
    if (!wrong)
        wrong = write_file(r, directory, "diffs.lp", recording_write_diffs);
    if (!wrong)
        wrong = write_file(r, directory, "snapshots.bin", recording_write_snapshots);
    return wrong ? wrong : write_file(r, directory, "locks.bin", recording_write_locks);
}

int main(int argc, char **argv)
{
    static struct recording r;
    uint8_t *states = NULL;
    if (argc != 3) {
        fputs("usage: devnode-make-chain RECORDING OUTPUT\n", stderr);
        return 2;
    }
    r.directory = argv[1];
    arena_init(&r.arena, 0);
    const char *wrong = make(&r, argv[2], &states);
    if (wrong)
        fprintf(stderr, "devnode-make-chain: %s: %s\n", r.directory, wrong);
    json_decref(r.meta);
    arena_free(&r.arena);
    map_free(&r.heights);
    mem_free(states);
    mem_free(r.headers);
    return wrong ? 1 : 0;
}
