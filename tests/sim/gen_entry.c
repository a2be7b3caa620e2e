/* A masternode's entry as the list holds it, in all three versions (protocol.md 4.4). */
#include "base/endian.h"
#include "sim/gen_internal.h"

enum { PORT = 19999, LEGACY_SIZE = 18, EXT_VERSION = 1, EXT_SERVICE = 1, EXT_DOMAIN = 2 };

static void ipv4(uint32_t service, uint8_t out[4])
{
    out[0] = 10;
    out[1] = (uint8_t)(service >> 16);
    out[2] = (uint8_t)(service >> 8);
    out[3] = (uint8_t)service;
}

static void write_legacy(struct writer *w, uint32_t service)
{
    uint8_t bytes[LEGACY_SIZE] = {0};
    if (service) {
        bytes[10] = bytes[11] = 0xff;
        ipv4(service, bytes + 12);
        bytes[16] = PORT >> 8;
        bytes[17] = PORT & 0xff;
    }
    writer_bytes(w, bytes, sizeof(bytes));
}

static void write_ipv4(struct writer *w, uint32_t service, uint16_t port)
{
    uint8_t host[4];
    ipv4(service, host);
    writer_u8(w, EXT_SERVICE);
    writer_u8(w, NET_IPV4);
    writer_compact_size(w, sizeof(host));
    writer_bytes(w, host, sizeof(host));
    writer_u16_be(w, port);
}

/* Every third one has an onion address besides. */
static void write_onion(struct writer *w, uint32_t service)
{
    uint8_t host[32] = {0x5a};
    store_le32(host + 4, service);
    writer_u8(w, EXT_SERVICE);
    writer_u8(w, NET_TORV3);
    writer_compact_size(w, sizeof(host));
    writer_bytes(w, host, sizeof(host));
    writer_u16_be(w, PORT);
}

static void write_domain(struct writer *w, uint32_t service)
{
    char name[] = "n0000000.example";
    for (int i = 7; i > 0; i--, service /= 10)
        name[i] = (char)('0' + service % 10);
    writer_u8(w, EXT_DOMAIN);
    writer_compact_size(w, sizeof(name) - 1);
    writer_bytes(w, name, sizeof(name) - 1);
    writer_u16_be(w, 443);
}

static void write_extended(struct writer *w, const struct gen_masternode *m)
{
    bool onion = m->service % 3 == 0, evo = m->type == 1;
    writer_u8(w, EXT_VERSION);
    if (m->service == 0) {
        writer_compact_size(w, 0);
        return;
    }
    writer_compact_size(w, evo ? 3 : 1);
    writer_u8(w, NET_CORE_P2P);
    writer_compact_size(w, onion ? 2 : 1);
    write_ipv4(w, m->service, PORT);
    if (onion)
        write_onion(w, m->service);
    if (!evo)
        return;
    writer_u8(w, NET_PLATFORM_P2P);
    writer_compact_size(w, 1);
    write_ipv4(w, m->service, 26656);
    writer_u8(w, NET_PLATFORM_HTTPS);
    writer_compact_size(w, 1);
    write_domain(w, m->service);
}

static void write_entry(struct writer *w, const struct gen *g, const struct gen_masternode *m)
{
    uint8_t key[48];
    bls_key_encode(key, &g->keys.items[m->key].key, m->version == 1 ? BLS_LEGACY : BLS_BASIC);
    writer_u16(w, m->version);
    writer_hash(w, m->protx.b);
    writer_hash(w, m->confirmed.b);
    if (m->version < 3)
        write_legacy(w, m->service);
    else
        write_extended(w, m);
    writer_bytes(w, key, sizeof(key));
    writer_bytes(w, m->voting_id, sizeof(m->voting_id));
    writer_u8(w, m->valid);
    if (m->version < 2)
        return;
    writer_u16(w, m->type);
    if (m->type != 1)
        return;
    if (m->version == 2)
        writer_u16(w, m->service ? 443 : 0);
    writer_bytes(w, m->node_id, sizeof(m->node_id));
}

bool gen_entry(struct gen *g, const struct gen_masternode *m, struct mnentry *out)
{
    struct writer w;
    writer_init(&w);
    write_entry(&w, g, m);
    struct span bytes = gen_keep(g, &w);
    writer_free(&w);
    if (!bytes.p)
        return false;
    struct reader r;
    reader_init(&r, bytes.p, bytes.n);
    mnentry_decode(&r, GEN_PROTO, 0, out);
    return reader_finish(&r) || gen_refuse(g, "an entry does not decode", m->registered);
}
