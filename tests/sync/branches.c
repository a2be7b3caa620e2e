/* See branches.h. */
#include "sync/branches.h"

#include "wire/headers.h"

/* ---- the chains and the truth */

/* A cycle that brings forth nothing would make a client that jumps take a QRINFO (docs/planner.md). */
static struct gen_config config_of(int32_t fork, int32_t top)
{
    struct gen_config config = grown_config((uint64_t)fork, top);
    config.dkg_failure_rate = 0;
    config.instantlock_rate = 500;
    return config;
}

static void open_branch(struct branch *branch, const struct gen_config *config)
{
    grown_open(&branch->g, config);
    branch->locked = !config->fork_unlocked;
    branch->truth = grown_engine(&branch->g);
    grown_follow(&branch->g, branch->truth, 0, config->tip);
}

void branches_open(struct branches *b, int32_t fork, int32_t top, bool a_locked, bool b_locked)
{
    struct gen_config config = config_of(fork, top);
    *b = (struct branches){.fork = fork, .top = top};
    config.fork_above = fork;
    config.fork_seed = (uint64_t)fork + 1;
    config.fork_unlocked = !a_locked;
    open_branch(&b->of[BRANCH_A], &config);
    config.fork_seed = (uint64_t)fork + 2;
    config.fork_unlocked = !b_locked;
    open_branch(&b->of[BRANCH_B], &config);
    const struct devnode_chain *a = branches_chain(b, BRANCH_A), *other = branches_chain(b, BRANCH_B);
    assert_true(block_hash_eq(devnode_chain_hash(a, fork), devnode_chain_hash(other, fork)));
    assert_false(block_hash_eq(devnode_chain_hash(a, fork + 1), devnode_chain_hash(other, fork + 1)));
}

void branches_close(struct branches *b)
{
    for (int i = 0; i < 2; i++) {
        engine_free(b->of[i].truth);
        grown_close(&b->of[i].g);
    }
}

const struct devnode_chain *branches_chain(const struct branches *b, enum branch_name name)
{
    return b->of[name].g.chain;
}

/* ---- the trace */

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static void trace_line(struct books *k, const struct world *w, const char *format, ...)
{
    char line[256];
    va_list list;
    int at = (int)(w->now - k->trace_start);
    va_start(list, format);
    vsnprintf(line, sizeof(line), format, list);
    va_end(list);
    if (k->verified > 0)
        print_message("%6d  quorum %u verified\n", at, k->verified);
    k->verified = 0;
    print_message("%6d  %s\n", at, line);
}

/* ---- books: what the client sends */

static bool on_best_chain(const struct world *w, const uint8_t hash[32])
{
    const struct headers *h = client_headers(w->client);
    block_hash block = block_hash_from(hash);
    return headers_on_best_chain(h, headers_find(h, &block));
}

static int32_t height_of(const struct world *w, const uint8_t hash[32])
{
    block_hash block = block_hash_from(hash);
    return dspv_block_height(w->client, &block);
}

static void note_getmnlistd(struct books *k, const struct world *w, struct span payload)
{
    struct getmnlistd ask;
    dspv_fault fault;
    assert_int_equal(getmnlistd_decode(payload.p, payload.n, &ask, &fault), 0);
    k->strays += !on_best_chain(w, ask.block.b);
    for (size_t i = 0; i < k->n_proven; i++)
        k->again += block_hash_eq(&k->proven[i].block, &ask.block);
    if (k->trace)
        trace_line(k, w, "ask    getmnlistd %d -> %d", height_of(w, ask.base.b), height_of(w, ask.block.b));
}

static void note_getqrinfo(struct books *k, const struct world *w, struct span payload)
{
    struct getqrinfo ask;
    dspv_fault fault;
    assert_int_equal(getqrinfo_decode(payload.p, payload.n, &ask, &fault), 0);
    k->strays += !on_best_chain(w, ask.block.b);
    if (k->trace)
        trace_line(k, w, "ask    getqrinfo about %d", height_of(w, ask.block.b));
}

