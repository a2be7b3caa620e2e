/* See liar_stage.h. */
#include "sim/liar_stage.h"

#include "base/endian.h"
#include "wire/frame.h"

enum { TIP = 300, FORK = 262, STALE_TIP = 280, FOREIGN_TIP = 250, WORLDS = 4, LATENCY_MS = 40, TICK_MS = 1000, APART = 5 };

/* ---- worlds */

static const char *const OPTIONS[] = {"-dip3params=10:10",
                                      "-testactivationheight=dip0008@20",
                                      "-testactivationheight=v19@60",
                                      "-testactivationheight=v20@100",
                                      "-testactivationheight=mn_rr@100",
                                      NULL};

static const struct gen_chain *generate(const struct gen_config *config)
{
    char error[GEN_ERROR_SIZE];
    struct gen_chain *c;
    if (gen_chain_new(&c, config, error) != 0)
        fail_msg("%s", error);
    return c;
}

static const struct devnode_chain *load(const struct gen_chain *c)
{
    char error[DEVNODE_ERROR_SIZE];
    struct devnode_chain *out;
    if (devnode_chain_load_memory(&out, "generated", c->files, error) != 0)
        fail_msg("%s", error);
    return out;
}

static void make_world(struct liar_world *w, uint64_t seed)
{
    struct gen_config config = {
        .seed = seed,
        .network = "regtest",
        .options = OPTIONS,
        .tip = TIP,
        .spacing_s = 150,
        .most_transactions = 5,
        .masternodes = 11,
        .evo = 4,
        .ext_height = seed % 2 ? 180 : 0,
        .register_rate = 3000,
        .remove_rate = 300,
        .ban_rate = 900,
        .key_change_rate = 500,
        .service_change_rate = 500,
        .address_reuse_rate = 4000,
        .dkg_failure_rate = 700,
        .invalid_member_rate = 500,
        .silent_member_rate = 500,
        .chainlock_rate = 9500,
        .instantlock_rate = 4000,
    };
    w->truth = generate(&config);
    config.fork_above = FORK;
    config.fork_seed = seed + 1000;
    config.fork_unlocked = true;
    config.tip = STALE_TIP;
    w->stale = generate(&config);
    config.seed = seed + 2000;
    config.fork_above = 0;
    config.chainlock_rate = 0;
    config.tip = FOREIGN_TIP;
    w->foreign = generate(&config);
    w->chain = load(w->truth);
    w->stale_chain = load(w->stale);
    w->foreign_chain = load(w->foreign);
}

const struct liar_world *stage_world(uint64_t seed)
{
    static struct liar_world worlds[WORLDS];
    struct liar_world *w = &worlds[seed % WORLDS];
    if (!w->truth)
        make_world(w, seed % WORLDS + 1);
    return w;
}

/* Some worlds' clients know the blocks at these heights beforehand, so that they ask for the ranges between them. */
static void give_checkpoints(struct stage *s)
{
    static struct checkpoint checkpoints[WORLDS][FORK / APART];
    struct chain_params *chain = &s->network.net.chain;
    size_t world = 0;
    while (stage_world(world) != s->world)
        world++;
    for (int32_t i = 0; i < FORK / APART; i++) {
        int32_t at = (i + 1) * APART;
        checkpoints[world][i] = (struct checkpoint){at, *devnode_chain_hash(s->world->chain, at)};
    }
    chain->checkpoints = checkpoints[world];
    chain->n_checkpoints = world % 2 ? 0 : FORK / APART;
}

/* ---- what the client claims */

static const struct mnstate *truth_of(const struct stage *s, const struct mnstate *ours)
{
    const struct gen_chain *chains[] = {s->world->truth, s->world->stale, s->world->foreign};
    for (size_t i = 0; i < 3; i++) {
        const struct mnstate *t = ours->height <= chains[i]->tip ? chains[i]->states[ours->height] : NULL;
        if (t && block_hash_eq(&t->block, &ours->block))
            return t;
    }
    return NULL;
}

