/* The life of masternodes: registration, confirmation, bans and revivals, changed keys and addresses, removal. The list fills up
 * to the configured number and stays there: who leaves is replaced. */
#include "sim/gen_internal.h"

enum { REVIVAL_SOONEST = 3, REVIVAL_SPAN = 60, FILL_UP = 2 };

/* quorums.md 0.1: masternode minimum confirmations. */
static int32_t min_confirmations(const struct gen *g)
{
    return g->chain.network.chain.kind == CHAIN_MAINNET ? 15 : 1;
}

static bool evo_at(const struct gen *g, int32_t height)
{
    return network_basic_after(&g->chain.network, height - 1);
}

/* The newest version an entry written at this height may have. */
static uint16_t newest_version(const struct gen *g, int32_t height)
{
    if (!evo_at(g, height))
        return 1;
    return g->config->ext_height > 0 && height >= g->config->ext_height ? 3 : 2;
}

static bool give_up_service(struct gen *g, struct gen_masternode *m)
{
    struct gen_masternodes *all = &g->masternodes;
    if (m->service == 0)
        return true;
    void *items = all->free_services;
    int error = mem_grow(&items, &all->cap_free, all->n_free + 1, sizeof(*all->free_services));
    all->free_services = items;
    if (error != 0)
        return false;
    all->free_services[all->n_free++] = m->service;
    m->service = 0;
    return true;
}

/* A new address, or one that another masternode had: unique in the list, but not over time (quorums.md 3.6). */
static void take_service(struct gen *g, struct gen_masternode *m)
{
    struct gen_masternodes *all = &g->masternodes;
    if (all->n_free != 0 && gen_chance(&g->events, g->config->address_reuse_rate)) {
        size_t i = rng_below(&g->events, all->n_free);
        m->service = all->free_services[i];
        all->free_services[i] = all->free_services[--all->n_free];
        g->chain.counts.reused_addresses++;
    } else {
        m->service = ++all->last_service;
    }
}

static struct gen_masternode *random_one(struct gen *g)
{
    struct gen_masternodes *all = &g->masternodes;
    return all->n != 0 ? &all->items[rng_below(&g->events, all->n)] : NULL;
}

/* protocol.md 4.4, quorums.md 2.5: confirmed by the block after minConf more. */
static void confirm(struct gen *g, int32_t height)
{
    for (size_t i = 0; i < g->masternodes.n; i++) {
        struct gen_masternode *m = &g->masternodes.items[i];
        if (block_hash_is_zero(&m->confirmed) && height - 1 - m->registered >= min_confirmations(g)) {
            m->confirmed = g->hashes[height - 1];
            m->changed = true;
        }
    }
}

/* ProUpServTx: valid again, with an address, perhaps in a newer version. */
static void upgrade(struct gen *g, struct gen_masternode *m, int32_t height)
{
    if (m->version < newest_version(g, height) && gen_chance(&g->events, GEN_RATE_ONE / 2)) {
        m->version++;
        g->chain.counts.version_changes++;
    }
    m->changed = true;
}

static void revive(struct gen *g, int32_t height)
{
    for (size_t i = 0; i < g->masternodes.n; i++) {
        struct gen_masternode *m = &g->masternodes.items[i];
        if (m->valid || m->revival > height)
            continue;
        m->valid = true;
        if (m->service == 0)
            take_service(g, m);
        upgrade(g, m, height);
        g->chain.counts.revivals++;
    }
}

/* Half of the list stays valid. */
static bool ban_one(struct gen *g, struct gen_masternode *m, int32_t height)
{
    size_t valid = 0;
    for (size_t i = 0; i < g->masternodes.n; i++)
        valid += g->masternodes.items[i].valid;
    if (!m->valid || valid * 2 <= g->config->masternodes)
        return false;
    m->valid = false;
    m->changed = true;
    m->revival = height + REVIVAL_SOONEST + (int32_t)rng_below(&g->events, REVIVAL_SPAN);
    return true;
}

static void bans(struct gen *g, int32_t height)
{
    for (uint32_t n = gen_events(&g->events, g->config->ban_rate); n > 0; n--) {
        struct gen_masternode *m = random_one(g);
        if (m && ban_one(g, m, height))
            g->chain.counts.bans++;
    }
}

/* ProUpRegTx with another operator key: no address and banned until the new operator comes with a ProUpServTx. */
static bool key_changes(struct gen *g, int32_t height)
{
    for (uint32_t n = gen_events(&g->events, g->config->key_change_rate); n > 0; n--) {
        struct gen_masternode *m = random_one(g);
        if (!m || !ban_one(g, m, height))
            continue;
        if (!gen_key_new(g, &g->events, &m->key) || !give_up_service(g, m))
            return false;
        m->revival = height + 1 + (int32_t)rng_below(&g->events, REVIVAL_SOONEST);
        upgrade(g, m, height);
        g->chain.counts.key_changes++;
    }
    return true;
}

