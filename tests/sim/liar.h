/* Dishonest and broken nodes for the simulator. A liar is an honest development peer whose messages pass through a kind's
 * functions on their way to the client: they are passed on, changed, dropped, delayed, joined by others. Sans-I/O, deterministic:
 * all chance comes from the liar's own generator. The simulator (sim_*.c) owns the pipes and the clock; the kinds are in liar_*.c. */
#ifndef SIM_LIAR_H
#define SIM_LIAR_H

#include "crypto/rng.h"
#include "devnode/chain.h"
#include "sim/generator.h"
#include "wire/command.h"

/* What every node of a run knows: the truth, and chains that are not the best one. */
struct liar_world {
    const struct gen_chain *truth;
    const struct devnode_chain *chain; /* the same, as served */
    const struct gen_chain *stale;     /* shares a past with the truth, then goes its own way with less work; NULL: none */
    const struct devnode_chain *stale_chain;
    const struct gen_chain *foreign;   /* of the same network and genesis, another history altogether, less work; NULL: none */
    const struct devnode_chain *foreign_chain;
};

/* Whose chain the honest half of a liar serves. */
enum liar_chain { LIAR_TRUE_CHAIN, LIAR_STALE_CHAIN, LIAR_FOREIGN_CHAIN };

struct liar;

/* The headers after one block, up to and with another. */
struct liar_range {
    int32_t after, last;
};
enum { LIAR_MOST_HELD = 128 };

/* One message, already taken out of its frame. */
struct liar_message {
    enum wire_command command;
    const char *name;
    struct span payload;
};

/* What a function wants to happen: appended in order, framed by the helpers below. */
struct liar_output {
    struct writer bytes; /* to the client */
    bool hang_up;        /* close once the bytes are out */
    int64_t stall_ms;    /* > 0: these and all later bytes wait so long */
};

struct liar_kind {
    const char *name; /* "wrong-root": a word for traces and for --liar */
    enum liar_chain chain;
    /* A connection begins (also the second one of the same node). May be NULL. */
    void (*connected)(struct liar *l, struct liar_output *out);
    /* The honest peer says `m` to the client. NULL: passed on. */
    void (*said)(struct liar *l, const struct liar_message *m, struct liar_output *out);
    /* The client said `m`; the honest peer has it too unless false is returned. NULL: the honest peer has it. */
    bool (*heard)(struct liar *l, const struct liar_message *m, struct liar_output *out);
    /* Once every virtual second while connected. NULL: nothing. */
    void (*tick)(struct liar *l, struct liar_output *out);
    size_t bytes_at_once; /* > 0: the client gets so few bytes per delivery, `delivery_ms` apart */
    int64_t delivery_ms;
};

struct liar {
    const struct liar_kind *kind;
    const struct liar_world *world;
    struct rng rng;      /* its own */
    int32_t tip;         /* the height the simulator lets nodes serve at the moment */
    int protocol;        /* the common protocol of this connection, 0 before the handshake */
    unsigned connections;
    unsigned lies;       /* messages it changed, dropped or invented: the simulator reports kinds that never lied */
    uint64_t state[4];   /* for the kind's own use; zeros at the start, kept over connections */
    struct liar_range held[LIAR_MOST_HELD]; /* liar_ranges.c: what it was asked for and has not told */
    size_t n_held;
};

/* All kinds, in a fixed order. */
const struct liar_kind *const *liar_kinds(size_t *n);
const struct liar_kind *liar_find(const char *name); /* NULL */

/* ---- for the kinds */

/* The first whole message at `p`: its size with its frame. Nodes and clients say nothing but whole messages. */
size_t liar_message_at(const uint8_t *p, struct liar_message *m);
/* Pass the message on as it is. */
void liar_pass(struct liar_output *out, const struct liar *l, const struct liar_message *m);
/* Frame a payload with the network's magic and a right checksum. */
void liar_say(struct liar_output *out, const struct liar *l, const char *command, const void *payload, size_t n);

#endif