/* How far below its last block in common with us the peer will begin. */
static void note_getheaders(struct books *k, const struct world *w, const struct world_peer *p, struct span payload)
{
    struct getheaders ask;
    dspv_fault fault;
    assert_int_equal(getheaders_decode(payload.p, payload.n, &ask, &fault), 0);
    const struct headers *h = client_headers(w->client);
    int32_t from = -1, common = 0;
    for (uint32_t i = 0; p && from < 0 && i < ask.n_locator; i++)
        from = devnode_chain_height(p->chain, &ask.locator[i], p->chain->tip);
    from = from < 0 ? 0 : from;
    for (int32_t at = from; p && at <= headers_tip_height(h) && at <= p->chain->tip; at++) {
        block_hash ours;
        headers_hash(h, headers_at(h, at), &ours);
        if (!block_hash_eq(&ours, devnode_chain_hash(p->chain, at)))
            break;
        common = at;
    }
    k->overlap += common > from ? (size_t)(common - from) : 0;
    if (k->trace)
        trace_line(k, w, "ask    headers after %d", from);
}

static void on_message(struct world *w, struct world_peer *p, enum wire_command command, struct span payload)
{
    struct books *k = w->books;
    k->sent[command]++;
    switch (command) {
    case WIRE_GETMNLISTD: note_getmnlistd(k, w, payload); break;
    case WIRE_GETQRINFO: note_getqrinfo(k, w, payload); break;
    case WIRE_GETHEADERS:
    case WIRE_GETHEADERS2: note_getheaders(k, w, p, payload); break;
    default: break;
    }
}

/* ---- books: what it is sent */

static void on_answer(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    struct books *k = w->books;
    struct reader r;
    uint8_t name[12] = {0};
    memcpy(name, command, strlen(command));
    enum wire_command kind = wire_command_find(name);
    reader_init(&r, payload, *n);
    size_t headers = kind == WIRE_HEADERS || kind == WIRE_HEADERS2 ? reader_compact_size(&r) : 0;
    k->messages[kind]++;
    k->bytes[kind] += *n;
    k->headers += headers;
    if (!k->trace)
        return;
    if (headers > 0)
        trace_line(k, w, "answer %zu headers, %zu bytes", headers, *n);
    else if (kind == WIRE_MNLISTDIFF || kind == WIRE_QRINFO)
        trace_line(k, w, "answer %s, %zu bytes", command, *n);
}

/* ---- books: what it tells */

/* The tip moved: what was proven on another branch may be asked for again. */
static void drop_abandoned(struct books *k, const struct world *w)
{
    size_t kept = 0;
    for (size_t i = 0; i < k->n_proven; i++)
        if (on_best_chain(w, k->proven[i].block.b))
            k->proven[kept++] = k->proven[i];
    k->n_proven = kept;
}

static void trace_told(struct books *k, const struct world *w, const dspv_event *e)
{
    switch (e->kind) {
    case DSPV_EVENT_TIP: trace_line(k, w, "tip    %d", e->height); break;
    case DSPV_EVENT_LIST: trace_line(k, w, "list   %d proven", e->height); break;
    case DSPV_EVENT_QUORUM: k->verified += e->reason == DSPV_OK; break;
    case DSPV_EVENT_CHAINLOCK: trace_line(k, w, "lock   ChainLock of %d verified", e->height); break;
    case DSPV_EVENT_PHASE: trace_line(k, w, "phase  %s at %d", dspv_phase_name(e->phase), e->height); break;
    case DSPV_EVENT_PLAN: trace_line(k, w, "plan   %s", e->text); break;
    case DSPV_EVENT_REFUSED: trace_line(k, w, "refuse %s", dspv_reason_name(e->reason)); break;
    default: break;
    }
}

