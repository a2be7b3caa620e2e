/* Discovery and planner over random states of real engines, the plans carried out against an honest peer. With QRINFO allowed:
 *
 * a. What a plan set out to bring is there when its round is over, and after the rounds of MOST_ROUNDS nothing is missing at all.
 *    Why more than one: without the list at the tip nothing is known (1: the list, or a QRINFO with it); what the quorums there
 *    lack is the next round (2); its lists make other quorums known, those of the previous rotation cycle and the newest retired
 *    ChainLock quorum, which may lack something themselves (3, 4). A peer that stays silent on a QRINFO costs one more.
 * b. No request is useless: leave out any one, and what the others brought does not meet all needs.
 * c. No list is asked for twice, nor one that is known or that nobody needs; bases are the nearest lists that are known or targets
 *    of the plan; newest first.
 * d. Every request says who waits.
 * e. No smaller plan would do: plan_model.c tries every set.
 * f. The same state, made again, gives the same plan.
 *
 * DASHSPV_PLANNER_STATES=n tries n states instead of the usual number, DASHSPV_PLANNER_FIRST=seed begins elsewhere. */
#include "base/mem.h"
#include "sync/plan_model.h"
#include "sync/plan_states.h"

enum { USUAL_STATES = 6000, LEFT_OUT_STATES = 1500, MOST_ROUNDS = 5, MOST_REQUESTS = 100 };

static struct plan_chains chains;

struct tally {
    size_t states, rounds[MOST_ROUNDS + 1], plans, qr_infos, mn_diffs, silent, modelled, fallbacks, most_requests;
};

static void fail_state(const struct plan_state *s, const struct plan *p, const char *what)
{
    char text[8192] = "";
    if (p)
        plan_text(p, text, sizeof(text));
    fail_msg("%s seed %llu tip %d: %s\n%s", s->name, (unsigned long long)s->seed, (int)s->tip, what, text);
}

/* ---- what the planner is told */

static bool among(const int32_t *values, size_t n, int32_t value)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] == value)
            return true;
    return false;
}

/* The cycles of the rotated quorums at the tip, by the chain's own heights. */
static void check_tip_cycles(const struct plan_state *s, const struct plan_input *in)
{
    const struct network *net = &s->chain->network;
    struct commitment active[64];
    size_t n = devnode_history_active(&s->chain->history, s->tip, net->instantsend_type, active, 64);
    for (size_t i = 0; i < n && in->has_tip_list; i++) {
        const block_hash base = block_hash_of_quorum(&active[i].hash);
        int32_t cycle = llmq_cycle(network_llmq(net, net->instantsend_type), devnode_chain_height(s->chain, &base, s->tip));
        if (!among(in->tip_cycles, in->n_tip_cycles, cycle))
            fail_state(s, NULL, "a rotated quorum of the tip is not told of");
    }
}

static void check_input(const struct plan_state *s, const struct plan_input *in)
{
    assert_int_equal(in->n_lists, engine_list_count(s->e));
    for (size_t i = 0; i < in->n_lists; i++)
        assert_ptr_equal(engine_list_of_block(s->e, &in->lists[i].block), engine_list(s->e, in->lists[i].height));
    if (in->interval == 0)
        return;
    for (int32_t cycle = in->interval; cycle < s->tip - s->tip % in->interval; cycle += in->interval) {
        bool told = among(in->snapshots, in->n_snapshots, cycle), there = engine_snapshot(s->e, cycle, NULL);
        if (cycle >= in->first_cycle ? told != there || engine_snapshot_absent(s->e, cycle) : told)
            fail_state(s, NULL, "told wrongly of a snapshot");
    }
    check_tip_cycles(s, in);
}

/* ---- the plan as such */

static bool is_wanted(const struct plan_input *in, int32_t height)
{
    for (size_t i = 0; in->needs && i < in->needs->n; i++)
        if (in->needs->items[i].kind == NEED_KIND_LIST && in->needs->items[i].height == height)
            return true;
    for (size_t i = 0; i < in->n_lock_heights; i++)
        if (in->lock_heights[i] == height)
            return true;
    return !in->has_tip_list && height == in->tip_height;
}

static void check_bases(const struct plan_state *s, const struct plan *p, size_t i)
{
    const struct mn_diff_request *r = &p->mn_diff_requests[i];
    const struct mnstate *below = engine_list_below(s->e, r->tip_height);
    int32_t nearest = below ? below->height : -1;
    for (size_t k = 0; k < p->n_mn_diff; k++)
        if (p->mn_diff_requests[k].tip_height < r->tip_height && p->mn_diff_requests[k].tip_height > nearest)
            nearest = p->mn_diff_requests[k].tip_height;
    if (r->base_height != nearest)
        fail_state(s, p, "a base that is not the nearest list known or asked for");
    if (nearest >= 0 ? !block_hash_eq(&r->base, devnode_chain_hash(s->chain, nearest)) : !block_hash_is_zero(&r->base))
        fail_state(s, p, "the base is another block");
}

