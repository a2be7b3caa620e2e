/* Which rotation cycles to ask QRINFO about: the fewest whose answers hold every missing snapshot, and of those sets one that
 * also brings the most wanted lists. Pure arithmetic; read planner.h first. */
#ifndef SYNC_PLAN_WINDOWS_H
#define SYNC_PLAN_WINDOWS_H

#include "sync/planner.h"

/* A QRINFO about cycle H brings the snapshots of H-C, H-2C, H-3C and the lists at the work blocks of these and of H; with its
 * extra share H-4C, too. It is answered only when the server has all of them. Where the list of a cycle and lists and snapshots of
 * the three before it come together, the engine computes that cycle's snapshot itself: nobody is asked for it. */
struct window_task {
    int32_t interval;           /* C */
    int32_t tip_cycle;          /* newest H */
    int32_t first_cycle;        /* snapshots of lower cycles do not exist */
    bool allowed;               /* any QRINFO is */
    bool extra_share;           /* H-4C may be asked for */
    const int32_t *snapshots;   /* cycles below tip_cycle whose snapshot is missing, ascending */
    size_t n_snapshots;
    const int32_t *lists;       /* heights of wanted lists, ascending: they will come */
    size_t n_lists;
    const int32_t *known_snapshots; /* cycles, any order */
    size_t n_known_snapshots;
    const struct plan_list *known_lists;
    size_t n_known_lists;
    const int32_t *tip_cycles;  /* of the rotated quorums active at the tip: a request about the tip brings what they rest on */
    size_t n_tip_cycles;
    bool quiet;                 /* no commitment of tip_cycle was mined yet: a request about the cycle before is as good */
};

/* One QRINFO. */
struct window {
    int32_t cycle;
    bool extra_share, tip_cycles; /* brings H-4C; brings what the tip's rotated quorums rest on */
};

/* Can a QRINFO about `cycle` be answered at all, and with H-4C? */
bool window_answerable(const struct window_task *t, int32_t cycle);
bool window_has_extra(const struct window_task *t, int32_t cycle);
/* Does the answer hold the snapshot of `cycle`, or the list at `height`? */
bool window_brings_snapshot(const struct window_task *t, const struct window *w, int32_t cycle);
bool window_brings_list(const struct window_task *t, const struct window *w, int32_t height);

/* `out` has room for n_snapshots + 1. *all: no snapshot stays missing; those that can neither be brought nor computed are left out of
 * account. 0 or DSPV_ENOMEM. */
int windows_choose(const struct window_task *t, struct window *out, size_t *n, bool *all);

#endif
