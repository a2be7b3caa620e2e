/* What builds snapshots and quarters, inside llmq/ only. */
#ifndef LLMQ_SNAPSHOT_H
#define LLMQ_SNAPSHOT_H

#include "llmq/rotation.h"

enum { SNAPSHOT_NO_SKIPS = 0, SNAPSHOT_SKIPS = 1 };

/* All bits clear, skips not set. NULL: out of memory. */
struct snapshot *snapshot_alloc(int32_t mode, uint32_t n_bits, uint32_t n_skips);
static inline bool snapshot_bit(const struct snapshot *s, size_t i) { return s->bits[i / 8] >> i % 8 & 1; }
static inline void snapshot_set_bit(struct snapshot *s, size_t i) { s->bits[i / 8] |= (uint8_t)(1 << i % 8); }

/* All indexes empty. NULL: out of memory. */
struct quarters *quarters_alloc(const struct llmq_params *p);
static inline bool quarters_full(const struct quarters *q, uint32_t index) { return q->count[index] == q->size; }
/* Append to an index that is not full; takes a reference. */
void quarters_append(struct quarters *q, uint32_t index, struct masternode *mn);

#endif
