/* See world.h. */
#include "sync/world.h"

#include "base/mem.h"
#include "crypto/sha256.h"

/* The network through the public functions, from the options in the fixture's chain.json. */
static dspv_network *make_network(const struct world *w)
{
    const char *fixture = w->fixture;
    char path[64], option[64];
    dspv_network *net;
    if (fixture[0] == 0) {
        assert_int_equal(dspv_network_new(&net, "regtest"), 0);
        net->net = w->chain->network;
        return net;
    }
    snprintf(path, sizeof(path), "%s/chain.json", fixture);
    json_t *json = fixture_json(path), *item;
    size_t i;
    assert_int_equal(dspv_network_new(&net, json_text(json, "network")), 0);
    json_array_foreach(json_object_get(json, "options"), i, item)
    {
        const char *text = json_string_value(item), *equals = strchr(text, '=');
        snprintf(option, sizeof(option), "%.*s", (int)(equals - text - 1), text + 1);
        if (strcmp(option, "vbparams") != 0)
            assert_null(dspv_network_override(net, option, equals + 1));
    }
    json_decref(json);
    assert_null(dspv_network_check(net));
    return net;
}

void world_init_chain(struct world *w, const struct devnode_chain *chain, int32_t tip)
{
    *w = (struct world){0};
    w->chain = chain;
    w->options = devnode_options_default();
    dspv_config_init(&w->config);
    w->tip = tip;
    w->chunk = 1000;
    w->chainlock = -1;
    struct header last = header_parse(devnode_chain_header(w->chain, w->chain->tip));
    w->now = (dspv_ms)last.time * 1000 + 60000;
}

void world_init(struct world *w, const char *fixture, int32_t tip)
{
    world_init_chain(w, fixture_chain(fixture), tip);
    snprintf(w->fixture, sizeof(w->fixture), "%s", fixture);
}

struct world_peer *world_add(struct world *w)
{
    assert_true(w->n_peers < WORLD_MOST_PEERS);
    struct world_peer *p = &w->peers[w->n_peers++];
    *p = (struct world_peer){.chain = w->chain, .options = w->options, .addr = {.port = 19899}};
    p->addr.ip[10] = p->addr.ip[11] = 0xff;
    p->addr.ip[12] = 127;
    p->addr.ip[15] = (uint8_t)w->n_peers;
    return p;
}

void world_start(struct world *w, uint8_t seed_byte)
{
    uint8_t seed[32];
    if (w->n_peers == 0)
        world_add(w);
    dspv_network *net = make_network(w);
    net->net.chain.dns_seed = w->dns_seed;
    net->net.chain.fixed_seeds = w->fixed_seeds;
    net->net.chain.n_fixed_seeds = w->n_fixed_seeds;
    memset(seed, seed_byte, sizeof(seed));
    assert_int_equal(dspv_new(&w->client, net, &w->config, w->store, seed, w->now), 0);
    dspv_network_free(net);
    for (size_t i = 0; i < w->n_peers; i++)
        if (!w->peers[i].unnamed)
            assert_int_equal(dspv_add_peer(w->client, &w->peers[i].addr, w->now), 0);
}

/* ---- connections */

/* Bytes on their way. */
struct world_packet {
    struct world_packet *next;
    dspv_ms due;
    size_t n;
    uint8_t bytes[];
};

static void drop_packet(struct world_peer *p)
{
    struct world_packet *first = p->pipe;
    p->pipe = first->next;
    free(first);
}

static void hang_up(struct world_peer *p)
{
    devnode_peer_free(p->node);
    p->node = NULL;
    while (p->pipe)
        drop_packet(p);
}

/* The highest block it serves. */
static int32_t served(const struct world *w, const struct world_peer *p)
{
    int32_t tip = w->tip - p->behind;
    return tip < p->chain->tip ? tip : p->chain->tip;
}

static struct world_peer *peer_of(struct world *w, dspv_conn conn)
{
    for (size_t i = 0; i < w->n_peers; i++)
        if (w->peers[i].node && w->peers[i].conn == conn)
            return &w->peers[i];
    return NULL;
}

void world_free(struct world *w)
{
    dspv_free(w->client);
    for (size_t i = 0; i < w->n_peers; i++)
        hang_up(&w->peers[i]);
    w->client = NULL;
}

dspv_phase world_phase(const struct world *w)
{
    return world_progress(w).phase;
}

