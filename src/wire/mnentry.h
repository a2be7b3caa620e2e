/* One entry of a simplified masternode list as it travels (protocol.md 4.4). */
#ifndef WIRE_MNENTRY_H
#define WIRE_MNENTRY_H

#include "base/reader.h"
#include "base/writer.h"

/* A decoded entry. All pointers lead into the bytes it was decoded from. */
struct mnentry {
    uint16_t version; /* 1 legacy BLS key, 2 basic BLS key, 3 ExtNetInfo */
    protx_hash protx;
    block_hash confirmed;        /* zero until confirmed */
    struct span net_info;        /* 18 bytes (versions 1, 2) or ExtNetInfo (version 3) */
    const uint8_t *operator_key; /* 48 bytes, legacy encoding iff version 1; zeros = none */
    const uint8_t *voting_id;    /* 20 bytes */
    bool valid;                  /* not PoSe-banned */
    bool has_type;               /* the next three were on the wire */
    uint16_t type;               /* 0 regular, 1 Evo */
    uint16_t platform_http_port; /* version 2 Evo only */
    const uint8_t *platform_node_id; /* 20 bytes for Evo, else NULL */
    struct span hashed;              /* form G: without nVersion; its double SHA-256 is the entry's merkle leaf */
};

enum { MNENTRY_MIN_SIZE = 32 + 32 + 1 + 48 + 20 + 1 };

/* Decode one entry in the layout of common protocol version `proto`; `diff_version` (0 = none) stands in for the entry's
 * version below 70228. Failures latch in `r` (BAD_ENTRY_VERSION, BAD_ENTRY_TYPE, BAD_NET_INFO, ...). */
void mnentry_decode(struct reader *r, int proto, uint16_t diff_version, struct mnentry *out);
void mnentry_encode(struct writer *w, int proto, const struct mnentry *e);

/* One network address of an entry. */
enum net_purpose { NET_CORE_P2P = 0, NET_PLATFORM_P2P = 1, NET_PLATFORM_HTTPS = 2 };
enum net_kind { NET_IPV4 = 1, NET_IPV6 = 2, NET_TORV3 = 4, NET_I2P = 5, NET_CJDNS = 6, NET_DOMAIN = 256 };
struct net_address {
    enum net_purpose purpose;
    enum net_kind kind;
    struct span host; /* 4, 16 or 32 bytes, or the domain name */
    uint16_t port;
};
/* At most `most` addresses of an entry, in wire order; returns how many there are. */
size_t mnentry_addresses(const struct mnentry *e, struct net_address *out, size_t most);
/* As Dash Core prints it: "1.2.3.4:9999", "[::1]:9999", "….onion:9999", "….b32.i2p:0", "host.example:443".
 * `out` holds at least 320 bytes. */
void net_address_text(const struct net_address *a, char *out, size_t size);

#endif
