/* The planner alone: the golden cases of hybrid-sync.md 2, and properties over random needs. */
#include "support/data.h"

#include "sync/plan_input.h"

enum { INTERVAL = 24, TIP = 2400, MOST = 64 };

/* ---- the grouping rule */

static size_t group(const int32_t *heights, size_t n, bool requires_qr_info, uint32_t span, struct height_group *out)
{
    return planner_group(heights, n, requires_qr_info, span, out);
}

static void check_group(const struct height_group *g, int32_t start, int32_t end, size_t n, enum plan_kind kind)
{
    assert_int_equal(g->start, start);
    assert_int_equal(g->end, end);
    assert_int_equal(g->n, n);
    assert_int_equal(g->kind, kind);
    assert_int_equal(g->priority, end);
    assert_true(strlen(g->reason) > 5);
}

static void test_golden_groups(void **state)
{
    static const int32_t heights[] = {1000, 1001, 1002, 1010, 1020};
    struct height_group g[5];
    (void)state;
    assert_int_equal(group(heights, 5, true, 50, g), 3);
    check_group(&g[0], 1000, 1002, 3, PLAN_QR_INFO);
    check_group(&g[1], 1010, 1010, 1, PLAN_MN_DIFF);
    check_group(&g[2], 1020, 1020, 1, PLAN_MN_DIFF);
    assert_int_equal(group(heights, 5, false, 50, g), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(g[i].kind, PLAN_MN_DIFF);
}

static void test_contiguous_groups(void **state)
{
    int32_t heights[120];
    struct height_group g[120];
    (void)state;
    for (int32_t i = 0; i < 120; i++)
        heights[i] = 5000 + i;
    assert_int_equal(group(heights, 10, false, 50, g), 1);
    check_group(&g[0], 5000, 5009, 10, PLAN_QR_INFO);
    assert_int_equal(group(heights, 50, false, 50, g), 1);
    check_group(&g[0], 5000, 5049, 50, PLAN_QR_INFO);
    assert_int_equal(group(heights, 51, false, 50, g), 2);
    check_group(&g[0], 5000, 5049, 50, PLAN_QR_INFO);
    check_group(&g[1], 5050, 5050, 1, PLAN_MN_DIFF);
    assert_int_equal(group(heights, 120, false, 50, g), 3);
    check_group(&g[2], 5100, 5119, 20, PLAN_QR_INFO);
    assert_int_equal(group(heights, 0, true, 50, g), 0);
}

static void test_random_groups(void **state)
{
    uint64_t random = 1;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        int32_t heights[MOST], h = 0;
        struct height_group g[MOST];
        size_t n = 1 + test_random(&random) % MOST, covered = 0;
        uint32_t span = 1 + (uint32_t)(test_random(&random) % 60);
        for (size_t i = 0; i < n; i++)
            heights[i] = h += 1 + (int32_t)(test_random(&random) % (round % 2 ? 3 : 8));
        size_t groups = group(heights, n, round % 3 == 0, span, g);
        for (size_t i = 0; i < groups; i++) {
            assert_int_equal(g[i].first, covered);
            assert_int_equal(g[i].start, heights[covered]);
            covered += g[i].n;
            assert_int_equal(g[i].end, heights[covered - 1]);
            assert_true(g[i].end - g[i].start < (int32_t)span || g[i].n == 1);
            if (i > 0) /* a group begins only where it must */
                assert_true(g[i].start - g[i - 1].end > PLAN_JOIN_GAP || g[i].start - g[i - 1].start >= (int32_t)span);
            assert_true(g[i].kind == PLAN_MN_DIFF || g[i].n > 4 || (round % 3 == 0 && g[i].n > 1));
        }
        assert_int_equal(covered, n);
    }
}

/* ---- plans */

static bool block_at(const void *chain, int32_t height, block_hash *out)
{
    (void)chain;
    memset(out, 0, sizeof(*out));
    memcpy(out->b, &height, sizeof(height));
    out->b[31] = 1;
    return height >= 0 && height <= TIP;
}

struct state {
    struct need items[2 * MOST];
    struct needs needs;
    struct plan_list lists[MOST];
    struct plan_input in;
    struct plan_limits limits;
};

static void state_init(struct state *s)
{
    *s = (struct state){0};
    s->needs.items = s->items;
    s->in = (struct plan_input){.needs = &s->needs, .tip_height = TIP, .has_tip_list = true, .lists = s->lists,
                                .interval = INTERVAL, .block_at = block_at};
    s->limits = (struct plan_limits){50, true, true, 2000, 100};
}

