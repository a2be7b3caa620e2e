/* See reader.h. Encodings: protocol.md section 0. */
#include "base/reader.h"

enum { MAX_SIZE = 0x02000000 };

void reader_init(struct reader *r, const uint8_t *data, size_t n)
{
    static const uint8_t nothing[1];
    const uint8_t *p = data ? data : nothing;
    *r = (struct reader){.start = p, .p = p, .end = p + (data ? n : 0), .fault = DSPV_OK};
}

bool reader_fail(struct reader *r, dspv_reason reason)
{
    if (r->fault == DSPV_OK) {
        r->fault = reason;
        r->fault_offset = reader_offset(r);
    }
    return false;
}

bool reader_finish(struct reader *r)
{
    if (reader_ok(r) && reader_left(r) != 0)
        reader_fail(r, DSPV_TRAILING_BYTES);
    return reader_ok(r);
}

void reader_fault(const struct reader *r, dspv_fault *fault)
{
    *fault = (dspv_fault){.reason = r->fault, .offset = r->fault_offset, .height = -1};
}

const uint8_t *reader_truncated(struct reader *r)
{
    reader_fail(r, DSPV_TRUNCATED);
    return NULL;
}

uint16_t reader_u16_be(struct reader *r)
{
    const uint8_t *p = reader_bytes(r, 2);
    return p ? load_be16(p) : 0;
}

uint32_t reader_u32(struct reader *r)
{
    const uint8_t *p = reader_bytes(r, 4);
    return p ? load_le32(p) : 0;
}

uint64_t reader_u64(struct reader *r)
{
    const uint8_t *p = reader_bytes(r, 8);
    return p ? load_le64(p) : 0;
}

bool reader_bool(struct reader *r)
{
    const uint8_t *at = r->p;
    uint8_t v = reader_u8(r);
    if (v > 1) {
        r->p = at;
        return reader_fail(r, DSPV_BAD_BOOLEAN);
    }
    return v == 1;
}

uint32_t reader_compact_size(struct reader *r)
{
    const uint8_t *at = r->p;
    uint8_t first = reader_u8(r);
    uint64_t value = first, smallest = 0;
    if (first == 0xfd) {
        value = reader_u16(r);
        smallest = 0xfd;
    } else if (first == 0xfe) {
        value = reader_u32(r);
        smallest = 0x10000;
    } else if (first == 0xff) {
        value = reader_u64(r);
        smallest = 0x100000000;
    }
    if (!reader_ok(r))
        return 0;
    if (value < smallest || value > MAX_SIZE) {
        r->p = at;
        reader_fail(r, DSPV_COMPACT_SIZE);
        return 0;
    }
    return (uint32_t)value;
}

uint32_t reader_count(struct reader *r, size_t min_item_size, uint32_t most)
{
    const uint8_t *at = r->p;
    uint32_t n = reader_compact_size(r);
    if (!reader_ok(r))
        return 0;
    if (n > most || n > reader_left(r) / min_item_size) {
        r->p = at;
        reader_fail(r, DSPV_TOO_MANY);
        return 0;
    }
    return n;
}

struct span reader_byte_string(struct reader *r, uint32_t most)
{
    uint32_t n = reader_count(r, 1, most);
    const uint8_t *p = reader_bytes(r, n);
    return (struct span){p, p ? n : 0};
}

struct bitspan reader_bitset(struct reader *r, uint32_t most)
{
    const uint8_t *at = r->p;
    uint32_t bits = reader_compact_size(r);
    if (reader_ok(r) && bits > most) {
        r->p = at;
        reader_fail(r, DSPV_TOO_MANY);
    }
    size_t n = ((size_t)bits + 7) / 8;
    const uint8_t *p = reader_bytes(r, n);
    if (p && bits % 8 && p[n - 1] >> (bits % 8)) {
        r->p = at;
        reader_fail(r, DSPV_BITSET_PADDING);
    }
    if (!reader_ok(r))
        return (struct bitspan){0};
    return (struct bitspan){p, bits, reader_since(r, at)};
}

struct span reader_since(const struct reader *r, const uint8_t *from)
{
    if (!reader_ok(r))
        return (struct span){0};
    return (struct span){from, (size_t)(r->p - from)};
}

bool bitspan_get(const struct bitspan *b, uint32_t i)
{
    return i < b->bits && (b->bytes[i / 8] >> (i % 8) & 1);
}

uint32_t bitspan_count(const struct bitspan *b)
{
    uint32_t n = 0;
    for (size_t i = 0; i < ((size_t)b->bits + 7) / 8; i++)
        for (uint8_t v = b->bytes[i]; v; v &= (uint8_t)(v - 1))
            n++;
    return n;
}

bool bitspan_any_from(const struct bitspan *b, uint32_t from)
{
    for (uint32_t i = from; i < b->bits; i++)
        if (bitspan_get(b, i))
            return true;
    return false;
}
