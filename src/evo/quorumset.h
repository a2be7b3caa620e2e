/* The active quorum set at a block: an immutable, shared, sorted array of commitments (quorums.md 4.3). */
#ifndef EVO_QUORUMSET_H
#define EVO_QUORUMSET_H

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
    struct quorum *items[]; /* ascending by (type, hash) */
};
struct quorumset *quorumset_ref(struct quorumset *s);
void quorumset_unref(struct quorumset *s);

/* The set after `d`. `base` NULL = empty. 0; DSPV_ENOMEM; DSPV_EFAULT (DELETED_QUORUM_NOT_PRESENT, DUPLICATE_QUORUM,
 * QUORUM_NULL). */
int quorumset_apply(struct quorumset *base, const struct mnlistdiff *d, struct quorumset **out, dspv_fault *fault);
struct quorum *quorumset_find(const struct quorumset *s, uint8_t type, const quorum_hash *hash);
/* merkleRootQuorums (protocol.md 4.7). 0; DSPV_ENOMEM; DSPV_EFAULT when two leaves are equal. */
int quorumset_root(const struct quorumset *s, hash256 *out);

#endif
