/* Cursor over untrusted bytes that latches its first failure: read all fields, check once.
 *
 * After a failure every read returns zeros (pointers: NULL) and moves nothing, so a decoder needs no check per field, only
 * before it allocates or loops: reader_count() bounds every count by what the rest of the message can hold. */
#ifndef BASE_READER_H
#define BASE_READER_H

#include "base/endian.h"
#include "base/hash.h"

struct span {
    const uint8_t *p;
    size_t n;
};

/* A bitset as received: bit i is byte i/8, mask 1 << i%8 (protocol.md 0, dynbitset). `raw` includes the count. */
struct bitspan {
    const uint8_t *bytes;
    uint32_t bits;
    struct span raw;
};

struct reader {
    const uint8_t *start, *p, *end;
    dspv_reason fault;   /* DSPV_OK, or the first failure */
    size_t fault_offset; /* offset of the field that failed */
};

void reader_init(struct reader *r, const uint8_t *data, size_t n);
static inline bool reader_ok(const struct reader *r) { return r->fault == DSPV_OK; }
static inline size_t reader_left(const struct reader *r) { return (size_t)(r->end - r->p); }
static inline size_t reader_offset(const struct reader *r) { return (size_t)(r->p - r->start); }

/* Latch a failure found by the caller (the first one stays). Always returns false. */
bool reader_fail(struct reader *r, dspv_reason reason);
/* Latch TRAILING_BYTES unless everything was read; true when the reader is still good. */
bool reader_finish(struct reader *r);
/* Fill `fault` from a failed reader. */
void reader_fault(const struct reader *r, dspv_fault *fault);

/* What reader_bytes() says when there are not enough: NULL. */
const uint8_t *reader_truncated(struct reader *r);
/* `n` bytes in place; NULL after a failure. */
static inline const uint8_t *reader_bytes(struct reader *r, size_t n)
{
    if (!reader_ok(r) || n > reader_left(r))
        return reader_truncated(r);
    const uint8_t *p = r->p;
    r->p += n;
    return p;
}

static inline uint8_t reader_u8(struct reader *r)
{
    const uint8_t *p = reader_bytes(r, 1);
    return p ? p[0] : 0;
}
static inline uint16_t reader_u16(struct reader *r)
{
    const uint8_t *p = reader_bytes(r, 2);
    return p ? load_le16(p) : 0;
}
uint16_t reader_u16_be(struct reader *r);
uint32_t reader_u32(struct reader *r);
uint64_t reader_u64(struct reader *r);
static inline int16_t reader_i16(struct reader *r) { return (int16_t)reader_u16(r); }
static inline int32_t reader_i32(struct reader *r) { return (int32_t)reader_u32(r); }
static inline int64_t reader_i64(struct reader *r) { return (int64_t)reader_u64(r); }
/* bool: 0 or 1; anything else fails with BAD_BOOLEAN (Core writes nothing else). */
bool reader_bool(struct reader *r);

/* Copy of 32 bytes. */
static inline hash256 reader_hash(struct reader *r)
{
    const uint8_t *p = reader_bytes(r, 32);
    return p ? hash256_from(p) : (hash256){{0}};
}
static inline block_hash reader_block_hash(struct reader *r) { hash256 h = reader_hash(r); return block_hash_from(h.b); }
static inline protx_hash reader_protx_hash(struct reader *r) { hash256 h = reader_hash(r); return protx_hash_from(h.b); }
static inline quorum_hash reader_quorum_hash(struct reader *r) { hash256 h = reader_hash(r); return quorum_hash_from(h.b); }
static inline tx_hash reader_tx_hash(struct reader *r) { hash256 h = reader_hash(r); return tx_hash_from(h.b); }

/* CompactSize: minimal, at most 0x02000000. */
uint32_t reader_compact_size(struct reader *r);
/* A count of items of at least `min_item_size` (> 0) bytes: also at most `most` and at most what the rest can hold
 * (TOO_MANY). 0 after a failure. */
uint32_t reader_count(struct reader *r, size_t min_item_size, uint32_t most);
/* vec<u8> / str: length-prefixed bytes in place, at most `most`. */
struct span reader_byte_string(struct reader *r, uint32_t most);
/* dynbitset of at most `most` bits; padding bits must be zero. */
struct bitspan reader_bitset(struct reader *r, uint32_t most);
/* The bytes from `from` (an earlier r->p) to here; empty after a failure. */
struct span reader_since(const struct reader *r, const uint8_t *from);

bool bitspan_get(const struct bitspan *b, uint32_t i);
uint32_t bitspan_count(const struct bitspan *b);
/* True when any bit at position >= from is set. */
bool bitspan_any_from(const struct bitspan *b, uint32_t from);

#endif
