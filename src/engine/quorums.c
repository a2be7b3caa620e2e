/* Every quorum the engine met, with its status. A quorum is VERIFIED only through quorums_verdict, after both signatures of its
 * commitment verified under members computed from proven lists; whatever is missing keeps it WAITING with the reason. */
#include "engine/engine_state.h"

static size_t lower_bound(const struct engine *e, uint8_t type, const quorum_hash *hash)
{
    size_t low = 0, high = e->n_tracked;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct commitment *c = &e->tracked[middle]->quorum->c;
        int order = c->type != type ? c->type - type : quorum_hash_cmp(&c->hash, hash);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct tracked *quorums_find(const struct engine *e, uint8_t type, const quorum_hash *hash)
{
    size_t i = lower_bound(e, type, hash);
    struct tracked *t = i < e->n_tracked ? e->tracked[i] : NULL;
    return t && t->quorum->c.type == type && quorum_hash_eq(&t->quorum->c.hash, hash) ? t : NULL;
}

int quorums_reserve(struct engine *e, struct quorum *const *quorums, size_t n)
{
    size_t fresh = 0;
    for (size_t i = 0; i < n; i++)
        fresh += !quorums_find(e, quorums[i]->c.type, &quorums[i]->c.hash);
    void *tracked = e->tracked, *spare = e->spare;
    int error = mem_grow(&tracked, &e->tracked_cap, e->n_tracked + fresh, sizeof(struct tracked *));
    e->tracked = tracked;
    if (error == 0)
        error = mem_grow(&spare, &e->spare_cap, fresh, sizeof(struct tracked *));
    e->spare = spare;
    while (error == 0 && e->n_spare < fresh) {
        e->spare[e->n_spare] = mem_alloc(sizeof(struct tracked));
        if (!e->spare[e->n_spare])
            return DSPV_ENOMEM;
        e->n_spare++;
    }
    return error;
}

static void wait_for(struct tracked *t, dspv_fault fault)
{
    t->status = QUORUM_WAITING;
    t->fault = fault;
}

static void forget_verdict(struct tracked *t)
{
    members_free(t->members);
    t->members = NULL;
    t->restored = t->has_key = false;
    t->serial = 0;
    t->generation++;
    wait_for(t, fault_quorum(DSPV_NEED_VERIFICATION, t->quorum->c.type, t->quorum->c.hash.b, t->base_height));
}

static void tracked_free(struct tracked *t)
{
    quorum_unref(t->quorum);
    members_free(t->members);
    mem_free(t);
}

static bool same_commitment(const struct quorum *a, const struct quorum *b)
{
    return a->c.raw.n == b->c.raw.n && memcmp(a->raw, b->raw, a->c.raw.n) == 0;
}

void quorums_track(struct engine *e, struct quorum *q, int32_t height)
{
    size_t i = lower_bound(e, q->c.type, &q->c.hash);
    struct tracked *t = quorums_find(e, q->c.type, &q->c.hash);
    if (!t) {
        t = e->spare[--e->n_spare];
        *t = (struct tracked){.quorum = quorum_ref(q), .base_height = -1, .first_seen = -1, .last_seen = -1};
        forget_verdict(t);
        memmove(&e->tracked[i + 1], &e->tracked[i], (e->n_tracked - i) * sizeof(*e->tracked));
        e->tracked[i] = t;
        e->n_tracked++;
    }
    if (height < 0)
        return;
    if (!same_commitment(t->quorum, q)) { /* what a proven set says replaces everything else */
        quorum_unref(t->quorum);
        t->quorum = quorum_ref(q);
        forget_verdict(t);
    }
    if (!t->committed || height < t->first_seen)
        t->first_seen = height;
    if (!t->committed || height > t->last_seen)
        t->last_seen = height;
    t->committed = true;
}

bool quorums_rotates(const struct engine *e, const struct tracked *t)
{
    const struct llmq_params *p = network_llmq(&e->net, t->quorum->c.type);
    return p && llmq_rotation_in_force(&e->net, p, t->base_height);
}

size_t quorums_missing(const struct engine *e, const struct tracked *t, struct missing out[MISSING_MAX])
{
    if (quorums_rotates(e, t)) {
        int32_t base = t->base_height - t->quorum->c.index;
        if (t->quorum->c.type == e->net.instantsend_type)
            return cycles_missing(e, base, out);
        out[0] = (struct missing){DSPV_NEED_SNAPSHOT, base}; /* nobody serves snapshots of other types */
        return 1;
    }
    int32_t height = llmq_list_height(&e->net, t->base_height);
    if (engine_list(e, height))
        return 0;
    out[0] = (struct missing){DSPV_NEED_LIST, height};
    return 1;
}

static int compute_members(struct engine *e, struct tracked *t, dspv_fault *fault)
{
    const struct llmq_params *p = network_llmq(&e->net, t->quorum->c.type);
    if (quorums_rotates(e, t))
        return cycles_members(e, t->base_height - t->quorum->c.index, (uint32_t)t->quorum->c.index, &t->members, fault);
    const block_hash base = block_hash_of_quorum(&t->quorum->c.hash);
    return llmq_members(&e->net, p, t->base_height, &base, engine_list(e, llmq_list_height(&e->net, t->base_height)),
                        &t->members);
}

int quorums_update(struct engine *e, struct tracked *t)
{
    if (t->status == QUORUM_VERIFIED || t->status == QUORUM_INVALID || t->busy)
        return 0;
    const struct commitment *c = &t->quorum->c;
    if (t->base_height < 0) {
        const block_hash base = block_hash_of_quorum(&c->hash);
        t->base_height = engine_block_height(e, &base);
    }
    if (t->base_height < 0) {
        wait_for(t, fault_quorum(DSPV_NEED_BASE_HEIGHT, c->type, c->hash.b, -1));
        return 0;
    }
    dspv_fault fault;
    int error = quorum_check(&e->net, c, t->base_height, &fault);
    if (error == 0 && t->committed && t->base_height > t->first_seen) {
        fault = fault_quorum(DSPV_QUORUM_HEIGHT, c->type, c->hash.b, t->base_height);
        error = DSPV_EFAULT;
    }
    struct missing missing[MISSING_MAX];
    if (error == 0 && !t->members && quorums_missing(e, t, missing) > 0) {
        wait_for(t, fault_quorum(missing[0].reason, c->type, c->hash.b, missing[0].height));
        return 0;
    }
    if (error == 0 && !t->members)
        error = compute_members(e, t, &fault);
    if (error == DSPV_ENOMEM)
        return error;
    t->status = error == 0 ? QUORUM_READY : QUORUM_INVALID;
    t->fault = error == 0 ? fault_quorum(DSPV_NEED_VERIFICATION, c->type, c->hash.b, t->base_height) : fault;
    return 0;
}

void quorums_forget_rotated_members(struct engine *e)
{
    for (size_t i = 0; i < e->n_tracked; i++) {
        struct tracked *t = e->tracked[i];
        if (t->status != QUORUM_VERIFIED && !t->restored && t->base_height >= 0 && quorums_rotates(e, t))
            forget_verdict(t);
    }
}

/* Cycle base of a rotated quorum of the type whose snapshots are served, else -1. */
static int32_t served_cycle(const struct engine *e, const struct tracked *t)
{
    bool served = t->quorum->c.type == e->net.instantsend_type && t->base_height >= 0 && quorums_rotates(e, t);
    return served ? t->base_height - t->quorum->c.index : -1;
}

bool quorums_rest_on(const struct engine *e, int32_t base)
{
    int32_t interval = cycles_params(e)->interval;
    for (size_t i = 0; i < e->n_tracked; i++) {
        int32_t cycle = served_cycle(e, e->tracked[i]);
        bool vouches = e->tracked[i]->status == QUORUM_VERIFIED && !e->tracked[i]->restored;
        if (vouches && cycle > base && cycle <= base + 3 * interval)
            return true;
    }
    return false;
}

void quorums_doubt_cycles(struct engine *e, int32_t from, int32_t to)
{
    struct missing missing[MISSING_MAX];
    for (size_t i = 0; i < e->n_tracked; i++) {
        struct tracked *t = e->tracked[i];
        int32_t cycle = served_cycle(e, t);
        size_t n = t->status == QUORUM_VERIFIED && !t->restored && cycle >= from && cycle <= to ? cycles_missing(e, cycle, missing) : 0;
        bool doubtful = false;
        for (size_t k = 0; k < n; k++)
            doubtful |= missing[k].reason == DSPV_NEED_SNAPSHOT; /* a list may be missing because it did its duty */
        if (doubtful)
            forget_verdict(t);
    }
}

/* When every index of a cycle is verified, the snapshots it rests on need not give way to other claims. They are not proven: a
 * member that did not sign may be another one. */
static void note_complete_cycle(struct engine *e, const struct tracked *t)
{
    const struct llmq_params *p = cycles_params(e);
    int32_t base = t->base_height - t->quorum->c.index;
    uint32_t verified = 0;
    for (size_t i = 0; i < e->n_tracked; i++) {
        const struct tracked *o = e->tracked[i];
        bool vouches = o->quorum->c.type == p->type && o->status == QUORUM_VERIFIED && !o->restored;
        if (vouches && o->base_height - o->quorum->c.index == base)
            verified++;
    }
    if (verified == p->active)
        cycles_trust_previous(e, base);
}

void quorums_verdict(struct engine *e, struct tracked *t, bool quorum_sig_ok, bool members_sig_ok)
{
    const struct commitment *c = &t->quorum->c;
    bool good = quorum_sig_ok && members_sig_ok;
    if (!good && t->restored) { /* what was on disk is at fault: as if it had not been there */
        forget_verdict(t);
        return;
    }
    dspv_reason reason = good ? DSPV_OK : quorum_sig_ok ? DSPV_MEMBERS_SIG_INVALID : DSPV_QUORUM_SIG_INVALID;
    t->status = good ? QUORUM_VERIFIED : QUORUM_INVALID;
    t->serial = good ? ++e->verdicts : 0;
    t->fault = fault_quorum(reason, c->type, c->hash.b, t->base_height);
    if (good && c->type == e->net.instantsend_type && quorums_rotates(e, t))
        note_complete_cycle(e, t);
}

void quorums_refuse(struct tracked *t, dspv_fault fault)
{
    if (t->restored) {
        forget_verdict(t);
        return;
    }
    t->status = QUORUM_INVALID;
    t->fault = fault;
}

void engine_reject_snapshots(struct engine *e, uint8_t type, const quorum_hash *quorum)
{
    const struct tracked *t = quorums_find(e, type, quorum);
    e->changes++;
    if (t && served_cycle(e, t) >= 0)
        cycles_reject_previous(e, served_cycle(e, t));
}

/* The list it was seen in last is gone: find the highest one below that holds it. Lists between may have been pruned; that it was
 * there at first_seen stays true. */
static void see_again(const struct engine *e, struct tracked *t)
{
    t->last_seen = t->first_seen;
    for (size_t i = e->n_lists; i > 0 && e->lists[i - 1]->height >= t->first_seen; i--) {
        struct quorum *q = quorumset_find(e->lists[i - 1]->quorums, t->quorum->c.type, &t->quorum->c.hash);
        if (!q)
            continue;
        t->last_seen = e->lists[i - 1]->height;
        if (!same_commitment(t->quorum, q)) {
            quorum_unref(t->quorum);
            t->quorum = quorum_ref(q);
            forget_verdict(t);
        }
        return;
    }
}

void quorums_after_rollback(struct engine *e, int32_t height)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->n_tracked; i++) {
        struct tracked *t = e->tracked[i];
        if (!t->committed || t->first_seen > height) {
            tracked_free(t);
            continue;
        }
        e->tracked[kept++] = t;
        if (t->last_seen > height)
            see_again(e, t);
        if (t->base_height > height) { /* no honest chain commits to a quorum before its base block */
            t->base_height = -1;
            forget_verdict(t);
        }
    }
    e->n_tracked = kept;
}

