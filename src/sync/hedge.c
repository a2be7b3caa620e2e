/* See hedge.h. Invariants: only a SENT request has a second peer, and never more than one; it was asked after the first. A peer is
 * asked as the second only if it is idle, so one round asks at most as many twice as there are peers. */
#include "sync/hedge.h"

#include "sync/client.h"

/* How long its first peer may be silent, and how often somebody else is looked for. */
static dspv_ms patience(const struct dspv *c, const struct request *r)
{
    return whom_failures(c, r->address, r->kind) > 0 ? HEDGE_SOON_MS : HEDGE_AFTER_MS;
}

void hedge_start(const struct dspv *c, struct request *r)
{
    const struct peer *p = client_peer(c, r->conn);
    r->hedge = (struct request_hedge){.at = r->sent + patience(c, r), .mark = p ? p->received : 0};
}

bool hedge_asks(const struct request *r, dspv_conn conn)
{
    return r->state == REQUEST_SENT && (r->conn == conn || r->hedge.conn == conn);
}

void hedge_answered(struct request *r, dspv_conn conn)
{
    struct request_hedge second = r->hedge;
    if (r->conn == conn)
        return;
    r->hedge.conn = r->conn;
    r->hedge.address = r->address;
    r->hedge.sent = r->sent;
    r->conn = second.conn;
    r->address = second.address;
    r->sent = second.sent;
}

bool hedge_takes_over(const struct dspv *c, struct request *r)
{
    if (r->hedge.conn == 0)
        return false;
    r->conn = r->hedge.conn;
    r->address = r->hedge.address;
    r->sent = r->hedge.sent;
    r->state = REQUEST_SENT;
    hedge_start(c, r);
    return true;
}

void hedge_failed(struct dspv *c, struct request *r)
{
    request_note_failure(c, r, r->hedge.address, false);
    r->hedge.conn = 0;
    r->hedge.at = c->now + patience(c, r);
}

void hedge_over(struct dspv *c, struct request *r)
{
    bool overtaken = r->hedge.conn != 0 && r->hedge.sent < r->sent;
    if (overtaken)
        request_note_failure(c, r, r->hedge.address, r->extra_share);
    hedge_drop(c, r);
}

void hedge_drop(struct dspv *c, struct request *r)
{
    struct peer *p = r->hedge.conn ? client_peer(c, r->hedge.conn) : NULL;
    if (p)
        p->dropped++;
    r->hedge.conn = 0;
}

void hedge_newcomer(struct dspv *c, struct request *r)
{
    if (r->hedge.conn == 0 || c->now < r->hedge.sent + HEDGE_SOON_MS)
        return;
    hedge_drop(c, r);
    r->hedge.at = c->now;
}

/* When the first one counts as silent. */
static dspv_ms silent_at(const struct dspv *c, const struct request *r)
{
    const struct peer *p = client_peer(c, r->conn);
    uint64_t came = p ? p->received - r->hedge.mark : 0;
    return r->sent + patience(c, r) + (dspv_ms)(came / HEADER_SYNC_SLOWEST);
}

int hedge_tick(struct dspv *c, struct request *r)
{
    if (r->state != REQUEST_SENT || hedge_due(r) > c->now)
        return 0;
    r->hedge.at = silent_at(c, r);
    if (r->hedge.at > c->now)
        return 0;
    r->hedge.at = c->now + patience(c, r);
    struct peer *p = !r->spare && (r->kind == PLAN_QR_INFO || request_base_known(c, r)) ? whom_to_hedge(c, r) : NULL;
    int rc = p ? request_write(c, r, p) : 0;
    if (rc == 0 && p) {
        r->hedge.conn = p->conn;
        r->hedge.address = p->address;
        r->hedge.sent = c->now;
        r->attempts++;
    }
    return rc;
}

dspv_ms hedge_due(const struct request *r)
{
    return r->hedge.conn == 0 ? r->hedge.at : INT64_MAX;
}
