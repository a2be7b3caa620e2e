/* Recorded chains of tests/fixtures for cmocka programs. */
#ifndef DEVNODE_FIXTURE_H
#define DEVNODE_FIXTURE_H

#include "devnode/chain.h"

/* A fixture as a chain; loaded once, for the life of the program. Fails the test when it cannot be loaded. */
const struct devnode_chain *fixture_chain(const char *name);

#endif
