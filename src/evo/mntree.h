/* Masternodes in the order of their proTxHash, as an immutable tree: one made after another shares every node in whose range
 * nothing changed. A tree is its top node; NULL is the empty tree. References are counted without locks. */
#ifndef EVO_MNTREE_H
#define EVO_MNTREE_H

#include "base/arena.h"
#include "evo/masternode.h"

struct mntree;

struct mntree *mntree_ref(struct mntree *t);
void mntree_unref(struct mntree *t);

/* What becomes of one masternode. The tree looks at key, protx and mn. */
struct mntree_change {
    uint64_t key; /* mntree_key() */
    const protx_hash *protx;
    struct masternode *old;      /* as it is; NULL: it comes */
    struct masternode *mn;       /* as it will be; NULL: it goes, and must be there */
    const struct mnentry *entry; /* what `mn` is made of; NULL: of nothing new */
    size_t at;                   /* result: how many masternodes of the old tree come before it */
};

/* The first bytes as a number: orders as the hashes do, unless equal. */
uint64_t mntree_key(const protx_hash *protx);

/* The tree after `changes`, which ascend by proTxHash. `scratch` holds what is needed on the way. 0 or DSPV_ENOMEM. */
int mntree_apply(struct mntree *base, struct mntree_change *changes, size_t n, struct arena *scratch, struct mntree **out);

size_t mntree_count(const struct mntree *t);
/* NULL when absent. */
struct masternode *mntree_find(const struct mntree *t, const protx_hash *protx);

/* A walk: from position `from`, masternode by masternode; NULL at the end. */
enum { MNTREE_DEEPEST = 12 }; /* a node has eight below it at least, and no more than 2^32 masternodes fit into a message */
struct mntree_walk {
    const struct mntree *node[MNTREE_DEEPEST]; /* by level, 0 the leaf */
    uint32_t at[MNTREE_DEEPEST];
};
void mntree_seek(const struct mntree *t, size_t from, struct mntree_walk *w);
struct masternode *mntree_next(struct mntree_walk *w);

/* Bytes of `t`, with its masternodes, that `other` (may be NULL) does not share. */
size_t mntree_memory(const struct mntree *t, const struct mntree *other);

#endif
