/* See request.h. The life of the requests; sending them is in request_send.c. */
#include "sync/request.h"

#include "base/mem.h"
#include "sync/answer.h"
#include "sync/client.h"
#include "sync/hedge.h"

static void release_held(struct request *r)
{
    mem_free(r->held);
    r->held = NULL;
    r->held_n = 0;
}

/* A young chain cannot answer any QRINFO, and silence is all one hears of that (protocol.md 6.6). So that nobody waits for the
 * whole timeout, the tip's list is asked for when the first QRINFO stays silent. */
static void add_spare(struct dspv *c)
{
    struct masternodes *mn = &c->mn;
    const struct qr_info_request *q = mn->plan.qr_info_requests;
    if (engine_list_count(c->engine) > 0 || mn->plan.n_qr_info == 0 || (mn->plan.n_mn_diff > 0 && !q->base_ahead))
        return;
    struct request *r = &mn->requests[mn->n_requests++];
    *r = (struct request){.kind = PLAN_MN_DIFF, .base_height = -1, .height = q->tip_height, .block = q->tip, .spare = true,
                          .priority = q->priority, .not_before = c->now + REQUEST_SPARE_MS};
    if (q->base_ahead) {
        r->base_height = q->base_height;
        r->base = q->base;
    }
}

int requests_start(struct dspv *c)
{
    struct masternodes *mn = &c->mn;
    const struct plan *p = &mn->plan;
    requests_drop(c);
    void *requests = mn->requests;
    int rc = mem_grow(&requests, &mn->cap_requests, p->n_qr_info + p->n_mn_diff + 1, sizeof(*mn->requests));
    mn->requests = requests;
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < p->n_qr_info; i++) {
        const struct qr_info_request *q = &p->qr_info_requests[i];
        mn->requests[mn->n_requests++] =
            (struct request){.kind = PLAN_QR_INFO, .base_height = q->base_height, .base = q->base, .height = q->tip_height,
                             .block = q->tip, .extra_share = q->extra_share, .base_ahead = q->base_ahead,
                             .priority = q->priority};
    }
    for (size_t i = 0; i < p->n_mn_diff; i++) {
        const struct mn_diff_request *d = &p->mn_diff_requests[i];
        mn->requests[mn->n_requests++] =
            (struct request){.kind = PLAN_MN_DIFF, .base_height = d->base_height, .base = d->base, .height = d->tip_height,
                             .block = d->tip, .priority = d->priority};
    }
    add_spare(c);
    c->progress.qr_info_planned += (uint32_t)p->n_qr_info;
    c->progress.mn_diff_planned += (uint32_t)p->n_mn_diff;
    return 0;
}

/* We no longer want it, but its answer may still come. */
static void forget(struct dspv *c, struct request *r)
{
    struct peer *p = r->state == REQUEST_SENT ? client_peer(c, r->conn) : NULL;
    if (p)
        p->dropped++;
    hedge_drop(c, r);
    release_held(r);
}

void requests_drop(struct dspv *c)
{
    for (size_t i = 0; i < c->mn.n_requests; i++)
        forget(c, &c->mn.requests[i]);
    c->mn.n_requests = 0;
}

void requests_rollback(struct dspv *c, int32_t height)
{
    struct masternodes *mn = &c->mn;
    size_t kept = 0;
    for (size_t i = 0; i < mn->n_requests; i++)
        if (mn->requests[i].height > height)
            forget(c, &mn->requests[i]);
        else
            mn->requests[kept++] = mn->requests[i];
    mn->n_requests = kept;
}

/* ---- state */

/* A spare that was not sent is nothing to wait for. */
static bool unsent_spare(const struct request *r)
{
    return r->spare && r->state == REQUEST_QUEUED;
}

bool requests_any_open(const struct dspv *c)
{
    for (size_t i = 0; i < c->mn.n_requests; i++)
        if (request_open(&c->mn.requests[i]) && !unsent_spare(&c->mn.requests[i]))
            return true;
    return false;
}

bool requests_spare_came(struct dspv *c)
{
    bool came = false;
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        came |= r->spare && r->state == REQUEST_DONE;
        r->spare = r->spare && r->state != REQUEST_DONE;
    }
    return came && requests_any_open(c);
}

size_t requests_in_flight(const struct dspv *c, enum plan_kind kind, const struct peer *p)
{
    size_t n = 0;
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        const struct request *r = &c->mn.requests[i];
        if (r->kind == kind && r->state == REQUEST_SENT)
            n += p ? hedge_asks(r, p->conn) : r->hedge.conn ? 2 : 1;
    }
    return n;
}

