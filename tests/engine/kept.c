#include "engine/kept.h"

#include "chain/header.h"

static const uint8_t ENGINE_SEED[32] = {7, 7};
static const uint64_t MIRROR_SEED[2] = {5, 6};

struct kept_chain kept_chain_of_fixture(const struct fixture_chain *c)
{
    return (struct kept_chain){.hashes = c->hashes, .merkle_roots = c->merkle_roots, .tip = c->tip};
}

struct kept_chain kept_chain_of_grown(const struct grown *g)
{
    size_t n = (size_t)g->chain->tip + 1;
    block_hash *hashes = malloc(n * sizeof(*hashes));
    hash256 *roots = malloc(n * sizeof(*roots));
    assert_true(hashes && roots);
    for (size_t h = 0; h < n; h++) {
        hashes[h] = *devnode_chain_hash(g->chain, (int32_t)h);
        roots[h] = header_parse(devnode_chain_header(g->chain, (int32_t)h)).merkle_root;
    }
    return (struct kept_chain){.hashes = hashes, .merkle_roots = roots, .tip = (int32_t)n - 1, .owned = true};
}

void kept_chain_free(struct kept_chain *c)
{
    if (c->owned) {
        free((void *)(uintptr_t)c->hashes);
        free((void *)(uintptr_t)c->merkle_roots);
    }
}

static int at(const void *chain, int32_t height, block_hash *hash, hash256 *root, bool *found)
{
    const struct kept_chain *c = chain;
    *found = height >= 0 && height <= c->tip;
    if (*found) {
        *hash = c->hashes[height];
        *root = c->merkle_roots[height];
    }
    return 0;
}

static int find(const void *chain, const block_hash *hash, int32_t *height, hash256 *root, bool *found)
{
    const struct kept_chain *c = chain;
    *found = false;
    for (*height = c->tip; *height >= 0 && !block_hash_eq(&c->hashes[*height], hash); --*height)
        ;
    *found = *height >= 0;
    if (*found)
        *root = c->merkle_roots[*height];
    return 0;
}

struct restore_chain kept_seam(const struct kept_chain *c)
{
    return (struct restore_chain){.chain = c, .at = at, .find = find};
}

static void open_parts(struct kept *k, const struct network *net)
{
    *k = (struct kept){.disk = NULL};
    assert_int_equal(engine_new(&k->e, net, ENGINE_SEED, 0), 0);
    assert_int_equal(saved_new(&k->saved, MIRROR_SEED), 0);
}

void kept_new(struct kept *k, const struct network *net)
{
    open_parts(k, net);
    assert_int_equal(store_memory_new(&k->disk), 0);
}

int kept_open(struct kept *k, const struct network *net, const struct store_memory *disk, const struct kept_chain *chain)
{
    open_parts(k, net);
    struct restore_chain seam = kept_seam(chain);
    assert_int_equal(store_memory_clone(&k->disk, disk), 0);
    return engine_restore(k->e, k->saved, store_memory_seam(k->disk), &seam, &k->restored);
}

void kept_close(struct kept *k)
{
    engine_free(k->e);
    saved_free(k->saved);
    store_memory_free(k->disk);
}

size_t kept_save(struct kept *k, int32_t chainlock_height)
{
    struct batch b;
    batch_init(&b);
    assert_int_equal(engine_save(k->e, k->saved, chainlock_height, &b), 0);
    size_t n = b.n;
    assert_int_equal(batch_apply(&b, store_memory_seam(k->disk)), 0);
    saved_committed(k->saved);
    batch_free(&b);
    return n;
}
