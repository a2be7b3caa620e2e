/* `dashspv sync`: follow the network through the nodes that --connect names. `dashspv plan`: the same until it is synced, showing
 * the plans. */
#ifndef CLI_SYNC_H
#define CLI_SYNC_H

#include "cli/options.h"

/* The exit code. */
int sync_run(struct options *options);

#endif
