/* Rotation cycles of the InstantSend type: snapshots served and self-computed, quarters, members (quorums.md 3).
 *
 * A served snapshot is a claim: the members it implies count only once membersSig verifies. A snapshot we compute from proven
 * snapshots and lists is proven itself. Where both exist they must agree. */
#include "engine/engine_state.h"

const struct llmq_params *cycles_params(const struct engine *e)
{
    const struct llmq_params *p = network_llmq(&e->net, e->net.instantsend_type);
    return p && p->rotated ? p : NULL;
}

static size_t lower_bound(const struct engine *e, int32_t base)
{
    size_t i = e->n_cycles;
    while (i > 0 && e->cycles[i - 1].base >= base)
        i--;
    return i;
}

static struct cycle *find(const struct engine *e, int32_t base)
{
    size_t i = lower_bound(e, base);
    return i < e->n_cycles && e->cycles[i].base == base ? &e->cycles[i] : NULL;
}

/* The cycle's record, made when there is none; NULL when out of memory. */
static struct cycle *obtain(struct engine *e, int32_t base)
{
    struct cycle *c = find(e, base);
    if (c)
        return c;
    void *cycles = e->cycles;
    int error = mem_grow(&cycles, &e->cycles_cap, e->n_cycles + 1, sizeof(*e->cycles));
    e->cycles = cycles;
    if (error != 0)
        return NULL;
    size_t i = lower_bound(e, base);
    memmove(&e->cycles[i + 1], &e->cycles[i], (e->n_cycles - i) * sizeof(*e->cycles));
    e->n_cycles++;
    e->cycles[i] = (struct cycle){.base = base};
    return &e->cycles[i];
}

static void forget_quarters(struct cycle *c)
{
    quarters_unref(c->old);
    quarters_unref(c->fresh);
    c->old = c->fresh = NULL;
}

static void forget_snapshot(struct cycle *c)
{
    snapshot_unref(c->snapshot);
    c->snapshot = NULL;
    c->absent = c->checked = c->derived = c->proven = c->trusted = false;
}

/* The snapshot of `base` changed: whatever was computed from the old one goes, also the snapshots of later cycles that follow
 * from mere claims. */
static void forget_computed(struct engine *e, int32_t base)
{
    for (size_t i = 0; i < e->n_cycles; i++) {
        struct cycle *c = &e->cycles[i];
        forget_quarters(c);
        if (c->base > base && c->derived && !c->proven)
            forget_snapshot(c);
        c->checked = c->derived;
    }
    quorums_forget_rotated_members(e);
}

const struct snapshot *engine_snapshot(const struct engine *e, int32_t base, bool *derived)
{
    const struct cycle *c = find(e, base);
    if (derived)
        *derived = c && c->derived;
    return c ? c->snapshot : NULL;
}

bool engine_snapshot_confirmed(const struct engine *e, int32_t base)
{
    const struct cycle *c = find(e, base);
    return c && c->snapshot && (c->proven || c->trusted || quorums_rest_on(e, base));
}

size_t engine_snapshot_mismatches(const struct engine *e)
{
    return e->snapshot_mismatches;
}

bool engine_snapshot_absent(const struct engine *e, int32_t base)
{
    const struct llmq_params *p = cycles_params(e);
    const struct activations *active = &e->net.chain.active;
    if (!p || base < 1 || base < active->dip0024 || llmq_work_height(base) < active->dip0003)
        return true;
    const struct cycle *c = find(e, base);
    if (c && (c->snapshot || c->absent))
        return c->absent;
    const struct mnstate *work = engine_list(e, llmq_work_height(base));
    return work && mnlist_valid(work->list) < (size_t)llmq_quarter_size(p);
}

/* Protocol.md 6.6: what a snapshot must satisfy before it is even a claim. */
static dspv_reason check_snapshot(const struct llmq_params *p, const struct mnstate *work, const struct snapshot_msg *m)
{
    if (m->mode != 0 && m->mode != 1)
        return DSPV_BAD_SNAPSHOT_MODE;
    if (m->active.bits != mnlist_count(work->list))
        return DSPV_SNAPSHOT_SIZE;
    if (m->n_skips > (size_t)p->active * m->active.bits)
        return DSPV_TOO_MANY;
    return DSPV_OK;
}

