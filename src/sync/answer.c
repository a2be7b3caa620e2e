/* Answers to getmnlistd and getqrinfo: matched to a request by connection and hashes, their blocks resolved in the header chain,
 * then fed to the engine, which decides. Anything that was not asked for changes nothing. */
#include "sync/answer.h"

#include "base/fault.h"
#include "base/mem.h"
#include "sync/client.h"
#include "sync/hedge.h"
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
        if (!hedge_asks(r, p->conn) || r->kind != a->kind)
            continue;
        if (a->kind == PLAN_MN_DIFF ? matches_diff(r, &a->diff) : matches_qrinfo(c, r, &a->qrinfo))
            return r;
    }
    return NULL;
}

/* What the peer was asked instead, if that is certain: of several diffs the one about the same block, else the only one. Peers
 * answer in order, so one that owes us nothing older answered this. NULL: it may be anything. */
static struct request *missed(struct dspv *c, const struct peer *p, const struct answer *a)
{
    struct request *only = NULL;
    size_t n = 0;
    if (p->late > 0 || p->dropped > 0)
        return NULL;
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        if (!hedge_asks(r, p->conn) || r->kind != a->kind)
            continue;
        if (a->kind == PLAN_MN_DIFF && block_hash_eq(&a->diff.block, &r->block))
            return r;
        only = r;
        n++;
    }
    return n == 1 ? only : NULL;
}

static int unmatched(struct dspv *c, struct peer *p, const struct answer *a, const struct frame *f)
{
    struct request *r = missed(c, p, a);
    dspv_fault fault = fault_of(DSPV_UNREQUESTED);
    bool late = p->late > 0;
    if (p->dropped > 0) { /* we changed our mind */
        p->dropped--;
        return 0;
    }
    if (late)
        p->late--;
    if (r) { /* nothing else will come: it need not time out */
        hedge_answered(r, p->conn);
        request_attempt_failed(c, r, DSPV_UNREQUESTED);
    }
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
        *unknown += !found && headers_find(c->headers, &hashes[i]) == HEADERS_NONE;
    }
    mem_free(hashes);
    return rc;
}

/* ---- feeding; the peer may be gone (NULL) when the answer had to wait */

static int refuse(struct dspv *c, struct peer *p, struct request *r, int points, const dspv_fault *fault)
{
    request_attempt_failed(c, r, fault->reason);
    return p ? peer_score(c, p, points, fault, r->kind == PLAN_MN_DIFF ? "mnlistdiff" : "qrinfo") : 0;
}

static int feed_diff(struct dspv *c, struct peer *p, struct request *r, const struct mnlistdiff *d)
{
    dspv_fault fault = fault_of(DSPV_OK);
    int rc = engine_apply_diff(c->engine, d, &fault);
    if (rc == 0)
        request_done(c, r);
    if (rc == 0 || rc == DSPV_ENOMEM)
        return rc;
    return refuse(c, p, r, rc == DSPV_EWAITING ? UNFIT_POINTS : PEER_MOST_SCORE, &fault);
}

static int feed_qrinfo(struct dspv *c, struct peer *p, struct request *r, const struct qrinfo *q)
{
    dspv_fault fault = fault_of(DSPV_OK);
    int rc = blame_note_served(c, r->address, q);
    if (rc == 0)
        rc = engine_feed_qrinfo(c->engine, q, NULL, &fault);
    if (rc == 0) {
        c->mn.qr_info_failures = 0;
        request_done(c, r);
    }
    if (rc == 0 || rc == DSPV_ENOMEM)
        return rc;
    return refuse(c, p, r, rc == DSPV_EWAITING ? UNFIT_POINTS : PEER_MOST_SCORE, &fault);
}

/* What the diffs of a qrinfo do with a list: some build on it, one may bring it. */
struct use_of_base {
    bool builds, brings;
};

static void look_for_base(const struct mnlistdiff *d, const block_hash *base, struct use_of_base *use)
{
    bool builds = block_hash_eq(&d->base, base);
    use->builds |= builds;
    use->brings |= !builds && block_hash_eq(&d->block, base);
}

/* It builds on a list that was asked for together with it and is not there. */
static bool lacks_base(const struct dspv *c, const struct request *r, const struct answer *a)
{
    const struct qrinfo *q = &a->qrinfo;
    struct use_of_base use = {false, false};
    if (request_base_known(c, r) || a->kind == PLAN_MN_DIFF)
        return !request_base_known(c, r);
    look_for_base(&q->tip, &r->base, &use);
    look_for_base(&q->h, &r->base, &use);
    for (int i = 0; i < (q->extra_share ? QRINFO_CYCLES : QRINFO_H_4C); i++)
        look_for_base(&q->diffs[i], &r->base, &use);
    for (uint32_t i = 0; i < q->n_older; i++)
        look_for_base(&q->older_diffs[i], &r->base, &use);
    return use.builds && !use.brings;
}

