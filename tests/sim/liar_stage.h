/* The real client between one honest node and one liar: byte pipes and a virtual clock, no more. What the simulator does at
 * large, for one liar at a time, so that a test can say what its lies led to. */
#ifndef SIM_LIAR_STAGE_H
#define SIM_LIAR_STAGE_H

#include "support/data.h"

#include "devnode/peer.h"
#include "engine/network_api.h"
#include "sim/liar.h"
#include "sync/client.h"

struct stage_packet;

struct stage_node {
    const struct devnode_chain *chain;
    bool lies;
    struct liar liar;
    struct devnode_peer *peer; /* NULL: not connected */
    dspv_conn conn;
    struct stage_packet *pipe; /* on its way to the client, oldest first */
    dspv_ms out_until;         /* later bytes wait until then */
    dspv_ms tick_at;
    bool hanging_up;
    unsigned connections;
    unsigned refused[DSPV_REASON_COUNT]; /* messages the client refused */
    unsigned closed[DSPV_REASON_COUNT];  /* connections the client closed */
};

enum { STAGE_LIAR, STAGE_HONEST, STAGE_NODES };

struct stage {
    const struct liar_world *world;
    struct dspv_network network;
    dspv *client;
    struct stage_node nodes[STAGE_NODES];
    dspv_ms now;
    int32_t tip;       /* the nodes serve up to here */
    unsigned inputs;   /* pieces of bytes handed to the client */
    size_t received;   /* bytes */
    unsigned synced;   /* how often the phase became synced */
    unsigned chainlocks, instantlocks;
};

/* The worlds of the tests, made once for each seed; never freed. */
const struct liar_world *stage_world(uint64_t seed);

/* A client that knows both nodes. `alone`: there is no honest node at first; stage_help() brings it. */
void stage_open(struct stage *s, const struct liar_world *world, const struct liar_kind *kind, uint64_t seed, bool alone);
void stage_help(struct stage *s);
void stage_close(struct stage *s);
/* Run for so long; every claim of the client is checked against the truth on the way. */
void stage_run(struct stage *s, dspv_ms ms);
/* Run until the client says synced at the nodes' tip. */
bool stage_run_until_tip(struct stage *s, dspv_ms ms);
void stage_grow(struct stage *s, int32_t tip);

#endif
