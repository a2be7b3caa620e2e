/* A generated chain (sim/generator.h) for engines that follow it block by block, from consecutive diffs. */
#ifndef TESTS_ENGINE_GROWN_H
#define TESTS_ENGINE_GROWN_H

#include "support/data.h"

#include "engine/engine.h"
#include "sim/generator.h"

struct grown {
    struct gen_chain *truth;
    struct devnode_chain *chain;
};

/* A regtest through all eras, with everything that happens to masternodes and quorums; 24 blocks per cycle. */
struct gen_config grown_config(uint64_t seed, int32_t tip);
void grown_open(struct grown *g, const struct gen_config *config);
void grown_close(struct grown *g);
struct engine *grown_engine(const struct grown *g);
void grown_block(const struct grown *g, struct engine *e, int32_t height);
/* The next block with its consecutive diff. A refusal fails the test. */
void grown_step(const struct grown *g, struct engine *e, int32_t height);
/* The same for [from, to], verified after each. */
void grown_follow(const struct grown *g, struct engine *e, int32_t from, int32_t to);
/* The list of a block, from the highest list below it that the engine has; the block must have been fed. */
void grown_list(const struct grown *g, struct engine *e, int32_t height);

#endif
