/* See peer_record.h. What is read is bounded like a stranger's bytes. */
#include "sync/peer_record.h"

#include "sync/client.h"

enum { RECORD_VERSION = 1 };

static void write_peer(struct writer *w, const dspv_peer *p)
{
    uint8_t key[ADDRESS_KEY];
    size_t n = address_key(&p->addr, key), agent_n = strlen(p->user_agent);
    writer_compact_size(w, n);
    writer_bytes(w, key, n);
    writer_u32(w, p->conn);
    writer_u32(w, p->origins);
    writer_u8(w, p->ready);
    writer_u32(w, (uint32_t)p->protocol);
    writer_u64(w, p->services);
    writer_compact_size(w, agent_n);
    writer_bytes(w, p->user_agent, agent_n);
    writer_u32(w, (uint32_t)p->height);
    writer_u32(w, (uint32_t)p->score);
    writer_u64(w, (uint64_t)p->since);
    writer_u64(w, p->bytes_received);
    writer_u64(w, p->bytes_sent);
}

void peer_record_write(const struct dspv *c, struct writer *w)
{
    dspv_peer p;
    writer_u8(w, RECORD_VERSION);
    writer_u64(w, (uint64_t)c->now);
    writer_u8(w, (uint8_t)dspv_peer_count(c));
    for (size_t i = 0; dspv_peer_at(c, i, &p); i++)
        write_peer(w, &p);
}

static void read_peer(struct reader *r, dspv_peer *p)
{
    memset(p, 0, sizeof(*p));
    struct span key = reader_byte_string(r, ADDRESS_KEY);
    if (reader_ok(r) && !address_from_key(key.p, key.n, &p->addr))
        reader_fail(r, DSPV_BAD_ADDRESS);
    p->conn = reader_u32(r);
    p->origins = reader_u32(r);
    p->ready = reader_bool(r);
    p->protocol = reader_i32(r);
    p->services = reader_u64(r);
    struct span agent = reader_byte_string(r, DSPV_PEER_AGENT - 1);
    if (reader_ok(r))
        peer_agent_text(agent, p->user_agent);
    p->height = reader_i32(r);
    p->score = reader_i32(r);
    p->since = reader_i64(r);
    p->bytes_received = reader_u64(r);
    p->bytes_sent = reader_u64(r);
}

bool peer_record_read(struct span record, size_t i, dspv_peer *out, dspv_ms *when)
{
    struct reader r;
    reader_init(&r, record.p, record.n);
    bool known = reader_u8(&r) == RECORD_VERSION;
    *when = reader_i64(&r);
    size_t n = reader_u8(&r);
    for (size_t k = 0; known && i < n && k <= i; k++)
        read_peer(&r, out);
    return known && i < n && reader_ok(&r);
}
