/* See stretches.h. */
#include "devnode/stretches.h"

#include "base/mem.h"
#include "devnode/chain.h"
#include "wire/frame.h"
#include "wire/headers.h"

static void make_one(struct writer *frames, struct writer *payload, const struct devnode_chain *c, int32_t first)
{
    const struct header_run run = {devnode_chain_header(c, first), devnode_chain_hash(c, first), DEVNODE_STRETCH};
    writer_reset(payload);
    headers2_encode(payload, &run);
    frame_write(frames, c->network.chain.magic, WIRE_HEADERS2, payload->data, payload->n);
    frames->failed = frames->failed || payload->failed;
}

int devnode_stretches_make(struct devnode_chain *c)
{
    struct devnode_stretches *s = &c->stretches;
    struct writer payload;
    s->first = (c->start + DEVNODE_STRETCH - 1) / DEVNODE_STRETCH * DEVNODE_STRETCH + 1;
    if (s->first + DEVNODE_STRETCH - 1 > c->tip)
        return 0;
    const size_t n = (size_t)(c->tip - s->first + 1) / DEVNODE_STRETCH;
    s->ends = mem_alloc_array(n, sizeof(*s->ends));
    if (!s->ends)
        return DSPV_ENOMEM;
    writer_init(&payload);
    for (; s->n < n && !s->frames.failed; s->n++) {
        make_one(&s->frames, &payload, c, s->first + (int32_t)s->n * DEVNODE_STRETCH);
        s->ends[s->n] = s->frames.n;
    }
    writer_free(&payload);
    return s->frames.failed ? DSPV_ENOMEM : 0;
}

void devnode_stretches_free(struct devnode_stretches *s)
{
    writer_free(&s->frames);
    mem_free(s->ends);
    *s = (struct devnode_stretches){0};
}

struct span devnode_stretches_find(const struct devnode_stretches *s, int32_t first, uint32_t n)
{
    const int32_t behind = first - s->first;
    const size_t i = behind < 0 ? s->n : (size_t)behind / DEVNODE_STRETCH;
    if (i >= s->n || behind % DEVNODE_STRETCH != 0 || n != DEVNODE_STRETCH)
        return (struct span){0};
    const size_t from = i == 0 ? 0 : s->ends[i - 1];
    return (struct span){s->frames.data + from, s->ends[i] - from};
}
