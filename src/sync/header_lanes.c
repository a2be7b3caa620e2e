/* See header_lanes.h. */
#include "sync/header_lanes.h"

#include "crypto/x11.h"

size_t header_lanes_full(void)
{
    size_t lanes = x11_lanes();
    return lanes < HEADER_BATCHES_MOST ? lanes : HEADER_BATCHES_MOST;
}

size_t header_lanes_out(const struct header_lanes *l)
{
    size_t out = 0;
    for (size_t i = 0; i < HEADER_LANES_GROUPS; i++)
        out += l->groups[i].n > 0;
    return out;
}

struct dspv_job *header_lanes_take(struct header_lanes *l, struct header_message *const *messages, size_t n)
{
    for (size_t i = 0; i < HEADER_LANES_GROUPS; i++) {
        struct header_group *g = &l->groups[i];
        if (g->n > 0)
            continue;
        g->job = (struct dspv_job){.kind = JOB_HEADERS, .group = g};
        g->n = n;
        memcpy(g->messages, messages, n * sizeof(messages[0]));
        return &g->job;
    }
    return NULL;
}

struct header_group *header_lanes_back(struct header_lanes *l, const struct dspv_job *job)
{
    for (size_t i = 0; i < HEADER_LANES_GROUPS; i++) {
        struct header_group *g = &l->groups[i];
        if (g->n == 0 || job != &g->job)
            continue;
        if (!g->job.ran)
            header_group_hash(g);
        return g;
    }
    return NULL;
}

void header_group_hash(struct header_group *g)
{
    struct header_batch *batches[HEADER_BATCHES_MOST];
    for (size_t i = 0; i < g->n; i++)
        batches[i] = &g->messages[i]->batch;
    header_batches_hash(batches, g->n);
    g->job.ran = true;
}
