/* Signature checks as work that can run on any thread. A job owns references to all it reads and, while it is out, the key
 * cache: so one job is out at a time and nothing is shared with the engine's thread. Its parts share the cache as it was, which
 * none of them changes; what they decode is taken in when the job is done. */
#include "engine/engine_state.h"

#include <stdlib.h>

struct job_quorum {
    struct quorum *quorum;
    struct members *members;
    const struct llmq_params *params; /* the engine's, immutable */
    uint32_t generation;
    int16_t place; /* index of a rotated quorum, -1 */
    dspv_fault fault; /* reason OK, or why no signature could be checked */
    bool ok[2];       /* quorumSig, membersSig */
};

struct job_part {
    size_t first, end; /* of the quorums */
    struct key_cache *fresh;
    struct rng rng;
    bool ran;
};

struct engine_job {
    struct key_cache *keys;
    size_t n_parts;
    struct job_part parts[ENGINE_MOST_PARTS];
    size_t n;
    struct job_quorum quorums[];
};

static void job_free(struct engine_job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        quorum_unref(job->quorums[i].quorum);
        members_free(job->quorums[i].members);
    }
    for (size_t i = 0; i < job->n_parts; i++)
        key_cache_free(job->parts[i].fresh);
    mem_free(job);
}

/* ---- taking */

/* Cost: that of two signatures, in signers' keys, and the keys. */
static size_t work(const struct job_quorum *q)
{
    enum { SIGNATURES = 64 };
    return SIGNATURES + bitspan_count(&q->quorum->c.signers);
}

/* Quorums of one index share most members from cycle to cycle: their keys are decoded once when they are in one part. */
static int by_place(const void *a, const void *b)
{
    const struct job_quorum *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    const int type = x->quorum->c.type - y->quorum->c.type;
    return type != 0 ? type : quorum_hash_cmp(&x->quorum->c.hash, &y->quorum->c.hash);
}

static int take_quorum(struct engine *e, struct tracked *t, struct job_quorum *out)
{
    out->members = members_new(t->members->mn, t->members->n);
    if (!out->members)
        return DSPV_ENOMEM;
    out->quorum = quorum_ref(t->quorum);
    out->params = network_llmq(&e->net, t->quorum->c.type);
    out->generation = t->generation;
    out->place = quorums_rotates(e, t) ? t->quorum->c.index : -1;
    return 0;
}

/* Cut the quorums into parts of about equal work, if that is worth its while. */
static int cut(struct engine *e, struct engine_job *job)
{
    enum { WORTH_CUTTING = 1500 };
    size_t total = 0, taken = 0, at = 0;
    for (size_t i = 0; i < job->n; i++)
        total += work(&job->quorums[i]);
    const size_t parts = total > WORTH_CUTTING ? ENGINE_MOST_PARTS : 1;
    for (size_t k = 0; k < parts; k++) {
        struct job_part *part = &job->parts[k];
        const uint64_t seed[2] = {rng_u64(&e->rng), rng_u64(&e->rng)};
        part->first = at;
        while (at < job->n && (k + 1 == parts || taken * parts < total * (k + 1)))
            taken += work(&job->quorums[at++]);
        part->end = at;
        rng_fork(&e->rng, &part->rng);
        if (key_cache_new(&part->fresh, seed) != 0)
            return DSPV_ENOMEM;
        job->n_parts++;
    }
    return 0;
}

int engine_job_take(struct engine *e, struct engine_job **out)
{
    *out = NULL;
    if (!e->keys)
        return 0; /* a job is out */
    size_t ready = 0;
    for (size_t i = 0; i < e->n_tracked; i++) {
        int error = quorums_update(e, e->tracked[i]);
        if (error != 0)
            return error;
        ready += e->tracked[i]->status == QUORUM_READY;
    }
    if (ready == 0)
        return 0;
    struct engine_job *job = mem_zalloc(sizeof(*job) + ready * sizeof(job->quorums[0]));
    if (!job)
        return DSPV_ENOMEM;
    int error = 0;
    for (size_t i = 0; error == 0 && i < e->n_tracked; i++) {
        if (e->tracked[i]->status != QUORUM_READY)
            continue;
        error = take_quorum(e, e->tracked[i], &job->quorums[job->n]);
        job->n += error == 0;
    }
    if (error == 0) {
        qsort(job->quorums, job->n, sizeof(job->quorums[0]), by_place);
        error = cut(e, job);
    }
    if (error != 0) {
        job_free(job);
        return error;
    }
    for (size_t i = 0; i < e->n_tracked; i++)
        e->tracked[i]->busy = e->tracked[i]->status == QUORUM_READY;
    job->keys = e->keys;
    e->keys = NULL;
    *out = job;
    return 0;
}

