/* See sim_disk.h. */
#include "sim/sim_disk.h"

#include <stdlib.h>

enum { MOST_DAMAGED = 4, MOST_APPLIES_TO_GO = 6, MOST_FREE = 2000, FLIPPED = 2 };

static void never(int rc)
{
    if (rc != 0)
        abort(); /* the simulator itself does not run out of memory */
}

/* ---- the store */

static int disk_apply(void *context, const dspv_store_op *ops, size_t n)
{
    struct sim_disk *d = context;
    const dspv_store *s = faulty_seam(d->faulty);
    int rc = s->apply(s->context, ops, n);
    d->stale = rc != 0;
    d->failed += rc != 0;
    return rc;
}

static int disk_scan(void *context, dspv_table table, const uint8_t *first, size_t first_n, const uint8_t *last, size_t last_n,
                     dspv_store_visit *visit, void *argument)
{
    struct sim_disk *d = context;
    const dspv_store *s = faulty_seam(d->faulty);
    int rc = s->scan(s->context, table, first, first_n, last, last_n, visit, argument);
    d->failed += rc != 0;
    return rc;
}

static const char *disk_trouble(void *context)
{
    struct sim_disk *d = context;
    const dspv_store *s = faulty_seam(d->faulty);
    return s->trouble(s->context);
}

const dspv_store *sim_disk_store(struct sim_disk *d)
{
    return d->kind == SIM_NO_DISK ? NULL : &d->seam;
}

/* ---- what happens to it */

void sim_disk_open(struct sim_disk *d, enum sim_disk_kind kind, struct rng *rng)
{
    uint8_t seed[32];
    const struct faulty_config config = {.kind = kind == SIM_LYING_DISK ? FAULTY_LYING : FAULTY_HONEST};
    *d = (struct sim_disk){.kind = kind};
    rng_bytes(rng, seed, sizeof(seed));
    rng_fork(rng, &d->rng);
    d->seam = (dspv_store){.context = d, .apply = disk_apply, .scan = disk_scan, .trouble = disk_trouble};
    if (kind != SIM_NO_DISK)
        never(faulty_new(&d->faulty, &config, seed));
}

void sim_disk_free(struct sim_disk *d)
{
    if (d->faulty)
        faulty_free(d->faulty);
}

void sim_disk_trouble(struct sim_disk *d, const struct sim_trouble *t)
{
    struct faulty_config config = {.kind = d->kind == SIM_LYING_DISK ? FAULTY_LYING : FAULTY_HONEST};
    if (!d->faulty || t == d->trouble)
        return;
    d->trouble = t;
    if (t) {
        config.apply_fails = t->refused;
        config.scan_fails = t->refused / 4;
        config.scan_flips = d->kind == SIM_LYING_DISK ? FLIPPED : 0;
    }
    if (t && t->full)
        config.capacity = store_memory_bytes(faulty_image(d->faulty)) + 1 + rng_below(&d->rng, MOST_FREE);
    never(faulty_configure(d->faulty, &config));
}

void sim_disk_stop(struct sim_disk *d, bool now)
{
    if (!d->faulty)
        return;
    if (now)
        faulty_crash(d->faulty);
    else
        faulty_crash_in_apply(d->faulty, 1 + rng_below(&d->rng, MOST_APPLIES_TO_GO));
}

void sim_disk_calm(struct sim_disk *d)
{
    if (d->faulty)
        faulty_crash_in_apply(d->faulty, 0);
}

bool sim_disk_stopped(const struct sim_disk *d)
{
    return d->faulty && faulty_crashed(d->faulty);
}

void sim_disk_reopen(struct sim_disk *d)
{
    d->failed = 0;
    d->stale = false;
    if (!d->faulty)
        return;
    never(faulty_reopen(d->faulty));
    if (d->kind == SIM_LYING_DISK && rng_below(&d->rng, 3) == 0)
        never(faulty_rot(d->faulty, 1 + rng_below(&d->rng, MOST_DAMAGED)));
}