/* ---- results */

static size_t held_bytes(const struct dspv *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->mn.n_requests; i++)
        n += c->mn.requests[i].held_n;
    return n;
}

bool requests_may_hold(const struct dspv *c, size_t n)
{
    return held_bytes(c) + n <= c->mn.most_held;
}

int request_hold(struct dspv *c, struct request *r, enum request_wait why, struct span answer, int protocol)
{
    r->headers_asked = r->headers_asked || why == REQUEST_FOR_HEADERS;
    hedge_drop(c, r);
    c->mn.again = true; /* there is room for others */
    if (!requests_may_hold(c, answer.n)) { /* the peer did all right */
        r->base_first = r->base_first || why == REQUEST_FOR_BASE;
        r->state = REQUEST_QUEUED;
        r->not_before = c->now + REQUEST_BACKOFF_MS;
        r->attempts--;
        return 0;
    }
    r->held = mem_alloc(answer.n);
    if (!r->held)
        return DSPV_ENOMEM;
    memcpy(r->held, answer.p, answer.n);
    r->held_n = answer.n;
    r->held_protocol = protocol;
    r->waits_for = why;
    r->state = REQUEST_HELD;
    return 0;
}

static void measure(dspv_ms *average, dspv_ms took)
{
    *average = (*average * 3 + took) / 4;
}

void request_done(struct dspv *c, struct request *r)
{
    bool qr_info = r->kind == PLAN_QR_INFO;
    whom_note_success(c, r->address, r->kind);
    hedge_over(c, r);
    r->state = REQUEST_DONE;
    release_held(r);
    measure(qr_info ? &c->mn.qr_info_ms : &c->mn.mn_diff_ms, r->took);
    c->progress.last_progress = c->now;
    if (qr_info)
        c->progress.qr_info_completed++;
    else
        c->progress.mn_diff_completed++;
}

/* QRINFO is out of reach for a while: the next plans do without (hybrid-sync.md 4). */
static void enter_fallback(struct masternodes *mn, dspv_ms now)
{
    dspv_ms wait = MASTERNODES_QR_INFO_RETRY_MS;
    for (unsigned i = 0; i < mn->qr_info_failures && wait < MASTERNODES_MOST_BACKOFF_MS; i++)
        wait *= 2;
    mn->qr_info_failures++;
    mn->qr_info_retry_at = now + wait;
    memset(mn->last_plan, 0, sizeof(mn->last_plan)); /* the same plan may be tried again */
}

static void fail(struct dspv *c, struct request *r, dspv_reason why)
{
    r->state = REQUEST_FAILED;
    r->why = c->mn.blocked = why;
    if (r->kind == PLAN_QR_INFO)
        enter_fallback(&c->mn, c->now);
    else
        c->mn.round_failed = true;
}

void request_rebase(struct dspv *c, struct request *r, int32_t base_height, const block_hash *base)
{
    if (r->state != REQUEST_QUEUED)
        r->attempts -= r->hedge.conn ? 2 : 1;
    forget(c, r);
    r->state = REQUEST_QUEUED;
    r->base_height = base_height;
    r->base = *base;
    r->base_first = false;
}

/* Some snapshot, or any list at all, that an answer without H-4C holds. */
static bool of_use_without_extra(const struct dspv *c, const struct request *r)
{
    const struct llmq_params *p = network_llmq(&c->net, c->net.instantsend_type);
    int32_t cycle = llmq_cycle(p, r->height);
    bool news = engine_list_count(c->engine) == 0;
    for (int32_t k = 1; k <= 3; k++) {
        int32_t old = cycle - k * p->interval;
        news |= !engine_snapshot(c->engine, old, NULL) && !engine_snapshot_absent(c->engine, old);
    }
    return news;
}

void request_drop_extra(struct dspv *c, struct request *r)
{
    memset(c->mn.last_plan, 0, sizeof(c->mn.last_plan)); /* another request than was planned */
    if (of_use_without_extra(c, r)) {
        r->extra_share = false;
    } else if (whom_none_has_extra(c)) { /* the next plan asks for the oldest snapshot in another way */
        r->state = REQUEST_FAILED;
        c->mn.again = true;
    }
}

