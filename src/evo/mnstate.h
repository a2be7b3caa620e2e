/* Everything a block's coinbase commits to: masternode list, quorum set and best ChainLock signature, proven together.
 * Immutable and reference counted. Built only by mnstate_apply, which enforces protocol.md 4.8. */
#ifndef EVO_MNSTATE_H
#define EVO_MNSTATE_H

#include "chain/params.h"
#include "evo/mnlist.h"
#include "evo/quorumset.h"

struct mnstate {
    uint32_t refs;
    block_hash block;
    int32_t height;
    bool anchored; /* the coinbase proof led to the merkle root of a header that we hold; false only for offline audits */
    hash256 proof_root; /* where the coinbase proof leads: must be the header's merkle root */
    struct mnlist *list;
    struct quorumset *quorums;
    bool has_cbtx;
    struct cbtx cbtx;
    uint8_t *proof; /* proof and coinbase as they came: what the state can be proven with again */
    size_t proof_n;
};

struct mnstate *mnstate_ref(struct mnstate *s);
void mnstate_unref(struct mnstate *s);

/* What the caller knows of the diff's block. */
struct mnstate_block {
    int32_t height;             /* -1: not known, the CbTx's is taken */
    const hash256 *merkle_root; /* of the block's header; NULL: no header at hand */
    struct mnstate *like;       /* another state, with which the new one shares what is equal; NULL: none */
};

/* The state after `d` on `base` (NULL = the empty state before DIP0003; the caller resolved d->base). Checks: coinbase and its
 * proof, CbTx height and version, both roots, quorumsCLSigs indexes. 0 with *out (one reference); DSPV_ENOMEM;
 * DSPV_EFAULT and *fault. Nothing of `base` changes. */
int mnstate_apply(const struct chain_params *params, struct mnstate *base, const struct mnlistdiff *d,
                  const struct mnstate_block *block, struct mnstate **out, dspv_fault *fault);

/* The CbTx version rules of protocol.md 4.6 for a block at cbtx->height. */
bool mnstate_cbtx_version_fits(const struct activations *active, const struct cbtx *cbtx);

/* bestCLSignature of the block's coinbase, or NULL when absent or null. */
const uint8_t *mnstate_chainlock_signature(const struct mnstate *s);

#endif
