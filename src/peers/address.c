/* See address.h. Which addresses are public follows IANA's special-purpose registries, as Dash Core's IsRoutable does. Its text:
 * address_text.c. */
#include "peers/address.h"

#include "base/endian.h"

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
static const uint8_t translated[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0}; /* RFC 2765 */
static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};                           /* RFC 6052 */
static const uint8_t teredo[4] = {0x20, 0x01};                                    /* RFC 4380 */
static const uint8_t hurricane[4] = {0x20, 0x01, 0x04, 0x70};

uint32_t address_net(const dspv_addr *a)
{
    if (a->is_onion)
        return DSPV_NET_ONION;
    return memcmp(a->ip, mapped, sizeof(mapped)) == 0 ? DSPV_NET_IPV4 : DSPV_NET_IPV6;
}

bool address_eq(const dspv_addr *a, const dspv_addr *b)
{
    if (a->is_onion != b->is_onion || a->port != b->port)
        return false;
    return a->is_onion ? memcmp(a->onion, b->onion, 32) == 0 : memcmp(a->ip, b->ip, 16) == 0;
}

/* ---- canonical form */

static size_t host_size(uint32_t net)
{
    return net == DSPV_NET_IPV4 ? 4 : net == DSPV_NET_IPV6 ? 16 : 32;
}

size_t address_key(const dspv_addr *a, uint8_t out[ADDRESS_KEY])
{
    uint32_t net = address_net(a);
    size_t n = host_size(net);
    out[0] = (uint8_t)net;
    memcpy(out + 1, net == DSPV_NET_ONION ? a->onion : a->ip + 16 - n, n);
    store_be16(out + 1 + n, a->port);
    return 1 + n + 2;
}

bool address_from_key(const uint8_t *key, size_t n, dspv_addr *out)
{
    memset(out, 0, sizeof(*out));
    if (n < 1 || (key[0] != DSPV_NET_IPV4 && key[0] != DSPV_NET_IPV6 && key[0] != DSPV_NET_ONION))
        return false;
    size_t size = host_size(key[0]);
    if (n != 1 + size + 2)
        return false;
    out->is_onion = key[0] == DSPV_NET_ONION;
    if (key[0] == DSPV_NET_IPV4)
        memcpy(out->ip, mapped, sizeof(mapped));
    memcpy(out->is_onion ? out->onion : out->ip + 16 - size, key + 1, size);
    out->port = load_be16(key + 1 + size);
    return address_net(out) == key[0]; /* IPv4 has one form only */
}

/* ---- groups */

/* The IPv4 address that an IPv6 address stands for. False: none. */
static bool inner_ipv4(const uint8_t ip[16], uint8_t out[4])
{
    if (memcmp(ip, mapped, 12) == 0 || memcmp(ip, translated, 12) == 0 || memcmp(ip, nat64, 12) == 0) {
        memcpy(out, ip + 12, 4);
        return true;
    }
    if (ip[0] == 0x20 && ip[1] == 0x02) { /* 6to4, RFC 3964 */
        memcpy(out, ip + 2, 4);
        return true;
    }
    if (memcmp(ip, teredo, 4) != 0)
        return false;
    for (int i = 0; i < 4; i++)
        out[i] = ip[12 + i] ^ 0xff;
    return true;
}

uint64_t address_group(const dspv_addr *a)
{
    uint8_t v4[4];
    if (a->is_onion)
        return (uint64_t)DSPV_NET_ONION << 56 | a->onion[0] >> 4;
    if (inner_ipv4(a->ip, v4))
        return (uint64_t)DSPV_NET_IPV4 << 56 | load_be16(v4);
    uint64_t group = (uint64_t)DSPV_NET_IPV6 << 56 | (uint64_t)load_be32(a->ip) << 8;
    return memcmp(a->ip, hurricane, 4) == 0 ? group | a->ip[4] >> 4 : group;
}

/* ---- where it leads */

/* An IPv4 network: `bits` of a, b, c. */
struct block {
    uint8_t a, b, c, bits;
};

