/* The disk of a simulated client: support/faulty.h, with what went wrong counted, so that the oracles know when a failure may be
 * told. */
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include "crypto/rng.h"
#include "support/faulty.h"

enum sim_disk_kind { SIM_NO_DISK, SIM_HONEST_DISK, SIM_LYING_DISK, SIM_DISK_KINDS };

/* For a while: so many applies of a thousand are refused, or no more than is there now fits. */
struct sim_trouble {
    dspv_ms at, until;
    uint32_t refused;
    bool full;
};

struct sim_disk {
    enum sim_disk_kind kind;
    struct faulty *faulty;
    dspv_store seam;          /* the same, counting */
    struct rng rng;
    const struct sim_trouble *trouble; /* the one that it is in; NULL */
    unsigned failed;          /* calls that failed since the last input */
    bool stale;               /* the last apply failed */
};

void sim_disk_open(struct sim_disk *d, enum sim_disk_kind kind, struct rng *rng);
void sim_disk_free(struct sim_disk *d);
/* For dspv_new; NULL without a disk. */
const dspv_store *sim_disk_store(struct sim_disk *d);
/* The trouble it is in from now on; NULL: none. */
void sim_disk_trouble(struct sim_disk *d, const struct sim_trouble *t);
/* The machine stops in one of the next writes; or, when `now`, at once. Not any more. */
void sim_disk_stop(struct sim_disk *d, bool now);
void sim_disk_calm(struct sim_disk *d);
bool sim_disk_stopped(const struct sim_disk *d);
/* The machine is there again. */
void sim_disk_reopen(struct sim_disk *d);

#endif
