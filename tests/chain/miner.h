/* Headers made for tests: regtest's limit asks for two tries on average. */
#ifndef TESTS_CHAIN_MINER_H
#define TESTS_CHAIN_MINER_H

#include "chain/headers.h"

struct mined {
    uint8_t raw[80];
    block_hash hash;
};

/* Write `h` with the first nonce from h->nonce up whose hash meets the target of its bits; with `meets` false, misses it. */
struct mined mine_header(struct header h, bool meets);
/* A valid regtest block after `prev`, `time`; blocks with different `salt` differ. */
struct mined mine_after(const block_hash *prev, uint32_t time, uint32_t salt);

#endif
