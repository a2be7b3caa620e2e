/* Transactions as far as a light client meets them, and the coinbase's CbTx payload (protocol.md 7.1, 4.6). */
#ifndef WIRE_TX_H
#define WIRE_TX_H

#include "base/reader.h"
#include "base/writer.h"

struct tx {
    uint16_t version, type; /* type 5 = CbTx */
    bool is_coinbase;       /* one input with a null prevout */
    struct span inputs;     /* the inputs from the first one on, undecoded */
    uint32_t n_inputs;
    struct span payload; /* vExtraPayload */
    struct span raw;     /* all of it; its double SHA-256 is the txid */
};

/* Decode one transaction; failures latch in `r`. */
void tx_decode(struct reader *r, struct tx *out);
tx_hash tx_id(const struct tx *tx);

struct cbtx {
    uint16_t version; /* 1, 2 or 3 */
    int32_t height;
    hash256 mn_root;
    hash256 quorum_root;           /* version >= 2 */
    uint32_t best_cl_height_diff;  /* version >= 3: the lock is for height - 1 - diff */
    uint8_t best_cl_signature[96]; /* version >= 3; zeros = none */
    int64_t credit_pool;           /* version >= 3 */
};

/* Decode a CbTx payload, which must be consumed exactly; failures latch in `r` (BAD_CBTX_VERSION, ...). */
void cbtx_decode(struct reader *r, struct cbtx *out);
void cbtx_encode(struct writer *w, const struct cbtx *c);
/* True when the CbTx carries a non-null best ChainLock signature. */
bool cbtx_has_chainlock(const struct cbtx *c);

#endif