static void check_plan(const struct plan_state *s, const struct plan_input *in, const struct plan *p)
{
    for (size_t i = 0; i < p->n_qr_info; i++) {
        const struct qr_info_request *r = &p->qr_info_requests[i];
        if (i > 0 && r->priority >= p->qr_info_requests[i - 1].priority)
            fail_state(s, p, "not newest first");
        if (r->tip_height > s->tip || !s->limits.qr_info_allowed || (r->extra_share && !s->limits.extra_share))
            fail_state(s, p, "a QRINFO that is not allowed");
        if (strlen(r->reason) < 20 || (in->needs && !strstr(r->reason, "wait")))
            fail_state(s, p, "a QRINFO without a reason");
        for (int k = 1; k <= (r->extra_share ? 4 : 3); k++)
            if (engine_snapshot_absent(s->e, r->tip_height - r->tip_height % in->interval - k * in->interval))
                fail_state(s, p, "a QRINFO that needs a snapshot known not to exist");
    }
    for (size_t i = 0; i < p->n_mn_diff; i++) {
        const struct mn_diff_request *r = &p->mn_diff_requests[i];
        if (i > 0 && r->tip_height >= p->mn_diff_requests[i - 1].tip_height)
            fail_state(s, p, "not newest first, or asked twice");
        if (engine_list(s->e, r->tip_height) || !is_wanted(in, r->tip_height))
            fail_state(s, p, "a list that is known or that nobody needs");
        if (strlen(r->reason) < 20 || (in->needs && !strstr(r->reason, "wait")))
            fail_state(s, p, "a MNLISTDIFF without a reason");
        check_bases(s, p, i);
    }
}

static bool check_model(const struct plan_state *s, const struct plan_input *in, const struct plan *p)
{
    struct model_cost fewest;
    if (!in->needs || !model_fewest(in, &s->limits, &fewest))
        return false;
    if (p->n_qr_info != fewest.qr_infos || p->n_mn_diff != fewest.mn_diffs) {
        print_message("fewest: %zu QRINFO, %zu MNLISTDIFF\n", fewest.qr_infos, fewest.mn_diffs);
        fail_state(s, p, "not minimal");
    }
    return true;
}

/* ---- a round */

struct round {
    struct needs needs;
    struct plan_input in;
    struct plan plan;
    struct brought brought[MOST_REQUESTS];
    size_t n_brought;
    bool silent; /* some QRINFO was not answered */
};

static void carry_out(struct plan_state *s, struct round *r)
{
    assert_true(r->plan.n_qr_info + r->plan.n_mn_diff <= MOST_REQUESTS);
    for (size_t i = 0; i < r->plan.n_qr_info; i++) {
        r->brought[r->n_brought] = plan_state_ask_qr_info(s, &r->plan.qr_info_requests[i]);
        r->silent |= !r->brought[r->n_brought++].answered;
    }
    for (size_t i = r->plan.n_mn_diff; i-- > 0;) /* oldest first: bases come before */
        r->brought[r->n_brought++] = plan_state_ask_mn_diff(s, &r->plan.mn_diff_requests[i]);
}

/* Met by what the requests other than `without` brought. */
static bool is_met(const struct round *r, const struct need *n, size_t without)
{
    for (size_t i = 0; i < r->n_brought; i++)
        if (i != without && (n->kind == NEED_KIND_LIST ? brought_list(&r->brought[i], n->height)
                                                       : brought_snapshot(&r->brought[i], n->height)))
            return true;
    return false;
}

static bool is_useless(const struct plan_state *s, const struct round *r, size_t request)
{
    const struct need tip = {.kind = NEED_KIND_LIST, .height = r->in.tip_height};
    for (size_t i = 0; i < r->needs.n; i++)
        if (is_met(r, &r->needs.items[i], SIZE_MAX) && !is_met(r, &r->needs.items[i], request))
            return false;
    for (size_t i = 0; i < s->n_locks; i++) {
        const struct need lock = {.kind = NEED_KIND_LIST, .height = s->lock_heights[i]};
        if (is_met(r, &lock, SIZE_MAX) && !is_met(r, &lock, request))
            return false;
    }
    return r->in.has_tip_list || is_met(r, &tip, request);
}

