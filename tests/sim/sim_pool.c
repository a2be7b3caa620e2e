/* See sim_pool.h. One world at a time is kept: runs come in the order of their seeds. A world that cannot be made is a bug of the
 * generator or of the engine: it is reported, never skipped. */
#include "sim/sim_pool.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/endian.h"
#include "base/mem.h"
#include "chain/header.h"
#include "engine/engine.h"
#include "wire/locks.h"

static struct sim_world *at_hand;

const struct gen_chain *sim_world_truth(const struct sim_world *w, enum sim_chain chain)
{
    return chain == SIM_TRUTH ? w->chains.truth : chain == SIM_STALE ? w->chains.stale : w->chains.foreign;
}

const struct devnode_chain *sim_world_served(const struct sim_world *w, enum sim_chain chain)
{
    return chain == SIM_TRUTH ? w->chains.chain : chain == SIM_STALE ? w->chains.stale_chain : w->chains.foreign_chain;
}

const struct mnstate *sim_world_state(const struct sim_world *w, const block_hash *block, int32_t height)
{
    uint32_t place;
    if (!map_get(&w->by_block, block->b, &place) || sim_place_height(place) != height)
        return NULL;
    return sim_world_truth(w, sim_place_chain(place))->states[height];
}

/* ---- configuration */

struct draft {
    struct rng rng;
    char texts[5][48];
    const char *options[6];
    struct gen_config config;
};

static int32_t between(struct rng *r, int32_t low, int32_t high)
{
    return low + (int32_t)rng_below(r, (uint64_t)(high - low) + 1);
}

static uint32_t rate(struct rng *r, uint32_t most)
{
    return (uint32_t)rng_below(r, (uint64_t)most + 1);
}

/* Everything early, most often; else the eras change during or shortly before the run. */
static void draw_activations(struct draft *d, int32_t tip)
{
    struct rng *r = &d->rng;
    bool late = rng_below(r, 4) == 0;
    int32_t dip3 = between(r, 2, 20), v19 = late ? between(r, 40, tip - 20) : between(r, dip3 + 1, 60);
    int32_t v20 = between(r, v19, late ? tip : 100);
    snprintf(d->texts[0], sizeof(d->texts[0]), "-dip3params=%d:%d", (int)dip3, (int)dip3);
    snprintf(d->texts[1], sizeof(d->texts[1]), "-testactivationheight=dip0008@%d", (int)between(r, dip3, dip3 + 10));
    snprintf(d->texts[2], sizeof(d->texts[2]), "-testactivationheight=v19@%d", (int)v19);
    snprintf(d->texts[3], sizeof(d->texts[3]), "-testactivationheight=v20@%d", (int)v20);
    snprintf(d->texts[4], sizeof(d->texts[4]), "-testactivationheight=mn_rr@%d", (int)v20);
    for (size_t i = 0; i < 5; i++)
        d->options[i] = d->texts[i];
    d->options[5] = NULL;
}

static void draw_world(struct draft *d, struct sim_world *w)
{
    struct rng *r = &d->rng;
    int32_t tip = between(r, 150, 420);
    uint32_t masternodes = (uint32_t)between(r, 6, 16);
    draw_activations(d, tip - SIM_MOST_GROWTH);
    w->start_tip = tip - SIM_MOST_GROWTH;
    w->forgeries = rng_below(r, 8) == 0;
    d->config = (struct gen_config){
        .seed = rng_u64(r),
        .network = "regtest",
        .options = d->options,
        .tip = tip,
        .spacing_s = 150,
        .most_transactions = 9,
        .masternodes = masternodes,
        .evo = (uint32_t)rng_below(r, masternodes / 2 + 1),
        .ext_height = rng_below(r, 2) ? between(r, 100, tip) : 0,
        .register_rate = 1000 + rate(r, 4000),
        .remove_rate = rate(r, 400),
        .ban_rate = rate(r, 1000),
        .key_change_rate = rate(r, 500),
        .service_change_rate = rate(r, 500),
        .address_reuse_rate = rate(r, 8000),
        .dkg_failure_rate = rng_below(r, 3) ? rate(r, 1000) : rate(r, 6000),
        .invalid_member_rate = rate(r, 1000),
        .silent_member_rate = rate(r, 1000),
        .forgery_rate = w->forgeries ? 1000 : 0,
        .chainlock_rate = w->forgeries ? 0 : rng_below(r, 4) ? 9500 : rate(r, 9000), /* a forged quorum's locks are false */
        .instantlock_rate = w->forgeries ? 0 : rate(r, 3000),
    };
    snprintf(w->text, sizeof(w->text), "tip %d, %u masternodes, %u Evo, %s, %s, %s%s", (int)tip, (unsigned)masternodes,
             (unsigned)d->config.evo, d->texts[0] + 1, d->texts[2] + 22, d->texts[3] + 22, w->forgeries ? ", forgeries" : "");
}

