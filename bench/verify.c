/* From the bytes of recorded qrinfo answers to the verdict on every quorum that can be verified with them, on one core; beside it
 * what the curve operations that no client can leave out cost here (docs/verification.md). And what a ChainLock costs. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/bls/sign.h"
#include "engine/engine.h"
#include "group.h"
#include "verify_floor.h"

enum { MOST_BLOCKS = 2000 };

struct recorded {
    const char *base, *qrinfo; /* base: a list that the answer builds on, or NULL */
    struct network net;
    uint8_t *base_bytes, *bytes;
    size_t base_n, n;
    /* what a client knows of the chain */
    struct {
        block_hash hash;
        int32_t height;
        hash256 root;
        bool has_root;
    } blocks[MOST_BLOCKS];
    size_t n_blocks, verified;
};

static const uint8_t SEED[32] = {7};

static struct engine *new_engine(const struct recorded *r, unsigned flags)
{
    struct engine *e;
    bench_need(engine_new(&e, &r->net, SEED, flags) == 0, "no engine");
    return e;
}

static void feed(struct engine *e, const struct recorded *r)
{
    struct arena arena;
    dspv_fault fault;
    bool tip_waiting;
    arena_init(&arena, 0);
    if (r->base) {
        struct mnlistdiff diff;
        bench_need(mnlistdiff_decode_any(r->base_bytes, r->base_n, &arena, &diff, &fault) == 0 &&
                   engine_apply_diff(e, &diff, &fault) == 0, "a recorded list is refused");
    }
    struct qrinfo *q = arena_alloc(&arena, sizeof(*q));
    bench_need(q && qrinfo_decode_any(r->bytes, r->n, &arena, q, &fault) == 0 &&
               engine_feed_qrinfo(e, q, &tip_waiting, &fault) == 0, "a recorded qrinfo is refused");
    arena_free(&arena);
}

static size_t count_verified(const struct engine *e)
{
    size_t n = 0;
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view v;
        engine_quorum_at(e, i, &v);
        n += v.status == QUORUM_VERIFIED;
        bench_need(v.status != QUORUM_INVALID, "a recorded quorum is invalid");
    }
    return n;
}

static void note_block(struct recorded *r, const struct engine *e, const block_hash *hash)
{
    const struct mnstate *list = engine_list_of_block(e, hash);
    const int32_t height = engine_block_height(e, hash);
    if (height < 0 || block_hash_eq(hash, &r->net.chain.genesis_hash))
        return;
    bench_need(r->n_blocks < MOST_BLOCKS, "too many blocks");
    r->blocks[r->n_blocks].hash = *hash;
    r->blocks[r->n_blocks].height = height;
    r->blocks[r->n_blocks].has_root = list != NULL;
    if (list)
        r->blocks[r->n_blocks].root = list->proof_root;
    r->n_blocks++;
}

/* An audit finds the heights that a client has from its headers. */
static void learn(struct recorded *r, const struct engine *audited)
{
    for (size_t i = 0; i < engine_list_count(audited); i++)
        note_block(r, audited, &engine_list_at(audited, i)->block);
    for (size_t i = 0; i < engine_quorum_count(audited); i++) {
        struct quorum_view v;
        engine_quorum_at(audited, i, &v);
        const block_hash base = block_hash_of_quorum(&v.quorum->c.hash);
        if (v.status == QUORUM_VERIFIED)
            note_block(r, audited, &base);
    }
    r->verified = count_verified(audited);
}

/* It knows what a client knows. Still an audit: the recordings lack the diff at the tip, and so the newest commitments are those
 * that the answer names beside it. */
static struct engine *client(const struct recorded *r)
{
    struct engine *e = new_engine(r, ENGINE_OFFLINE);
    for (size_t i = 0; i < r->n_blocks; i++)
        bench_need(engine_feed_block(e, &r->blocks[i].hash, r->blocks[i].height,
                                     r->blocks[i].has_root ? &r->blocks[i].root : NULL) == 0, "a block is refused");
    return e;
}

static void to_lists(void *recorded)
{
    struct engine *e = client(recorded);
    feed(e, recorded);
    engine_free(e);
}

