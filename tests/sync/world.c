/* See world.h. */
#include "sync/world.h"

#include "base/mem.h"
#include "crypto/sha256.h"

const struct devnode_chain *world_chain(const char *fixture)
{
    static struct {
        char name[16];
        struct devnode_chain *chain;
    } loaded[3];
    char error[DEVNODE_ERROR_SIZE];
    for (size_t i = 0; i < 3; i++) {
        if (loaded[i].chain && strcmp(loaded[i].name, fixture) == 0)
            return loaded[i].chain;
        if (loaded[i].chain)
            continue;
        snprintf(loaded[i].name, sizeof(loaded[i].name), "%s", fixture);
        if (devnode_chain_load(&loaded[i].chain, fixture_path(fixture), error) != 0)
            fail_msg("%s", error);
        return loaded[i].chain;
    }
    fail_msg("too many fixtures");
    return NULL;
}

/* The network through the public functions, from the options in the fixture's chain.json. */
static dspv_network *make_network(const char *fixture)
{
    char path[64], option[64];
    dspv_network *net;
    snprintf(path, sizeof(path), "%s/chain.json", fixture);
    json_t *json = fixture_json(path), *item;
    size_t i;
    assert_int_equal(dspv_network_new(&net, json_text(json, "network")), 0);
    json_array_foreach(json_object_get(json, "options"), i, item) {
        const char *text = json_string_value(item), *equals = strchr(text, '=');
        snprintf(option, sizeof(option), "%.*s", (int)(equals - text - 1), text + 1);
        if (strcmp(option, "vbparams") != 0)
            assert_null(dspv_network_override(net, option, equals + 1));
    }
    json_decref(json);
    assert_null(dspv_network_check(net));
    return net;
}

void world_init(struct world *w, const char *fixture, int32_t tip)
{
    *w = (struct world){0};
    w->chain = world_chain(fixture);
    w->options = devnode_options_default();
    dspv_config_init(&w->config);
    w->tip = tip;
    w->chunk = 1000;
    w->chainlock = -1;
    struct header last = header_parse(devnode_chain_header(w->chain, w->chain->tip));
    w->now = (dspv_ms)last.time * 1000 + 60000;
    snprintf(w->fixture, sizeof(w->fixture), "%s", fixture);
}

void world_start(struct world *w, uint8_t seed_byte)
{
    uint8_t seed[32];
    dspv_addr addr = {.port = 19899};
    dspv_network *net = make_network(w->fixture);
    memset(seed, seed_byte, sizeof(seed));
    addr.ip[10] = addr.ip[11] = 0xff;
    addr.ip[12] = 127;
    addr.ip[15] = 1;
    assert_int_equal(dspv_new(&w->client, net, &w->config, seed, w->now), 0);
    dspv_network_free(net);
    assert_int_equal(dspv_add_peer(w->client, &addr, w->now), 0);
}