dspv_progress world_progress(const struct world *w)
{
    dspv_progress p;
    dspv_get_progress(w->client, &p);
    return p;
}

static bool holds(const struct devnode_chain *chain, int32_t height, const block_hash *hash)
{
    return chain && height <= chain->tip && block_hash_eq(hash, devnode_chain_hash(chain, height));
}

void world_check_honest(struct world *w)
{
    struct engine *e = client_engine(w->client);
    int32_t tip = headers_tip_height(client_headers(w->client));
    struct needs needs;
    if (world_phase(w) != DSPV_PHASE_SYNCED || !w->config.masternodes || tip < w->chain->network.chain.active.dip0003)
        return;
    assert_int_equal(engine_discover(e, tip, &needs), 0);
    assert_int_equal(needs.n, 0);
    assert_int_equal(needs.verified, needs.wanted);
    needs_free(&needs);
    const struct mnstate *s = engine_list(e, tip);
    assert_non_null(s);
    bool served_by_any = false;
    for (size_t i = 0; i < w->n_peers; i++)
        served_by_any |= holds(w->peers[i].chain, tip, &s->block) || holds(w->peers[i].before, tip, &s->block);
    assert_true(served_by_any);
}

/* ---- Dash Core's answers */

/* Dash Core prints keys in the basic encoding, whatever the commitment uses. */
static void check_key(const struct commitment *c, const uint8_t expected[48])
{
    bls_key key;
    uint8_t basic[48];
    assert_true(bls_key_decode(&key, c->public_key, commitment_is_legacy(c) ? BLS_LEGACY : BLS_BASIC));
    bls_key_encode(basic, &key, BLS_BASIC);
    assert_memory_equal(basic, expected, 48);
}

/* Dash Core's active quorums at the tip: each must be verified, with that public key. Returns how many. */
unsigned world_check_oracle(struct world *w)
{
    char path[64];
    unsigned checked = 0;
    int32_t tip = headers_tip_height(client_headers(w->client));
    snprintf(path, sizeof(path), "%s/oracle.json", w->fixture);
    json_t *json = fixture_json(path), *at;
    size_t i;
    json_array_foreach(json, i, at)
    {
        if (json_int(at, "height") != tip)
            continue;
        const char *type_name, *hex;
        json_t *of_type, *quorum;
        json_object_foreach(json_object_get(at, "quorums"), type_name, of_type)
        {
            json_object_foreach(of_type, hex, quorum)
            {
                const struct llmq_params *p = llmq_params_by_name(type_name);
                quorum_hash hash;
                struct quorum_view v;
                assert_non_null(p);
                assert_true(hash_from_hex(hex, hash.b));
                if (!engine_quorum(client_engine(w->client), p->type, &hash, &v) || v.last_seen != tip)
                    continue; /* kept by the node, but no longer active */
                struct bytes key = json_hex(quorum, "quorumPublicKey");
                assert_int_equal(v.status, QUORUM_VERIFIED);
                assert_int_equal(v.base_height, json_int(quorum, "height"));
                check_key(&v.quorum->c, key.p);
                free(key.p);
                checked++;
            }
        }
        const char *name;
        json_t *active;
        json_object_foreach(json_object_get(at, "quorum_list_active"), name, active)
        {
            size_t k;
            json_t *item;
            json_array_foreach(active, k, item)
            {
                const char *text = json_is_string(item) ? json_string_value(item) : json_text(item, "quorumHash");
                quorum_hash hash;
                struct quorum_view v;
                assert_true(hash_from_hex(text, hash.b));
                assert_true(engine_quorum(client_engine(w->client), llmq_params_by_name(name)->type, &hash, &v));
                assert_int_equal(v.status, QUORUM_VERIFIED);
                checked++;
            }
        }
    }
    json_decref(json);
    return checked;
}

/* ---- inputs; only their allocations may be made to fail */

/* After an input: the allocations it made bring the failure nearer. */
static void settle(struct world *w, int rc)
{
    size_t made = mem_fail_after(0);
    bool failed = w->fail_after > 0 && made >= w->fail_after;
    if (w->fail_after > 0)
        w->fail_after = failed ? 0 : w->fail_after - made;
    assert_true(rc == 0 || (failed && rc == DSPV_ENOMEM) || (w->store && rc == DSPV_ESTORE));
    w->out_of_memory += rc == DSPV_ENOMEM;
    w->store_failed += rc == DSPV_ESTORE;
}

