/* See request.h. A base that an earlier request of the same round brings makes a request wait for it. */
#include "sync/request.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "sync/client.h"
#include "wire/qrinfo.h"

void request_release_held(struct request *r)
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
    if (engine_list_count(c->engine) > 0 || mn->plan.n_qr_info == 0 || mn->plan.n_mn_diff > 0)
        return;
    const struct qr_info_request *q = &mn->plan.qr_info_requests[0];
    mn->requests[mn->n_requests++] =
        (struct request){.kind = PLAN_MN_DIFF, .base_height = -1, .height = q->tip_height, .block = q->tip, .spare = true,
                         .priority = q->priority, .not_before = c->now + REQUEST_SPARE_MS};
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
                             .block = q->tip, .extra_share = q->extra_share, .priority = q->priority};
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

/* The answer of a request we gave up may still come. */
static void expect_late(struct dspv *c, const struct request *r)
{
    struct peer *p = r->state == REQUEST_SENT ? client_peer(c, r->conn) : NULL;
    if (p)
        p->late++;
}

void requests_drop(struct dspv *c)
{
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        expect_late(c, &c->mn.requests[i]);
        request_release_held(&c->mn.requests[i]);
    }
    c->mn.n_requests = 0;
}

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

/* ---- whom to trust with a request */

/* Requests in a row that this peer left unanswered or answered wrongly, in the last while. */
static unsigned recent_failures(const struct dspv *c, const struct peer *p, enum plan_kind kind)
{
    const struct address *a = &c->addresses[p->address];
    return c->now - a->request_failed_at[kind] < REQUEST_FORGET_MS ? a->requests_failed[kind] : 0;
}

static void note_failure(struct dspv *c, const struct peer *p, enum plan_kind kind)
{
    struct address *a = &c->addresses[p->address];
    a->requests_failed[kind] = recent_failures(c, p, kind) + 1;
    a->request_failed_at[kind] = c->now;
}

/* As far as it has told: the block is on its chain. */
static bool has_block(const struct dspv *c, const struct peer *p, const struct request *r)
{
    headers_node block = headers_find(c->headers, &r->block);
    if (p->told != HEADERS_NONE && headers_ancestor(c->headers, p->told, r->height) == block)
        return true;
    bool other_branch = p->told != HEADERS_NONE && !headers_on_best_chain(c->headers, p->told);
    return !other_branch && p->start_height >= r->height; /* others were first to tell us, or it only claims to */
}

static bool worth_another_attempt(const struct dspv *c, const struct request *r)
{
    unsigned most = r->kind == PLAN_QR_INFO ? REQUEST_QR_INFO_ATTEMPTS : REQUEST_DIFF_ATTEMPTS, peers = 0;
    for (size_t i = 0; i < c->n_peers; i++) {
        if (!peer_serves_lists(c->peers[i]))
            continue;
        if (recent_failures(c, c->peers[i], r->kind) == 0)
            return true;
        peers++;
    }
    return r->attempts < (peers + 1 > most ? peers + 1 : most);
}

/* ---- results */

static void measure(dspv_ms *average, dspv_ms took)
{
    *average = (*average * 3 + took) / 4;
}

void request_done(struct dspv *c, struct request *r)
{
    bool qr_info = r->kind == PLAN_QR_INFO;
    const struct peer *p = client_peer(c, r->conn);
    if (p)
        c->addresses[p->address].requests_failed[r->kind] = 0;
    r->state = REQUEST_DONE;
    request_release_held(r);
    measure(qr_info ? &c->mn.qr_info_ms : &c->mn.mn_diff_ms, c->now - r->sent);
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
    mn->no_extra_share = false;
    memset(mn->last_plan, 0, sizeof(mn->last_plan)); /* the same plan may be tried again */
}