/* What the plan set out to bring is there. Snapshots that it says are not to be had may also be missing. */
static void check_brought(const struct plan_state *s, const struct round *r)
{
    for (size_t i = 0; i < r->needs.n; i++) {
        const struct need *n = &r->needs.items[i];
        if (n->kind == NEED_KIND_LIST && !engine_list(s->e, n->height) && !r->silent)
            fail_state(s, &r->plan, "a list was not brought");
        if (n->kind == NEED_KIND_SNAPSHOT && !r->plan.fallback_to_mn_diff && !r->silent &&
            !engine_snapshot(s->e, n->height, NULL) && !engine_snapshot_absent(s->e, n->height))
            fail_state(s, &r->plan, "a snapshot was not brought");
    }
    for (size_t i = 0; i < s->n_locks; i++)
        if (!engine_list(s->e, s->lock_heights[i]) && !r->silent && r->in.has_tip_list)
            fail_state(s, &r->plan, "a lock's list was not brought");
}

static void count_plan(const struct plan *p, struct tally *t)
{
    size_t requests = p->n_qr_info + p->n_mn_diff;
    t->plans++;
    t->qr_infos += p->n_qr_info;
    t->mn_diffs += p->n_mn_diff;
    t->fallbacks += p->fallback_to_mn_diff;
    if (requests > t->most_requests)
        t->most_requests = requests;
}

/* Plan, carry out, check. False: there was nothing to ask for. */
static bool run_round(struct plan_state *s, struct tally *t, size_t *unmet)
{
    struct round r = {0};
    bool has_tip = plan_state_discover(s, &r.needs);
    plan_state_plan(s, has_tip ? &r.needs : NULL, &r.in, &r.plan);
    check_input(s, &r.in);
    check_plan(s, &r.in, &r.plan);
    t->modelled += check_model(s, &r.in, &r.plan);
    bool any = !plan_is_empty(&r.plan);
    *unmet = r.needs.n;
    if (any) {
        count_plan(&r.plan, t);
        carry_out(s, &r);
        check_brought(s, &r);
        for (size_t i = 0; i < r.n_brought && !r.silent; i++)
            if (is_useless(s, &r, i))
                fail_state(s, &r.plan, "a request is useless");
    }
    if (r.silent) { /* as the client does: go on without, for a while */
        s->limits.qr_info_allowed = false;
        t->silent++;
    }
    plan_free(&r.plan);
    plan_input_free(&r.in);
    needs_free(&r.needs);
    return any;
}

static void fail_unmet(struct plan_state *s)
{
    struct needs needs;
    plan_state_discover(s, &needs);
    for (size_t i = 0; i < needs.n; i++)
        print_message("unmet: kind %d height %d, wanted by %u, first type %d\n", needs.items[i].kind, (int)needs.items[i].height,
                      (unsigned)needs.items[i].wanted_by, needs.items[i].type);
    fail_state(s, NULL, "needs are left");
}

static void try_state(uint64_t seed, struct tally *t)
{
    struct plan_state s;
    plan_state_open(&s, &chains, seed);
    bool allowed = s.limits.qr_info_allowed;
    size_t rounds = 0, unmet;
    while (run_round(&s, t, &unmet))
        if (++rounds > MOST_ROUNDS)
            fail_unmet(&s);
    if (unmet > 0 && allowed)
        fail_unmet(&s);
    t->rounds[rounds]++;
    t->states++;
    plan_state_close(&s);
}

/* ---- leaving out */

/* Is something that the plan was made for still missing? */
static bool lacks_any(const struct plan_state *s, const struct round *r)
{
    for (size_t i = 0; i < r->needs.n; i++) {
        const struct need *n = &r->needs.items[i];
        if (n->kind == NEED_KIND_LIST && !engine_list(s->e, n->height))
            return true;
        if (n->kind == NEED_KIND_SNAPSHOT && !engine_snapshot(s->e, n->height, NULL) && !engine_snapshot_absent(s->e, n->height))
            return true;
    }
    for (size_t i = 0; i < s->n_locks; i++)
        if (!engine_list(s->e, s->lock_heights[i]))
            return true;
    return !engine_list(s->e, s->tip);
}

/* Carry out all but one request, and what does not build on it. */
static void carry_out_without(struct plan_state *s, const struct plan *p, size_t without)
{
    for (size_t i = 0; i < p->n_qr_info; i++)
        if (i != without)
            plan_state_ask_qr_info(s, &p->qr_info_requests[i]);
    for (size_t i = p->n_mn_diff; i-- > 0;) {
        const struct mn_diff_request *r = &p->mn_diff_requests[i];
        if (p->n_qr_info + i != without && (r->base_height < 0 || engine_list(s->e, r->base_height)))
            plan_state_ask_mn_diff(s, r);
    }
}

