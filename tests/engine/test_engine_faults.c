/* Out of memory at every allocation of the engine: DSPV_ENOMEM, nothing leaked (the sanitizers see), nothing false believed, and
 * the same call again leads to the same end as if nothing had happened. */
#include "engine/served.h"

#include "base/mem.h"

enum { TIP = 551 };

struct stage {
    struct driven d;
    struct served served;
};

static void stage_open(struct stage *s)
{
    driven_open(&s->d, "churn");
    driven_to(&s->d, s->d.chain.tip);
    driven_verify(&s->d);
    served_open(&s->served, "churn");
}

static void stage_close(struct stage *s)
{
    served_close(&s->served);
    driven_close(&s->d);
}

/* An engine that knows the headers and the lists a qrinfo at TIP would bring, all but the last work block's. */
static struct engine *make_engine(struct stage *s, bool lists)
{
    struct engine *e = driven_engine(&s->d);
    driven_blocks(&s->d, e, 0, TIP);
    for (int32_t h = 424; lists && h < 544; h += 24)
        served_apply_full(&s->served, e, h);
    return e;
}

typedef int action(struct stage *s, struct engine *e, const struct bytes *payload, dspv_fault *fault);

static int apply_diff(struct stage *s, struct engine *e, const struct bytes *payload, dspv_fault *fault)
{
    (void)s;
    return served_apply_diff(e, payload->p, payload->n, fault);
}

static int feed_qrinfo(struct stage *s, struct engine *e, const struct bytes *payload, dspv_fault *fault)
{
    (void)s;
    return served_feed_qrinfo(e, payload->p, payload->n, fault);
}

static int verify(struct stage *s, struct engine *e, const struct bytes *payload, dspv_fault *fault)
{
    (void)s;
    (void)payload;
    (void)fault;
    return engine_verify(e);
}

static int job(struct stage *s, struct engine *e, const struct bytes *payload, dspv_fault *fault)
{
    (void)s;
    (void)payload;
    (void)fault;
    struct engine_job *work;
    int error = engine_job_take(e, &work);
    if (error != 0 || !work)
        return error;
    error = engine_job_run(work);
    engine_job_done(e, work);
    return error;
}

/* What one engine, prepared the same way, is asked to do while the nth allocation fails, n = 1, 1 + step, ... `fixed`: the
 * failing call leaves the engine's answers as they were; else only the end counts. Returns the number of failures. */
static size_t fail_everywhere(struct stage *s, bool lists, const struct bytes *before, action *act, const struct bytes *payload,
                              size_t step, bool fixed)
{
    dspv_fault fault;
    struct engine *e = make_engine(s, lists);
    if (before)
        assert_int_equal(feed_qrinfo(s, e, before, &fault), 0);
    hash256 start = driven_digest(&s->d, e);
    assert_int_equal(act(s, e, payload, &fault), 0);
    assert_int_equal(engine_verify(e), 0);
    hash256 end = driven_digest(&s->d, e);
    engine_free(e);
    for (size_t n = 1;; n += step) {
        e = make_engine(s, lists);
        if (before)
            assert_int_equal(feed_qrinfo(s, e, before, &fault), 0);
        mem_fail_after(n);
        int error = act(s, e, payload, &fault);
        bool reached = mem_fail_after(0) >= n;
        if (error != 0) {
            assert_int_equal(error, DSPV_ENOMEM);
            hash256 now = driven_digest(&s->d, e);
            if (fixed && !hash256_eq(&now, &start))
                fail_msg("allocation %zu: the engine changed", n);
            driven_assert_true(e, s->d.e);
            if (act(s, e, payload, &fault) != 0)
                fail_msg("allocation %zu: the second try fails", n);
        }
        assert_int_equal(engine_verify(e), 0);
        hash256 now = driven_digest(&s->d, e);
        if (!hash256_eq(&now, &end))
            fail_msg("allocation %zu: another end", n);
        engine_free(e);
        if (!reached)
            return n;
    }
}

static void test_new(void **state)
{
    (void)state;
    struct network net;
    const uint8_t seed[32] = {0};
    assert_true(network_init(&net, "regtest"));
    struct engine *e = NULL;
    size_t n = 0;
    int error;
    do {
        mem_fail_after(++n);
        error = engine_new(&e, &net, seed, 0);
        mem_fail_after(0);
        assert_true(error == 0 || error == DSPV_ENOMEM);
    } while (error != 0);
    assert_true(n > 2);
    engine_free(e);
    engine_free(NULL);
}

static void test_apply_diff(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s);
    /* The work block of a cycle, with new quorums: the cycle's snapshot is derived on the way. */
    struct bytes diff = served_diff(&s.served, 520, 544), info = served_qrinfo(&s.served, 543, NULL, 0, 543, true);
    size_t n = fail_everywhere(&s, false, &info, apply_diff, &diff, 1, false);
    print_message("apply_diff: %zu allocations\n", n - 1);
    assert_true(n > 30);
    free(diff.p);
    free(info.p);
    stage_close(&s);
}

/* Where nothing is derived, a failing call changes nothing at all. */
static void test_apply_diff_changes_nothing(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s);
    struct bytes diff = served_diff(&s.served, 520, 549);
    size_t n = fail_everywhere(&s, true, NULL, apply_diff, &diff, 1, true);
    assert_true(n > 15);
    free(diff.p);
    stage_close(&s);
}

static void test_feed_qrinfo(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s);
    struct bytes info = served_qrinfo(&s.served, TIP, NULL, 0, TIP, true);
    size_t n = fail_everywhere(&s, false, NULL, feed_qrinfo, &info, 1, false);
    print_message("feed_qrinfo: %zu allocations\n", n - 1);
    assert_true(n > 100);
    free(info.p);
    stage_close(&s);
}

static void test_verify(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s);
    struct bytes info = served_qrinfo(&s.served, TIP, NULL, 0, TIP, true);
    size_t n = fail_everywhere(&s, false, &info, verify, NULL, 3, false);
    print_message("verify: %zu allocations\n", n - 1);
    assert_true(n > 50);
    n = fail_everywhere(&s, false, &info, job, NULL, 7, false);
    assert_true(n > 50);
    free(info.p);
    stage_close(&s);
}

/* Each of the pure questions fails cleanly. */
static void test_questions(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s);
    const struct engine *e = s.d.e;
    struct bytes info = served_qrinfo(&s.served, TIP, NULL, 0, TIP, true);
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    arena_init(&arena, 0);
    assert_int_equal(qrinfo_decode(info.p, info.n, 70240, &arena, &q, &fault), 0);
    for (int what = 0; what < 3; what++)
        for (size_t n = 1;; n++) {
            struct needs needs = {0};
            block_hash *blocks = NULL;
            size_t *wanted = NULL, count;
            mem_fail_after(n);
            int error = what == 0   ? engine_discover(e, s.d.chain.tip, &needs)
                        : what == 1 ? engine_qrinfo_hashes(&q, &blocks, &count)
                                    : engine_wanted(e, s.d.chain.tip, &wanted, &count);
            mem_fail_after(0);
            if (error == 0) {
                needs_free(&needs);
                mem_free(blocks);
                mem_free(wanted);
                break;
            }
            assert_int_equal(error, DSPV_ENOMEM);
        }
    arena_free(&arena);
    free(info.p);
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new),
        cmocka_unit_test(test_apply_diff),
        cmocka_unit_test(test_apply_diff_changes_nothing),
        cmocka_unit_test(test_feed_qrinfo),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
