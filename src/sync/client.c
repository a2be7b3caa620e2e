/* The client as the driver sees it: inputs are routed to the parts, outputs are collected from them. Invariants: an input does
 * its work at once and then lets every part go on (settle); nothing here calls the driver. Read next: incoming.c, peer.c,
 * header_sync.c, masternodes.c, locks.c. */
#include "sync/client.h"

#include <stdio.h>

#include "base/mem.h"
#include "chain/pow.h"
#include "crypto/sha256.h"
#include "crypto/x11.h"

static const char library_agent[] = "dashspv:0.1.0";

void dspv_config_init(dspv_config *config)
{
    *config = (dspv_config){
        .nets = DSPV_NET_IPV4 | DSPV_NET_IPV6,
        .masternodes = true,
        .qr_info_extra_share = true,
        .qr_info_timeout_ms = 30000,
        .qr_info_max_parallel = 3,
        .mnlist_diff_timeout_ms = 15000,
        .max_qr_info_span = 50,
        .target_outbound = 8,
        .lookup_timeout_ms = 10000,
        .protocol_version = 70240,
    };
}

/* ---- life */

static bool config_good(const dspv_config *k)
{
    return k->qr_info_timeout_ms > 0 && k->mnlist_diff_timeout_ms > 0 && k->qr_info_max_parallel > 0 && k->max_qr_info_span > 0 &&
           k->lookup_timeout_ms > 0 && k->target_outbound > 0 && k->target_outbound <= CLIENT_MOST_PEERS &&
           k->protocol_version >= PEER_OLDEST_PROTOCOL && (k->nets & DSPV_NET_ALL) != 0 && k->start <= DSPV_START_HEIGHT &&
           (k->start != DSPV_START_HEIGHT || k->start_height >= 0);
}

/* A devnet's nodes talk only to those who name it (protocol.md 1.2). False when it would be too long. */
static bool make_agent(struct dspv *c)
{
    const char *name = c->config.user_agent ? c->config.user_agent : library_agent;
    int n;
    if (c->net.chain.kind == CHAIN_DEVNET)
        n = snprintf(c->user_agent, sizeof(c->user_agent), "/%s(devnet.%s)/", name, c->net.chain.name);
    else if (name[0] == '/')
        n = snprintf(c->user_agent, sizeof(c->user_agent), "%s", name);
    else
        n = snprintf(c->user_agent, sizeof(c->user_agent), "/%s/", name);
    c->config.user_agent = c->user_agent;
    return n > 0 && (size_t)n < sizeof(c->user_agent);
}

static int make_parts(struct dspv *c)
{
    uint64_t table_seed[2] = {rng_u64(&c->rng), rng_u64(&c->rng)};
    uint8_t engine_seed[32];
    rng_bytes(&c->rng, engine_seed, sizeof(engine_seed));
    int rc = header_store_begin(c, table_seed);
    if (rc == 0)
        rc = engine_new(&c->engine, &c->net, engine_seed, 0);
    if (rc != 0)
        return rc;
    masternodes_init(c);
    locks_init(c);
    lookup_init(c);
    connections_init(c);
    discovery_init(c);
    rc = lock_store_init(c);
    if (rc == 0)
        rc = storage_load(c);
    if (rc != 0)
        return rc;
    c->tip = headers_tip(c->headers);
    progress_init(c);
    return masternodes_advance(c); /* what was restored can be verified at once */
}

/* Strangers may lead us to this machine only where tests are made. */
static bool local_allowed(const struct dspv *c)
{
    return !c->config.local_addresses || c->net.chain.kind == CHAIN_REGTEST || c->net.chain.kind == CHAIN_DEVNET;
}

/* Its seed is not drawn from the generator: what that gives does not depend on whether addresses are looked for. */
static int make_book(struct dspv *c, const uint8_t seed[32])
{
    static const char label[] = "address book";
    uint8_t text[32 + sizeof(label)], own[32];
    memcpy(text, seed, 32);
    memcpy(text + 32, label, sizeof(label));
    sha256(own, text, sizeof(text));
    return book_new(&c->book, own);
}

