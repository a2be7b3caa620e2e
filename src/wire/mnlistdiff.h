/* getmnlistd and mnlistdiff (protocol.md 4.1, 4.2), in the layout of every protocol gate from 70214 on. */
#ifndef WIRE_MNLISTDIFF_H
#define WIRE_MNLISTDIFF_H

#include "base/arena.h"
#include "crypto/merkle.h"
#include "wire/commitment.h"
#include "wire/mnentry.h"
#include "wire/tx.h"

struct quorum_ref {
    uint8_t type;
    quorum_hash hash;
};

/* One entry of quorumsCLSigs: the ChainLock signature of the work block of newQuorums[indexes...]. */
struct quorum_clsig {
    const uint8_t *signature; /* 96 bytes; zeros = none */
    uint16_t *indexes;
    uint32_t n_indexes;
};

/* A decoded mnlistdiff. Arrays live in the arena it was decoded with; other pointers lead into the message. */
struct mnlistdiff {
    int proto;         /* layout: the common protocol version it was decoded for */
    uint16_t version;  /* 0 below 70225 */
    block_hash base;   /* zeros or the genesis hash = from the empty list */
    block_hash block;
    struct merkle_proof proof; /* of the coinbase; no header */
    struct tx coinbase;
    bool has_cbtx; /* false for blocks before DIP0003 */
    struct cbtx cbtx;
    struct span proven; /* proof and coinbase as they travel: what mnlistdiff_read_proof() reads */
    const protx_hash *deleted;
    uint32_t n_deleted;
    struct mnentry *entries;
    uint32_t n_entries;
    struct quorum_ref *deleted_quorums;
    uint32_t n_deleted_quorums;
    struct commitment *new_quorums;
    uint32_t n_new_quorums;
    struct quorum_clsig *clsigs; /* empty below 70230 */
    uint32_t n_clsigs;
    struct span raw;
};

/* Decode at the cursor (a qrinfo holds several). Failures latch in `r`; NO_MEMORY when the arena is exhausted. */
void mnlistdiff_read(struct reader *r, int proto, struct arena *arena, struct mnlistdiff *out);
/* Only proof, coinbase and CbTx, as they are in every layout. */
void mnlistdiff_read_proof(struct reader *r, struct mnlistdiff *out);
/* Decode a whole payload. 0; DSPV_EFAULT and *fault; DSPV_ENOMEM. */
int mnlistdiff_decode(const uint8_t *payload, size_t n, int proto, struct arena *arena, struct mnlistdiff *out, dspv_fault *fault);
/* The newest of the known layouts (70230, 70229, 70228, 70227, 70225, 70214) in which the whole payload decodes; for captures
 * whose protocol is not recorded. Same errors; the fault is the newest layout's. */
int mnlistdiff_decode_any(const uint8_t *payload, size_t n, struct arena *arena, struct mnlistdiff *out, dspv_fault *fault);
/* Encode in the layout of `d->proto`. */
void mnlistdiff_encode(struct writer *w, const struct mnlistdiff *d);
/* The quorumsCLSigs signature of new_quorums[i], or NULL when the message has none. */
const uint8_t *mnlistdiff_clsig_of(const struct mnlistdiff *d, uint32_t i);

struct getmnlistd {
    block_hash base; /* zeros = genesis */
    block_hash block;
};
void getmnlistd_encode(struct writer *w, const struct getmnlistd *m);
int getmnlistd_decode(const uint8_t *payload, size_t n, struct getmnlistd *out, dspv_fault *fault);

#endif
