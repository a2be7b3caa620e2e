/* Two generated chains with a common past, the truth about each, and books about what a client asks for, is sent and tells while
 * its peers go from one to the other. */
#ifndef TESTS_SYNC_BRANCHES_H
#define TESTS_SYNC_BRANCHES_H

#include "sync/world.h"

#include "engine/grown.h"

enum { BRANCHES_DEEPEST = 200, BRANCHES_ROOM = 12, BRANCHES_MINUTE = 60000, BRANCHES_MOST_PROVEN = 4096 };

enum branch_name { BRANCH_A, BRANCH_B };

struct branch {
    struct grown g;
    struct engine *truth; /* was fed nothing but this chain, every block of it, and forgot nothing */
    bool locked;          /* has ChainLocks above the fork */
};

struct branches {
    int32_t fork, top;
    struct branch of[2];
};

void branches_open(struct branches *b, int32_t fork, int32_t top, bool a_locked, bool b_locked);
void branches_close(struct branches *b);
const struct devnode_chain *branches_chain(const struct branches *b, enum branch_name name);

/* A list that was proven. */
struct proven_list {
    block_hash block;
    int32_t height;
};

struct books {
    struct proven_list proven[BRANCHES_MOST_PROVEN]; /* told, and not abandoned since */
    size_t n_proven;
    unsigned again;  /* getmnlistd about such a list */
    unsigned strays; /* a request, or something told, about a block that is not on the best chain */
    unsigned lists, quorums, tips;
    size_t messages[WIRE_COMMAND_COUNT], bytes[WIRE_COMMAND_COUNT]; /* sent by the peers; payloads */
    size_t headers;  /* sent by the peers */
    unsigned sent[WIRE_COMMAND_COUNT]; /* by the client */
    size_t overlap;  /* headers that the client has already, above the block of its locator at which the peer begins */
    bool newcomer;   /* too young to know the quorums that signed a ChainLock long ago: it may lack that */
    bool trace;
    dspv_ms trace_start;
    unsigned verified; /* quorums told since the last line of the trace */
};

/* Keep books about this world from now on. Takes `tamper` and the hooks. */
void books_open(struct books *k, struct world *w);
/* Count from here on; what was proven stays known. */
void books_mark(struct books *k);
size_t books_bytes(const struct books *k); /* of all answers but locks */

/* A world whose `n` peers serve a branch up to `tip`. */
void branches_world(struct world *w, const struct branches *b, enum branch_name name, size_t n, int32_t tip);
/* The client follows, up to `most_jump` blocks at a time, until `tip`. */
void branches_follow(struct world *w, struct rng *rng, int32_t tip, uint32_t most_jump);
/* Synced at the branch's block at `tip`; and everything it knows is what the truth says, with nothing of another branch left. */
void branches_check(const struct branches *b, enum branch_name name, struct world *w, int32_t tip);
bool branches_on(const struct branches *b, enum branch_name name, const struct world *w);

#endif
