/* Requests of a client whose handshake is complete. A request that fails is answered by silence (protocol.md 3.10). */
#include "devnode/answer.h"
#include "devnode/peer_state.h"
#include "wire/headers.h"
#include "wire/inventory.h"
#include "wire/locks.h"
#include "wire/small.h"

enum { LARGE_HEADERS2_PROTOCOL = 70235, UNASKED_ANSWER = 100 };

/* ---- getheaders, getheaders2 */

static void send_headers(struct devnode_peer *p, bool compressed, int32_t first, uint32_t n)
{
    const struct span ready = devnode_stretches_find(&p->chain->stretches, first, n);
    struct header_run run = {.n = n};
    if (compressed && ready.n != 0) {
        writer_span(&p->out, ready);
        return;
    }
    if (n != 0) {
        run.raw = devnode_chain_header(p->chain, first);
        run.hashes = devnode_chain_hash(p->chain, first);
    }
    if (compressed)
        headers2_encode(&p->body, &run);
    else
        headers_encode(&p->body, &run);
    node_send(p, compressed ? WIRE_HEADERS2 : WIRE_HEADERS);
}

/* The height after the first locator hash that is on the chain; after genesis, or at our first header, when none is. */
static int32_t first_unknown(const struct devnode_peer *p, const struct getheaders *ask)
{
    int32_t first = 1;
    for (uint32_t i = 0; i < ask->n_locator; i++) {
        int32_t height = devnode_chain_height(p->chain, &ask->locator[i], p->tip);
        if (height >= 0) {
            first = height + 1;
            break;
        }
    }
    return first < p->chain->start ? p->chain->start : first;
}

static void serve_one_header(struct devnode_peer *p, bool compressed, const block_hash *hash)
{
    int32_t height = devnode_chain_height(p->chain, hash, p->tip);
    if (height >= p->chain->start)
        send_headers(p, compressed, height, 1);
}

static void serve_headers(struct devnode_peer *p, bool compressed, struct span payload)
{
    struct getheaders ask;
    dspv_fault fault;
    if (getheaders_decode(payload.p, payload.n, &ask, &fault) != 0) {
        if (fault.reason == DSPV_TOO_MANY)
            p->phase = PEER_CLOSED;
        return;
    }
    if (ask.n_locator == 0) {
        serve_one_header(p, compressed, &ask.stop);
        return;
    }
    int32_t first = first_unknown(p, &ask), last = p->tip;
    int32_t most = compressed && p->common >= LARGE_HEADERS2_PROTOCOL ? HEADERS2_MOST : HEADERS_MOST;
    int32_t stop = devnode_chain_height(p->chain, &ask.stop, p->tip);
    if (stop >= first)
        last = stop;
    if (last >= first + most)
        last = first + most - 1;
    send_headers(p, compressed, first, last < first ? 0 : (uint32_t)(last - first + 1));
    p->known = last < first ? p->tip : last;
}

/* ---- getmnlistd, getqrinfo */

static int finish_answer(struct devnode_peer *p, int rc, enum wire_command command)
{
    if (rc == 0) {
        node_send(p, command);
        return 0;
    }
    writer_reset(&p->body);
    if (rc == DSPV_EFAULT)
        node_misbehaved(p, 1);
    return rc == DSPV_EFAULT ? 0 : rc;
}

static int serve_mnlistd(struct devnode_peer *p, struct span payload)
{
    struct devnode_view view = {p->chain, p->tip, p->common};
    struct getmnlistd ask;
    dspv_fault fault;
    if (getmnlistd_decode(payload.p, payload.n, &ask, &fault) != 0)
        return 0;
    return finish_answer(p, devnode_answer_mnlistdiff(&view, &ask, &p->body), WIRE_MNLISTDIFF);
}

static int serve_qrinfo(struct devnode_peer *p, struct span payload)
{
    struct devnode_view view = {p->chain, p->tip, p->common};
    struct getqrinfo ask;
    dspv_fault fault;
    if (p->options.faults.disconnect_on_getqrinfo)
        p->phase = PEER_CLOSED;
    if (p->options.faults.disconnect_on_getqrinfo || p->options.faults.ignore_getqrinfo ||
        getqrinfo_decode(payload.p, payload.n, &ask, &fault) != 0)
        return 0;
    if (p->options.faults.refuse_extra_share && ask.extra_share)
        return finish_answer(p, DSPV_EFAULT, WIRE_QRINFO);
    return finish_answer(p, devnode_answer_qrinfo(&view, &ask, &p->body), WIRE_QRINFO);
}