/* A list is the one some chain has for its block, entry for entry. */
static void check_list(const struct stage *s, const struct mnstate *ours)
{
    const struct mnstate *t = truth_of(s, ours);
    struct mnlist_iterator a, b;
    const struct masternode *x, *y;
    assert_non_null(t);
    assert_int_equal(mnlist_count(ours->list), mnlist_count(t->list));
    mnlist_begin(ours->list, &a);
    mnlist_begin(t->list, &b);
    while ((x = mnlist_next(&a)) && (y = mnlist_next(&b)))
        assert_true(masternode_eq(x, y));
    assert_int_equal(ours->quorums->n, t->quorums->n);
    for (uint32_t i = 0; i < ours->quorums->n; i++)
        assert_true(hash256_eq(&ours->quorums->items[i]->leaf, &t->quorums->items[i]->leaf));
}

static bool was_mined(const struct gen_chain *c, const hash256 *leaf)
{
    for (size_t i = 0; i < c->n_quorums; i++)
        if (hash256_eq(&c->quorums[i].leaf, leaf))
            return !c->quorums[i].forged;
    return false;
}

static void check_claims(struct stage *s)
{
    struct engine *e = client_engine(s->client);
    for (size_t i = 0; i < engine_list_count(e); i++)
        check_list(s, engine_list_at(e, i));
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view v;
        engine_quorum_at(e, i, &v);
        if (v.status == QUORUM_VERIFIED)
            assert_true(was_mined(s->world->truth, &v.quorum->leaf) || was_mined(s->world->stale, &v.quorum->leaf) ||
                        was_mined(s->world->foreign, &v.quorum->leaf));
    }
}

static bool locked(const struct devnode_chain *c, enum devnode_lock_kind kind, const uint8_t hash[32])
{
    for (size_t i = 0; i < c->n_locks; i++) {
        struct clsig cl;
        struct isdlock is;
        dspv_fault fault;
        const struct span *p = &c->locks[i].payload;
        if (c->locks[i].kind != kind)
            continue;
        if (kind == DEVNODE_CLSIG && clsig_decode(p->p, p->n, &cl, &fault) == 0 && memcmp(cl.block.b, hash, 32) == 0)
            return true;
        if (kind == DEVNODE_ISDLOCK && isdlock_decode(p->p, p->n, &is, &fault) == 0 && memcmp(is.txid.b, hash, 32) == 0)
            return true;
    }
    return false;
}

/* Foreign InstantSend locks are real where they come from; a false one is in no chain. */
static void check_lock(const struct stage *s, enum devnode_lock_kind kind, const uint8_t hash[32])
{
    const struct liar_world *w = s->world;
    assert_true(locked(w->chain, kind, hash) || locked(w->stale_chain, kind, hash) || locked(w->foreign_chain, kind, hash));
}

/* ---- nodes */

struct stage_packet {
    struct stage_packet *next;
    dspv_ms due;
    bool close; /* the node hangs up */
    size_t n;
    uint8_t bytes[];
};

static void put(struct stage *s, struct stage_node *n, const uint8_t *bytes, size_t size, bool close)
{
    struct stage_packet *p = malloc(sizeof(*p) + size), **end = &n->pipe;
    assert_non_null(p);
    if (n->out_until < s->now)
        n->out_until = s->now;
    *p = (struct stage_packet){.due = n->out_until + LATENCY_MS, .close = close, .n = size};
    if (size > 0)
        memcpy(p->bytes, bytes, size);
    while (*end)
        end = &(*end)->next;
    *end = p;
}

static void forget(struct stage_node *n)
{
    devnode_peer_free(n->peer);
    n->peer = NULL;
    n->conn = 0;
    n->hanging_up = false;
    while (n->pipe) {
        struct stage_packet *p = n->pipe;
        n->pipe = p->next;
        free(p);
    }
}

