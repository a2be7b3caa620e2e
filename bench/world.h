/* A client among development peers that serve one chain: its public interface, byte pipes instead of sockets, a virtual clock. An
 * answer takes one round trip, everything else no time. Whatever cannot happen ends the program. */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

#include "devnode/chain.h"
#include "devnode/peer.h"
#include "sync/client.h"

enum { WORLD_MOST_PEERS = 64, WORLD_ROUND_TRIP_MS = 100, WORLD_PATIENCE_MS = 3600000 };

struct packet;

struct world_link {
    struct devnode_peer *node;
    dspv_conn conn;
    struct packet *first, **last; /* on their way to the client */
};

struct world {
    /* set these before world_start */
    const struct devnode_chain *chain;
    int32_t tip; /* how much of the chain the peers have */
    size_t n_peers;
    const dspv_store *store;                                           /* may be NULL */
    void (*on_bytes)(struct world *w, const uint8_t *bytes, size_t n); /* a message or several, to or from the client; or NULL */
    void (*on_work)(struct world *w, double us);                       /* CPU time that the client took; or NULL */
    void *context;
    /* read these */
    dspv *client;
    dspv_ms now;
    double work_us; /* CPU time of the client so far, its jobs included */
    struct world_link links[WORLD_MOST_PEERS];
};

/* The network of a chain, with its options. dspv_network_free() */
dspv_network *world_network(const struct devnode_chain *chain);

/* The client is made and connects to all peers; until it is synced. */
void world_start(struct world *w);
/* The peers announce the blocks up to `tip`; until the client has caught up, then the time of so many blocks passes. Returns how
 * long it took to catch up. */
dspv_ms world_grow(struct world *w, int32_t tip);
/* Time passes. */
void world_wait(struct world *w, dspv_ms how_long);
void world_free(struct world *w);

#endif
