/* What a client can say about quorums, blocks and locks, and how sure it is.
 *
 * Nothing here asks the network, and nothing is answered from what is not verified: a client that was just made from a store
 * verifies it first (dspv_verify_now, or the jobs it hands out). Hashes are in internal order. All calls belong to the client's
 * thread. */
#ifndef DASHSPV_ANSWERS_H
#define DASHSPV_ANSWERS_H

#include "dashspv/dashspv.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Verify here and now all that is ready: for programs without an event loop, right after dspv_new on a store. Takes about two
 * milliseconds for each quorum that is not verified yet. 0; DSPV_ENOMEM; DSPV_ESTORE; DSPV_EMISUSE: a job of this client was
 * handed out by dspv_next and is not done. */
DSPV_API int dspv_verify_now(dspv *c, dspv_ms now);

/* ---- quorum keys */

typedef enum {
    DSPV_KEY_UNKNOWN,   /* nothing proven speaks of it; .fault says what is known against it */
    DSPV_KEY_NOT_YET,   /* it may come to be, or this client is not far enough: ask again */
    DSPV_KEY_COMMITTED, /* a proven block commits to it, its signatures are not verified; .fault says what that waits for */
    DSPV_KEY_VERIFIED,  /* both signatures verified, and it was active at or near the height asked for */
    DSPV_KEY_RETIRED,   /* verified, but no longer active: it must not vouch for anything new */
    DSPV_KEY_INVALID    /* .fault says why */
} dspv_key_state;

typedef struct {
    dspv_key_state state;
    dspv_fault fault;    /* reason OK when verified */
    bool has_key;        /* only when both signatures verified: VERIFIED, RETIRED, and NOT_YET for heights before it was active */
    uint8_t key[48];     /* in the basic encoding, whatever the commitment uses; else zeros */
    int16_t index;       /* quorumIndex of rotated quorums, else 0 */
    int32_t base_height; /* of the block that names it, -1: not known */
    int32_t first_seen;  /* it was in the proven quorum sets of these heights, and so at all between them; -1: in none */
    int32_t last_seen;
    int32_t again_height; /* NOT_YET, COMMITTED: ask again when the chain is that high; -1: that does not depend on the chain */
    dspv_ms again;        /* and not before this time, an estimate; 0: none can be given */
} dspv_key_answer;

/* The key of a quorum, as Platform proofs need it. `height`: the block to which the question belongs, as the proof's core chain
 * locked height; -1: now. No list of just that height is needed: a quorum counts as active from the first block that can mine it
 * until one DKG interval after the last list it was seen in. Returns out->state. */
DSPV_API dspv_key_state dspv_quorum_key(const dspv *c, uint8_t llmq_type, const dspv_quorum_hash *hash, int32_t height,
                                        dspv_key_answer *out);
/* "unknown", "not yet", "committed", "verified", "retired", "invalid". */
DSPV_API const char *dspv_key_state_name(dspv_key_state state);

/* ---- ChainLocks */

/* Who signed. */
typedef struct {
    uint8_t llmq_type;
    dspv_quorum_hash hash;
} dspv_signer;

typedef struct {
    int32_t height;
    dspv_block_hash block;
    uint8_t signature[96];
    dspv_signer signer;
} dspv_chainlock;

/* The best verified ChainLock. False: none is verified yet. */
DSPV_API bool dspv_best_chainlock(const dspv *c, dspv_chainlock *out);

typedef enum {
    DSPV_BLOCK_UNKNOWN,       /* no such header */
    DSPV_BLOCK_LOCKED,        /* on the best chain, at or below the best verified ChainLock: final */
    DSPV_BLOCK_NOT_YET,       /* on the best chain, above it */
    DSPV_BLOCK_NOT_BEST_CHAIN /* on another branch; when that branch leaves the chain below the ChainLock, for good */
} dspv_block_state;

typedef struct {
    dspv_block_state state;
    int32_t height;           /* of the block, -1 */
    int32_t chainlock_height; /* of the best verified ChainLock, -1 */
    bool final;               /* LOCKED, and NOT_BEST_CHAIN for good: no later ChainLock can change the answer */
} dspv_block_answer;

/* Is a block ChainLocked? Returns out->state. */
DSPV_API dspv_block_state dspv_block_chainlocked(dspv *c, const dspv_block_hash *hash, dspv_block_answer *out);
/* The same of the block of the best chain at a height. */
DSPV_API dspv_block_state dspv_height_chainlocked(const dspv *c, int32_t height, dspv_block_answer *out);

/* ---- InstantSend locks */

typedef enum {
    DSPV_LOCK_UNKNOWN, /* no lock of this transaction is known; that says nothing about whether there is one */
    DSPV_LOCK_WAITING, /* one is on disk, and cannot be verified again yet: .fault */
    DSPV_LOCK_VERIFIED /* .raw is the lock; what it locks are its inputs: compare them with the transaction's */
} dspv_lock_state;

typedef struct {
    dspv_lock_state state;
    dspv_fault fault;
    const uint8_t *raw; /* an isdlock message, valid until the next call on the client; NULL: none */
    size_t n;
    dspv_signer signer; /* VERIFIED */
} dspv_lock_answer;

/* The InstantSend lock of a transaction among the last 4096 verified ones. 0 with *out; DSPV_ENOMEM. */
DSPV_API int dspv_transaction_lock(dspv *c, const dspv_tx_hash *txid, dspv_lock_answer *out);

/* ---- locks from elsewhere */

/* Verify the payload of a clsig message. 0: good, and the block is on the best chain; *signer (may be NULL) is who signed.
 * DSPV_EWAITING: *fault says what is missing; also when it is good but its block is not known (NEED_HEADER) or on another branch
 * (NOT_BEST_CHAIN), then with *signer. DSPV_EFAULT: false. DSPV_ENOMEM, DSPV_ESTORE. The client does not take it over. */
DSPV_API int dspv_verify_chainlock(dspv *c, const uint8_t *payload, size_t n, dspv_signer *signer, dspv_fault *fault);

/* Verify the payload of an isdlock message. With the raw transaction (`tx`, may be NULL) its id and inputs must be the lock's
 * too: only then it is conclusive. Without, 0 means no more than that the quorum signed these inputs for this id. Else as above.
 */
DSPV_API int dspv_verify_instantlock(dspv *c, const uint8_t *payload, size_t n, const uint8_t *tx, size_t tx_n,
                                     dspv_signer *signer, dspv_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