static void carry_out(struct stage *s, struct stage_node *n, struct liar_output *out)
{
    assert_false(out->bytes.failed);
    assert_true(out->bytes.n < (40 << 20)); /* no endless streams */
    if (n->out_until < s->now)
        n->out_until = s->now;
    if (out->stall_ms > 0)
        n->out_until += out->stall_ms;
    size_t at_once = n->liar.kind->bytes_at_once;
    if (at_once == 0 && out->bytes.n > 0)
        put(s, n, out->bytes.data, out->bytes.n, false);
    for (size_t i = 0; at_once > 0 && i < out->bytes.n; i += at_once) {
        put(s, n, out->bytes.data + i, out->bytes.n - i < at_once ? out->bytes.n - i : at_once, false);
        n->out_until += n->liar.kind->delivery_ms;
    }
    if (out->hang_up && !n->hanging_up) {
        n->hanging_up = true;
        put(s, n, NULL, 0, true);
    }
    writer_free(&out->bytes);
}

static struct liar_output begin(struct stage *s, struct stage_node *n)
{
    struct liar_output out = {0};
    n->liar.tip = s->tip < n->chain->tip ? s->tip : n->chain->tip;
    n->liar.protocol = n->peer ? devnode_peer_protocol(n->peer) : 0;
    writer_init(&out.bytes);
    return out;
}

/* Put on its way what the peer says. */
static void collect(struct stage *s, struct stage_node *n)
{
    struct span said = devnode_peer_output(n->peer);
    if (n->hanging_up)
        return;
    if (said.n > 0 && (!n->lies || (!n->liar.kind->said && n->liar.kind->bytes_at_once == 0))) {
        put(s, n, said.p, said.n, false);
    } else {
        for (size_t i = 0; i < said.n;) {
            struct liar_message m;
            struct liar_output out = begin(s, n);
            i += liar_message_at(said.p + i, &m);
            if (n->liar.kind->said)
                n->liar.kind->said(&n->liar, &m, &out);
            else
                liar_pass(&out, &n->liar, &m);
            carry_out(s, n, &out);
        }
    }
    devnode_peer_taken(n->peer, said.n);
    if (devnode_peer_closed(n->peer) && !n->hanging_up) {
        n->hanging_up = true;
        put(s, n, NULL, 0, true);
    }
}

static void hear(struct stage *s, struct stage_node *n, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size && !n->hanging_up;) {
        struct liar_message m;
        size_t whole = liar_message_at(bytes + i, &m);
        bool passes = true;
        if (n->lies && n->liar.kind->heard) {
            struct liar_output out = begin(s, n);
            passes = n->liar.kind->heard(&n->liar, &m, &out);
            carry_out(s, n, &out);
        }
        if (passes)
            assert_int_equal(devnode_peer_input(n->peer, bytes + i, whole), 0);
        collect(s, n);
        i += whole;
    }
}

/* ---- the client */

static void on_connect(struct stage *s, const dspv_out *o)
{
    struct stage_node *n = &s->nodes[o->addr.ip[15] - 1];
    struct devnode_options options = devnode_options_default();
    dspv_conn conn = o->conn;
    assert_null(n->peer);
    n->out_until = s->now;
    int32_t tip = s->tip < n->chain->tip ? s->tip : n->chain->tip;
    assert_int_equal(devnode_peer_new(&n->peer, n->chain, &options, tip, s->now / 1000, 77 + n->connections), 0);
    n->conn = conn;
    n->connections++;
    n->liar.connections++;
    n->tick_at = s->now + TICK_MS;
    assert_int_equal(dspv_in_connected(s->client, conn, s->now), 0);
    if (n->lies && n->liar.kind->connected) {
        struct liar_output out = begin(s, n);
        n->liar.kind->connected(&n->liar, &out);
        carry_out(s, n, &out);
    }
}