void request_attempt_failed(struct dspv *c, struct request *r, dspv_reason why)
{
    bool qr_info = r->kind == PLAN_QR_INFO;
    const struct peer *p = client_peer(c, r->conn);
    if (p)
        note_failure(c, p, r->kind);
    request_release_held(r);
    r->headers_asked = false;
    r->why = why;
    c->mn.again = true;
    if (qr_info)
        c->progress.qr_info_failed++;
    else
        c->progress.mn_diff_failed++;
    if (worth_another_attempt(c, r)) {
        r->state = REQUEST_QUEUED;
        r->not_before = c->now + (dspv_ms)r->attempts * REQUEST_BACKOFF_MS;
        if (qr_info && r->extra_share && (why == DSPV_PEER_TIMEOUT || why == DSPV_PEER_CLOSED)) {
            r->extra_share = false; /* the server may lack the oldest snapshot (protocol.md 6.6) */
            c->mn.no_extra_share = true;
        }
        return;
    }
    r->state = REQUEST_FAILED;
    c->mn.blocked = why;
    if (qr_info)
        enter_fallback(&c->mn, c->now);
    else
        c->mn.round_failed = true;
}

void requests_peer_gone(struct dspv *c, const struct peer *p)
{
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        if ((r->state != REQUEST_SENT && r->state != REQUEST_HELD) || r->conn != p->conn)
            continue;
        note_failure(c, p, r->kind); /* it is no longer among the client's peers */
        request_attempt_failed(c, r, p->closing ? p->why : DSPV_PEER_CLOSED);
    }
}

void requests_peer_came(struct dspv *c, const struct peer *p)
{
    struct address *a = &c->addresses[p->address];
    if (a->came)
        return;
    a->came = true;
    c->mn.qr_info_retry_at = c->now;
    c->mn.retry_at = 0;
}

static dspv_ms due(const struct dspv *c, const struct request *r)
{
    switch (r->state) {
    case REQUEST_SENT:
        return r->sent + (r->kind == PLAN_QR_INFO ? c->config.qr_info_timeout_ms : c->config.mnlist_diff_timeout_ms);
    case REQUEST_QUEUED: return r->not_before > c->now ? r->not_before : CLIENT_NEVER;
    default: return CLIENT_NEVER;
    }
}

/* Somebody else could have this peer's connection. */
static bool others_wait(const struct dspv *c)
{
    for (size_t i = 0; c->n_peers >= c->config.target_outbound && i < c->n_addresses; i++)
        if (!c->addresses[i].in_use && c->addresses[i].retry_at <= c->now)
            return true;
    return false;
}

/* Silence may mean that the block is not on the peer's chain (protocol.md 3.10): let it tell its headers again. */
static int timed_out(struct dspv *c, struct request *r)
{
    struct peer *p = client_peer(c, r->conn);
    expect_late(c, r);
    request_attempt_failed(c, r, DSPV_PEER_TIMEOUT);
    if (p && recent_failures(c, p, r->kind) >= REQUEST_MOST_FAILED && others_wait(c))
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
    }
    return rc;
}

dspv_ms requests_deadline(const struct dspv *c)
{
    dspv_ms best = CLIENT_NEVER;
    for (size_t i = 0; i < c->mn.n_requests; i++)
        if (due(c, &c->mn.requests[i]) < best)
            best = due(c, &c->mn.requests[i]);
    return best;
}

/* ---- sending */

static size_t in_flight(const struct dspv *c, enum plan_kind kind, const struct peer *p)
{
    size_t n = 0;
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        const struct request *r = &c->mn.requests[i];
        n += r->kind == kind && (r->state == REQUEST_SENT || r->state == REQUEST_HELD) && (!p || r->conn == p->conn);
    }
    return n;
}

/* What speaks against asking a peer: a block it does not have is a sure silence. */
static unsigned doubts(const struct dspv *c, const struct peer *p, const struct request *r)
{
    return recent_failures(c, p, r->kind) + (has_block(c, p, r) ? 0 : 2);
}

/* Of the peers with the fewest doubts the one with the fewest of the kind in flight, of these the one that was asked least.
 * NULL: it has no room. */
static struct peer *choose_peer(const struct dspv *c, const struct request *r)
{
    struct peer *best = NULL;
    size_t room = r->kind == PLAN_QR_INFO ? 1 : REQUEST_WINDOW, fewest = 0;
    unsigned least = 0;
    if (r->kind == PLAN_QR_INFO && in_flight(c, r->kind, NULL) >= c->config.qr_info_max_parallel)
        return NULL;
    for (size_t i = 0; i < c->n_peers; i++) {
        struct peer *p = c->peers[i];
        if (!peer_serves_lists(p))
            continue;
        size_t n = in_flight(c, r->kind, p);
        unsigned against = doubts(c, p, r);
        bool better = !best || against < least || (against == least && n < fewest) ||
                      (against == least && n == fewest && p->asked < best->asked);
        if (better) {
            best = p;
            least = against;
            fewest = n;
        }
    }
    return best && fewest < room ? best : NULL;
}

