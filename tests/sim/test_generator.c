/* Generated chains against the library that is to be proven with them: an engine fed with nothing but consecutive diffs verifies
 * everything that was mined, derives every snapshot, accepts every lock; and the same seed makes the same bytes. */
#include "support/data.h"

#include "base/endian.h"
#include "base/mem.h"
#include "chain/headers.h"
#include "devnode/answer.h"
#include "engine/engine.h"
#include "sim/generator.h"

static struct gen_config eras(uint64_t seed)
{
    struct gen_config config = gen_config_eras(seed, 1080);
    config.most_transactions = 9;
    return config;
}

static struct gen_chain *generate(const struct gen_config *config)
{
    char error[GEN_ERROR_SIZE];
    struct gen_chain *c;
    int rc = gen_chain_new(&c, config, error);
    if (rc != 0)
        fail_msg("%d %s", rc, error);
    return c;
}

static struct devnode_chain *load(const struct gen_chain *c)
{
    char error[DEVNODE_ERROR_SIZE];
    struct devnode_chain *out;
    if (devnode_chain_load_memory(&out, "generated", c->files, error) != 0)
        fail_msg("%s", error);
    assert_int_equal(out->tip, c->tip);
    assert_int_equal(out->n_diffs, c->tip - out->first_diff + 1);
    return out;
}

/* ---- a client without a network */

struct client {
    const struct gen_chain *truth;
    struct devnode_chain *chain;
    struct engine *e;
    size_t next_lock, chainlocks, instantlocks;
};

static void client_open(struct client *c, const struct gen_chain *truth)
{
    static const uint8_t seed[32] = {9};
    *c = (struct client){.truth = truth, .chain = load(truth)};
    c->chain->network = truth->network; /* what a directory cannot tell (gen_config, like) */
    assert_int_equal(engine_new(&c->e, &c->chain->network, seed, 0), 0);
}

static void client_close(struct client *c)
{
    engine_free(c->e);
    devnode_chain_free(c->chain);
}

static void client_block(struct client *c, int32_t height)
{
    struct header h = header_parse(devnode_chain_header(c->chain, height));
    assert_int_equal(engine_feed_block(c->e, devnode_chain_hash(c->chain, height), height, &h.merkle_root), 0);
}

/* The next block with its consecutive diff. */
static void client_step(struct client *c, int32_t height)
{
    const struct mnlistdiff *recorded = devnode_chain_diff(c->chain, height);
    client_block(c, height);
    if (!recorded || !recorded->has_cbtx)
        return;
    struct mnlistdiff d = *recorded;
    if (height == c->chain->network.chain.active.dip0003) /* what is below holds no list: the same as genesis */
        memset(d.base.b, 0, 32);
    dspv_fault fault;
    int error = engine_apply_diff(c->e, &d, &fault);
    if (error != 0)
        fail_msg("height %d: %d %s", height, error, dspv_reason_name(fault.reason));
}

static void check_chainlock(struct client *c, const struct devnode_lock *l)
{
    struct clsig lock;
    struct quorum_view signer;
    dspv_fault fault;
    assert_int_equal(clsig_decode(l->payload.p, l->payload.n, &lock, &fault), 0);
    assert_int_equal(lock.height, l->height);
    if (engine_check_chainlock(c->e, &lock, &signer, &fault) != 0)
        fail_msg("ChainLock %d: %s", lock.height, dspv_reason_name(fault.reason));
    assert_int_equal(signer.quorum->c.type, c->chain->network.chainlock_type);
    if (c->chainlocks++ % 32 == 0) {
        lock.block.b[5] ^= 1;
        assert_int_not_equal(engine_check_chainlock(c->e, &lock, NULL, &fault), 0);
    }
}

static void check_instantlock(struct client *c, const struct devnode_lock *l)
{
    struct isdlock lock;
    struct quorum_view signer;
    dspv_fault fault;
    assert_int_equal(isdlock_decode(l->payload.p, l->payload.n, &lock, &fault), 0);
    if (engine_check_instantlock(c->e, &lock, l->height, &signer, &fault) != 0)
        fail_msg("InstantSend lock at %d: %s", l->height, dspv_reason_name(fault.reason));
    assert_int_equal(signer.quorum->c.type, c->chain->network.instantsend_type);
    if (c->instantlocks++ % 32 == 0) {
        lock.txid.b[5] ^= 1;
        assert_int_not_equal(engine_check_instantlock(c->e, &lock, l->height, NULL, &fault), 0);
    }
}