/* ---- chains */

static struct gen_chain *generate(const struct gen_config *config, const char *which, char *error)
{
    struct gen_chain *c;
    char why[GEN_ERROR_SIZE];
    int rc = gen_chain_new(&c, config, why);
    if (rc != 0)
        snprintf(error, GEN_ERROR_SIZE, "%s: %.400s", which, rc == DSPV_ENOMEM ? "out of memory" : why);
    return c;
}

static struct devnode_chain *load(const struct gen_chain *c, char *error)
{
    struct devnode_chain *out = NULL;
    if (devnode_chain_load_memory(&out, "generated", c->files, error) != 0)
        return NULL;
    return out;
}

/* The other chains have less work than the truth at any time, and nothing on them that binds: two ChainLocks of one height do not
 * exist in a network of which enough masternodes are honest. */
static bool make_chains(struct sim_world *w, struct draft *d, char *error)
{
    struct liar_world *l = &w->chains;
    struct rng *r = &d->rng;
    struct gen_config other = d->config;
    int32_t stale_tip = between(r, w->start_tip - 20, w->start_tip - 1);
    w->fork = stale_tip - between(r, 1, 40);
    l->truth = generate(&d->config, "truth", error);
    other.tip = stale_tip;
    other.fork_above = w->fork;
    other.fork_seed = rng_u64(r);
    other.fork_unlocked = true;
    l->stale = l->truth ? generate(&other, "stale", error) : NULL;
    other = d->config;
    other.tip = between(r, w->start_tip / 2, w->start_tip - 1);
    other.seed = rng_u64(r);
    other.chainlock_rate = 0;
    l->foreign = l->stale ? generate(&other, "foreign", error) : NULL;
    if (!l->foreign)
        return false;
    l->chain = load(l->truth, error);
    l->stale_chain = l->chain ? load(l->stale, error) : NULL;
    l->foreign_chain = l->stale_chain ? load(l->foreign, error) : NULL;
    w->network.net = l->truth->network;
    return l->foreign_chain != NULL;
}

/* ---- what is true */

static bool index_blocks(struct sim_world *w, enum sim_chain chain)
{
    const struct devnode_chain *c = sim_world_served(w, chain);
    uint32_t place;
    for (int32_t h = 0; h <= c->tip; h++) {
        const uint8_t *hash = devnode_chain_hash(c, h)->b;
        if (!map_get(&w->by_block, hash, &place) && map_put(&w->by_block, hash, SIM_PLACE(chain, h)) != 0)
            return false;
    }
    return true;
}

static bool index_locks(struct sim_world *w, enum sim_chain chain)
{
    const struct devnode_chain *c = sim_world_served(w, chain);
    for (size_t i = 0; i < c->n_locks; i++) {
        const struct devnode_lock *l = &c->locks[i];
        struct clsig cl;
        struct isdlock isd;
        dspv_fault fault;
        int rc;
        if (l->kind == DEVNODE_CLSIG)
            rc = clsig_decode(l->payload.p, l->payload.n, &cl, &fault) ||
                 map_put(&w->chainlocks, cl.block.b, (uint32_t)cl.height);
        else
            rc = isdlock_decode(l->payload.p, l->payload.n, &isd, &fault) ||
                 map_put(&w->instantlocks, isd.txid.b, (uint32_t)l->height);
        if (rc != 0)
            return false;
    }
    return true;
}

/* An engine that was told every consecutive diff knows the members of every quorum. */
static bool feed_all(struct engine *e, const struct devnode_chain *c, char *error)
{
    for (int32_t h = 0; h <= c->tip; h++) {
        const struct header header = header_parse(devnode_chain_header(c, h));
        const struct mnlistdiff *recorded = devnode_chain_diff(c, h);
        dspv_fault fault;
        int rc = engine_feed_block(e, devnode_chain_hash(c, h), h, &header.merkle_root);
        if (rc == 0 && recorded && recorded->has_cbtx) {
            struct mnlistdiff d = *recorded;
            if (h == c->network.chain.active.dip0003) /* below it there is no list: the same as genesis */
                memset(d.base.b, 0, 32);
            rc = engine_apply_diff(e, &d, &fault);
        }
        if (rc != 0) {
            snprintf(error, GEN_ERROR_SIZE, "the reference engine refuses height %d: %d", (int)h, rc);
            return false;
        }
    }
    /* Taking a job computes members; the signatures do not matter here. */
    struct engine_job *job;
    if (engine_job_take(e, &job) != 0)
        return false;
    if (job)
        engine_job_done(e, job);
    return true;
}

