/* See inventory.h. */
#include "wire/inventory.h"

#include "base/endian.h"
#include "wire/decode.h"

void inventory_encode(struct writer *w, const struct inventory_item *items, uint32_t n)
{
    writer_compact_size(w, n);
    for (uint32_t i = 0; i < n; i++) {
        writer_u32(w, items[i].type);
        writer_hash(w, items[i].hash.b);
    }
}

int inventory_decode(const uint8_t *payload, size_t n, struct inventory *out, dspv_fault *fault)
{
    struct reader r;
    reader_init(&r, payload, n);
    out->n = reader_count(&r, INVENTORY_ENTRY, INVENTORY_MOST);
    out->entries = reader_bytes(&r, (size_t)out->n * INVENTORY_ENTRY);
    return decode_finish(&r, fault);
}

struct inventory_item inventory_at(const struct inventory *m, uint32_t i)
{
    const uint8_t *p = m->entries + (size_t)i * INVENTORY_ENTRY;
    return (struct inventory_item){load_le32(p), hash256_from(p + 4)};
}
