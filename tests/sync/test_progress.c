/* What dspv_get_progress measures: rates, shares of the plan, diffs of the fallback alone. */
#include "sync/world.h"

enum { TIP = 581 };

static uint32_t answered(const dspv_progress *p)
{
    return p->qr_info_completed + p->mn_diff_completed;
}

static void near(double value, double expected)
{
    if (value < expected - 1e-6 || value > expected + 1e-6)
        fail_msg("%f instead of %f", value, expected);
}

static void test_rate(void **state)
{
    struct world w;
    (void)state;
    world_init(&w, "churn", TIP);
    world_add(&w)->latency_ms = 900;
    world_start(&w, 1);
    dspv_progress p = world_progress(&w);
    near(p.requests_per_second, 0);
    assert_int_equal(p.start_height, 0);
    assert_true(world_run_until_synced(&w, 60000));
    p = world_progress(&w);
    dspv_ms age = w.now - p.started;
    assert_in_range(age, 1000, 9000); /* several round trips, all within the window */
    assert_true(answered(&p) >= 1);
    near(p.requests_per_second, answered(&p) / ((double)age / 1000));
    uint32_t before = answered(&p);
    world_pass(&w, 20000);
    p = world_progress(&w);
    assert_int_equal(answered(&p), before);
    near(p.requests_per_second, 0);
    world_free(&w);
}

static void test_shares(void **state)
{
    struct world w;
    (void)state;
    world_init(&w, "churn", TIP);
    world_start(&w, 1);
    dspv_progress p = world_progress(&w);
    assert_int_equal(p.plan_qr_info_percent + p.plan_mn_diff_percent, 0); /* no plan yet */
    for (unsigned steps = 0, seen = 0; steps < 400 && p.phase != DSPV_PHASE_SYNCED; steps++) {
        world_pass(&w, 1);
        p = world_progress(&w);
        const struct plan *plan = client_plan(w.client);
        size_t qr_info = plan->n_qr_info, all = qr_info + plan->n_mn_diff;
        assert_int_equal(p.plan_qr_info_percent + p.plan_mn_diff_percent, all ? 100 : 0);
        if (all)
            assert_int_equal(p.plan_qr_info_percent, (qr_info * 100 + all / 2) / all);
        seen += all != 0;
        if (p.phase == DSPV_PHASE_SYNCED)
            assert_true(seen >= 1);
    }
    assert_int_equal(p.phase, DSPV_PHASE_SYNCED);
    world_free(&w);
}

static void test_fallback_diffs(void **state)
{
    struct world w;
    (void)state;
    world_init(&w, "churn", TIP);
    world_start(&w, 1);
    assert_true(world_run_until_synced(&w, 60000));
    assert_int_equal(world_progress(&w).fallback_diffs, 0); /* there was none */
    world_free(&w);

    world_init(&w, "churn", TIP);
    w.options.faults.ignore_getqrinfo = true;
    world_start(&w, 1);
    uint32_t before = 0;
    for (unsigned steps = 0; steps < 300 && world_progress(&w).strategy != DSPV_STRATEGY_FALLBACK; steps++) {
        before = world_progress(&w).mn_diff_completed;
        world_pass(&w, 1000);
    }
    world_pass(&w, 60000);
    dspv_progress p = world_progress(&w);
    assert_int_equal(p.strategy, DSPV_STRATEGY_FALLBACK);
    assert_true(p.fallback_diffs > 0);
    assert_true(p.fallback_diffs <= p.mn_diff_completed);
    assert_true(p.fallback_diffs >= p.mn_diff_completed - before - 1); /* at most the one that came as it began */
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_fallback_diffs),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
