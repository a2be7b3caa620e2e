/* addr and addrv2: gossip about other nodes (protocol.md 3.7, BIP155). */
#ifndef WIRE_ADDR_H
#define WIRE_ADDR_H

#include "base/arena.h"
#include "base/writer.h"
#include "wire/mnentry.h"

enum {
    ADDR_MOST = 1000,
    ADDR_ENTRY = 4 + 8 + 16 + 2,
    ADDRV2_MOST_HOST = 512,
    ADDRV2_SMALLEST_ENTRY = 4 + 1 + 1 + 1 + 2,
    ADDRV2_LARGEST_ENTRY = 4 + 9 + 1 + 3 + ADDRV2_MOST_HOST + 2
};

struct gossip_address {
    uint32_t time_s; /* last seen, unix time, as claimed */
    uint64_t services;
    enum net_kind kind; /* IPv4, IPv6, Tor v3, I2P or CJDNS */
    uint8_t host[32];   /* gossip_host_size(kind) bytes, the rest zeros */
    uint16_t port;
};

/* 4, 16 or 32; 0 for a kind that gossip does not carry. */
size_t gossip_host_size(enum net_kind kind);

struct gossip {
    const struct gossip_address *addresses; /* in the arena it was decoded with */
    uint32_t n;
};

/* 0; DSPV_EFAULT and *fault; DSPV_ENOMEM. addrv2: entries of unknown or retired networks, and IPv4 disguised as IPv6, are left
 * out; a known network with a wrong length is BAD_ADDRESS. */
int addr_decode(const uint8_t *payload, size_t n, struct arena *arena, struct gossip *out, dspv_fault *fault);
int addrv2_decode(const uint8_t *payload, size_t n, struct arena *arena, struct gossip *out, dspv_fault *fault);
/* addr carries only the IPv4 and IPv6 addresses of `m`. */
void addr_encode(struct writer *w, const struct gossip *m);
void addrv2_encode(struct writer *w, const struct gossip *m);

#endif
