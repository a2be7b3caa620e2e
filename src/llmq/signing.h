/* Which quorum signs what, and what it signs: selection, sign hash, ChainLocks, InstantSend locks (quorums.md 7). */
#ifndef LLMQ_SIGNING_H
#define LLMQ_SIGNING_H

#include "crypto/bls.h"
#include "evo/quorumset.h"
#include "llmq/network.h"
#include "wire/locks.h"

/* H(type | quorumHash | requestId | message). */
hash256 llmq_sign_hash(uint8_t type, const quorum_hash *quorum, const hash256 *request_id, const uint8_t message[32]);

/* Index in `quorums` (all of one non-rotated type) of the quorum with the smallest H(type | hash | requestId); n > 0. */
size_t llmq_select(struct quorum *const *quorums, size_t n, const hash256 *request_id);
/* quorumIndex of the rotated quorum responsible for the request (quorums.md 7.2). */
int16_t llmq_select_index(const struct llmq_params *p, const hash256 *request_id);

/* The quorum's key, decoded by the commitment's own encoding. 0, or DSPV_EFAULT and *fault (QUORUM_BAD_KEY). */
int quorum_decode_key(const struct commitment *quorum, bls_key *out, dspv_fault *fault);
/* A lock's signature as an item under the key of the given quorum. `scheme` = the scheme in force when it was signed. 0, or
 * DSPV_EFAULT and *fault (LOCK_BAD_SIGNATURE: not a point). */
int chainlock_item(const struct commitment *quorum, const bls_key *key, const struct clsig *lock, enum bls_scheme scheme,
                   struct bls_item *item, dspv_fault *fault);
int instantlock_item(const struct commitment *quorum, const bls_key *key, const struct isdlock *lock, enum bls_scheme scheme,
                     struct bls_item *item, dspv_fault *fault);
/* Null txid, no inputs, repeated inputs: LOCK_TRIVIAL. 0, DSPV_ENOMEM or DSPV_EFAULT. */
int instantlock_check(const struct isdlock *lock, dspv_fault *fault);

#endif
