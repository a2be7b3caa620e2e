/* The connection: framing, handshake (protocol.md 3.6), what is ignored when. Read next: serve.c. */
#include "base/mem.h"
#include "crypto/sha256.h"
#include "devnode/peer_state.h"
#include "wire/small.h"

enum {
    PROTOCOL = 70240,
    OLDEST_PROTOCOL = 70221,
    ADDRV2_PROTOCOL = 70223,
    MOST_SCORE = 100,
    KEPT_OUTPUT = 1 << 20 /* memory kept when everything is sent */
};

struct devnode_options devnode_options_default(void)
{
    return (struct devnode_options){
        .protocol = PROTOCOL,
        .services = SERVICE_NETWORK | SERVICE_BLOOM | SERVICE_NETWORK_LIMITED | SERVICE_HEADERS_COMPRESSED,
    };
}

int devnode_peer_new(struct devnode_peer **out, const struct devnode_chain *chain, const struct devnode_options *options,
                     int32_t tip, int64_t time_s, uint64_t nonce)
{
    struct devnode_peer *p = mem_zalloc(sizeof(*p));
    *out = p;
    if (!p)
        return DSPV_ENOMEM;
    p->chain = chain;
    p->options = *options;
    p->tip = tip;
    p->time_s = time_s;
    p->nonce = nonce;
    p->known = -1;
    frame_reader_init(&p->in, chain->network.chain.magic);
    writer_init(&p->body);
    writer_init(&p->out);
    return 0;
}

void devnode_peer_free(struct devnode_peer *p)
{
    if (!p)
        return;
    frame_reader_free(&p->in);
    writer_free(&p->body);
    writer_free(&p->out);
    mem_free(p);
}

struct span devnode_peer_output(const struct devnode_peer *p)
{
    return (struct span){p->out.data + p->taken, p->out.n - p->taken};
}

void devnode_peer_taken(struct devnode_peer *p, size_t n)
{
    p->taken += n;
    if (p->taken < p->out.n)
        return;
    p->taken = 0;
    if (p->out.cap > KEPT_OUTPUT)
        writer_free(&p->out);
    writer_reset(&p->out);
}

bool devnode_peer_closed(const struct devnode_peer *p)
{
    return p->phase == PEER_CLOSED;
}
int devnode_peer_score(const struct devnode_peer *p)
{
    return p->score;
}
int devnode_peer_protocol(const struct devnode_peer *p)
{
    return p->common;
}

void node_send(struct devnode_peer *p, enum wire_command command)
{
    if (p->body.failed)
        p->out.failed = true;
    else
        frame_write(&p->out, p->chain->network.chain.magic, command, p->body.data, p->body.n);
    writer_reset(&p->body);
}

void node_misbehaved(struct devnode_peer *p, int points)
{
    p->score += points;
    if (p->score >= MOST_SCORE)
        p->phase = PEER_CLOSED;
}

/* ---- handshake */

/* A devnet node talks only to clients that name its devnet (protocol.md 1.2). */
static bool wrong_devnet(const struct devnode_peer *p, const struct version *theirs)
{
    char wanted[8 + sizeof(p->chain->network.chain.name)] = "devnet.";
    if (p->chain->network.chain.kind != CHAIN_DEVNET)
        return false;
    strcat(wanted, p->chain->network.chain.name);
    return strstr(theirs->user_agent, wanted) == NULL;
}

static void send_version(struct devnode_peer *p)
{
    struct version ours = {
        .version = p->options.protocol,
        .services = p->options.services,
        .time_s = p->time_s,
        .nonce = p->nonce,
        .start_height = p->tip,
        .relay = true,
    };
    ours.user_agent_n = strlen(p->chain->user_agent);
    memcpy(ours.user_agent, p->chain->user_agent, ours.user_agent_n);
    sha256(ours.challenge, &p->nonce, sizeof(p->nonce));
    version_encode(&p->body, &ours);
    node_send(p, WIRE_VERSION);
}

static void on_version(struct devnode_peer *p, struct span payload)
{
    struct version theirs;
    dspv_fault fault;
    if (p->phase != PEER_AWAITS_VERSION || version_decode(payload.p, payload.n, &theirs, &fault) != 0)
        return;
    if (theirs.version < OLDEST_PROTOCOL || wrong_devnet(p, &theirs)) {
        p->phase = PEER_CLOSED;
        return;
    }
    p->common = theirs.version < p->options.protocol ? theirs.version : p->options.protocol;
    p->services = theirs.services;
    p->relay = theirs.relay;
    p->phase = PEER_AWAITS_VERACK;
    send_version(p);
    if (p->common >= ADDRV2_PROTOCOL)
        node_send(p, WIRE_SENDADDRV2);
    node_send(p, WIRE_VERACK);
}

static void on_verack(struct devnode_peer *p)
{
    if (p->phase != PEER_AWAITS_VERACK)
        return;
    p->phase = PEER_READY;
    node_send(p, p->services & SERVICE_HEADERS_COMPRESSED ? WIRE_SENDHEADERS2 : WIRE_SENDHEADERS);
    sendcmpct_encode(&p->body, &(struct sendcmpct){.announce = false, .version = 1});
    node_send(p, WIRE_SENDCMPCT);
    senddsq_encode(&p->body, true);
    node_send(p, WIRE_SENDDSQ);
    ping_encode(&p->body, p->nonce | 1);
    node_send(p, WIRE_PING);
}

/* What may be said before verack; true when it was that. */
static bool handshake(struct devnode_peer *p, enum wire_command command, struct span payload)
{
    switch (command) {
    case WIRE_VERSION: on_version(p, payload); return true;
    case WIRE_VERACK: on_verack(p); return true;
    case WIRE_SENDHEADERS: p->wants_headers = p->wants_headers || p->phase != PEER_AWAITS_VERSION; return true;
    case WIRE_SENDHEADERS2: p->wants_headers2 = p->wants_headers2 || p->phase != PEER_AWAITS_VERSION; return true;
    case WIRE_SENDADDRV2:
        if (p->phase == PEER_READY)
            p->phase = PEER_CLOSED;
        return true;
    default: return false;
    }
}

/* ---- input */

static int message(struct devnode_peer *p, const struct frame *f)
{
    if (handshake(p, f->command, f->payload) || p->phase != PEER_READY)
        return 0;
    return node_serve(p, f->command, f->payload);
}

int devnode_peer_input_one(struct devnode_peer *p, struct span *in)
{
    struct frame f;
    int rc = 0;
    switch (frame_reader_next(&p->in, in, &f)) {
    case FRAME_MESSAGE: rc = message(p, &f); break;
    case FRAME_FATAL: p->phase = PEER_CLOSED; break;
    case FRAME_NO_MEMORY: rc = DSPV_ENOMEM; break;
    default: break;
    }
    return p->out.failed ? DSPV_ENOMEM : rc;
}

int devnode_peer_input(struct devnode_peer *p, const uint8_t *bytes, size_t n)
{
    struct span in = {bytes, n};
    int rc = 0;
    while (rc == 0 && in.n > 0 && p->phase != PEER_CLOSED)
        rc = devnode_peer_input_one(p, &in);
    return rc;
}
