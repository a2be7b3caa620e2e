/* The masternode-list engine without a network: for apps that bring their own connection.
 *
 * Feed it blocks and the payloads of mnlistdiff and qrinfo messages; it proves every list against its coinbase, computes quorum
 * members, verifies both signatures of every commitment, and says what is missing. All hashes are in internal (= wire) byte
 * order. One engine belongs to one thread at a time. Nothing is ever good because it is missing: see dspv_quorum_status. */
#ifndef DASHSPV_ENGINE_H
#define DASHSPV_ENGINE_H

#include "dashspv/dashspv.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dspv_engine dspv_engine;

/* A new engine for a network (copied). `seed`: 32 unpredictable bytes (hash tables, batch weights). 0 or DSPV_ENOMEM. */
DSPV_API int dspv_engine_new(dspv_engine **out, const dspv_network *net, const uint8_t seed[32]);
DSPV_API void dspv_engine_free(dspv_engine *e);

/* A block of the best chain with the merkle root of its header, 32 bytes (the caller checked proof of work and links; the root
 * may be NULL for a block whose list is not wanted). 0; DSPV_ENOMEM; DSPV_EMISUSE: another block of that height was fed. */
DSPV_API int dspv_engine_feed_block_height(dspv_engine *e, const dspv_block_hash *hash, int32_t height,
                                           const uint8_t *merkle_root);
/* Height of a fed block, -1 when unknown. */
DSPV_API int32_t dspv_engine_block_height(const dspv_engine *e, const dspv_block_hash *hash);
/* A claimed best ChainLock signature (96 bytes) of a block, for cross-checking only. 0; DSPV_EFAULT and *fault when the proven
 * coinbase says otherwise. */
DSPV_API int dspv_engine_feed_chain_lock_sig(dspv_engine *e, const dspv_block_hash *block, const uint8_t *signature,
                                             dspv_fault *fault);

/* The block hashes in a message whose heights should be fed before it (protocol = common protocol version of the connection).
 * Copies up to `most` hashes to `out` and returns how many there are, or a negative dspv_error (*fault set for DSPV_EFAULT). */
DSPV_API int dspv_engine_diff_hashes(const uint8_t *payload, size_t n, int protocol, dspv_block_hash *out, size_t most,
                                     dspv_fault *fault);
DSPV_API int dspv_engine_qr_info_hashes(const uint8_t *payload, size_t n, int protocol, dspv_block_hash *out, size_t most,
                                        dspv_fault *fault);

/* Apply the payload of an mnlistdiff. 0; DSPV_EWAITING and *fault (UNKNOWN_BASE, NEED_HEADER): feed that and try again;
 * DSPV_EFAULT and *fault: the message is false, nothing changed; DSPV_ENOMEM. */
DSPV_API int dspv_engine_apply_diff(dspv_engine *e, const uint8_t *payload, size_t n, int protocol, dspv_fault *fault);
/* Take in the payload of a qrinfo. As above; lists proven before a failure stay. */
DSPV_API int dspv_engine_feed_qr_info(dspv_engine *e, const uint8_t *payload, size_t n, int protocol, dspv_fault *fault);

/* Forget every block above `height` and what was computed from it (reorganisation). */
DSPV_API void dspv_engine_rollback(dspv_engine *e, int32_t height);
/* Forget what can no longer matter, so that following the chain for weeks takes no more memory than for hours; call it after each
 * tip whose list was applied, while no answer is awaited that builds on an older list. `settled_height`: the highest ChainLocked
 * block, -1 = none. Whatever happens above it, or in the last 288 blocks, is as if nothing had been forgotten; the rotation goes
 * on without a new qrinfo. Blocks, lists and quorums of older times are unknown again. */
DSPV_API void dspv_engine_prune(dspv_engine *e, int32_t tip_height, int32_t settled_height);
/* Bytes the engine holds, about. */
DSPV_API size_t dspv_engine_memory(const dspv_engine *e);

/* Check the signatures of everything that has its data (blocking; for a mainnet list some 100 ms). 0 or DSPV_ENOMEM. */
DSPV_API int dspv_engine_verify(dspv_engine *e);
/* The same, and tell whether every quorum of the given types (n_types 0 = all) in the list at `height` is verified: 0;
 * DSPV_EWAITING or DSPV_EFAULT and the first fault; DSPV_ENOMEM. */