static void add_list(struct state *s, int32_t height)
{
    struct plan_list *l = &s->lists[s->in.n_lists++];
    l->height = height;
    block_at(NULL, height, &l->block);
}

static void add_need(struct state *s, enum need_kind kind, int32_t height)
{
    s->items[s->needs.n++] = (struct need){.kind = kind, .height = height, .type = 100, .wanted_by = 2};
    s->needs.requires_qrinfo = s->needs.requires_qrinfo || kind == NEED_KIND_SNAPSHOT;
}

static void test_nothing(void **state)
{
    struct state s;
    struct plan p;
    (void)state;
    state_init(&s);
    assert_int_equal(planner_plan(&s.in, &s.limits, &p), 0);
    assert_true(plan_is_empty(&p));
    assert_int_equal(p.estimated_completion_ms, 0);
    plan_free(&p);
}

static void test_first(void **state)
{
    struct state s;
    struct plan p;
    (void)state;
    state_init(&s);
    s.in.needs = NULL;
    s.in.has_tip_list = false;
    assert_int_equal(planner_plan(&s.in, &s.limits, &p), 0);
    assert_int_equal(p.n_qr_info, 1);
    assert_int_equal(p.n_mn_diff, 0);
    assert_int_equal(p.qr_info_requests[0].tip_height, TIP);
    assert_true(p.qr_info_requests[0].extra_share);
    assert_true(p.rotating_validation_needed);
    plan_free(&p);

    s.limits.qr_info_allowed = false;
    assert_int_equal(planner_plan(&s.in, &s.limits, &p), 0);
    assert_int_equal(p.n_qr_info, 0);
    assert_int_equal(p.n_mn_diff, 1);
    assert_int_equal(p.mn_diff_requests[0].base_height, -1);
    assert_true(block_hash_is_zero(&p.mn_diff_requests[0].base));
    plan_free(&p);

    add_list(&s, TIP - 7); /* following the tip */
    s.limits.qr_info_allowed = true;
    assert_int_equal(planner_plan(&s.in, &s.limits, &p), 0);
    assert_int_equal(p.n_qr_info, 0);
    assert_int_equal(p.n_mn_diff, 1);
    assert_int_equal(p.mn_diff_requests[0].base_height, TIP - 7);
    assert_int_equal(p.mn_diff_requests[0].tip_height, TIP);
    plan_free(&p);
}