int dspv_new(dspv **out, const dspv_network *net, const dspv_config *config, const dspv_store *store, const uint8_t seed[32],
             dspv_ms now)
{
    *out = NULL;
    struct dspv *c = mem_zalloc(sizeof(*c));
    if (!c)
        return DSPV_ENOMEM;
    c->net = net->net;
    int rc = chain_params_copy(&c->net.chain, &net->net.chain);
    if (config)
        c->config = *config;
    else
        dspv_config_init(&c->config);
    c->store = store;
    c->now = now;
    c->next_conn = 1;
    rng_init(&c->rng, seed);
    writer_init(&c->body);
    header_store_init(c);
    writer_init(&c->known.stored);
    bool sound = !chain_params_check(&c->net.chain) && config_good(&c->config) && local_allowed(c) && make_agent(c);
    if (rc == 0)
        rc = sound ? make_book(c, seed) : DSPV_EMISUSE;
    if (rc == 0)
        rc = make_parts(c);
    if (rc != 0) {
        dspv_free(c);
        return rc;
    }
    *out = c;
    return 0;
}

void dspv_free(dspv *c)
{
    if (!c)
        return;
    masternodes_free(c);
    for (size_t i = 0; i < c->n_peers; i++)
        peer_free(c->peers[i]);
    locks_free(c);
    lookup_free(c);
    engine_free(c->engine);
    headers_free(c->headers);
    header_store_free(c);
    header_jobs_free(&c->header_jobs);
    header_ranges_free(&c->header_ranges);
    outputs_free(&c->outputs);
    storage_free(c);
    lock_store_free(c);
    writer_free(&c->body);
    addresses_free(c);
    mem_free(c->addresses);
    chain_params_free(&c->net.chain);
    mem_free(c);
}

/* ---- shared helpers */

struct engine *client_engine(dspv *c)
{
    return c->engine;
}
struct headers *client_headers(dspv *c)
{
    return c->headers;
}
const struct plan *client_plan(const dspv *c)
{
    return &c->mn.plan;
}

size_t dspv_plan_text(const dspv *c, char *out, size_t size)
{
    return plan_text(&c->mn.plan, out, size);
}

struct peer *client_peer(const struct dspv *c, dspv_conn conn)
{
    for (size_t i = 0; i < c->n_peers; i++)
        if (c->peers[i]->conn == conn)
            return c->peers[i];
    return NULL;
}

size_t client_ready_peers(const struct dspv *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_peers; i++)
        n += peer_usable(c->peers[i]);
    return n;
}

dspv_event client_event_of(dspv_event_kind kind)
{
    dspv_event e;
    memset(&e, 0, sizeof(e));
    e.kind = kind;
    e.height = -1;
    return e;
}

int client_event(struct dspv *c, const dspv_event *event)
{
    return outputs_event(&c->outputs, event);
}

int client_merkle_root(const struct dspv *c, headers_node node, const block_hash *hash, hash256 *root, bool *good)
{
    uint8_t raw[HEADER_SIZE];
    struct header h;
    block_hash own;
    arith256 target;
    *good = false;
    int rc = headers_get(c->headers, node, &h);
    if (rc != 0)
        return rc;
    header_write(&h, raw);
    x11_hash(&own, raw);
    *good = block_hash_eq(&own, hash) && pow_target(&c->net.chain, h.bits, &target) && pow_meets(&own, &target);
    *root = h.merkle_root;
    return 0;
}

int client_feed_block(struct dspv *c, const block_hash *hash, bool *found)
{
    headers_node node;
    hash256 root;
    int rc = headers_look_up(c->headers, hash, &node);
    *found = false;
    if (rc == 0 && headers_on_best_chain(c->headers, node))
        rc = client_merkle_root(c, node, hash, &root, found);
    if (rc == DSPV_ENOMEM)
        return rc;
    /* a store that cannot be read: the block is not known for now */
    return !*found ? 0 : engine_feed_block(c->engine, hash, headers_height(c->headers, node), &root);
}

