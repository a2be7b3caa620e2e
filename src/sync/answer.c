/* Answers to getmnlistd and getqrinfo: matched to a request by connection and hashes, their blocks resolved in the header chain,
 * then fed to the engine, which decides. Anything that was not asked for changes nothing. */
#include "sync/answer.h"

#include "base/fault.h"
#include "base/mem.h"
#include "sync/client.h"
#include "wire/qrinfo.h"

enum { ARENA_LIMIT = 128 << 20, LATE_POINTS = 2, UNREQUESTED_POINTS = 20, UNFIT_POINTS = 20 };

/* A decoded answer of either kind. */
struct answer {
    enum plan_kind kind;
    struct mnlistdiff diff;
    struct qrinfo qrinfo;
};

/* ---- matching */

static bool matches_diff(const struct request *r, const struct mnlistdiff *d)
{
    static const block_hash none;
    return block_hash_eq(&d->block, &r->block) && block_hash_eq(&d->base, r->base_height < 0 ? &none : &r->base);
}

/* A qrinfo does not echo the request, but its diff H is about the work block of the requested block's cycle. */
static bool matches_qrinfo(const struct dspv *c, const struct request *r, const struct qrinfo *q)
{
    const struct llmq_params *p = network_llmq(&c->net, c->net.instantsend_type);
    block_hash work;
    return p && q->extra_share == r->extra_share &&
           client_block_at(c, llmq_work_height(llmq_cycle(p, r->height)), &work) && block_hash_eq(&work, &q->h.block);
}

static struct request *find_request(struct dspv *c, const struct peer *p, const struct answer *a)
{
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        if (r->state != REQUEST_SENT || r->conn != p->conn || r->kind != a->kind)
            continue;
        if (a->kind == PLAN_MN_DIFF ? matches_diff(r, &a->diff) : matches_qrinfo(c, r, &a->qrinfo))
            return r;
    }
    return NULL;
}

static int unrequested(struct dspv *c, struct peer *p, const struct frame *f)
{
    dspv_fault fault = fault_of(DSPV_UNREQUESTED);
    bool late = p->late > 0;
    if (late)
        p->late--;
    return peer_score(c, p, late ? LATE_POINTS : UNREQUESTED_POINTS, &fault, f->name);
}

/* ---- preparing */

/* Feed the engine every block that the message names and that is on our best chain; count those we never heard of. */
static int feed_hashes(struct dspv *c, const struct answer *a, size_t *unknown)
{
    block_hash *hashes = NULL;
    size_t n = 0;
    int rc = a->kind == PLAN_MN_DIFF ? engine_diff_hashes(&a->diff, &hashes, &n) : engine_qrinfo_hashes(&a->qrinfo, &hashes, &n);
    *unknown = 0;
    if (rc != 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        bool found;
        rc = client_feed_block(c, &hashes[i], &found);
        *unknown += headers_find(c->headers, &hashes[i]) == HEADERS_NONE;
    }
    mem_free(hashes);
    return rc;
}

/* Keep the answer until the peer has told its headers again. */
static int hold(struct dspv *c, struct peer *p, struct request *r, struct span payload)
{
    r->held = mem_alloc(payload.n);
    if (!r->held)
        return DSPV_ENOMEM;
    memcpy(r->held, payload.p, payload.n);
    r->held_n = payload.n;
    r->state = REQUEST_HELD;
    r->headers_asked = true;
    return header_sync_ask(c, p);
}

/* ---- feeding */

static int feed(struct dspv *c, struct peer *p, struct request *r, const struct answer *a)
{
    dspv_fault fault = fault_of(DSPV_OK);
    int rc = a->kind == PLAN_MN_DIFF ? engine_apply_diff(c->engine, &a->diff, &fault)
                                     : engine_feed_qrinfo(c->engine, &a->qrinfo, NULL, &fault);
    c->mn.again = c->locks.again = true;
    if (rc == DSPV_ENOMEM)
        return rc;
    if (rc == 0) {
        if (a->kind == PLAN_QR_INFO) {
            c->mn.snapshots_from = p->conn;
            c->mn.qr_info_failures = 0;
        }
        request_done(c, r);
        return 0;
    }
    request_attempt_failed(c, r, fault.reason);
    return peer_score(c, p, rc == DSPV_EWAITING ? UNFIT_POINTS : PEER_MOST_SCORE, &fault,
                      a->kind == PLAN_MN_DIFF ? "mnlistdiff" : "qrinfo");
}

static int take(struct dspv *c, struct peer *p, struct request *r, const struct answer *a, struct span payload)
{
    size_t unknown;
    int rc = feed_hashes(c, a, &unknown);
    if (rc == DSPV_EMISUSE) { /* a block the engine has at that height left the best chain: cannot be after a rollback */
        request_attempt_failed(c, r, DSPV_NOT_BEST_CHAIN);
        return 0;
    }
    if (rc != 0)
        return rc;
    if (unknown > 0 && !r->headers_asked)
        return hold(c, p, r, payload);
    return feed(c, p, r, a);
}

static int decode(const struct peer *p, struct span payload, struct arena *arena, struct answer *out, dspv_fault *fault)
{
    return out->kind == PLAN_MN_DIFF ? mnlistdiff_decode(payload.p, payload.n, p->common, arena, &out->diff, fault)
                                     : qrinfo_decode(payload.p, payload.n, p->common, arena, &out->qrinfo, fault);
}

int answer_message(struct dspv *c, struct peer *p, const struct frame *f)
{
    struct answer a = {.kind = f->command == WIRE_QRINFO ? PLAN_QR_INFO : PLAN_MN_DIFF};
    struct arena arena;
    dspv_fault fault;
    arena_init(&arena, ARENA_LIMIT);
    int rc = decode(p, f->payload, &arena, &a, &fault);
    if (rc == DSPV_EFAULT) {
        rc = peer_score(c, p, PEER_MOST_SCORE, &fault, f->name);
    } else if (rc == 0) {
        struct request *r = find_request(c, p, &a);
        rc = r ? take(c, p, r, &a, f->payload) : unrequested(c, p, f);
    }
    arena_free(&arena);
    return rc;
}

static int take_held(struct dspv *c, struct peer *p, struct request *r)
{
    struct answer a = {.kind = r->kind};
    struct arena arena;
    dspv_fault fault;
    struct span payload = {r->held, r->held_n};
    r->held = NULL;
    r->held_n = 0;
    r->state = REQUEST_SENT;
    arena_init(&arena, ARENA_LIMIT);
    int rc = decode(p, payload, &arena, &a, &fault);
    if (rc == 0)
        rc = take(c, p, r, &a, payload);
    arena_free(&arena);
    mem_free((void *)(uintptr_t)payload.p);
    return rc;
}

int answer_headers_came(struct dspv *c, struct peer *p)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        if (r->state == REQUEST_HELD && r->conn == p->conn)
            rc = take_held(c, p, r);
    }
    return rc;
}
