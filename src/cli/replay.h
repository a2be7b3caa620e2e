/* A header chain that somebody else stored, checked from its start on with every rule, proof of work included. */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include "chain/headers.h"

enum { REPLAY_ERROR_SIZE = 256 };

/* `done` of `all` headers are good; called now and then. */
typedef void replay_progress(void *context, int32_t done, int32_t all);

/* 0: every header of the best chain of `stored` is good, and that chain begins at genesis or a start point of the network and
 * ends in the same tip with the same work, which is not less than the network's minimum. DSPV_EFAULT: `why` says what is not;
 * DSPV_ENOMEM; DSPV_ESTORE. `seed`: unpredictable. */
int replay_headers(struct headers *stored, const struct chain_params *params, const uint64_t seed[2], int64_t now_s,
                   replay_progress *progress, void *context, char why[REPLAY_ERROR_SIZE]);

#endif
