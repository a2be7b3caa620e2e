/* From a diff to a proven state. Every check of protocol.md 4.8 that needs only the diff, its base and the block is here; the
 * ones that need heights of quorum blocks are in llmq/verify. Read next: engine/engine.c. */
#include "evo/mnstate.h"

#include "base/fault.h"
#include "base/mem.h"
#include "crypto/merkle.h"

struct mnstate *mnstate_ref(struct mnstate *s)
{
    s->refs++;
    return s;
}

void mnstate_unref(struct mnstate *s)
{
    if (!s || --s->refs != 0)
        return;
    mnlist_unref(s->list);
    quorumset_unref(s->quorums);
    mem_free(s->proof);
    mem_free(s);
}

static int refuse(dspv_fault *fault, dspv_reason reason, const struct mnlistdiff *d, int32_t height)
{
    *fault = fault_about(reason, d->block.b, height);
    return DSPV_EFAULT;
}

bool mnstate_cbtx_version_fits(const struct activations *active, const struct cbtx *cbtx)
{
    if ((cbtx->version == 3) != (cbtx->height >= active->v20))
        return false;
    return cbtx->version != 1 || cbtx->height <= active->dip0008;
}

/* Protocol.md 4.3 and 4.8 steps 4 and 5. */
static int check_coinbase(const struct chain_params *params, const struct mnlistdiff *d, const struct mnstate_block *block,
                          struct mnstate *s, dspv_fault *fault)
{
    if (!d->has_cbtx || !d->coinbase.is_coinbase)
        return refuse(fault, DSPV_BAD_COINBASE, d, block->height);
    s->has_cbtx = true;
    s->cbtx = d->cbtx;
    s->height = d->cbtx.height;
    if (s->height < params->active.dip0003 || (block->height >= 0 && block->height != s->height))
        return refuse(fault, DSPV_CBTX_HEIGHT, d, block->height);
    if (!mnstate_cbtx_version_fits(&params->active, &d->cbtx))
        return refuse(fault, DSPV_BAD_CBTX_VERSION, d, s->height);
    tx_hash leaf, txid = tx_id(&d->coinbase);
    if (!merkle_proof_check(&d->proof, &s->proof_root, &leaf))
        return refuse(fault, DSPV_PROOF_MALFORMED, d, s->height);
    if (!tx_hash_eq(&leaf, &txid))
        return refuse(fault, DSPV_PROOF_NOT_COINBASE, d, s->height);
    if (block->merkle_root && !hash256_eq(block->merkle_root, &s->proof_root))
        return refuse(fault, DSPV_PROOF_WRONG_ROOT, d, s->height);
    s->anchored = block->merkle_root != NULL;
    return 0;
}

/* Protocol.md 4.8 step 10, quorums.md 4.1: every index of newQuorums exactly once when there are any. */
static int check_clsig_indexes(const struct mnlistdiff *d, dspv_fault *fault)
{
    if (d->n_clsigs == 0)
        return 0;
    bool *used = mem_zalloc(d->n_new_quorums);
    if (!used)
        return DSPV_ENOMEM;
    uint32_t total = 0;
    bool good = true;
    for (uint32_t i = 0; good && i < d->n_clsigs; i++)
        for (uint32_t k = 0; good && k < d->clsigs[i].n_indexes; k++, total++) {
            uint16_t index = d->clsigs[i].indexes[k];
            good = index < d->n_new_quorums && !used[index];
            if (good)
                used[index] = true;
        }
    mem_free(used);
    return good && total == d->n_new_quorums ? 0 : refuse(fault, DSPV_CLSIG_INDEX, d, d->cbtx.height);
}

static int check_roots(const struct mnlistdiff *d, struct mnstate *s, dspv_fault *fault)
{
    hash256 root = mnlist_root(s->list);
    if (!hash256_eq(&root, &s->cbtx.mn_root))
        return refuse(fault, DSPV_MN_ROOT_MISMATCH, d, s->height);
    if (s->cbtx.version < 2)
        return 0;
    root = quorumset_root(s->quorums);
    if (!hash256_eq(&root, &s->cbtx.quorum_root))
        return refuse(fault, DSPV_QUORUM_ROOT_MISMATCH, d, s->height);
    return 0;
}

static int keep_proof(struct mnstate *s, struct span proven)
{
    s->proof = mem_alloc(proven.n);
    if (!s->proof)
        return DSPV_ENOMEM;
    s->proof_n = proven.n;
    if (proven.n > 0)
        memcpy(s->proof, proven.p, proven.n);
    return 0;
}

int mnstate_apply(const struct chain_params *params, struct mnstate *base, const struct mnlistdiff *d,
                  const struct mnstate_block *block, struct mnstate **out, dspv_fault *fault)
{
    struct mnstate *s = mem_zalloc(sizeof(*s));
    if (!s)
        return DSPV_ENOMEM;
    s->refs = 1;
    s->block = d->block;
    int error = check_coinbase(params, d, block, s, fault);
    if (error == 0 && base && base->height > s->height)
        error = refuse(fault, DSPV_BASE_ABOVE_TARGET, d, s->height);
    if (error == 0)
        error = check_clsig_indexes(d, fault);
    if (error == 0)
        error = mnlist_apply(base ? base->list : NULL, block->like ? block->like->list : NULL, d, &s->list, fault);
    if (error == 0)
        error = quorumset_apply(base ? base->quorums : NULL, block->like ? block->like->quorums : NULL, d, &s->quorums, fault);
    if (error == 0)
        error = check_roots(d, s, fault);
    if (error == 0)
        error = keep_proof(s, d->proven);
    if (error != 0)
        mnstate_unref(s);
    else
        *out = s;
    return error;
}

const uint8_t *mnstate_chainlock_signature(const struct mnstate *s)
{
    return s->has_cbtx && cbtx_has_chainlock(&s->cbtx) ? s->cbtx.best_cl_signature : NULL;
}
