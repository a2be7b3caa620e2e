/* See discovery.h. What comes in is only ever a claim: an address proves itself by a handshake. Dash Core's rules for gossip
 * (src/net_processing.cpp, ProcessMessage "addr"): a token bucket per peer, ages corrected, two hours off for hearsay. */
#include "sync/discovery.h"

#include "base/fault.h"
#include "evo/mnstate.h"
#include "sync/client.h"

enum { MALFORMED_POINTS = 20, ARENA_LIMIT = 1 << 20, MOST_NET_ADDRESSES = 4 };
#define DAY ((dspv_ms)24 * 3600 * 1000)
#define OLDEST_TIME_S 100000000 /* earlier ones are nonsense */
#define AHEAD_MS 600000
#define UNKNOWN_AGE (5 * DAY) /* for nonsense */
#define SEED_AGE (7 * DAY)    /* fixed seeds are as old as the release */
#define DNS_SOURCE ((uint64_t)0xd << 60)

void discovery_init(struct dspv *c)
{
    c->discovery = (struct discovery){.lonely_since = c->now, .stuck_since = c->now, .resolve_wait = DISCOVERY_RESOLVE_MS, .list_height = -1};
}

/* ---- into the book */

/* Whether a stranger may have us connect there. */
static bool acceptable(const struct dspv *c, const dspv_addr *addr)
{
    if (c->config.local_addresses && address_local(addr))
        return addr->port != 0;
    return address_routable(addr);
}

static int add(struct dspv *c, const struct book_news *news)
{
    bool added;
    if (!acceptable(c, news->addr))
        return 0;
    int rc = book_add(c->book, news, c->now, &added);
    if (rc == 0 && added)
        connections_look_again(c);
    return rc;
}

/* ---- DNS and fixed seeds */

static bool lonely(const struct dspv *c)
{
    return c->discovery.lonely_since != 0 && c->now - c->discovery.lonely_since >= DISCOVERY_LONELY_MS;
}

/* Peers that are of no help must not keep us from looking elsewhere. */
static bool stuck(const struct dspv *c)
{
    return c->discovery.stuck_since != 0 && c->now - c->discovery.stuck_since >= DISCOVERY_STUCK_MS;
}

static bool needs_more(const struct dspv *c)
{
    return book_count(c->book) < DISCOVERY_FEW || lonely(c) || stuck(c);
}

static bool can_resolve(const struct dspv *c)
{
    return c->net.chain.dns_seed && (c->config.nets & (DSPV_NET_IPV4 | DSPV_NET_IPV6));
}

static int add_seeds(struct dspv *c)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->net.chain.n_fixed_seeds; i++) {
        dspv_addr addr;
        if (!address_parse(c->net.chain.fixed_seeds[i], c->net.chain.port, &addr))
            continue;
        struct book_news news = {&addr, 0, address_group(&addr), DSPV_FROM_SEED, c->now - SEED_AGE};
        rc = add(c, &news);
    }
    return rc;
}

static bool seeds_due(const struct dspv *c)
{
    const struct discovery *d = &c->discovery;
    bool dns_had_its_time = !can_resolve(c) || (d->asked_first != 0 && c->now - d->asked_first >= DISCOVERY_SEEDS_MS);
    return c->net.chain.n_fixed_seeds > 0 && dns_had_its_time && c->now >= d->seeds_at;
}

static int bootstrap(struct dspv *c)
{
    struct discovery *d = &c->discovery;
    if (!needs_more(c)) {
        d->resolve_wait = DISCOVERY_RESOLVE_MS;
        return 0;
    }
    if (can_resolve(c) && c->now >= d->resolve_at) {
        d->resolve_due = true;
        d->resolve_at = c->now + d->resolve_wait;
        d->resolve_wait = d->resolve_wait * 2 < DISCOVERY_MOST_RESOLVE_MS ? d->resolve_wait * 2 : DISCOVERY_MOST_RESOLVE_MS;
        if (d->asked_first == 0)
            d->asked_first = c->now;
    }
    if (!seeds_due(c))
        return 0;
    d->seeds_at = c->now + DISCOVERY_SEEDS_AGAIN_MS;
    return add_seeds(c);
}

