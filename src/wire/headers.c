/* getheaders and plain headers; compressed headers are in headers2.c. */
#include "wire/headers.h"

#include "crypto/x11.h"
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

int headers_decode(const uint8_t *payload, size_t n, uint32_t most, struct arena *arena, struct header_run *out,
                   dspv_fault *fault)
{
    *out = (struct header_run){0};
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
    if (error)
        return error;
    x11_many(hashes, raw, count);
    *out = (struct header_run){raw, hashes, count};
    return 0;
}

void headers_encode(struct writer *w, const struct header_run *run)
{
    writer_compact_size(w, run->n);
    for (uint32_t i = 0; i < run->n; i++) {
        writer_bytes(w, run->raw + (size_t)i * HEADER_SIZE, HEADER_SIZE);
        writer_compact_size(w, 0);
    }
}
