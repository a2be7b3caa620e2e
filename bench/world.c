/* See world.h. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "group.h"

enum { BLOCK_MS = 150000 };

struct packet {
    struct packet *next;
    dspv_ms due;
    size_t n;
    uint8_t bytes[];
};

static void must(int rc)
{
    bench_need(rc == 0, "the client or a peer ran out of memory");
}

static void charge(struct world *w, double from_us)
{
    const double us = clock_cpu_us() - from_us;
    w->work_us += us;
    if (w->on_work)
        w->on_work(w, us);
}

static void tell(struct world *w, const uint8_t *bytes, size_t n)
{
    if (w->on_bytes)
        w->on_bytes(w, bytes, n);
}

/* ---- what the client wants */

static void on_connect(struct world *w, const dspv_out *out)
{
    struct world_link *l = &w->links[out->addr.ip[15] - 1];
    const struct devnode_options options = devnode_options_default();
    bench_need(l->node == NULL, "a peer was connected to twice");
    must(devnode_peer_new(&l->node, w->chain, &options, w->tip, w->now / 1000, 100 + out->conn));
    l->conn = out->conn;
    l->last = &l->first;
    must(dspv_in_connected(w->client, out->conn, w->now));
}

static void on_send(struct world *w, const dspv_out *out)
{
    tell(w, out->data, out->n);
    for (size_t i = 0; i < w->n_peers; i++)
        if (w->links[i].node && w->links[i].conn == out->conn)
            must(devnode_peer_input(w->links[i].node, out->data, out->n));
}

static void on_job(struct world *w, dspv_job *job)
{
    const double from_us = clock_cpu_us();
    must(dspv_job_run(job));
    must(dspv_in_job_done(w->client, job, w->now));
    charge(w, from_us);
}

static bool drain(struct world *w)
{
    dspv_out out;
    bool any = false;
    for (;; any = true) {
        const double from_us = clock_cpu_us();
        const bool more = dspv_next(w->client, &out);
        charge(w, from_us);
        if (!more)
            return any;
        switch (out.kind) {
        case DSPV_OUT_CONNECT: on_connect(w, &out); break;
        case DSPV_OUT_SEND: on_send(w, &out); break;
        case DSPV_OUT_CLOSE: bench_need(false, "the client hung up on an honest peer"); break;
        case DSPV_OUT_JOB: on_job(w, out.job); break;
        case DSPV_OUT_EVENT: break;
        case DSPV_OUT_RESOLVE:
        case DSPV_OUT_LOOKUP: break;
        }
    }
}

/* ---- what the peers say */

static void collect(struct world *w, struct world_link *l, dspv_ms delay_ms)
{
    const struct span said = devnode_peer_output(l->node);
    if (said.n == 0)
        return;
    struct packet *packet = malloc(sizeof(*packet) + said.n);
    must(packet ? 0 : DSPV_ENOMEM);
    *packet = (struct packet){.due = w->now + delay_ms, .n = said.n};
    memcpy(packet->bytes, said.p, said.n);
    *l->last = packet;
    l->last = &packet->next;
    devnode_peer_taken(l->node, said.n);
}

static struct packet *take_packet(struct world_link *l)
{
    struct packet *packet = l->first;
    l->first = packet->next;
    if (!l->first)
        l->last = &l->first;
    return packet;
}

static bool deliver(struct world *w, struct world_link *l)
{
    bool any = false;
    for (; l->first && l->first->due <= w->now; any = true) {
        struct packet *packet = take_packet(l);
        tell(w, packet->bytes, packet->n);
        const double from_us = clock_cpu_us();
        must(dspv_in_bytes(w->client, l->conn, packet->bytes, packet->n, w->now));
        charge(w, from_us);
        free(packet);
    }
    return any;
}

/* ---- time */

static bool synced(const struct world *w)
{
    dspv_progress now;
    dspv_get_progress(w->client, &now);
    return now.phase == DSPV_PHASE_SYNCED && now.list_height == w->tip;
}

static dspv_ms next_moment(const struct world *w)
{
    dspv_ms next = dspv_deadline(w->client);
    for (size_t i = 0; i < w->n_peers; i++)
        if (w->links[i].first && w->links[i].first->due < next)
            next = w->links[i].first->due;
    return next;
}

static void tick(struct world *w, dspv_ms now)
{
    w->now = now;
    const double from_us = clock_cpu_us();
    must(dspv_in_tick(w->client, now));
    charge(w, from_us);
}

static bool exchange(struct world *w)
{
    bool moved = drain(w);
    for (size_t i = 0; i < w->n_peers; i++) {
        if (w->links[i].node)
            collect(w, &w->links[i], WORLD_ROUND_TRIP_MS);
        moved = deliver(w, &w->links[i]) || moved;
    }
    return moved;
}

/* Until `end`, or until synced. */
static void run(struct world *w, dspv_ms end, bool until_synced)
{
    for (;;) {
        if (exchange(w))
            continue;
        if (until_synced && synced(w))
            return;
        const dspv_ms next = next_moment(w);
        if (next > end)
            break;
        tick(w, next > w->now ? next : w->now + 1);
    }
    bench_need(!until_synced, "the client is not synced");
    tick(w, end);
}

/* ---- stages */

dspv_network *world_network(const struct devnode_chain *chain)
{
    dspv_network *net;
    must(dspv_network_new(&net, "regtest"));
    net->net = chain->network;
    return net;
}

void world_start(struct world *w)
{
    const uint8_t seed[32] = {7};
    const struct header last = header_parse(devnode_chain_header(w->chain, w->chain->tip));
    dspv_addr addr = {.ip = {[10] = 0xff, [11] = 0xff, [12] = 127}, .port = 19799};
    dspv_network *net = world_network(w->chain);
    dspv_config config;
    dspv_config_init(&config);
    config.target_outbound = (uint32_t)w->n_peers;
    w->now = (dspv_ms)last.time * 1000 + 60000;
    bench_need(dspv_new(&w->client, net, &config, w->store, seed, w->now) == 0, "no client");
    dspv_network_free(net);
    for (size_t i = 0; i < w->n_peers; i++) {
        addr.ip[15] = (uint8_t)(1 + i);
        must(dspv_add_peer(w->client, &addr, w->now));
    }
    run(w, w->now + WORLD_PATIENCE_MS, true);
}

dspv_ms world_grow(struct world *w, int32_t tip)
{
    const dspv_ms from = w->now;
    const int32_t blocks = tip - w->tip;
    w->tip = tip;
    for (size_t i = 0; i < w->n_peers; i++)
        must(devnode_peer_grow(w->links[i].node, tip));
    for (size_t i = 0; i < w->n_peers; i++)
        collect(w, &w->links[i], 0);
    run(w, from + WORLD_PATIENCE_MS, true);
    const dspv_ms took = w->now - from;
    run(w, from + blocks * (dspv_ms)BLOCK_MS, false);
    return took;
}

void world_wait(struct world *w, dspv_ms how_long)
{
    run(w, w->now + how_long, false);
}

void world_free(struct world *w)
{
    dspv_free(w->client);
    for (size_t i = 0; i < w->n_peers; i++) {
        devnode_peer_free(w->links[i].node);
        while (w->links[i].first)
            free(take_packet(&w->links[i]));
    }
}
