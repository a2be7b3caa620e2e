/* Masternode lists and quorum sets of every height of a chain, kept as histories: for each masternode its versions by
 * height, for each quorum the heights between which it was active. A state is looked up, never stored, so thousands of
 * heights of a list of thousands cost little more than one. */
#ifndef DEVNODE_HISTORY_H
#define DEVNODE_HISTORY_H

#include "base/arena.h"
#include "base/map.h"
#include "wire/mnlistdiff.h"

struct history_version {
    int32_t height;              /* from this height on ... */
    const struct mnentry *entry; /* ... this entry; NULL: not in the list */
};

struct history_masternode {
    protx_hash protx;
    struct history_version *versions; /* ascending heights */
    size_t n, cap;
};

struct history_quorum {
    const struct commitment *commitment;
    const uint8_t *clsig;   /* quorumsCLSigs signature, 96 bytes; NULL = none (the map was empty) */
    int32_t added, removed; /* active at added <= height < removed */
};

struct devnode_history {
    struct history_masternode *masternodes;
    size_t n_masternodes, cap_masternodes;
    struct history_quorum *quorums; /* by height of addition */
    size_t n_quorums, cap_quorums;
    struct map by_protx;
};

void devnode_history_init(struct devnode_history *h);
void devnode_history_free(struct devnode_history *h);

/* Record the consecutive diff to `height` (the heights of calls ascend). `d` must outlive the history. 0; DSPV_ENOMEM;
 * DSPV_EFAULT: the diff does not fit the state before it (*fault). After a failure the history may only be freed. */
int devnode_history_add(struct devnode_history *h, int32_t height, const struct mnlistdiff *d, dspv_fault *fault);

/* Set the deleted, entries, deleted_quorums, new_quorums and clsigs members of `d` to what leads from the state at `base` to
 * the state at `target`; quorum order and quorumsCLSigs as Dash Core writes them (protocol.md 4.2). `with_clsigs`: V20 is
 * active after the target. 0 or DSPV_ENOMEM. */
int devnode_history_difference(const struct devnode_history *h, int32_t base, int32_t target, bool with_clsigs,
                               struct arena *arena, struct mnlistdiff *d);

/* The active quorums of one type at a height in the order of their indexes; at most `most`. Returns how many. */
size_t devnode_history_active(const struct devnode_history *h, int32_t height, uint8_t type, struct commitment *out, size_t most);

/* Equal as Dash Core compares entries for a diff: all fields, and the version (protocol.md 4.4). */
bool devnode_entry_eq(const struct mnentry *a, const struct mnentry *b);

/* Group `signatures` (96 bytes each or NULL = zeros; one for each of d->new_quorums) into d->clsigs: equal ones merged, ordered
 * by the double SHA-256 of the signature (protocol.md 4.2). 0 or DSPV_ENOMEM. */
int devnode_clsigs_group(struct mnlistdiff *d, const uint8_t *const *signatures, struct arena *arena);

#endif
