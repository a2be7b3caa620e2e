/* Small made-up instances against every possible plan (plan_model.c): whatever is missing, known or wanted, no smaller plan brings
 * as much. Wilder than what engines come to (test_planner_states.c): lists and snapshots are missing independently of each other. */
#include "support/data.h"

#include "sync/plan_model.h"

enum { INTERVAL = 24, TIP_CYCLE = 20 * INTERVAL, MOST = 8, INSTANCES = 60000 };

struct instance {
    struct need items[2 * MOST];
    struct needs needs;
    struct plan_list lists[2 * MOST];
    int32_t tip_cycles[3], snapshots[MOST], locks[1];
    struct plan_input in;
    struct plan_limits limits;
};

static bool block_at(const void *chain, int32_t height, block_hash *out)
{
    (void)chain;
    memset(out, 0, sizeof(*out));
    memcpy(out->b, &height, sizeof(height));
    return height >= 0;
}

static bool chance(uint64_t *random, uint32_t in_eight) { return test_random(random) % 8 < in_eight; }

static int32_t below(uint64_t *random, uint32_t n) { return (int32_t)(test_random(random) % n); }

static void add_need(struct instance *t, enum need_kind kind, int32_t height)
{
    if (t->needs.n >= MOST || height < 0)
        return;
    t->items[t->needs.n++] = (struct need){.kind = kind, .height = height, .type = 103, .wanted_by = 1};
    t->needs.requires_qrinfo |= kind == NEED_KIND_SNAPSHOT;
}

static void add_list(struct instance *t, int32_t height)
{
    if (height >= 0 && t->in.n_lists < 2 * MOST && (t->in.n_lists == 0 || t->lists[t->in.n_lists - 1].height < height)) {
        t->lists[t->in.n_lists].height = height;
        block_at(NULL, height, &t->lists[t->in.n_lists++].block);
    }
}

/* Cycle by cycle, each snapshot missing, known or of no interest, each list likewise. */
static void fill(struct instance *t, uint64_t *random)
{
    uint32_t missing = 1 + (uint32_t)below(random, 6), paired = (uint32_t)below(random, 9);
    int32_t span = 2 + below(random, 9);
    for (int32_t cycle = TIP_CYCLE - span * INTERVAL; cycle <= TIP_CYCLE; cycle += INTERVAL) {
        bool exists = cycle >= t->in.first_cycle && cycle < TIP_CYCLE, snapshot = exists && chance(random, missing),
              list = chance(random, snapshot ? paired : 2);
        if (list)
            add_need(t, NEED_KIND_LIST, cycle - WORK_DIFF_DEPTH);
        else if (chance(random, 6))
            add_list(t, cycle - WORK_DIFF_DEPTH);
        if (snapshot)
            add_need(t, NEED_KIND_SNAPSHOT, cycle);
        else if (exists && t->in.n_snapshots < MOST && chance(random, 5))
            t->snapshots[t->in.n_snapshots++] = cycle;
        if (chance(random, 1))
            add_need(t, NEED_KIND_LIST, cycle + 5);
    }
}

static int by_kind(const void *pa, const void *pb)
{
    const struct need *a = pa, *b = pb;
    return a->kind != b->kind ? (int)a->kind - (int)b->kind : (a->height > b->height) - (a->height < b->height);
}

static void make(struct instance *t, uint64_t seed)
{
    uint64_t random = seed;
    *t = (struct instance){.limits = {50, chance(&random, 7), chance(&random, 5), 2000, 100}};
    t->needs.items = t->items;
    t->in = (struct plan_input){.needs = &t->needs, .tip_height = TIP_CYCLE + below(&random, INTERVAL), .has_tip_list = true,
                                .lists = t->lists, .lock_heights = t->locks, .interval = INTERVAL, .mine_start = 12,
                                .tip_cycles = t->tip_cycles, .snapshots = t->snapshots, .block_at = block_at};
    if (chance(&random, 2))
        t->in.first_cycle = TIP_CYCLE - below(&random, 8) * INTERVAL;
    fill(t, &random);
    for (int i = below(&random, 4); i > 0; i--)
        t->tip_cycles[t->in.n_tip_cycles++] = TIP_CYCLE - below(&random, 7) * INTERVAL;
    if (chance(&random, 1))
        t->locks[t->in.n_lock_heights++] = t->in.tip_height - WORK_DIFF_DEPTH;
    qsort(t->items, t->needs.n, sizeof(t->items[0]), by_kind);
}

static void test_minimal(void **state)
{
    size_t qr_infos[4] = {0}, incomplete = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
        struct instance t;
        struct plan p;
        struct model_cost fewest;
        make(&t, seed);
        assert_int_equal(planner_plan(&t.in, &t.limits, &p), 0);
        assert_true(model_fewest(&t.in, &t.limits, &fewest));
        if (p.n_qr_info != fewest.qr_infos || p.n_mn_diff != fewest.mn_diffs || p.fallback_to_mn_diff == fewest.all_snapshots) {
            char text[4096];
            plan_text(&p, text, sizeof(text));
            fail_msg("seed %llu: fewest %zu + %zu (%s), planned:\n%s", (unsigned long long)seed, fewest.qr_infos, fewest.mn_diffs,
                     fewest.all_snapshots ? "all" : "not all", text);
        }
        qr_infos[p.n_qr_info < 3 ? p.n_qr_info : 3]++;
        incomplete += p.fallback_to_mn_diff;
        plan_free(&p);
    }
    print_message("instances by QRINFOs: none %zu, one %zu, two %zu, more %zu; not all to be had: %zu\n", qr_infos[0], qr_infos[1],
                  qr_infos[2], qr_infos[3], incomplete);
    for (int i = 0; i < 3; i++)
        assert_true(qr_infos[i] > INSTANCES / 50);
    assert_true(incomplete > INSTANCES / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_minimal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
