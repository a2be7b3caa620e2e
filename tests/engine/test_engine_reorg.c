/* Reorganisations of every depth from 1 to 200 blocks, across cycle bases, mining windows, work blocks and activations: afterwards
 * the engine cannot be told apart from one that saw only the branch that won. */
#include "engine/driven.h"
#include "engine/grown.h"

enum { DEEPEST = 200, AFTER = 60 };

/* Where the chains part: in the mining window, on a work block, on a cycle base, on the last block of the window; before V19 (240)
 * and before V20 (460). */
static const int32_t FORKS[] = {207, 254, 304, 336, 371, 452};
enum { N_FORKS = sizeof(FORKS) / sizeof(FORKS[0]) };

struct pair {
    int32_t fork;
    struct grown a, b;
    hash256 alone[AFTER + 1]; /* an engine that saw nothing but B, so many blocks above the fork */
};

static void pair_open(struct pair *p, int32_t fork)
{
    struct gen_config config = grown_config((uint64_t)fork, fork + DEEPEST);
    config.instantlock_rate = 0;
    p->fork = fork;
    grown_open(&p->a, &config);
    config.fork_above = fork;
    config.fork_seed = (uint64_t)fork + 1;
    config.tip = fork + AFTER;
    grown_open(&p->b, &config);
    struct engine *e = grown_engine(&p->b);
    grown_follow(&p->b, e, 0, fork);
    for (int32_t k = 0; k <= AFTER; k++) {
        if (k > 0)
            grown_follow(&p->b, e, fork + k, fork + k);
        p->alone[k] = driven_digest_to(e, fork + DEEPEST);
    }
    engine_free(e);
}

static void pair_close(struct pair *p)
{
    grown_close(&p->a);
    grown_close(&p->b);
}

static void assert_as_alone(const struct pair *p, const struct engine *e, int32_t depth, int32_t k)
{
    hash256 now = driven_digest_to(e, p->fork + DEEPEST);
    if (!hash256_eq(&now, &p->alone[k]))
        fail_msg("fork at %d, %d deep: %d blocks above it the engine differs", p->fork, depth, k);
    assert_int_equal(engine_snapshot_mismatches(e), 0);
}

/* Everything verified on the way, the other branch checked block by block. */
static void reorganise(const struct pair *p, struct engine *e, int32_t depth)
{
    grown_follow(&p->a, e, p->fork + 1, p->fork + depth);
    engine_rollback(e, p->fork);
    assert_int_equal(engine_verify(e), 0);
    assert_as_alone(p, e, depth, 0);
    for (int32_t k = 1; k <= AFTER; k++) {
        grown_follow(&p->b, e, p->fork + k, p->fork + k);
        assert_as_alone(p, e, depth, k);
    }
    engine_rollback(e, p->fork);
}

/* Signature checks begun on one branch end on the other: no verdict of theirs counts for what is not the same. */
static void reorganise_under_job(const struct pair *p, struct engine *e, int32_t depth)
{
    struct engine_job *job;
    for (int32_t h = p->fork + 1; h <= p->fork + depth; h++)
        grown_step(&p->a, e, h);
    assert_int_equal(engine_job_take(e, &job), 0);
    engine_rollback(e, p->fork);
    int32_t k = 1;
    for (; k <= AFTER / 2; k++)
        grown_step(&p->b, e, p->fork + k);
    if (job) {
        assert_int_equal(engine_job_run(job), 0);
        engine_job_done(e, job);
    }
    assert_int_equal(engine_verify(e), 0);
    assert_as_alone(p, e, depth, k - 1);
    for (; k <= AFTER; k++) {
        grown_follow(&p->b, e, p->fork + k, p->fork + k);
        assert_as_alone(p, e, depth, k);
    }
    engine_rollback(e, p->fork);
}

static void test_every_depth(void **state)
{
    (void)state;
    for (int32_t i = 0; i < N_FORKS; i++) {
        struct pair p;
        pair_open(&p, FORKS[i]);
        struct engine *e = grown_engine(&p.a);
        grown_follow(&p.a, e, 0, p.fork);
        for (int32_t depth = 1 + i; depth <= DEEPEST; depth += N_FORKS) {
            if (depth / N_FORKS % 4 == 3)
                reorganise_under_job(&p, e, depth);
            else
                reorganise(&p, e, depth);
        }
        engine_free(e);
        pair_close(&p);
    }
}

/* Back and forth between the branches and within them, to random heights; where the engine ends on B it is as if it saw only B. */
static void test_random_walk(void **state)
{
    (void)state;
    struct pair p;
    struct rng rng;
    pair_open(&p, 336);
    rng_init(&rng, (const uint8_t[32]){3});
    struct engine *e = grown_engine(&p.a);
    grown_follow(&p.a, e, 0, p.fork);
    const struct grown *branch = &p.a;
    int32_t tip = p.fork;
    for (int step = 0; step < 150; step++) {
        if (rng_below(&rng, 2)) {
            int32_t top = branch->chain->tip, to = tip + (int32_t)rng_below(&rng, 40);
            to = to < top ? to : top;
            grown_follow(branch, e, tip + 1, to);
            tip = to;
        } else {
            int32_t back = tip - (int32_t)rng_below(&rng, 90);
            tip = back > p.fork - 70 ? back : p.fork - 70;
            engine_rollback(e, tip);
            assert_int_equal(engine_verify(e), 0);
            if (tip <= p.fork)
                branch = rng_below(&rng, 2) ? &p.a : &p.b;
        }
        if (branch == &p.b && tip >= p.fork)
            assert_as_alone(&p, e, step, tip - p.fork);
    }
    engine_free(e);
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_depth),
        cmocka_unit_test(test_random_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
