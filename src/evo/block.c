/* See block.h. Nothing of the block is believed but what the merkle root of our own header commits to. */
#include "evo/block.h"

#include "base/fault.h"
#include "base/mem.h"
#include "crypto/merkle.h"
#include "evo/mnstate.h"
#include "wire/headers.h"

enum { CBTX_TYPE = 5 };

/* Hash every transaction into leaves[], keep the first one. */
static void read_transactions(struct reader *r, uint32_t n, hash256 *leaves, struct tx *first)
{
    for (uint32_t i = 0; reader_ok(r) && i < n; i++) {
        struct tx tx;
        tx_decode(r, &tx);
        if (i == 0)
            *first = tx;
        if (reader_ok(r)) {
            tx_hash id = tx_id(&tx);
            leaves[i] = hash256_from(id.b);
        }
    }
    reader_finish(r);
}

static dspv_reason check_root(hash256 *leaves, uint32_t n, const hash256 *expected)
{
    bool mutated;
    hash256 root = merkle_root(leaves, n, &mutated);
    if (!hash256_eq(&root, expected))
        return DSPV_BLOCK_ROOT;
    return mutated ? DSPV_BLOCK_REPEATS : DSPV_OK; /* CVE-2012-2459 */
}

static dspv_reason check_cbtx(const struct chain_params *params, const struct tx *coinbase, int32_t height, struct cbtx *out)
{
    struct reader r;
    if (!coinbase->is_coinbase || coinbase->type != CBTX_TYPE || !coinbase->payload.p)
        return DSPV_BAD_COINBASE;
    reader_init(&r, coinbase->payload.p, coinbase->payload.n);
    cbtx_decode(&r, out);
    if (!reader_ok(&r))
        return r.fault;
    if (out->height != height)
        return DSPV_CBTX_HEIGHT;
    return mnstate_cbtx_version_fits(&params->active, out) ? DSPV_OK : DSPV_BAD_CBTX_VERSION;
}

int block_prove_coinbase(const struct chain_params *params, const struct header *header, int32_t height, const uint8_t *raw,
                         size_t n, struct cbtx *out, dspv_fault *fault)
{
    struct reader r;
    struct tx coinbase = {0};
    uint8_t ours[HEADER_SIZE];
    reader_init(&r, raw, n);
    if (n > BLOCK_LARGEST)
        reader_fail(&r, DSPV_TOO_LARGE);
    const uint8_t *theirs = reader_bytes(&r, HEADER_SIZE);
    header_write(header, ours);
    if (theirs && memcmp(theirs, ours, HEADER_SIZE) != 0)
        reader_fail(&r, DSPV_BLOCK_NOT_ASKED);
    uint32_t count = reader_count(&r, BLOCK_SMALLEST_TX, BLOCK_LARGEST / BLOCK_SMALLEST_TX);
    if (reader_ok(&r) && count == 0)
        reader_fail(&r, DSPV_BAD_COINBASE);
    hash256 *leaves = reader_ok(&r) ? mem_alloc_array(count, sizeof(*leaves)) : NULL;
    if (reader_ok(&r) && !leaves)
        return DSPV_ENOMEM;
    read_transactions(&r, count, leaves, &coinbase);
    dspv_reason why = reader_ok(&r) ? check_root(leaves, count, &header->merkle_root) : r.fault;
    if (why == DSPV_OK)
        why = check_cbtx(params, &coinbase, height, out);
    mem_free(leaves);
    if (why == DSPV_OK)
        return 0;
    *fault = fault_at_height(why, height);
    fault->offset = reader_ok(&r) ? 0 : r.fault_offset;
    return DSPV_EFAULT;
}
