/* Sending: which request goes next, to whom, with which bases. A getmnlistd whose base is the target of another request is sent
 * right after that one; if its answer is first, it is held (answer.c). Invariant: no request is sent for a list whose base will
 * not come; it is given another base. */
#include "sync/request.h"

#include <inttypes.h>
#include <stdio.h>

#include "sync/client.h"
#include "sync/hedge.h"
#include "sync/plan_input.h"
#include "wire/qrinfo.h"

/* ---- bases */

bool request_base_known(const struct dspv *c, const struct request *r)
{
    bool none = r->kind == PLAN_QR_INFO ? !r->base_ahead : r->base_height < 0;
    return none || engine_list_of_block(c->engine, &r->base);
}

/* The open request whose answer is the base; NULL: none, or it has failed too often for a QRINFO. */
static const struct request *base_request(const struct dspv *c, const struct request *r)
{
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        const struct request *q = &c->mn.requests[i];
        unsigned asked = q->state == REQUEST_QUEUED ? 0 : q->hedge.conn ? 2 : 1;
        bool patient = r->kind == PLAN_MN_DIFF || q->attempts - asked < REQUEST_BASE_FAILURES;
        if (q->kind == PLAN_MN_DIFF && request_open(q) && block_hash_eq(&q->block, &r->base) && patient)
            return q;
    }
    return NULL;
}

bool request_base_coming(const struct dspv *c, const struct request *r)
{
    return !request_base_known(c, r) && base_request(c, r);
}

/* The base was given up: build on the nearest list below it that is known or asked for, so that one list that nobody serves
 * takes no other with it. Those that build on this one need not be asked again. */
static void rebase(struct dspv *c, struct request *r)
{
    const struct mnstate *known = engine_list_below(c->engine, r->height);
    int32_t height = known ? known->height : -1;
    block_hash base = known ? known->block : (block_hash){{0}};
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        const struct request *q = &c->mn.requests[i];
        if (q->kind != PLAN_MN_DIFF || !request_open(q) || q->spare || q->height <= height || q->height >= r->height)
            continue;
        height = q->height;
        base = q->block;
    }
    request_rebase(c, r, height, &base);
}

static void rebase_orphans(struct dspv *c)
{
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        if (!request_open(r) || request_base_known(c, r) || request_base_coming(c, r))
            continue;
        if (r->kind == PLAN_MN_DIFF)
            rebase(c, r);
        else if (r->state == REQUEST_HELD && r->waits_for == REQUEST_FOR_BASE)
            request_rebase(c, r, r->base_height, &r->base); /* goes out without it */
    }
}

/* ---- choice */

/* The QRINFO was answered after all. */
static bool overtaken(const struct dspv *c, const struct request *spare)
{
    const struct mnstate *newest = engine_tip_list(c->engine);
    bool any = newest && newest->height > spare->base_height;
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        const struct request *q = &c->mn.requests[i];
        any |= q->kind == PLAN_QR_INFO && q->state == REQUEST_HELD && q->waits_for == REQUEST_FOR_BASE;
    }
    return any;
}

static bool may_be_sent(const struct dspv *c, const struct request *r)
{
    if (r->state != REQUEST_QUEUED || r->not_before > c->now || (r->spare && overtaken(c, r)))
        return false;
    if (request_base_known(c, r))
        return true;
    const struct request *base = base_request(c, r);
    if (r->kind == PLAN_QR_INFO)
        return !r->base_first || !base;
    return !r->base_first && requests_may_hold(c, 1) && base && base->state != REQUEST_QUEUED;
}

/* The queued request that goes first, and to whom; NULL: none. */
static struct request *choose(struct dspv *c, struct peer **to)
{
    struct request *best = NULL;
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        struct request *r = &c->mn.requests[i];
        if ((best && r->priority <= best->priority) || !may_be_sent(c, r))
            continue;
        if (r->extra_share && whom_none_has_extra(c))
            request_drop_extra(c, r);
        struct peer *p = request_open(r) ? whom_to_ask(c, r) : NULL;
        if (p) {
            best = r;
            *to = p;
        }
    }
    return best;
}

/* ---- messages */

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

/* Lists that we have, and perhaps one that we will have before the answer is used: its block is known to the server. */
static uint32_t qr_info_bases(const struct dspv *c, const struct request *r, block_hash out[PLAN_MOST_BASES])
{
    uint32_t n = plan_qr_info_bases(c->engine, r->height, r->extra_share, out);
    if (n < PLAN_MOST_BASES && request_base_coming(c, r))
        out[n++] = r->base;
    return n;
}

int request_write(struct dspv *c, const struct request *r, struct peer *p)
{
    block_hash bases[PLAN_MOST_BASES];
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
    rc = peer_send(c, p, r->kind == PLAN_QR_INFO ? WIRE_GETQRINFO : WIRE_GETMNLISTD, &c->body);
    writer_reset(&c->body);
    p->asked += rc == 0;
    return rc;
}

static int send_one(struct dspv *c, struct request *r, struct peer *p)
{
    int rc = request_write(c, r, p);
    if (rc != 0)
        return rc;
    r->state = REQUEST_SENT;
    r->conn = p->conn;
    r->address = p->address;
    r->sent = c->now;
    r->attempts++;
    c->progress.mn_diff_planned += r->spare && r->attempts == 1;
    hedge_start(c, r);
    return 0;
}

int requests_send(struct dspv *c)
{
    struct request *r;
    struct peer *p;
    int rc = 0;
    rebase_orphans(c);
    while (rc == 0 && (r = choose(c, &p)) != NULL)
        rc = send_one(c, r, p);
    return rc;
}
