/* See plan_states.h. No signature is ever checked here: members are computed, so every quorum that has all its data is READY,
 * which for discovery is as good as verified. */
#include "sync/plan_states.h"

#include "base/mem.h"
#include "chain/headers.h"
#include "sim/generator.h"

static const uint8_t ENGINE_SEED[32] = {5};

/* ---- chains */

static void add_chain(struct plan_chains *c, const char *name, struct devnode_chain *chain)
{
    assert_true(c->n < PLAN_CHAINS && chain->start == 0);
    c->items[c->n].name = name;
    c->items[c->n].chain = chain;
    hash256 *roots = malloc(((size_t)chain->tip + 1) * sizeof(*roots));
    for (int32_t h = 0; h <= chain->tip; h++)
        roots[h] = header_parse(devnode_chain_header(chain, h)).merkle_root;
    c->items[c->n++].merkle_roots = roots;
}

static void add_recorded(struct plan_chains *c, const char *name)
{
    char error[DEVNODE_ERROR_SIZE];
    struct devnode_chain *chain;
    if (devnode_chain_load(&chain, fixture_path(name), error) != 0)
        fail_msg("%s", error);
    add_chain(c, name, chain);
}

static struct gen_config usual(uint64_t seed, int32_t tip)
{
    static const char *const options[] = {"-dip3params=2:2", "-testactivationheight=v20@100", "-testactivationheight=mn_rr@100",
                                          NULL};
    return (struct gen_config){
        .seed = seed,
        .network = "regtest",
        .options = options,
        .tip = tip,
        .spacing_s = 150,
        .most_transactions = 3,
        .masternodes = 12,
        .evo = 4,
        .register_rate = 3000,
        .remove_rate = 200,
        .ban_rate = 500,
        .key_change_rate = 200,
        .service_change_rate = 200,
        .address_reuse_rate = 3000,
        .dkg_failure_rate = 500,
        .chainlock_rate = 500,
    };
}

static void add_generated(struct plan_chains *c, const char *name, const struct gen_config *config)
{
    char error[GEN_ERROR_SIZE], why[DEVNODE_ERROR_SIZE];
    struct gen_chain *made;
    struct devnode_chain *chain;
    if (gen_chain_new(&made, config, error) != 0)
        fail_msg("%s: %s", name, error);
    if (devnode_chain_load_memory(&chain, name, made->files, why) != 0)
        fail_msg("%s: %s", name, why);
    gen_chain_free(made);
    add_chain(c, name, chain);
}

void plan_chains_open(struct plan_chains *c)
{
    static const char *const eras[] = {"-dip3params=10:10", "-testactivationheight=dip0008@40", "-testactivationheight=v19@180",
                                       "-testactivationheight=v20@320", "-testactivationheight=mn_rr@320", NULL};
    c->n = 0;
    add_recorded(c, "churn");
    add_recorded(c, "eras");
    add_recorded(c, "extaddr");
    struct gen_config config = usual(1, 420);
    add_generated(c, "usual", &config);
    config = usual(2, 420); /* quorums that sign for many cycles */
    config.dkg_failure_rate = 5000;
    add_generated(c, "failing", &config);
    config = usual(3, 420);
    config.options = eras;
    config.dkg_failure_rate = 2000;
    add_generated(c, "changing", &config);
    config = usual(4, 360); /* cycles without a snapshot */
    config.masternodes = 5;
    config.evo = 1;
    config.remove_rate = 800;
    config.ban_rate = 1500;
    add_generated(c, "crowded", &config);
    config = usual(5, 400);
    config.network = "devnet-plan";
    config.options = NULL;
    config.spacing_s = 301;
    config.masternodes = 20;
    config.evo = 8;
    config.dkg_failure_rate = 1500;
    add_generated(c, "devnet", &config);
}

void plan_chains_close(struct plan_chains *c)
{
    for (size_t i = 0; i < c->n; i++) {
        devnode_chain_free(c->items[i].chain);
        free(c->items[i].merkle_roots);
    }
    c->n = 0;
}

/* ---- the honest peer */