static void client_locks(struct client *c, int32_t height)
{
    for (; c->next_lock < c->chain->n_locks && c->chain->locks[c->next_lock].height == height; c->next_lock++) {
        const struct devnode_lock *l = &c->chain->locks[c->next_lock];
        if (l->kind == DEVNODE_CLSIG)
            check_chainlock(c, l);
        else
            check_instantlock(c, l);
    }
}

/* Follow the chain block by block from consecutive diffs alone. */
static void client_follow(struct client *c)
{
    for (int32_t h = 0; h <= c->chain->tip; h++) {
        client_step(c, h);
        assert_int_equal(engine_verify(c->e), 0);
        client_locks(c, h);
    }
}

/* Whatever was mined by the rules is VERIFIED, whatever was forged is INVALID, and nothing else is known. */
static void assert_verdicts(const struct client *c)
{
    for (size_t i = 0; i < c->truth->n_quorums; i++) {
        const struct gen_quorum *t = &c->truth->quorums[i];
        struct quorum_view q;
        if (!engine_quorum(c->e, t->type, &t->hash, &q))
            fail_msg("type %d base %d is not known", t->type, t->base);
        if (q.status != (t->forged ? QUORUM_INVALID : QUORUM_VERIFIED))
            fail_msg("type %d base %d index %d: %d %s", t->type, t->base, t->index, (int)q.status,
                     dspv_reason_name(q.fault.reason));
        assert_true(q.committed);
        assert_int_equal(q.base_height, t->base);
        assert_int_equal(q.first_seen, t->mined);
        assert_true(hash256_eq(&q.quorum->leaf, &t->leaf));
    }
    assert_int_equal(engine_quorum_count(c->e), c->truth->n_quorums);
}

/* Was it replaced by `height`: by its index's next one, or by as many newer ones as the type may have (quorums.md 4.3)? */
static bool replaced(const struct gen_chain *c, size_t which, int32_t height)
{
    const struct gen_quorum *q = &c->quorums[which];
    const struct llmq_params *p = network_llmq(&c->network, q->type);
    size_t newer = 0;
    for (size_t i = which + 1; i < c->n_quorums && c->quorums[i].mined <= height; i++)
        newer += c->quorums[i].type == q->type && (!p->rotated || c->quorums[i].index == q->index);
    return newer >= (p->rotated ? 1u : p->active);
}

/* The quorum set of every state is what the rule makes of everything mined until then; windows are kept, one per DKG. */
static void assert_active_sets(const struct gen_chain *c)
{
    for (int32_t h = 0; h <= c->tip; h++) {
        size_t active = 0;
        for (size_t i = 0; c->states[h] && i < c->n_quorums && c->quorums[i].mined <= h; i++) {
            const struct gen_quorum *q = &c->quorums[i];
            bool is_active = quorumset_find(c->states[h]->quorums, q->type, &q->hash) != NULL;
            assert_int_equal(is_active, !replaced(c, i, h));
            active += is_active;
        }
        assert_int_equal(active, c->states[h] ? c->states[h]->quorums->n : 0);
    }
    for (size_t i = 0; i < c->n_quorums; i++) {
        const struct gen_quorum *q = &c->quorums[i];
        const struct llmq_params *p = network_llmq(&c->network, q->type);
        int32_t offset = q->mined - (q->base - q->index);
        assert_true(offset >= p->mine_start && offset <= p->mine_end);
        for (size_t k = 0; k < i; k++)
            assert_false(c->quorums[k].type == q->type && c->quorums[k].base == q->base);
    }
}

static const struct masternode *entry_at(const struct gen_chain *c, int32_t height, const protx_hash *protx)
{
    return c->states[height] ? mnlist_find(c->states[height]->list, protx) : NULL;
}

