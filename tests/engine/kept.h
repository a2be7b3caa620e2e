/* An engine whose knowledge is on a disk (a store in memory), for tests of saving and restoring. */
#ifndef TESTS_ENGINE_KEPT_H
#define TESTS_ENGINE_KEPT_H

#include "engine/driven.h"
#include "engine/grown.h"

#include "engine/saved.h"
#include "store/memory.h"

/* The best chain up to a tip, as the headers would tell. */
struct kept_chain {
    const block_hash *hashes; /* by height */
    const hash256 *merkle_roots;
    int32_t tip;
    bool owned;
};
struct kept_chain kept_chain_of_fixture(const struct fixture_chain *c);
struct kept_chain kept_chain_of_grown(const struct grown *g); /* kept_chain_free() */
void kept_chain_free(struct kept_chain *c);
struct restore_chain kept_seam(const struct kept_chain *c);

struct kept {
    struct store_memory *disk;
    struct saved *saved;
    struct engine *e;
    struct restored restored;
};

/* Everything new and empty. */
void kept_new(struct kept *k, const struct network *net);
/* A start from a disk, which is cloned. 0 or what engine_restore() returned. */
int kept_open(struct kept *k, const struct network *net, const struct store_memory *disk, const struct kept_chain *chain);
void kept_close(struct kept *k);
/* Save in one transaction; returns how many operations it had. */
size_t kept_save(struct kept *k, int32_t chainlock_height);

#endif