static void feed_block(struct plan_state *s, int32_t height)
{
    assert_int_equal(engine_feed_block(s->e, devnode_chain_hash(s->chain, height), height, &s->merkle_roots[height]), 0);
}

/* The client knows the whole header chain and tells the engine of the blocks that a message names. */
static void feed_hashes(struct plan_state *s, block_hash *hashes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int32_t height = devnode_chain_height(s->chain, &hashes[i], s->tip);
        if (height >= 0)
            feed_block(s, height);
    }
    mem_free(hashes);
}

static void settle(struct plan_state *s)
{
    struct engine_job *job;
    assert_int_equal(engine_job_take(s->e, &job), 0);
    if (job)
        engine_job_done(s->e, job);
}

static void note_list(struct brought *b, const struct plan_state *s, const struct mnlistdiff *d)
{
    assert_true(b->n_lists < PLAN_MOST_BROUGHT);
    b->lists[b->n_lists++] = devnode_chain_height(s->chain, &d->block, s->tip);
}

static void note_cycle(struct brought *b, const struct plan_state *s, const struct mnlistdiff *d)
{
    note_list(b, s, d);
    b->snapshots[b->n_snapshots++] = b->lists[b->n_lists - 1] + WORK_DIFF_DEPTH;
}

static void take_qr_info(struct plan_state *s, const struct qrinfo *q, struct brought *b)
{
    block_hash *hashes;
    size_t n;
    dspv_fault fault;
    assert_int_equal(engine_qrinfo_hashes(q, &hashes, &n), 0);
    feed_hashes(s, hashes, n);
    if (engine_feed_qrinfo(s->e, q, NULL, &fault) != 0)
        fail_msg("%s seed %llu: qrinfo refused: %s", s->name, (unsigned long long)s->seed, dspv_reason_name(fault.reason));
    settle(s);
    note_list(b, s, &q->tip);
    note_list(b, s, &q->h);
    for (int i = 0; i < (q->extra_share ? QRINFO_CYCLES : QRINFO_H_4C); i++)
        note_cycle(b, s, &q->diffs[i]);
    for (uint32_t i = 0; i < q->n_older; i++)
        note_cycle(b, s, &q->older_diffs[i]);
}

static bool try_qr_info(struct plan_state *s, int32_t height, bool extra_share, struct brought *b)
{
    block_hash bases[PLAN_MOST_BASES];
    struct getqrinfo ask = {.bases = bases, .block = *devnode_chain_hash(s->chain, height), .extra_share = extra_share};
    ask.n_bases = plan_qr_info_bases(s->e, height, extra_share, bases);
    assert_true(ask.n_bases <= 8);
    for (uint32_t i = 1; i < ask.n_bases; i++)
        assert_true(engine_block_height(s->e, &bases[i - 1]) < engine_block_height(s->e, &bases[i]));
    const struct devnode_view view = {s->chain, s->tip, s->proto};
    struct writer w;
    struct qrinfo q;
    dspv_fault fault;
    writer_init(&w);
    int rc = devnode_answer_qrinfo(&view, &ask, &w);
    b->answered = rc == 0;
    if (rc == 0) {
        feed_block(s, height);
        assert_int_equal(qrinfo_decode(w.data, w.n, s->proto, &s->arena, &q, &fault), 0);
        take_qr_info(s, &q, b);
    } else {
        assert_int_equal(rc, DSPV_EFAULT);
    }
    writer_free(&w);
    arena_free(&s->arena);
    arena_init(&s->arena, 0);
    return b->answered;
}

struct brought plan_state_ask_qr_info(struct plan_state *s, const struct qr_info_request *r)
{
    struct brought b = {0};
    assert_true(block_hash_eq(&r->tip, devnode_chain_hash(s->chain, r->tip_height)));
    if (!try_qr_info(s, r->tip_height, r->extra_share, &b) && r->extra_share)
        try_qr_info(s, r->tip_height, false, &b);
    return b;
}

