/* An engine that forgets against one that never does: the same answers; and the bound that engine.h states. */
#ifndef TESTS_ENGINE_ALIKE_H
#define TESTS_ENGINE_ALIKE_H

#include "engine/driven.h"

void assert_same_quorum(const struct quorum_view *a, const struct quorum_view *b);
/* Everything the pruned engine knows is so in the full one; what is wanted at the tip, and what was active in the last blocks, it
 * knows. */
void assert_same_answers(const struct engine *pruned, const struct engine *full, int32_t tip);
/* `unfinished`: how many quorums are not verified. */
void assert_bound(const struct engine *e, int32_t tip, int32_t settled, size_t n_keep, size_t unfinished);

#endif
