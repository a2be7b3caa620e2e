/* See mnentry.h. An entry stays the bytes it came in: `hashed` (form G of protocol.md 4.4) is hashed as received, and the
 * network information is checked once, when the entry is decoded, so that mnentry_addresses() meets only well-formed bytes. */
#include "wire/mnentry.h"

#include "base/endian.h"
#include "wire/layout.h"

/* ExtNetInfo (protocol.md 4.4, Dash Core src/evo/netinfo.h). */
enum { EXT_VERSION = 1, EXT_ENTRIES_PER_PURPOSE = 4, EXT_SERVICE = 1, EXT_DOMAIN = 2, EXT_INVALID = 0xff };
enum { LEGACY_SIZE = 18, MAX_ADDRESS = 512, MAX_DOMAIN = 253 };

/* Where the addresses found go; those past `most` are only counted. */
struct found {
    struct net_address *list;
    size_t most, n;
};

static void found_add(struct found *f, struct net_address a)
{
    if (f->n < f->most)
        f->list[f->n] = a;
    f->n++;
}

/* Length a BIP155 network's addresses have, 0 for networks unknown here. */
static uint32_t bip155_length(uint8_t network)
{
    switch (network) {
    case NET_IPV4: return 4;
    case NET_IPV6:
    case NET_CJDNS: return 16;
    case NET_TORV3:
    case NET_I2P: return 32;
    default: return 0;
    }
}

/* { networkId u8, addr vec<u8>, port u16 BE }. Addresses of unknown networks are passed over. */
static void read_service(struct reader *r, enum net_purpose purpose, struct found *f)
{
    uint8_t network = reader_u8(r);
    const uint8_t *at = r->p;
    uint32_t n = reader_compact_size(r), expected = bip155_length(network);
    if (n > MAX_ADDRESS || (expected && n != expected))
        layout_refuse(r, at, DSPV_BAD_NET_INFO);
    struct span host = {reader_bytes(r, n), n};
    uint16_t port = reader_u16_be(r);
    if (reader_ok(r) && expected)
        found_add(f, (struct net_address){purpose, (enum net_kind)network, host, port});
}

/* { domain str, port u16 BE } */
static void read_domain(struct reader *r, enum net_purpose purpose, struct found *f)
{
    const uint8_t *at = r->p;
    uint32_t n = reader_compact_size(r);
    if (n < 1 || n > MAX_DOMAIN)
        layout_refuse(r, at, DSPV_BAD_NET_INFO);
    struct span host = {reader_bytes(r, n), n};
    uint16_t port = reader_u16_be(r);
    if (reader_ok(r))
        found_add(f, (struct net_address){purpose, NET_DOMAIN, host, port});
}

static void read_ext_entry(struct reader *r, enum net_purpose purpose, struct found *f)
{
    const uint8_t *at = r->p;
    switch (reader_u8(r)) {
    case EXT_SERVICE: read_service(r, purpose, f); break;
    case EXT_DOMAIN: read_domain(r, purpose, f); break;
    case EXT_INVALID: break;
    default: layout_refuse(r, at, DSPV_BAD_NET_INFO);
    }
}

/* Refused as BAD_NET_INFO: purposes that are unknown, repeated or not ascending (Core writes an ordered map), more than four
 * entries for one purpose, an unknown entry type, an address whose length is not its network's (an unknown network: above
 * 512), a domain name of no or more than 253 bytes. An ExtNetInfo of another version than 1 has no content. */
static void read_ext_net_info(struct reader *r, struct found *f)
{
    if (reader_u8(r) != EXT_VERSION)
        return;
    const uint8_t *at = r->p;
    uint32_t purposes = reader_compact_size(r);
    if (purposes > NET_PLATFORM_HTTPS + 1)
        layout_refuse(r, at, DSPV_BAD_NET_INFO);
    int last = -1;
    for (uint32_t i = 0; reader_ok(r) && i < purposes; i++) {
        at = r->p;
        uint8_t purpose = reader_u8(r);
        if (purpose <= last || purpose > NET_PLATFORM_HTTPS)
            layout_refuse(r, at, DSPV_BAD_NET_INFO);
        last = purpose;
        at = r->p;
        uint32_t entries = reader_compact_size(r);
        if (entries > EXT_ENTRIES_PER_PURPOSE)
            layout_refuse(r, at, DSPV_BAD_NET_INFO);
        for (uint32_t k = 0; reader_ok(r) && k < entries; k++)
            read_ext_entry(r, (enum net_purpose)purpose, f);
    }
}

