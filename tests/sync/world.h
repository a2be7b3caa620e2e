/* The real client against development peers: byte pipes, a virtual clock, no sockets. */
#ifndef TESTS_SYNC_WORLD_H
#define TESTS_SYNC_WORLD_H

#include "support/data.h"

#include "devnode/fixture.h"
#include "devnode/peer.h"
#include "sync/client.h"

enum { WORLD_REASONS = 256, WORLD_MOST_PEERS = 24, WORLD_MOST_JOBS = 128 };
#define WORLD_DROPPED SIZE_MAX /* tamper: the message never arrives */

struct world_packet;

/* One peer; set the first part before its connection, or (unreachable, latency) at any time. */
struct world_peer {
    const struct devnode_chain *chain;
    struct devnode_options options;
    int32_t behind;        /* it serves so many blocks less than the world */
    dspv_ms latency_ms;    /* from what the client says to the answer */
    size_t breaks_after;   /* the connection breaks after so many bytes, once; 0 = never */
    bool unreachable;
    const struct devnode_chain *before; /* what it served until it switched; NULL: it did not */
    dspv_addr addr;        /* where it is */
    bool unnamed;          /* the client is not told of it at the start */
    const struct gossip *gossip; /* its answer to getaddr; NULL: none */

    struct devnode_peer *node; /* NULL: not connected */
    dspv_conn conn;
    struct world_packet *pipe; /* on its way to the client, oldest first */
    uint32_t connections;
    size_t delivered;          /* bytes, on this connection */
    unsigned commands[WIRE_COMMAND_COUNT]; /* sent by the client */
    unsigned unanswered, most_unanswered;  /* getmnlistd on this connection */
};

struct world {
    char fixture[16];
    const struct devnode_chain *chain;
    struct devnode_options options; /* of the peers added from now on */
    dspv_config config;
    const dspv_store *store;   /* NULL: nothing is kept */
    dspv *client;
    struct world_peer peers[WORLD_MOST_PEERS];
    size_t n_peers;
    int32_t tip;               /* the peers serve up to here */
    dspv_ms now;
    size_t chunk;              /* bytes per delivery to the client */
    uint32_t connections;

    /* Change what peers[speaker] says on its way; payload of one message, may be shortened, or WORLD_DROPPED. */
    void (*tamper)(struct world *w, const char *command, uint8_t *payload, size_t *n);
    size_t speaker;
    uint64_t random;
    unsigned tampered;

    /* For a test that keeps books: each message the client sends, each event. */
    void (*on_message)(struct world *w, struct world_peer *p, enum wire_command command, struct span payload);
    void (*on_told)(struct world *w, const dspv_event *e);
    void *books;

    /* Where addresses come from (config.discover). */
    const char *dns_seed;
    const char *const *fixed_seeds;
    size_t n_fixed_seeds;
    void (*resolve)(struct world *w, const dspv_out *out);
    unsigned resolved;  /* for `resolve`: how often it was asked */
    unsigned strangers; /* connections to addresses where nobody is */

    /* What the source of look-ups does with a question (config.lookups). */
    void (*lookup)(struct world *w, const dspv_out *out);

    /* Jobs that hash headers are the test's to do, when it wants them. */
    bool keeps_header_jobs;
    dspv_job *jobs[WORLD_MOST_JOBS];
    size_t n_jobs;

    size_t fail_after;      /* let the nth allocation of the client from now on fail; 0 = none */
    unsigned out_of_memory; /* inputs that returned DSPV_ENOMEM */
    unsigned store_failed;  /* and DSPV_ESTORE */

    /* seen so far */
    uint8_t digest[32];     /* of all bytes the client sent */
    unsigned events[16];    /* by kind */
    unsigned refused[WORLD_REASONS]; /* DSPV_EVENT_REFUSED by reason */
    unsigned commands[WIRE_COMMAND_COUNT]; /* sent by the client */
    unsigned synced;        /* how often the phase became synced */
    unsigned degraded;
    int32_t chainlock;      /* highest */
};

void world_init(struct world *w, const char *fixture, int32_t tip);
/* The same on a chain that is no fixture: its network, its last header's time. */
void world_init_chain(struct world *w, const struct devnode_chain *chain, int32_t tip);
/* One more peer, before the start. */
struct world_peer *world_add(struct world *w);
/* The connection breaks; what was on its way is lost. */
void world_break(struct world *w, struct world_peer *p);
/* Bytes of a message arrive from the peer, whatever it is. */
void world_say(struct world *w, const struct world_peer *p, enum wire_command command, const uint8_t *payload, size_t n);
/* Make the client (seeded with `seed`) and let it know the peers; without any, one is added. */
void world_start(struct world *w, uint8_t seed);
void world_free(struct world *w);
/* Run until nothing happens any more or `ms` have passed. */
void world_run(struct world *w, dspv_ms ms);
/* The same, and exactly so long: something happens, or nothing. */
void world_pass(struct world *w, dspv_ms ms);
/* Run until the client says synced, at most `ms`. */
bool world_run_until_synced(struct world *w, dspv_ms ms);
/* Run until it says synced at the height the peer serves. */
bool world_run_until_tip(struct world *w, dspv_ms ms);
/* The job comes back that is the i-th of those that are kept; `ran`: done. */
void world_finish_job(struct world *w, size_t i, bool ran);
void world_grow(struct world *w, int32_t tip);
/* The peer reorganises to another chain on its open connection, as a node does; else it serves that from its next one on. */
void world_switch(struct world *w, struct world_peer *p, const struct devnode_chain *chain);
dspv_phase world_phase(const struct world *w);
dspv_progress world_progress(const struct world *w);

/* What must hold whenever the client says synced: list at the tip, no needs, all wanted quorums verified. */
void world_check_honest(struct world *w);
/* Dash Core's active quorums at the tip: each must be verified, with that public key. Returns how many were checked, 0 when the
 * fixture has no answer for this height. */
unsigned world_check_oracle(struct world *w);

#endif