int cycles_feed_snapshot(struct engine *e, int32_t base, const struct snapshot_msg *m, dspv_fault *fault)
{
    const struct llmq_params *p = cycles_params(e);
    const struct mnstate *work = engine_list(e, llmq_work_height(base));
    dspv_reason reason = !p || base % p->interval ? DSPV_QUORUM_HEIGHT : check_snapshot(p, work, m);
    if (reason != DSPV_OK) {
        *fault = fault_at_height(reason, base);
        return DSPV_EFAULT;
    }
    struct snapshot *served = snapshot_new(m);
    struct cycle *c = served ? obtain(e, base) : NULL;
    if (!c) {
        snapshot_unref(served);
        return DSPV_ENOMEM;
    }
    if (c->snapshot && snapshot_eq(c->snapshot, served)) {
        snapshot_unref(served);
        return 0;
    }
    e->snapshot_mismatches += c->derived;
    if (c->proven || c->trusted) {
        snapshot_unref(served);
        *fault = fault_at_height(DSPV_SNAPSHOT_MISMATCH, base);
        return c->proven ? DSPV_EFAULT : 0;
    }
    /* A claim against a claim, or against what followed from claims: the newer one is tried. */
    forget_snapshot(c);
    c->snapshot = served;
    forget_computed(e, base);
    return 0;
}

/* ---- quarters */

/* Quarters of an old cycle, decoded once. The list and the snapshot must be there. */
static int old_quarters(struct engine *e, int32_t base, struct quarters **out, dspv_fault *fault)
{
    struct cycle *c = find(e, base);
    if (!c->old) {
        int error = quarters_decode(&e->net, cycles_params(e), base, engine_list(e, llmq_work_height(base)), c->snapshot,
                                    &c->old, fault);
        if (error != 0)
            return error;
    }
    *out = c->old;
    return 0;
}

/* Quorums.md 3.7: the walk stops at the first cycle without a snapshot; that one and all older quarters are empty. */
static int previous_quarters(struct engine *e, int32_t base, struct quarters *previous[3], dspv_fault *fault)
{
    int32_t interval = cycles_params(e)->interval;
    for (int k = 0; k < 3; k++)
        previous[k] = NULL;
    for (int k = 0; k < 3 && !engine_snapshot_absent(e, base - (k + 1) * interval); k++) {
        int error = old_quarters(e, base - (k + 1) * interval, &previous[k], fault);
        if (error != 0)
            return error;
    }
    return 0;
}

/* Build the new quarters of a cycle once; *snapshot (NULL = Core stores none) only when they were built now. */
static int fresh_quarters(struct engine *e, struct cycle *c, struct quarters *const previous[3], struct snapshot **snapshot)
{
    *snapshot = NULL;
    if (c->fresh)
        return 0;
    return quarters_build(&e->net, cycles_params(e), c->base, engine_list(e, llmq_work_height(c->base)), previous, &c->fresh,
                          snapshot);
}

size_t cycles_missing(const struct engine *e, int32_t base, struct missing out[MISSING_MAX])
{
    int32_t interval = cycles_params(e)->interval;
    size_t n = 0;
    if (!engine_list(e, llmq_work_height(base)))
        out[n++] = (struct missing){DSPV_NEED_LIST, llmq_work_height(base)};
    for (int k = 1; k <= 3; k++) {
        int32_t old = base - k * interval;
        if (engine_snapshot_absent(e, old))
            break;
        if (!engine_list(e, llmq_work_height(old)))
            out[n++] = (struct missing){DSPV_NEED_LIST, llmq_work_height(old)};
        if (!engine_snapshot(e, old, NULL))
            out[n++] = (struct missing){DSPV_NEED_SNAPSHOT, old};
    }
    return n;
}

int cycles_members(struct engine *e, int32_t base, uint32_t index, struct members **out, dspv_fault *fault)
{
    struct quarters *previous[3];
    struct cycle *c = obtain(e, base);
    int error = c ? previous_quarters(e, base, previous, fault) : DSPV_ENOMEM;
    if (error != 0)
        return error;
    struct snapshot *snapshot;
    error = fresh_quarters(e, c, previous, &snapshot);
    snapshot_unref(snapshot);
    return error == 0 ? quarters_compose(previous, c->fresh, index, out) : error;
}

/* ---- self-derived rotation */

/* Does the snapshot we compute for `base` follow from proven (trusted) ones? */
static void judge_inputs(const struct engine *e, int32_t base, bool *proven, bool *trusted)
{
    int32_t interval = cycles_params(e)->interval;
    *proven = *trusted = true;
    for (int k = 1; k <= 3 && !engine_snapshot_absent(e, base - k * interval); k++) {
        const struct cycle *c = find(e, base - k * interval);
        *proven &= c->proven;
        *trusted &= c->proven || c->trusted;
    }
}

