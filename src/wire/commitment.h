/* CFinalCommitment: a mined quorum's final commitment (protocol.md 5, quorums.md 5.1). */
#ifndef WIRE_COMMITMENT_H
#define WIRE_COMMITMENT_H

#include "base/arena.h"
#include "base/reader.h"
#include "base/writer.h"

enum { COMMITMENT_MAX_BITS = 512, COMMITMENT_MIN_SIZE = 2 + 1 + 32 + 1 + 1 + 48 + 32 + 96 + 96 };

/* A decoded commitment. All pointers lead into the bytes it was decoded from. */
struct commitment {
    uint16_t version; /* 1 legacy, 2 legacy indexed, 3 basic, 4 basic indexed */
    uint8_t type;     /* LLMQ type, may be unknown to this network */
    quorum_hash hash;
    int16_t index; /* 0 unless version 2 or 4 */
    struct bitspan signers, valid_members;
    const uint8_t *public_key;  /* 48 bytes */
    const uint8_t *vvec_hash;   /* 32 */
    const uint8_t *quorum_sig;  /* 96 */
    const uint8_t *members_sig; /* 96 */
    struct span raw;            /* all of it; its double SHA-256 is the leaf of merkleRootQuorums */
};

/* Decode one; failures latch in `r` (BAD_COMMITMENT_VERSION, TRUNCATED, TOO_MANY, BITSET_PADDING). */
void commitment_decode(struct reader *r, struct commitment *out);
void commitment_encode(struct writer *w, const struct commitment *c);

static inline bool commitment_is_legacy(const struct commitment *c) { return c->version <= 2; }
static inline bool commitment_is_indexed(const struct commitment *c) { return c->version == 2 || c->version == 4; }
/* No bits set and null keys and signatures: may exist in blocks, never in a quorum set. */
bool commitment_is_null(const struct commitment *c);
/* The leaf of merkleRootQuorums. */
hash256 commitment_leaf(const struct commitment *c);
/* What quorumSig and membersSig sign (quorums.md 5.3). */
hash256 commitment_message(const struct commitment *c);

#endif