/* Registered at r, confirmed by block r + 2 with the hash of r + 1: one confirmation (quorums.md 0.1, 2.5). */
static void assert_confirmations(const struct client *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->chain->n_diffs; i++)
        for (uint32_t k = 0; k < c->chain->diffs[i].n_entries; k++) {
            const struct mnentry *e = &c->chain->diffs[i].entries[k];
            int32_t by = devnode_chain_height(c->chain, &e->confirmed, c->chain->tip);
            if (block_hash_is_zero(&e->confirmed))
                continue;
            assert_true(by >= 2);
            assert_null(entry_at(c->truth, by - 2, &e->protx));
            assert_non_null(entry_at(c->truth, by - 1, &e->protx));
            assert_true(block_hash_is_zero(&entry_at(c->truth, by, &e->protx)->entry.confirmed));
            assert_true(block_hash_eq(&entry_at(c->truth, by + 1, &e->protx)->entry.confirmed, &e->confirmed));
            n++;
        }
    assert_true(n > 0);
}

/* The engine derived exactly the snapshots that the chain has. */
static void assert_snapshots(const struct client *c)
{
    for (size_t i = 0; i < c->chain->n_snapshots; i++) {
        const struct devnode_snapshot *t = &c->chain->snapshots[i];
        bool derived;
        const struct snapshot *s = engine_snapshot(c->e, t->cycle, &derived);
        if (!s)
            fail_msg("no snapshot of cycle %d", t->cycle);
        assert_true(derived);
        struct writer w;
        writer_init(&w);
        snapshot_wire(s, &w);
        assert_int_equal(w.n, t->message.raw.n);
        assert_memory_equal(w.data, t->message.raw.p, w.n);
        writer_free(&w);
    }
    size_t n = 0;
    for (int32_t h = 0; h <= c->chain->tip; h++)
        n += engine_snapshot(c->e, h, NULL) != NULL;
    assert_int_equal(n, c->chain->n_snapshots);
    assert_int_equal(engine_snapshot_mismatches(c->e), 0);
}

static void assert_nothing_missing(const struct client *c)
{
    struct needs needs;
    assert_int_equal(engine_discover(c->e, c->chain->tip, &needs), 0);
    assert_int_equal(needs.n, 0);
    assert_true(needs.wanted > 0);
    assert_int_equal(needs.verified, needs.wanted);
    needs_free(&needs);
}

/* Every header rule of the network holds. */
static void assert_headers(const struct client *c)
{
    static const uint64_t seed[2] = {1, 2};
    struct headers *h;
    headers_node node;
    dspv_fault fault;
    assert_int_equal(headers_new(&h, &c->chain->network.chain, seed), 0);
    for (int32_t height = 0; height <= c->chain->tip; height++)
        if (headers_add(h, devnode_chain_header(c->chain, height), devnode_chain_hash(c->chain, height), INT64_C(2000000000),
                        &node, &fault) != 0)
            fail_msg("header %d: %s", height, dspv_reason_name(fault.reason));
    assert_int_equal(headers_tip_height(h), c->chain->tip);
    headers_free(h);
}

static void print_counts(const char *name, const struct gen_chain *c)
{
    const struct gen_counts *n = &c->counts;
    print_message("%s: %d blocks; masternodes: %zu registered, %zu removed, %zu bans, %zu revivals, %zu key changes, %zu service "
                  "changes (%zu reused), %zu new versions\n",
                  name, c->tip, n->registered, n->removed, n->bans, n->revivals, n->key_changes, n->service_changes,
                  n->reused_addresses, n->version_changes);
    print_message(
        "%s: %zu quorums, %zu failed DKGs, %zu members under old keys; %zu snapshots, %zu with skips; %zu ChainLocks, %zu "
        "in coinbases, %zu InstantSend locks\n",
        name, n->quorums, n->failed_dkgs, n->old_keys, n->snapshots, n->skip_snapshots, n->chainlocks, n->coinbase_locks,
        n->instantlocks);
}

static void follow_and_check(struct client *c)
{
    assert_headers(c);
    assert_active_sets(c->truth);
    assert_confirmations(c);
    client_follow(c);
    assert_verdicts(c);
    assert_snapshots(c);
    assert_nothing_missing(c);
    assert_int_equal(c->chainlocks, c->truth->counts.chainlocks);
    assert_int_equal(c->instantlocks, c->truth->counts.instantlocks);
}

