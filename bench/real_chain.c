/* See real_chain.h. */
#include "real_chain.h"

#include <stdlib.h>

#include "chain/difficulty.h"
#include "group.h"

enum { GAP = 2000, HARD = 0x1a010000, EASY = 0x1b400000 };

/* The time since the last block keeps the bits between two bounds, and on their way. */
static uint32_t pause_s(uint32_t bits, int32_t height)
{
    return bits > EASY ? 100 : bits < HARD ? 220 : height / 700 % 2 ? 150 : 165;
}

static block_hash made_up(int32_t height)
{
    block_hash hash = {{0}};
    store_le64(hash.b, (uint64_t)height * 0x9e3779b97f4a7c15u);
    store_le32(hash.b + 8, (uint32_t)height);
    return hash;
}

/* Times waver by two minutes; the nonce says by how much, so that the next one's does not rest on it. */
static void make_header(struct real_chain *c, int32_t height, const struct tree *t, struct recent *recent, uint32_t node)
{
    const struct header last = header_parse(real_chain_header(c, height - 1));
    struct header h = {.version = 4, .prev = c->hashes[height - 1], .nonce = (uint32_t)height * 2654435761u >> 25};
    h.time = last.time - (height > 1 ? last.nonce : 0) + pause_s(last.bits, height) + h.nonce;
    recent_move(recent, t, node);
    bench_need(difficulty_required(&c->params, t, recent, h.time, &h.bits), "required bits");
    header_write(&h, real_chain_header(c, height));
    c->hashes[height] = made_up(height);
}

void real_chain_make(struct real_chain *c, int32_t n)
{
    const uint64_t seed[2] = {1, 2};
    const arith256 one = arith256_from_u64(1);
    struct tree t;
    struct recent recent;
    uint32_t node = TREE_NONE;
    *c = (struct real_chain){.raw = malloc((size_t)n * 80), .hashes = malloc((size_t)n * sizeof(*c->hashes)), .n = n};
    c->checkpoints = malloc(((size_t)n / GAP + 1) * sizeof(*c->checkpoints));
    bench_need(c->raw && c->hashes && c->checkpoints && chain_params_init(&c->params, "mainnet"), "out of memory");
    c->params.kgw_height = c->params.dgw_height = 1;
    c->params.checkpoints = c->checkpoints;
    c->params.n_checkpoints = 0;
    memcpy(c->raw, c->params.genesis, 80);
    c->hashes[0] = c->params.genesis_hash;
    tree_init(&t, seed);
    recent_forget(&recent);
    for (int32_t height = 0; height < n; height++) {
        if (height > 0)
            make_header(c, height, &t, &recent, node);
        bench_need(tree_reserve(&t) == 0, "out of memory");
        node = tree_insert(&t, real_chain_header(c, height), &c->hashes[height], node, 0, &one);
        if (height > 0 && height % GAP == 0)
            c->checkpoints[c->params.n_checkpoints++] = (struct checkpoint){height, c->hashes[height]};
    }
    tree_free(&t);
}

void real_chain_free(struct real_chain *c)
{
    free(c->raw);
    free(c->hashes);
    free(c->checkpoints);
}
