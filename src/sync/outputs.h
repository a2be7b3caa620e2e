/* The queue of events that wait for dspv_next(), which gets them once what they tell is on disk. Everything else that goes out is a state (a peer's buffer, a job), so that
 * telling it cannot fail. */
#ifndef SYNC_OUTPUTS_H
#define SYNC_OUTPUTS_H

#include "dashspv/dashspv.h"

enum { OUTPUTS_MOST = 65536 };

struct outputs {
    dspv_event *events;
    size_t first, n, cap; /* events[first .. n-1] wait */
    size_t committed;     /* those below may go */
    uint64_t lost;        /* dropped because nobody drained the queue */
};

void outputs_free(struct outputs *o);
/* 0 or DSPV_ENOMEM. Beyond OUTPUTS_MOST events are dropped and counted. */
int outputs_event(struct outputs *o, const dspv_event *event);
/* All events so far may go. */
void outputs_commit(struct outputs *o);
bool outputs_next(struct outputs *o, dspv_event *out);

#endif