static void on_told(struct world *w, const dspv_event *e)
{
    struct books *k = w->books;
    bool about_block = e->kind == DSPV_EVENT_LIST || e->kind == DSPV_EVENT_QUORUM || e->kind == DSPV_EVENT_CHAINLOCK;
    k->lists += e->kind == DSPV_EVENT_LIST;
    k->quorums += e->kind == DSPV_EVENT_QUORUM;
    k->tips += e->kind == DSPV_EVENT_TIP;
    if (e->kind == DSPV_EVENT_TIP)
        drop_abandoned(k, w);
    if (about_block)
        k->strays += !on_best_chain(w, e->hash);
    if (e->kind == DSPV_EVENT_LIST && k->n_proven < BRANCHES_MOST_PROVEN)
        k->proven[k->n_proven++] = (struct proven_list){block_hash_from(e->hash), e->height};
    if (k->trace)
        trace_told(k, w, e);
}

void books_open(struct books *k, struct world *w)
{
    *k = (struct books){0};
    w->books = k;
    w->on_message = on_message;
    w->on_told = on_told;
    w->tamper = on_answer;
}

void books_mark(struct books *k)
{
    k->lists = k->quorums = k->tips = 0;
    k->headers = k->overlap = 0;
    memset(k->messages, 0, sizeof(k->messages));
    memset(k->bytes, 0, sizeof(k->bytes));
    memset(k->sent, 0, sizeof(k->sent));
}

size_t books_bytes(const struct books *k)
{
    return k->bytes[WIRE_MNLISTDIFF] + k->bytes[WIRE_QRINFO] + k->bytes[WIRE_HEADERS] + k->bytes[WIRE_HEADERS2];
}

/* ---- the client */

void branches_world(struct world *w, const struct branches *b, enum branch_name name, size_t n, int32_t tip)
{
    world_init_chain(w, branches_chain(b, name), tip);
    for (size_t i = 0; i < n; i++)
        world_add(w);
}

void branches_follow(struct world *w, struct rng *rng, int32_t tip, uint32_t most_jump)
{
    while (w->tip < tip) {
        int32_t next = w->tip + 1 + (int32_t)rng_below(rng, most_jump);
        world_grow(w, next < tip ? next : tip);
        world_run(w, 2000);
        dspv_progress p = world_progress(w);
        if (p.phase != DSPV_PHASE_SYNCED || p.header_height != w->tip)
            fail_msg("tip %d: %s at %d, %s", w->tip, dspv_phase_name(p.phase), p.header_height, dspv_reason_name(p.reason));
    }
}

bool branches_on(const struct branches *b, enum branch_name name, const struct world *w)
{
    const struct headers *h = client_headers(w->client);
    const struct devnode_chain *chain = branches_chain(b, name);
    int32_t tip = headers_tip_height(h);
    block_hash ours;
    headers_hash(h, headers_tip(h), &ours);
    return tip <= chain->tip && block_hash_eq(&ours, devnode_chain_hash(chain, tip));
}

static void check_lists(const struct engine *e, const struct engine *truth, int32_t tip)
{
    for (size_t i = 0; i < engine_list_count(e); i++) {
        const struct mnstate *s = engine_list_at(e, i), *t = engine_list(truth, s->height);
        hash256 root = mnlist_root(s->list), quorum_root = quorumset_root(s->quorums);
        assert_true(t && s->height <= tip && s->anchored);
        assert_true(block_hash_eq(&s->block, &t->block));
        assert_true(hash256_eq(&root, &t->cbtx.mn_root));
        assert_true(hash256_eq(&quorum_root, &t->cbtx.quorum_root));
    }
}

static void check_quorum(const struct quorum_view *ours, const struct engine *truth, int32_t tip)
{
    struct quorum_view t;
    if (!engine_quorum(truth, ours->quorum->c.type, &ours->quorum->c.hash, &t))
        fail_msg("type %d, base %d: a quorum that this chain does not have", ours->quorum->c.type, ours->base_height);
    assert_true(hash256_eq(&ours->quorum->leaf, &t.quorum->leaf));
    assert_int_equal(ours->base_height, t.base_height);
    assert_true(ours->base_height <= tip && ours->first_seen <= tip && ours->last_seen <= tip);
    assert_true(ours->first_seen >= t.first_seen && ours->last_seen <= t.last_seen);
    if (ours->status == QUORUM_INVALID || (ours->status == QUORUM_VERIFIED && !ours->committed))
        fail_msg("type %d, base %d: %s", ours->quorum->c.type, ours->base_height, dspv_reason_name(ours->fault.reason));
    if (ours->status != QUORUM_VERIFIED)
        return;
    assert_int_equal(t.status, QUORUM_VERIFIED);
    assert_int_equal(ours->members->n, t.members->n);
    for (uint32_t i = 0; i < t.members->n; i++)
        assert_true(masternode_eq(ours->members->mn[i], t.members->mn[i]));
}

