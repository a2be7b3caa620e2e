/* `dashspv demo`: a full verified sync against the bundled chain, served by a development peer in this very program. */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "cli/options.h"

/* The exit code. */
int demo_run(struct options *options);

#endif
