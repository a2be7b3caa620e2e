/* A world whose peers the client has to find: each in a network group of its own, known to a DNS seed or told by gossip. */
#ifndef TESTS_SYNC_TOWN_H
#define TESTS_SYNC_TOWN_H

#include "sync/world.h"

enum { TIP = 581, MINUTE = 60000 };

/* A peer the client has to find, in a network group of its own: 127.<20 + i>.0.1. */
static inline struct world_peer *settle_somewhere(struct world *w)
{
    struct world_peer *p = world_add(w);
    p->unnamed = true;
    p->addr.ip[13] = (uint8_t)(20 + w->n_peers);
    p->addr.ip[15] = 1;
    return p;
}

static inline void found(struct world *w, size_t n)
{
    world_init(w, "churn", TIP);
    w->config.discover = w->config.local_addresses = true;
    w->config.target_outbound = 4;
    for (size_t i = 0; i < n; i++)
        settle_somewhere(w)->latency_ms = 20 + (dspv_ms)i;
}

static inline struct gossip_address tellable(const struct world *w, const dspv_addr *addr)
{
    struct gossip_address g = {
        .time_s = (uint32_t)(w->now / 1000 - 3600), .services = SERVICE_NETWORK, .kind = NET_IPV4, .port = addr->port};
    memcpy(g.host, addr->ip + 12, 4);
    return g;
}

/* Gossip about all peers of the world from the first-th on. */
static inline struct gossip about_peers(const struct world *w, struct gossip_address *list, size_t first)
{
    for (size_t i = first; i < w->n_peers; i++)
        list[i - first] = tellable(w, &w->peers[i].addr);
    return (struct gossip){list, (uint32_t)(w->n_peers - first)};
}

static inline size_t connected(const struct world *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n_peers; i++)
        n += w->peers[i].node != NULL;
    return n;
}

/* The seed knows all of them. */
static inline void dns_answers(struct world *w, const dspv_out *out)
{
    dspv_addr addrs[WORLD_MOST_PEERS];
    assert_string_equal(out->name, "seed.example");
    assert_int_equal(out->addr.port, w->chain->network.chain.port);
    for (size_t i = 0; i < w->n_peers; i++)
        addrs[i] = w->peers[i].addr;
    w->resolved++;
    assert_int_equal(dspv_in_resolved(w->client, out->name, addrs, w->n_peers, w->now), 0);
}

#endif
