/* See faulty.h. `now` is what the running program sees. Of a lying disk, `synced` is what it really holds, and `pending` are the
 * transactions on top of it, which `now` shows and a crash may take. */
#include "support/faulty.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/rng.h"

struct transaction {
    dspv_store_op *ops; /* keys and values lie behind them; NULL: none */
    size_t n;
};

struct faulty {
    dspv_store seam;
    struct faulty_config config;
    struct rng rng;
    struct store_memory *now, *synced;
    struct transaction pending[FAULTY_PENDING];
    size_t pending_n;
    struct transaction tried; /* failed, and nothing succeeded since: it may come up after a crash */
    bool crashed;
    uint64_t applies, commits, scans, fail_apply_at, fail_scan_at, crash_at;
    const char *trouble;
};

/* ---- Copies of transactions. */

static int transaction_copy(struct transaction *out, const dspv_store_op *ops, size_t n)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += ops[i].key_n + ops[i].value_n;
    dspv_store_op *copy = mem_alloc(n * sizeof(*copy) + bytes);
    if (!copy)
        return DSPV_ENOMEM;
    uint8_t *at = (uint8_t *)(copy + n);
    for (size_t i = 0; i < n; i++) {
        copy[i] = ops[i];
        memcpy(at, ops[i].key, ops[i].key_n);
        copy[i].key = at;
        at += ops[i].key_n;
        if (ops[i].value && ops[i].value_n)
            memcpy(at, ops[i].value, ops[i].value_n);
        copy[i].value = ops[i].value ? at : NULL;
        at += ops[i].value_n;
    }
    *out = (struct transaction){copy, n};
    return 0;
}

static void transaction_free(struct transaction *t)
{
    mem_free(t->ops);
    *t = (struct transaction){0};
}

static int write_to(struct store_memory *m, const dspv_store_op *ops, size_t n)
{
    const dspv_store *store = store_memory_seam(m);
    return store->apply(store->context, ops, n);
}

/* ---- Chance. */

static bool happens(struct faulty *f, uint32_t per_mille)
{
    return per_mille > 0 && rng_below(&f->rng, 1000) < per_mille;
}

static bool coin(struct faulty *f)
{
    return rng_below(&f->rng, 2) == 0;
}

static int refuse(struct faulty *f, const char *why)
{
    f->trouble = why;
    return DSPV_ESTORE;
}

/* ---- The store. */

/* A lying disk gets round to syncing the oldest of its pending transactions: there is room for another one. */
static int sync_oldest(struct faulty *f)
{
    if (f->pending_n < FAULTY_PENDING)
        return 0;
    if (write_to(f->synced, f->pending[0].ops, f->pending[0].n) != 0)
        return DSPV_ENOMEM;
    transaction_free(&f->pending[0]);
    memmove(f->pending, f->pending + 1, --f->pending_n * sizeof(*f->pending));
    return 0;
}

static void forget_pending(struct faulty *f)
{
    while (f->pending_n > 0)
        transaction_free(&f->pending[--f->pending_n]);
    transaction_free(&f->tried);
}

/* `now` is what the disk holds. */
static int sync_all(struct faulty *f)
{
    struct store_memory *synced;
    if (store_memory_clone(&synced, f->now) != 0)
        return DSPV_ENOMEM;
    forget_pending(f);
    store_memory_free(f->synced);
    f->synced = synced;
    return 0;
}

/* It must not outgrow the disk: tried on a clone. */
static int fits(struct faulty *f, const dspv_store_op *ops, size_t n, bool *fit)
{
    struct store_memory *clone;
    *fit = true;
    if (f->config.capacity == 0)
        return 0;
    int rc = store_memory_clone(&clone, f->now);
    if (rc == 0)
        rc = write_to(clone, ops, n);
    if (rc == 0)
        *fit = store_memory_bytes(clone) <= f->config.capacity || store_memory_bytes(clone) <= store_memory_bytes(f->now);
    store_memory_free(clone);
    return rc;
}

static int try_apply(struct faulty *f, const dspv_store_op *ops, size_t n, bool *crash)
{
    bool fit;
    bool fail = f->applies == f->fail_apply_at;
    *crash = f->applies == f->crash_at;
    fail |= happens(f, f->config.apply_fails);
    *crash |= happens(f, f->config.apply_crashes);
    int rc = fits(f, ops, n, &fit);
    if (rc != 0)
        return rc;
    if (*crash)
        return refuse(f, "the machine stopped");
    if (fail)
        return refuse(f, "writing failed");
    return fit ? write_to(f->now, ops, n) : refuse(f, "the disk is full");
}

