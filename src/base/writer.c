/* See writer.h. Encodings: protocol.md section 0. */
#include "base/writer.h"

#include "base/endian.h"
#include "base/mem.h"

void writer_init(struct writer *w)
{
    *w = (struct writer){0};
}

void writer_free(struct writer *w)
{
    mem_free(w->data);
    writer_init(w);
}

void writer_reset(struct writer *w)
{
    w->n = 0;
    w->failed = false;
}

uint8_t *writer_room(struct writer *w, size_t n)
{
    void *data = w->data;
    if (w->failed)
        return NULL;
    if (n > SIZE_MAX - w->n || mem_grow(&data, &w->cap, w->n + n, 1) != 0) {
        w->failed = true;
        return NULL;
    }
    w->data = data;
    return w->data + w->n;
}

void writer_bytes(struct writer *w, const void *p, size_t n)
{
    uint8_t *room = n == 0 ? NULL : writer_room(w, n);
    if (!room)
        return;
    memcpy(room, p, n);
    w->n += n;
}

void writer_span(struct writer *w, struct span s)
{
    writer_bytes(w, s.p, s.n);
}

void writer_hash(struct writer *w, const uint8_t hash[32])
{
    writer_bytes(w, hash, 32);
}

void writer_u8(struct writer *w, uint8_t v)
{
    writer_bytes(w, &v, 1);
}

void writer_u16(struct writer *w, uint16_t v)
{
    uint8_t b[2];
    store_le16(b, v);
    writer_bytes(w, b, 2);
}

void writer_u16_be(struct writer *w, uint16_t v)
{
    uint8_t b[2];
    store_be16(b, v);
    writer_bytes(w, b, 2);
}

void writer_u32(struct writer *w, uint32_t v)
{
    uint8_t b[4];
    store_le32(b, v);
    writer_bytes(w, b, 4);
}

void writer_u64(struct writer *w, uint64_t v)
{
    uint8_t b[8];
    store_le64(b, v);
    writer_bytes(w, b, 8);
}

void writer_compact_size(struct writer *w, uint64_t v)
{
    if (v < 0xfd) {
        writer_u8(w, (uint8_t)v);
    } else if (v <= 0xffff) {
        writer_u8(w, 0xfd);
        writer_u16(w, (uint16_t)v);
    } else if (v <= 0xffffffff) {
        writer_u8(w, 0xfe);
        writer_u32(w, (uint32_t)v);
    } else {
        writer_u8(w, 0xff);
        writer_u64(w, v);
    }
}

void writer_bitset(struct writer *w, const struct bitspan *b)
{
    writer_compact_size(w, b->bits);
    writer_bytes(w, b->bytes, ((size_t)b->bits + 7) / 8);
}
