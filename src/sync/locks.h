/* ChainLocks and InstantSend locks: announcement, request, check, event (protocol.md 8, quorums.md 7). */
#ifndef SYNC_LOCKS_H
#define SYNC_LOCKS_H

#include "sync/peer.h"
#include "wire/locks.h"

enum { LOCKS_MOST_PENDING = 64, LOCKS_MOST_ASKED = 1024, LOCKS_LARGEST_PENDING = 64 << 10 };

/* A lock that cannot be decided yet. */
struct pending_lock {
    enum wire_command command; /* CLSIG or ISDLOCK */
    uint8_t *payload;
    size_t n;
    dspv_conn conn;
    dspv_fault waits_for;
};

struct locks {
    struct pending_lock pending[LOCKS_MOST_PENDING]; /* oldest first */
    size_t n_pending;
    hash256 asked[LOCKS_MOST_ASKED]; /* ring: inventory hashes asked for or settled */
    bool answered[LOCKS_MOST_ASKED];
    size_t n_asked, next_asked;
    int32_t best; /* height of the best verified ChainLock, -1 */
    block_hash best_block;
    block_hash coinbase_of; /* the tip whose coinbase was looked at for a ChainLock */
    bool again; /* the engine learned something: try the pending ones again */
};

void locks_init(struct dspv *c);
void locks_free(struct dspv *c);
int locks_inventory(struct dspv *c, struct peer *p, const struct frame *f);
int locks_message(struct dspv *c, struct peer *p, const struct frame *f);
int locks_retry(struct dspv *c);
/* Ask a peer for the current ChainLock. */
int locks_ask_current(struct dspv *c, struct peer *p);
/* Heights of lists that pending locks wait for, at most `most`. */
size_t locks_wanted_lists(const struct dspv *c, int32_t *heights, size_t most);

#endif
