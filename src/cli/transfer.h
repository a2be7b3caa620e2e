/* `dashspv export FILE` and `dashspv import FILE`: what is verified here, verified again elsewhere. */
#ifndef CLI_TRANSFER_H
#define CLI_TRANSFER_H

#include "cli/options.h"

/* The exit code. */
int export_run(struct options *options);
int import_run(struct options *options);

#endif
