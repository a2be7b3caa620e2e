/* Heights and ChainLock signatures of blocks, from what is proven; and look-ups: questions to a source that the user named
 * besides the peers (a Dash Core RPC), whose answers are verified like anything else (hybrid-sync.md 3). Without config.lookups
 * nothing is ever asked. A silent source changes nothing: what is not known stays not known. */
#ifndef SYNC_LOOKUP_H
#define SYNC_LOOKUP_H

#include "dashspv/dashspv.h"
#include "evo/mnstate.h"
#include "sync/signatures.h"

enum {
    LOOKUP_MOST = 16,                 /* wanted at a time */
    LOOKUP_PARALLEL = 2,              /* of these with the source */
    LOOKUP_ATTEMPTS = 2,
    LOOKUP_BACKOFF_MS = 1000,         /* before the second one */
    LOOKUP_REST_MS = 60000,           /* until a block that could not be had is asked for again */
    LOOKUP_MOST_RESTING = 64,
    LOOKUP_CHAINLOCK_QUIET_MS = 60000 /* synced, and so long no ChainLock was verified: ask the source for the best one */
};

struct lookup_item {
    dspv_lookup_kind kind;
    block_hash block; /* zeros: the best ChainLock */
    int32_t height;   /* of the block, or -1 */
    uint64_t id;      /* of the attempt that is out; 0: none is */
    unsigned attempts;
    dspv_ms when;     /* out: since; else not before */
};

struct lookup {
    struct signatures known;
    struct lookup_item items[LOOKUP_MOST];
    size_t n;
    uint64_t last_id;
    struct {
        block_hash block;
        dspv_ms until;
    } resting[LOOKUP_MOST_RESTING]; /* a ring */
    size_t next_resting;
    bool source_failed;   /* and the user was told */
    uint32_t chainlocks;  /* verified when quiet_since was set */
    dspv_ms quiet_since;  /* the last ChainLock was verified or asked for; 0: not synced yet */
};

struct dspv;

void lookup_init(struct dspv *c);
void lookup_free(struct dspv *c);
/* A list was proven: keep what its coinbase says about the ChainLock signature. 0 or DSPV_ENOMEM. */
int lookup_learn(struct dspv *c, const struct mnstate *s);
/* Timeouts, what came otherwise meanwhile, whether a ChainLock is to be asked for. 0 or DSPV_ENOMEM. */
int lookup_advance(struct dspv *c);
dspv_ms lookup_deadline(const struct dspv *c);
/* The next question, if one may be asked now. */
bool lookup_next(struct dspv *c, dspv_out *out);

#endif