/* ---- forgetting */

int32_t quorums_base_height(const struct engine *e, const struct tracked *t)
{
    const block_hash base = block_hash_of_quorum(&t->quorum->c.hash);
    return t->base_height >= 0 ? t->base_height : engine_block_height(e, &base);
}

size_t quorums_lists(const struct engine *e, const struct tracked *t, int32_t heights[4])
{
    struct tracked known = *t; /* a view of the quorum with its height, which a later update will record */
    known.base_height = quorums_base_height(e, t);
    int32_t cycle = served_cycle(e, &known);
    if (known.base_height < 0 || (cycle < 0 && quorums_rotates(e, &known)))
        return 0;
    if (cycle < 0) {
        heights[0] = llmq_list_height(&e->net, known.base_height);
        return 1;
    }
    for (int32_t k = 0; k < 4; k++)
        heights[k] = llmq_work_height(cycle - k * cycles_params(e)->interval);
    return 4;
}

void quorums_drop(struct engine *e, quorums_filter *keep, const void *about)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->n_tracked; i++) {
        if (keep(e, e->tracked[i], about))
            e->tracked[kept++] = e->tracked[i];
        else
            tracked_free(e->tracked[i]);
    }
    e->n_tracked = kept;
}

size_t quorums_memory(const struct engine *e)
{
    size_t total = (e->tracked_cap + e->spare_cap) * sizeof(*e->tracked) + (e->n_tracked + e->n_spare) * sizeof(**e->tracked);
    for (size_t i = 0; i < e->n_tracked; i++) {
        const struct tracked *t = e->tracked[i];
        total += sizeof(*t->quorum) + t->quorum->c.raw.n;
        total += t->members ? sizeof(*t->members) + t->members->n * sizeof(t->members->mn[0]) : 0;
    }
    return total;
}

void quorums_free(struct engine *e)
{
    for (size_t i = 0; i < e->n_tracked; i++)
        tracked_free(e->tracked[i]);
    while (e->n_spare > 0)
        mem_free(e->spare[--e->n_spare]);
    mem_free(e->spare);
    mem_free(e->tracked);
}

/* ---- answers */

static void view(const struct tracked *t, struct quorum_view *out)
{
    *out = (struct quorum_view){.quorum = t->quorum,
                                .base_height = t->base_height,
                                .committed = t->committed,
                                .first_seen = t->first_seen,
                                .last_seen = t->last_seen,
                                .status = t->status,
                                .fault = t->fault,
                                .members = t->members};
}

size_t engine_quorum_count(const struct engine *e)
{
    return e->n_tracked;
}

void engine_quorum_at(const struct engine *e, size_t i, struct quorum_view *out)
{
    view(e->tracked[i], out);
}

bool engine_quorum(const struct engine *e, uint8_t type, const quorum_hash *hash, struct quorum_view *out)
{
    const struct tracked *t = quorums_find(e, type, hash);
    if (t)
        view(t, out);
    return t != NULL;
}
