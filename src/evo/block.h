/* A whole block as a proof of its coinbase (protocol.md 2.3, 4.6): what a diff proves with a merkle branch, this proves with all
 * transactions. */
#ifndef EVO_BLOCK_H
#define EVO_BLOCK_H

#include "chain/header.h"
#include "chain/params.h"
#include "wire/tx.h"

enum {
    BLOCK_LARGEST = 4 << 20,              /* bytes; consensus allows 2 000 000 */
    BLOCK_SMALLEST_TX = 2 + 2 + 1 + 1 + 4 /* version, type, no inputs, no outputs, lock time */
};

/* The CbTx of block `raw`, which must be the one with this header (ours, with its work checked) at this height. 0 with *out;
 * DSPV_ENOMEM; DSPV_EFAULT: another block, other transactions than the header's merkle root commits to, or no lawful CbTx. */
int block_prove_coinbase(const struct chain_params *params, const struct header *header, int32_t height, const uint8_t *raw,
                         size_t n, struct cbtx *out, dspv_fault *fault);

#endif