static bool service_changes(struct gen *g, int32_t height)
{
    for (uint32_t n = gen_events(&g->events, g->config->service_change_rate); n > 0; n--) {
        struct gen_masternode *m = random_one(g);
        if (!m || !m->valid)
            continue;
        if (!give_up_service(g, m))
            return false;
        take_service(g, m);
        upgrade(g, m, height);
        g->chain.counts.service_changes++;
    }
    return true;
}

static bool removals(struct gen *g, struct mnlistdiff *d)
{
    struct gen_masternodes *all = &g->masternodes;
    uint32_t n = gen_events(&g->events, g->config->remove_rate);
    protx_hash *deleted = arena_alloc_array(&g->arena, n, sizeof(*deleted));
    if (!deleted)
        return false;
    d->deleted = deleted;
    for (; n > 0 && all->n > 1; n--) {
        struct gen_masternode *m = random_one(g);
        deleted[d->n_deleted++] = m->protx;
        if (!give_up_service(g, m))
            return false;
        *m = all->items[--all->n];
        g->chain.counts.removed++;
    }
    return true;
}

static bool register_one(struct gen *g, int32_t height, uint16_t type)
{
    struct gen_masternodes *all = &g->masternodes;
    void *items = all->items;
    int error = mem_grow(&items, &all->cap, all->n + 1, sizeof(*all->items));
    all->items = items;
    if (error != 0)
        return false;
    struct gen_masternode m = {.registered = height, .type = type, .valid = true, .changed = true};
    m.version = newest_version(g, height);
    if (m.version == 3 && gen_chance(&g->events, GEN_RATE_ONE / 3))
        m.version = 2;
    rng_bytes(&g->events, m.protx.b, sizeof(m.protx.b));
    rng_bytes(&g->events, m.voting_id, sizeof(m.voting_id));
    rng_bytes(&g->events, m.node_id, sizeof(m.node_id));
    if (!gen_key_new(g, &g->events, &m.key))
        return false;
    take_service(g, &m);
    all->items[all->n++] = m;
    g->chain.counts.registered++;
    return true;
}

/* At first (Evo nodes: from V19 on) as many per block as it takes to fill the list in a few, later at the configured rate. */
static bool registrations(struct gen *g, int32_t height)
{
    const struct gen_config *c = g->config;
    uint32_t evo = 0, wanted_evo = evo_at(g, height) ? c->evo : 0, burst = gen_events(&g->events, c->register_rate);
    for (size_t i = 0; i < g->masternodes.n; i++)
        evo += g->masternodes.items[i].type == 1;
    uint32_t regular = (uint32_t)g->masternodes.n - evo, wanted_regular = c->masternodes - c->evo;
    bool *filled = g->masternodes.filled;
    filled[0] = filled[0] || regular >= wanted_regular;
    filled[1] = filled[1] || (evo_at(g, height) && evo >= wanted_evo);
    if (!filled[0] || (evo_at(g, height) && !filled[1]))
        burst += 1 + c->masternodes / FILL_UP;
    for (; burst > 0 && (regular < wanted_regular || evo < wanted_evo); burst--) {
        bool is_evo = evo < wanted_evo && (regular >= wanted_regular || gen_chance(&g->events, GEN_RATE_ONE / 2));
        if (!register_one(g, height, is_evo))
            return false;
        evo += is_evo;
        regular += !is_evo;
    }
    return true;
}

static bool collect_changed(struct gen *g, struct mnlistdiff *d)
{
    struct gen_masternodes *all = &g->masternodes;
    for (size_t i = 0; i < all->n; i++)
        d->n_entries += all->items[i].changed;
    d->entries = arena_alloc_array(&g->arena, d->n_entries, sizeof(*d->entries));
    if (!d->entries)
        return false;
    uint32_t n = 0;
    for (size_t i = 0; i < all->n; i++) {
        if (all->items[i].changed && !gen_entry(g, &all->items[i], &d->entries[n++]))
            return false;
        all->items[i].changed = false;
    }
    return true;
}

bool gen_masternodes_step(struct gen *g, int32_t height, struct mnlistdiff *d)
{
    if (height < g->chain.network.chain.active.dip0003)
        return true;
    confirm(g, height);
    revive(g, height);
    if (!removals(g, d))
        return false;
    bans(g, height);
    return key_changes(g, height) && service_changes(g, height) && registrations(g, height) && collect_changed(g, d);
}