bool client_block_at(const void *chain, int32_t height, block_hash *out)
{
    const struct dspv *c = chain;
    headers_node node = headers_at(c->headers, height);
    if (node == HEADERS_NONE)
        return false;
    return headers_hash(c->headers, node, out) == 0;
}

/* ---- after every input */

static int settle(struct dspv *c)
{
    int rc = header_sync_advance(c);
    if (rc == 0 && masternodes_due(c))
        rc = masternodes_advance(c);
    if (rc == 0 && c->locks.again)
        rc = locks_retry(c);
    if (rc == 0 && c->mn.again)
        rc = masternodes_advance(c); /* locks may want lists, or move the tip */
    if (rc == 0)
        rc = asked_send(c);
    if (rc == 0)
        rc = discovery_advance(c);
    if (rc == 0)
        rc = connections_advance(c);
    if (rc == 0)
        rc = lookup_advance(c);
    int phase_rc = progress_update(c);
    return rc == 0 ? phase_rc : rc;
}

static int end(struct dspv *c, int rc)
{
    int settled = settle(c), kept = storage_commit(c);
    rc = rc == 0 ? settled : rc;
    return rc == 0 ? kept : rc;
}

int client_settle(struct dspv *c, int rc)
{
    return end(c, rc);
}

/* ---- inputs */

int dspv_add_peer(dspv *c, const dspv_addr *addr, dspv_ms now)
{
    size_t index;
    c->now = now;
    int rc = address_set_take(c, addr, &index);
    if (rc != 0 || index == ADDRESS_SET_MOST)
        return rc;
    struct address *a = &c->addresses[index];
    if (address_of_user(a))
        return 0;
    const struct ban *ban = c->config.discover && !address_local(addr) ? bans_find(&c->book->bans, addr, now) : NULL;
    a->origins |= DSPV_FROM_USER;
    a->retry_at = ban ? ban->until : now;
    return end(c, 0);
}

int dspv_in_resolved(dspv *c, const char *name, const dspv_addr *addrs, size_t n, dspv_ms now)
{
    int rc = 0;
    c->now = now;
    if (discovery_resolved(c, name, addrs, n, &rc))
        return end(c, rc);
    for (size_t i = 0; (rc == 0 || rc == DSPV_ESTORE) && i < n; i++) /* what cannot be stored is known all the same */
        rc = dspv_add_peer(c, &addrs[i], now);
    return rc;
}

int dspv_in_connected(dspv *c, dspv_conn conn, dspv_ms now)
{
    struct peer *p = client_peer(c, conn);
    c->now = now;
    if (!p || p->closing || p->state != PEER_CONNECTING)
        return 0;
    return end(c, peer_connected(c, p));
}

int dspv_in_bytes(dspv *c, dspv_conn conn, const uint8_t *data, size_t n, dspv_ms now)
{
    struct peer *p = client_peer(c, conn);
    c->now = now;
    if (!p || p->closing || p->state == PEER_CONNECTING)
        return 0;
    c->progress.bytes_received += n;
    p->received += n;
    int rc = incoming_bytes(c, p, (struct span){data, n});
    if (rc != 0)
        peer_close(p, DSPV_NO_MEMORY); /* what was lost cannot be fed again */
    return end(c, rc);
}

static int tell_gone(struct dspv *c, dspv_conn conn, dspv_reason why)
{
    dspv_event e = client_event_of(DSPV_EVENT_PEER);
    e.conn = conn;
    e.reason = why;
    return client_event(c, &e);
}

int dspv_in_closed(dspv *c, dspv_conn conn, dspv_ms now)
{
    struct peer *p = client_peer(c, conn);
    c->now = now;
    if (!p)
        return 0;
    dspv_reason why = p->closing ? p->why : DSPV_PEER_CLOSED;
    int rc = p->feeler ? 0 : tell_gone(c, conn, why);
    connections_drop(c, p, why);
    peer_free(p);
    return end(c, rc);
}

int dspv_in_job_done(dspv *c, dspv_job *job, dspv_ms now)
{
    int rc;
    c->now = now;
    if (masternodes_job_back(c, job))
        return end(c, 0);
    if (header_ranges_back(c, job, &rc))
        return end(c, rc);
    return header_jobs_back(&c->header_jobs, job) ? end(c, header_sync_hashed(c)) : DSPV_EMISUSE;
}

