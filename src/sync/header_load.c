/* See header_store.h: taking up a stored chain. Only what will lie above the floor is read, and a few single runs; so this takes
 * the same time however long the chain is. Where a run is missing, damaged, or does not follow the one before, the chain ends
 * below it and all is tried again from there, because a lower tip has a lower floor. */
#include "chain/pow.h"
#include "chain/start_points.h"
#include "crypto/x11.h"
#include "store/read.h"
#include "sync/client.h"
#include "sync/header_run.h"

/* What is stored. */
struct loading {
    struct dspv *c;
    int32_t low, top; /* runs */
    struct headers_start start;
    uint64_t seed[2];
};

/* A run that is taken when the one after it has said that it is the right one. */
struct waiting {
    uint8_t raw[HEADER_STORE_RUN * 80];
    block_hash hashes[HEADER_STORE_RUN];
    int32_t first;
    uint32_t n;
};

static void set_waiting(struct waiting *w, const struct header_run_view *v)
{
    memcpy(w->raw, v->raw, (size_t)v->n * 80);
    x11_many(w->hashes, v->raw, v->n);
    w->first = v->first;
    w->n = v->n;
}

/* ---- which runs there are */

static int note_lowest(void *argument, const struct stored *record)
{
    int32_t *low = argument;
    *low =
        record->key.n == 4 && load_be32(record->key.p) <= INT32_MAX / HEADER_STORE_RUN ? (int32_t)load_be32(record->key.p) : -1;
    return 1;
}

static int exists(struct dspv *c, int32_t run, bool *yes)
{
    struct header_run_view v;
    int rc = header_run_get(c, run, &v);
    *yes = rc == 0;
    return rc == DSPV_EFAULT ? 0 : rc;
}

/* The highest run: by doubling steps up, by halving ones to where it ends. A gap may end it early: then it ends there. */
static int find_top(struct loading *l)
{
    int32_t step = 1, most = HEADER_RUN_HIGHEST / HEADER_STORE_RUN;
    bool yes = true;
    int rc = 0;
    for (l->top = l->low; rc == 0 && yes && step < most - l->top; step *= 2) {
        rc = exists(l->c, l->top + step, &yes);
        if (yes)
            l->top += step;
    }
    for (; rc == 0 && step > 0; step /= 2) {
        if (step >= most - l->top)
            continue;
        rc = exists(l->c, l->top + step, &yes);
        if (yes)
            l->top += step;
    }
    return rc;
}

/* A small record of META into `out`. DSPV_EFAULT: there is none that is good. */
static int get_meta(struct dspv *c, struct span key, uint8_t *out, size_t n)
{
    struct writer w;
    bool found, damaged;
    writer_init(&w);
    int rc = store_get(c->store, DSPV_TABLE_META, key, &w, &found, &damaged);
    if (rc == 0 && w.failed)
        rc = DSPV_ENOMEM;
    if (rc == 0 && (!found || w.n != n))
        rc = DSPV_EFAULT;
    if (rc == 0)
        memcpy(out, w.data, n);
    writer_free(&w);
    return rc;
}

/* Where the chain ends: as its tip says, or, where that is lost, as far as there are runs; below what was found damaged. */
static int find_end(struct loading *l)
{
    uint8_t tip[HEADER_RUN_TIP_BYTES], run[4];
    struct header_store *s = &l->c->header_store;
    int rc = get_meta(l->c, HEADER_RUN_TIP, tip, sizeof(tip));
    if (rc == 0 && load_le32(tip) <= HEADER_RUN_HIGHEST)
        l->top = (int32_t)(load_le32(tip) / HEADER_STORE_RUN);
    if (rc == DSPV_EFAULT || l->top < l->low)
        rc = find_top(l);
    s->low = l->low;
    s->top = l->top;
    if (rc == 0)
        rc = get_meta(l->c, HEADER_RUN_DAMAGED, run, sizeof(run));
    s->damage_stored = rc == 0;
    if (rc == 0 && load_be32(run) <= (uint32_t)l->top)
        l->top = (int32_t)load_be32(run) - 1;
    return rc == DSPV_EFAULT ? 0 : rc;
}

/* ---- where it starts */

/* Work of the run's first header and all before it. */
static void work_with_first(const struct header_run_view *v, uint8_t out[32])
{
    arith256 target = pow_target_of(load_le32(v->raw + 72)), own = pow_work(&target), work = arith256_from_le(v->work_before);
    work = arith256_add(&work, &own);
    arith256_to_le(&work, out);
}

static bool is_start(const struct chain_params *params, const struct header_run_view *v)
{
    static const uint8_t nothing[32];
    struct start_point point;
    uint8_t work[32];
    if (v->first == 0)
        return memcmp(v->raw, params->genesis, 80) == 0 && memcmp(v->work_before, nothing, 32) == 0;
    if (!start_point_at(params, v->first, &point) || memcmp(v->raw, point.header, 80) != 0)
        return false;
    work_with_first(v, work);
    return memcmp(work, point.work, 32) == 0;
}

/* DSPV_EFAULT: not where this client may start. */
static int find_start(struct loading *l)
{
    struct header_run_view v;
    int rc = header_run_get(l->c, l->low, &v);
    if (rc != 0)
        return rc;
    if (!is_start(&l->c->net.chain, &v) || v.first > headers_first_height(l->c->headers))
        return DSPV_EFAULT;
    l->start.height = v.first;
    work_with_first(&v, l->start.work);
    x11_hash(&l->start.hash, v.raw);
    return 0;
}

/* ---- the part above the floor */

/* A header that follows the tip passes every rule. What the network is known to have at this height, it must be, and with the
 * work that is known: all work above rests on what the run at the floor claims. DSPV_EFAULT: no. */
