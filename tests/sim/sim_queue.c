/* See sim_queue.h: a binary heap. */
#include "sim/sim_queue.h"

#include <stdlib.h>

void sim_queue_free(struct sim_queue *q)
{
    for (size_t i = 0; i < q->n; i++)
        free(q->items[i].bytes);
    free(q->items);
    *q = (struct sim_queue){0};
}

static bool before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void put(struct sim_queue *q, struct sim_event e)
{
    size_t i = q->n++;
    while (i > 0 && before(&e, &q->items[(i - 1) / 2])) {
        q->items[i] = q->items[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    q->items[i] = e;
}

void sim_queue_add(struct sim_queue *q, struct sim_event e)
{
    if (q->n == q->cap) {
        q->cap = q->cap ? 2 * q->cap : 64;
        q->items = realloc(q->items, q->cap * sizeof(*q->items));
        if (!q->items)
            abort();
    }
    e.order = q->added++;
    put(q, e);
}

void sim_queue_forget_client(struct sim_queue *q)
{
    size_t n = q->n;
    q->n = 0;
    for (size_t i = 0; i < n; i++) { /* what stays is put back below where it was */
        if (q->items[i].kind <= SIM_LIAR_TICK)
            free(q->items[i].bytes);
        else
            put(q, q->items[i]);
    }
}

const struct sim_event *sim_queue_first(const struct sim_queue *q)
{
    return q->n ? &q->items[0] : NULL;
}

struct sim_event sim_queue_take(struct sim_queue *q)
{
    struct sim_event first = q->items[0], last = q->items[--q->n];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= q->n)
            break;
        if (child + 1 < q->n && before(&q->items[child + 1], &q->items[child]))
            child++;
        if (!before(&q->items[child], &last))
            break;
        q->items[i] = q->items[child];
        i = child;
    }
    q->items[i] = last;
    return first;
}