static bool in_any(const uint8_t ip[4], const struct block *blocks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t net = (uint32_t)blocks[i].a << 24 | (uint32_t)blocks[i].b << 16 | (uint32_t)blocks[i].c << 8;
        if ((load_be32(ip) ^ net) >> (32 - blocks[i].bits) == 0)
            return true;
    }
    return false;
}

static bool private_ipv4(const uint8_t ip[4])
{
    static const struct block local[] = {
        {10, 0, 0, 8},     {172, 16, 0, 12}, {192, 168, 0, 16}, /* RFC 1918 */
        {169, 254, 0, 16},                                      /* link local */
        {100, 64, 0, 10},                                       /* shared with other customers, RFC 6598 */
    };
    return in_any(ip, local, sizeof(local) / sizeof(local[0]));
}

static bool public_ipv4(const uint8_t ip[4])
{
    static const struct block special[] = {
        {0, 0, 0, 8},     {127, 0, 0, 8},     {192, 0, 0, 24},
        {198, 18, 0, 15},                                        /* this network, itself, protocols, benchmarks */
        {192, 0, 2, 24},  {198, 51, 100, 24}, {203, 0, 113, 24}, /* documentation, RFC 5737 */
        {224, 0, 0, 4},   {240, 0, 0, 4},                        /* multicast, reserved and broadcast */
    };
    return !private_ipv4(ip) && !in_any(ip, special, sizeof(special) / sizeof(special[0]));
}

/* Global unicast, 2000::/3, without its special blocks; the IPv4 inside it must be public as well. */
static bool public_ipv6(const uint8_t ip[16])
{
    uint8_t v4[4];
    uint32_t head = load_be32(ip);
    if (inner_ipv4(ip, v4))
        return public_ipv4(v4);
    bool documentation = head == 0x20010db8 || (head & 0xfffff000) == 0x3fff0000;
    bool orchid = (head & 0xfffffff0) == 0x20010010 || (head & 0xfffffff0) == 0x20010020;
    return head >> 29 == 1 && !documentation && !orchid;
}

static bool ipv6_loopback(const uint8_t ip[16])
{
    static const uint8_t loopback[16] = {[15] = 1};
    return memcmp(ip, loopback, 16) == 0;
}

bool address_loopback(const dspv_addr *a)
{
    switch (address_net(a)) {
    case DSPV_NET_IPV4: return a->ip[12] == 127;
    case DSPV_NET_IPV6: return ipv6_loopback(a->ip);
    default: return false;
    }
}

bool address_local(const dspv_addr *a)
{
    if (address_loopback(a))
        return true;
    switch (address_net(a)) {
    case DSPV_NET_IPV4: return private_ipv4(a->ip + 12);
    case DSPV_NET_IPV6: return (a->ip[0] & 0xfe) == 0xfc || (a->ip[0] == 0xfe && (a->ip[1] & 0x80) != 0);
    default: return false;
    }
}

bool address_routable(const dspv_addr *a)
{
    if (a->port == 0)
        return false;
    switch (address_net(a)) {
    case DSPV_NET_IPV4: return public_ipv4(a->ip + 12);
    case DSPV_NET_IPV6: return public_ipv6(a->ip);
    default: return true;
    }
}

/* ---- from messages */

static bool from_host(enum net_kind kind, const uint8_t *host, uint16_t port, dspv_addr *out)
{
    memset(out, 0, sizeof(*out));
    out->port = port;
    switch (kind) {
    case NET_IPV4:
        memcpy(out->ip, mapped, sizeof(mapped));
        memcpy(out->ip + 12, host, 4);
        return true;
    case NET_IPV6: memcpy(out->ip, host, 16); return true;
    case NET_TORV3:
        out->is_onion = true;
        memcpy(out->onion, host, 32);
        return true;
    default: return false;
    }
}

bool address_from_gossip(const struct gossip_address *g, dspv_addr *out)
{
    return from_host(g->kind, g->host, g->port, out);
}

bool address_from_net(const struct net_address *n, dspv_addr *out)
{
    return from_host(n->kind, n->host.p, n->port, out);
}
