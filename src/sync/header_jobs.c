/* See header_jobs.h. Invariant: a message stays where it is in memory until every job of it that was handed out is back. */
#include "sync/header_jobs.h"

#include "base/mem.h"
#include "crypto/x11.h"

enum { ARENA_LIMIT = 4 << 20 };

/* ---- messages */

struct header_message *header_message_new(dspv_conn conn)
{
    struct header_message *m = mem_zalloc(sizeof(*m));
    if (!m)
        return NULL;
    m->conn = conn;
    m->connects = true;
    arena_init(&m->arena, ARENA_LIMIT);
    return m;
}

void header_message_free(struct header_message *m)
{
    if (!m)
        return;
    arena_free(&m->arena);
    mem_free(m);
}

/* Where slice `i` starts: no lane of x11_many stays empty but at the end. */
static uint32_t slice_start(uint32_t n, uint32_t i, uint32_t parts)
{
    const uint32_t lanes = (uint32_t)x11_lanes();
    return i == parts ? n : n * i / parts / lanes * lanes;
}

/* A first header that was tried was hashed then. */
static void cut(struct header_message *m)
{
    uint32_t done = m->untried ? 0 : 1, rest = m->batch.n - done;
    uint32_t parts = m->batch.linked ? 1 : rest / HEADER_JOBS_SMALLEST;
    parts = parts < 1 ? 1 : parts > HEADER_JOBS_SLICES ? HEADER_JOBS_SLICES : parts;
    if (!m->untried)
        m->batch.hashes[0] = m->first;
    for (uint32_t i = 0; i < parts; i++) {
        uint32_t from = slice_start(rest, i, parts), to = slice_start(rest, i + 1, parts);
        m->jobs[i] = (struct dspv_job){.kind = JOB_HEADERS, .batch = &m->batch, .first = done + from, .n = to - from};
    }
    m->n_jobs = parts;
}

void header_job_run(struct dspv_job *job)
{
    header_batch_hash(job->batch, job->first, job->n);
    job->ran = true;
}

void header_message_hash(struct header_message *m)
{
    if (m->batch.n == 0)
        return;
    if (m->n_jobs == 0)
        cut(m);
    for (size_t i = 0; i < m->n_jobs; i++)
        if (!m->jobs[i].ran)
            header_job_run(&m->jobs[i]);
}

/* ---- those in work */

/* What follows has its own room. */
static bool has_room(const struct header_jobs *j, const struct header_message *m)
{
    size_t of_it = 0, peers = 0;
    for (size_t i = 0; i < j->n; i++) {
        of_it += j->messages[i]->conn == m->conn;
        peers += !j->messages[i]->untried;
    }
    return m->untried ? of_it < HEADER_JOBS_AHEAD : of_it == 0 && peers < HEADER_JOBS_MESSAGES;
}

bool header_jobs_add(struct header_jobs *j, struct header_message *m)
{
    if (j->n == HEADER_JOBS_MOST || m->batch.n <= (m->untried ? 0u : 1u) || !has_room(j, m))
        return false;
    cut(m);
    j->messages[j->n++] = m;
    return true;
}

struct header_message *header_jobs_newest_but(const struct header_jobs *j, dspv_conn conn, const struct header_message *m)
{
    for (size_t i = j->n; i-- > 0;)
        if (j->messages[i]->conn == conn && j->messages[i] != m)
            return j->messages[i];
    return NULL;
}

struct header_message *header_jobs_newest(const struct header_jobs *j, dspv_conn conn)
{
    return header_jobs_newest_but(j, conn, NULL);
}

struct dspv_job *header_jobs_next(struct header_jobs *j)
{
    for (size_t i = 0; i < j->n; i++) {
        struct header_message *m = j->messages[i];
        if (m->conn != 0 && m->told < m->n_jobs)
            return &m->jobs[m->told++];
    }
    return NULL;
}

bool header_jobs_back(struct header_jobs *j, const struct dspv_job *job)
{
    for (size_t i = 0; i < j->n; i++)
        for (size_t k = 0; k < j->messages[i]->told; k++) {
            struct dspv_job *mine = &j->messages[i]->jobs[k];
            if (mine == job && !mine->back) {
                mine->back = true;
                return true;
            }
        }
    return false;
}

/* Of a peer that is gone only what was handed out is waited for. */
static bool is_finished(const struct header_message *m)
{
    for (size_t k = 0; k < m->told; k++)
        if (!m->jobs[k].back)
            return false;
    return m->conn == 0 || m->told == m->n_jobs;
}

static struct header_message *take_out(struct header_jobs *j, size_t place)
{
    struct header_message *m = j->messages[place];
    j->n--;
    memmove(&j->messages[place], &j->messages[place + 1], (j->n - place) * sizeof(j->messages[0]));
    return m;
}

struct header_message *header_jobs_finished(struct header_jobs *j)
{
    if (j->n == 0 || !is_finished(j->messages[0]))
        return NULL;
    return take_out(j, 0);
}

void header_jobs_refuse(struct header_jobs *j, dspv_conn conn)
{
    for (size_t i = 0; i < j->n; i++)
        if (j->messages[i]->conn == conn)
            j->messages[i]->refused = true;
}

void header_jobs_peer_gone(struct header_jobs *j, dspv_conn conn)
{
    for (size_t i = j->n; i-- > 0;) {
        struct header_message *m = j->messages[i];
        if (m->conn == conn)
            m->conn = 0;
        if (m->conn == 0 && is_finished(m))
            header_message_free(take_out(j, i));
    }
}

void header_jobs_free(struct header_jobs *j)
{
    for (size_t i = 0; i < j->n; i++)
        header_message_free(j->messages[i]);
    j->n = 0;
}