static void input_bytes(struct world *w, dspv_conn conn, const uint8_t *p, size_t n)
{
    mem_fail_after(w->fail_after);
    settle(w, dspv_in_bytes(w->client, conn, p, n, w->now));
}
static void input_connected(struct world *w, dspv_conn conn)
{
    mem_fail_after(w->fail_after);
    settle(w, dspv_in_connected(w->client, conn, w->now));
}
static void input_closed(struct world *w, dspv_conn conn)
{
    mem_fail_after(w->fail_after);
    settle(w, dspv_in_closed(w->client, conn, w->now));
}
static void input_tick(struct world *w)
{
    mem_fail_after(w->fail_after);
    settle(w, dspv_in_tick(w->client, w->now));
}
static void input_job(struct world *w, dspv_job *job)
{
    mem_fail_after(w->fail_after);
    settle(w, dspv_job_run(job));
    mem_fail_after(w->fail_after);
    settle(w, dspv_in_job_done(w->client, job, w->now));
}
static bool output(struct world *w, dspv_out *out)
{
    mem_fail_after(w->fail_after);
    bool any = dspv_next(w->client, out);
    settle(w, 0);
    return any;
}

/* ---- what the client wants */

static void on_event(struct world *w, const dspv_event *e)
{
    w->events[e->kind]++;
    if (getenv("WORLD_VERBOSE"))
        printf("%lld event %d phase %d height %d %s %s\n", (long long)w->now, e->kind, e->phase, e->height,
               dspv_reason_name(e->reason), e->text);
    if (w->on_told)
        w->on_told(w, e);
    if (e->kind == DSPV_EVENT_REFUSED)
        w->refused[e->reason]++;
    if (e->kind == DSPV_EVENT_PHASE && e->phase == DSPV_PHASE_SYNCED)
        w->synced++;
    if (e->kind == DSPV_EVENT_PHASE && e->phase == DSPV_PHASE_DEGRADED)
        w->degraded++;
    if (e->kind == DSPV_EVENT_CHAINLOCK && e->height > w->chainlock)
        w->chainlock = e->height;
}

static void push_packet(const struct world *w, struct world_peer *p, const uint8_t *bytes, size_t n)
{
    struct world_packet *packet = malloc(sizeof(*packet) + n), **end = &p->pipe;
    assert_non_null(packet);
    *packet = (struct world_packet){.due = w->now + p->latency_ms, .n = n};
    if (n > 0)
        memcpy(packet->bytes, bytes, n);
    while (*end)
        end = &(*end)->next;
    *end = packet;
}

static void tell_gossip(const struct world *w, struct world_peer *p)
{
    struct writer payload, framed;
    writer_init(&payload);
    writer_init(&framed);
    addrv2_encode(&payload, p->gossip);
    frame_write(&framed, w->chain->network.chain.magic, WIRE_ADDRV2, payload.data, payload.n);
    push_packet(w, p, framed.data, framed.n);
    writer_free(&payload);
    writer_free(&framed);
}

static void count_commands(struct world *w, struct world_peer *p, const uint8_t *data, size_t n)
{
    for (size_t i = 0; i + FRAME_HEADER_SIZE <= n; i += FRAME_HEADER_SIZE + load_le32(data + i + 16)) {
        enum wire_command command = wire_command_find(data + i + 4);
        w->commands[command]++;
        if (w->on_message)
            w->on_message(w, p, command, (struct span){data + i + FRAME_HEADER_SIZE, load_le32(data + i + 16)});
        if (!p)
            continue;
        p->commands[command]++;
        if (command == WIRE_GETADDR && p->gossip)
            tell_gossip(w, p);
        p->unanswered += command == WIRE_GETMNLISTD;
        if (p->unanswered > p->most_unanswered)
            p->most_unanswered = p->unanswered;
    }
}

static void on_send(struct world *w, const dspv_out *out)
{
    struct world_peer *p = peer_of(w, out->conn);
    uint8_t both[64];
    memcpy(both, w->digest, 32);
    sha256(both + 32, out->data, out->n);
    sha256(w->digest, both, sizeof(both));
    count_commands(w, p, out->data, out->n);
    if (p)
        assert_int_equal(devnode_peer_input(p->node, out->data, out->n), 0);
}