/* ---- tests */

static size_t count_versions(const struct client *c, uint16_t version)
{
    size_t n = 0;
    for (size_t i = 0; i < engine_quorum_count(c->e); i++) {
        struct quorum_view q;
        engine_quorum_at(c->e, i, &q);
        n += q.quorum->c.version == version;
    }
    return n;
}

static size_t count_entries(const struct devnode_chain *c, uint16_t version, uint16_t type)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_diffs; i++)
        for (uint32_t k = 0; k < c->diffs[i].n_entries; k++)
            n += c->diffs[i].entries[k].version == version && c->diffs[i].entries[k].type == type;
    return n;
}

/* The chain really went through everything it is there for. */
static void assert_eventful(const struct client *c)
{
    const struct gen_counts *n = &c->truth->counts;
    assert_true(n->removed > 0 && n->bans > 0 && n->revivals > 0 && n->key_changes > 0 && n->service_changes > 0);
    assert_true(n->version_changes > 0 && n->reused_addresses > 0 && n->old_keys > 0 && n->failed_dkgs > 0);
    assert_true(n->snapshots >= 40 && n->coinbase_locks > 0);
    for (uint16_t version = 1; version <= 4; version++)
        assert_true(count_versions(c, version) > 0);
    for (uint16_t version = 1; version <= 3; version++)
        assert_true(count_entries(c->chain, version, 0) > 0);
    assert_true(count_entries(c->chain, 2, 1) > 0 && count_entries(c->chain, 3, 1) > 0);
    bool coinbases[4] = {false};
    for (size_t i = 0; i < c->chain->n_diffs; i++)
        coinbases[c->chain->diffs[i].cbtx.version] = true;
    assert_true(coinbases[1] && coinbases[2] && coinbases[3]);
}

static void test_eras(void **state)
{
    (void)state;
    struct gen_config config = eras(1);
    struct gen_chain *truth = generate(&config);
    struct client c;
    print_counts("regtest", truth);
    client_open(&c, truth);
    follow_and_check(&c);
    assert_eventful(&c);
    client_close(&c);
    gen_chain_free(truth);
}

/* Failing key generations leave rotated quorums that sign for many cycles: one from long before V19 signs basic locks after it. */
static void test_survivors(void **state)
{
    (void)state;
    for (uint64_t seed = 30; seed < 34; seed++) {
        struct gen_config config = eras(seed);
        config.tip = 340;
        config.dkg_failure_rate = 8000;
        config.instantlock_rate = 9000;
        struct gen_chain *truth = generate(&config);
        struct client c;
        client_open(&c, truth);
        follow_and_check(&c);
        client_close(&c);
        gen_chain_free(truth);
    }
}

/* Devnet: larger quorums, difficulty that moves, Platform quorums of Evo nodes only. */
static void test_devnet(void **state)
{
    (void)state;
    struct gen_config config = eras(2);
    config.network = "devnet-generated";
    config.options = NULL;
    config.spacing_s = 301;
    config.tip = 330;
    config.masternodes = 30;
    config.evo = 14;
    config.ext_height = 0;
    struct gen_chain *truth = generate(&config);
    struct client c;
    print_counts("devnet", truth);
    client_open(&c, truth);
    follow_and_check(&c);
    size_t types[256] = {0};
    for (size_t i = 0; i < truth->n_quorums; i++)
        types[truth->quorums[i].type]++;
    assert_true(types[101] > 0 && types[105] > 0 && types[107] > 0);
    client_close(&c);
    gen_chain_free(truth);
}