static struct stage_node *node_of(struct stage *s, dspv_conn conn)
{
    for (size_t i = 0; i < STAGE_NODES; i++)
        if (s->nodes[i].conn == conn && conn != 0)
            return &s->nodes[i];
    return NULL;
}

static void on_event(struct stage *s, const dspv_event *e)
{
    struct stage_node *n = node_of(s, e->conn);
    if (getenv("STAGE_VERBOSE"))
        printf("%lld event %d conn %u phase %d height %d %s %s\n", (long long)s->now, e->kind, e->conn, e->phase, e->height,
               dspv_reason_name(e->reason), e->text);
    if (e->kind == DSPV_EVENT_REFUSED && n)
        n->refused[e->reason]++;
    if (e->kind == DSPV_EVENT_PHASE && e->phase == DSPV_PHASE_SYNCED) {
        s->synced++;
        check_claims(s);
    }
    if (e->kind == DSPV_EVENT_CHAINLOCK) {
        s->chainlocks++;
        check_lock(s, DEVNODE_CLSIG, e->hash);
    }
    if (e->kind == DSPV_EVENT_INSTANTLOCK) {
        s->instantlocks++;
        check_lock(s, DEVNODE_ISDLOCK, e->hash);
    }
}

static void on_close(struct stage *s, const dspv_out *o)
{
    struct stage_node *n = node_of(s, o->conn);
    if (!n)
        return;
    n->closed[o->reason]++;
    forget(n);
}

static bool drain(struct stage *s)
{
    dspv_out o;
    bool any = false;
    while (dspv_next(s->client, &o)) {
        struct stage_node *n = node_of(s, o.conn);
        any = true;
        switch (o.kind) {
        case DSPV_OUT_CONNECT: on_connect(s, &o); break;
        case DSPV_OUT_SEND:
            if (n)
                hear(s, n, o.data, o.n);
            break;
        case DSPV_OUT_CLOSE: on_close(s, &o); break;
        case DSPV_OUT_JOB:
            assert_int_equal(dspv_job_run(o.job), 0);
            assert_int_equal(dspv_in_job_done(s->client, o.job, s->now), 0);
            break;
        case DSPV_OUT_EVENT: on_event(s, &o.event); break;
        case DSPV_OUT_RESOLVE:
        case DSPV_OUT_LOOKUP: fail_msg("a look-up"); break;
        }
    }
    return any;
}

/* ---- time */

static bool deliver(struct stage *s, struct stage_node *n)
{
    bool any = false;
    while (n->pipe && n->pipe->due <= s->now) {
        struct stage_packet *p = n->pipe;
        dspv_conn conn = n->conn;
        n->pipe = p->next;
        any = true;
        if (p->close) {
            forget(n);
            assert_int_equal(dspv_in_closed(s->client, conn, s->now), 0);
        } else {
            s->inputs++;
            s->received += p->n;
            assert_int_equal(dspv_in_bytes(s->client, conn, p->bytes, p->n, s->now), 0);
        }
        free(p);
        drain(s);
    }
    return any;
}

static bool tick(struct stage *s, struct stage_node *n)
{
    if (!n->peer || !n->lies || !n->liar.kind->tick || n->tick_at > s->now)
        return false;
    n->tick_at = s->now + TICK_MS;
    if (!n->hanging_up) {
        struct liar_output out = begin(s, n);
        n->liar.kind->tick(&n->liar, &out);
        carry_out(s, n, &out);
    }
    return true;
}

static dspv_ms next_moment(const struct stage *s)
{
    dspv_ms next = dspv_deadline(s->client);
    for (size_t i = 0; i < STAGE_NODES; i++) {
        const struct stage_node *n = &s->nodes[i];
        if (n->pipe && n->pipe->due < next)
            next = n->pipe->due;
        if (n->peer && n->lies && n->liar.kind->tick && n->tick_at < next)
            next = n->tick_at;
    }
    return next;
}

