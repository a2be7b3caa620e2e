/* What of an engine is on disk, and how it comes back. Saving compares the engine with a mirror of what was written and adds the
 * difference to a batch; restoring reads records as a stranger's bytes: every list is applied as a diff and proven like one from
 * the network, every quorum is verified again, every snapshot is a claim again.
 *
 * Tables: MASTERNODES number -> entry; LISTS height -> proof, entries, quorums; QUORUMS type and hash -> commitment, members;
 * SNAPSHOTS cycle -> snapshot. Layouts: save.c. */
#ifndef ENGINE_SAVED_H
#define ENGINE_SAVED_H

#include "engine/engine.h"
#include "store/batch.h"

struct saved;

/* A mirror of an empty store. `seed` as for a map. 0 or DSPV_ENOMEM. */
int saved_new(struct saved **out, const uint64_t seed[2]);
void saved_free(struct saved *s);

/* Add to the batch what must be written so that the store holds what is worth keeping: the tip's list, the lists of work
 * blocks, those around the block from whose set the quorum of a ChainLock at `chainlock_height` (-1: none) is chosen, one list
 * for each other quorum that the engine still knows; their entries and quorums, members of verified quorums, snapshots for
 * which more speaks than a peer's word. Cheap when nothing changed. Afterwards call one of saved_committed() and
 * saved_abandoned(). 0 or DSPV_ENOMEM (nothing is pending then; the batch is incomplete). */
int engine_save(struct engine *e, struct saved *s, int32_t chainlock_height, struct batch *b);
/* The batch is on disk; it is not, and what it held will be collected again. */
void saved_committed(struct saved *s);
void saved_abandoned(struct saved *s);

/* The best chain, as the headers on disk tell. */
struct restore_chain {
    const void *chain;
    /* Both: 0; DSPV_ENOMEM, DSPV_ESTORE: it cannot be told. *found: there is such a block. */
    int (*at)(const void *chain, int32_t height, block_hash *hash, hash256 *merkle_root, bool *found);
    int (*find)(const void *chain, const block_hash *hash, int32_t *height, hash256 *merkle_root, bool *found);
};

struct restored {
    size_t entries, lists, quorums, snapshots; /* taken up */
    size_t members;                            /* of `quorums`: with members from the store, because their lists are not there */
    size_t left_out;                           /* records damaged, contradictory or not provable; the next save removes them */
};

/* Take up what a store holds, into an engine and a mirror that are new. A quorum is ready for verification afterwards, or waits.
 * 0; DSPV_ENOMEM, DSPV_ESTORE: engine and mirror are unusable. */
int engine_restore(struct engine *e, struct saved *s, const dspv_store *store, const struct restore_chain *chain,
                   struct restored *out);

#endif