bool discovery_next(struct dspv *c, dspv_out *out)
{
    if (!c->discovery.resolve_due)
        return false;
    c->discovery.resolve_due = false;
    *out = (dspv_out){.kind = DSPV_OUT_RESOLVE, .name = c->net.chain.dns_seed, .addr = {.port = c->net.chain.port}};
    return true;
}

bool discovery_resolved(struct dspv *c, const char *name, const dspv_addr *addrs, size_t n, int *rc)
{
    *rc = 0;
    if (!c->config.discover || !c->net.chain.dns_seed || strcmp(name, c->net.chain.dns_seed) != 0)
        return false;
    for (size_t i = 0; *rc == 0 && i < n && i < DISCOVERY_MOST_RESOLVED; i++) {
        dspv_ms age = 3 * DAY + (dspv_ms)rng_below(&c->book->rng, (uint64_t)(4 * DAY));
        struct book_news news = {&addrs[i], 0, DNS_SOURCE, DSPV_FROM_DNS, c->now - age};
        *rc = add(c, &news);
    }
    return true;
}

/* ---- gossip */

int discovery_ask(struct dspv *c, struct peer *p)
{
    p->gossip = (struct gossip_allowance){.saved = (dspv_ms)DISCOVERY_MOST_GOSSIP * DISCOVERY_ADDRESS_MS, .since = c->now};
    return peer_send(c, p, WIRE_GETADDR, NULL);
}

static bool afford(struct gossip_allowance *a, dspv_ms now)
{
    dspv_ms most = (dspv_ms)DISCOVERY_MOST_GOSSIP * DISCOVERY_ADDRESS_MS;
    a->saved += now - a->since;
    a->since = now;
    if (a->saved > most)
        a->saved = most;
    if (a->saved < DISCOVERY_ADDRESS_MS)
        return false;
    a->saved -= DISCOVERY_ADDRESS_MS;
    return true;
}

static dspv_ms seen_at(const struct dspv *c, uint32_t time_s, bool itself)
{
    dspv_ms t = (dspv_ms)time_s * 1000;
    if (time_s <= OLDEST_TIME_S || t > c->now + AHEAD_MS)
        t = c->now - UNKNOWN_AGE;
    return itself ? t : t - DISCOVERY_HEARSAY_MS;
}

static int take_gossip(struct dspv *c, struct peer *p, const struct gossip *m)
{
    const dspv_addr *teller = &c->addresses[p->address].addr;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < m->n; i++) {
        const struct gossip_address *g = &m->addresses[i];
        dspv_addr addr;
        if (!afford(&p->gossip, c->now))
            return 0;
        if (!(g->services & (SERVICE_NETWORK | SERVICE_NETWORK_LIMITED)) || !address_from_gossip(g, &addr))
            continue;
        struct book_news news = {&addr, g->services, address_group(teller), DSPV_FROM_GOSSIP,
                                 seen_at(c, g->time_s, address_eq(&addr, teller))};
        rc = add(c, &news);
    }
    return rc;
}

int discovery_message(struct dspv *c, struct peer *p, const struct frame *f)
{
    struct arena arena;
    struct gossip m;
    dspv_fault fault;
    if (!c->config.discover)
        return 0;
    arena_init(&arena, ARENA_LIMIT);
    int rc = (f->command == WIRE_ADDRV2 ? addrv2_decode : addr_decode)(f->payload.p, f->payload.n, &arena, &m, &fault);
    if (rc == 0)
        rc = take_gossip(c, p, &m);
    else if (rc == DSPV_EFAULT)
        rc = peer_score(c, p, MALFORMED_POINTS, &fault, f->name);
    arena_free(&arena);
    return rc;
}

/* ---- the masternode list: that it is registered is proven, that it is alive is not */