static int take_one(const struct chain_params *params, struct headers *h, const uint8_t raw[80], const block_hash *hash)
{
    struct start_point point;
    uint8_t work[32];
    headers_node node;
    dspv_fault fault;
    int rc = headers_add(h, raw, hash, INT64_MAX / 2, &node, &fault);
    if (rc != 0 || !start_point_at(params, headers_height(h, node), &point))
        return rc;
    rc = headers_work(h, node, work);
    return rc == 0 && (memcmp(raw, point.header, 80) != 0 || memcmp(work, point.work, 32) != 0) ? DSPV_EFAULT : rc;
}

/* DSPV_EFAULT: its headers do not follow each other, or one breaks a rule; l->top is the last run that may be good. */
static int take(struct loading *l, struct headers *h, const struct waiting *w)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < w->n; i++) {
        const uint8_t *raw = w->raw + (size_t)i * 80;
        block_hash tip = headers_tip_hash(h), prev = header_parse(raw).prev;
        if (w->first + (int32_t)i == headers_tip_height(h))
            continue; /* the one at the floor */
        rc = block_hash_eq(&prev, &tip) ? take_one(&l->c->net.chain, h, raw, &w->hashes[i]) : DSPV_EFAULT;
    }
    l->top -= rc == DSPV_EFAULT;
    return rc;
}

/* Take `w`, which is run l->top, and read the one after it. DSPV_EFAULT: either is no good, l->top is the last that may be. */
static int next_run(struct loading *l, struct headers *h, struct waiting *w)
{
    struct header_run_view v;
    int rc = header_run_get(l->c, l->top + 1, &v);
    if (rc != 0)
        return rc;
    if (memcmp(v.raw + 4, w->hashes[w->n - 1].b, 32) != 0 || v.first != w->first + (int32_t)w->n)
        return DSPV_EFAULT;
    rc = take(l, h, w);
    if (rc != 0)
        return rc;
    set_waiting(w, &v);
    l->top++;
    return 0;
}

/* A chain whose tree has only the block at the floor; its run is left in `w`. */
static int restore(struct loading *l, int32_t height, struct headers **out, struct waiting *w)
{
    struct header_run_view v;
    struct headers_floor floor = {.height = height};
    int32_t bad = height;
    int rc = header_run_get(l->c, height / HEADER_STORE_RUN, &v);
    if (rc != 0 || v.first != height)
        return rc == 0 ? DSPV_EFAULT : rc;
    set_waiting(w, &v);
    memcpy(floor.raw, v.raw, 80);
    floor.hash = w->hashes[0];
    work_with_first(&v, floor.work);
    const struct headers_archive archive = header_run_archive(l->c);
    rc = headers_restore(out, &l->c->net.chain, l->seed, &archive, &l->start, &floor, &bad);
    if (rc == DSPV_ESTORE && l->c->header_store.damaged >= 0) {
        bad = l->c->header_store.damaged * HEADER_STORE_RUN;
        rc = DSPV_EFAULT;
    }
    if (rc == DSPV_EFAULT)
        l->top = bad / HEADER_STORE_RUN - 1;
    return rc;
}

/* Everything up to l->top. DSPV_EFAULT: only up to the new l->top, try again. */
static int load(struct loading *l, struct headers **out)
{
    struct header_run_view v;
    struct waiting w;
    struct headers *h = NULL;
    int32_t run = l->top;
    int rc = header_run_get(l->c, run, &v);
    l->top = run - 1;
    if (rc != 0)
        return rc;
    int32_t tip = v.first + (int32_t)v.n - 1, floor = headers_floor_for(&l->c->net.chain, tip);
    floor = floor > l->start.height ? floor : l->start.height;
    l->top = floor / HEADER_STORE_RUN - 1;
    rc = restore(l, floor, &h, &w);
    if (rc != 0)
        return rc;
    l->top = floor / HEADER_STORE_RUN;
    while (rc == 0 && l->top < run)
        rc = next_run(l, h, &w);
    if (rc == 0)
        rc = take(l, h, &w);
    if (rc == 0)
        *out = h;
    else
        headers_free(h);
    return rc;
}

/* ---- all of it */

static int find(struct loading *l)
{
    const struct span any = {NULL, 0};
    l->low = -1;
    int rc = store_scan(l->c->store, DSPV_TABLE_HEADERS, any, any, note_lowest, &l->low);
    if (rc < 0 || l->low < 0)
        return rc < 0 ? rc : 0;
    rc = find_end(l);
    return rc == 0 ? find_start(l) : rc;
}

int header_store_load(struct dspv *c, size_t *headers, size_t *left_out)
{
    struct loading l = {.c = c, .top = -1, .seed = {rng_u64(&c->rng), rng_u64(&c->rng)}};
    struct headers *h = NULL;
    int rc = find(&l);
    *headers = 0;
    while (!h && rc == 0 && l.low >= 0 && l.top >= l.low) {
        rc = load(&l, &h);
        rc = rc == DSPV_EFAULT ? 0 : rc;
    }
    c->header_store.damaged = -1;
    *left_out = (size_t)(c->header_store.top - c->header_store.low + 1);
    if (rc != 0 && rc != DSPV_EFAULT)
        return rc;
    if (!h)
        return 0; /* the client starts anew */
    headers_free(c->headers);
    headers_archived(h);
    c->headers = h;
    c->tip = headers_tip(h);
    *headers = (size_t)(headers_tip_height(h) - headers_first_height(h)) + 1;
    *left_out -= (size_t)(headers_tip_height(h) / HEADER_STORE_RUN - l.low + 1);
    return 0;
}
