/* The commands that answer from the store, whether or not a daemon runs. Each returns the exit code: 0 yes or verified, 1 no or
 * not verified (the reason is named), 2 when the question cannot be understood or the store not be read. */
#ifndef CLI_QUERIES_H
#define CLI_QUERIES_H

#include "cli/options.h"

int status_run(struct options *options);
int quorums_run(struct options *options);
int quorum_run(struct options *options);
int masternodes_run(struct options *options);
int chainlock_run(struct options *options);
int peers_run(struct options *options);
int checkpoints_run(struct options *options);
int verify_chainlock_run(struct options *options);
int verify_instantlock_run(struct options *options);

#endif
