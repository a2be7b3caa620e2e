/* See chain.h. Only look-ups; the loader is in load.c. */
#include "devnode/chain.h"

#include "base/mem.h"

void devnode_chain_free(struct devnode_chain *c)
{
    if (!c)
        return;
    devnode_history_free(&c->history);
    map_free(&c->heights);
    devnode_stretches_free(&c->stretches);
    arena_free(&c->arena);
    for (size_t i = 0; i < sizeof(c->files) / sizeof(c->files[0]); i++)
        mem_free(c->files[i]);
    mem_free(c);
}

int32_t devnode_chain_height(const struct devnode_chain *c, const block_hash *hash, int32_t tip)
{
    uint32_t height;
    if (block_hash_eq(hash, &c->network.chain.genesis_hash))
        return 0;
    return map_get(&c->heights, hash->b, &height) && (int32_t)height <= tip ? (int32_t)height : -1;
}

const uint8_t *devnode_chain_header(const struct devnode_chain *c, int32_t height)
{
    return c->headers + (size_t)(height - c->start) * 80;
}

const block_hash *devnode_chain_hash(const struct devnode_chain *c, int32_t height)
{
    return height == 0 ? &c->network.chain.genesis_hash : &c->hashes[height - c->start];
}

const struct mnlistdiff *devnode_chain_diff(const struct devnode_chain *c, int32_t height)
{
    if (height < c->first_diff || (size_t)(height - c->first_diff) >= c->n_diffs)
        return NULL;
    return &c->diffs[height - c->first_diff];
}

const struct snapshot_msg *devnode_chain_snapshot(const struct devnode_chain *c, int32_t cycle)
{
    for (size_t i = 0; i < c->n_snapshots; i++)
        if (c->snapshots[i].cycle == cycle)
            return &c->snapshots[i].message;
    return NULL;
}

const struct devnode_lock *devnode_chain_best_clsig(const struct devnode_chain *c, int32_t tip)
{
    for (size_t i = c->n_locks; i-- > 0;)
        if (c->locks[i].kind == DEVNODE_CLSIG && c->locks[i].height <= tip)
            return &c->locks[i];
    return NULL;
}
