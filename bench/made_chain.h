/* A generated chain of mainnet's shape, ready to be served (sim/generator.h). */
#ifndef BENCH_MADE_CHAIN_H
#define BENCH_MADE_CHAIN_H

#include "devnode/chain.h"
#include "sim/generator.h"

/* `locks`: with its ChainLocks and InstantSend locks. `counts` may be NULL. devnode_chain_free() */
struct devnode_chain *made_chain(uint64_t seed, int32_t tip, uint32_t masternodes, bool locks, struct gen_counts *counts);
/* The same of any configuration. */
struct devnode_chain *made_chain_of(const struct gen_config *config, bool locks, struct gen_counts *counts);

#endif