/* ---- getdata, mempool */

/* Types whose absence is told by notfound; for blocks silence, for others nothing (protocol.md 3.9). */
static bool type_has_notfound(uint32_t type)
{
    static const uint8_t types[] = {1, 6, 16, 17, 18, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33};
    for (size_t i = 0; i < sizeof(types); i++)
        if (types[i] == type)
            return true;
    return false;
}

static const struct devnode_lock *find_lock(const struct devnode_peer *p, const struct inventory_item *item)
{
    const struct devnode_lock *best = devnode_chain_best_clsig(p->chain, p->tip);
    if (item->type == INVENTORY_CLSIG)
        return best && hash256_eq(&best->hash, &item->hash) ? best : NULL;
    for (size_t i = 0; i < p->chain->n_locks; i++) {
        const struct devnode_lock *l = &p->chain->locks[i];
        if (l->kind == item->type && l->height <= p->tip && hash256_eq(&l->hash, &item->hash))
            return l;
    }
    return NULL;
}

static void serve_data(struct devnode_peer *p, struct span payload)
{
    struct inventory ask;
    dspv_fault fault;
    if (inventory_decode(payload.p, payload.n, &ask, &fault) != 0)
        return;
    uint32_t missing = 0;
    struct writer absent;
    writer_init(&absent);
    for (uint32_t i = 0; i < ask.n; i++) {
        struct inventory_item item = inventory_at(&ask, i);
        const struct devnode_lock *lock = find_lock(p, &item);
        if (lock) {
            writer_span(&p->body, lock->payload);
            node_send(p, lock->kind == DEVNODE_CLSIG ? WIRE_CLSIG : WIRE_ISDLOCK);
        } else if (type_has_notfound(item.type)) {
            writer_bytes(&absent, ask.entries + (size_t)i * INVENTORY_ENTRY, INVENTORY_ENTRY);
            missing++;
        }
    }
    if (missing != 0) {
        writer_compact_size(&p->body, missing);
        writer_bytes(&p->body, absent.data, absent.n);
        p->body.failed = p->body.failed || absent.failed;
        node_send(p, WIRE_NOTFOUND);
    }
    writer_free(&absent);
}

/* The pool is empty; what is left of a node's answer is its best ChainLock. */
static void serve_mempool(struct devnode_peer *p)
{
    const struct devnode_lock *best = devnode_chain_best_clsig(p->chain, p->tip);
    if (!(p->options.services & SERVICE_BLOOM)) {
        p->phase = PEER_CLOSED;
    } else if (best) {
        inventory_encode(&p->body, &(struct inventory_item){INVENTORY_CLSIG, best->hash}, 1);
        node_send(p, WIRE_INV);
    }
}

static void serve_ping(struct devnode_peer *p, struct span payload)
{
    uint64_t nonce;
    dspv_fault fault;
    if (ping_decode(payload.p, payload.n, &nonce, &fault) != 0)
        return;
    ping_encode(&p->body, nonce);
    node_send(p, WIRE_PONG);
}

int node_serve(struct devnode_peer *p, enum wire_command command, struct span payload)
{
    switch (command) {
    case WIRE_GETHEADERS: serve_headers(p, false, payload); return 0;
    case WIRE_GETHEADERS2: serve_headers(p, true, payload); return 0;
    case WIRE_GETMNLISTD: return serve_mnlistd(p, payload);
    case WIRE_GETQRINFO: return serve_qrinfo(p, payload);
    case WIRE_GETDATA: serve_data(p, payload); return 0;
    case WIRE_MEMPOOL: serve_mempool(p); return 0;
    case WIRE_PING: serve_ping(p, payload); return 0;
    case WIRE_QSENDRECSIGS: p->wants_recsigs = payload.n == 1 && payload.p[0] != 0; return 0;
    case WIRE_MNLISTDIFF:
    case WIRE_QRINFO: node_misbehaved(p, UNASKED_ANSWER); return 0;
    default: return 0;
    }
}