void request_note_failure(struct dspv *c, const struct request *r, size_t address, bool no_extra)
{
    whom_note_failure(c, address, r->kind);
    if (no_extra)
        whom_note_no_extra(c, address);
    if (r->kind == PLAN_QR_INFO)
        c->progress.qr_info_failed++;
    else
        c->progress.mn_diff_failed++;
}

void request_attempt_failed(struct dspv *c, struct request *r, dspv_reason why)
{
    bool fled = why == DSPV_PEER_CLOSED && whom_failures(c, r->address, r->kind) > 0; /* once may be the line */
    bool no_extra = r->extra_share && (why == DSPV_PEER_TIMEOUT || fled);
    request_note_failure(c, r, r->address, no_extra);
    release_held(r);
    r->headers_asked = false;
    r->why = why;
    c->mn.again = true;
    if (hedge_takes_over(c, r))
        return;
    if (no_extra) {
        request_drop_extra(c, r); /* this one has waited enough; later ones try others */
        if (!request_open(r))
            return;
    }
    if (!whom_worth_another_attempt(c, r)) {
        fail(c, r, why);
        return;
    }
    r->state = REQUEST_QUEUED;
    r->not_before = whom_any_fresh(c, r->kind) ? c->now : c->now + (dspv_ms)r->attempts * REQUEST_BACKOFF_MS;
}

void requests_peer_gone(struct dspv *c, const struct peer *p)
{
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        bool waits = r->state == REQUEST_SENT || (r->state == REQUEST_HELD && r->waits_for == REQUEST_FOR_HEADERS);
        if (waits && r->conn == p->conn)
            request_attempt_failed(c, r, p->closing ? p->why : DSPV_PEER_CLOSED);
        else if (r->hedge.conn == p->conn)
            hedge_failed(c, r);
    }
}

void requests_peer_came(struct dspv *c, const struct peer *p)
{
    if (!whom_note_came(c, p->address))
        return;
    c->mn.qr_info_retry_at = c->now;
    c->mn.retry_at = 0;
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        if (r->state == REQUEST_QUEUED && !r->spare && r->not_before > c->now)
            r->not_before = c->now;
        else if (r->state == REQUEST_SENT)
            hedge_newcomer(c, r);
    }
}

/* ---- time */

static dspv_ms due(const struct dspv *c, const struct request *r)
{
    switch (r->state) {
    case REQUEST_SENT: return r->sent + (r->kind == PLAN_QR_INFO ? c->config.qr_info_timeout_ms : c->config.mnlist_diff_timeout_ms);
    case REQUEST_QUEUED: return r->not_before > c->now ? r->not_before : CLIENT_NEVER;
    case REQUEST_HELD: /* the headers do not come: the engine shall say what it makes of it */
        return r->waits_for == REQUEST_FOR_HEADERS ? r->sent + r->took + REQUEST_HEADERS_MS : CLIENT_NEVER;
    default: return CLIENT_NEVER;
    }
}

/* Somebody else could have this peer's connection. */
static bool others_wait(const struct dspv *c)
{
    return connections_count(c) >= c->config.target_outbound && connections_others(c) > 0;
}

/* Silence may mean that the block is not on the peer's chain (protocol.md 3.10): let it tell its headers again. */
static int timed_out(struct dspv *c, struct request *r)
{
    struct peer *p = client_peer(c, r->conn);
    if (p)
        p->late++;
    request_attempt_failed(c, r, DSPV_PEER_TIMEOUT);
    if (p && whom_failures(c, p->address, r->kind) >= REQUEST_MOST_FAILED && others_wait(c))
        peer_close(p, DSPV_PEER_TIMEOUT);
    return p && peer_usable(p) ? header_sync_ask(c, p) : 0;
}

int requests_tick(struct dspv *c)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        if (r->state == REQUEST_SENT && due(c, r) <= c->now)
            rc = timed_out(c, r);
        else if (r->state == REQUEST_SENT)
            rc = hedge_tick(c, r);
        else if (r->state == REQUEST_HELD && due(c, r) <= c->now)
            rc = answer_headers_came(c, client_peer(c, r->conn));
    }
    return rc;
}

dspv_ms requests_deadline(const struct dspv *c)
{
    dspv_ms best = CLIENT_NEVER;
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        const struct request *r = &c->mn.requests[i];
        if (due(c, r) < best)
            best = due(c, r);
        if (r->state == REQUEST_SENT && hedge_due(r) < best)
            best = hedge_due(r);
    }
    return best;
}