/* A chain that goes on from blocks of another one, in which there was nothing. */
static void test_past(void **state)
{
    (void)state;
    enum { PAST = 100 };
    struct gen_config config = eras(4);
    config.tip = 520;
    struct gen_chain *before = generate(&config);
    struct network like = before->network;
    like.chain.active.dip0003 = like.chain.active.dip0003_enforcement = PAST;
    config.like = &like;
    config.past = before->files[DEVNODE_HEADERS].p;
    config.n_past = PAST;
    struct gen_chain *truth = generate(&config);
    struct client c;
    client_open(&c, truth);
    assert_memory_equal(c.chain->headers, config.past, PAST * 80);
    assert_int_equal(c.chain->first_diff, PAST);
    assert_null(truth->states[PAST - 1]);
    assert_non_null(truth->states[PAST]);
    follow_and_check(&c);
    client_close(&c);
    gen_chain_free(truth);
    gen_chain_free(before);
}

/* Mainnet's quorum types at their sizes: 32 rotated quorums of 60 per cycle, 400 members for ChainLocks. The first full cycle is
 * the fourth. */
static void test_mainnet_sized(void **state)
{
    (void)state;
    struct gen_config config = gen_config_mainnet_sized(8, 1225, 500);
    config.chainlock_rate = 500;
    struct gen_chain *truth = generate(&config);
    struct client c;
    print_counts("mainnet-sized", truth);
    client_open(&c, truth);
    follow_and_check(&c);
    size_t types[256] = {0};
    for (size_t i = 0; i < truth->n_quorums; i++)
        types[truth->quorums[i].type]++;
    assert_true(types[1] > 40 && types[2] >= 3 && types[3] >= 1 && types[4] > 40 && types[5] >= 28);
    assert_int_equal(truth->network.chainlock_type, 2);
    assert_int_equal(truth->network.instantsend_type, 5);
    assert_int_equal(truth->network.platform_type, 4);
    assert_true(c.chainlocks > 0 && c.instantlocks > 0);
    client_close(&c);
    gen_chain_free(truth);
}

/* What the development peer answers on a generated chain: one qrinfo from genesis verifies the rotated quorums of its cycle. */
static void test_served(void **state)
{
    (void)state;
    struct gen_config config = eras(3);
    config.tip = 640;
    struct gen_chain *truth = generate(&config);
    struct client c;
    client_open(&c, truth);
    for (int32_t h = 0; h <= c.chain->tip; h++)
        client_block(&c, h);
    const struct devnode_view view = {c.chain, c.chain->tip, 70240};
    const struct getqrinfo ask = {NULL, 0, *devnode_chain_hash(c.chain, c.chain->tip), true};
    struct writer w;
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    writer_init(&w);
    arena_init(&arena, 0);
    assert_int_equal(devnode_answer_qrinfo(&view, &ask, &w), 0);
    assert_int_equal(qrinfo_decode(w.data, w.n, 70240, &arena, &q, &fault), 0);
    int error = engine_feed_qrinfo(c.e, &q, NULL, &fault);
    if (error != 0)
        fail_msg("%d %s", error, dspv_reason_name(fault.reason));
    assert_int_equal(engine_verify(c.e), 0);
    size_t rotated = 0;
    for (uint32_t i = 0; i < q.n_last_commitments; i++) {
        struct quorum_view view_of;
        assert_true(engine_quorum(c.e, q.last_commitments[i].type, &q.last_commitments[i].hash, &view_of));
        assert_int_equal(view_of.status, QUORUM_VERIFIED);
        rotated++;
    }
    assert_true(rotated > 0);
    arena_free(&arena);
    writer_free(&w);
    client_close(&c);
    gen_chain_free(truth);
}

static bool same_files(const struct gen_chain *a, const struct gen_chain *b)
{
    for (int i = 0; i < DEVNODE_FILES; i++)
        if (a->files[i].n != b->files[i].n || memcmp(a->files[i].p, b->files[i].p, a->files[i].n) != 0)
            return false;
    return true;
}

/* So few masternodes that every cycle uses most of them: quarters that wrap, skip lists, cycles without a snapshot. */
static void test_crowded(void **state)
{
    (void)state;
    for (uint64_t seed = 10; seed < 13; seed++) {
        struct gen_config config = eras(seed);
        config.tip = 520;
        config.masternodes = (uint32_t)seed - 5;
        config.evo = 2;
        config.remove_rate = 600;
        config.chainlock_rate = 2000;
        config.instantlock_rate = 500;
        struct gen_chain *truth = generate(&config);
        struct client c;
        print_counts("crowded", truth);
        client_open(&c, truth);
        follow_and_check(&c);
        assert_true(truth->counts.skip_snapshots > 0);
        client_close(&c);
        gen_chain_free(truth);
    }
}

