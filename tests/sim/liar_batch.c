/* See liar_batch.h. */
#include "sim/liar_batch.h"

#include "wire/headers.h"

enum { EASY_BITS = 0x20 };

bool liar_batch_new(struct arena *a, uint32_t most, struct liar_batch *out)
{
    out->raw = arena_alloc_array(a, most + 1, HEADER_SIZE);
    out->hashes = arena_alloc_array(a, most + 1, sizeof(*out->hashes));
    out->n = 0;
    return out->raw && out->hashes;
}

void liar_batch_put(struct liar_batch *b, uint32_t i, const struct mined *m)
{
    memcpy(b->raw + (size_t)i * HEADER_SIZE, m->raw, HEADER_SIZE);
    b->hashes[i] = m->hash;
}

void liar_batch_append(struct liar_batch *b, const uint8_t *raw, const block_hash *hash)
{
    memcpy(b->raw + (size_t)b->n * HEADER_SIZE, raw, HEADER_SIZE);
    b->hashes[b->n++] = *hash;
}

void liar_batch_fill(const struct devnode_view *v, struct liar_batch *b, int32_t first, uint32_t n)
{
    for (int32_t h = first; b->n < n; h = h < v->tip ? h + 1 : first)
        liar_batch_append(b, devnode_chain_header(v->chain, h), devnode_chain_hash(v->chain, h));
}

bool liar_batch_can_mine(const struct devnode_chain *chain, int32_t fork)
{
    return header_parse(devnode_chain_header(chain, fork + 1)).bits >> 24 == EASY_BITS;
}

void liar_batch_mine(struct liar *l, const struct devnode_chain *chain, int32_t fork, uint32_t n, struct liar_batch *b)
{
    block_hash prev = *devnode_chain_hash(chain, fork);
    for (uint32_t i = 0; i < n; i++) {
        struct header h = header_parse(devnode_chain_header(chain, fork + 1 + (int32_t)i));
        h.prev = prev;
        rng_bytes(&l->rng, h.merkle_root.b, 32);
        struct mined m = mine_header(h, true);
        liar_batch_append(b, m.raw, &m.hash);
        prev = m.hash;
    }
}

void liar_batch_say(struct liar *l, struct liar_output *out, bool compressed, const struct liar_batch *b)
{
    struct header_run run = {b->raw, b->hashes, b->n};
    struct writer w;
    writer_init(&w);
    if (compressed)
        headers2_encode(&w, &run);
    else
        headers_encode(&w, &run);
    liar_say_written(out, l, compressed ? "headers2" : "headers", &w);
    writer_free(&w);
    l->lies++;
}
