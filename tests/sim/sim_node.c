/* Nodes and the network between them and the client. A node is a development peer; a liar stands between it and the wire and
 * sees whole messages. Bytes keep their order on a connection; how long they take, and in what pieces they arrive, is chance. */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "sim/sim.h"
#include "wire/frame.h"

enum { PACKET = 1400, PIECE = 4000, FIRST_BYTES = 200, MOST_TRICKLED = 2000, LIAR_TICK_MS = 1000 };

struct sim_node *sim_node_of(struct sim *s, dspv_conn conn)
{
    for (size_t i = 0; i < s->scenario.n_nodes; i++)
        if (s->nodes[i].conn == conn && conn != 0)
            return &s->nodes[i];
    return NULL;
}

void sim_node_forget(struct sim_node *n)
{
    devnode_peer_free(n->peer);
    n->peer = NULL;
    n->conn = 0;
    n->hanging_up = false;
}

static uint32_t number_of(const struct sim *s, const struct sim_node *n)
{
    return (uint32_t)(n - s->nodes);
}

static int32_t served(const struct sim *s, const struct sim_node *n)
{
    int32_t tip = n->height - n->behind, most = sim_world_served(s->world, n->chain)->tip;
    return tip < most ? tip : most;
}

static dspv_ms travel(struct sim *s, const struct sim_link *l)
{
    return l->latency_ms + (dspv_ms)rng_below(&s->network, (uint64_t)l->jitter_ms + 1);
}

static void schedule(struct sim *s, struct sim_node *n, enum sim_kind kind, dspv_ms at, const uint8_t *bytes, size_t size)
{
    struct sim_event e = {.at = at, .kind = kind, .node = number_of(s, n), .conn = n->conn, .n = size};
    if (size > 0) {
        e.bytes = malloc(size);
        if (!e.bytes)
            abort();
        memcpy(e.bytes, bytes, size);
    }
    sim_queue_add(&s->queue, e);
}

/* ---- to the client */

static size_t next_piece(struct sim *s, const struct sim_node *n, size_t done, size_t size)
{
    size_t left = size - done, most = left;
    if (n->kind && n->kind->bytes_at_once > 0)
        most = done / n->kind->bytes_at_once < MOST_TRICKLED ? n->kind->bytes_at_once : left;
    else if (n->link.cut == SIM_PACKETS)
        most = PACKET;
    else if (n->link.cut == SIM_PIECES)
        most = 1 + rng_below(&s->network, PIECE);
    else if (n->link.cut == SIM_BYTES)
        most = done < FIRST_BYTES ? 1 : 1 + rng_below(&s->network, PIECE);
    return most < left ? most : left;
}

static void ship(struct sim *s, struct sim_node *n, const uint8_t *bytes, size_t size)
{
    dspv_ms gap = n->kind && n->kind->bytes_at_once > 0 ? n->kind->delivery_ms : 0;
    for (size_t done = 0; done < size && !n->hanging_up;) {
        size_t piece = next_piece(s, n, done, size);
        if (n->sending_until < s->now)
            n->sending_until = s->now;
        n->sending_until += (dspv_ms)piece * 1000 / n->link.bytes_per_s + gap;
        dspv_ms at = n->sending_until + travel(s, &n->link);
        if (at > n->next_to_client)
            n->next_to_client = at;
        schedule(s, n, SIM_TO_CLIENT, n->next_to_client, bytes + done, piece);
        done += piece;
    }
}

static void hang_up(struct sim *s, struct sim_node *n)
{
    if (n->hanging_up)
        return;
    n->hanging_up = true;
    if (n->next_to_client < s->now)
        n->next_to_client = s->now;
    schedule(s, n, SIM_CLOSED, n->next_to_client + n->link.latency_ms, NULL, 0);
}

/* What a liar wants. */
static void carry_out(struct sim *s, struct sim_node *n, struct liar_output *out)
{
    if (out->stall_ms > 0) {
        dspv_ms until = s->now + out->stall_ms;
        if (n->sending_until < until)
            n->sending_until = until;
    }
    ship(s, n, out->bytes.data, out->bytes.n);
    if (out->hang_up)
        hang_up(s, n);
    writer_free(&out->bytes);
}

static struct liar_output output(void)
{
    struct liar_output out = {0};
    writer_init(&out.bytes);
    return out;
}

static void bring_up_to_date(struct sim *s, struct sim_node *n)
{
    n->liar.tip = served(s, n);
    n->liar.protocol = n->peer ? devnode_peer_protocol(n->peer) : 0;
}

static void says(struct sim *s, struct sim_node *n, const struct liar_message *m)
{
    struct liar_output out = output();
    if (s->traced)
        sim_trace(s, "  node %u says %s (%zu bytes)", number_of(s, n), m->name, m->payload.n);
    if (n->kind && n->kind->said) {
        unsigned lies = n->liar.lies;
        n->kind->said(&n->liar, m, &out);
        if (s->traced && n->liar.lies != lies)
            sim_trace(s, "  node %u lies (%s)", number_of(s, n), n->kind->name);
    } else {
        writer_bytes(&out.bytes, m->payload.p - FRAME_HEADER_SIZE, FRAME_HEADER_SIZE + m->payload.n);
    }
    carry_out(s, n, &out);
}

