/* See addr.h. In memory an IPv4 address has 4 bytes whichever message brought it. */
#include "wire/addr.h"

#include "wire/decode.h"

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}; /* ::ffff:a.b.c.d */

size_t gossip_host_size(enum net_kind kind)
{
    switch (kind) {
    case NET_IPV4: return 4;
    case NET_IPV6:
    case NET_CJDNS: return 16;
    case NET_TORV3:
    case NET_I2P: return 32;
    case NET_DOMAIN: break;
    }
    return 0;
}

static bool is_ip(const struct gossip_address *a)
{
    return a->kind == NET_IPV4 || a->kind == NET_IPV6;
}

/* Services travel as a CompactSize of the full 64 bits: the size limit of reader_compact_size() does not apply. */
static uint64_t read_services(struct reader *r)
{
    const uint8_t *at = r->p;
    uint8_t first = reader_u8(r);
    uint64_t value = first, smallest = 0;
    if (first == 0xfd) {
        value = reader_u16(r);
        smallest = 0xfd;
    } else if (first == 0xfe) {
        value = reader_u32(r);
        smallest = 0x10000;
    } else if (first == 0xff) {
        value = reader_u64(r);
        smallest = 0x100000000;
    }
    if (reader_ok(r) && value < smallest) {
        r->p = at;
        reader_fail(r, DSPV_COMPACT_SIZE);
    }
    return value;
}

static void read_addr_entry(struct reader *r, struct gossip_address *out)
{
    *out = (struct gossip_address){.time_s = reader_u32(r), .services = 0, .kind = NET_IPV6};
    out->services = reader_u64(r);
    const uint8_t *ip = reader_bytes(r, 16);
    if (!ip)
        return;
    if (memcmp(ip, mapped, sizeof(mapped)) == 0) {
        out->kind = NET_IPV4;
        memcpy(out->host, ip + sizeof(mapped), 4);
    } else {
        memcpy(out->host, ip, 16);
    }
    out->port = reader_u16_be(r);
}

/* True when the entry is one to keep. */
static bool read_addrv2_entry(struct reader *r, struct gossip_address *out)
{
    *out = (struct gossip_address){.time_s = reader_u32(r), .services = 0, .kind = NET_IPV6};
    out->services = read_services(r);
    out->kind = (enum net_kind)reader_u8(r);
    size_t size = gossip_host_size(out->kind);
    const uint8_t *at = r->p;
    struct span host = reader_byte_string(r, ADDRV2_MOST_HOST);
    if (reader_ok(r) && size && host.n != size) {
        r->p = at;
        reader_fail(r, DSPV_BAD_ADDRESS);
    }
    out->port = reader_u16_be(r);
    if (!reader_ok(r) || size == 0)
        return false;
    memcpy(out->host, host.p, size);
    return out->kind != NET_IPV6 || memcmp(host.p, mapped, sizeof(mapped)) != 0;
}

int addr_decode(const uint8_t *payload, size_t n, struct arena *arena, struct gossip *out, dspv_fault *fault)
{
    struct reader r;
    reader_init(&r, payload, n);
    uint32_t count = reader_count(&r, ADDR_ENTRY, ADDR_MOST);
    struct gossip_address *list = arena_alloc_array(arena, count, sizeof(*list));
    if (!list)
        return DSPV_ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        read_addr_entry(&r, &list[i]);
    *out = (struct gossip){list, count};
    return decode_finish(&r, fault);
}

int addrv2_decode(const uint8_t *payload, size_t n, struct arena *arena, struct gossip *out, dspv_fault *fault)
{
    struct reader r;
    reader_init(&r, payload, n);
    uint32_t count = reader_count(&r, ADDRV2_SMALLEST_ENTRY, ADDR_MOST), kept = 0;
    struct gossip_address *list = arena_alloc_array(arena, count, sizeof(*list));
    if (!list)
        return DSPV_ENOMEM;
    for (uint32_t i = 0; i < count && reader_ok(&r); i++)
        if (read_addrv2_entry(&r, &list[kept]))
            kept++;
    *out = (struct gossip){list, kept};
    return decode_finish(&r, fault);
}

void addr_encode(struct writer *w, const struct gossip *m)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->n; i++)
        count += is_ip(&m->addresses[i]);
    writer_compact_size(w, count);
    for (uint32_t i = 0; i < m->n; i++) {
        const struct gossip_address *a = &m->addresses[i];
        if (!is_ip(a))
            continue;
        writer_u32(w, a->time_s);
        writer_u64(w, a->services);
        if (a->kind == NET_IPV4)
            writer_bytes(w, mapped, sizeof(mapped));
        writer_bytes(w, a->host, gossip_host_size(a->kind));
        writer_u16_be(w, a->port);
    }
}

void addrv2_encode(struct writer *w, const struct gossip *m)
{
    writer_compact_size(w, m->n);
    for (uint32_t i = 0; i < m->n; i++) {
        const struct gossip_address *a = &m->addresses[i];
        size_t size = gossip_host_size(a->kind);
        writer_u32(w, a->time_s);
        writer_compact_size(w, a->services);
        writer_u8(w, (uint8_t)a->kind);
        writer_compact_size(w, size);
        writer_bytes(w, a->host, size);
        writer_u16_be(w, a->port);
    }
}
