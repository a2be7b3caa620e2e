/* Work for any thread, as the driver holds it. What a job reads and writes is nobody else's while it is out. */
#ifndef SYNC_JOB_H
#define SYNC_JOB_H

#include "wire/headers.h"

enum job_kind { JOB_SIGNATURES, JOB_HEADERS };

struct dspv_job {
    enum job_kind kind;
    struct engine_job *engine;  /* SIGNATURES: its part */
    size_t part;
    struct header_batch *batch; /* HEADERS: so many of them, from the first on */
    uint32_t first, n;
    struct header_group *group; /* or all of these (header_lanes.h) */
    bool ran;  /* HEADERS: they are hashed; a job may come back without */
    bool back;
};

#endif
