/* Quorum snapshots that own their data (quorums.md 3.3): received ones outlive their message, computed ones have none. */
#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "llmq/snapshot.h"

static size_t bit_bytes(uint32_t bits)
{
    return ((size_t)bits + 7) / 8;
}

struct snapshot *snapshot_alloc(int32_t mode, uint32_t n_bits, uint32_t n_skips)
{
    struct snapshot *s = mem_alloc(sizeof(*s));
    if (!s)
        return NULL;
    *s = (struct snapshot){.refs = 1, .mode = mode, .n_bits = n_bits, .n_skips = n_skips};
    s->bits = mem_zalloc(bit_bytes(n_bits));
    s->skips = mem_alloc_array(n_skips, sizeof(*s->skips));
    if (!s->bits || !s->skips) {
        snapshot_unref(s);
        return NULL;
    }
    return s;
}

struct snapshot *snapshot_new(const struct snapshot_msg *m)
{
    struct snapshot *s = snapshot_alloc(m->mode, m->active.bits, m->n_skips);
    if (!s)
        return NULL;
    if (m->active.bits)
        memcpy(s->bits, m->active.bytes, bit_bytes(m->active.bits));
    for (uint32_t i = 0; i < m->n_skips; i++)
        s->skips[i] = snapshot_skip(m, i);
    return s;
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
    s->refs++;
    return s;
}

void snapshot_unref(struct snapshot *s)
{
    if (!s || --s->refs != 0)
        return;
    mem_free(s->bits);
    mem_free(s->skips);
    mem_free(s);
}

bool snapshot_eq(const struct snapshot *a, const struct snapshot *b)
{
    return a->mode == b->mode && a->n_bits == b->n_bits && a->n_skips == b->n_skips &&
           memcmp(a->bits, b->bits, bit_bytes(a->n_bits)) == 0 &&
           memcmp(a->skips, b->skips, a->n_skips * sizeof(*a->skips)) == 0;
}

void snapshot_wire(const struct snapshot *s, struct writer *w)
{
    writer_u32(w, (uint32_t)s->mode);
    writer_compact_size(w, s->n_bits);
    writer_bytes(w, s->bits, bit_bytes(s->n_bits));
    writer_compact_size(w, s->n_skips);
    for (uint32_t i = 0; i < s->n_skips; i++)
        writer_u32(w, (uint32_t)s->skips[i]);
}
