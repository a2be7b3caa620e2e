/* The block container: hash <-> height of the blocks that matter, with the merkle roots of their headers. */
#include "engine/engine_state.h"

/* Position of the first block at or above `height`. */
static size_t lower_bound(const struct engine *e, int32_t height)
{
    size_t low = 0, high = e->n_blocks;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e->blocks[middle].height < height)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct block_info *at(const struct engine *e, int32_t height)
{
    size_t i = lower_bound(e, height);
    return i < e->n_blocks && e->blocks[i].height == height ? &e->blocks[i] : NULL;
}

int engine_feed_block(struct engine *e, const block_hash *hash, int32_t height, const hash256 *merkle_root)
{
    if (height < 0)
        return DSPV_EMISUSE;
    int32_t known = engine_block_height(e, hash);
    size_t i = lower_bound(e, height);
    bool taken = i < e->n_blocks && e->blocks[i].height == height;
    if ((known >= 0 && known != height) || (taken && !block_hash_eq(&e->blocks[i].hash, hash)))
        return DSPV_EMISUSE;
    if (!taken) {
        void *blocks = e->blocks;
        int error = mem_grow(&blocks, &e->blocks_cap, e->n_blocks + 1, sizeof(*e->blocks));
        e->blocks = blocks;
        if (error != 0 || map_put(&e->heights, hash->b, (uint32_t)height) != 0)
            return DSPV_ENOMEM;
        memmove(&e->blocks[i + 1], &e->blocks[i], (e->n_blocks - i) * sizeof(*e->blocks));
        e->n_blocks++;
        e->blocks[i] = (struct block_info){.hash = *hash, .height = height};
    }
    if (!taken || (merkle_root && !e->blocks[i].has_root))
        e->changes++;
    if (merkle_root) {
        e->blocks[i].has_root = true;
        e->blocks[i].merkle_root = *merkle_root;
    }
    return 0;
}

int32_t engine_block_height(const struct engine *e, const block_hash *hash)
{
    uint32_t height;
    return map_get(&e->heights, hash->b, &height) ? (int32_t)height : -1;
}

bool engine_block_at(const struct engine *e, int32_t height, block_hash *out)
{
    const struct block_info *b = at(e, height);
    if (b)
        *out = b->hash;
    return b != NULL;
}

const struct block_info *blocks_find(const struct engine *e, const block_hash *hash)
{
    int32_t height = engine_block_height(e, hash);
    return height < 0 ? NULL : at(e, height);
}

void blocks_drop_unnamed(struct engine *e, int32_t below, const int32_t *named, size_t n)
{
    size_t kept = 0, k = 0;
    for (size_t i = 0; i < e->n_blocks; i++) {
        const struct block_info *b = &e->blocks[i];
        while (k < n && named[k] < b->height)
            k++;
        if (b->height >= below || (k < n && named[k] == b->height))
            e->blocks[kept++] = *b;
        else
            map_remove(&e->heights, b->hash.b);
    }
    e->n_blocks = kept;
}

void blocks_drop_above(struct engine *e, int32_t height)
{
    while (e->n_blocks > 0 && e->blocks[e->n_blocks - 1].height > height)
        map_remove(&e->heights, e->blocks[--e->n_blocks].hash.b);
}
