/* See generator.h. One block after the other: what happens to masternodes, which commitments are mined, the block itself, then
 * what is signed with it as the tip. Read next: gen_internal.h. */
#include "sim/generator.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/endian.h"
#include "chain/pow.h"
#include "crypto/x11.h"
#include "devnode/files.h"
#include "sim/gen_internal.h"

bool gen_refuse(struct gen *g, const char *sentence, int32_t height)
{
    snprintf(g->error, GEN_ERROR_SIZE, "height %d: %s", (int)height, sentence);
    return false;
}

bool gen_chance(struct rng *r, uint32_t rate)
{
    return rng_below(r, GEN_RATE_ONE) < rate;
}

uint32_t gen_events(struct rng *r, uint32_t rate)
{
    return rate / GEN_RATE_ONE + gen_chance(r, rate % GEN_RATE_ONE);
}

struct span gen_keep(struct gen *g, struct writer *w)
{
    uint8_t *p = w->failed ? NULL : arena_alloc(&g->arena, w->n);
    struct span kept = {p, w->n};
    if (p)
        memcpy(p, w->data, w->n);
    writer_reset(w);
    return kept;
}

/* ---- before the first block */

static void seed_all(struct gen *g, uint64_t seed)
{
    uint8_t bytes[32] = {'s', 'i', 'm'};
    struct rng root;
    store_le64(bytes + 24, seed);
    rng_init(&root, bytes);
    rng_fork(&root, &g->events);
    rng_fork(&root, &g->dkgs);
    rng_fork(&root, &g->locks);
    rng_fork(&root, &g->blocks);
}

static bool add_given_block(struct gen *g, const uint8_t raw[80], const block_hash *hash, int32_t height)
{
    arith256 work = pow_work_of(header_bits(raw));
    if (height > 0)
        work = arith256_add(&work, &tree_node(&g->tree, g->tip_node)->work);
    if (tree_reserve(&g->tree) != 0)
        return false;
    g->tip_node = tree_insert(&g->tree, raw, hash, height > 0 ? g->tip_node : TREE_NONE, height, &work);
    g->hashes[height] = *hash;
    writer_bytes(&g->files[DEVNODE_HEADERS], raw, 80);
    return true;
}

/* All but genesis. A header's hash is in the next one. */
static bool add_past(struct gen *g)
{
    const struct gen_config *c = g->config;
    for (int32_t h = 1; h < c->n_past; h++) {
        const uint8_t *raw = c->past + (size_t)h * 80;
        block_hash hash;
        if (h + 1 < c->n_past)
            hash = block_hash_from(raw + 80 + 4);
        else
            x11_hash(&hash, raw);
        if (!add_given_block(g, raw, &hash, h))
            return false;
    }
    return true;
}

static json_t *options_of(const struct gen_config *c)
{
    json_t *options = json_array();
    for (const char *const *o = c->options; o && *o; o++)
        json_array_append_new(options, json_string(*o));
    return options;
}

/* chain.json. */
static bool describe(struct gen *g, const json_t *options)
{
    bool devnet = g->chain.network.chain.kind == CHAIN_DEVNET; /* nodes of a devnet name it: protocol.md 1.2 */
    char agent[160];
    snprintf(agent, sizeof(agent), "/Dash Core:23.1.2(%s%s)/", devnet ? "devnet." : "generated",
             devnet ? g->chain.network.chain.name : "");
    json_t *json = json_pack("{s:s, s:O, s:i, s:i, s:i, s:s}", "network", g->config->network, "options", options, "start", 0,
                             "tip", (int)g->config->tip, "first_diff", (int)g->first, "user_agent", agent);
    char *text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
    if (text)
        writer_bytes(&g->files[DEVNODE_DESCRIPTION], text, strlen(text));
    free(text);
    json_decref(json);
    return text && !g->files[DEVNODE_DESCRIPTION].failed;
}