static struct span read_net_info(struct reader *r, uint16_t version)
{
    const uint8_t *from = r->p;
    if (version < 3)
        reader_bytes(r, LEGACY_SIZE);
    else
        read_ext_net_info(r, &(struct found){0});
    return reader_since(r, from);
}

static bool version_has_type(uint16_t version, int proto)
{
    return version >= 2 && proto >= LAYOUT_ENTRY_TYPE;
}

static void read_type(struct reader *r, struct mnentry *out)
{
    const uint8_t *at = r->p;
    out->has_type = true;
    out->type = reader_u16(r);
    if (out->type > 1)
        layout_refuse(r, at, DSPV_BAD_ENTRY_TYPE);
    if (out->type == 1) {
        if (out->version == 2)
            out->platform_http_port = reader_u16(r);
        out->platform_node_id = reader_bytes(r, 20);
    }
}

void mnentry_decode(struct reader *r, int proto, uint16_t diff_version, struct mnentry *out)
{
    const uint8_t *at = r->p;
    *out = (struct mnentry){0};
    if (proto >= LAYOUT_ENTRY_VERSION)
        out->version = reader_u16(r);
    else
        out->version = diff_version ? diff_version : 1;
    if (out->version < 1 || out->version > 3)
        layout_refuse(r, at, DSPV_BAD_ENTRY_VERSION);
    const uint8_t *from = r->p;
    out->protx = reader_protx_hash(r);
    out->confirmed = reader_block_hash(r);
    out->net_info = read_net_info(r, out->version);
    out->operator_key = reader_bytes(r, 48);
    out->voting_id = reader_bytes(r, 20);
    out->valid = reader_bool(r);
    if (version_has_type(out->version, proto))
        read_type(r, out);
    out->hashed = reader_since(r, from);
}

void mnentry_encode(struct writer *w, int proto, const struct mnentry *e)
{
    if (proto >= LAYOUT_ENTRY_VERSION)
        writer_u16(w, e->version);
    writer_hash(w, e->protx.b);
    writer_hash(w, e->confirmed.b);
    writer_span(w, e->net_info);
    writer_bytes(w, e->operator_key, 48);
    writer_bytes(w, e->voting_id, 20);
    writer_u8(w, e->valid);
    if (!version_has_type(e->version, proto))
        return;
    writer_u16(w, e->type);
    if (e->type == 1) {
        if (e->version == 2)
            writer_u16(w, e->platform_http_port);
        writer_bytes(w, e->platform_node_id, 20);
    }
}

/* The 18-byte form: 16-byte IPv6 shape, port BE. The unspecified address (of either family) is no address, as in Core. */
static void legacy_address(const uint8_t *p, struct found *f)
{
    static const uint8_t ipv4_prefix[12] = {[10] = 0xff, [11] = 0xff}, zero[16];
    bool ipv4 = memcmp(p, ipv4_prefix, 12) == 0;
    struct span host = ipv4 ? (struct span){p + 12, 4} : (struct span){p, 16};
    if (memcmp(host.p, zero, host.n) != 0)
        found_add(f, (struct net_address){NET_CORE_P2P, ipv4 ? NET_IPV4 : NET_IPV6, host, load_be16(p + 16)});
}

size_t mnentry_addresses(const struct mnentry *e, struct net_address *out, size_t most)
{
    struct found f = {out, most, 0};
    if (e->version < 3) {
        legacy_address(e->net_info.p, &f);
    } else {
        struct reader r;
        reader_init(&r, e->net_info.p, e->net_info.n);
        read_ext_net_info(&r, &f);
    }
    return f.n;
}
