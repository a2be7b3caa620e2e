/* From the bytes of recorded qrinfo answers to the verdict on every quorum that can be verified with them, on one core; beside it
 * what the curve operations that no client can leave out cost here (docs/verification.md). And what a ChainLock costs. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
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
        if (open_recorded(b, &r, recordings[i].base, recordings[i].qrinfo, recordings[i].network))
            measure(b, &r, &prices);
        free(r.base_bytes);
        free(r.bytes);
    }
}

const struct group group_verify = {"verify", "recorded qrinfo answers from bytes to all verdicts", run};
