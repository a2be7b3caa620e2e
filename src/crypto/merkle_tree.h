/* A merkle tree (protocol.md 2.3) over a long sequence of leaves, as an immutable value that keeps its inner nodes: a tree made
 * after another one shares every node whose leaves did not change, and hashes only the others. Which leaves there are, the owner
 * of the sequence knows; the tree asks for them. References are counted without locks. */
#ifndef CRYPTO_MERKLE_TREE_H
#define CRYPTO_MERKLE_TREE_H

#include "base/arena.h"
#include "base/hash.h"

struct merkle_tree;

/* The sequence a tree is made of, of fewer than 2^32 leaves: read() gives those at [from, from + n). */
struct merkle_leaves {
    size_t n;
    void (*read)(const void *owner, size_t from, size_t n, hash256 *out);
    const void *owner;
};

/* Positions [from, to) of a new sequence at which it has other leaves than the old one. */
struct merkle_range {
    size_t from, to;
};

/* What changed, told in the order of the sequence. Where a leaf comes or goes all behind it move, until another one makes up for
 * it: that is one range. `ranges` has room for as many as there are changes. */
struct merkle_changes {
    struct merkle_range *ranges; /* ascending, not overlapping */
    size_t n;
    size_t come, gone;
};
/* At position `at` of the old sequence a leaf was replaced (`was` and `is`), or went (`was`), or before it one came (`is`). */
void merkle_change(struct merkle_changes *c, size_t at, bool was, bool is);

/* The tree of `leaves`, after `base`, the tree of the sequence before the changes (NULL: none); `scratch` holds what is needed on
 * the way. 0 or DSPV_ENOMEM. */
int merkle_tree_new(struct merkle_tree **out, const struct merkle_tree *base, const struct merkle_leaves *leaves,
                    const struct merkle_changes *changes, struct arena *scratch);
void merkle_tree_free(struct merkle_tree *t);

/* As merkle_root(). */
hash256 merkle_tree_root(const struct merkle_tree *t);

/* Bytes that `t` holds and `other` (may be NULL) does not share. */
size_t merkle_tree_memory(const struct merkle_tree *t, const struct merkle_tree *other);

#endif
