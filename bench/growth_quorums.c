/* What signatures cost by how many are verified at once, and a quorum set by how many are active in it. */
#include <stdlib.h>

#include "crypto/bls/sign.h"
#include "evo/quorumset.h"
#include "group.h"

enum { MOST = 1000, CHANGES = 16 };

/* ---- signatures */

struct batch {
    struct bls_item items[MOST];
    size_t n;
};

static void fill(struct batch *b)
{
    uint8_t seed[32] = {4}, bytes[32];
    struct rng rng;
    rng_init(&rng, seed);
    for (size_t i = 0; i < MOST; i++) {
        struct bls_secret secret;
        struct bls_item *item = &b->items[i];
        do {
            rng_bytes(&rng, bytes, 32);
        } while (!bls_secret_decode(&secret, bytes));
        rng_bytes(&rng, item->msg, 32);
        item->scheme = BLS_BASIC;
        bls_secret_key(&secret, &item->key);
        bls_secret_sign(&secret, item->msg, BLS_BASIC, &item->sig);
    }
}

static void verify(void *batch)
{
    static bool ok[MOST];
    const struct batch *b = batch;
    uint8_t seed[32] = {5};
    struct rng rng;
    rng_init(&rng, seed);
    bench_need(bls_batch_verify(b->items, b->n, &rng, ok) == 0 && ok[b->n - 1], "a verdict");
}

/* What each message costs whatever is shared. */
static void hash_and_loop(void *batch)
{
    const struct batch *b = batch;
    blst_p2_affine point;
    blst_fp12 f;
    bls_hash_to_g2(&point, b->items[0].msg, BLS_BASIC);
    blst_miller_loop(&f, &point, &b->items[0].key.point);
}

static void signatures(const struct bench *b)
{
    static struct batch batch;
    fill(&batch);
    const double floor = bench_us(b, NULL, hash_and_loop, &batch);
    for (size_t decade = 1; decade <= MOST; decade *= 10)
        for (size_t i = 0; i < 3; i++) {
            batch.n = decade * (size_t[]){1, 2, 5}[i];
            if (batch.n > (b->quick ? 100 : MOST))
                continue;
            report_row(b->report, &(struct row){.name = "signature verified, of so many at once",
                                                .unit = "us",
                                                .value = bench_us(b, NULL, verify, &batch) / (double)batch.n,
                                                .floor = floor,
                                                .floor_is = "hash to G2 and one Miller loop",
                                                .x_is = "signatures",
                                                .x = (double)batch.n});
        }
}

/* ---- the set of active quorums */

/* In each change one goes and one comes: how much of the tree lies between the two differs. */
struct changes {
    struct quorumset *base;
    struct mnlistdiff diffs[CHANGES];
    struct quorum_ref gone[CHANGES];
};

static struct quorum *made_quorum(struct rng *rng)
{
    uint8_t random[320] = {0}, bits[50] = {0xff};
    struct commitment c = {.version = 3, .type = 1};
    rng_bytes(rng, c.hash.b, 32);
    rng_bytes(rng, random, sizeof(random));
    c.signers = c.valid_members = (struct bitspan){.bytes = bits, .bits = 400};
    c.public_key = random;
    c.vvec_hash = random + 48;
    c.quorum_sig = random + 80;
    c.members_sig = random + 176;
    struct writer w;
    writer_init(&w);
    commitment_encode(&w, &c);
    bench_need(!w.failed, "out of memory");
    struct reader r;
    reader_init(&r, w.data, w.n);
    commitment_decode(&r, &c);
    struct quorum *q = quorum_new(&c);
    bench_need(q != NULL, "out of memory");
    writer_free(&w);
    return q;
}

static void apply(void *changes)
{
    const struct changes *c = changes;
    for (size_t i = 0; i < CHANGES; i++) {
        struct quorumset *set;
        dspv_fault fault;
        bench_need(quorumset_apply(c->base, NULL, &c->diffs[i], &set, &fault) == 0, "a change of the set");
        quorumset_root(set);
        quorumset_unref(set);
    }
}

static void sets(const struct bench *b)
{
    uint8_t seed[32] = {6};
    struct rng rng;
    struct commitment quorums[MOST + CHANGES];
    struct quorum *owners[MOST + CHANGES];
    rng_init(&rng, seed);
    for (size_t i = 0; i < MOST + CHANGES; i++) {
        owners[i] = made_quorum(&rng);
        quorums[i] = owners[i]->c;
    }
    for (size_t n = 25; n <= MOST; n *= 2) {
        const struct mnlistdiff all = {.new_quorums = quorums, .n_new_quorums = (uint32_t)n};
        struct changes c;
        dspv_fault fault;
        bench_need(quorumset_apply(NULL, NULL, &all, &c.base, &fault) == 0, "no set");
        for (size_t i = 0; i < CHANGES; i++) {
            c.gone[i] = (struct quorum_ref){quorums[i].type, quorums[i].hash};
            c.diffs[i] = (struct mnlistdiff){
                .new_quorums = &quorums[MOST + i], .n_new_quorums = 1, .deleted_quorums = &c.gone[i], .n_deleted_quorums = 1};
        }
        report_row(b->report, &(struct row){.name = "a quorum comes, one goes, and the root",
                                            .unit = "us",
                                            .value = bench_us(b, NULL, apply, &c) / CHANGES,
                                            .x_is = "quorums",
                                            .x = (double)n});
        quorumset_unref(c.base);
    }
    for (size_t i = 0; i < MOST + CHANGES; i++)
        quorum_unref(owners[i]);
}

static void run(const struct bench *b)
{
    signatures(b);
    sets(b);
}

const struct group group_growth_quorums = {"growth_quorums", "signatures by how many at once, quorum sets by how many are active",
                                           run};
