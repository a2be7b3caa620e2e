/* Branches of a recorded chain, made of headers only. */
#ifndef TESTS_SYNC_HEADER_BRANCH_H
#define TESTS_SYNC_HEADER_BRANCH_H

#include "support/data.h"

#include "devnode/fixture.h"

/* A chain, or the recorded one ("churn"), up to `last`; its blocks from `first` on are mined again, with other nonces, and more
 * are mined on top: a branch without lists. */
struct devnode_chain branch_of(const struct devnode_chain *from, int32_t first, int32_t last, uint32_t nonce);
struct devnode_chain branch(int32_t first, int32_t last, uint32_t nonce);
void branch_free(struct devnode_chain *c);
/* The same as the end of a group of tests, whose state it is. */
int branch_drop(void **state);

#endif
