/* Sending: which request goes next, to whom, with which bases. A getmnlistd whose base is the target of another request is sent
 * right after that one; if its answer is first, it is held (answer.c). Invariant: no request is sent for a list whose base will
 * not come. */
#include "sync/request.h"

#include <inttypes.h>
#include <stdio.h>

#include "sync/client.h"
#include "sync/plan_input.h"
#include "wire/qrinfo.h"

/* ---- bases */

bool request_base_known(const struct dspv *c, const struct request *r)
{
    return r->kind == PLAN_QR_INFO || r->base_height < 0 || engine_list_of_block(c->engine, &r->base);
}

/* An answer to `q` brings the list that `r` builds on. */
static bool brings_base(const struct dspv *c, const struct request *q, const struct request *r)
{
    if (q->kind == PLAN_MN_DIFF)
        return block_hash_eq(&q->block, &r->base);
    const struct llmq_params *p = network_llmq(&c->net, c->net.instantsend_type);
    return planner_qr_info_brings(llmq_cycle(p, q->height), p->interval, q->extra_share, r->base_height);
}

/* Some open request brings the base; *sent: one that somebody was asked for already. */
static bool base_coming(const struct dspv *c, const struct request *r, bool *sent)
{
    bool coming = false;
    *sent = false;
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        const struct request *q = &c->mn.requests[i];
        if (q == r || !request_open(q) || !brings_base(c, q, r))
            continue;
        coming = true;
        *sent |= q->state != REQUEST_QUEUED;
    }
    return coming;
}

/* Those whose base will never come; and then those that build on them. */
static void give_up_orphans(struct dspv *c)
{
    bool any;
    do {
        any = false;
        for (size_t i = 0; i < c->mn.n_requests; i++) {
            struct request *r = &c->mn.requests[i];
            bool sent;
            if (!request_open(r) || request_base_known(c, r) || base_coming(c, r, &sent))
                continue;
            request_give_up(c, r, DSPV_UNKNOWN_BASE);
            any = true;
        }
    } while (any);
}

/* ---- choice */

static bool may_be_sent(const struct dspv *c, const struct request *r)
{
    bool sent;
    if (r->state != REQUEST_QUEUED || r->not_before > c->now || (r->spare && engine_list_count(c->engine) > 0))
        return false;
    if (request_base_known(c, r))
        return true;
    return !r->base_first && requests_may_hold(c, 1) && base_coming(c, r, &sent) && sent;
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

static int send_one(struct dspv *c, struct request *r, struct peer *p)
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
        ask.n_bases = plan_qr_info_bases(c->engine, r->height, r->extra_share, bases);
        getqrinfo_encode(&c->body, &ask);
    } else {
        struct getmnlistd ask = {.block = r->block};
        if (r->base_height >= 0)
            ask.base = r->base;
        getmnlistd_encode(&c->body, &ask);
    }
    r->state = REQUEST_SENT;
    r->conn = p->conn;
    r->address = p->address;
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
    struct peer *p;
    int rc = 0;
    give_up_orphans(c);
    while (rc == 0 && (r = choose(c, &p)) != NULL)
        rc = send_one(c, r, p);
    return rc;
}