/* An answer to `r` from `p`: hold it, or feed it. */
static int take(struct dspv *c, struct peer *p, struct request *r, const struct answer *a, struct span payload, int protocol)
{
    size_t unknown;
    int rc = feed_hashes(c, a, &unknown);
    if (rc == DSPV_EMISUSE) { /* a block the engine has at that height left the best chain: cannot be after a rollback */
        request_attempt_failed(c, r, DSPV_NOT_BEST_CHAIN);
        return 0;
    }
    if (rc != 0)
        return rc;
    if (unknown > 0 && !r->headers_asked && p) {
        rc = request_hold(c, r, REQUEST_FOR_HEADERS, payload, protocol);
        return rc == 0 ? header_sync_ask(c, p) : rc;
    }
    if (lacks_base(c, r, a)) {
        if (a->kind == PLAN_MN_DIFF || request_base_coming(c, r))
            return request_hold(c, r, REQUEST_FOR_BASE, payload, protocol);
        request_attempt_failed(c, r, DSPV_UNKNOWN_BASE); /* an old answer, perhaps: we may have named that base once */
        return 0;
    }
    c->mn.again = c->locks.again = true;
    return a->kind == PLAN_MN_DIFF ? feed_diff(c, p, r, &a->diff) : feed_qrinfo(c, p, r, &a->qrinfo);
}

/* ---- messages */

static int decode(struct span payload, int protocol, struct arena *arena, struct answer *out, dspv_fault *fault)
{
    return out->kind == PLAN_MN_DIFF ? mnlistdiff_decode(payload.p, payload.n, protocol, arena, &out->diff, fault)
                                     : qrinfo_decode(payload.p, payload.n, protocol, arena, &out->qrinfo, fault);
}

int answer_message(struct dspv *c, struct peer *p, const struct frame *f)
{
    struct answer a = {.kind = f->command == WIRE_QRINFO ? PLAN_QR_INFO : PLAN_MN_DIFF};
    struct arena arena;
    dspv_fault fault;
    arena_init(&arena, ARENA_LIMIT);
    int rc = decode(f->payload, p->common, &arena, &a, &fault);
    if (rc == DSPV_EFAULT) {
        rc = peer_score(c, p, PEER_MOST_SCORE, &fault, f->name);
    } else if (rc == 0) {
        struct request *r = find_request(c, p, &a);
        if (r) {
            hedge_answered(r, p->conn);
            r->took = c->now - r->sent;
        }
        rc = r ? take(c, p, r, &a, f->payload, p->common) : unmatched(c, p, &a, f);
    }
    arena_free(&arena);
    return rc;
}

/* What a held answer waited for is there. Out of memory: it goes on waiting. */
static int take_held(struct dspv *c, struct request *r)
{
    struct answer a = {.kind = r->kind};
    struct arena arena;
    dspv_fault fault;
    uint8_t *held = r->held;
    struct span payload = {held, r->held_n};
    r->held = NULL;
    r->held_n = 0;
    r->state = REQUEST_SENT;
    arena_init(&arena, ARENA_LIMIT);
    int rc = decode(payload, r->held_protocol, &arena, &a, &fault);
    if (rc == 0)
        rc = take(c, client_peer(c, r->conn), r, &a, payload, r->held_protocol);
    if (rc == DSPV_ENOMEM && r->state == REQUEST_SENT) {
        r->held = held;
        r->held_n = payload.n;
        r->state = REQUEST_HELD;
    } else {
        mem_free(held);
    }
    arena_free(&arena);
    return rc;
}

int answer_headers_came(struct dspv *c, struct peer *p)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        if (r->state == REQUEST_HELD && r->waits_for == REQUEST_FOR_HEADERS && r->conn == p->conn)
            rc = take_held(c, r);
    }
    return rc;
}

int answer_bases_came(struct dspv *c)
{
    bool any = true;
    int rc = 0;
    while (rc == 0 && any) {
        any = false;
        for (size_t i = 0; rc == 0 && i < c->mn.n_requests; i++) {
            struct request *r = &c->mn.requests[i];
            if (r->state != REQUEST_HELD || r->waits_for != REQUEST_FOR_BASE || !request_base_known(c, r))
                continue;
            rc = take_held(c, r);
            any = true;
        }
    }
    return rc;
}
