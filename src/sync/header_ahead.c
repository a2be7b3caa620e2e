/* See header_ahead.h. What is told ahead goes through the same rules in the same order; only its first header is not tried before
 * the others are hashed, because its parent is not known yet. */
#include "sync/header_ahead.h"

#include "crypto/x11.h"
#include "sync/client.h"

/* ---- which kind */

bool header_ahead_compressed(const struct peer *p)
{
    return (p->services & SERVICE_HEADERS_COMPRESSED) != 0 && !p->ahead.plain;
}

static bool is_full(const struct header_message *m)
{
    return m->answer && m->n >= HEADERS_MOST;
}

/* All cores wait for it, and not only once, as when this program had something else to do. */
void header_ahead_came(struct peer *p, const struct header_message *m, dspv_ms now)
{
    enum { SLOW = 4 };
    struct header_ahead *a = &p->ahead;
    if (!a->plain || !is_full(m))
        return;
    a->slow = !p->headers_hashing && now - p->headers_sent > a->compressed_ms ? a->slow + 1 : 0;
    a->plain = a->slow < SLOW;
}

/* One compressed answer, which takes `came_ms` to come and `hashed_ms` to be hashed, brings what four plain ones do. Those are
 * twice as long together and take three round trips more, so they take four times `came_ms` at most. */
void header_ahead_hashed(struct peer *p, const struct header_message *m, dspv_ms now)
{
    enum { QUESTIONS = HEADERS2_MOST / HEADERS_MOST };
    dspv_ms came_ms = m->came - m->asked, hashed_ms = now - m->came;
    if (!m->compressed || !is_full(m))
        return;
    p->ahead.compressed_ms = (came_ms + hashed_ms) * HEADERS_MOST / (dspv_ms)m->n;
    p->ahead.plain = (QUESTIONS - 1) * came_ms < hashed_ms;
    p->ahead.slow = 0;
}

/* ---- asking */

static bool was_asked_for(const struct peer *p, const uint8_t *first)
{
    return p->ahead.open && first && memcmp(first + 4, p->ahead.last.b, 32) == 0;
}

bool header_ahead_follows(const struct peer *p, const uint8_t *first)
{
    return p->headers_hashing && was_asked_for(p, first);
}

bool header_ahead_is_lost(const struct dspv *c, const struct peer *p, const uint8_t *first)
{
    const struct header_message *before = header_jobs_newest(&c->header_jobs, p->conn);
    return was_asked_for(p, first) && (p->ahead.lost || (before && before->refused));
}

void header_ahead_answered(struct dspv *c, struct peer *p)
{
    struct header_message *last = header_jobs_newest(&c->header_jobs, p->conn);
    if (last)
        last->followed = false;
    p->ahead.open = p->ahead.more = p->ahead.lost = false;
}

void header_ahead_in_work(struct dspv *c, struct peer *p, struct header_message *m, bool follows)
{
    struct header_message *before = header_jobs_newest_but(&c->header_jobs, p->conn, m);
    if (follows && before)
        before->followed = true;
    p->ahead.more = p->conn == c->header_sync.peer && !m->compressed && is_full(m);
    if (p->ahead.more)
        x11_hash(&p->ahead.last, m->batch.raw + (size_t)(m->batch.n - 1) * HEADER_SIZE);
}

int header_ahead_ask(struct dspv *c, struct peer *p)
{
    struct header_message *last = header_jobs_newest(&c->header_jobs, p->conn);
    if (!p->ahead.more || !last || last->refused || p->headers_hashing >= HEADER_JOBS_AHEAD)
        return 0;
    if (!peer_usable(p) || storage_holds_back(c))
        return 0;
    last->followed = true;
    p->ahead.more = false;
    p->ahead.open = true;
    return header_sync_ask_after(c, p, &p->ahead.last);
}