/* Compute the snapshot that Core stores for the cycle and join it with what was served. */
static int derive_one(struct engine *e, int32_t base)
{
    struct quarters *previous[3];
    dspv_fault fault;
    struct cycle *c = obtain(e, base);
    int error = c ? previous_quarters(e, base, previous, &fault) : DSPV_ENOMEM;
    if (error == DSPV_EFAULT)
        return 0; /* a served snapshot is unusable: nothing follows from it */
    if (error != 0)
        return error;
    quarters_unref(c->fresh);
    c->fresh = NULL;
    struct snapshot *own;
    error = fresh_quarters(e, c, previous, &own);
    if (error != 0)
        return error;
    c->checked = true;
    bool proven, trusted;
    judge_inputs(e, base, &proven, &trusted);
    bool same = c->snapshot && own && snapshot_eq(c->snapshot, own);
    bool differs = c->snapshot && !same;
    e->snapshot_mismatches += differs;
    if (differs && !trusted) { /* either may be wrong: membersSig decides */
        snapshot_unref(own);
        return 0;
    }
    if (same) {
        snapshot_unref(own);
    } else {
        snapshot_unref(c->snapshot);
        c->snapshot = own;
    }
    c->absent = c->snapshot == NULL;
    c->derived = true;
    c->proven |= proven;
    c->trusted |= trusted;
    if (differs)
        forget_computed(e, base);
    return 0;
}

static bool derivable(const struct engine *e, int32_t base)
{
    struct missing missing[MISSING_MAX];
    const struct cycle *c = find(e, base);
    return !(c && c->checked) && !engine_snapshot_absent(e, base) && cycles_missing(e, base, missing) == 0;
}

int cycles_derive(struct engine *e)
{
    const struct llmq_params *p = cycles_params(e);
    /* Ascending: one cycle's snapshot is the next one's input. */
    for (size_t i = 0; p && i < e->n_lists; i++) {
        int32_t base = e->lists[i]->height + WORK_DIFF_DEPTH;
        if (base % p->interval != 0 || !derivable(e, base))
            continue;
        int error = derive_one(e, base);
        if (error != 0)
            return error;
    }
    return 0;
}

void cycles_trust_previous(struct engine *e, int32_t base)
{
    for (int k = 1; k <= 3; k++) {
        struct cycle *c = find(e, base - k * cycles_params(e)->interval);
        if (c && c->snapshot)
            c->trusted = true;
    }
}

/* First only the three snapshots that the cycle rests on: the nearest claims are the likeliest culprits. When that did not help, a
 * claim further back may be false, from which these were computed: everything that lists alone do not prove goes. */
void cycles_reject_previous(struct engine *e, int32_t base)
{
    int32_t interval = cycles_params(e)->interval;
    bool all = e->rejected == base;
    int32_t oldest = all ? 0 : base - 3 * interval;
    for (size_t i = 0; i < e->n_cycles; i++) {
        struct cycle *c = &e->cycles[i];
        if (c->base >= oldest && c->base < base && !c->proven)
            forget_snapshot(c);
    }
    forget_computed(e, oldest);
    quorums_doubt_cycles(e, oldest + interval, base + 2 * interval);
    e->rejected = all ? 0 : base;
}

void cycles_drop_above(struct engine *e, int32_t height)
{
    while (e->n_cycles > 0 && llmq_work_height(e->cycles[e->n_cycles - 1].base) > height) {
        struct cycle *c = &e->cycles[--e->n_cycles];
        forget_quarters(c);
        forget_snapshot(c);
    }
}

void cycles_drop(struct engine *e, cycles_filter *keep, const void *about)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->n_cycles; i++) {
        if (keep(e, e->cycles[i].base, about)) {
            e->cycles[kept++] = e->cycles[i];
            continue;
        }
        forget_quarters(&e->cycles[i]);
        forget_snapshot(&e->cycles[i]);
    }
    e->n_cycles = kept;
}

static size_t quarters_memory(const struct quarters *q)
{
    return q ? sizeof(*q) + q->n_indexes * (sizeof(*q->count) + q->size * sizeof(struct masternode *)) : 0;
}

size_t cycles_memory(const struct engine *e)
{
    size_t total = e->cycles_cap * sizeof(*e->cycles);
    for (size_t i = 0; i < e->n_cycles; i++) {
        const struct cycle *c = &e->cycles[i];
        total += quarters_memory(c->old) + quarters_memory(c->fresh);
        if (c->snapshot)
            total += sizeof(*c->snapshot) + (c->snapshot->n_bits + 7) / 8 + c->snapshot->n_skips * sizeof(*c->snapshot->skips);
    }
    return total;
}

void cycles_free(struct engine *e)
{
    cycles_drop_above(e, INT32_MIN);
    mem_free(e->cycles);
}