static bool base_known(const struct dspv *c, const struct request *r)
{
    return r->kind == PLAN_QR_INFO || r->base_height < 0 || engine_list_of_block(c->engine, &r->base);
}

static bool base_coming(const struct dspv *c, const struct request *r)
{
    for (size_t i = 0; i < c->mn.n_requests; i++)
        if (request_open(&c->mn.requests[i]) && block_hash_eq(&c->mn.requests[i].block, &r->base))
            return true;
    return false;
}

/* The queued request that goes first, or NULL. Those whose base will never come are given up. */
static struct request *choose_request(struct dspv *c)
{
    struct request *best = NULL;
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        if (r->state != REQUEST_QUEUED || r->not_before > c->now || (r->spare && engine_list_count(c->engine) > 0))
            continue;
        if (!base_known(c, r)) {
            if (!base_coming(c, r)) {
                r->state = REQUEST_FAILED;
                r->why = c->mn.blocked = DSPV_UNKNOWN_BASE;
                c->mn.round_failed = true;
            }
            continue;
        }
        if ((!best || r->priority > best->priority) && choose_peer(c, r))
            best = r;
    }
    return best;
}

/* The lists an answer would otherwise repeat: the nearest one at or below each of its targets. */
static uint32_t qr_info_bases(const struct dspv *c, const struct request *r, block_hash *out)
{
    const struct llmq_params *p = network_llmq(&c->net, c->net.instantsend_type);
    uint32_t n = 0;
    int32_t cycle = llmq_cycle(p, r->height);
    for (int k = r->extra_share ? 5 : 4; k >= 0; k--) { /* work blocks of H-4C .. H, then the tip */
        int32_t target = k == 0 ? r->height : llmq_work_height(cycle - (k - 1) * p->interval);
        const struct mnstate *s = engine_list_below(c->engine, target);
        if (s && (n == 0 || !block_hash_eq(&out[n - 1], &s->block)) && n < MASTERNODES_MOST_BASES)
            out[n++] = s->block;
    }
    return n;
}

static int tell_request(struct dspv *c, const struct request *r, const struct peer *p)
{
    dspv_event e = client_event_of(DSPV_EVENT_REQUEST);
    e.conn = p->conn;
    e.height = r->height;
    memcpy(e.hash, r->block.b, 32);
    snprintf(e.text, sizeof(e.text), "%s %" PRId32 " -> %" PRId32 "%s", r->kind == PLAN_QR_INFO ? "getqrinfo" : "getmnlistd",
             r->base_height < 0 ? 0 : r->base_height, r->height, r->extra_share ? " with H-4C" : "");
    return client_event(c, &e);
}

static int send_one(struct dspv *c, struct request *r, struct peer *p)
{
    block_hash bases[MASTERNODES_MOST_BASES];
    bool found;
    int rc = client_feed_block(c, &r->block, &found);
    if (rc == 0)
        rc = tell_request(c, r, p);
    if (rc != 0)
        return rc;
    if (r->kind == PLAN_QR_INFO) {
        struct getqrinfo ask = {.bases = bases, .block = r->block, .extra_share = r->extra_share};
        ask.n_bases = qr_info_bases(c, r, bases);
        getqrinfo_encode(&c->body, &ask);
    } else {
        struct getmnlistd ask = {.block = r->block};
        if (r->base_height >= 0)
            ask.base = r->base;
        getmnlistd_encode(&c->body, &ask);
    }
    r->state = REQUEST_SENT;
    r->conn = p->conn;
    r->sent = c->now;
    r->attempts++;
    p->asked++;
    c->progress.mn_diff_planned += r->spare && r->attempts == 1;
    rc = peer_send(c, p, r->kind == PLAN_QR_INFO ? WIRE_GETQRINFO : WIRE_GETMNLISTD, &c->body);
    writer_reset(&c->body);
    return rc;
}

int requests_send(struct dspv *c)
{
    struct request *r;
    int rc = 0;
    while (rc == 0 && (r = choose_request(c)) != NULL)
        rc = send_one(c, r, choose_peer(c, r));
    return rc;
}
