/* Costs of BLS: microseconds per operation, one thread, best of several rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "crypto/bls_sign.h"

enum { KEYS = 400, BATCH = 100, ROUNDS = 5 };

static struct bls_item items[KEYS];
static const bls_key *keys[KEYS];
static uint8_t key_bytes[KEYS][48], sig_bytes[KEYS][96];

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(bool right)
{
    if (!right) {
        fprintf(stderr, "bench_bls: a result is wrong\n");
        exit(1);
    }
}

static void fill(enum bls_scheme scheme)
{
    uint8_t seed[32] = {1}, bytes[32];
    struct rng rng;
    rng_init(&rng, seed);
    for (size_t i = 0; i < KEYS; i++) {
        struct bls_secret secret;
        do {
            rng_bytes(&rng, bytes, 32);
        } while (!bls_secret_decode(&secret, bytes));
        rng_bytes(&rng, items[i].msg, 32);
        items[i].scheme = scheme;
        bls_secret_key(&secret, &items[i].key);
        bls_secret_sign(&secret, items[i].msg, scheme, &items[i].sig);
        keys[i] = &items[i].key;
        bls_key_encode(key_bytes[i], &items[i].key, scheme);
        bls_sig_encode(sig_bytes[i], &items[i].sig, scheme);
    }
}

/* Each job returns how many operations it did. */
static size_t job_key_decode(enum bls_scheme scheme)
{
    bls_key key;
    for (size_t i = 0; i < KEYS; i++)
        must(bls_key_decode(&key, key_bytes[i], scheme));
    return KEYS;
}

static size_t job_sig_decode(enum bls_scheme scheme)
{
    bls_sig sig;
    for (size_t i = 0; i < KEYS; i++)
        must(bls_sig_decode(&sig, sig_bytes[i], scheme));
    return KEYS;
}

static size_t job_hash(enum bls_scheme scheme)
{
    blst_p2_affine point;
    for (size_t i = 0; i < BATCH; i++)
        bls_hash_to_g2(&point, items[i].msg, scheme);
    return BATCH;
}

static size_t job_verify(enum bls_scheme scheme)
{
    for (size_t i = 0; i < BATCH; i++)
        must(bls_verify(&items[i].key, &items[i].sig, items[i].msg, scheme));
    return BATCH;
}

static size_t batch(bool with_culprit)
{
    uint8_t seed[32] = {2};
    struct rng rng;
    bool ok[BATCH];
    rng_init(&rng, seed);
    items[70].msg[0] ^= with_culprit;
    must(bls_batch_verify(items, BATCH, &rng, ok) == 0 && ok[70] == !with_culprit && ok[69]);
    items[70].msg[0] ^= with_culprit;
    return BATCH;
}

static size_t job_batch(enum bls_scheme scheme)
{
    (void)scheme;
    return batch(false);
}

static size_t job_batch_culprit(enum bls_scheme scheme)
{
    (void)scheme;
    return batch(true);
}

static size_t weighted(size_t n, enum bls_scheme scheme)
{
    bls_key sum;
    must(bls_key_aggregate_weighted(&sum, keys, n, scheme) == 0);
    return 1;
}

static size_t job_weighted_50(enum bls_scheme scheme)
{
    return weighted(50, scheme);
}
static size_t job_weighted_100(enum bls_scheme scheme)
{
    return weighted(100, scheme);
}
static size_t job_weighted_400(enum bls_scheme scheme)
{
    return weighted(400, scheme);
}

static double measure(size_t (*job)(enum bls_scheme), enum bls_scheme scheme)
{
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_us();
        size_t operations = job(scheme);
        double each = (now_us() - start) / (double)operations;
        if (round == 0 || each < best)
            best = each;
    }
    return best;
}

int main(void)
{
    static const struct {
        const char *name;
        size_t (*job)(enum bls_scheme);
    } jobs[] = {
        {"decode a key, with subgroup test", job_key_decode},
        {"decode a signature, with subgroup test", job_sig_decode},
        {"hash to G2", job_hash},
        {"verify", job_verify},
        {"batch of 100, per item", job_batch},
        {"batch of 100 with one culprit, per item", job_batch_culprit},
        {"weighted sum of 50 keys", job_weighted_50},
        {"weighted sum of 100 keys", job_weighted_100},
        {"weighted sum of 400 keys", job_weighted_400},
    };
    enum { JOBS = sizeof(jobs) / sizeof(jobs[0]) };
    double us[2][JOBS];
    for (int scheme = BLS_LEGACY; scheme <= BLS_BASIC; scheme++) {
        fill((enum bls_scheme)scheme);
        for (size_t i = 0; i < JOBS; i++)
            us[scheme][i] = measure(jobs[i].job, (enum bls_scheme)scheme);
    }
    printf("%-42s %12s %12s\n", "BLS, microseconds (best of 5)", "legacy", "basic");
    for (size_t i = 0; i < JOBS; i++)
        printf("%-42s %12.1f %12.1f\n", jobs[i].name, us[BLS_LEGACY][i], us[BLS_BASIC][i]);
    return 0;
}
