/* See read.h. */
#include "store/read.h"

#include "store/record.h"

struct scan {
    dspv_table table;
    stored_visit *visit;
    void *argument;
    int rc;
};

static bool open_and_visit(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    struct scan *s = argument;
    struct stored record = {.key = {key, key_n}};
    record.damaged = !record_open(s->table, record.key, (struct span){value, value_n}, &record.payload);
    s->rc = s->visit(s->argument, &record);
    return s->rc == 0;
}

int store_scan(const dspv_store *store, dspv_table table, struct span first, struct span last, stored_visit *visit,
               void *argument)
{
    struct scan s = {.table = table, .visit = visit, .argument = argument};
    int rc = store->scan(store->context, table, first.p, first.n, last.p, last.n, open_and_visit, &s);
    return rc != 0 ? rc : s.rc;
}

struct get {
    struct writer *payload;
    bool *found, *damaged;
};

static int take(void *argument, const struct stored *record)
{
    struct get *g = argument;
    *g->damaged = record->damaged;
    *g->found = !record->damaged;
    writer_span(g->payload, record->payload);
    return g->payload->failed ? DSPV_ENOMEM : 0;
}

int store_get(const dspv_store *store, dspv_table table, struct span key, struct writer *payload, bool *found, bool *damaged)
{
    *found = *damaged = false;
    struct get g = {payload, found, damaged};
    return store_scan(store, table, key, key, take, &g);
}