static void on_connect(struct world *w, const dspv_out *out)
{
    struct world_peer *p = NULL;
    for (size_t i = 0; i < w->n_peers; i++)
        if (address_eq(&w->peers[i].addr, &out->addr))
            p = &w->peers[i];
    assert_true(p || w->config.discover);
    w->strangers += !p;
    assert_true(!p || !p->node);
    if (!p || p->unreachable) {
        input_closed(w, out->conn);
        return;
    }
    assert_int_equal(devnode_peer_new(&p->node, p->chain, &p->options, served(w, p), w->now / 1000, 4711 + w->connections), 0);
    w->connections++;
    p->connections++;
    p->conn = out->conn;
    p->delivered = p->unanswered = 0;
    input_connected(w, out->conn);
}

static void on_close(struct world *w, const dspv_out *out)
{
    struct world_peer *p = peer_of(w, out->conn);
    if (p)
        hang_up(p);
}

void world_break(struct world *w, struct world_peer *p)
{
    if (!p->node)
        return;
    hang_up(p);
    input_closed(w, p->conn);
}

static void on_job(struct world *w, dspv_job *job)
{
    if (w->keeps_header_jobs && job->kind == JOB_HEADERS) {
        assert_true(w->n_jobs < WORLD_MOST_JOBS);
        w->jobs[w->n_jobs++] = job;
    } else {
        input_job(w, job);
    }
}

void world_finish_job(struct world *w, size_t i, bool ran)
{
    dspv_job *job = w->jobs[i];
    w->n_jobs--;
    memmove(w->jobs + i, w->jobs + i + 1, (w->n_jobs - i) * sizeof(w->jobs[0]));
    if (ran)
        assert_int_equal(dspv_job_run(job), 0);
    assert_int_equal(dspv_in_job_done(w->client, job, w->now), 0);
}

/* Do all the client wants; true when it wanted anything. */
static bool drain(struct world *w)
{
    dspv_out out;
    bool any = false;
    while (output(w, &out)) {
        any = true;
        switch (out.kind) {
        case DSPV_OUT_CONNECT: on_connect(w, &out); break;
        case DSPV_OUT_SEND: on_send(w, &out); break;
        case DSPV_OUT_CLOSE: on_close(w, &out); break;
        case DSPV_OUT_JOB: on_job(w, out.job); break;
        case DSPV_OUT_EVENT: on_event(w, &out.event); break;
        case DSPV_OUT_RESOLVE:
            assert_non_null(w->resolve);
            w->resolve(w, &out);
            break;
        case DSPV_OUT_LOOKUP:
            assert_non_null(w->lookup); /* asked only when it was allowed */
            w->lookup(w, &out);
            break;
        }
    }
    world_check_honest(w);
    return any;
}

/* ---- what the peers say */

static void tamper_all(struct world *w, const struct span *said, struct writer *out)
{
    for (size_t i = 0; i + FRAME_HEADER_SIZE <= said->n;) {
        size_t n = load_le32(said->p + i + 16), shorter = n;
        uint8_t *payload = malloc(n + 1);
        char name[13] = {0};
        assert_non_null(payload);
        memcpy(name, said->p + i + 4, 12);
        memcpy(payload, said->p + i + FRAME_HEADER_SIZE, n);
        w->tamper(w, name, payload, &shorter);
        if (shorter != WORLD_DROPPED)
            frame_write(out, w->chain->network.chain.magic, wire_command_find(said->p + i + 4), payload, shorter);
        free(payload);
        i += FRAME_HEADER_SIZE + n;
    }
}

static void count_answers(struct world_peer *p, const uint8_t *said, size_t n)
{
    for (size_t i = 0; i + FRAME_HEADER_SIZE <= n; i += FRAME_HEADER_SIZE + load_le32(said + i + 16))
        if (wire_command_find(said + i + 4) == WIRE_MNLISTDIFF && p->unanswered > 0)
            p->unanswered--;
}

/* Put on its way what the peer says. */
static void collect(struct world *w, struct world_peer *p)
{
    struct writer copy;
    struct span said = devnode_peer_output(p->node);
    if (said.n == 0)
        return;
    writer_init(&copy);
    w->speaker = (size_t)(p - w->peers);
    if (w->tamper)
        tamper_all(w, &said, &copy);
    else
        writer_span(&copy, said);
    devnode_peer_taken(p->node, said.n);
    push_packet(w, p, copy.data, copy.n);
    writer_free(&copy);
}

