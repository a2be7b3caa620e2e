/* getheaders and plain headers; compressed headers are in headers2.c. */
#include "wire/headers.h"

#include "wire/decode.h"

void getheaders_encode(struct writer *w, const struct getheaders *m)
{
    writer_u32(w, (uint32_t)m->version);
    writer_compact_size(w, m->n_locator);
    for (uint32_t i = 0; i < m->n_locator; i++)
        writer_hash(w, m->locator[i].b);
    writer_hash(w, m->stop.b);
}

int getheaders_decode(const uint8_t *payload, size_t n, struct getheaders *out, dspv_fault *fault)
{
    struct reader r;
    reader_init(&r, payload, n);
    out->version = reader_i32(&r);
    out->n_locator = reader_count(&r, sizeof(block_hash), GETHEADERS_MOST_LOCATOR);
    out->locator = (const block_hash *)reader_bytes(&r, (size_t)out->n_locator * sizeof(block_hash));
    out->stop = reader_block_hash(&r);
    return decode_finish(&r, fault);
}

int headers_read(const uint8_t *payload, size_t n, uint32_t most, struct arena *arena, struct header_batch *out,
                 dspv_fault *fault)
{
    *out = (struct header_batch){0};
    struct reader r;
    reader_init(&r, payload, n);
    uint32_t count = reader_count(&r, HEADER_SIZE + 1, most);
    uint8_t *raw = arena_alloc_array(arena, count, HEADER_SIZE);
    block_hash *hashes = arena_alloc_array(arena, count, sizeof(*hashes));
    if (!raw || !hashes)
        return DSPV_ENOMEM;
    for (uint32_t i = 0; i < count && reader_ok(&r); i++) {
        const uint8_t *header = reader_bytes(&r, HEADER_SIZE);
        const uint8_t *at = r.p;
        if (reader_compact_size(&r) != 0) {
            r.p = at;
            reader_fail(&r, DSPV_HEADER_HAS_TRANSACTIONS);
        }
        if (header)
            memcpy(raw + (size_t)i * HEADER_SIZE, header, HEADER_SIZE);
    }
    int error = decode_finish(&r, fault);
    if (error == 0)
        *out = (struct header_batch){raw, hashes, NULL, count};
    return error;
}

/* Complete header `i` of a linked batch, and copy it: from parts, as a read of what was just written in parts has to wait. */
static void complete(const struct header_batch *b, uint32_t i, uint8_t copy[HEADER_SIZE])
{
    enum { AT_PREV = 4, AT_MERKLE = 36 };
    uint8_t *header = b->raw + (size_t)i * HEADER_SIZE;
    const uint8_t *prev = b->linked[i] ? b->hashes[i - 1].b : header + AT_PREV;
    memcpy(copy, header, AT_PREV);
    memcpy(copy + AT_PREV, prev, AT_MERKLE - AT_PREV);
    memcpy(copy + AT_MERKLE, header + AT_MERKLE, HEADER_SIZE - AT_MERKLE);
    if (b->linked[i])
        memcpy(header + AT_PREV, prev, AT_MERKLE - AT_PREV);
}

void header_batch_hash(struct header_batch *b, uint32_t first, uint32_t n)
{
    if (!b->linked)
        x11_many(b->hashes + first, b->raw + (size_t)first * HEADER_SIZE, n);
    for (uint32_t i = first; b->linked && i < first + n; i++) {
        uint8_t header[HEADER_SIZE];
        complete(b, i, header);
        x11_hash(&b->hashes[i], header);
    }
}

/* Header `i` of each. So many batches are more than a processor looks ahead in by itself, which would cost 1.5 % of X11. */
static void hash_across(struct header_batch *const *linked, size_t n, uint32_t i)
{
    enum { AHEAD = 2 };
    uint8_t headers[HEADER_BATCHES_MOST * HEADER_SIZE] = {0};
    block_hash hashes[HEADER_BATCHES_MOST];
    for (size_t k = 0; k < n; k++) {
        const struct header_batch *b = linked[k];
        complete(b, i, headers + k * HEADER_SIZE);
        if (b->n - i > AHEAD) {
            const uint8_t *later = b->raw + (size_t)(i + AHEAD) * HEADER_SIZE;
            __builtin_prefetch(later, 1);
            __builtin_prefetch(later + HEADER_SIZE - 1, 1);
            __builtin_prefetch(&b->hashes[i + AHEAD], 1);
        }
    }
    x11_many(hashes, headers, n);
    for (size_t k = 0; k < n; k++)
        linked[k]->hashes[i] = hashes[k];
}

/* Leaves those that have a header `i`; returns how many these are. */
static size_t still_open(struct header_batch **linked, size_t n, uint32_t i)
{
    size_t left = 0;
    for (size_t k = 0; k < n; k++)
        if (i < linked[k]->n)
            linked[left++] = linked[k];
    return left;
}

void header_batches_hash(struct header_batch *const *batches, size_t n)
{
    struct header_batch *linked[HEADER_BATCHES_MOST];
    size_t n_linked = 0;
    for (size_t k = 0; k < n; k++) {
        if (batches[k]->linked)
            linked[n_linked++] = batches[k];
        else
            header_batch_hash(batches[k], 0, batches[k]->n);
    }
    for (uint32_t i = 0; (n_linked = still_open(linked, n_linked, i)) > 0; i++)
        hash_across(linked, n_linked, i);
}

typedef int reader_of_headers(const uint8_t *payload, size_t n, uint32_t most, struct arena *arena, struct header_batch *out,
                              dspv_fault *fault);

static int read_and_hash(reader_of_headers *read, const uint8_t *payload, size_t n, uint32_t most, struct arena *arena,
                         struct header_run *out, dspv_fault *fault)
{
    struct header_batch batch;
    int error = read(payload, n, most, arena, &batch, fault);
    *out = (struct header_run){0};
    if (error)
        return error;
    header_batch_hash(&batch, 0, batch.n);
    *out = (struct header_run){batch.raw, batch.hashes, batch.n};
    return 0;
}

int headers_decode(const uint8_t *payload, size_t n, uint32_t most, struct arena *arena, struct header_run *out,
                   dspv_fault *fault)
{
    return read_and_hash(headers_read, payload, n, most, arena, out, fault);
}

int headers2_decode(const uint8_t *payload, size_t n, uint32_t most, struct arena *arena, struct header_run *out,
                    dspv_fault *fault)
{
    return read_and_hash(headers2_read, payload, n, most, arena, out, fault);
}

void headers_encode(struct writer *w, const struct header_run *run)
{
    writer_compact_size(w, run->n);
    for (uint32_t i = 0; i < run->n; i++) {
        writer_bytes(w, run->raw + (size_t)i * HEADER_SIZE, HEADER_SIZE);
        writer_compact_size(w, 0);
    }
}