static int apply(void *context, const dspv_store_op *ops, size_t n)
{
    struct faulty *f = context;
    struct transaction copy;
    bool crash;
    if (f->crashed)
        return refuse(f, "the machine has stopped");
    f->applies++;
    if (sync_oldest(f) != 0 || transaction_copy(&copy, ops, n) != 0)
        return DSPV_ENOMEM;
    int rc = try_apply(f, ops, n, &crash);
    if (rc == DSPV_ENOMEM) {
        transaction_free(&copy);
        return rc;
    }
    transaction_free(&f->tried);
    f->crashed = crash;
    if (rc != 0) {
        f->tried = copy;
        return rc;
    }
    f->commits++;
    if (f->config.kind == FAULTY_LYING)
        f->pending[f->pending_n++] = copy;
    else
        transaction_free(&copy);
    return 0;
}

struct showing {
    struct faulty *f;
    dspv_store_visit *visit;
    void *argument;
    uint64_t left; /* records until the scan fails */
    uint8_t key[DSPV_STORE_MOST_KEY];
    uint8_t *value; /* room for a record with a wrong bit */
    bool failed, no_memory;
};

static bool show(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    struct showing *s = argument;
    if (s->left-- == 0) {
        s->failed = true;
        return false;
    }
    if (!happens(s->f, s->f->config.scan_flips))
        return s->visit(s->argument, key, key_n, value, value_n);
    mem_free(s->value);
    s->value = mem_alloc(value_n);
    s->no_memory = !s->value;
    if (s->no_memory)
        return false;
    memcpy(s->key, key, key_n);
    memcpy(s->value, value, value_n);
    uint64_t bit = rng_below(&s->f->rng, 8 * (key_n + value_n));
    uint8_t *byte = bit / 8 < key_n ? s->key + bit / 8 : s->value + (bit / 8 - key_n);
    *byte ^= (uint8_t)(1 << bit % 8);
    return s->visit(s->argument, s->key, key_n, s->value, value_n);
}

static int scan(void *context, dspv_table table, const uint8_t *first, size_t first_n, const uint8_t *last, size_t last_n,
                dspv_store_visit *visit, void *argument)
{
    struct faulty *f = context;
    if (f->crashed)
        return refuse(f, "the machine has stopped");
    bool fail = ++f->scans == f->fail_scan_at;
    fail |= happens(f, f->config.scan_fails);
    struct showing s = {.f = f, .visit = visit, .argument = argument, .left = UINT64_MAX};
    if (fail)
        s.left = rng_below(&f->rng, store_memory_count(f->now, table) + 1);
    const dspv_store *store = store_memory_seam(f->now);
    int rc = store->scan(store->context, table, first, first_n, last, last_n, show, &s);
    mem_free(s.value);
    if (s.no_memory)
        return DSPV_ENOMEM;
    return fail || s.failed ? refuse(f, "reading failed") : rc;
}

static const char *trouble(void *context)
{
    const struct faulty *f = context;
    return f->trouble;
}

/* ---- Damage. */

struct pick {
    uint64_t skip; /* records to pass over */
    dspv_store_op op;
    uint8_t key[DSPV_STORE_MOST_KEY];
    uint8_t *value;
    bool no_memory;
};

static bool take(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    struct pick *p = argument;
    if (p->skip-- > 0)
        return true;
    p->value = mem_alloc(value_n);
    p->no_memory = !p->value;
    if (p->no_memory)
        return false;
    memcpy(p->key, key, key_n);
    memcpy(p->value, value, value_n);
    p->op.key_n = key_n;
    p->op.value_n = value_n;
    return false;
}

/* A copy of some record of the store; op.key_n is 0 when there is none. */
static int pick_record(struct faulty *f, struct store_memory *m, struct pick *p)
{
    size_t all = 0;
    *p = (struct pick){0};
    for (int t = 0; t < DSPV_TABLE_COUNT; t++)
        all += store_memory_count(m, (dspv_table)t);
    if (all == 0)
        return 0;
    p->skip = rng_below(&f->rng, all);
    for (int t = 0; p->skip >= store_memory_count(m, (dspv_table)t); t++) {
        p->skip -= store_memory_count(m, (dspv_table)t);
        p->op.table = (dspv_table)(t + 1);
    }
    const dspv_store *store = store_memory_seam(m);
    int rc = store->scan(store->context, p->op.table, NULL, 0, NULL, 0, take, p);
    p->op.key = p->key;
    p->op.value = p->value;
    return p->no_memory ? DSPV_ENOMEM : rc;
}

