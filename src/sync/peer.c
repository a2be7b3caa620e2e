/* See peer.h. Invariant: once `closing` is set nothing is read from or written to the peer; dspv_next() tells CLOSE and frees it. */
#include "base/fault.h"
#include "base/mem.h"
#include "sync/client.h"
#include "wire/small.h"

enum { FLOOD_POINTS = 1 };
static const struct bucket_rule pings = {PEER_PINGS_AT_ONCE, PEER_PING_REFILL_MS};

struct peer *peer_new(struct dspv *c, size_t address, dspv_conn conn)
{
    struct peer *p = mem_zalloc(sizeof(*p));
    if (!p)
        return NULL;
    p->conn = conn;
    p->address = address;
    p->since = p->opened = p->forgiven = c->now;
    p->told = HEADERS_NONE;
    frame_reader_init(&p->in, c->net.chain.magic);
    writer_init(&p->out);
    writer_init(&p->sending);
    writer_init(&p->held);
    return p;
}

void peer_free(struct peer *p)
{
    if (!p)
        return;
    frame_reader_free(&p->in);
    writer_free(&p->out);
    writer_free(&p->sending);
    writer_free(&p->held);
    mem_free(p);
}

void peer_close(struct peer *p, dspv_reason why)
{
    if (p->closing)
        return;
    p->closing = true;
    p->why = why;
}

int peer_send(struct dspv *c, struct peer *p, enum wire_command command, const struct writer *body)
{
    if (p->closing)
        return 0;
    if (body && body->failed)
        p->out.failed = true;
    else
        frame_write(&p->out, c->net.chain.magic, command, body ? body->data : NULL, body ? body->n : 0);
    if (!p->out.failed)
        return 0;
    peer_close(p, DSPV_NO_MEMORY);
    return DSPV_ENOMEM;
}

/* Send what c->body holds. */
static int send_body(struct dspv *c, struct peer *p, enum wire_command command)
{
    int rc = peer_send(c, p, command, &c->body);
    writer_reset(&c->body);
    return rc;
}

static void forgive(struct peer *p, dspv_ms now)
{
    dspv_ms off = (now - p->forgiven) / PEER_FORGIVE_MS;
    p->score = off < p->score ? p->score - (int)off : 0;
    p->forgiven += off * PEER_FORGIVE_MS;
}

int peer_score(struct dspv *c, struct peer *p, int points, const dspv_fault *fault, const char *what)
{
    dspv_event e = client_event_of(DSPV_EVENT_REFUSED);
    char about[128];
    e.conn = p->conn;
    e.reason = fault->reason;
    e.height = fault->height;
    if (fault->has_hash)
        memcpy(e.hash, fault->hash, 32);
    dspv_fault_text(fault, about, sizeof(about));
    size_t n = strlen(what), room = sizeof(e.text) - 3, m;
    if (n > 24)
        n = 24;
    memcpy(e.text, what, n);
    memcpy(e.text + n, ": ", 2);
    m = strlen(about);
    if (m > room - n)
        m = room - n;
    memcpy(e.text + n + 2, about, m);
    forgive(p, c->now);
    p->score += points;
    if (p->score >= PEER_MOST_SCORE)
        peer_close(p, points >= PEER_MOST_SCORE ? fault->reason : DSPV_PEER_MISBEHAVED);
    return client_event(c, &e);
}

/* ---- handshake */

int peer_connected(struct dspv *c, struct peer *p)
{
    struct version v = {
        .version = c->config.protocol_version,
        .services = SERVICE_HEADERS_COMPRESSED,
        .time_s = c->now / 1000,
        .start_height = headers_tip_height(c->headers),
        .relay = true, /* else InstantSend locks are not announced (protocol.md 8.2) */
    };
    const dspv_addr *addr = &c->addresses[p->address].addr;
    memcpy(v.you.ip, addr->ip, 16);
    v.you.port = addr->port;
    p->our_nonce = v.nonce = rng_u64(&c->rng);
    rng_bytes(&c->rng, v.challenge, sizeof(v.challenge));
    v.user_agent_n = strlen(c->user_agent);
    memcpy(v.user_agent, c->user_agent, v.user_agent_n);
    p->state = PEER_HANDSHAKE;
    p->since = p->forgiven = c->now;
    version_encode(&c->body, &v);
    return send_body(c, p, WIRE_VERSION);
}

static bool own_nonce(const struct dspv *c, uint64_t nonce)
{
    for (size_t i = 0; i < c->n_peers; i++)
        if (c->peers[i]->state != PEER_CONNECTING && c->peers[i]->our_nonce == nonce)
            return true;
    return false;
}

/* A devnet is named in the user agent (protocol.md 1.2). */
static bool other_devnet(const struct dspv *c, const struct version *v)
{
    char wanted[8 + sizeof(c->net.chain.name)] = "devnet.";
    if (c->net.chain.kind != CHAIN_DEVNET)
        return false;
    strcat(wanted, c->net.chain.name);
    return strstr(v->user_agent, wanted) == NULL;
}