static bool choose_network(struct gen *g)
{
    struct network *net = &g->chain.network;
    json_t *options = options_of(g->config);
    const char *wrong = devnode_network(net, g->config->network, options);
    if (!wrong)
        wrong = chain_params_check(&net->chain);
    if (!wrong && net->chain.kind != CHAIN_REGTEST && net->chain.kind != CHAIN_DEVNET)
        wrong = "only regtest and devnets can be mined";
    if (!wrong && g->config->like)
        *net = *g->config->like;
    if (!wrong && g->config->n_past > 0 && (net->chain.has_block1 || net->chain.active.dip0003 < g->config->n_past))
        wrong = "the past cannot be an empty one";
    for (size_t i = 0; !wrong && i < net->n_llmqs; i++)
        if (net->llmqs[i].rotated && net->llmqs[i].active > GEN_MOST_INDEXES)
            wrong = "too many rotated quorums";
    g->first = g->config->n_past > 0 ? g->config->n_past : net->chain.has_block1 ? 2 : 1;
    bool good = wrong ? gen_refuse(g, wrong, 0) : describe(g, options);
    json_decref(options);
    return good;
}

static bool begin(struct gen *g)
{
    const struct gen_config *c = g->config;
    const struct chain_params *params = &g->chain.network.chain;
    if (c->tip < 2 || c->tip > INT32_MAX / 4 || c->n_past < 0 || c->n_past > c->tip || c->most_transactions < 1 ||
        c->spacing_s < 1 || c->evo > c->masternodes)
        return gen_refuse(g, "the configuration makes no sense", c->tip);
    size_t n = (size_t)c->tip + 1;
    g->hashes = arena_alloc_array(&g->arena, n, sizeof(*g->hashes));
    g->chain.states = mem_zalloc(n * sizeof(*g->chain.states));
    if (!g->hashes || !g->chain.states || !choose_network(g))
        return false;
    g->chain.tip = c->tip;
    if (!add_given_block(g, params->genesis, &params->genesis_hash, 0))
        return false;
    if (c->n_past > 0)
        return add_past(g);
    return !params->has_block1 || add_given_block(g, params->block1, &params->block1_hash, 1);
}

/* ---- the chain */

static bool step(struct gen *g, int32_t height)
{
    struct mnlistdiff d = {0};
    return gen_masternodes_step(g, height, &d) && gen_quorums_step(g, height, &d) && gen_block(g, height, &d) &&
           gen_rotation_step(g, height) && gen_locks_step(g, height);
}

static bool build(struct gen *g)
{
    if (!begin(g))
        return false;
    for (int32_t h = g->first; h <= g->config->tip; h++) {
        if (g->config->fork_above > 0 && h == g->config->fork_above + 1)
            seed_all(g, g->config->fork_seed);
        if (!step(g, h))
            return false;
    }
    for (int i = 0; i < DEVNODE_FILES; i++)
        g->chain.files[i] = (struct span){g->files[i].data, g->files[i].n};
    g->chain.quorums = g->quorums;
    g->chain.n_quorums = g->n_quorums;
    return true;
}

int gen_chain_new(struct gen_chain **out, const struct gen_config *config, char *error)
{
    static const uint64_t table_seed[2] = {5, 6};
    struct gen *g = mem_zalloc(sizeof(*g));
    *out = NULL;
    *error = '\0';
    if (!g)
        return DSPV_ENOMEM;
    g->config = config;
    g->error = error;
    g->best_lock = -1;
    arena_init(&g->arena, 0);
    tree_init(&g->tree, table_seed);
    map_init(&g->keys.by_bytes, table_seed);
    for (int i = 0; i < DEVNODE_FILES; i++)
        writer_init(&g->files[i]);
    seed_all(g, config->seed);
    bool good = build(g);
    g->config = NULL;
    g->error = NULL;
    if (!good) {
        gen_chain_free(&g->chain);
        return *error ? DSPV_EFAULT : DSPV_ENOMEM;
    }
    *out = &g->chain;
    return 0;
}

void gen_chain_free(struct gen_chain *c)
{
    struct gen *g = (struct gen *)c;
    if (!g)
        return;
    for (int32_t h = 0; g->chain.states && h <= g->chain.tip; h++)
        mnstate_unref(g->chain.states[h]);
    mem_free(g->chain.states);
    for (int i = 0; i < DEVNODE_FILES; i++)
        writer_free(&g->files[i]);
    gen_rotation_free(g);
    mem_free(g->keys.items);
    map_free(&g->keys.by_bytes);
    mem_free(g->masternodes.items);
    mem_free(g->masternodes.free_services);
    mem_free(g->quorums);
    mem_free(g->signers);
    tree_free(&g->tree);
    arena_free(&g->arena);
    mem_free(g);
}
