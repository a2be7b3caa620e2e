/* Signature checks as work that can run on any thread. A job owns references to all it reads and, while it is out, the key
 * cache: so one job is out at a time and nothing is shared with the engine's thread. */
#include "engine/engine_state.h"

struct job_quorum {
    struct quorum *quorum;
    struct members *members;
    const struct llmq_params *params; /* the engine's, immutable */
    uint32_t generation;
    dspv_fault fault; /* reason OK, or why no signature could be checked */
    bool ok[2];       /* quorumSig, membersSig */
};

struct engine_job {
    struct key_cache *keys;
    struct rng rng;
    bool ran;
    size_t n;
    struct job_quorum quorums[];
};

static void job_free(struct engine_job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        quorum_unref(job->quorums[i].quorum);
        members_free(job->quorums[i].members);
    }
    mem_free(job);
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
    for (size_t i = 0; i < e->n_tracked; i++) {
        struct tracked *t = e->tracked[i];
        if (t->status != QUORUM_READY)
            continue;
        struct job_quorum *q = &job->quorums[job->n];
        q->members = members_new(t->members->mn, t->members->n);
        if (!q->members) {
            job_free(job);
            return DSPV_ENOMEM;
        }
        q->quorum = quorum_ref(t->quorum);
        q->params = network_llmq(&e->net, t->quorum->c.type);
        q->generation = t->generation;
        job->n++;
    }
    for (size_t i = 0; i < e->n_tracked; i++)
        e->tracked[i]->busy = e->tracked[i]->status == QUORUM_READY;
    job->keys = e->keys;
    e->keys = NULL;
    rng_fork(&e->rng, &job->rng);
    *out = job;
    return 0;
}

size_t engine_job_items(const struct engine_job *job)
{
    return job->n;
}

/* One weighted batch over both signatures of every quorum; the batch names its culprits. */
int engine_job_run(struct engine_job *job)
{
    struct bls_item *items = mem_alloc_array(2 * job->n, sizeof(*items));
    bool *ok = mem_zalloc(2 * job->n);
    int error = items && ok ? 0 : DSPV_ENOMEM;
    size_t n = 0;
    for (size_t i = 0; error == 0 && i < job->n; i++) {
        struct job_quorum *q = &job->quorums[i];
        q->fault = fault_of(DSPV_OK);
        int prepared = quorum_items(&q->quorum->c, q->params, q->members, job->keys, &items[n], &q->fault);
        if (prepared == 0)
            n += 2;
        else if (prepared == DSPV_ENOMEM)
            error = prepared;
    }
    if (error == 0)
        error = bls_batch_verify(items, n, &job->rng, ok);
    n = 0;
    for (size_t i = 0; error == 0 && i < job->n; i++)
        if (job->quorums[i].fault.reason == DSPV_OK) {
            job->quorums[i].ok[0] = ok[n++];
            job->quorums[i].ok[1] = ok[n++];
        }
    job->ran = error == 0;
    mem_free(items);
    mem_free(ok);
    return error;
}

void engine_job_done(struct engine *e, struct engine_job *job)
{
    e->keys = job->keys;
    e->changes++;
    for (size_t i = 0; i < job->n; i++) {
        const struct job_quorum *q = &job->quorums[i];
        struct tracked *t = quorums_find(e, q->quorum->c.type, &q->quorum->c.hash);
        if (!t)
            continue;
        t->busy = false;
        if (!job->ran || t->generation != q->generation || t->quorum != q->quorum)
            continue;
        if (q->fault.reason == DSPV_OK)
            quorums_verdict(e, t, q->ok[0], q->ok[1]);
        else
            quorums_refuse(t, q->fault);
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