int dspv_in_tick(dspv *c, dspv_ms now)
{
    int rc = 0;
    c->now = now;
    for (size_t i = 0; i < c->n_peers && rc == 0; i++) {
        rc = peer_tick(c, c->peers[i]);
        if (rc == 0)
            rc = header_sync_tick(c, c->peers[i]);
    }
    locks_tick(c);
    if (rc == 0)
        rc = requests_tick(c);
    if (rc == 0)
        rc = connections_tick(c);
    return end(c, rc);
}

int dspv_commit(dspv *c, dspv_ms now)
{
    c->now = now;
    return storage_commit_now(c);
}

static void earlier(dspv_ms *best, dspv_ms other)
{
    if (other < *best)
        *best = other;
}

dspv_ms dspv_deadline(const dspv *c)
{
    dspv_ms best = c->now + PEER_PING_EVERY_MS;
    for (size_t i = 0; i < c->n_peers; i++) {
        earlier(&best, peer_deadline(c->peers[i]));
    }
    earlier(&best, header_sync_deadline(c));
    earlier(&best, header_ranges_deadline(c));
    earlier(&best, locks_deadline(c));
    earlier(&best, connections_deadline(c));
    earlier(&best, discovery_deadline(c));
    earlier(&best, masternodes_deadline(c));
    earlier(&best, lookup_deadline(c));
    earlier(&best, storage_deadline(c));
    earlier(&best, addresses_deadline(c));
    return best;
}

/* ---- outputs */

static bool next_send(struct dspv *c, dspv_out *out)
{
    for (size_t i = 0; i < c->n_peers; i++) {
        struct peer *p = c->peers[i];
        if (p->closing || p->out.n == 0)
            continue;
        struct writer old = p->sending;
        p->sending = p->out;
        p->out = old;
        writer_reset(&p->out);
        *out = (dspv_out){.kind = DSPV_OUT_SEND, .conn = p->conn, .data = p->sending.data, .n = p->sending.n};
        c->progress.bytes_sent += p->sending.n;
        p->sent += p->sending.n;
        return true;
    }
    return false;
}

/* CONNECT for new slots, CLOSE for finished ones. */
static bool next_connection(struct dspv *c, dspv_out *out)
{
    for (size_t i = 0; i < c->n_peers; i++) {
        struct peer *p = c->peers[i];
        if (p->closing) {
            *out = (dspv_out){.kind = DSPV_OUT_CLOSE, .conn = p->conn, .reason = p->why};
            connections_drop(c, p, p->why);
            if (!p->feeler)
                (void)tell_gone(c, p->conn, p->why); /* CLOSE says the same */
            peer_free(p);
            (void)end(c, 0); /* what cannot be done for want of memory is tried again at the next input */
            return true;
        }
        if (p->state == PEER_CONNECTING && !p->connect_told) {
            p->connect_told = true;
            *out = (dspv_out){.kind = DSPV_OUT_CONNECT, .conn = p->conn, .addr = c->addresses[p->address].addr};
            return true;
        }
    }
    return false;
}

bool dspv_next(dspv *c, dspv_out *out)
{
    dspv_event event;
    if (outputs_next(&c->outputs, &event)) {
        *out = (dspv_out){.kind = DSPV_OUT_EVENT, .event = event};
        return true;
    }
    struct dspv_job *job = masternodes_job_next(c);
    if (!job)
        job = header_jobs_next(&c->header_jobs);
    if (!job)
        job = header_ranges_next(c);
    if (job) {
        *out = (dspv_out){.kind = DSPV_OUT_JOB, .job = job};
        return true;
    }
    return lookup_next(c, out) || discovery_next(c, out) || next_send(c, out) || next_connection(c, out);
}

int dspv_job_run(dspv_job *job)
{
    if (job->kind == JOB_SIGNATURES)
        return engine_job_run_part(job->engine, job->part);
    if (job->group)
        header_group_hash(job->group);
    else
        header_job_run(job);
    return 0;
}
