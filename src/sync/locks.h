/* ChainLocks and InstantSend locks: check, wait, event (protocol.md 8, quorums.md 7). Announcement and request: asked.h. */
#ifndef SYNC_LOCKS_H
#define SYNC_LOCKS_H

#include "sync/asked.h"
#include "sync/peer.h"
#include "wire/locks.h"

enum {
    LOCKS_MOST_PENDING = 64, /* when there are more, the peer that sent most of them loses its oldest */
    LOCKS_MOST_CHAINLOCKS = 4, /* pending of one peer, the newest: trying one takes many keys, and only the best one matters */
    LOCKS_LARGEST_PENDING = 64 << 10,
    LOCKS_PENDING_MS = 600000 /* what cannot be decided so long is dropped */
};

#define LOCKS_NO_ADDRESS SIZE_MAX

/* A lock that cannot be decided yet. */
struct pending_lock {
    enum wire_command command; /* CLSIG or ISDLOCK */
    uint8_t *payload;
    size_t n;
    hash256 hash;   /* as announced */
    dspv_conn conn; /* who sent it, 0: no peer */
    size_t address; /* its, LOCKS_NO_ADDRESS: no peer */
    dspv_ms since;
    dspv_fault waits_for;
};

struct locks {
    struct pending_lock pending[LOCKS_MOST_PENDING]; /* oldest first */
    size_t n_pending;
    struct asked asked;
    int32_t best; /* height of the best verified ChainLock, -1 */
    struct clsig best_lock;
    struct {
        uint8_t type;
        quorum_hash hash;
    } best_signer;
    block_hash coinbase_of; /* the tip whose coinbase was looked at for a ChainLock */
    bool again; /* the engine learned something: try the pending ones again */
    int32_t fork;         /* of the last reorganisation; above it quorums may differ from those that signed for the branch left */
    dspv_ms fork_matters; /* until then a lock of that branch may still come */
    bool forked;          /* since the pending ones were tried last */
};

void locks_init(struct dspv *c);
void locks_free(struct dspv *c);
int locks_inventory(struct dspv *c, struct peer *p, const struct frame *f);
int locks_message(struct dspv *c, struct peer *p, const struct frame *f);
int locks_not_found(struct dspv *c, struct peer *p, const struct frame *f);
/* Try what waits again. 0 or DSPV_ENOMEM. */
int locks_retry(struct dspv *c);
void locks_tick(struct dspv *c);
/* Blocks above `height` left the best chain: InstantSend locks that quorums of theirs may have signed go. */
void locks_rollback(struct dspv *c, int32_t height);
/* The index is about to be another address's. */
void locks_forget_address(struct dspv *c, size_t address);
dspv_ms locks_deadline(const struct dspv *c);
/* The payload of a clsig from the source of look-ups: as one from a peer, but nobody is scored. 0 (it is good, or tells nothing
 * new); DSPV_EWAITING (it is kept until it can be decided); DSPV_EFAULT; DSPV_ENOMEM. */
int locks_from_source(struct dspv *c, const uint8_t *payload, size_t n, dspv_fault *fault);
/* Ask a peer for the current ChainLock. */
int locks_ask_current(struct dspv *c, struct peer *p);
/* Heights of lists that pending locks wait for, at most `most`. */
size_t locks_wanted_lists(const struct dspv *c, int32_t *heights, size_t most);

#endif
