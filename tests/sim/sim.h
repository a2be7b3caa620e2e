/* The simulator's state, shared by the sim_*.c files only. One run is one client against some nodes in one generated world, on a
 * virtual clock; everything in it follows from the run's seed.
 *
 *     sim_pool      worlds and what is true in them
 *     sim_scenario  what happens in a run, drawn from its seed
 *     sim_addresses where the nodes are, and what is told of that
 *     sim_node      nodes, honest and not, and the network between them and the client
 *     sim_oracle    what must hold
 *     sim_disk      what it keeps its state on
 *     sim_life      the client crashes and comes back
 *     sim_run       the loop: the clock, the queue of what happens next, the client's outputs
 *     sim_main      many runs in several processes, and the report */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "devnode/peer.h"
#include "sim/sim_disk.h"
#include "sim/sim_pool.h"
#include "sim/sim_queue.h"
#include "sync/client.h"

enum { SIM_MOST_NODES = 24, SIM_MOST_NAMED = 8, SIM_MOST_RESOLVED = 128, SIM_MOST_GROWTHS = 12, SIM_MOST_CRASHES = 8, SIM_MOST_TROUBLES = 3 };
enum { SIM_MOST_CHECKPOINTS = 400 };

/* How bytes are cut on their way to the client. */
enum sim_cut { SIM_WHOLE, SIM_PACKETS, SIM_PIECES, SIM_BYTES, SIM_CUTS };

/* How the client comes to its peers. */
enum sim_discovery {
    SIM_NAMED,  /* it is told their addresses */
    SIM_FOUND,  /* it finds them: a name is resolved, nodes gossip */
    SIM_ECLIPSE /* the same, but nearly all it finds is the liars' */
};

struct sim_link {
    dspv_ms latency_ms, jitter_ms;
    int64_t bytes_per_s;
    enum sim_cut cut;
    unsigned refuses;       /* percent of the connections that are refused */
    dspv_ms loss_every_ms;  /* mean time between losses of the connection, 0 = never */
};

struct sim_node {
    /* what it is */
    dspv_addr addr;
    struct devnode_options options;
    struct sim_link link;
    const struct liar_kind *kind; /* NULL: honest */
    bool reliable;                /* serves everything, and is there from the quiet on */
    int32_t behind;
    dspv_ms added_at;             /* when the client is told its address */
    dspv_ms switch_at;            /* from the stale chain to the truth; 0 = never */

    /* the moment */
    bool added;                   /* the client was told its address */
    enum sim_chain chain;
    int32_t height;               /* what the network has reached as it sees it */
    dspv_ms cut_off_until;        /* nothing passes */
    struct liar liar;
    unsigned refused;             /* how often the client refused what it said */

    /* its connection */
    dspv_conn conn;               /* 0: none */
    struct devnode_peer *peer;    /* NULL: not yet connected */
    bool hanging_up;
    dspv_ms next_to_client, next_to_node, sending_until;
};

struct sim_growth {
    dspv_ms at;
    int32_t tip;
};

struct sim_crash {
    dspv_ms at, down_ms;
};

/* What happens in a run; times are virtual milliseconds since its start. */
struct sim_scenario {
    int32_t start_tip, end_tip;
    struct sim_growth growths[SIM_MOST_GROWTHS];
    size_t n_growths;
    size_t n_nodes;
    dspv_ms quiet_at;        /* the last disturbance: from here on only liars misbehave */
    bool reorganises;
    enum sim_discovery discovery;
    unsigned nobody_percent; /* of the addresses that liars gossip in an eclipse: nobody is there */
    enum sim_disk_kind disk;
    struct sim_trouble troubles[SIM_MOST_TROUBLES];
    size_t n_troubles;
    struct sim_crash crashes[SIM_MOST_CRASHES];
    size_t n_crashes;
    struct checkpoint checkpoints[SIM_MOST_CHECKPOINTS]; /* that the client's network has, below every fork of the truth */
    size_t n_checkpoints;
    dspv_config config;
};

/* Something that one client had announced and held, and the next must have: a list (type 0) or a verified quorum. */
struct sim_kept {
    uint8_t type;
    int32_t height;
    hash256 hash;
};

/* The client that lives now, or the last one; what is announced is so for all that come. */
struct sim_life {
    unsigned number;       /* clients so far */
    struct map told;       /* announced lists and quorums */
    bool has_tip;
    block_hash tip;        /* as last announced */
    int32_t chainlock;     /* the highest announced; -1 */
    int32_t lock_due;      /* when all is verified again, the best ChainLock is as high again; -1: nothing is due */
    bool unstored;         /* what it held at the last crash was not stored: the disk had refused */
    struct sim_kept *kept; /* at the last crash */
    size_t n_kept, cap_kept;
    uint64_t bytes;        /* received by all clients before it */
    dspv_ms first_synced;  /* before the restart at the end of a run */
    dspv_ms last_opened;   /* by the restart at the end of a run; 0: not yet */
};

/* Limits of what a client may hold or do, whatever the others do to it. */
enum {
    SIM_MOST_LISTS = 400,
    SIM_MOST_QUORUMS = 600,
    SIM_MOST_BLOCKS = 4000,          /* in the header tree: all chains of a world have fewer */
    SIM_MOST_OUTPUTS = 4000,         /* after one input */
    SIM_MOST_SENT_AT_ONCE = 1 << 20, /* bytes after one input */
    SIM_MOST_INPUTS = 400000,        /* of a run */
    SIM_MOST_TICKS_IN_PLACE = 50,    /* ticks in a row that leave the deadline in the past */
    SIM_MOST_MESSAGES_PER_S = 60     /* of virtual time, over a run, beside what is said per connection and block */
};
#define SIM_LIVENESS_MS (INT64_C(30) * 60 * 1000) /* after the quiet: synced at the truth's tip */
#define SIM_STAYS_MS (INT64_C(30) * 1000)         /* and still so after this */