static void check_quorums(const struct engine *e, const struct engine *truth, int32_t tip)
{
    struct quorum_view v;
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        engine_quorum_at(e, i, &v);
        check_quorum(&v, truth, tip);
    }
    const struct quorumset *active = engine_list(truth, tip)->quorums;
    for (uint32_t i = 0; i < active->n; i++) {
        const struct commitment *c = &active->items[i]->c;
        if (!engine_quorum(e, c->type, &c->hash, &v) || v.status != QUORUM_VERIFIED)
            fail_msg("tip %d: an active quorum of type %d is not verified", tip, c->type);
    }
}

static void check_snapshots(const struct branches *b, const struct engine *e, const struct engine *truth, int32_t tip)
{
    const struct llmq_params *p = network_llmq(engine_network(e), engine_network(e)->instantsend_type);
    for (int32_t cycle = 0; cycle <= b->top + p->interval; cycle += p->interval) {
        const struct snapshot *s = engine_snapshot(e, cycle, NULL), *t = engine_snapshot(truth, cycle, NULL);
        if (s && (!t || !snapshot_eq(s, t) || llmq_work_height(cycle) > tip))
            fail_msg("tip %d: the snapshot of cycle %d is not this chain's", tip, cycle);
    }
    assert_int_equal(engine_snapshot_mismatches(e), 0);
}

static void check_blocks(const struct branches *b, const struct devnode_chain *chain, const struct engine *e, int32_t tip)
{
    block_hash hash;
    for (int32_t h = 0; h <= b->top; h++)
        if (engine_block_at(e, h, &hash))
            assert_true(h <= tip && block_hash_eq(&hash, devnode_chain_hash(chain, h)));
}

static void check_locks(const struct branches *b, enum branch_name name, const struct world *w, int32_t tip)
{
    const struct locks *l = &w->client->locks;
    const struct devnode_chain *chain = branches_chain(b, name);
    const struct devnode_lock *best = devnode_chain_best_clsig(chain, tip);
    const struct books *k = w->books;
    if (!k->newcomer || l->best >= 0)
        assert_int_equal(l->best, best ? best->height : -1);
    if (l->best >= 0)
        assert_true(block_hash_eq(&l->best_lock.block, devnode_chain_hash(chain, l->best)));
    assert_int_equal(world_progress(w).chainlock_height, l->best);
    for (size_t i = 0; i < w->client->mn.n_requests; i++)
        assert_true(on_best_chain(w, w->client->mn.requests[i].block.b));
}

void branches_check(const struct branches *b, enum branch_name name, struct world *w, int32_t tip)
{
    const struct engine *truth = b->of[name].truth;
    struct engine *e = client_engine(w->client);
    dspv_progress p = world_progress(w);
    if (p.phase != DSPV_PHASE_SYNCED || p.header_height != tip || p.list_height != tip || !branches_on(b, name, w))
        fail_msg("%s at %d (lists at %d, branch %d), not synced at %d: %s", dspv_phase_name(p.phase), p.header_height,
                 p.list_height, branches_on(b, BRANCH_B, w), tip, dspv_reason_name(p.reason));
    assert_int_equal(p.quorums_verified, p.quorums_wanted);
    assert_int_equal(p.quorums_waiting + p.quorums_invalid, 0);
    assert_int_equal(p.masternodes, mnlist_count(engine_list(truth, tip)->list));
    world_check_honest(w);
    check_lists(e, truth, tip);
    check_quorums(e, truth, tip);
    check_snapshots(b, e, truth, tip);
    check_blocks(b, branches_chain(b, name), e, tip);
    check_locks(b, name, w, tip);
}