static void to_verdicts(void *recorded)
{
    const struct recorded *r = recorded;
    struct engine *e = client(r);
    feed(e, r);
    bench_need(engine_verify(e) == 0 && count_verified(e) == r->verified, "not all quorums are verified");
    engine_free(e);
}

static bool open_recorded(const struct bench *b, struct recorded *r, const char *base, const char *qrinfo, const char *network)
{
    memset(r, 0, sizeof(*r));
    r->base = base;
    r->qrinfo = qrinfo;
    bench_need(network_init(&r->net, network), "no such network");
    return (!base || bench_file(b, base, &r->base_bytes, &r->base_n)) && bench_file(b, qrinfo, &r->bytes, &r->n);
}

/* ---- two threads: the parts of a job, wall clock */

struct pool {
    struct engine_job *job;
    atomic_size_t next;
};

static void *run_parts(void *pool)
{
    struct pool *p = pool;
    for (size_t part; (part = atomic_fetch_add(&p->next, 1)) < engine_job_parts(p->job);)
        bench_need(engine_job_run_part(p->job, part) == 0, "a part fails");
    return NULL;
}

/* Milliseconds of the signatures alone, by so many threads. */
static double job_ms(const struct recorded *r, int threads)
{
    double best = INFINITY;
    for (int round = 0; round < 5; round++) {
        struct engine *e = client(r);
        struct pool pool = {.next = 0};
        pthread_t other;
        feed(e, r);
        bench_need(engine_job_take(e, &pool.job) == 0 && pool.job, "no job");
        const double start = clock_wall_us();
        if (threads > 1)
            bench_need(pthread_create(&other, NULL, run_parts, &pool) == 0, "no thread");
        run_parts(&pool);
        if (threads > 1)
            pthread_join(other, NULL);
        best = fmin(best, (clock_wall_us() - start) / 1e3);
        engine_job_done(e, pool.job);
        engine_free(e);
    }
    return best;
}

/* ---- a lock */

struct lock {
    struct commitment quorum;
    uint8_t key_bytes[48];
    bls_key key;
    struct clsig clsig;
    enum bls_scheme scheme;
    struct bls_item item;
};

static void make_lock(struct lock *l, enum bls_scheme scheme)
{
    const uint8_t secret_bytes[32] = {1, 2, 3};
    struct bls_secret secret;
    dspv_fault fault;
    memset(l, 0, sizeof(*l));
    bench_need(bls_secret_decode(&secret, secret_bytes), "no secret");
    bls_secret_key(&secret, &l->key);
    bls_key_encode(l->key_bytes, &l->key, scheme);
    l->scheme = scheme;
    l->quorum = (struct commitment){.version = scheme == BLS_LEGACY ? 1 : 3, .type = 2, .public_key = l->key_bytes};
    l->clsig.height = 1000;
    bls_secret_sign(&secret, l->item.msg, scheme, &l->item.sig); /* any point, to learn what is to be signed */
    bls_sig_encode(l->clsig.signature, &l->item.sig, scheme);
    bench_need(chainlock_item(&l->quorum, &l->key, &l->clsig, scheme, &l->item, &fault) == 0, "no item");
    bls_secret_sign(&secret, l->item.msg, scheme, &l->item.sig);
    bls_sig_encode(l->clsig.signature, &l->item.sig, scheme);
}

/* From the message to the verdict, under a quorum whose key is known. */
static void check_lock(void *lock)
{
    struct lock *l = lock;
    dspv_fault fault;
    bench_need(chainlock_item(&l->quorum, &l->key, &l->clsig, l->scheme, &l->item, &fault) == 0 &&
               bls_verify(&l->item.key, &l->item.sig, l->item.msg, l->scheme), "a lock is wrong");
}

/* ---- a batch of nothing but wrong signatures */

enum { WRONG = 128 };

static void check_wrong(void *items)
{
    bool ok[WRONG];
    struct rng rng;
    rng_init(&rng, SEED);
    bench_need(bls_batch_verify(items, WRONG, &rng, ok) == 0 && !ok[0] && !ok[WRONG - 1], "a verdict");
}

/* ---- rows */

