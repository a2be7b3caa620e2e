/* The hybrid strategy: the real client through its public interface, byte pipes instead of sockets, a virtual clock. An answer
 * takes one round trip, everything else no time, so that time divided by the round trip counts what the client waited for. */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "devnode/peer.h"
#include "clock.h"
#include "strategies.h"
#include "sync/client.h"

enum { ROUND_TRIP_MS = 100, BLOCK_MS = 150000, PATIENCE_MS = 3600000 };

struct packet {
    struct packet *next;
    dspv_ms due;
    size_t n;
    uint8_t bytes[];
};

struct link {
    struct devnode_peer *node;
    dspv_conn conn;
    struct packet *first, **last;
};

struct pump {
    const struct devnode_chain *chain;
    dspv *client;
    struct link links[BENCH_PEERS];
    int32_t tip;
    dspv_ms now, lists_from; /* the headers were complete then; 0: not yet */
    struct bench_stage *stage;
};

static void must(int rc, const struct pump *p)
{
    if (rc != 0)
        bench_fail("the client or a peer ran out of memory", p->tip);
}

/* ---- counting */

static void count(struct bench_stage *stage, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0, size; i + FRAME_HEADER_SIZE <= n; i += size) {
        size = FRAME_HEADER_SIZE + load_le32(bytes + i + 16);
        switch (wire_command_find(bytes + i + 4)) {
        case WIRE_GETQRINFO: stage->qr_infos++; stage->sent += size; break;
        case WIRE_GETMNLISTD: stage->mn_diffs++; stage->sent += size; break;
        case WIRE_QRINFO: stage->qr_info_bytes += size; break;
        case WIRE_MNLISTDIFF: stage->mn_diff_bytes += size; break;
        default: break;
        }
    }
}

/* Headers cost every strategy the same. */
static void charge(struct pump *p, double from_s)
{
    double spent_s = clock_cpu_s() - from_s;
    dspv_progress now;
    dspv_get_progress(p->client, &now);
    if (now.phase == DSPV_PHASE_HEADERS || now.phase == DSPV_PHASE_CONNECTING)
        return;
    p->stage->cpu_s += spent_s;
    if (p->lists_from == 0)
        p->lists_from = p->now;
}

/* ---- what the client wants */

static void on_connect(struct pump *p, const dspv_out *out)
{
    struct link *l = &p->links[out->addr.ip[15] - 1];
    struct devnode_options options = devnode_options_default();
    if (l->node)
        bench_fail("a peer was connected to twice", p->tip);
    must(devnode_peer_new(&l->node, p->chain, &options, p->tip, p->now / 1000, 100 + out->conn), p);
    l->conn = out->conn;
    l->last = &l->first;
    must(dspv_in_connected(p->client, out->conn, p->now), p);
}

static void on_send(struct pump *p, const dspv_out *out)
{
    count(p->stage, out->data, out->n);
    for (int i = 0; i < BENCH_PEERS; i++)
        if (p->links[i].node && p->links[i].conn == out->conn)
            must(devnode_peer_input(p->links[i].node, out->data, out->n), p);
}

static void on_job(struct pump *p, dspv_job *job)
{
    double from_s = clock_cpu_s();
    must(dspv_job_run(job), p);
    must(dspv_in_job_done(p->client, job, p->now), p);
    charge(p, from_s);
}

static bool drain(struct pump *p)
{
    dspv_out out;
    bool any = false;
    for (;; any = true) {
        double from_s = clock_cpu_s();
        bool more = dspv_next(p->client, &out);
        charge(p, from_s);
        if (!more)
            return any;
        switch (out.kind) {
        case DSPV_OUT_CONNECT: on_connect(p, &out); break;
        case DSPV_OUT_SEND: on_send(p, &out); break;
        case DSPV_OUT_CLOSE: bench_fail("the client hung up on an honest peer", p->tip);
        case DSPV_OUT_JOB: on_job(p, out.job); break;
        case DSPV_OUT_EVENT: break;
        case DSPV_OUT_RESOLVE:
        case DSPV_OUT_LOOKUP: break;
        }
    }
}

/* ---- what the peers say */

static void collect(struct pump *p, struct link *l, dspv_ms delay_ms)
{
    struct span said = devnode_peer_output(l->node);
    if (said.n == 0)
        return;
    struct packet *packet = malloc(sizeof(*packet) + said.n);
    must(packet ? 0 : DSPV_ENOMEM, p);
    *packet = (struct packet){.due = p->now + delay_ms, .n = said.n};
    memcpy(packet->bytes, said.p, said.n);
    *l->last = packet;
    l->last = &packet->next;
    devnode_peer_taken(l->node, said.n);
}

