/* The DKG schedule of every type, and the active set that follows from what is mined (quorums.md 1.3, 4.3). */
#include <stdlib.h>

#include "sim/gen_internal.h"

/* Draw what becomes of this cycle's DKGs when its mining window opens. */
static void schedule(struct gen *g, size_t slot, int32_t height)
{
    const struct llmq_params *p = &g->chain.network.llmqs[slot];
    uint32_t indexes = p->rotated ? p->active : 1;
    for (uint32_t i = 0; i < indexes && i < GEN_MOST_INDEXES; i++) {
        int32_t delay = (int32_t)rng_below(&g->dkgs, (uint64_t)(p->mine_end - p->mine_start) + 1);
        bool fails = gen_chance(&g->dkgs, g->config->dkg_failure_rate);
        g->mine_at[slot][i] = fails ? -1 : height + delay;
        g->chain.counts.failed_dkgs += fails;
    }
}

/* The members as every node computes them at the base block; NULL: none can be. */
static bool members_at(struct gen *g, const struct llmq_params *p, int32_t base, uint32_t index, struct members **out)
{
    const struct network *net = &g->chain.network;
    *out = NULL;
    if (p->rotated)
        return gen_rotation_members(g, base - (int32_t)index, index, out);
    int32_t height = llmq_list_height(net, base);
    if (height < 1 || !g->chain.states[height])
        return true;
    return llmq_members(net, p, base, &g->hashes[base], g->chain.states[height], out) == 0;
}

/* May a commitment for this base block be mined at `height`? */
static bool allowed(const struct gen *g, const struct llmq_params *p, int32_t base, int32_t height)
{
    const struct network *net = &g->chain.network;
    if (base < 1 || !llmq_enabled(net, p, base - 1) || !llmq_enabled(net, p, height - 1))
        return false;
    /* A legacy commitment cannot be mined once the basic scheme is in force: quorums.md 5.3. */
    if (network_basic_after(net, base) != network_basic_after(net, height - 1))
        return false;
    return !p->rotated || llmq_rotation_in_force(net, p, base);
}

/* Masternodes that are members with another key than they have now. */
static size_t count_old_keys(const struct gen *g, const struct members *members, int32_t height)
{
    const struct mnlist *now = g->chain.states[height - 1]->list;
    size_t n = 0;
    for (uint32_t i = 0; i < members->n; i++) {
        const struct mnentry *then = &members->mn[i]->entry;
        const struct masternode *mn = mnlist_find(now, &then->protx);
        n += mn && gen_key_of(g, mn->entry.operator_key) != gen_key_of(g, then->operator_key);
    }
    return n;
}

static bool add_quorum(struct gen *g, const struct gen_signer *signer, int32_t base, int32_t height)
{
    void *quorums = g->quorums, *signers = g->signers;
    int error = mem_grow(&quorums, &g->cap_quorums, g->n_quorums + 1, sizeof(*g->quorums));
    g->quorums = quorums;
    if (error == 0)
        error = mem_grow(&signers, &g->cap_signers, g->n_quorums + 1, sizeof(*g->signers));
    g->signers = signers;
    if (error != 0)
        return false;
    const struct commitment *c = &signer->commitment;
    g->signers[g->n_quorums] = *signer;
    g->quorums[g->n_quorums++] =
        (struct gen_quorum){c->type, c->hash, c->index, base, height, commitment_leaf(c), signer->forged};
    g->chain.counts.forged += signer->forged;
    g->chain.counts.quorums++;
    return true;
}

static bool mine(struct gen *g, const struct llmq_params *p, int32_t base, uint32_t index, int32_t height)
{
    struct members *members;
    struct gen_signer signer;
    bool made = false;
    if (!allowed(g, p, base, height))
        return true;
    if (!members_at(g, p, base, index, &members))
        return false;
    bool good = !members || gen_commitment(g, p, base, members, &signer, &made);
    if (good && made) {
        good = add_quorum(g, &signer, base, height);
        g->chain.counts.old_keys += count_old_keys(g, members, height);
    }
    members_free(members);
    return good;
}

/* ---- the active set */

static int32_t mined_at(const struct gen *g, const struct commitment *c)
{
    for (size_t i = g->n_quorums; i-- > 0;)
        if (g->quorums[i].type == c->type && quorum_hash_eq(&g->quorums[i].hash, &c->hash))
            return g->quorums[i].mined;
    return -1;
}

/* Whom a new quorum replaces: the same index, or the oldest when the type has all it may have. */
static const struct commitment *replaced_by(const struct gen *g, const struct quorumset *before, const struct commitment *c)
{
    const struct llmq_params *p = network_llmq(&g->chain.network, c->type);
    const struct commitment *oldest = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; before && i < before->n; i++) {
        const struct commitment *old = &before->items[i]->c;
        if (old->type != c->type)
            continue;
        n++;
        if (p->rotated && old->index == c->index)
            return old;
        if (!oldest || mined_at(g, old) < mined_at(g, oldest))
            oldest = old;
    }
    return !p->rotated && n >= p->active ? oldest : NULL;
}

static int by_type_and_hash(const void *pa, const void *pb)
{
    const struct commitment *a = pa, *b = pb;
    return a->type != b->type ? (int)a->type - (int)b->type : quorum_hash_cmp(&a->hash, &b->hash);
}

static bool write_changes(struct gen *g, size_t from, const struct quorumset *before, struct mnlistdiff *d)
{
    size_t n = g->n_quorums - from;
    d->new_quorums = arena_alloc_array(&g->arena, n, sizeof(*d->new_quorums));
    d->deleted_quorums = arena_alloc_array(&g->arena, n, sizeof(*d->deleted_quorums));
    if (!d->new_quorums || !d->deleted_quorums)
        return false;
    for (size_t i = from; i < g->n_quorums; i++) {
        const struct commitment *c = &g->signers[i].commitment, *old = replaced_by(g, before, c);
        d->new_quorums[d->n_new_quorums++] = *c;
        if (old)
            d->deleted_quorums[d->n_deleted_quorums++] = (struct quorum_ref){old->type, old->hash};
    }
    qsort(d->new_quorums, n, sizeof(*d->new_quorums), by_type_and_hash);
    return true;
}

bool gen_quorums_step(struct gen *g, int32_t height, struct mnlistdiff *d)
{
    const struct network *net = &g->chain.network;
    size_t from = g->n_quorums;
    const struct mnstate *before = g->chain.states[height - 1];
    for (size_t slot = 0; before && slot < net->n_llmqs; slot++) {
        const struct llmq_params *p = &net->llmqs[slot];
        int32_t cycle = llmq_cycle(p, height);
        if (p->rotated && p->type != net->instantsend_type)
            continue;
        if (height - cycle == p->mine_start)
            schedule(g, slot, height);
        for (uint32_t i = 0; i < (p->rotated ? p->active : 1u) && i < GEN_MOST_INDEXES; i++)
            if (g->mine_at[slot][i] == height && !mine(g, p, cycle + (int32_t)i, i, height))
                return false;
    }
    return from == g->n_quorums || write_changes(g, from, before->quorums, d);
}

const struct gen_signer *gen_signer_of(const struct gen *g, uint8_t type, const quorum_hash *hash)
{
    for (size_t i = g->n_quorums; i-- > 0;)
        if (g->quorums[i].type == type && quorum_hash_eq(&g->quorums[i].hash, hash))
            return &g->signers[i];
    return NULL;
}
