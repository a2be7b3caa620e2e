/* BLS: decoding, verifying, batches and weighted sums in both schemes, one thread. */
#include <stdio.h>

#include "crypto/bls/sign.h"
#include "group.h"

enum { KEYS = 400, BATCH = 100, CULPRIT = 70 };

/* What the jobs work on: keys and signatures of one scheme. */
static struct {
    enum bls_scheme scheme;
    struct bls_item items[KEYS];
    const bls_key *keys[KEYS];
    uint8_t key_bytes[KEYS][48], sig_bytes[KEYS][96];
} lot;

static void fill(enum bls_scheme scheme)
{
    uint8_t seed[32] = {1}, bytes[32];
    struct rng rng;
    rng_init(&rng, seed);
    lot.scheme = scheme;
    for (size_t i = 0; i < KEYS; i++) {
        struct bls_secret secret;
        struct bls_item *item = &lot.items[i];
        do {
            rng_bytes(&rng, bytes, 32);
        } while (!bls_secret_decode(&secret, bytes));
        rng_bytes(&rng, item->msg, 32);
        item->scheme = scheme;
        bls_secret_key(&secret, &item->key);
        bls_secret_sign(&secret, item->msg, scheme, &item->sig);
        lot.keys[i] = &item->key;
        bls_key_encode(lot.key_bytes[i], &item->key, scheme);
        bls_sig_encode(lot.sig_bytes[i], &item->sig, scheme);
    }
}

static void key_decode(size_t n)
{
    bls_key key;
    for (size_t i = 0; i < n; i++)
        bench_need(bls_key_decode(&key, lot.key_bytes[i], lot.scheme), "a key is not one");
}

static void sig_decode(size_t n)
{
    bls_sig sig;
    for (size_t i = 0; i < n; i++)
        bench_need(bls_sig_decode(&sig, lot.sig_bytes[i], lot.scheme), "a signature is not one");
}

static void hash(size_t n)
{
    blst_p2_affine point;
    for (size_t i = 0; i < n; i++)
        bls_hash_to_g2(&point, lot.items[i].msg, lot.scheme);
}

static void verify(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct bls_item *item = &lot.items[i];
        bench_need(bls_verify(&item->key, &item->sig, item->msg, lot.scheme), "a signature is wrong");
    }
}

static void batch_of(size_t n, bool with_culprit)
{
    uint8_t seed[32] = {2};
    struct rng rng;
    bool ok[BATCH];
    rng_init(&rng, seed);
    lot.items[CULPRIT].msg[0] ^= with_culprit;
    bench_need(bls_batch_verify(lot.items, n, &rng, ok) == 0 && ok[CULPRIT] == !with_culprit && ok[CULPRIT - 1], "a verdict");
    lot.items[CULPRIT].msg[0] ^= with_culprit;
}

static void batch(size_t n)
{
    batch_of(n, false);
}

static void batch_culprit(size_t n)
{
    batch_of(n, true);
}

static void weighted(size_t n)
{
    bls_key sum;
    bench_need(bls_key_aggregate_weighted(&sum, lot.keys, n, lot.scheme) == 0, "a weighted sum");
}

static const struct job {
    const char *name;
    void (*run)(size_t n);
    size_t n;
    bool each; /* the figure is that of one of n */
} jobs[] = {
    {"decode a key, with subgroup test", key_decode, BATCH, true},
    {"decode a signature, with subgroup test", sig_decode, BATCH, true},
    {"hash to G2", hash, BATCH, true},
    {"verify", verify, 20, true},
    {"batch of 100, one of them", batch, BATCH, true},
    {"batch of 100 with a culprit, one of them", batch_culprit, BATCH, true},
    {"weighted sum of 50 keys", weighted, 50, false},
    {"weighted sum of 100 keys", weighted, 100, false},
    {"weighted sum of 400 keys", weighted, 400, false},
};

static void run_job(void *argument)
{
    const struct job *job = argument;
    job->run(job->n);
}

static void run(const struct bench *b)
{
    static const char *const schemes[] = {[BLS_LEGACY] = "legacy", [BLS_BASIC] = "basic"};
    for (int scheme = BLS_LEGACY; scheme <= BLS_BASIC; scheme++) {
        fill((enum bls_scheme)scheme);
        for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
            struct job job = jobs[i];
            char name[64];
            const double us = bench_us(b, NULL, run_job, &job) / (job.each ? (double)job.n : 1);
            snprintf(name, sizeof(name), "%s, %s", job.name, schemes[scheme]);
            report_row(b->report, &(struct row){.name = name, .unit = "us", .value = us});
        }
    }
}

const struct group group_bls = {"bls", "keys and signatures, one thread", run};
