/* What the proven coinbase of each block said about its ChainLock signature; outlives the masternode lists it came with. The
 * four calls are all the resolver (lookup.c) knows of how this is kept: a store on disk goes behind them.
 *
 * A block's coinbase never changes, so nothing is forgotten in a reorganisation: the block at a height is for the header chain
 * to say. */
#ifndef SYNC_SIGNATURES_H
#define SYNC_SIGNATURES_H

#include "base/hash.h"
#include "base/map.h"

enum { SIGNATURES_MOST = 4096 }; /* about 0.6 MB; mainnet looks at a few hundred work blocks per day */

struct signature_record;

struct signatures {
    struct signature_record *records; /* a ring: the oldest makes room */
    size_t n, cap, next;
    struct map by_block;
};

void signatures_init(struct signatures *s, const uint64_t seed[2]);
void signatures_free(struct signatures *s);
/* Keep a proven signature; NULL: proven that there is none. 0 (also when it was kept before) or DSPV_ENOMEM. */
int signatures_put(struct signatures *s, const block_hash *block, const uint8_t *signature);
/* True when the block is known: *present says whether it has a signature, which is then in `out`. */
bool signatures_get(const struct signatures *s, const block_hash *block, uint8_t out[96], bool *present);

#endif