/* Hand the client one packet. What comes after a CLOSE is handed over too: a driver may have read it already. */
static void deliver_packet(struct world *w, struct world_peer *p)
{
    struct world_packet *packet = p->pipe;
    dspv_conn conn = p->conn;
    size_t all = packet->n;
    bool breaks = p->breaks_after > 0 && p->delivered + all >= p->breaks_after;
    if (breaks)
        all = p->breaks_after - p->delivered;
    p->pipe = packet->next;
    p->delivered += all;
    count_answers(p, packet->bytes, packet->n);
    for (size_t i = 0; i < all; i += w->chunk) {
        input_bytes(w, conn, packet->bytes + i, all - i < w->chunk ? all - i : w->chunk);
        drain(w);
    }
    free(packet);
    if (breaks && p->node && p->conn == conn) {
        p->breaks_after = 0;
        world_break(w, p);
    }
}

/* Deliver what a peer said and what is due; true when it said anything. */
static bool deliver(struct world *w, struct world_peer *p)
{
    if (!p->node)
        return false;
    collect(w, p);
    bool closed = devnode_peer_closed(p->node), any = false;
    dspv_conn conn = p->conn;
    while (p->node && p->conn == conn && p->pipe && p->pipe->due <= w->now) {
        any = true;
        deliver_packet(w, p);
    }
    if (closed && p->node && p->conn == conn && !p->pipe) {
        any = true;
        world_break(w, p);
    }
    return any;
}

void world_say(struct world *w, const struct world_peer *p, enum wire_command command, const uint8_t *payload, size_t n)
{
    struct writer framed;
    writer_init(&framed);
    frame_write(&framed, w->chain->network.chain.magic, command, payload, n);
    input_bytes(w, p->conn, framed.data, framed.n);
    writer_free(&framed);
}

/* ---- time */

/* When something happens next. */
static dspv_ms next_moment(const struct world *w)
{
    dspv_ms next = dspv_deadline(w->client);
    for (size_t i = 0; i < w->n_peers; i++)
        if (w->peers[i].pipe && w->peers[i].pipe->due < next)
            next = w->peers[i].pipe->due;
    return next;
}

static bool run(struct world *w, dspv_ms ms, bool until_synced)
{
    dspv_ms end = w->now + ms;
    for (unsigned steps = 0;; steps++) {
        assert_true(steps < 200000); /* the client is busy without getting anywhere */
        bool moved = drain(w);
        for (size_t i = 0; i < w->n_peers; i++)
            moved = deliver(w, &w->peers[i]) || moved;
        if (until_synced && world_phase(w) == DSPV_PHASE_SYNCED)
            return true;
        if (moved)
            continue;
        dspv_ms next = next_moment(w);
        if (next > end)
            return false;
        w->now = next > w->now ? next : w->now + 1;
        input_tick(w);
    }
}

void world_run(struct world *w, dspv_ms ms)
{
    run(w, ms, false);
}

bool world_run_until_synced(struct world *w, dspv_ms ms)
{
    return run(w, ms, true);
}

bool world_run_until_tip(struct world *w, dspv_ms ms)
{
    dspv_ms end = w->now + ms;
    while (w->now < end) {
        if (world_phase(w) == DSPV_PHASE_SYNCED && headers_tip_height(client_headers(w->client)) == w->tip)
            return true;
        run(w, end - w->now < 1000 ? end - w->now : 1000, false);
        w->now++;
        input_tick(w);
    }
    return false;
}

void world_pass(struct world *w, dspv_ms ms)
{
    dspv_ms end = w->now + ms;
    world_run(w, ms);
    w->now = end;
    assert_int_equal(dspv_in_tick(w->client, end), 0);
    world_run(w, 0);
}

void world_grow(struct world *w, int32_t tip)
{
    w->tip = tip;
    for (size_t i = 0; i < w->n_peers; i++)
        if (w->peers[i].node)
            assert_int_equal(devnode_peer_grow(w->peers[i].node, served(w, &w->peers[i])), 0);
}

void world_switch(struct world *w, struct world_peer *p, const struct devnode_chain *chain)
{
    p->before = p->chain;
    p->chain = chain;
    if (p->node)
        assert_int_equal(devnode_peer_reorganise(p->node, chain, served(w, p)), 0);
}
