/* Random states of real engines over recorded and generated chains, and an honest peer that answers a plan's requests. A state is
 * a function of its seed. */
#ifndef TESTS_SYNC_PLAN_STATES_H
#define TESTS_SYNC_PLAN_STATES_H

#include "support/data.h"

#include "devnode/answer.h"
#include "sync/plan_input.h"

enum { PLAN_CHAINS = 8, PLAN_MOST_LOCKS = 3, PLAN_MOST_BROUGHT = 64 };

/* The chains, made once. */
struct plan_chains {
    struct {
        const char *name;
        struct devnode_chain *chain;
        hash256 *merkle_roots; /* by height */
    } items[PLAN_CHAINS];
    size_t n;
};

void plan_chains_open(struct plan_chains *c);
void plan_chains_close(struct plan_chains *c);

struct plan_state {
    const struct devnode_chain *chain;
    const char *name;
    const hash256 *merkle_roots;
    uint64_t seed;
    int32_t tip; /* of the client and of the peer */
    int proto;
    struct engine *e;
    struct arena arena; /* of one answer */
    int32_t lock_heights[PLAN_MOST_LOCKS];
    size_t n_locks;
    struct plan_limits limits;
};

void plan_state_open(struct plan_state *s, const struct plan_chains *chains, uint64_t seed);
void plan_state_close(struct plan_state *s);

/* What discovery finds; false (and *needs empty) when there is no list at the tip. needs_free(). */
bool plan_state_discover(struct plan_state *s, struct needs *needs);
/* Both as the client makes them; `needs` NULL: none. plan_free(), plan_input_free(). */
void plan_state_plan(const struct plan_state *s, const struct needs *needs, struct plan_input *in, struct plan *out);

/* What an answer held. */
struct brought {
    bool answered;
    int32_t lists[PLAN_MOST_BROUGHT], snapshots[PLAN_MOST_BROUGHT];
    size_t n_lists, n_snapshots;
};

/* Ask the honest peer and feed its answer, which must be taken. Silence is no failure; a getqrinfo with its extra share is asked
 * again without, as the client does. */
struct brought plan_state_ask_qr_info(struct plan_state *s, const struct qr_info_request *r);
struct brought plan_state_ask_mn_diff(struct plan_state *s, const struct mn_diff_request *r);
bool brought_list(const struct brought *b, int32_t height);
bool brought_snapshot(const struct brought *b, int32_t cycle);

#endif
