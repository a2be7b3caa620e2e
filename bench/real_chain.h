/* A header chain by mainnet's rules: DarkGravityWave, so other bits in each block, and a checkpoint every 2000 blocks. Its hashes
 * are made up, as nobody can do that work: headers_add believes the one that it is given. */
#ifndef BENCH_REAL_CHAIN_H
#define BENCH_REAL_CHAIN_H

#include "chain/header.h"
#include "chain/params.h"

struct real_chain {
    struct chain_params params;
    uint8_t *raw;
    block_hash *hashes;
    struct checkpoint *checkpoints;
    int32_t n;
};

void real_chain_make(struct real_chain *c, int32_t n);
void real_chain_free(struct real_chain *c);

static inline uint8_t *real_chain_header(const struct real_chain *c, int32_t height)
{
    return c->raw + (size_t)height * 80;
}

#endif
