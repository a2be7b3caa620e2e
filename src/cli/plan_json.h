/* A plan as JSON. */
#ifndef CLI_PLAN_JSON_H
#define CLI_PLAN_JSON_H

#include <jansson.h>

#include "sync/planner.h"

/* Sets "strategy", "fallback_to_mn_diff", "rotating_validation_needed", "estimated_completion_ms" and "requests" of `o`. The block
 * of a request is null when its hash is not known. */
void plan_json(json_t *o, const struct plan *p);

#endif
