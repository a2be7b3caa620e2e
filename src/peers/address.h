/* Where a node can be reached: IPv4, IPv6 or a Tor v3 service. Two addresses are the same when all that matters of them is: of a
 * Tor service the key, else the IP, and the port. */
#ifndef PEERS_ADDRESS_H
#define PEERS_ADDRESS_H

#include "dashspv/dashspv.h"
#include "wire/addr.h"

enum {
    ADDRESS_KEY = 1 + 32 + 2 /* largest canonical form */
};

/* DSPV_NET_IPV4, DSPV_NET_IPV6 or DSPV_NET_ONION. */
uint32_t address_net(const dspv_addr *a);
bool address_eq(const dspv_addr *a, const dspv_addr *b);

/* The canonical form: the net, the 4, 16 or 32 bytes of the host, the port (BE16). Returns its size. */
size_t address_key(const dspv_addr *a, uint8_t out[ADDRESS_KEY]);
/* The inverse; false when it is no canonical form. */
bool address_from_key(const uint8_t *key, size_t n, dspv_addr *out);

/* Addresses that are easily had together: the /16 of an IPv4 address and of one inside an IPv6 address (6to4, Teredo, NAT64), the
 * /32 of IPv6 (of Hurricane Electric's the /36), four bits of a Tor key (Dash Core src/netaddress.cpp, GetGroup). */
uint64_t address_group(const dspv_addr *a);

/* This machine. */
bool address_loopback(const dspv_addr *a);
/* This machine or a private network: nothing the whole network could reach. */
bool address_local(const dspv_addr *a);
/* A node could be there: a public address and a port. */
bool address_routable(const dspv_addr *a);

/* From a gossip entry, from an entry of a masternode list. False: of a kind we do not connect to. */
bool address_from_gossip(const struct gossip_address *g, dspv_addr *out);
bool address_from_net(const struct net_address *n, dspv_addr *out);

/* The inverse of peer_address_text (wire/peer_address.h). Numeric, with or without a port (then `default_port`): 1.2.3.4,
 * 1.2.3.4:9999, ::1, [::1], [::1]:9999, ….onion, ….onion:9999. False: it is none. */
bool address_parse(const char *text, uint16_t default_port, dspv_addr *out);

#endif
