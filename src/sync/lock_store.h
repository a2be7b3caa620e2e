/* Locks that were verified, for whoever asks later: the best ChainLock and the last InstantSend locks, on disk when there is a
 * store. One that comes from there is a claim until the engine has verified it again: the ChainLock once its quorum is, an
 * InstantSend lock when somebody asks for it. */
#ifndef SYNC_LOCK_STORE_H
#define SYNC_LOCK_STORE_H

#include "base/map.h"
#include "engine/engine.h"
#include "store/batch.h"
#include "wire/locks.h"

struct dspv;

enum {
    LOCK_STORE_MOST = 4096,       /* InstantSend locks; the oldest goes */
    LOCK_STORE_LARGEST = 64 << 10 /* bytes of one */
};

struct kept_lock {
    uint8_t *raw;
    size_t n;
    uint64_t number; /* in the order they came */
    tx_hash txid;
    bool verified; /* since the start, by this quorum: */
    uint8_t signer_type;
    quorum_hash signer;
    bool dirty; /* the record of this slot must be written, or removed when there is no lock */
};

struct lock_store {
    struct kept_lock *slots; /* by number % LOCK_STORE_MOST */
    struct map by_txid;      /* slot */
    uint64_t next;
    size_t n_dirty;
    uint8_t chainlock[132]; /* as on disk */
    bool has_chainlock, chainlock_pending;
};

int lock_store_init(struct dspv *c);
void lock_store_free(struct dspv *c);
/* A lock was verified by this quorum. 0 or DSPV_ENOMEM. */
int lock_store_add(struct dspv *c, const struct isdlock *lock, const struct quorum_view *by);
/* The same of one that is here. */
void lock_store_vouch(struct kept_lock *lock, const struct quorum_view *by);
/* The newest lock of a transaction, NULL. */
struct kept_lock *lock_store_find(struct dspv *c, const tx_hash *txid);
/* It turned out to be false, or cannot be verified any more. */
void lock_store_forget(struct dspv *c, struct kept_lock *lock);

/* Height of the best ChainLock, verified or as stored; -1. */
int32_t lock_store_height(const struct dspv *c);

/* As header_store.h has it. */
int lock_store_collect(struct dspv *c, struct batch *b);
void lock_store_committed(struct dspv *c);
int lock_store_load(struct dspv *c, size_t *locks, size_t *left_out);

#endif