static void take_diff(struct plan_state *s, int32_t base, int32_t target, struct brought *b)
{
    const struct devnode_view view = {s->chain, s->tip, s->proto};
    struct getmnlistd ask = {.block = *devnode_chain_hash(s->chain, target)};
    struct writer w;
    struct mnlistdiff d;
    dspv_fault fault;
    block_hash *hashes;
    size_t n;
    if (base >= 0)
        ask.base = *devnode_chain_hash(s->chain, base);
    writer_init(&w);
    assert_int_equal(devnode_answer_mnlistdiff(&view, &ask, &w), 0);
    assert_int_equal(mnlistdiff_decode(w.data, w.n, s->proto, &s->arena, &d, &fault), 0);
    feed_block(s, target);
    assert_int_equal(engine_diff_hashes(&d, &hashes, &n), 0);
    feed_hashes(s, hashes, n);
    if (engine_apply_diff(s->e, &d, &fault) != 0)
        fail_msg("%s seed %llu: diff %d to %d refused: %s", s->name, (unsigned long long)s->seed, (int)base, (int)target,
                 dspv_reason_name(fault.reason));
    settle(s);
    b->answered = true;
    note_list(b, s, &d);
    writer_free(&w);
    arena_free(&s->arena);
    arena_init(&s->arena, 0);
}

struct brought plan_state_ask_mn_diff(struct plan_state *s, const struct mn_diff_request *r)
{
    struct brought b = {0};
    assert_true(block_hash_eq(&r->tip, devnode_chain_hash(s->chain, r->tip_height)));
    take_diff(s, r->base_height, r->tip_height, &b);
    return b;
}

bool brought_list(const struct brought *b, int32_t height)
{
    for (size_t i = 0; i < b->n_lists; i++)
        if (b->lists[i] == height)
            return true;
    return false;
}

bool brought_snapshot(const struct brought *b, int32_t cycle)
{
    for (size_t i = 0; i < b->n_snapshots; i++)
        if (b->snapshots[i] == cycle)
            return true;
    return false;
}

/* ---- states */

static int32_t between(uint64_t *random, int32_t low, int32_t high)
{
    return low + (int32_t)(test_random(random) % (uint64_t)(high - low + 1));
}

/* Only blocks with a CbTx have a list. */
static bool has_list(const struct plan_state *s, int32_t height)
{
    const struct mnlistdiff *d = height > 0 && height <= s->chain->tip ? devnode_chain_diff(s->chain, height) : NULL;
    return d && d->has_cbtx;
}

static const struct llmq_params *rotation(const struct plan_state *s)
{
    return network_llmq(&s->chain->network, s->chain->network.instantsend_type);
}

static int32_t random_tip(const struct plan_state *s, uint64_t *random)
{
    const struct llmq_params *p = rotation(s);
    int32_t most = s->chain->tip, cycles = most / p->interval;
    for (;;) {
        int32_t cycle = p->interval * between(random, 0, cycles), tip = 0;
        switch (between(random, 0, 4)) {
        case 0: tip = between(random, 1, most); break;
        case 1: tip = cycle + between(random, p->mine_start, p->mine_end); break;
        case 2: tip = cycle + between(random, 0, 3); break; /* just after a cycle base */
        case 3: tip = between(random, 1, 5 * p->interval); break; /* the first cycles */
        case 4: tip = between(random, 1, s->chain->network.chain.active.v20 < most ? s->chain->network.chain.active.v20 : most); break;
        }
        if (tip <= most && has_list(s, tip))
            return tip;
    }
}

static int32_t random_list(const struct plan_state *s, uint64_t *random)
{
    const struct llmq_params *p = rotation(s);
    switch (between(random, 0, 3)) {
    case 0: return p->interval * between(random, 1, s->tip / p->interval + 1) - WORK_DIFF_DEPTH;
    case 1: return s->tip - between(random, 0, p->interval);
    default: return between(random, 1, s->tip);
    }
}