static int add_masternode(struct dspv *c, const struct masternode *m)
{
    struct net_address found[MOST_NET_ADDRESSES];
    size_t n = mnentry_addresses(&m->entry, found, MOST_NET_ADDRESSES);
    int rc = 0;
    if (n > MOST_NET_ADDRESSES)
        n = MOST_NET_ADDRESSES;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        dspv_addr addr;
        if (found[i].purpose != NET_CORE_P2P || !address_from_net(&found[i], &addr))
            continue;
        struct book_news news = {&addr, SERVICE_NETWORK, address_group(&addr), DSPV_FROM_LIST, c->now - DAY};
        rc = add(c, &news);
    }
    return rc;
}

/* Of all valid ones so many by chance, each alike. */
static size_t sample(struct dspv *c, const struct mnlist *list, const struct masternode **out)
{
    struct mnlist_iterator it;
    const struct masternode *m;
    size_t seen = 0;
    mnlist_begin(list, &it);
    while ((m = mnlist_next(&it)) != NULL) {
        if (!m->entry.valid)
            continue;
        size_t at = seen < DISCOVERY_SAMPLE ? seen : (size_t)rng_below(&c->book->rng, seen + 1);
        if (at < DISCOVERY_SAMPLE)
            out[at] = m;
        seen++;
    }
    return seen < DISCOVERY_SAMPLE ? seen : DISCOVERY_SAMPLE;
}

static int learn_from_list(struct dspv *c)
{
    struct discovery *d = &c->discovery;
    const struct masternode *chosen[DISCOVERY_SAMPLE];
    const struct mnstate *s = engine_tip_list(c->engine);
    int rc = 0;
    if (!s || s->height == d->list_height || c->now < d->list_at)
        return 0;
    size_t n = sample(c, s->list, chosen);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = add_masternode(c, chosen[i]);
    d->list_height = s->height;
    d->list_at = c->now + DISCOVERY_LIST_MS;
    return rc;
}

/* ---- time */

/* A peer that comes and goes is no company. */
static bool somebody_stays(const struct dspv *c)
{
    for (size_t i = 0; i < c->n_peers; i++)
        if (peer_usable(c->peers[i]) && c->now - c->peers[i]->since >= DISCOVERY_STAYS_MS)
            return true;
    return false;
}

static bool tip_is_old(const struct dspv *c)
{
    struct header tip;
    headers_get(c->headers, headers_tip(c->headers), &tip);
    return c->now / 1000 - (int64_t)tip.time > (int64_t)c->net.chain.pow_spacing_s * DISCOVERY_OLD_TIP_BLOCKS;
}

int discovery_advance(struct dspv *c)
{
    struct discovery *d = &c->discovery;
    if (!c->config.discover)
        return 0;
    if (somebody_stays(c))
        d->lonely_since = 0;
    else if (d->lonely_since == 0)
        d->lonely_since = c->now;
    if (c->progress.phase == DSPV_PHASE_SYNCED && !tip_is_old(c))
        d->stuck_since = 0;
    else if (d->stuck_since == 0)
        d->stuck_since = c->now;
    int rc = learn_from_list(c);
    return rc == 0 ? bootstrap(c) : rc;
}

dspv_ms discovery_deadline(const struct dspv *c)
{
    const struct discovery *d = &c->discovery;
    dspv_ms best = CLIENT_NEVER;
    if (!c->config.discover)
        return best;
    if (d->lonely_since != 0 && !lonely(c))
        best = d->lonely_since + DISCOVERY_LONELY_MS;
    if (d->stuck_since != 0 && !stuck(c) && d->stuck_since + DISCOVERY_STUCK_MS < best)
        best = d->stuck_since + DISCOVERY_STUCK_MS;
    if (!needs_more(c))
        return best;
    if (can_resolve(c) && d->resolve_at < best)
        best = d->resolve_at;
    dspv_ms seeds = d->asked_first != 0 && can_resolve(c) ? d->asked_first + DISCOVERY_SEEDS_MS : c->now;
    if (seeds < d->seeds_at)
        seeds = d->seeds_at;
    return c->net.chain.n_fixed_seeds > 0 && seeds < best ? seeds : best;
}
