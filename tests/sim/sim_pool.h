/* Generated worlds for the simulator, each made once and used by many runs: three chains with what is true on each, so that
 * everything a client believes can be looked up. Which world a run gets, and what is in it, follows from the run's seed. */
#ifndef SIM_POOL_H
#define SIM_POOL_H

#include "base/map.h"
#include "engine/network_api.h"
#include "sim/liar.h"

enum { SIM_RUNS_PER_WORLD = 64, SIM_MOST_GROWTH = 48 };

enum sim_chain { SIM_TRUTH, SIM_STALE, SIM_FOREIGN, SIM_CHAINS };

/* A quorum that was mined on some chain, with the members that an engine computed from that chain's consecutive diffs. */
struct sim_quorum {
    uint8_t type;
    quorum_hash hash;
    hash256 leaf;
    bool forged;
    uint32_t n_members;
    protx_hash *members;
};

struct sim_world {
    uint64_t number;
    char text[160];             /* what kind of world, for a person */
    struct liar_world chains;   /* stale and foreign are always there */
    struct dspv_network network;
    int32_t start_tip;          /* the truth's tip is at least this high in every run; the other chains stay below it */
    int32_t fork;               /* the last block that the stale chain shares */
    bool forgeries;             /* miners commit to forged quorums: nobody can ever be "synced" while one is wanted */

    /* what is true on any chain */
    struct sim_quorum *quorums;
    size_t n_quorums;
    struct map by_leaf;         /* leaf -> quorum */
    struct map by_block;        /* block hash -> SIM_PLACE */
    struct map chainlocks;      /* block hash -> height */
    struct map instantlocks;    /* txid -> height of the announcement */
};

#define SIM_PLACE(chain, height) ((uint32_t)(chain) << 24 | (uint32_t)(height))
static inline enum sim_chain sim_place_chain(uint32_t place) { return (enum sim_chain)(place >> 24); }
static inline int32_t sim_place_height(uint32_t place) { return (int32_t)(place & 0xffffff); }

/* The world of a run; made when it is not the one at hand. NULL: a sentence was written into `error` (GEN_ERROR_SIZE bytes). */
const struct sim_world *sim_pool_world(uint64_t seed, char *error);
void sim_pool_free(void);

/* The generated chain, and the same as it is served. */
const struct gen_chain *sim_world_truth(const struct sim_world *w, enum sim_chain chain);
const struct devnode_chain *sim_world_served(const struct sim_world *w, enum sim_chain chain);
/* The state at a block of any chain; NULL: no such block, or no list there. */
const struct mnstate *sim_world_state(const struct sim_world *w, const block_hash *block, int32_t height);

#endif