static void plan_first(struct plan_state *s, uint64_t seed, struct round *r)
{
    *r = (struct round){0};
    plan_state_open(s, &chains, seed);
    bool has_tip = plan_state_discover(s, &r->needs);
    plan_state_plan(s, has_tip ? &r->needs : NULL, &r->in, &r->plan);
}

static void close_round(struct plan_state *s, struct round *r)
{
    plan_free(&r->plan);
    plan_input_free(&r->in);
    needs_free(&r->needs);
    plan_state_close(s);
}

/* The engine itself says whether it still lacks something when one request of a small plan is never made. */
static void test_leaving_out(void **state)
{
    size_t left_out = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= LEFT_OUT_STATES; seed++) {
        for (size_t without = 0, n = 1; without < n; without++) {
            struct plan_state s;
            struct round r;
            plan_first(&s, seed, &r);
            n = r.plan.n_qr_info + r.plan.n_mn_diff;
            if (n > 0 && n <= 6) {
                carry_out_without(&s, &r.plan, without);
                if (!lacks_any(&s, &r))
                    fail_state(&s, &r.plan, "a request can be left out");
                left_out++;
            }
            n = n <= 6 ? n : 0;
            close_round(&s, &r);
        }
    }
    assert_true(left_out > LEFT_OUT_STATES / 2);
}

static uint64_t setting(const char *name, uint64_t usual)
{
    const char *value = getenv(name);
    return value ? strtoull(value, NULL, 10) : usual;
}

static void test_states(void **state)
{
    struct tally t = {0};
    uint64_t first = setting("DASHSPV_PLANNER_FIRST", 1), n = setting("DASHSPV_PLANNER_STATES", USUAL_STATES);
    (void)state;
    for (uint64_t seed = first; seed < first + n; seed++)
        try_state(seed, &t);
    print_message("%zu states, %zu plans, %zu rounds checked against every smaller plan, %zu QRINFO, %zu MNLISTDIFF, %zu silent, "
                  "%zu without QRINFO, largest plan %zu; rounds:", t.states, t.plans, t.modelled, t.qr_infos, t.mn_diffs, t.silent,
                  t.fallbacks, t.most_requests);
    for (size_t i = 0; i <= MOST_ROUNDS; i++)
        print_message(" %zu", t.rounds[i]);
    print_message("\n");
    assert_true(n < USUAL_STATES || (t.qr_infos > n / 4 && t.mn_diffs > n && t.modelled > n / 2));
}

static void plan_of(uint64_t seed, char *text, size_t size)
{
    struct plan_state s;
    struct round r;
    plan_first(&s, seed, &r);
    assert_true(plan_text(&r.plan, text, size) < size);
    close_round(&s, &r);
}

/* Whichever allocation fails, the planner and its input say so and leave nothing behind (the sanitizers look). */
static void test_out_of_memory(void **state)
{
    size_t failures = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct plan_state s;
        struct round r;
        struct plan plan;
        struct plan_input in;
        plan_first(&s, seed, &r);
        for (size_t n = 1;; n++, failures++) {
            mem_fail_after(n);
            int rc = planner_plan(&r.in, &s.limits, &plan);
            mem_fail_after(0);
            if (rc == 0)
                break;
            assert_int_equal(rc, DSPV_ENOMEM);
        }
        plan_free(&plan);
        for (size_t n = 1;; n++, failures++) {
            mem_fail_after(n);
            int rc = plan_input_init(&in, s.e, s.tip, r.in.needs);
            mem_fail_after(0);
            if (rc == 0)
                break;
            assert_int_equal(rc, DSPV_ENOMEM);
        }
        plan_input_free(&in);
        close_round(&s, &r);
    }
    assert_true(failures > 200);
}

static void test_determinism(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        char one[8192], other[8192];
        plan_of(seed, one, sizeof(one));
        plan_of(seed, other, sizeof(other));
        assert_string_equal(one, other);
    }
}

static int open_chains(void **state)
{
    (void)state;
    plan_chains_open(&chains);
    return 0;
}

static int close_chains(void **state)
{
    (void)state;
    plan_chains_close(&chains);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_states), cmocka_unit_test(test_leaving_out),
                                      cmocka_unit_test(test_out_of_memory), cmocka_unit_test(test_determinism)};
    return cmocka_run_group_tests(tests, open_chains, close_chains);
}
