/* Compressed headers (DIP-25; protocol.md 3.8, traps 20 and 21).
 *
 * Everything omitted is relative to the previous header of the same message, so the state lives as long as one call. Decoding
 * goes in two steps: first all fields that are there, then (header_batch_hash) the omitted prev hashes, which need the X11 of
 * each predecessor. A malformed message is thus refused before any hashing. */
#include "base/endian.h"
#include "wire/decode.h"
#include "wire/headers.h"

enum {
    FLAG_VERSION = 0x07,
    FLAG_PREV = 0x08,
    FLAG_TIME = 0x10,
    FLAG_BITS = 0x20,
    FLAGS_FULL = FLAG_PREV | FLAG_TIME | FLAG_BITS
};
enum { AT_PREV = 4, AT_MERKLE = 36, AT_TIME = 68, AT_BITS = 72, AT_NONCE = 76 };
enum { MOST_VERSIONS = 7 };

/* Versions seen in this message, most recent first. */
struct versions {
    uint32_t v[MOST_VERSIONS];
    uint32_t n;
};

/* Put `version` in front of the first `n` entries; the entry behind them is overwritten. */
static void shift_in(struct versions *list, uint32_t n, uint32_t version)
{
    memmove(list->v + 1, list->v, n * sizeof(list->v[0]));
    list->v[0] = version;
}

static void versions_push(struct versions *list, uint32_t version)
{
    if (list->n < MOST_VERSIONS)
        list->n++;
    shift_in(list, list->n - 1, version);
}

/* Entry `index` (1-based) moves to the front. */
static uint32_t versions_use(struct versions *list, uint32_t index)
{
    uint32_t version = list->v[index - 1];
    shift_in(list, index - 1, version);
    return version;
}

/* 1-based index, 0 = not there. */
static uint32_t versions_find(const struct versions *list, uint32_t version)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (list->v[i] == version)
            return i + 1;
    return 0;
}

/* Full, or an offset to the header before; wraps as Dash Core's arithmetic does. */
static uint32_t read_time(struct reader *r, uint8_t flags, const uint8_t *before)
{
    if (flags & FLAG_TIME)
        return reader_u32(r);
    int32_t offset = reader_i16(r);
    return load_le32(before + AT_TIME) + (uint32_t)offset;
}

/* Read one header into out[80]; `before` is the header before it, NULL for the first. Returns whether prev is omitted. */
static bool read_entry(struct reader *r, struct versions *list, const uint8_t *before, uint8_t *out)
{
    const uint8_t *at = r->p;
    uint8_t flags = reader_u8(r);
    uint32_t index = flags & FLAG_VERSION;
    bool full = index == 0 && (flags & FLAGS_FULL) == FLAGS_FULL;
    if (index > list->n || (!before && !full)) {
        if (reader_ok(r))
            r->p = at;
        return reader_fail(r, DSPV_BAD_COMPRESSED_HEADER);
    }
    uint32_t version;
    if (index) {
        version = versions_use(list, index);
    } else {
        version = reader_u32(r);
        versions_push(list, version);
    }
    hash256 prev = {{0}};
    if (flags & FLAG_PREV)
        prev = reader_hash(r);
    hash256 merkle = reader_hash(r);
    uint32_t time = read_time(r, flags, before);
    uint32_t bits = flags & FLAG_BITS ? reader_u32(r) : load_le32(before + AT_BITS);
    uint32_t nonce = reader_u32(r);
    store_le32(out, version);
    memcpy(out + AT_PREV, prev.b, 32);
    memcpy(out + AT_MERKLE, merkle.b, 32);
    store_le32(out + AT_TIME, time);
    store_le32(out + AT_BITS, bits);
    store_le32(out + AT_NONCE, nonce);
    return !(flags & FLAG_PREV);
}

int headers2_read(const uint8_t *payload, size_t n, uint32_t most, struct arena *arena, struct header_batch *out,
                  dspv_fault *fault)
{
    *out = (struct header_batch){0};
    struct reader r;
    reader_init(&r, payload, n);
    uint32_t count = reader_count(&r, HEADERS2_SMALLEST_ENTRY, most);
    uint8_t *raw = arena_alloc_array(arena, count, HEADER_SIZE);
    block_hash *hashes = arena_alloc_array(arena, count, sizeof(*hashes));
    bool *linked = arena_alloc_array(arena, count, sizeof(*linked)), any = false;
    if (!raw || !hashes || !linked)
        return DSPV_ENOMEM;
    struct versions list = {.n = 0};
    for (uint32_t i = 0; i < count && reader_ok(&r); i++) {
        uint8_t *header = raw + (size_t)i * HEADER_SIZE;
        linked[i] = read_entry(&r, &list, i ? header - HEADER_SIZE : NULL, header);
        any = any || linked[i];
    }
    int error = decode_finish(&r, fault);
    if (error == 0)
        *out = (struct header_batch){raw, hashes, any ? linked : NULL, count};
    return error;
}

static uint8_t *put(uint8_t *at, const uint8_t *from, size_t n)
{
    memcpy(at, from, n);
    return at + n;
}

/* Which fields can be omitted: the flags without the version's. */
static uint8_t flags_after(const uint8_t *before, const block_hash *before_hash, const uint8_t *header)
{
    const uint32_t elapsed = load_le32(header + AT_TIME) - load_le32(before + AT_TIME); /* wraps, as read_time does */
    uint8_t flags = 0;
    if (memcmp(header + AT_PREV, before_hash->b, 32) != 0)
        flags |= FLAG_PREV;
    if (elapsed > INT16_MAX && elapsed < (uint32_t)INT16_MIN)
        flags |= FLAG_TIME;
    if (memcmp(header + AT_BITS, before + AT_BITS, 4) != 0)
        flags |= FLAG_BITS;
    return flags;
}

/* Write one header to at[HEADERS2_LARGEST_ENTRY]; `before` and `before_hash` are NULL for the first header of the message.
 * Returns where it ends. */
static uint8_t *write_entry(uint8_t *at, struct versions *list, const uint8_t *before, const block_hash *before_hash,
                            const uint8_t *header)
{
    const uint32_t version = load_le32(header), index = versions_find(list, version);
    const uint8_t flags = before ? flags_after(before, before_hash, header) : FLAGS_FULL;
    *at++ = (uint8_t)(flags | index);
    if (index) {
        versions_use(list, index);
    } else {
        at = put(at, header, 4);
        versions_push(list, version);
    }
    if (flags & FLAG_PREV)
        at = put(at, header + AT_PREV, 32);
    at = put(at, header + AT_MERKLE, 32);
    if (flags & FLAG_TIME) {
        at = put(at, header + AT_TIME, 4);
    } else {
        store_le16(at, (uint16_t)(load_le32(header + AT_TIME) - load_le32(before + AT_TIME)));
        at += 2;
    }
    if (flags & FLAG_BITS)
        at = put(at, header + AT_BITS, 4);
    return put(at, header + AT_NONCE, 4);
}

void headers2_encode(struct writer *w, const struct header_run *run)
{
    struct versions list = {.n = 0};
    writer_compact_size(w, run->n);
    uint8_t *room = writer_room(w, (size_t)run->n * HEADERS2_LARGEST_ENTRY), *at = room;
    for (uint32_t i = 0; room && i < run->n; i++) {
        const uint8_t *header = run->raw + (size_t)i * HEADER_SIZE;
        at = write_entry(at, &list, i ? header - HEADER_SIZE : NULL, i ? &run->hashes[i - 1] : NULL, header);
    }
    if (room)
        w->n += (size_t)(at - room);
}
