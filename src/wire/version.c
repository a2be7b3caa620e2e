/* See version.h. Each trailing field is read "if bytes remain", `me` and the nonce together (Dash Core src/net_processing.cpp).
 */
#include "wire/version.h"

static struct version_address read_address(struct reader *r)
{
    struct version_address a = {.services = reader_u64(r)};
    const uint8_t *ip = reader_bytes(r, sizeof(a.ip));
    if (ip)
        memcpy(a.ip, ip, sizeof(a.ip));
    a.port = reader_u16_be(r);
    return a;
}

static void write_address(struct writer *w, const struct version_address *a)
{
    writer_u64(w, a->services);
    writer_bytes(w, a->ip, sizeof(a->ip));
    writer_u16_be(w, a->port);
}

static void read_user_agent(struct reader *r, struct version *out)
{
    const uint8_t *at = r->p;
    uint32_t n = reader_compact_size(r);
    if (n > VERSION_MOST_AGENT) {
        r->p = at;
        reader_fail(r, DSPV_BAD_USER_AGENT);
        return;
    }
    const uint8_t *text = reader_bytes(r, n);
    if (!text)
        return;
    memcpy(out->user_agent, text, n);
    out->user_agent_n = n;
}

void version_encode(struct writer *w, const struct version *m)
{
    writer_u32(w, (uint32_t)m->version);
    writer_u64(w, m->services);
    writer_u64(w, (uint64_t)m->time_s);
    write_address(w, &m->you);
    write_address(w, &m->me);
    writer_u64(w, m->nonce);
    writer_compact_size(w, m->user_agent_n);
    writer_bytes(w, m->user_agent, m->user_agent_n);
    writer_u32(w, (uint32_t)m->start_height);
    writer_u8(w, m->relay);
    writer_bytes(w, m->challenge, sizeof(m->challenge));
    writer_u8(w, m->masternode);
}

int version_decode(const uint8_t *payload, size_t n, struct version *out, dspv_fault *fault)
{
    *out = (struct version){.relay = true};
    struct reader r;
    reader_init(&r, payload, n);
    out->version = reader_i32(&r);
    out->services = reader_u64(&r);
    out->time_s = reader_i64(&r);
    out->you = read_address(&r);
    if (reader_left(&r)) {
        out->me = read_address(&r);
        out->nonce = reader_u64(&r);
    }
    if (reader_left(&r))
        read_user_agent(&r, out);
    if (reader_left(&r))
        out->start_height = reader_i32(&r);
    if (reader_left(&r))
        out->relay = reader_bool(&r);
    if (reader_left(&r)) {
        hash256 challenge = reader_hash(&r);
        memcpy(out->challenge, challenge.b, sizeof(out->challenge));
    }
    if (reader_left(&r))
        out->masternode = reader_bool(&r);
    if (reader_ok(&r))
        return 0;
    reader_fault(&r, fault);
    return DSPV_EFAULT;
}
