/* What the planner is told of an engine: which lists it has, where its rotation stands; and which of the lists go with a
 * getqrinfo as bases. */
#ifndef SYNC_PLAN_INPUT_H
#define SYNC_PLAN_INPUT_H

#include "sync/planner.h"

/* Fill `in` for a chain whose tip is at `tip_height`; `needs` (NULL: there is no list at the tip) is borrowed. What is left to the
 * caller: lock_heights, block_at and chain. 0; DSPV_ENOMEM (nothing to free then). */
int plan_input_init(struct plan_input *in, const struct engine *e, int32_t tip_height, const struct needs *needs);
void plan_input_free(struct plan_input *in);

enum { PLAN_MOST_BASES = 8 }; /* of a getqrinfo: servers pay for each */
/* The lists that an answer about a block at `height` would otherwise repeat: the nearest one at or below each of its targets,
 * ascending. Returns how many. */
uint32_t plan_qr_info_bases(const struct engine *e, int32_t height, bool extra_share, block_hash out[PLAN_MOST_BASES]);

#endif
