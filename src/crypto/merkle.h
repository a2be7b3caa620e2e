/* Merkle trees (protocol.md 2.3) and BIP37 partial merkle trees (protocol.md 4.3). Any thread. */
#ifndef CRYPTO_MERKLE_H
#define CRYPTO_MERKLE_H

#include "base/hash.h"

/* Root of `n` leaves, computed in place (`leaves` is overwritten). No leaf: 32 zero bytes; one: the leaf itself.
 * `*mutated` (may be NULL) becomes true when two paired distinct positions hold equal hashes. */
hash256 merkle_root(hash256 *leaves, size_t n, bool *mutated);

/* A CPartialMerkleTree as received. */
struct merkle_proof {
    uint32_t n_transactions;
    const hash256 *hashes;
    uint32_t n_hashes;
    const uint8_t *flags;
    uint32_t n_flag_bytes;
};

/* Walk the proof, which must match exactly one leaf: the first transaction. On success *root is the tree's root and *leaf the
 * matched transaction id. False when the proof is malformed in any way (sizes, unused parts, equal children, other matches). */
bool merkle_proof_check(const struct merkle_proof *proof, hash256 *root, tx_hash *leaf);

#endif
