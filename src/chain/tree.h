/* The headers above the floor: a tree with a hash index and jump pointers. It stores and finds, and judges nothing; the rules are
 * in headers.c and difficulty.c. Internal to chain/.
 *
 * A node is a number that changes only in tree_keep; a parent has a lower one than its children. tree.base is the start. */
#ifndef CHAIN_TREE_H
#define CHAIN_TREE_H

#include "chain/arith256.h"
#include "chain/header.h"

#define TREE_NONE UINT32_MAX
#define TREE_MOST (1u << 30) /* heights grow by one per node: far below overflow, and more than memory holds */
#define TREE_CHUNK 1024u /* nodes per allocation: nothing is copied when the tree grows */

struct tree_node {
    block_hash hash;
    hash256 merkle_root;
    int32_t version;
    uint32_t time, bits, nonce;
    uint32_t prev;  /* TREE_NONE at the start */
    uint32_t jump;  /* an ancestor further back, if that is still there; the start points to itself */
    int32_t height;
    arith256 work;  /* of this header and all before it */
};

/* The node's own hash is the key; of others than the one that is looked for, `mix` tells without looking at the node. */
struct tree_slot {
    uint32_t node; /* TREE_NONE: free */
    uint32_t mix;
};

/* By hash, open addressing. There is room for all nodes, but they are put here when somebody looks for one: most are settled
 * before. */
struct tree_index {
    size_t n_slots; /* power of two */
    uint32_t most;  /* so many nodes are few enough to be seldom put in anew */
    size_t n_used;  /* of nodes, and of some that were dropped */
    uint32_t next;  /* nodes from here on are not in it */
    bool begun;     /* false: nothing is in it, not even free slots */
    struct tree_slot slots[];
};

struct tree {
    struct tree_node **chunks;
    size_t n_chunks, cap_chunks;
    uint32_t base, count; /* the nodes are base .. base + count - 1 */
    int32_t height;       /* of the start */
    struct tree_index *index; /* NULL: no nodes yet */
    uint64_t seed[2];
    block_hash before; /* prev hash of the start */
};

void tree_init(struct tree *t, const uint64_t seed[2]);
void tree_free(struct tree *t);

/* Make room for one more node. 0 or DSPV_ENOMEM; nothing that can be seen changes. */
int tree_reserve(struct tree *t);
/* Add a header; tree_reserve must have succeeded since the last one. `prev` is its parent, or TREE_NONE for the start, whose
 * height is then `height` and whose `work` that of all before it too. The hash must be new. */
uint32_t tree_insert(struct tree *t, const uint8_t raw[80], const block_hash *hash, uint32_t prev, int32_t height,
                     const arith256 *work);

static inline struct tree_node *tree_node(const struct tree *t, uint32_t node)
{
    return &t->chunks[(node - t->base) / TREE_CHUNK][(node - t->base) % TREE_CHUNK];
}

static inline bool tree_has(const struct tree *t, uint32_t node)
{
    return node - t->base < t->count;
}

uint32_t tree_find(const struct tree *t, const block_hash *hash); /* TREE_NONE */
/* Drop the first n nodes, a multiple of TREE_CHUNK, of a tree without branches. */
void tree_drop(struct tree *t, uint32_t n);
/* Drop nodes: those with map[node - base] == TREE_NONE. The first that stays becomes the start, of every other the parent stays
 * too. map[...] is then the new number of what stayed. Memory that is not needed any more is given back. */
void tree_keep(struct tree *t, uint32_t *map);
/* The ancestor of `node` (or itself) at `height`, TREE_NONE outside the tree. O(log n). */
uint32_t tree_ancestor(const struct tree *t, uint32_t node, int32_t height);
/* The header as it came. */
void tree_raw(const struct tree *t, uint32_t node, uint8_t out[80]);
size_t tree_memory(const struct tree *t);

#endif
