/* The deterministic masternode list at a block, as an immutable value: applying a diff makes a new list that shares
 * everything unchanged. Entries are ordered by proTxHash (memcmp of wire bytes), the order of the merkle tree. */
#ifndef EVO_MNLIST_H
#define EVO_MNLIST_H

#include "evo/mntree.h"
#include "wire/mnlistdiff.h"

struct mnlist; /* opaque, reference counted like masternode */

struct mnlist *mnlist_ref(struct mnlist *l);
void mnlist_unref(struct mnlist *l);

/* The list after `d`: deletions first, then insertions and replacements. `base` NULL = the empty list. With `like` (NULL: none),
 * some other list, the new one shares what is equal, and is made from it where that takes fewer changes than from `base`. What
 * changes nothing gives `base` or `like` itself. 0; DSPV_ENOMEM; DSPV_EFAULT and *fault (DELETED_NOT_PRESENT, DUPLICATE_ENTRY). */
int mnlist_apply(struct mnlist *base, struct mnlist *like, const struct mnlistdiff *d, struct mnlist **out, dspv_fault *fault);

size_t mnlist_count(const struct mnlist *l);
size_t mnlist_valid(const struct mnlist *l); /* not PoSe-banned */
size_t mnlist_evo(const struct mnlist *l);
/* NULL when absent. */
struct masternode *mnlist_find(const struct mnlist *l, const protx_hash *protx);

/* Walk in proTxHash order: for (mnlist_begin(l, &it); (m = mnlist_next(&it));) */
struct mnlist_iterator {
    struct mntree_walk walk;
};
void mnlist_begin(const struct mnlist *l, struct mnlist_iterator *it);
struct masternode *mnlist_next(struct mnlist_iterator *it);

/* merkleRootMNList of the list (protocol.md 4.5). */
hash256 mnlist_root(const struct mnlist *l);

/* Bytes this list holds that `other` (may be NULL) does not share. */
size_t mnlist_memory(const struct mnlist *l, const struct mnlist *other);

#endif
