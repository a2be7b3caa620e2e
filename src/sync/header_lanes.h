/* Compressed header messages, hashed side by side: within one each header needs the hash of the one before, but a header of each
 * of several messages fills the lanes of a vector (x11.h). A group of messages is one job. */
#ifndef SYNC_HEADER_LANES_H
#define SYNC_HEADER_LANES_H

#include "sync/header_jobs.h"

enum {
    HEADER_LANES_GROUPS = 6,  /* out at a time */
    HEADER_LANES_BUSY = 2,    /* while so many are out, only full ones are added */
    HEADER_LANES_WAIT_MS = 20 /* and so long a message waits for others */
};

struct header_group {
    struct dspv_job job;
    struct header_message *messages[HEADER_BATCHES_MOST];
    size_t n; /* 0: it is free */
};

struct header_lanes {
    struct header_group groups[HEADER_LANES_GROUPS];
};

/* How many messages make a full group on this CPU. */
size_t header_lanes_full(void);
/* How many groups are out. */
size_t header_lanes_out(const struct header_lanes *l);
/* A group of n messages, 1 to header_lanes_full(); they stay where they are in memory until it is back. NULL: all groups are out.
 */
struct dspv_job *header_lanes_take(struct header_lanes *l, struct header_message *const *messages, size_t n);
/* A job came back; now all of the group are hashed, and it is free when the caller has set n to 0. NULL: it is none of ours. */
struct header_group *header_lanes_back(struct header_lanes *l, const struct dspv_job *job);

/* Any thread. */
void header_group_hash(struct header_group *g);

#endif
