/* The active quorum set at a block: an immutable, shared, sorted array of commitments (quorums.md 4.3). */
#ifndef EVO_QUORUMSET_H
#define EVO_QUORUMSET_H

#include "crypto/merkle_tree.h"
#include "wire/mnlistdiff.h"

/* One commitment that owns its bytes; immutable and reference counted. */
struct quorum {
    uint32_t refs;
    struct commitment c; /* its pointers lead into `raw` */
    hash256 leaf;        /* leaf of merkleRootQuorums */
    uint8_t raw[];
};
struct quorum *quorum_new(const struct commitment *c);
struct quorum *quorum_ref(struct quorum *q);
void quorum_unref(struct quorum *q);

struct quorumset {
    uint32_t refs;
    uint32_t n;
    struct merkle_tree *merkle;
    struct quorum **by_leaf; /* the same quorums in the order of the merkle tree */
    struct quorum *items[];  /* ascending by (type, hash) */
};
struct quorumset *quorumset_ref(struct quorumset *s);
void quorumset_unref(struct quorumset *s);

/* The set after `d`. `base` NULL = empty. A commitment that `like` (NULL: none), some other set, holds too is shared with it. A
 * set that `base` or `like` is already is that one. 0; DSPV_ENOMEM; DSPV_EFAULT (DELETED_QUORUM_NOT_PRESENT, DUPLICATE_QUORUM,
 * QUORUM_NULL). */
int quorumset_apply(struct quorumset *base, struct quorumset *like, const struct mnlistdiff *d, struct quorumset **out,
                    dspv_fault *fault);
struct quorum *quorumset_find(const struct quorumset *s, uint8_t type, const quorum_hash *hash);
/* merkleRootQuorums (protocol.md 4.7). */
hash256 quorumset_root(const struct quorumset *s);
/* Bytes of the set, without its quorums. */
size_t quorumset_memory(const struct quorumset *s);

#endif
