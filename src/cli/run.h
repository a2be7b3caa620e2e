/* `dashspv run`: the daemon. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli/options.h"

/* The exit code. */
int run_run(struct options *options);

#endif
