/* Why something was refused, or what it still waits for. Data, not text: every verdict the library gives carries one of
 * these; dspv_reason_name() and dspv_reason_text() turn it into a stable identifier and a sentence. */
#ifndef DASHSPV_REASON_H
#define DASHSPV_REASON_H

/* X(IDENTIFIER, sentence). Order is part of the ABI: append within a group only before a release. */
#define DSPV_REASONS(X)                                                                                                          \
    X(OK, "nothing is wrong")                                                                                                    \
    /* bytes that are not a well-formed message */                                                                               \
    X(TRUNCATED, "the message ends in the middle of a field")                                                                    \
    X(TRAILING_BYTES, "bytes are left over after the message")                                                                   \
    X(COMPACT_SIZE, "a CompactSize is not minimal or too large")                                                                 \
    X(TOO_MANY, "a count exceeds what the protocol allows or the message can hold")                                              \
    X(BITSET_PADDING, "a bitset has padding bits set")                                                                           \
    X(BAD_BOOLEAN, "a boolean is neither 0 nor 1")                                                                               \
    X(BAD_MAGIC, "the message header carries another network's magic")                                                           \
    X(BAD_COMMAND, "the command is not zero-padded ASCII")                                                                       \
    X(BAD_CHECKSUM, "the payload does not match its checksum")                                                                   \
    X(TOO_LARGE, "the message is larger than its kind may be")                                                                   \
    X(BAD_USER_AGENT, "the user agent is longer than 256 bytes")                                                                 \
    X(BAD_ADDRESS, "a network address has a wrong length for its kind")                                                          \
    X(BAD_DIFF_VERSION, "the mnlistdiff version is unknown")                                                                     \
    X(BAD_ENTRY_VERSION, "a masternode entry's version is not 1, 2 or 3")                                                        \
    X(BAD_ENTRY_TYPE, "a masternode entry's type is neither regular nor Evo")                                                    \
    X(BAD_NET_INFO, "a masternode entry's network information is malformed")                                                     \
    X(BAD_TRANSACTION, "a transaction is malformed")                                                                             \
    X(BAD_COINBASE, "the transaction is not a coinbase with a CbTx payload")                                                     \
    X(BAD_CBTX_VERSION, "the CbTx version does not fit its height")                                                              \
    X(BAD_COMMITMENT_VERSION, "a commitment's version is not 1, 2, 3 or 4")                                                      \
    X(SNAPSHOT_LISTS_DIFFER, "quorumSnapshotList and mnListDiffList differ in length")                                           \
    X(BAD_SNAPSHOT_MODE, "a quorum snapshot has an unknown skip-list mode")                                                      \
    X(BAD_COMPRESSED_HEADER, "a compressed header refers to something it cannot")                                                \
    X(HEADER_HAS_TRANSACTIONS, "a headers entry claims transactions")                                                            \
    X(BAD_LOCK_VERSION, "an InstantSend lock's version is unknown")                                                              \
    /* block headers (protocol.md 1.3) */                                                                                        \
    X(BAD_TARGET, "nBits encodes no acceptable target")                                                                          \
    X(HIGH_HASH, "the proof of work does not meet the target")                                                                   \
    X(BAD_DIFFBITS, "nBits is not the required difficulty")                                                                      \
    X(TIME_TOO_OLD, "the time is not after the median of the previous 11 blocks")                                                \
    X(TIME_TOO_NEW, "the time is more than two hours ahead")                                                                     \
    X(BAD_VERSION, "the block version is too low for its height")                                                                \
    X(PREV_UNKNOWN, "the previous block is not known")                                                                           \
    X(PREV_INVALID, "the previous block is invalid")                                                                             \
    X(CHECKPOINT_MISMATCH, "the block differs from the checkpoint at its height")                                                \
    X(FORK_BEFORE_CHECKPOINT, "the block forks off before the last checkpoint")                                                  \
    X(DEVNET_GENESIS, "block 1 is not this devnet's")                                                                            \
    X(CHAINLOCK_CONFLICT, "the block conflicts with a ChainLock")                                                                \
    X(NOT_CONTINUOUS, "the headers of one message do not follow each other")                                                     \
    X(LOW_WORK, "the chain has too little work")                                                                                 \
    X(FORK_TOO_DEEP, "the block forks off too far below the tip")                                                                \
    X(CHAIN_TOO_LONG, "the chain has more blocks than there can be by now")                                                      \
    /* masternode list diffs (protocol.md 4.8) */                                                                                \
    X(UNREQUESTED, "nobody asked for this")                                                                                      \
    X(UNKNOWN_BASE, "the base list of the diff is not known")                                                                    \
    X(UNKNOWN_BLOCK, "the block is not known")                                                                                   \
    X(BASE_ABOVE_TARGET, "the base block is above the target block")                                                             \
    X(CBTX_HEIGHT, "the CbTx names another height than its block has")                                                           \
    X(PROOF_MALFORMED, "the coinbase merkle proof is malformed")                                                                 \
    X(PROOF_NOT_COINBASE, "the merkle proof does not prove the coinbase transaction")                                            \
    X(PROOF_WRONG_ROOT, "the merkle proof does not lead to the header's merkle root")                                            \
    X(DELETED_NOT_PRESENT, "a deleted masternode was not in the list")                                                           \
    X(DUPLICATE_ENTRY, "a masternode occurs twice in the diff")                                                                  \
    X(MN_ROOT_MISMATCH, "the masternode list does not have the root the coinbase commits to")                                    \
    X(DELETED_QUORUM_NOT_PRESENT, "a deleted quorum was not in the set")                                                         \
    X(DUPLICATE_QUORUM, "a quorum is added twice")                                                                               \
    X(QUORUM_ROOT_MISMATCH, "the quorum set does not have the root the coinbase commits to")                                     \
    X(CLSIG_INDEX, "quorumsCLSigs indexes are out of range, repeated or missing")                                                \
    X(CLSIG_MISMATCH, "a quorumsCLSigs signature differs from the proven coinbase")                                              \
    X(LIST_CONFLICT, "another list is already proven for this block")                                                            \
    /* quorums (quorums.md 5.2) */                                                                                               \
    X(QUORUM_TYPE_UNKNOWN, "the quorum type does not exist on this network")                                                     \
    X(QUORUM_TYPE_DISABLED, "the quorum type was not enabled at its height")                                                     \
    X(QUORUM_VERSION, "the commitment version does not fit its height and type")                                                 \
    X(QUORUM_HEIGHT, "the quorum's base block is not at a height of its kind")                                                   \
    X(QUORUM_INDEX, "the quorum index does not fit the base block")                                                              \
    X(QUORUM_BITSET_SIZE, "a bitset has not the size of the quorum")                                                             \
    X(QUORUM_FEW_SIGNERS, "too few signers")                                                                                     \
    X(QUORUM_FEW_VALID_MEMBERS, "too few valid members")                                                                         \
    X(QUORUM_EXTRA_BITS, "bits are set beyond the quorum's members")                                                             \
    X(QUORUM_NULL, "the commitment is null")                                                                                     \
    X(QUORUM_BAD_KEY, "the quorum public key is not a valid point")                                                              \
    X(QUORUM_BAD_SIGNATURE, "a quorum signature is not a valid point")                                                           \
    X(QUORUM_NULL_VVEC, "the verification vector hash is null")                                                                  \
    X(QUORUM_BAD_OPERATOR_KEY, "a signing member's operator key is not a valid point")                                           \
    X(QUORUM_SIG_INVALID, "quorumSig does not verify")                                                                           \
    X(MEMBERS_SIG_INVALID, "membersSig does not verify")                                                                         \
    X(QUORUM_NOT_COMMITTED, "no proven quorum set contains the commitment")                                                      \
    X(QUORUM_NOT_ACTIVE, "the quorum was not active at that height")                                                             \
    X(COMMITMENT_CONFLICT, "another commitment with the same type and hash is already known")                                    \
    X(SNAPSHOT_TOO_SHORT, "the snapshot has fewer bits than eligible masternodes")                                               \
    X(SNAPSHOT_SIZE, "the snapshot's bit count is not the size of the list")                                                     \
    X(SNAPSHOT_MISMATCH, "the snapshot differs from the one computed from the lists")                                            \
    /* what a quorum or lock waits for */                                                                                        \
    X(NEED_HEADER, "the header of the block is not known yet")                                                                   \
    X(NEED_LIST, "the masternode list at the work block is missing")                                                             \
    X(NEED_SNAPSHOT, "the quorum snapshot of the cycle is missing")                                                              \
    X(NEED_BASE_HEIGHT, "the height of the quorum's base block is not known")                                                    \
    X(NEED_VERIFICATION, "the signatures are not checked yet")                                                                   \
    X(NEED_QUORUM, "the signing quorum is not verified yet")                                                                     \
    X(NEED_QUORUM_SET, "the quorum set at the signing height is not known")                                                      \
    X(NEED_TIP, "the signing height is above the known chain")                                                                   \
    /* ChainLocks and InstantSend locks (quorums.md 7) */                                                                        \
    X(LOCK_BAD_SIGNATURE, "the lock's signature does not verify")                                                                \
    X(LOCK_BAD_HEIGHT, "the ChainLock names another height than its block has")                                                  \
    X(LOCK_NO_QUORUM, "no quorum is responsible for the lock")                                                                   \
    X(LOCK_TRIVIAL, "the lock has a null transaction id or no or repeated inputs")                                               \
    X(LOCK_CYCLE, "the lock's cycle hash is not at the start of a cycle")                                                        \
    X(LOCK_UNSEEN, "no lock of the transaction is known")                                                                        \
    X(LOCK_TRANSACTION, "the lock is for another transaction or for other inputs")                                               \
    X(LOCK_OLD, "a better ChainLock is already known")                                                                           \
    /* peers */                                                                                                                  \
    X(PEER_TIMEOUT, "the peer did not answer in time")                                                                           \
    X(PEER_CLOSED, "the peer closed the connection")                                                                             \
    X(PEER_VERSION, "the peer's protocol version is too old")                                                                    \
    X(PEER_SERVICES, "the peer does not offer the services needed")                                                              \
    X(PEER_SELF, "the connection leads back to ourselves")                                                                       \
    X(PEER_HANDSHAKE, "the peer broke the handshake")                                                                            \
    X(PEER_DEVNET, "the peer belongs to another devnet")                                                                         \
    X(PEER_MISBEHAVED, "the peer collected too many misbehaviour points")                                                        \
    X(NOT_BEST_CHAIN, "the block is not on the best chain")                                                                      \
    X(PEER_FLOODS, "the peer sends more than is answered")                                                                       \
    X(PEER_BOASTS, "the peers claim more blocks than they tell")                                                                 \
    X(PEER_TRIED, "the address was only tried: it works")                                                                        \
    X(PEER_SPARE, "others tell new blocks earlier")                                                                              \
    X(PEER_BEHIND, "the peer does not follow the best chain")                                                                    \
    /* look-ups */                                                                                                               \
    X(LOOKUP_EMPTY, "the look-up source has nothing to say")                                                                     \
    X(LOOKUP_TIMEOUT, "the look-up source did not answer in time")                                                               \
    X(BLOCK_NOT_ASKED, "the block is not the one that was asked for")                                                            \
    X(BLOCK_ROOT, "the block's transactions do not lead to its header's merkle root")                                            \
    X(BLOCK_REPEATS, "the block repeats transactions in a way that leaves its merkle root as it was")                            \
    /* the store */                                                                                                              \
    X(OTHER_NETWORK, "the store belongs to another network")                                                                     \
    X(NEWER_RECORDS, "the store was written by a newer version of this library")                                                 \
    X(NO_MEMORY, "out of memory")

typedef enum {
#define DSPV_REASON_ENUM(name, text) DSPV_##name,
    DSPV_REASONS(DSPV_REASON_ENUM)
#undef DSPV_REASON_ENUM
        DSPV_REASON_COUNT
} dspv_reason;

#endif
