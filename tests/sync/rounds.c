/* See rounds.h. */
#include "sync/rounds.h"

#include "base/mem.h"

void round_world(struct world *w, const char *fixture, int32_t tip, size_t n)
{
    world_init(w, fixture, tip);
    for (size_t i = 0; i < n; i++)
        world_add(w);
}

void round_synced(struct world *w)
{
    dspv_progress p = world_progress(w);
    if (p.phase != DSPV_PHASE_SYNCED)
        fail_msg("%s, %s", dspv_phase_name(p.phase), dspv_reason_name(p.reason));
    assert_int_equal(p.list_height, w->tip);
    assert_int_equal(p.quorums_verified, p.quorums_wanted);
    assert_true(world_check_oracle(w) > 0);
}

unsigned round_refused(const struct world *w)
{
    unsigned n = 0;
    for (size_t r = 0; r < WORLD_REASONS; r++)
        n += w->refused[r];
    return n;
}

/* ---- a plan of our own, executed by a client that is synced */

/* Lists at `first`, first + 1, ..., each built on the one before, the first one on nothing. */
void round_plan_chain(struct world *w, int32_t first, size_t n)
{
    struct plan *p = &w->client->mn.plan;
    plan_free(p);
    p->qr_info_requests = mem_zalloc(sizeof(*p->qr_info_requests));
    p->mn_diff_requests = mem_zalloc(n * sizeof(*p->mn_diff_requests));
    p->n_mn_diff = n;
    for (size_t i = 0; i < n; i++) { /* newest first, as the planner does */
        int32_t height = first + (int32_t)(n - 1 - i);
        struct mn_diff_request *d = &p->mn_diff_requests[i];
        *d = (struct mn_diff_request){.base_height = height > first ? height - 1 : -1, .tip_height = height, .priority = height};
        d->tip = *devnode_chain_hash(w->chain, height);
        if (height > first)
            d->base = *devnode_chain_hash(w->chain, height - 1);
        assert_null(engine_list(client_engine(w->client), height));
    }
}

/* QRINFO about the blocks at these heights. */
void round_plan_qr_infos(struct world *w, const int32_t *heights, size_t n, bool extra_share)
{
    struct plan *p = &w->client->mn.plan;
    plan_free(p);
    p->qr_info_requests = mem_zalloc(n * sizeof(*p->qr_info_requests));
    p->mn_diff_requests = mem_zalloc(sizeof(*p->mn_diff_requests));
    p->n_qr_info = n;
    for (size_t i = 0; i < n; i++)
        p->qr_info_requests[i] =
            (struct qr_info_request){.tip_height = heights[i], .priority = heights[i], .extra_share = extra_share,
                                     .tip = *devnode_chain_hash(w->chain, heights[i])};
}

/* The client makes no plan of its own before round_release(). */
void round_execute(struct world *w)
{
    w->client->mn.retry_at = w->now + 1000 * ROUND_MINUTE;
    assert_int_equal(requests_start(w->client), 0);
    assert_int_equal(requests_send(w->client), 0);
}

void round_release(struct world *w)
{
    w->client->mn.retry_at = 0;
    w->client->mn.again = true;
}

void round_look(const struct world *w, struct round_seen *s)
{
    const struct dspv *c = w->client;
    size_t held = 0, bytes = 0, all = requests_in_flight(c, PLAN_MN_DIFF, NULL), qr = requests_in_flight(c, PLAN_QR_INFO, NULL);
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        const struct request *r = &c->mn.requests[i];
        held += r->state == REQUEST_HELD && r->waits_for == REQUEST_FOR_BASE;
        bytes += r->held_n;
        assert_int_equal(r->held_n > 0, r->state == REQUEST_HELD);
    }
    for (size_t i = 0; i < c->n_peers; i++) {
        size_t n = requests_in_flight(c, PLAN_MN_DIFF, c->peers[i]);
        s->in_flight_peer = n > s->in_flight_peer ? n : s->in_flight_peer;
        assert_true(requests_in_flight(c, PLAN_QR_INFO, c->peers[i]) <= 1);
    }
    s->in_flight = all > s->in_flight ? all : s->in_flight;
    s->held = held > s->held ? held : s->held;
    s->held_bytes = bytes > s->held_bytes ? bytes : s->held_bytes;
    s->qr_infos = qr > s->qr_infos ? qr : s->qr_infos;
    assert_true(bytes <= c->mn.most_held);
    assert_true(s->in_flight <= REQUEST_WINDOW_ALL && s->in_flight_peer <= REQUEST_WINDOW);
    assert_true(s->qr_infos <= c->config.qr_info_max_parallel);
}

/* Run until no request of the round is open; how long it took. */
dspv_ms round_run(struct world *w, struct round_seen *s, dspv_ms most)
{
    dspv_ms start = w->now;
    for (round_look(w, s); requests_any_open(w->client) && w->now < start + most; round_look(w, s)) {
        dspv_ms next = w->now + 10;
        world_run(w, 10);
        w->now = next > w->now ? next : w->now;
    }
    assert_false(requests_any_open(w->client));
    return w->now - start;
}

void round_lists(const struct world *w, int32_t first, size_t n)
{
    for (int32_t h = first; h < first + (int32_t)n; h++) {
        const struct mnstate *s = engine_list(client_engine(w->client), h);
        assert_non_null(s);
        assert_true(block_hash_eq(&s->block, devnode_chain_hash(w->chain, h)));
    }
}

/* `n` peers, synced, with this latency from now on. */
void round_ready(struct world *w, size_t n, dspv_ms latency_ms, uint8_t seed)
{
    round_world(w, "churn", ROUND_TIP, n);
    world_start(w, seed);
    assert_true(world_run_until_synced(w, ROUND_MINUTE));
    world_run(w, 1000);
    for (size_t i = 0; i < n; i++)
        w->peers[i].latency_ms = latency_ms;
    assert_int_equal(client_ready_peers(w->client), n);
}

unsigned round_asked(const struct world *w)
{
    return w->commands[WIRE_GETMNLISTD];
}

int32_t round_height_of(const struct world *w, const uint8_t *hash)
{
    block_hash h;
    memcpy(h.b, hash, 32);
    return devnode_chain_height(w->chain, &h, w->chain->tip);
}

int32_t round_brings(const struct world *w, const char *command, const uint8_t *payload)
{
    if (strcmp(command, "mnlistdiff") != 0)
        return -1;
    int32_t at = round_height_of(w, payload + 32);
    return at >= 0 ? at : round_height_of(w, payload + 34);
}

void round_spoil(struct world *w, uint8_t *payload, size_t *n, unsigned of)
{
    switch (test_random(&w->random) % of) {
    case 0: payload[test_random(&w->random) % *n] ^= (uint8_t)(1 + test_random(&w->random) % 255); break;
    case 1: *n = WORLD_DROPPED; break;
    default: return;
    }
    w->tampered++;
}

void round_end(struct world *w, unsigned *tampered, unsigned *refusals)
{
    assert_int_equal(w->peers[w->n_peers - 1].connections, 1);
    assert_int_equal(devnode_peer_score(w->peers[w->n_peers - 1].node), 0);
    *tampered += w->tampered;
    *refusals += round_refused(w);
    w->tamper = NULL;
    round_release(w);
    assert_true(world_run_until_synced(w, 10 * ROUND_MINUTE));
    world_free(w);
}
