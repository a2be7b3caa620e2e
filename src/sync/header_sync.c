/* See header_sync.h. An answer and an announcement look alike (protocol.md 3.8): whatever connects is taken, whatever does not
 * makes us ask with a locator, and only a short answer says that the peer has told all. */
#include "base/fault.h"
#include "sync/answer.h"
#include "sync/client.h"
#include "wire/headers.h"

enum { MOST_LOCATOR = 42, MOST_UNCONNECTING = 10, LARGE_HEADERS2_PROTOCOL = 70235, ARENA_LIMIT = 4 << 20 };

int header_sync_ask(struct dspv *c, struct peer *p)
{
    block_hash locator[MOST_LOCATOR];
    if (p->headers_asked) {
        p->headers_again = true;
        return 0;
    }
    struct getheaders ask = {.version = p->common, .locator = locator};
    ask.n_locator = (uint32_t)headers_locator(c->headers, headers_tip(c->headers), locator, MOST_LOCATOR);
    p->headers_asked = true;
    p->headers_again = false;
    p->headers_sent = c->now;
    getheaders_encode(&c->body, &ask);
    bool compressed = (p->services & SERVICE_HEADERS_COMPRESSED) != 0;
    int rc = peer_send(c, p, compressed ? WIRE_GETHEADERS2 : WIRE_GETHEADERS, &c->body);
    writer_reset(&c->body);
    return rc;
}

/* ---- the tip */

static int32_t fork_height(const struct dspv *c)
{
    headers_node node = c->tip;
    while (node != HEADERS_NONE && !headers_on_best_chain(c->headers, node))
        node = headers_prev(c->headers, node);
    return node == HEADERS_NONE ? headers_first_height(c->headers) : headers_height(c->headers, node);
}

int header_sync_tip(struct dspv *c)
{
    headers_node tip = headers_tip(c->headers);
    if (tip == c->tip)
        return 0;
    if (!headers_on_best_chain(c->headers, c->tip)) {
        int32_t fork = fork_height(c);
        engine_rollback(c->engine, fork);
        masternodes_rollback(c, fork);
    }
    c->tip = tip;
    c->progress.last_progress = c->now;
    masternodes_tip_moved(c);
    c->locks.again = true;
    dspv_event e = client_event_of(DSPV_EVENT_TIP);
    block_hash hash;
    headers_hash(c->headers, tip, &hash);
    memcpy(e.hash, hash.b, 32);
    e.height = headers_height(c->headers, tip);
    return client_event(c, &e);
}

/* ---- messages */

static int points(dspv_reason reason)
{
    return reason == DSPV_TIME_TOO_NEW ? 10 : PEER_MOST_SCORE;
}

/* Add all; *connects becomes false when the first has no known parent. */
static int add_all(struct dspv *c, struct peer *p, const struct header_run *run, bool *connects)
{
    for (uint32_t i = 0; i < run->n; i++) {
        headers_node node;
        dspv_fault fault;
        int rc = headers_add(c->headers, run->raw + (size_t)i * HEADER_SIZE, &run->hashes[i], c->now / 1000, &node, &fault);
        if (rc == DSPV_ENOMEM)
            return rc;
        if (rc == 0) {
            p->told = node;
            continue;
        }
        if (fault.reason == DSPV_PREV_UNKNOWN && i == 0) {
            *connects = false;
            return 0;
        }
        if (fault.reason == DSPV_PREV_UNKNOWN)
            fault = fault_about(DSPV_NOT_CONTINUOUS, run->hashes[i].b, -1);
        return peer_score(c, p, points(fault.reason), &fault, "headers");
    }
    return 0;
}

/* All the peer has: a held answer may go on now. */
static int told_all(struct dspv *c, struct peer *p)
{
    if (!p->headers_done)
        requests_peer_came(c, p);
    p->headers_done = true;
    c->mn.again = true;
    return answer_headers_came(c, p);
}

static int after_run(struct dspv *c, struct peer *p, uint32_t n, bool connects)
{
    if (!connects) {
        dspv_fault fault = fault_of(DSPV_PREV_UNKNOWN);
        int rc = 0;
        if (++p->unconnecting > MOST_UNCONNECTING)
            rc = peer_score(c, p, 20, &fault, "headers");
        return rc == 0 && !p->closing ? header_sync_ask(c, p) : rc;
    }
    bool again = p->headers_again;
    p->headers_asked = false;
    if (p->closing)
        return 0;
    if (n >= HEADERS_MOST || again)
        return header_sync_ask(c, p);
    return told_all(c, p);
}

int header_sync_message(struct dspv *c, struct peer *p, const struct frame *f)
{
    struct arena arena;
    struct header_run run;
    dspv_fault fault;
    bool compressed = f->command == WIRE_HEADERS2, connects = true;
    uint32_t most = compressed && p->common >= LARGE_HEADERS2_PROTOCOL ? HEADERS2_MOST : HEADERS_MOST;
    arena_init(&arena, ARENA_LIMIT);
    int rc = (compressed ? headers2_decode : headers_decode)(f->payload.p, f->payload.n, most, &arena, &run, &fault);
    if (rc == DSPV_EFAULT)
        rc = peer_score(c, p, PEER_MOST_SCORE, &fault, f->name);
    else if (rc == 0) {
        rc = add_all(c, p, &run, &connects);
        int tip_rc = header_sync_tip(c);
        rc = rc == 0 ? tip_rc : rc;
        if (rc == 0)
            rc = after_run(c, p, run.n, connects);
    }
    arena_free(&arena);
    return rc;
}

int header_sync_tick(struct dspv *c, struct peer *p)
{
    if (header_sync_deadline(p) <= c->now)
        peer_close(p, DSPV_PEER_TIMEOUT);
    return 0;
}

dspv_ms header_sync_deadline(const struct peer *p)
{
    return p->headers_asked && !p->closing ? p->headers_sent + HEADER_SYNC_TIMEOUT_MS : CLIENT_NEVER;
}

/* ---- answers */

static bool enough_work(const struct dspv *c)
{
    uint8_t work[32];
    headers_work(c->headers, headers_tip(c->headers), work);
    for (int i = 31; i >= 0; i--)
        if (work[i] != c->net.chain.minimum_chain_work[i])
            return work[i] > c->net.chain.minimum_chain_work[i];
    return true;
}

static bool any_done(const struct dspv *c)
{
    for (size_t i = 0; i < c->n_peers; i++)
        if (peer_serves_lists(c->peers[i]))
            return true;
    return false;
}

bool header_sync_done(const struct dspv *c)
{
    return any_done(c) && enough_work(c);
}
bool header_sync_low_work(const struct dspv *c)
{
    return any_done(c) && !enough_work(c);
}