void world_free(struct world *w)
{
    dspv_free(w->client);
    devnode_peer_free(w->peer);
    w->client = NULL;
    w->peer = NULL;
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
    assert_memory_equal(s->block.b, devnode_chain_hash(w->chain, tip)->b, 32);
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
    json_array_foreach(json, i, at) {
        if (json_int(at, "height") != tip)
            continue;
        const char *type_name, *hex;
        json_t *of_type, *quorum;
        json_object_foreach(json_object_get(at, "quorums"), type_name, of_type) {
            json_object_foreach(of_type, hex, quorum) {
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
        json_object_foreach(json_object_get(at, "quorum_list_active"), name, active) {
            size_t k;
            json_t *item;
            json_array_foreach(active, k, item) {
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
    assert_true(rc == 0 || (failed && rc == DSPV_ENOMEM));
    w->out_of_memory += rc != 0;
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
    if (e->kind == DSPV_EVENT_REFUSED)
        w->refused[e->reason]++;
    if (e->kind == DSPV_EVENT_PHASE && e->phase == DSPV_PHASE_SYNCED)
        w->synced++;
    if (e->kind == DSPV_EVENT_PHASE && e->phase == DSPV_PHASE_DEGRADED)
        w->degraded++;
    if (e->kind == DSPV_EVENT_CHAINLOCK && e->height > w->chainlock)
        w->chainlock = e->height;
}

static void count_commands(struct world *w, const uint8_t *data, size_t n)
{
    for (size_t i = 0; i + FRAME_HEADER_SIZE <= n; i += FRAME_HEADER_SIZE + load_le32(data + i + 16))
        w->commands[wire_command_find(data + i + 4)]++;
}

static void on_send(struct world *w, const dspv_out *out)
{
    uint8_t both[64];
    memcpy(both, w->digest, 32);
    sha256(both + 32, out->data, out->n);
    sha256(w->digest, both, sizeof(both));
    count_commands(w, out->data, out->n);
    if (w->peer && out->conn == w->conn)
        assert_int_equal(devnode_peer_input(w->peer, out->data, out->n), 0);
}

static void hang_up(struct world *w)
{
    devnode_peer_free(w->peer);
    w->peer = NULL;
}

/* Do all the client wants; true when it wanted anything. */
static bool drain(struct world *w)
{
    dspv_out out;
    bool any = false;
    while (output(w, &out)) {
        any = true;
        switch (out.kind) {
        case DSPV_OUT_CONNECT:
            assert_null(w->peer);
            assert_int_equal(devnode_peer_new(&w->peer, w->chain, &w->options, w->tip, w->now / 1000, 4711 + w->connections),
                             0);
            w->connections++;
            w->conn = out.conn;
            input_connected(w, out.conn);
            break;
        case DSPV_OUT_SEND: on_send(w, &out); break;
        case DSPV_OUT_CLOSE: hang_up(w); break;
        case DSPV_OUT_JOB:
            input_job(w, out.job);
            break;
        case DSPV_OUT_EVENT: on_event(w, &out.event); break;
        }
    }
    world_check_honest(w);
    return any;
}

/* ---- what the peer says */

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
        frame_write(out, w->chain->network.chain.magic, wire_command_find(said->p + i + 4), payload, shorter);
        free(payload);
        i += FRAME_HEADER_SIZE + n;
    }
}

/* Deliver what the peer says; true when it said anything. */
static bool deliver(struct world *w)
{
    struct writer copy;
    if (!w->peer)
        return false;
    struct span said = devnode_peer_output(w->peer);
    bool closed = devnode_peer_closed(w->peer);
    writer_init(&copy);
    if (w->tamper)
        tamper_all(w, &said, &copy);
    else
        writer_span(&copy, said);
    devnode_peer_taken(w->peer, said.n);
    dspv_conn conn = w->conn;
    for (size_t i = 0; i < copy.n; i += w->chunk) {
        size_t n = copy.n - i < w->chunk ? copy.n - i : w->chunk;
        input_bytes(w, conn, copy.data + i, n);
        drain(w);
    }
    bool any = copy.n > 0 || closed;
    writer_free(&copy);
    if (closed && w->peer && w->conn == conn) {
        hang_up(w);
        input_closed(w, conn);
    }
    return any;
}

/* ---- time */

static bool run(struct world *w, dspv_ms ms, bool until_synced)
{
    dspv_ms end = w->now + ms;
    for (unsigned steps = 0;; steps++) {
        assert_true(steps < 200000); /* the client is busy without getting anywhere */
        bool moved = drain(w);
        moved = deliver(w) || moved;
        if (until_synced && world_phase(w) == DSPV_PHASE_SYNCED)
            return true;
        if (moved)
            continue;
        dspv_ms next = dspv_deadline(w->client);
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

void world_grow(struct world *w, int32_t tip)
{
    w->tip = tip;
    if (w->peer)
        assert_int_equal(devnode_peer_grow(w->peer, tip), 0);
}
