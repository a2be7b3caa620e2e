/* Growable byte buffer that latches its first failure (out of memory): write all fields, check once. */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include "base/reader.h"

struct writer {
    uint8_t *data;
    size_t n, cap;
    bool failed; /* an allocation failed; the content is incomplete */
};

void writer_init(struct writer *w);
void writer_free(struct writer *w);
/* Empty the buffer, keep its memory. */
void writer_reset(struct writer *w);

/* Room for `n` bytes behind those written: who fills some adds them to w->n. NULL after a failure. */
uint8_t *writer_room(struct writer *w, size_t n);
void writer_bytes(struct writer *w, const void *p, size_t n);
void writer_span(struct writer *w, struct span s);
void writer_hash(struct writer *w, const uint8_t hash[32]);
void writer_u8(struct writer *w, uint8_t v);
void writer_u16(struct writer *w, uint16_t v);
void writer_u16_be(struct writer *w, uint16_t v);
void writer_u32(struct writer *w, uint32_t v);
void writer_u64(struct writer *w, uint64_t v);
void writer_compact_size(struct writer *w, uint64_t v);
/* Count in bits, then the bytes. */
void writer_bitset(struct writer *w, const struct bitspan *b);

#endif