/* Put on its way what the peer says. */
static void collect(struct sim *s, struct sim_node *n)
{
    struct span said = devnode_peer_output(n->peer);
    struct liar_message m;
    bring_up_to_date(s, n);
    for (size_t i = 0; i + FRAME_HEADER_SIZE <= said.n;) {
        i += liar_message_at(said.p + i, &m);
        says(s, n, &m);
    }
    devnode_peer_taken(n->peer, said.n);
    if (devnode_peer_closed(n->peer))
        hang_up(s, n);
}

/* ---- connections */

void sim_node_connect(struct sim *s, struct sim_node *n, dspv_conn conn)
{
    sim_node_forget(n);
    n->conn = conn;
    n->next_to_client = n->next_to_node = n->sending_until = s->now;
    bool refused = rng_below(&s->network, 100) < n->link.refuses;
    dspv_ms at = s->now + 2 * travel(s, &n->link);
    n->next_to_client = at;
    schedule(s, n, refused ? SIM_CLOSED : SIM_CONNECTED, at, NULL, 0);
}

void sim_node_connected(struct sim *s, struct sim_node *n)
{
    const struct devnode_chain *chain = sim_world_served(s->world, n->chain);
    uint64_t nonce = rng_u64(&s->network);
    if (devnode_peer_new(&n->peer, chain, &n->options, served(s, n), s->now / 1000, nonce) != 0)
        abort();
    s->connections++;
    if (!n->kind)
        return;
    bring_up_to_date(s, n);
    n->liar.connections++;
    if (n->kind->connected) {
        struct liar_output out = output();
        n->kind->connected(&n->liar, &out);
        carry_out(s, n, &out);
    }
    if (n->kind->tick)
        schedule(s, n, SIM_LIAR_TICK, s->now + LIAR_TICK_MS, NULL, 0);
}

void sim_node_tick(struct sim *s, struct sim_node *n)
{
    struct liar_output out = output();
    bring_up_to_date(s, n);
    n->kind->tick(&n->liar, &out);
    carry_out(s, n, &out);
    schedule(s, n, SIM_LIAR_TICK, s->now + LIAR_TICK_MS, NULL, 0);
}

/* ---- from the client */

void sim_node_send(struct sim *s, struct sim_node *n, const uint8_t *bytes, size_t size)
{
    dspv_ms at = s->now + travel(s, &n->link);
    if (at > n->next_to_node)
        n->next_to_node = at;
    schedule(s, n, SIM_TO_NODE, n->next_to_node, bytes, size);
}

static bool hears(struct sim *s, struct sim_node *n, const struct liar_message *m)
{
    struct liar_output out = output();
    bring_up_to_date(s, n);
    bool passes = n->kind->heard(&n->liar, m, &out);
    carry_out(s, n, &out);
    return passes;
}

static void gossip(struct sim *s, struct sim_node *n)
{
    struct writer payload, message;
    if (s->scenario.discovery == SIM_NAMED)
        return;
    writer_init(&payload);
    writer_init(&message);
    sim_addresses_gossip(s, n, &payload);
    frame_write(&message, s->world->network.net.chain.magic, WIRE_ADDRV2, payload.data, payload.n);
    ship(s, n, message.data, message.n);
    writer_free(&payload);
    writer_free(&message);
}

void sim_node_heard(struct sim *s, struct sim_node *n, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i + FRAME_HEADER_SIZE <= size && !n->hanging_up;) {
        struct liar_message m;
        size_t whole = liar_message_at(bytes + i, &m);
        if (s->traced)
            sim_trace(s, "  node %u hears %s (%zu bytes)", number_of(s, n), m.name, m.payload.n);
        if (m.command == WIRE_GETADDR)
            gossip(s, n);
        bool passes = !n->kind || !n->kind->heard || hears(s, n, &m);
        if (passes && devnode_peer_input(n->peer, bytes + i, whole) != 0)
            abort();
        if (!n->hanging_up)
            collect(s, n);
        i += whole;
    }
}

/* ---- the chain */

void sim_node_grow(struct sim *s, struct sim_node *n, int32_t height)
{
    int32_t before = served(s, n);
    if (height <= n->height)
        return;
    n->height = height;
    int32_t after = served(s, n);
    if (!n->peer || n->hanging_up || after <= before)
        return;
    if (devnode_peer_grow(n->peer, after) != 0)
        abort();
    collect(s, n);
}

/* Half of the nodes do it like Dash Core, on the open connection; the others are restarted. */
void sim_node_switch(struct sim *s, struct sim_node *n)
{
    n->chain = SIM_TRUTH;
    sim_trace(s, "node %u reorganises", number_of(s, n));
    if (!n->peer || n->hanging_up)
        return;
    if (rng_below(&s->network, 2) == 0) {
        hang_up(s, n);
        return;
    }
    if (devnode_peer_reorganise(n->peer, sim_world_served(s->world, SIM_TRUTH), served(s, n)) != 0)
        abort();
    collect(s, n);
}