void peer_agent_text(struct span agent, char *out)
{
    size_t n = agent.n < DSPV_PEER_AGENT ? agent.n : DSPV_PEER_AGENT - 1;
    for (size_t i = 0; i < n; i++)
        out[i] = agent.p[i] >= 0x20 && agent.p[i] < 0x7f ? (char)agent.p[i] : '?';
    out[n] = 0;
}

static int on_version(struct dspv *c, struct peer *p, struct span payload)
{
    struct version v;
    dspv_fault fault;
    if (p->got_version)
        return 0;
    if (version_decode(payload.p, payload.n, &v, &fault) != 0)
        return peer_score(c, p, PEER_MOST_SCORE, &fault, "version");
    if (own_nonce(c, v.nonce))
        peer_close(p, DSPV_PEER_SELF);
    else if (v.version < PEER_OLDEST_PROTOCOL)
        peer_close(p, DSPV_PEER_VERSION);
    else if (!(v.services & (SERVICE_NETWORK | SERVICE_NETWORK_LIMITED)))
        peer_close(p, DSPV_PEER_SERVICES);
    else if (other_devnet(c, &v))
        peer_close(p, DSPV_PEER_DEVNET);
    p->got_version = true;
    p->common = v.version < c->config.protocol_version ? v.version : c->config.protocol_version;
    p->services = v.services;
    p->start_height = v.start_height;
    peer_agent_text((struct span){(const uint8_t *)v.user_agent, v.user_agent_n}, p->user_agent);
    int rc = c->config.discover ? peer_send(c, p, WIRE_SENDADDRV2, NULL) : 0;
    return rc == 0 ? peer_send(c, p, WIRE_VERACK, NULL) : rc;
}

static int on_verack(struct dspv *c, struct peer *p)
{
    if (p->state != PEER_HANDSHAKE)
        return 0;
    if (!p->got_version) {
        peer_close(p, DSPV_PEER_HANDSHAKE);
        return 0;
    }
    p->state = PEER_READY;
    p->since = p->pinged = c->now;
    if (!connections_ready(c, p))
        return 0;
    dspv_event e = client_event_of(DSPV_EVENT_PEER);
    e.conn = p->conn;
    e.height = p->start_height;
    int rc = client_event(c, &e);
    if (rc == 0)
        rc = peer_send(c, p, p->services & SERVICE_HEADERS_COMPRESSED ? WIRE_SENDHEADERS2 : WIRE_SENDHEADERS, NULL);
    if (rc == 0 && c->config.discover)
        rc = discovery_ask(c, p);
    return rc;
}

static int on_ping(struct dspv *c, struct peer *p, struct span payload)
{
    uint64_t nonce;
    dspv_fault fault;
    if (ping_decode(payload.p, payload.n, &nonce, &fault) != 0)
        return peer_score(c, p, 10, &fault, "ping");
    if (!bucket_take(&p->pings, pings, c->now)) {
        fault = fault_of(DSPV_PEER_FLOODS);
        return peer_score(c, p, FLOOD_POINTS, &fault, "ping");
    }
    ping_encode(&c->body, nonce);
    return send_body(c, p, WIRE_PONG);
}

static void on_pong(struct peer *p, struct span payload)
{
    uint64_t nonce;
    dspv_fault fault;
    if (p->ping_sent != 0 && ping_decode(payload.p, payload.n, &nonce, &fault) == 0 && nonce == p->ping_nonce)
        p->ping_sent = 0;
}

bool peer_message(struct dspv *c, struct peer *p, const struct frame *f, int *rc)
{
    *rc = 0;
    switch (f->command) {
    case WIRE_VERSION: *rc = on_version(c, p, f->payload); return true;
    case WIRE_VERACK: *rc = on_verack(c, p); return true;
    case WIRE_PING: *rc = p->state == PEER_READY ? on_ping(c, p, f->payload) : 0; return true;
    case WIRE_PONG: on_pong(p, f->payload); return true;
    default: return p->state != PEER_READY; /* nothing else means anything before verack */
    }
}

/* ---- time */

int peer_tick(struct dspv *c, struct peer *p)
{
    if (p->closing)
        return 0;
    if (peer_deadline(p) > c->now)
        return 0;
    if (p->state != PEER_READY) {
        peer_close(p, p->state == PEER_HANDSHAKE ? DSPV_PEER_HANDSHAKE : DSPV_PEER_TIMEOUT);
        return 0;
    }
    if (p->ping_sent != 0) {
        peer_close(p, DSPV_PEER_TIMEOUT);
        return 0;
    }
    p->ping_nonce = rng_u64(&c->rng) | 1;
    p->ping_sent = p->pinged = c->now;
    ping_encode(&c->body, p->ping_nonce);
    return send_body(c, p, WIRE_PING);
}

dspv_ms peer_deadline(const struct peer *p)
{
    if (p->closing)
        return CLIENT_NEVER;
    switch (p->state) {
    case PEER_CONNECTING: return p->since + PEER_CONNECT_MS;
    case PEER_HANDSHAKE: return p->since + PEER_HANDSHAKE_MS;
    default: return p->ping_sent != 0 ? p->ping_sent + PEER_PONG_MS : p->pinged + PEER_PING_EVERY_MS;
    }
}
