/* Offline verification: everything a capture holds, told to an engine in the order in which it can be used, and the verdicts as
 * JSON. */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include <jansson.h>

#include "cli/capture.h"
#include "engine/engine.h"

enum audit_state {
    AUDIT_PENDING,
    AUDIT_TIP_PENDING, /* all of a qrinfo but its tip diff is taken */
    AUDIT_TAKEN,
    AUDIT_EMPTY,       /* a block without CbTx commits to no list, and the diff claims none (protocol.md trap 38) */
    AUDIT_REFUSED
};

/* Where an item of the capture stands. */
struct audit_item {
    enum audit_state state;
    dspv_fault fault; /* why it is refused, or what it waits for */
};

struct audit {
    const struct capture *capture;
    struct engine *engine;
    struct audit_item *items; /* beside capture->items; locks stay pending */
};

/* Tell the engine everything and let it verify. `capture` is borrowed. 0; DSPV_ENOMEM; DSPV_EFAULT and *problem when two files
 * contradict each other about a block. Free in any case. */
int audit_run(struct audit *a, const struct capture *capture, const uint8_t seed[32], struct capture_problem *problem);
void audit_free(struct audit *a);

/* {"lists", "quorums", "locks", "problems", "summary"}: a new reference, NULL when out of memory. `problems` are sentences that
 * name what is wrong; it is empty when nothing is. */
json_t *audit_result(const struct audit *a);
/* What --report writes, with the locks of a result. */
json_t *audit_state(const struct audit *a, const json_t *result);

#endif
