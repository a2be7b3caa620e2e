/* A merkle tree (protocol.md 2.3) over a long sequence of leaves, as an immutable value that keeps its inner nodes: a tree made
 * after another one shares every node whose leaves did not change, and hashes only the others. Which leaves there are, the owner
 * of the sequence knows; the tree asks for them. References are counted without locks. */
#ifndef CRYPTO_MERKLE_TREE_H
#define CRYPTO_MERKLE_TREE_H

#include "base/hash.h"

struct merkle_tree;

/* Leaves at [from, to). */
struct merkle_range {
    size_t from, to;
};

/* The sequence a tree is made of: read() gives the leaves [from, from + n). */
struct merkle_leaves {
    size_t n;
    void (*read)(const void *owner, size_t from, size_t n, hash256 *out);
    const void *owner;
};

/* Makes ranges of single changes, which come in the order of their places: where a leaf comes or goes, all behind it move, until
 * another one makes up for it. `ranges` has room for one per change. */
struct merkle_changes {
    struct merkle_range *ranges;
    size_t n;
    size_t come, gone;
};
/* At position `at` of the old sequence a leaf was replaced (`was` and `is`), or went (`was`), or before it one came (`is`). */
void merkle_change(struct merkle_changes *c, size_t at, bool was, bool is);

/* The tree of `leaves`. `base` (NULL: none) is a tree of the same leaves but for those in `changed`, which ascend and do not
 * overlap; where one sequence is longer, what it has beyond the other counts as changed. 0 or DSPV_ENOMEM. */
int merkle_tree_new(struct merkle_tree **out, const struct merkle_tree *base, const struct merkle_leaves *leaves,
                    const struct merkle_range *changed, size_t n_changed);
void merkle_tree_free(struct merkle_tree *t);

/* As merkle_root(). */
hash256 merkle_tree_root(const struct merkle_tree *t);

/* Bytes that `t` holds and `other` (may be NULL) does not share. */
size_t merkle_tree_memory(const struct merkle_tree *t, const struct merkle_tree *other);

#endif
