/* A recorded chain of tests/fixtures, loaded: its network, blocks and decoded consecutive diffs (format: devnode/README.md). */
#ifndef TESTS_EVO_FIXTURE_CHAIN_H
#define TESTS_EVO_FIXTURE_CHAIN_H

#include "support/data.h"

#include "llmq/network.h"
#include "wire/mnlistdiff.h"

struct fixture_chain {
    struct network net;
    struct arena arena;
    struct bytes headers, payloads;
    int32_t tip;
    int32_t first;             /* lowest block with a CbTx: extaddr grew on blocks from before DIP0003 */
    block_hash *hashes;        /* by height, from 0 */
    hash256 *merkle_roots;     /* by height */
    struct mnlistdiff *diffs;  /* diffs[h] leads from block h - 1 to block h; diffs[0] is unused */
};

/* `folder`: "churn", "eras" or "extaddr". Needs no data folder. */
void fixture_chain_open(struct fixture_chain *c, const char *folder);
void fixture_chain_close(struct fixture_chain *c);
/* "folder/file" as a static buffer. */
const char *fixture_file(const char *folder, const char *file);
/* Height of a block; -1 for none of the chain's. */
int32_t fixture_chain_height(const struct fixture_chain *c, const uint8_t hash[32]);

#endif