/* The first QRINFO, by where the tip lies in its cycle (TIP is a cycle base) and how old the rotation is. */
static void test_first_cycle(void **state)
{
    static const struct {
        int32_t mine_start, first_cycle, asked; /* -1: no QRINFO is answered */
        bool extra_share;
    } cases[] = {
        {0, 0, TIP, true},
        {12, 0, TIP - 1, true}, /* the tip's quorums are of the cycle before: that one brings what both rest on */
        {12, TIP - 4 * INTERVAL, TIP - 1, false},
        {12, TIP - 3 * INTERVAL, TIP, false},
        {0, TIP - 4 * INTERVAL, TIP, true},
        {0, TIP - 2 * INTERVAL, -1, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct state s;
        struct plan p;
        state_init(&s);
        s.in.needs = NULL;
        s.in.has_tip_list = false;
        s.in.mine_start = cases[i].mine_start;
        s.in.first_cycle = cases[i].first_cycle;
        assert_int_equal(planner_plan(&s.in, &s.limits, &p), 0);
        assert_int_equal(p.n_qr_info, cases[i].asked >= 0);
        assert_int_equal(p.n_mn_diff, cases[i].asked < 0);
        assert_true(cases[i].asked < 0 || p.qr_info_requests[0].tip_height == cases[i].asked);
        assert_true(cases[i].asked < 0 || p.qr_info_requests[0].extra_share == cases[i].extra_share);
        plan_free(&p);
    }
}

/* Below the lists of the first QRINFO the types need an older one: it is asked for with it, as its base. */
static void test_oldest(void **state)
{
    const int32_t lowest = TIP - 4 * INTERVAL - WORK_DIFF_DEPTH;
    struct state s;
    struct plan p;
    block_hash oldest;
    (void)state;
    state_init(&s);
    s.in.needs = NULL;
    s.in.has_tip_list = false;
    s.in.oldest_list = lowest - 1;
    block_at(NULL, lowest - 1, &oldest);
    assert_int_equal(planner_plan(&s.in, &s.limits, &p), 0);
    assert_int_equal(p.n_qr_info, 1);
    assert_int_equal(p.n_mn_diff, 1);
    assert_true(p.qr_info_requests[0].base_ahead);
    assert_int_equal(p.qr_info_requests[0].base_height, lowest - 1);
    assert_memory_equal(&p.qr_info_requests[0].base, &oldest, sizeof(oldest));
    assert_int_equal(p.mn_diff_requests[0].tip_height, lowest - 1);
    assert_memory_equal(&p.mn_diff_requests[0].tip, &oldest, sizeof(oldest));
    assert_int_equal(p.mn_diff_requests[0].base_height, -1);
    assert_non_null(strstr(p.mn_diff_requests[0].reason, "the oldest list"));
    plan_free(&p);

    for (int i = 0; i < 4; i++) { /* the QRINFO brings it; it is not known; lists are known; QRINFO is out of reach */
        struct state t = s;
        t.in.lists = t.lists;
        t.in.oldest_list = i == 0 ? lowest : i == 1 ? 0 : lowest - 1;
        if (i == 2)
            add_list(&t, 100);
        t.limits.qr_info_allowed = i != 3;
        assert_int_equal(planner_plan(&t.in, &t.limits, &p), 0);
        assert_int_equal(p.n_qr_info + p.n_mn_diff, 1);
        assert_false(p.n_qr_info > 0 && p.qr_info_requests[0].base_ahead);
        assert_true(p.n_mn_diff == 0 || p.mn_diff_requests[0].tip_height == TIP);
        plan_free(&p);
    }

    s.limits.extra_share = false; /* the lists of the answer begin a cycle higher */
    s.in.oldest_list = lowest;
    assert_int_equal(planner_plan(&s.in, &s.limits, &p), 0);
    assert_int_equal(p.n_mn_diff, 1);
    assert_int_equal(p.mn_diff_requests[0].tip_height, lowest);
    plan_free(&p);
}

/* Which list that is: of the oldest llmq_400_85 on mainnet, whose commitment may be mined until offset 48 of 576 blocks. */
static void test_oldest_height(void **state)
{
    static const uint8_t seed[32] = {1};
    static const struct {
        const char *network;
        int32_t tip, oldest;
    } cases[] = {
        {"mainnet", 2449728 + 272, 2449728 - 3 * 576 - 8},
        {"mainnet", 2449728 + 48, 2449728 - 3 * 576 - 8},
        {"mainnet", 2449728 + 47, 2449728 - 4 * 576 - 8},
        {"mainnet", 1737792 + 100, 1737792 - 3 * 576}, /* before V20 it is the list of the base block itself */
        {"mainnet", 1000000, 0}, /* no rotation yet, no QRINFO */
        {"regtest", 440, 0},  /* below the first list */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct engine *e;
        struct network net;
        struct plan_input in;
        assert_true(network_init(&net, cases[i].network));
        assert_int_equal(engine_new(&e, &net, seed, 0), 0);
        assert_int_equal(plan_input_init(&in, e, cases[i].tip, NULL), 0);
        assert_int_equal(in.oldest_list, cases[i].oldest);
        plan_input_free(&in);
        engine_free(e);
    }
}

/* Snapshots of one rotation and the lists at its work blocks: one QRINFO for all; a stray list: its own MNLISTDIFF. */
static void test_hybrid(void **state)
{
    struct state s;
    struct plan p;
    char text[1000];
    (void)state;
    state_init(&s);
    add_list(&s, TIP);
    for (int32_t k = 4; k >= 1; k--)
        add_need(&s, NEED_KIND_LIST, TIP - k * INTERVAL - 8);
    add_need(&s, NEED_KIND_LIST, TIP - 40);
    for (int32_t k = 4; k >= 1; k--)
        add_need(&s, NEED_KIND_SNAPSHOT, TIP - k * INTERVAL);
    assert_int_equal(planner_plan(&s.in, &s.limits, &p), 0);
    assert_int_equal(p.n_qr_info, 1);
    assert_int_equal(p.qr_info_requests[0].tip_height, TIP);
    assert_int_equal(p.n_mn_diff, 1);
    assert_int_equal(p.mn_diff_requests[0].tip_height, TIP - 40);
    assert_int_equal(p.mn_diff_requests[0].base_height, -1);
    assert_int_equal(p.estimated_completion_ms, 2100);
    assert_true(plan_text(&p, text, sizeof(text)) < sizeof(text));
    assert_non_null(strstr(text, "QRINFO"));
    assert_non_null(strstr(text, "snapshot of cycle 2304"));
    assert_int_equal(plan_text(&p, text, 10), plan_text(&p, NULL, 0));
    plan_free(&p);

    /* without H-4C a QRINFO of the cycle before brings the three oldest; the newest follows from them */
    s.limits.extra_share = false;
    assert_int_equal(planner_plan(&s.in, &s.limits, &p), 0);
    assert_int_equal(p.n_qr_info, 1);
    assert_int_equal(p.qr_info_requests[0].tip_height, TIP - 1);
    assert_non_null(strstr(p.qr_info_requests[0].reason, "snapshot of cycle 2304 and of 2 newer"));
    assert_int_equal(p.n_mn_diff, 1);
    plan_free(&p);

    /* in fallback the snapshots stay missing, and that is said */
    s.limits.qr_info_allowed = false;
    assert_int_equal(planner_plan(&s.in, &s.limits, &p), 0);
    assert_int_equal(p.n_qr_info, 0);
    assert_int_equal(p.n_mn_diff, 5);
    assert_true(p.fallback_to_mn_diff);
    plan_free(&p);
}

/* The engine computes the snapshot of a cycle from its list and lists and snapshots of the three before it. */
static void compute_snapshots(bool *list, bool *snapshot)
{
    for (int32_t cycle = 0; cycle < TIP; cycle += INTERVAL) {
        bool follows = cycle >= WORK_DIFF_DEPTH && list[cycle - WORK_DIFF_DEPTH];
        for (int32_t k = 1; k <= 3 && cycle >= k * INTERVAL; k++) {
            int32_t old = cycle - k * INTERVAL;
            follows = follows && old >= WORK_DIFF_DEPTH && snapshot[old] && list[old - WORK_DIFF_DEPTH];
        }
        snapshot[cycle] = snapshot[cycle] || follows;
    }
}

/* Carry the plan out against an honest peer, in the order of its dependencies; count what stays unmet. */
struct executed {
    bool list[TIP + 1], snapshot[TIP + 1];
    size_t useless;
};

static void execute(const struct state *s, const struct plan *p, size_t without, struct executed *e)
{
    memset(e, 0, sizeof(*e));
    for (size_t i = 0; i < s->in.n_lists; i++)
        e->list[s->lists[i].height] = true;
    for (size_t i = 0; i < p->n_qr_info; i++) {
        const struct qr_info_request *r = &p->qr_info_requests[i];
        int32_t cycle = r->tip_height - r->tip_height % INTERVAL;
        if (i == without)
            continue;
        for (int32_t k = 1; k <= (r->extra_share ? 4 : 3); k++)
            e->snapshot[cycle - k * INTERVAL] = e->list[cycle - k * INTERVAL - 8] = true;
        e->list[cycle - 8] = true;
    }
    for (size_t i = p->n_mn_diff; i-- > 0;) { /* oldest first: bases come before */
        const struct mn_diff_request *r = &p->mn_diff_requests[i];
        assert_true(r->base_height < r->tip_height);
        if (r->base_height >= 0)
            assert_true(e->list[r->base_height]);
        e->useless += e->list[r->tip_height];
        e->list[r->tip_height] = true;
    }
    compute_snapshots(e->list, e->snapshot);
}

static bool meets_all(const struct state *s, const struct executed *e)
{
    for (size_t i = 0; i < s->needs.n; i++)
        if (!(s->items[i].kind == NEED_KIND_LIST ? e->list : e->snapshot)[s->items[i].height])
            return false;
    return true;
}

/* The fewest QRINFOs if nothing could be computed: every need of a snapshot lies in some window; greedy from above is optimal for
 * intervals. What is minimal with computing: test_planner_minimal.c. */
static size_t fewest_qr_infos(const struct state *s)
{
    size_t n = 0;
    int32_t reach = INT32_MAX, depth = s->limits.extra_share ? 4 : 3;
    for (size_t i = s->needs.n; i-- > 0;)
        if (s->items[i].kind == NEED_KIND_SNAPSHOT && s->items[i].height < reach) {
            n++;
            reach = s->items[i].height - (depth - 1) * INTERVAL;
        }
    return n;
}

static void random_state(struct state *s, uint64_t *random)
{
    int32_t h;
    state_init(s);
    s->limits.extra_share = test_random(random) % 2;
    for (h = 200; h < TIP && s->in.n_lists < 20; h += 1 + (int32_t)(test_random(random) % 400))
        add_list(s, h);
    add_list(s, TIP);
    for (h = 150; h < TIP && s->needs.n < 30; h += 1 + (int32_t)(test_random(random) % 100)) {
        bool have = false;
        for (size_t i = 0; i < s->in.n_lists; i++)
            have = have || s->lists[i].height == h;
        if (!have)
            add_need(s, NEED_KIND_LIST, h);
    }
    for (h = 10 * INTERVAL; h < TIP - INTERVAL; h += INTERVAL * (1 + (int32_t)(test_random(random) % 9)))
        if (test_random(random) % 2)
            add_need(s, NEED_KIND_SNAPSHOT, h);
}

/* The highest list below the target that is known or another target; what QRINFOs bring does not count. */
static void check_base(const struct state *s, const struct plan *p, const struct mn_diff_request *r)
{
    block_hash expected = {{0}};
    int32_t base = -1;
    for (size_t i = 0; i < s->in.n_lists; i++)
        if (s->lists[i].height < r->tip_height && s->lists[i].height > base)
            base = s->lists[i].height;
    for (size_t i = 0; i < p->n_mn_diff; i++)
        if (p->mn_diff_requests[i].tip_height < r->tip_height && p->mn_diff_requests[i].tip_height > base)
            base = p->mn_diff_requests[i].tip_height;
    if (base >= 0)
        block_at(NULL, base, &expected);
    assert_int_equal(r->base_height, base);
    assert_memory_equal(&r->base, &expected, sizeof(expected));
}

static void check_order(const struct state *s, const struct plan *p)
{
    for (size_t i = 0; i < p->n_qr_info; i++) {
        assert_true(strlen(p->qr_info_requests[i].reason) > 10);
        assert_true(i == 0 || p->qr_info_requests[i].priority <= p->qr_info_requests[i - 1].priority);
        assert_int_equal(p->qr_info_requests[i].priority, p->qr_info_requests[i].tip_height);
    }
    for (size_t i = 0; i < p->n_mn_diff; i++) {
        block_hash expected;
        const struct mn_diff_request *r = &p->mn_diff_requests[i];
        assert_true(strlen(r->reason) > 10);
        assert_true(i == 0 || r->priority < p->mn_diff_requests[i - 1].priority);
        block_at(NULL, r->tip_height, &expected);
        assert_memory_equal(&r->tip, &expected, sizeof(expected));
        check_base(s, p, r);
    }
}

static void test_random_plans(void **state)
{
    uint64_t random = 42;
    size_t qr_infos = 0, diffs = 0, saved = 0;
    static struct executed e;
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct state s;
        struct plan p;
        random_state(&s, &random);
        assert_int_equal(planner_plan(&s.in, &s.limits, &p), 0);
        check_order(&s, &p);
        execute(&s, &p, SIZE_MAX, &e);
        assert_true(meets_all(&s, &e));
        assert_int_equal(e.useless, 0);
        for (size_t i = 0; i < p.n_qr_info; i++) {
            execute(&s, &p, i, &e);
            assert_false(meets_all(&s, &e));
        }
        size_t most = fewest_qr_infos(&s);
        assert_true(p.n_qr_info <= most);
        saved += most - p.n_qr_info;
        assert_true(p.n_mn_diff <= s.needs.n);
        qr_infos += p.n_qr_info;
        diffs += p.n_mn_diff;
        plan_free(&p);
    }
    assert_true(qr_infos > 1000 && diffs > 10000 && saved > 0 && saved < qr_infos / 2);
}

static void test_locks(void **state)
{
    static const int32_t heights[] = {TIP - 8, TIP - 20, TIP - 8};
    struct state s;
    struct plan p;
    (void)state;
    state_init(&s);
    add_list(&s, TIP - 20);
    add_list(&s, TIP);
    s.in.lock_heights = heights;
    s.in.n_lock_heights = 3;
    assert_int_equal(planner_plan(&s.in, &s.limits, &p), 0);
    assert_int_equal(p.n_mn_diff, 1);
    assert_int_equal(p.mn_diff_requests[0].tip_height, TIP - 8);
    assert_int_equal(p.mn_diff_requests[0].base_height, TIP - 20);
    assert_non_null(strstr(p.mn_diff_requests[0].reason, "lock"));
    plan_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_groups), cmocka_unit_test(test_contiguous_groups), cmocka_unit_test(test_random_groups),
        cmocka_unit_test(test_nothing),       cmocka_unit_test(test_first),             cmocka_unit_test(test_first_cycle),
        cmocka_unit_test(test_hybrid),        cmocka_unit_test(test_random_plans),      cmocka_unit_test(test_locks),
        cmocka_unit_test(test_oldest),        cmocka_unit_test(test_oldest_height),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