static bool keep_quorum(struct sim_world *w, const struct gen_quorum *q, const struct engine *e, char *error)
{
    struct quorum_view v;
    uint32_t at;
    if (map_get(&w->by_leaf, q->leaf.b, &at))
        return true; /* shared with the truth */
    if (!engine_quorum(e, q->type, &q->hash, &v) || !hash256_eq(&v.quorum->leaf, &q->leaf) || !v.members) {
        snprintf(error, GEN_ERROR_SIZE, "the reference engine has no members of type %d, base %d", q->type, (int)q->base);
        return false;
    }
    struct sim_quorum *k = &w->quorums[w->n_quorums];
    *k = (struct sim_quorum){q->type, q->hash, q->leaf, q->forged, v.members->n, NULL};
    k->members = mem_alloc_array(k->n_members, sizeof(*k->members));
    if (!k->members || map_put(&w->by_leaf, q->leaf.b, (uint32_t)w->n_quorums) != 0) {
        mem_free(k->members);
        return false;
    }
    w->n_quorums++;
    for (uint32_t i = 0; i < k->n_members; i++)
        k->members[i] = v.members->mn[i]->entry.protx;
    return true;
}

static bool keep_quorums(struct sim_world *w, enum sim_chain chain, char *error)
{
    static const uint8_t seed[32] = {7};
    const struct gen_chain *c = sim_world_truth(w, chain);
    const struct devnode_chain *served = sim_world_served(w, chain);
    struct engine *e = NULL;
    bool good = engine_new(&e, &served->network, seed, 0) == 0 && feed_all(e, served, error);
    for (size_t i = 0; good && i < c->n_quorums; i++)
        good = keep_quorum(w, &c->quorums[i], e, error);
    engine_free(e);
    return good;
}

static bool learn_truth(struct sim_world *w, char *error)
{
    static const uint64_t seed[2] = {11, 12};
    size_t most = 0;
    map_init(&w->by_leaf, seed);
    map_init(&w->by_block, seed);
    map_init(&w->chainlocks, seed);
    map_init(&w->instantlocks, seed);
    for (int c = 0; c < SIM_CHAINS; c++)
        most += sim_world_truth(w, (enum sim_chain)c)->n_quorums;
    w->quorums = mem_alloc_array(most, sizeof(*w->quorums));
    if (!w->quorums)
        return false;
    for (int c = 0; c < SIM_CHAINS; c++) {
        enum sim_chain chain = (enum sim_chain)c;
        if (!index_blocks(w, chain) || !index_locks(w, chain) || !keep_quorums(w, chain, error))
            return false;
    }
    return true;
}

/* ---- the pool */

static void free_world(struct sim_world *w)
{
    if (!w)
        return;
    for (int i = 0; i < SIM_CHAINS; i++) {
        enum sim_chain chain = (enum sim_chain)i;
        devnode_chain_free((struct devnode_chain *)(uintptr_t)sim_world_served(w, chain));
        gen_chain_free((struct gen_chain *)(uintptr_t)sim_world_truth(w, chain));
    }
    for (size_t i = 0; i < w->n_quorums; i++)
        mem_free(w->quorums[i].members);
    mem_free(w->quorums);
    map_free(&w->by_leaf);
    map_free(&w->by_block);
    map_free(&w->chainlocks);
    map_free(&w->instantlocks);
    mem_free(w);
}

void sim_pool_free(void)
{
    free_world(at_hand);
    at_hand = NULL;
}

const struct sim_world *sim_pool_world(uint64_t seed, char *error)
{
    uint64_t number = seed / SIM_RUNS_PER_WORLD;
    uint8_t bytes[32] = {'w', 'o', 'r', 'l', 'd'};
    struct draft d;
    if (at_hand && at_hand->number == number)
        return at_hand;
    sim_pool_free();
    snprintf(error, GEN_ERROR_SIZE, "out of memory");
    struct sim_world *w = mem_zalloc(sizeof(*w));
    if (!w)
        return NULL;
    w->number = number;
    store_le64(bytes + 24, number);
    rng_init(&d.rng, bytes);
    draw_world(&d, w);
    if (!make_chains(w, &d, error) || !learn_truth(w, error)) {
        free_world(w);
        return NULL;
    }
    at_hand = w;
    return w;
}
