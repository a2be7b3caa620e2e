/* See outputs.h. */
#include "sync/outputs.h"

#include "base/mem.h"

void outputs_free(struct outputs *o)
{
    mem_free(o->events);
    *o = (struct outputs){0};
}

int outputs_event(struct outputs *o, const dspv_event *event)
{
    if (o->n - o->first >= OUTPUTS_MOST) {
        o->lost++;
        return 0;
    }
    void *events = o->events;
    int rc = mem_grow(&events, &o->cap, o->n + 1, sizeof(*o->events));
    o->events = events;
    if (rc != 0)
        return rc;
    o->events[o->n++] = *event;
    return 0;
}

void outputs_commit(struct outputs *o)
{
    o->committed = o->n;
}

bool outputs_next(struct outputs *o, dspv_event *out)
{
    if (o->first == o->committed)
        return false;
    *out = o->events[o->first++];
    if (o->first == o->n)
        o->first = o->n = o->committed = 0;
    return true;
}
