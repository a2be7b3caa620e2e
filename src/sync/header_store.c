/* See header_store.h. Writing, and reading what is settled. Damage found while running cannot be mended there and then: look-ups
 * that need the run say that they cannot tell, the store is told, and the next start drops the chain from there on and loads it
 * anew. Next: header_load.c, chain/headers_settle.c. */
#include "sync/header_store.h"

#include "chain/start_points.h"
#include "store/read.h"
#include "sync/client.h"
#include "sync/header_run.h"

static int32_t higher(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t lower(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

void header_store_init(struct dspv *c)
{
    c->header_store = (struct header_store){.low = 0, .top = -1, .damaged = -1, .cached = -1};
    writer_init(&c->header_store.run);
}

void header_store_free(struct dspv *c)
{
    writer_free(&c->header_store.run);
}

int header_store_begin(struct dspv *c, const uint64_t seed[2])
{
    struct start_point point;
    int32_t height = c->config.start == DSPV_START_HEIGHT ? c->config.start_height : INT32_MAX;
    bool genesis = c->config.start == DSPV_START_GENESIS || !start_point_below(&c->net.chain, height, &point);
    int rc = genesis ? headers_new(&c->headers, &c->net.chain, seed)
                     : headers_new_from(&c->headers, &c->net.chain, seed, point.height, point.header, point.work);
    const struct headers_archive archive = header_run_archive(c);
    if (rc == 0 && c->store)
        headers_archive_in(c->headers, &archive);
    return rc;
}

/* ---- writing */

static int put_run(struct dspv *c, struct batch *b, int32_t run)
{
    uint8_t key[4];
    int32_t start = higher(run * HEADER_STORE_RUN, headers_first_height(c->headers));
    int32_t end = lower((run + 1) * HEADER_STORE_RUN, headers_tip_height(c->headers) + 1);
    store_be32(key, (uint32_t)run);
    uint8_t *out = batch_put_room(b, DSPV_TABLE_HEADERS, key, sizeof(key), HEADER_RUN_RAW + (size_t)(end - start) * 80);
    if (!out)
        return b->failed;
    store_le32(out, (uint32_t)start);
    int rc = headers_work_before(c->headers, headers_at(c->headers, start), out + 4);
    out += HEADER_RUN_RAW;
    for (int32_t height = start; rc == 0 && height < end; height++, out += 80)
        rc = headers_raw(c->headers, headers_at(c->headers, height), out);
    return rc;
}

static void remove_runs(struct batch *b, int32_t from, int32_t to)
{
    for (int32_t run = from; run <= to; run++) {
        uint8_t key[4];
        store_be32(key, (uint32_t)run);
        batch_remove(b, DSPV_TABLE_HEADERS, key, sizeof(key));
    }
}

static void put_tip(struct dspv *c, struct batch *b)
{
    uint8_t payload[HEADER_RUN_TIP_BYTES];
    block_hash hash = headers_tip_hash(c->headers);
    store_le32(payload, (uint32_t)headers_tip_height(c->headers));
    memcpy(payload + 4, hash.b, 32);
    store_le32(payload + 36, (uint32_t)headers_first_height(c->headers));
    headers_start_work(c->headers, payload + 40);
    batch_put(b, DSPV_TABLE_META, HEADER_RUN_TIP.p, HEADER_RUN_TIP.n, payload, sizeof(payload));
}

static void put_damage(const struct header_store *s, struct batch *b)
{
    uint8_t run[4];
    store_be32(run, (uint32_t)s->damaged);
    if (s->damaged >= 0)
        batch_put(b, DSPV_TABLE_META, HEADER_RUN_DAMAGED.p, HEADER_RUN_DAMAGED.n, run, sizeof(run));
    else
        batch_remove(b, DSPV_TABLE_META, HEADER_RUN_DAMAGED.p, HEADER_RUN_DAMAGED.n);
}

int header_store_collect(struct dspv *c, struct batch *b)
{
    struct header_store *s = &c->header_store;
    int32_t first = headers_first_height(c->headers) / HEADER_STORE_RUN, top = headers_tip_height(c->headers) / HEADER_STORE_RUN;
    int32_t from = headers_changed_from(c->headers);
    bool changed = from <= headers_tip_height(c->headers) || s->top > top;
    int rc = 0;
    if (s->low <= s->top) {
        remove_runs(b, s->low, lower(first - 1, s->top));
        remove_runs(b, higher(top + 1, s->low), s->top);
    }
    for (int32_t run = from / HEADER_STORE_RUN; rc == 0 && run <= top; run++)
        rc = put_run(c, b, run);
    if (changed)
        put_tip(c, b);
    if (s->damage_stored != (s->damaged >= 0))
        put_damage(s, b);
    return rc;
}

void header_store_committed(struct dspv *c)
{
    struct header_store *s = &c->header_store;
    headers_archived(c->headers);
    s->low = headers_first_height(c->headers) / HEADER_STORE_RUN;
    s->top = headers_tip_height(c->headers) / HEADER_STORE_RUN;
    s->damage_stored = s->damaged >= 0;
    s->cached = -1;
}

/* ---- reading */

int header_run_get(struct dspv *c, int32_t run, struct header_run_view *out)
{
    struct header_store *s = &c->header_store;
    uint8_t key[4];
    bool found = true, damaged = false;
    store_be32(key, (uint32_t)run);
    if (s->cached != run) {
        s->cached = -1;
        writer_reset(&s->run);
        int rc = store_get(c->store, DSPV_TABLE_HEADERS, (struct span){key, sizeof(key)}, &s->run, &found, &damaged);
        if (rc == 0 && s->run.failed)
            rc = DSPV_ENOMEM;
        if (rc != 0)
            return rc;
    }
    s->cached = found && !damaged ? run : -1;
    return header_run_open(run, (struct span){s->run.data, found && !damaged ? s->run.n : 0}, out) ? 0 : DSPV_EFAULT;
}

/* The archive. A settled run is full, but for the heights before the start. */
static int read_settled(void *context, int32_t height, uint32_t n, uint8_t *out)
{
    struct dspv *c = context;
    while (n > 0) {
        struct header_run_view v;
        int32_t run = height / HEADER_STORE_RUN;
        int rc = header_run_get(c, run, &v);
        if (rc == DSPV_EFAULT || (rc == 0 && (height < v.first || v.first + (int32_t)v.n < (run + 1) * HEADER_STORE_RUN))) {
            c->header_store.damaged = c->header_store.damaged < 0 ? run : lower(run, c->header_store.damaged);
            return DSPV_ESTORE;
        }
        if (rc != 0)
            return rc;
        uint32_t at = (uint32_t)(height - v.first), some = v.n - at < n ? v.n - at : n;
        memcpy(out, v.raw + (size_t)at * 80, (size_t)some * 80);
        out += (size_t)some * 80;
        height += (int32_t)some;
        n -= some;
    }
    return 0;
}

struct headers_archive header_run_archive(struct dspv *c)
{
    return (struct headers_archive){c, read_settled};
}