static bool deliver(struct pump *p, struct link *l)
{
    bool any = false;
    while (l->first && l->first->due <= p->now) {
        struct packet *packet = l->first;
        l->first = packet->next;
        if (!l->first)
            l->last = &l->first;
        count(p->stage, packet->bytes, packet->n);
        double from_s = clock_cpu_s();
        must(dspv_in_bytes(p->client, l->conn, packet->bytes, packet->n, p->now), p);
        charge(p, from_s);
        free(packet);
        any = true;
    }
    return any;
}

static bool synced(const struct pump *p)
{
    dspv_progress now;
    dspv_get_progress(p->client, &now);
    return now.phase == DSPV_PHASE_SYNCED && now.list_height == p->tip;
}

static dspv_ms next_moment(const struct pump *p)
{
    dspv_ms next = dspv_deadline(p->client);
    for (int i = 0; i < BENCH_PEERS; i++)
        if (p->links[i].first && p->links[i].first->due < next)
            next = p->links[i].first->due;
    return next;
}

/* Until `end`, or until synced. */
static void run(struct pump *p, dspv_ms end, bool until_synced)
{
    for (;;) {
        bool moved = drain(p);
        for (int i = 0; i < BENCH_PEERS; i++) {
            if (p->links[i].node)
                collect(p, &p->links[i], ROUND_TRIP_MS);
            moved = deliver(p, &p->links[i]) || moved;
        }
        if (moved)
            continue;
        if (until_synced && synced(p))
            return;
        dspv_ms next = next_moment(p);
        if (next > end)
            break;
        p->now = next > p->now ? next : p->now + 1;
        must(dspv_in_tick(p->client, p->now), p);
    }
    if (until_synced)
        bench_fail("the client is not synced", p->tip);
    p->now = end;
    must(dspv_in_tick(p->client, p->now), p);
}

/* ---- stages */

static dspv_network *network_of(const struct devnode_chain *chain)
{
    dspv_network *net;
    if (dspv_network_new(&net, "regtest") != 0)
        bench_fail("out of memory", 0);
    net->net = chain->network; /* the options of the chain are in it */
    return net;
}

static void start(struct pump *p, const struct bench_run *r)
{
    uint8_t seed[32] = {7};
    dspv_network *net = network_of(r->chain);
    dspv_addr addr = {.ip = {[10] = 0xff, [11] = 0xff, [12] = 127}, .port = 19799};
    struct header last = header_parse(devnode_chain_header(r->chain, r->chain->tip));
    p->now = (dspv_ms)last.time * 1000 + 60000;
    must(dspv_new(&p->client, net, NULL, NULL, seed, p->now), p);
    dspv_network_free(net);
    for (int i = 0; i < BENCH_PEERS; i++) {
        addr.ip[15] = (uint8_t)(1 + i);
        must(dspv_add_peer(p->client, &addr, p->now), p);
    }
    run(p, p->now + PATIENCE_MS, true);
    p->stage->round_trips = (double)(p->now - p->lists_from) / ROUND_TRIP_MS;
}

/* The peers announce blocks up to `tip`; the client catches up. */
static void grow(struct pump *p, int32_t tip)
{
    dspv_ms from = p->now;
    int32_t blocks = tip - p->tip;
    p->tip = tip;
    for (int i = 0; i < BENCH_PEERS; i++)
        must(devnode_peer_grow(p->links[i].node, tip), p);
    for (int i = 0; i < BENCH_PEERS; i++)
        collect(p, &p->links[i], 0);
    run(p, from + PATIENCE_MS, true);
    p->stage->round_trips += (double)(p->now - from) / ROUND_TRIP_MS;
    run(p, from + blocks * (dspv_ms)BLOCK_MS, false);
}

void bench_hybrid(const struct bench_run *r, bool every_block, struct bench_result *out)
{
    struct pump p = {.chain = r->chain, .tip = r->tip, .stage = &out->start};
    int32_t interval = network_llmq(&r->chain->network, r->chain->network.instantsend_type)->interval;
    *out = (struct bench_result){.name = "hybrid", .pace = every_block ? "every block" : "once a cycle"};
    start(&p, r);
    out->started = bench_standing_of(r->chain, client_engine(p.client), r->tip);
    p.stage = &out->follow;
    while (p.tip < r->end)
        grow(&p, p.tip + (every_block ? 1 : interval));
    out->followed = bench_standing_of(r->chain, client_engine(p.client), r->end);
    dspv_free(p.client);
    for (int i = 0; i < BENCH_PEERS; i++) {
        devnode_peer_free(p.links[i].node);
        while (p.links[i].first) {
            struct packet *packet = p.links[i].first;
            p.links[i].first = packet->next;
            free(packet);
        }
    }
}