enum { SIM_FINDING_SIZE = 480 };

struct sim {
    uint64_t seed;
    const struct sim_world *world;
    struct sim_scenario scenario;
    struct sim_node nodes[SIM_MOST_NODES];
    struct rng network, work; /* jitter, cuts, losses; jobs and ticks */
    struct sim_queue queue;
    dspv_ms start, now;       /* unix milliseconds */
    dspv *client;             /* NULL: it has crashed and is not there yet */
    struct sim_life life;
    struct sim_disk disk;
    bool traced;              /* print everything */

    uint8_t *node_of;         /* by connection: whose it was, + 1 */
    size_t n_node_of;

    /* measured */
    uint64_t hash;            /* of all outputs */
    unsigned inputs, outputs_now, ticks_in_place;
    size_t sent_now;          /* bytes since the last input */
    uint64_t messages, connections; /* messages of the client */
    struct map lists_checked; /* blocks whose list was compared */
    bool held;                /* the last input could not be stored */
    bool events_now;          /* the client told events since the last check */
    bool synced_once;
    bool ranged;              /* ranges between checkpoints were asked for */
    dspv_ms honest_at;        /* the client's first connection to an honest node; 0: none */
    bool doubtful;            /* a verified rotated quorum had wrong members, which its signatures cannot tell */
    dspv_ms synced_at;        /* at the truth's last tip, after the quiet; 0 = not */

    const char *oracle;       /* which was violated; NULL: none */
    char finding[SIM_FINDING_SIZE];
};

struct sim_result {
    uint64_t seed, hash;
    char oracle[16];          /* "" = all is well */
    char finding[SIM_FINDING_SIZE];
    dspv_ms virtual_ms, synced_after_ms; /* since the quiet */
    dspv_ms honest_after_ms;  /* in an eclipse: from when the name told of the honest node to the connection; -1 */
    unsigned inputs;
    uint64_t messages, connections;
    unsigned restarts;
    bool lying_disk;
    bool checkpoints, ranged;
    uint64_t bytes_before, bytes_after; /* received before the restart at the end, and after it */
    bool doubtful, lockless; /* lockless: synced, but the best ChainLock there is is not known */
    size_t n_liars;
    struct {
        char kind[32];
        unsigned lies, refused;
    } liars[SIM_MOST_NODES];
};

/* sim_scenario.c: draw what happens, the nodes too, and queue the events. `only`: every liar is of this kind; may be NULL. */
void sim_scenario_draw(struct sim *s, const struct liar_kind *only);
void sim_scenario_print(const struct sim *s);

/* sim_addresses.c */
void sim_addresses_give(struct sim *s);
/* NULL: nobody is there. */
struct sim_node *sim_addresses_at(struct sim *s, const dspv_addr *addr);
/* What the name stands for at the moment. */
size_t sim_addresses_named(struct sim *s, dspv_addr out[SIM_MOST_RESOLVED]);
/* What the node answers to getaddr. */
void sim_addresses_gossip(struct sim *s, const struct sim_node *n, struct writer *w);

/* sim_node.c */
void sim_node_connect(struct sim *s, struct sim_node *n, dspv_conn conn); /* the client wants to */
void sim_node_connected(struct sim *s, struct sim_node *n);               /* it came about */
void sim_node_heard(struct sim *s, struct sim_node *n, const uint8_t *bytes, size_t size);
void sim_node_grow(struct sim *s, struct sim_node *n, int32_t height);
void sim_node_switch(struct sim *s, struct sim_node *n);
void sim_node_tick(struct sim *s, struct sim_node *n);
void sim_node_forget(struct sim_node *n); /* the connection is gone */
/* Put on its way to the node what the client said. */
void sim_node_send(struct sim *s, struct sim_node *n, const uint8_t *bytes, size_t size);
/* The node of a connection that is still there; NULL. */
struct sim_node *sim_node_of(struct sim *s, dspv_conn conn);

/* sim_oracle.c: note a violation; only the first one counts. */
void sim_violation(struct sim *s, const char *oracle, const char *format, ...) __attribute__((format(printf, 3, 4)));
void sim_oracle_rc(struct sim *s, int rc, const char *input);
/* The same for inputs that write: that fails when the disk does, and not otherwise. */
void sim_oracle_input(struct sim *s, int rc, const char *input);
void sim_oracle_event(struct sim *s, const dspv_event *e);
/* Ask the client for the ChainLock signature of some block, and compare its answer. */
void sim_oracle_ask(struct sim *s);
/* After every input. */
void sim_oracle_check(struct sim *s);
/* Synced at the truth's last tip (or as good as it gets where quorums are forged). */
bool sim_oracle_arrived(struct sim *s);
/* The best ChainLock is known. */
bool sim_oracle_locked(const struct sim *s);

/* sim_life.c */
void sim_life_open(struct sim *s);
void sim_life_crash(struct sim *s, dspv_ms down_ms);
void sim_life_job_done(struct sim *s);
void sim_life_event(struct sim *s, const dspv_event *e);
void sim_life_free(struct sim *s);

/* sim_run.c */
void sim_trace(const struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_run(uint64_t seed, const struct liar_kind *only, bool traced, struct sim_result *out);

void *sim_alloc(size_t n); /* zeros; the simulator itself does not run out of memory */

#endif
