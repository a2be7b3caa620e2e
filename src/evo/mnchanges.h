/* What a diff changes in a list of masternodes, sorted and compared with what is there. */
#ifndef EVO_MNCHANGES_H
#define EVO_MNCHANGES_H

#include "evo/mntree.h"
#include "wire/mnlistdiff.h"

/* Masternodes in it are borrowed from the trees compared with, or made for it. */
struct mnchanges {
    struct arena arena;
    struct mntree_change *items; /* ascending, no masternode twice */
    size_t n;
    struct masternode **made; /* one reference each */
    size_t n_made;
};

/* Of `d` against `base`: only what really changes. `c` must be freed also after a failure.
 * 0; DSPV_ENOMEM; DSPV_EFAULT and *fault (DELETED_NOT_PRESENT, DUPLICATE_ENTRY). */
int mnchanges_read(struct mnchanges *c, const struct mntree *base, const struct mnlistdiff *d, dspv_fault *fault);
/* `like` is another tree. An entry that it holds too is taken from there; and if fewer changes lead from it to the same result,
 * these become the changes: then *from_like. 0 or DSPV_ENOMEM. */
int mnchanges_compare(struct mnchanges *c, const struct mntree *base, const struct mntree *like, bool *from_like);
/* Make the masternodes that are not known. 0 or DSPV_ENOMEM. */
int mnchanges_make(struct mnchanges *c);
void mnchanges_free(struct mnchanges *c);

#endif
