/* The model in which a plan is minimal, and the fewest requests by trying every set (docs/planner.md).
 *
 * A QRINFO about cycle H holds the snapshots of H-C, H-2C, H-3C, with its extra share H-4C, and the lists at the work blocks of
 * these cycles and of H. One about the tip, or about the cycle before as long as no commitment of the tip's cycle may be mined,
 * also holds what the rotated quorums active at the tip rest on (three cycles each). None is answered that would hold a snapshot
 * of a cycle below the first one. A MNLISTDIFF brings one list. A snapshot comes by itself when the list of its cycle and lists and
 * snapshots of the three cycles before it (or of as many as there are from the first cycle on) are there and not all were before:
 * the engine computes it.
 *
 * Cost: first the QRINFOs (five to seven lists travel in each, and a server computes them all), then the MNLISTDIFFs. A QRINFO is
 * not asked for lists alone. */
#ifndef TESTS_SYNC_PLAN_MODEL_H
#define TESTS_SYNC_PLAN_MODEL_H

#include "sync/planner.h"

enum { MODEL_MOST_CYCLES = 15 };

struct model_cost {
    size_t qr_infos, mn_diffs;
    bool all_snapshots; /* every missing one can be had */
};

/* Lists and snapshots that the plan is to bring: not known, at or below the tip. False: too many cycles to try every set. */
bool model_fewest(const struct plan_input *in, const struct plan_limits *limits, struct model_cost *out);

#endif