static void report_part(const struct bench *b, const char *what, double value, double floor)
{
    report_row(b->report, &(struct row){.name = what, .unit = "ms", .value = value / 1e3, .floor = floor / 1e3,
                                        .floor_is = floor > 0 ? "curve operations" : NULL});
}

static void measure(const struct bench *b, struct recorded *r, const struct floor_prices *prices)
{
    struct engine *audited = new_engine(r, ENGINE_OFFLINE);
    feed(audited, r);
    bench_need(engine_verify(audited) == 0, "the audit fails");
    learn(r, audited);
    const struct floor_counts counts = floor_count(audited);
    const struct floor_sum floor = floor_of(&counts, prices);
    engine_free(audited);
    const double lists = bench_us(b, NULL, to_lists, r), all = bench_us(b, NULL, to_verdicts, r);
    char name[128];
    snprintf(name, sizeof(name), "%s: %zu quorums, %zu keys, %zu terms", r->qrinfo, counts.quorums, counts.keys, counts.terms);
    report_part(b, name, all, floor.all);
    report_part(b, "  to proven lists", lists, floor.hashing);
    report_part(b, "  from lists to verdicts", all - lists, floor.all - floor.hashing);
    report_part(b, "  floor: operator keys", floor.keys, 0);
    report_part(b, "  floor: weighted sums", floor.sums, 0);
    report_part(b, "  floor: signatures and pairing", floor.pairing, 0);
}

static void measure_threads(const struct bench *b, const struct recorded *r)
{
    const double one = job_ms(r, 1), two = job_ms(r, 2);
    report_row(b->report, &(struct row){.name = "  signatures by two threads, wall clock", .unit = "ms", .value = two,
                                        .floor = one / 2, .floor_is = "half of what one thread takes"});
}

static void measure_locks(const struct bench *b, const struct floor_prices *p)
{
    static const char *const names[] = {[BLS_LEGACY] = "a ChainLock, legacy", [BLS_BASIC] = "a ChainLock, basic"};
    static struct bls_item wrong[WRONG];
    struct lock lock;
    for (int scheme = BLS_LEGACY; scheme <= BLS_BASIC; scheme++) {
        make_lock(&lock, (enum bls_scheme)scheme);
        const double us = bench_us(b, NULL, check_lock, &lock), around = p->sig + p->hash[scheme];
        report_row(b->report, &(struct row){.name = names[scheme], .unit = "us", .value = us,
                                            .floor = around + p->loops + p->final,
                                            .floor_is = "decoding, hashing, two Miller loops, a final exponentiation"});
        report_row(b->report, &(struct row){.name = "  without decoding and hashing to the curve", .unit = "us",
                                            .value = us - around, .floor = p->loops + p->final,
                                            .floor_is = "two Miller loops, a final exponentiation"});
    }
    for (size_t i = 0; i < WRONG; i++) {
        wrong[i] = lock.item;
        wrong[i].msg[0] = (uint8_t)(wrong[i].msg[0] + 1 + i);
    }
    report_row(b->report, &(struct row){.name = "a batch of 128 wrong signatures", .unit = "ms",
                                        .value = bench_us(b, NULL, check_wrong, wrong) / 1e3,
                                        .floor = WRONG * (p->hash[BLS_BASIC] + p->loops + p->final) / 1e3,
                                        .floor_is = "one by one"});
}

static void run(const struct bench *b)
{
    static const struct {
        const char *base, *qrinfo, *network;
    } recordings[] = {
        {NULL, "mainnet/qrinfo_2449949_v70230.bin", "mainnet"},
        {NULL, "mainnet/qrinfo_2028764_v70230.bin", "mainnet"},
        {NULL, "testnet/qrinfo_849809_v70228.bin", "testnet"}, /* legacy */
    };
    static struct recorded r;
    const struct floor_prices prices = floor_price(b);
    for (size_t i = 0; i < sizeof(recordings) / sizeof(recordings[0]); i++) {
        if (open_recorded(b, &r, recordings[i].base, recordings[i].qrinfo, recordings[i].network)) {
            measure(b, &r, &prices);
            measure_threads(b, &r);
        }
        free(r.base_bytes);
        free(r.bytes);
    }
    measure_locks(b, &prices);
}

const struct group group_verify = {"verify", "recorded qrinfo answers from bytes to all verdicts", run};