static bool at_tip(const struct stage *s)
{
    dspv_progress p;
    dspv_get_progress(s->client, &p);
    return p.phase == DSPV_PHASE_SYNCED && p.list_height == s->tip && p.header_height == s->tip;
}

static bool run(struct stage *s, dspv_ms ms, bool until_tip)
{
    dspv_ms end = s->now + ms;
    for (unsigned steps = 0;; steps++) {
        bool moved = drain(s);
        assert_true(steps < 400000); /* busy without getting anywhere */
        for (size_t i = 0; i < STAGE_NODES; i++) {
            if (s->nodes[i].peer)
                collect(s, &s->nodes[i]);
            moved = deliver(s, &s->nodes[i]) || moved;
            moved = tick(s, &s->nodes[i]) || moved;
        }
        if (until_tip && at_tip(s))
            return true;
        if (moved)
            continue;
        dspv_ms next = next_moment(s);
        if (next > end)
            break;
        s->now = next > s->now ? next : s->now + 1;
        assert_int_equal(dspv_in_tick(s->client, s->now), 0);
    }
    s->now = end;
    assert_int_equal(dspv_in_tick(s->client, s->now), 0);
    drain(s);
    return false;
}

void stage_run(struct stage *s, dspv_ms ms)
{
    run(s, ms, false);
    check_claims(s);
}

bool stage_run_until_tip(struct stage *s, dspv_ms ms)
{
    bool there = run(s, ms, true);
    check_claims(s);
    return there;
}

void stage_grow(struct stage *s, int32_t tip)
{
    s->tip = tip;
    for (size_t i = 0; i < STAGE_NODES; i++) {
        struct stage_node *n = &s->nodes[i];
        int32_t served = tip < n->chain->tip ? tip : n->chain->tip;
        if (!n->peer)
            continue;
        assert_int_equal(devnode_peer_grow(n->peer, served), 0);
        collect(s, n);
    }
}

/* ---- life */

static void add(struct stage *s, size_t node)
{
    dspv_addr addr = {.port = 19899};
    addr.ip[10] = addr.ip[11] = 0xff;
    addr.ip[12] = 127;
    addr.ip[15] = (uint8_t)(node + 1);
    assert_int_equal(dspv_add_peer(s->client, &addr, s->now), 0);
}

void stage_help(struct stage *s)
{
    add(s, STAGE_HONEST);
}

void stage_open(struct stage *s, const struct liar_world *world, const struct liar_kind *kind, uint64_t seed, bool alone)
{
    uint8_t bytes[32] = {0};
    *s = (struct stage){.world = world, .tip = TIP - 12};
    s->network.net = world->truth->network;
    give_checkpoints(s);
    store_le64(bytes, seed);
    s->nodes[STAGE_LIAR] = (struct stage_node){.chain = kind->chain == LIAR_STALE_CHAIN     ? world->stale_chain
                                                        : kind->chain == LIAR_FOREIGN_CHAIN ? world->foreign_chain
                                                                                            : world->chain,
                                               .lies = true,
                                               .liar = {.kind = kind, .world = world}};
    rng_init(&s->nodes[STAGE_LIAR].liar.rng, bytes);
    s->nodes[STAGE_HONEST] = (struct stage_node){.chain = world->chain};
    struct header last = header_parse(devnode_chain_header(world->chain, world->chain->tip));
    s->now = (dspv_ms)last.time * 1000 + 60000;
    bytes[31] = 1;
    assert_int_equal(dspv_new(&s->client, &s->network, NULL, NULL, bytes, s->now), 0);
    add(s, STAGE_LIAR);
    if (!alone)
        stage_help(s);
}

void stage_close(struct stage *s)
{
    dspv_free(s->client);
    s->client = NULL;
    for (size_t i = 0; i < STAGE_NODES; i++)
        forget(&s->nodes[i]);
}