/* Feed what an earlier life of the client may have left: lists, a QRINFO, both or nothing. */
static void feed_past(struct plan_state *s, uint64_t *random)
{
    static const int MOST_LISTS[] = {0, 0, 1, 3, 12, 40};
    struct brought ignored;
    int32_t now = s->tip;
    if (between(random, 0, 3) == 0) { /* a QRINFO, when the tip was lower */
        s->tip = between(random, 1, now);
        int32_t requested = between(random, s->tip > 60 ? s->tip - 60 : 1, s->tip);
        ignored.n_lists = ignored.n_snapshots = 0;
        if (has_list(s, s->tip) && llmq_rotation_in_force(&s->chain->network, rotation(s), requested))
            try_qr_info(s, requested, between(random, 0, 1), &ignored);
        s->tip = now;
    }
    int n = between(random, 0, MOST_LISTS[between(random, 0, 5)]);
    for (int i = 0; i < n; i++) {
        int32_t height = random_list(s, random);
        ignored.n_lists = 0;
        if (height >= 1 && height <= s->tip && has_list(s, height))
            take_diff(s, -1, height, &ignored);
    }
    ignored.n_lists = 0;
    if (between(random, 0, 3) > 0)
        take_diff(s, -1, s->tip, &ignored);
}

void plan_state_open(struct plan_state *s, const struct plan_chains *chains, uint64_t seed)
{
    uint64_t random = seed;
    size_t which = (size_t)(test_random(&random) % chains->n);
    *s = (struct plan_state){.chain = chains->items[which].chain, .name = chains->items[which].name, .seed = seed,
                             .merkle_roots = chains->items[which].merkle_roots};
    s->proto = between(&random, 0, 3) ? 70240 : 70235;
    s->limits = (struct plan_limits){50, between(&random, 0, 7) > 0, between(&random, 0, 3) > 0, 2000, 300};
    arena_init(&s->arena, 0);
    assert_int_equal(engine_new(&s->e, &s->chain->network, ENGINE_SEED, 0), 0);
    s->tip = random_tip(s, &random);
    if (between(&random, 0, 1)) /* else only what messages name */
        for (int32_t h = 0; h <= s->tip; h++)
            feed_block(s, h);
    feed_block(s, s->tip);
    feed_past(s, &random);
    for (int n = between(&random, -3, PLAN_MOST_LOCKS); n > 0; n--) {
        int32_t height = s->tip - WORK_DIFF_DEPTH - between(&random, 0, 30);
        if (has_list(s, height))
            s->lock_heights[s->n_locks++] = height;
    }
}

void plan_state_close(struct plan_state *s)
{
    engine_free(s->e);
    arena_free(&s->arena);
}

/* ---- discovery and plan, as masternodes.c does them */

static bool feed_wanted_headers(struct plan_state *s, const struct needs *needs)
{
    bool fed = false;
    for (size_t i = 0; i < needs->n; i++) {
        if (needs->items[i].kind != NEED_KIND_HEADER)
            continue;
        int32_t height = devnode_chain_height(s->chain, &needs->items[i].block, s->tip);
        assert_true(height >= 0);
        feed_block(s, height);
        fed = true;
    }
    return fed;
}

bool plan_state_discover(struct plan_state *s, struct needs *needs)
{
    *needs = (struct needs){0};
    if (!engine_list(s->e, s->tip))
        return false;
    assert_int_equal(engine_discover(s->e, s->tip, needs), 0);
    if (feed_wanted_headers(s, needs)) {
        needs_free(needs);
        settle(s);
        assert_int_equal(engine_discover(s->e, s->tip, needs), 0);
    }
    return true;
}

static bool block_at(const void *context, int32_t height, block_hash *out)
{
    const struct plan_state *s = context;
    if (height < 0 || height > s->tip)
        return false;
    *out = *devnode_chain_hash(s->chain, height);
    return true;
}

void plan_state_plan(const struct plan_state *s, const struct needs *needs, struct plan_input *in, struct plan *out)
{
    assert_int_equal(plan_input_init(in, s->e, s->tip, needs), 0);
    in->block_at = block_at;
    in->chain = s;
    in->lock_heights = s->lock_heights;
    in->n_lock_heights = s->n_locks;
    assert_int_equal(planner_plan(in, &s->limits, out), 0);
}