/* Miners who commit to quorums that their members did not sign: each is found out, the honest ones beside it are not touched. */
static void test_forged(void **state)
{
    (void)state;
    struct gen_config config = eras(20);
    config.tip = 400;
    config.forgery_rate = 3000;
    config.chainlock_rate = config.instantlock_rate = 0;
    struct gen_chain *truth = generate(&config);
    struct client c;
    client_open(&c, truth);
    client_follow(&c);
    assert_verdicts(&c);
    assert_snapshots(&c);
    assert_true(truth->counts.forged > 5 && truth->counts.forged < truth->n_quorums);
    client_close(&c);
    gen_chain_free(truth);
}

/* Same seed, same bytes; another seed, another chain; a fork shares exactly what lies below it. */
static void test_determinism(void **state)
{
    (void)state;
    enum { TIP = 120, FORK = 90 };
    struct gen_config config = eras(4);
    config.tip = TIP;
    struct gen_chain *one = generate(&config), *same = generate(&config);
    config.seed = 5;
    struct gen_chain *other = generate(&config);
    config.seed = 4;
    config.fork_above = FORK;
    config.fork_seed = 6;
    struct gen_chain *fork = generate(&config);
    assert_true(same_files(one, same));
    assert_false(same_files(one, other));
    const uint8_t *a = one->files[DEVNODE_HEADERS].p, *b = fork->files[DEVNODE_HEADERS].p;
    assert_memory_equal(a, b, 80 * (FORK + 1));
    for (int h = FORK + 1; h <= TIP; h++)
        assert_memory_not_equal(a + 80 * h, b + 80 * h, 80);
    struct client c;
    client_open(&c, fork);
    client_follow(&c);
    assert_verdicts(&c);
    client_close(&c);
    gen_chain_free(one);
    gen_chain_free(same);
    gen_chain_free(other);
    gen_chain_free(fork);
}

/* Configurations that make no chain are told so. */
static void test_refusals(void **state)
{
    (void)state;
    static const char *const nonsense[] = {"-nosuchoption=1", NULL};
    char error[GEN_ERROR_SIZE];
    struct gen_chain *c;
    struct gen_config config = eras(1);
    config.options = nonsense;
    assert_int_equal(gen_chain_new(&c, &config, error), DSPV_EFAULT);
    assert_null(c);
    assert_true(*error);
    config = eras(1);
    config.network = "mainnet";
    config.options = NULL;
    assert_int_equal(gen_chain_new(&c, &config, error), DSPV_EFAULT);
    config = eras(1);
    config.evo = config.masternodes + 1;
    assert_int_equal(gen_chain_new(&c, &config, error), DSPV_EFAULT);
    static const uint8_t past[20 * 80];
    config = eras(1); /* DIP0003 is active from 10 on */
    config.past = past;
    config.n_past = 20;
    assert_int_equal(gen_chain_new(&c, &config, error), DSPV_EFAULT);
}

/* Whichever allocation fails, the generator says so and leaves nothing behind (the sanitizers look). */
static void test_out_of_memory(void **state)
{
    (void)state;
    char error[GEN_ERROR_SIZE];
    struct gen_chain *c;
    struct gen_config config = eras(7);
    config.tip = 64;
    size_t failures = 0;
    for (size_t n = 1;; n = n + 1 + n / 5, failures++) {
        mem_fail_after(n);
        int rc = gen_chain_new(&c, &config, error);
        mem_fail_after(0);
        if (rc == 0)
            break;
        assert_int_equal(rc, DSPV_ENOMEM);
        assert_null(c);
    }
    assert_true(failures > 20);
    gen_chain_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eras),     cmocka_unit_test(test_survivors),     cmocka_unit_test(test_devnet),
        cmocka_unit_test(test_crowded),  cmocka_unit_test(test_mainnet_sized), cmocka_unit_test(test_past),
        cmocka_unit_test(test_forged),   cmocka_unit_test(test_served),        cmocka_unit_test(test_determinism),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
