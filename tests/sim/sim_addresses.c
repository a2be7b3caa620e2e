/* Who is where, for clients that find their peers: public addresses, a name that is resolved, and gossip. In an eclipse everything
 * that is told comes from one /16, in which a liar answers at every address, but for the one honest node somewhere else; the liars
 * also make up addresses of other groups, where nobody is. */
#include <string.h>

#include "sim/sim.h"
#include "wire/addr.h"
#include "wire/version.h"

enum { PORT = 19899, LIARS_A = 51, LIARS_B = 75, MOST_NAMED = 64, GOSSIP = 1000, FEW = 12 };

static dspv_addr ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    dspv_addr addr = {.ip = {[10] = 0xff, [11] = 0xff, [12] = a, [13] = b, [14] = c, [15] = d}, .port = PORT};
    return addr;
}

static bool same(const dspv_addr *a, const dspv_addr *b)
{
    return !a->is_onion && !b->is_onion && a->port == b->port && memcmp(a->ip, b->ip, 16) == 0;
}

/* Each in a group of its own. */
void sim_addresses_give(struct sim *s)
{
    for (size_t i = 0; i < s->scenario.n_nodes; i++) {
        uint8_t k = (uint8_t)(i + 1);
        s->nodes[i].addr = s->scenario.discovery == SIM_NAMED ? ipv4(10, 0, 0, k) : ipv4(80, (uint8_t)(10 + k), 7, k);
    }
}

static dspv_addr of_the_liars(struct sim *s)
{
    return ipv4(LIARS_A, LIARS_B, (uint8_t)rng_below(&s->network, 256), (uint8_t)(1 + rng_below(&s->network, 250)));
}

/* A public address where nobody is. */
static dspv_addr of_nobody(struct sim *s)
{
    return ipv4((uint8_t)(81 + rng_below(&s->network, 15)), (uint8_t)rng_below(&s->network, 256),
                (uint8_t)rng_below(&s->network, 256), (uint8_t)(1 + rng_below(&s->network, 250)));
}

static bool is_of_the_liars(const dspv_addr *a)
{
    const dspv_addr group = ipv4(LIARS_A, LIARS_B, 0, 0);
    return !a->is_onion && a->port == PORT && memcmp(a->ip, group.ip, 14) == 0;
}

struct sim_node *sim_addresses_at(struct sim *s, const dspv_addr *addr)
{
    for (size_t i = 0; i < s->scenario.n_nodes; i++)
        if (same(&s->nodes[i].addr, addr))
            return &s->nodes[i];
    if (s->scenario.discovery != SIM_ECLIPSE || !is_of_the_liars(addr))
        return NULL;
    for (size_t i = 0; i < s->scenario.n_nodes; i++)
        if (s->nodes[i].kind && s->nodes[i].conn == 0) { /* whoever is free */
            s->nodes[i].addr = *addr;
            return &s->nodes[i];
        }
    return NULL;
}

size_t sim_addresses_named(struct sim *s, dspv_addr out[SIM_MOST_RESOLVED])
{
    size_t n = 0;
    bool eclipse = s->scenario.discovery == SIM_ECLIPSE;
    for (size_t i = 0; i < s->scenario.n_nodes; i++)
        if (s->nodes[i].added && !(eclipse && s->nodes[i].kind))
            out[n++] = s->nodes[i].addr;
    for (size_t liars = eclipse ? MOST_NAMED : 0; liars > 0; liars--)
        out[n++] = of_the_liars(s);
    for (size_t i = n; i > 1; i--) {
        size_t k = rng_below(&s->network, i);
        dspv_addr last = out[i - 1];
        out[i - 1] = out[k];
        out[k] = last;
    }
    return n;
}

static struct gossip_address gossip_of(const struct sim *s, const dspv_addr *a)
{
    struct gossip_address g = {.time_s = (uint32_t)(s->now / 1000 - 60), .services = devnode_options_default().services,
                               .kind = NET_IPV4, .port = a->port};
    memcpy(g.host, a->ip + 12, 4);
    return g;
}

void sim_addresses_gossip(struct sim *s, const struct sim_node *n, struct writer *w)
{
    static struct gossip_address list[GOSSIP + SIM_MOST_NODES];
    struct gossip g = {.addresses = list};
    bool flood = n->kind && s->scenario.discovery == SIM_ECLIPSE;
    for (size_t i = 0; !flood && i < s->scenario.n_nodes; i++)
        if (s->nodes[i].added)
            list[g.n++] = gossip_of(s, &s->nodes[i].addr);
    while (g.n < (flood ? GOSSIP : FEW)) {
        dspv_addr a = flood && rng_below(&s->network, 100) >= s->scenario.nobody_percent ? of_the_liars(s) : of_nobody(s);
        list[g.n++] = gossip_of(s, &a);
    }
    addrv2_encode(w, &g);
}
