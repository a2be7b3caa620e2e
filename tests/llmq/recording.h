/* A recording of a regtest network (data/regtest): every list, and the rotation derived from lists alone. */
#ifndef TESTS_LLMQ_RECORDING_H
#define TESTS_LLMQ_RECORDING_H

#include "llmq/captured.h"

struct recording {
    struct captured c; /* all states from height 1 on; snapshots computed forward */
    struct bytes hashes;
};

/* `folder`: "churn" or "eras". */
void recording_open(struct recording *r, const char *folder);
void recording_close(struct recording *r);
/* Height of a block; fails the test when it is none of the recording's. */
int32_t recording_height(const struct recording *r, const uint8_t hash[32]);
block_hash recording_hash(const struct recording *r, int32_t height);
/* Call `each` with every distinct quorum that is in any list. */
void recording_quorums(struct recording *r, void (*each)(struct recording *r, const struct quorum *q, void *context),
                       void *context);

#endif