size_t engine_job_items(const struct engine_job *job)
{
    return job->n;
}

size_t engine_job_parts(const struct engine_job *job)
{
    return job->n_parts;
}

/* ---- running */

/* What a part works with. */
struct workspace {
    struct quorum_subject *subjects;
    struct bls_item *items;
    bool *ok;
};

static void workspace_free(struct workspace *w)
{
    mem_free(w->subjects);
    mem_free(w->items);
    mem_free(w->ok);
}

static int workspace_init(struct workspace *w, const struct job_quorum *quorums, size_t n)
{
    *w = (struct workspace){mem_alloc_array(n, sizeof(*w->subjects)), mem_alloc_array(n, 2 * sizeof(*w->items)), mem_zalloc(2 * n)};
    if (!w->subjects || !w->items || !w->ok) {
        workspace_free(w);
        return DSPV_ENOMEM;
    }
    for (size_t i = 0; i < n; i++)
        w->subjects[i] = (struct quorum_subject){
            .c = &quorums[i].quorum->c, .p = quorums[i].params, .members = quorums[i].members, .items = w->items + 2 * i};
    return 0;
}

/* One weighted batch over both signatures of every quorum; the batch names its culprits. */
static int check_signatures(struct workspace *w, struct job_quorum *quorums, size_t n, struct rng *rng)
{
    size_t items = 0;
    for (size_t i = 0; i < n; i++) {
        quorums[i].fault = w->subjects[i].fault;
        if (quorums[i].fault.reason != DSPV_OK)
            continue;
        memmove(w->items + items, w->items + 2 * i, 2 * sizeof(*w->items));
        items += 2;
    }
    int error = bls_batch_verify(w->items, items, rng, w->ok);
    items = 0;
    for (size_t i = 0; error == 0 && i < n; i++)
        if (quorums[i].fault.reason == DSPV_OK) {
            memcpy(quorums[i].ok, w->ok + items, sizeof(quorums[i].ok));
            items += 2;
        }
    return error;
}

int engine_job_run_part(struct engine_job *job, size_t which)
{
    struct job_part *part = &job->parts[which];
    struct job_quorum *quorums = job->quorums + part->first;
    const size_t n = part->end - part->first;
    struct workspace w;
    if (workspace_init(&w, quorums, n) != 0)
        return DSPV_ENOMEM;
    int error = quorums_items(w.subjects, n, job->keys, part->fresh, &part->rng);
    if (error == 0)
        error = check_signatures(&w, quorums, n, &part->rng);
    part->ran = error == 0;
    workspace_free(&w);
    return error;
}

int engine_job_run(struct engine_job *job)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < job->n_parts; i++)
        error = engine_job_run_part(job, i);
    return error;
}

/* ---- done */

static void record(struct engine *e, const struct job_part *part, const struct job_quorum *q)
{
    struct tracked *t = quorums_find(e, q->quorum->c.type, &q->quorum->c.hash);
    if (!t)
        return;
    t->busy = false;
    if (!part->ran || t->generation != q->generation || t->quorum != q->quorum)
        return;
    if (q->fault.reason == DSPV_OK)
        quorums_verdict(e, t, q->ok[0], q->ok[1]);
    else
        quorums_refuse(t, q->fault);
}

void engine_job_done(struct engine *e, struct engine_job *job)
{
    e->keys = job->keys;
    e->changes++;
    for (size_t k = 0; k < job->n_parts; k++) {
        const struct job_part *part = &job->parts[k];
        for (size_t i = part->first; i < part->end; i++)
            record(e, part, &job->quorums[i]);
        (void)key_cache_absorb(e->keys, part->fresh); /* what memory does not suffice for is decoded another time */
    }
    job_free(job);
}

/* Everything that is ready. */
static int verify_ready(struct engine *e)
{
    for (;;) {
        struct engine_job *job;
        int error = engine_job_take(e, &job);
        if (error != 0 || !job)
            return error;
        error = engine_job_run(job);
        engine_job_done(e, job);
        if (error != 0)
            return error;
    }
}

int engine_verify(struct engine *e)
{
    bool found;
    do {
        found = false;
        int error = verify_ready(e);
        if (error == 0 && e->flags & ENGINE_OFFLINE && e->keys)
            error = search_base_heights(e, &found);
        if (error != 0)
            return error;
    } while (found);
    return 0;
}