/* One record is not what was written. */
static int damage(struct faulty *f, struct store_memory *m)
{
    struct pick p, other = {0};
    int rc = pick_record(f, m, &p);
    if (rc == 0 && p.op.key_n > 0) {
        switch (rng_below(&f->rng, 5)) {
        case 0: p.op.value = NULL; break; /* gone */
        case 1: p.op.value_n = rng_below(&f->rng, p.op.value_n + 1); break;
        case 2: memset(p.value, 0, p.op.value_n); break;
        case 3: /* what belongs elsewhere */
            rc = pick_record(f, m, &other);
            p.op.value = other.op.value;
            p.op.value_n = other.op.value_n;
            break;
        default:
            if (p.op.value_n > 0)
                p.value[rng_below(&f->rng, p.op.value_n)] ^= (uint8_t)(1 << rng_below(&f->rng, 8));
        }
        if (rc == 0)
            rc = write_to(m, &p.op, 1);
    }
    mem_free(p.value);
    mem_free(other.value);
    return rc;
}

int faulty_rot(struct faulty *f, size_t n)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = damage(f, f->now);
    return rc == 0 ? sync_all(f) : rc;
}

/* ---- Stopping and starting again. */

/* Some operations of a transaction, in their order. */
static int write_torn(struct faulty *f, struct store_memory *m, const struct transaction *t)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < t->n; i++)
        if (coin(f))
            rc = write_to(m, &t->ops[i], 1);
    return rc;
}

static int lying_image(struct faulty *f, struct store_memory *m)
{
    int rc = 0;
    uint64_t manner = rng_below(&f->rng, 4);
    size_t whole = manner == 3 ? f->pending_n : (size_t)rng_below(&f->rng, f->pending_n + 1);
    for (size_t i = 0; rc == 0 && i < f->pending_n; i++) {
        const struct transaction *t = &f->pending[i];
        if (manner == 0 ? coin(f) : i < whole) /* 0: out of order; else the last ones are lost, */
            rc = write_to(m, t->ops, t->n);
        else if (manner == 1 && i == whole) /* 1: and the first of them torn; */
            rc = write_torn(f, m, t);
    }
    for (uint64_t n = manner == 3 ? 1 + rng_below(&f->rng, 4) : 0; rc == 0 && n > 0; n--) /* 3: nothing is lost, but damaged */
        rc = damage(f, m);
    return rc;
}

int faulty_reopen(struct faulty *f)
{
    struct store_memory *image = NULL;
    bool lying = f->config.kind == FAULTY_LYING;
    f->crashed = true;
    int rc = store_memory_clone(&image, lying ? f->synced : f->now);
    if (rc == 0 && lying)
        rc = lying_image(f, image);
    if (rc == 0 && f->tried.n > 0 && coin(f))
        rc = write_to(image, f->tried.ops, f->tried.n);
    if (rc != 0) {
        store_memory_free(image);
        return rc;
    }
    store_memory_free(f->now);
    f->now = image;
    rc = sync_all(f);
    f->crashed = rc != 0;
    return rc;
}

void faulty_crash(struct faulty *f)
{
    f->crashed = true;
}

bool faulty_crashed(const struct faulty *f)
{
    return f->crashed;
}

/* ---- The rest. */

int faulty_new(struct faulty **out, const struct faulty_config *config, const uint8_t seed[32])
{
    struct faulty *f = *out = mem_zalloc(sizeof(*f));
    if (!f)
        return DSPV_ENOMEM;
    f->seam = (dspv_store){f, apply, scan, trouble};
    f->config = *config;
    f->trouble = "nothing went wrong";
    rng_init(&f->rng, seed);
    if (store_memory_new(&f->now) == 0 && store_memory_new(&f->synced) == 0)
        return 0;
    faulty_free(f);
    *out = NULL;
    return DSPV_ENOMEM;
}

void faulty_free(struct faulty *f)
{
    if (!f)
        return;
    forget_pending(f);
    store_memory_free(f->now);
    store_memory_free(f->synced);
    mem_free(f);
}

const dspv_store *faulty_seam(struct faulty *f)
{
    return &f->seam;
}

int faulty_configure(struct faulty *f, const struct faulty_config *config)
{
    if (sync_all(f) != 0)
        return DSPV_ENOMEM;
    f->config = *config;
    return 0;
}

void faulty_fail_apply(struct faulty *f, uint64_t n)
{
    f->fail_apply_at = n ? f->applies + n : 0;
}

void faulty_fail_scan(struct faulty *f, uint64_t n)
{
    f->fail_scan_at = n ? f->scans + n : 0;
}

void faulty_crash_in_apply(struct faulty *f, uint64_t n)
{
    f->crash_at = n ? f->applies + n : 0;
}

const struct store_memory *faulty_image(const struct faulty *f)
{
    return f->now;
}

uint64_t faulty_applies(const struct faulty *f)
{
    return f->applies;
}

uint64_t faulty_commits(const struct faulty *f)
{
    return f->commits;
}

uint64_t faulty_scans(const struct faulty *f)
{
    return f->scans;
}