DSPV_API int dspv_engine_verify_masternode_list_quorums(dspv_engine *e, int32_t height, const uint8_t *types, size_t n_types,
                                                        dspv_fault *fault);

typedef enum {
    DSPV_QUORUM_UNKNOWN,  /* the engine never met it */
    DSPV_QUORUM_WAITING,  /* `fault` names what is missing */
    DSPV_QUORUM_VERIFIED, /* members computed from proven lists, both signatures verified */
    DSPV_QUORUM_INVALID,  /* `fault` says why */
    DSPV_QUORUM_RETIRED   /* verified, but no longer in the latest list's active set */
} dspv_quorum_status;

typedef struct {
    uint8_t llmq_type;
    dspv_quorum_hash hash;
    int16_t index;
    uint16_t version;
    int32_t base_height;        /* -1 unknown */
    bool committed;             /* under a proven merkleRootQuorums */
    dspv_quorum_status status;
    dspv_fault fault;
    uint8_t public_key[48];     /* basic encoding; set only for verified and retired quorums, else zeros */
    uint32_t n_members, n_signers, n_valid_members;
} dspv_quorum;

typedef struct {
    int32_t height;
    dspv_block_hash block;
    uint32_t masternodes, masternodes_valid, masternodes_evo, quorums;
    uint8_t merkle_root_mn_list[32], merkle_root_quorums[32];
    bool has_chainlock_signature;
} dspv_list;

/* Proven lists, ascending by height. */
DSPV_API size_t dspv_engine_list_count(const dspv_engine *e);
DSPV_API void dspv_engine_list_at(const dspv_engine *e, size_t i, dspv_list *out);
/* Quorums met, ascending by (type, hash). */
DSPV_API size_t dspv_engine_quorum_count(const dspv_engine *e);
DSPV_API void dspv_engine_quorum_at(const dspv_engine *e, size_t i, dspv_quorum *out);
/* One quorum; the status is DSPV_QUORUM_UNKNOWN when the engine never met it. */
DSPV_API dspv_quorum_status dspv_engine_quorum(const dspv_engine *e, uint8_t llmq_type, const dspv_quorum_hash *hash,
                                               dspv_quorum *out);
/* proTxHash of member i (member order) of a quorum whose members are computed; false otherwise. */
DSPV_API bool dspv_engine_quorum_member(const dspv_engine *e, uint8_t llmq_type, const dspv_quorum_hash *hash, uint32_t i,
                                        dspv_protx_hash *out);
/* Hashes of the rotated (or non-rotated) quorums of the latest list: copies up to `most`, returns how many there are. */
DSPV_API size_t dspv_engine_latest_rotating_quorum_hashes(const dspv_engine *e, dspv_quorum_hash *out, size_t most);
DSPV_API size_t dspv_engine_latest_non_rotating_quorum_hashes(const dspv_engine *e, dspv_quorum_hash *out, size_t most);

typedef enum { DSPV_NEED_KIND_HEADER, DSPV_NEED_KIND_LIST, DSPV_NEED_KIND_SNAPSHOT } dspv_need_kind;
typedef struct {
    dspv_need_kind kind;
    int32_t height;        /* of the list's block or the cycle base; -1 for a header */
    dspv_block_hash block; /* header: the hash; list: the block when known, else zeros */
    uint8_t llmq_type;     /* the first quorum that wants it, and how many do */
    dspv_quorum_hash quorum;
    uint32_t wanted_by;
} dspv_need;

/* What the quorums wanted at the list of `tip_height` lack. Copies up to `most` and returns how many there are, or DSPV_EMISUSE
 * when there is no such list, or DSPV_ENOMEM. *requires_qr_info (may be NULL): some snapshot is missing. */
DSPV_API int dspv_engine_discover(const dspv_engine *e, int32_t tip_height, dspv_need *out, size_t most, bool *requires_qr_info);

/* Verify the payload of a clsig or isdlock. 0 and *signer (may be NULL); DSPV_EWAITING and *fault: what is missing; DSPV_EFAULT:
 * the lock is false or malformed; DSPV_ENOMEM. */
DSPV_API int dspv_engine_verify_chain_lock(dspv_engine *e, const uint8_t *payload, size_t n, dspv_quorum *signer,
                                           dspv_fault *fault);
DSPV_API int dspv_engine_verify_instant_lock(dspv_engine *e, const uint8_t *payload, size_t n, int32_t tip_height,
                                             dspv_quorum *signer, dspv_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
