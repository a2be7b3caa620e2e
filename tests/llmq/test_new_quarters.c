/* quarters_build without data: what is built is what is decoded, ends on any list, and follows quorums.md 3.5 and 3.6. */
#include "llmq/made_up.h"

#include "base/mem.h"
#include "llmq/snapshot.h"

static struct network regtest(void)
{
    struct network net;
    assert_true(network_init(&net, "regtest"));
    return net;
}

struct history {
    struct mnlist *lists[4];
    struct quarters *quarters[3]; /* newest first */
};

static void history_push(struct history *h, struct quarters *q)
{
    quarters_unref(h->quarters[2]);
    h->quarters[2] = h->quarters[1];
    h->quarters[1] = h->quarters[0];
    h->quarters[0] = q;
}

static void history_free(struct history *h)
{
    for (int i = 0; i < 3; i++)
        history_push(h, NULL);
}

/* Masternodes `first` .. `first + n - 1`, some banned; the last ones are not confirmed, and once confirmed they stay so. */
static struct mnlist *random_list(uint64_t *random, uint32_t first, size_t n, size_t confirmed, bool conflicts)
{
    struct made_up_mn d[64];
    for (size_t i = 0; i < n; i++) {
        d[i] = made_up_distinct(first + (uint32_t)i, i % 5 == 0);
        d[i].banned = test_random(random) % 16 == 0;
        d[i].unconfirmed = i >= confirmed;
        if (conflicts) /* who has which address changes from cycle to cycle */
            d[i].port = (uint16_t)(1 + test_random(random) % (3 * n));
    }
    return made_up_list(d, n);
}

/* No member twice in an index, and everybody eligible. */
static void assert_members_sane(const struct members *m)
{
    for (uint32_t i = 0; i < m->n; i++) {
        assert_true(masternode_eligible(m->mn[i]));
        for (uint32_t k = 0; k < i; k++)
            assert_false(protx_hash_eq(&m->mn[i]->entry.protx, &m->mn[k]->entry.protx));
    }
}

/* Over evolving lists, what is built must be what is decoded from the snapshot of the build. With at least as many eligible
 * masternodes as slots no turn goes by without a skip between two skips, so that the skip list is unambiguous. */
static void run_cycles(uint64_t seed, bool conflicts, size_t *n_snapshots, size_t *n_skips)
{
    struct network net = regtest();
    struct llmq_params p = *llmq_params_by_type(103);
    p.size = 8;
    p.active = 4;
    struct history h = {{0}, {0}};
    uint64_t random = seed;
    for (int32_t cycle = 1; cycle <= 12; cycle++) {
        struct mnlist *list = random_list(&random, (uint32_t)cycle, 14 + test_random(&random) % 16, 25, conflicts);
        struct mnstate work = made_up_state(list, (uint32_t)cycle);
        struct quarters *built, *decoded;
        struct snapshot *s;
        dspv_fault fault;
        assert_int_equal(quarters_build(&net, &p, 24 * cycle, &work, h.quarters, &built, &s), 0);
        assert_non_null(s);
        *n_snapshots += 1;
        *n_skips += s->n_skips;
        assert_int_equal(s->mode, s->n_skips ? 1 : 0);
        assert_int_equal(s->n_bits, mnlist_count(list));
        assert_int_equal(quarters_decode(&net, &p, 24 * cycle, &work, s, &decoded, &fault), 0);
        for (uint32_t index = 0; index < p.active; index++) {
            assert_int_equal(built->count[index], 2);
            for (uint32_t i = 0; i < 2; i++)
                assert_memory_equal(built->mn[index * 2 + i]->entry.protx.b, decoded->mn[index * 2 + i]->entry.protx.b, 32);
            struct members *m;
            assert_int_equal(quarters_compose(h.quarters, built, index, &m), 0);
            assert_int_equal(m->n, 2 * (cycle < 4 ? cycle : 4));
            for (uint32_t i = 0; i < 2; i++) /* oldest first */
                assert_ptr_equal(m->mn[m->n - 2 + i], built->mn[index * 2 + i]);
            if (cycle >= 4)
                assert_ptr_equal(m->mn[0], h.quarters[2]->mn[index * 2]);
            /* The new quarter repeats nobody who is still in the list. */
            for (uint32_t i = 0; i + 2 < m->n; i++)
                for (uint32_t k = 0; k < 2; k++)
                    if (mnlist_find(list, &m->mn[i]->entry.protx) && !conflicts)
                        assert_memory_not_equal(m->mn[i]->entry.protx.b, built->mn[index * 2 + k]->entry.protx.b, 32);
            members_free(m);
        }
        history_push(&h, decoded);
        quarters_unref(built);
        snapshot_unref(s);
        mnlist_unref(list);
    }
    history_free(&h);
}

static void test_decode_gives_what_was_built(void **state)
{
    (void)state;
    size_t snapshots = 0, skips = 0;
    for (uint64_t seed = 1; seed <= 25; seed++)
        run_cycles(seed, false, &snapshots, &skips);
    for (uint64_t seed = 26; seed <= 50; seed++)
        run_cycles(seed, true, &snapshots, &skips);
    assert_int_equal(snapshots, 600);
    print_message("%zu snapshots with %zu skips\n", snapshots, skips);
    assert_true(skips > 600); /* the lists do exercise skipping */
}

/* Lists of 0 to 12 masternodes, sizes and indexes of all kinds: it ends, and the quarters are sane. */
static void test_tiny_lists_end(void **state)
{
    (void)state;
    struct network net = regtest();
    uint64_t random = 11;
    size_t given_up = 0, short_quarters = 0;
    for (int round = 0; round < 400; round++) {
        struct llmq_params p = *llmq_params_by_type(103);
        p.size = (uint16_t)(4 * (1 + test_random(&random) % 4));
        p.active = (uint16_t)(1 + test_random(&random) % 8);
        struct history h = {{0}, {0}};
        bool conflicts = round % 2;
        for (int32_t cycle = 1; cycle <= 6; cycle++) {
            size_t n = test_random(&random) % 13;
            struct mnlist *list = random_list(&random, 1, n, 11, conflicts);
            struct mnstate work = made_up_state(list, (uint32_t)cycle);
            struct quarters *built, *decoded;
            struct snapshot *s;
            dspv_fault fault;
            assert_int_equal(quarters_build(&net, &p, 24 * cycle, &work, h.quarters, &built, &s), 0);
            given_up += !s;
            assert_true(!s || mnlist_valid(list) >= built->size);
            for (uint32_t index = 0; index < p.active; index++) {
                assert_true(s || built->count[index] == 0);
                short_quarters += s && built->count[index] < built->size;
                struct members *m;
                assert_int_equal(quarters_compose((struct quarters *[3]){NULL, NULL, NULL}, built, index, &m), 0);
                assert_members_sane(m);
                members_free(m);
            }
            if (s) {
                assert_int_equal(quarters_decode(&net, &p, 24 * cycle, &work, s, &decoded, &fault), 0);
                history_push(&h, decoded);
            } else {
                history_free(&h);
            }
            quarters_unref(built);
            snapshot_unref(s);
            mnlist_unref(list);
        }
        history_free(&h);
    }
    assert_true(given_up > 100);
    assert_true(short_quarters > 100);
}

/* Quarters of one slot per index, filled by hand. */
static struct quarters *quarters_of(const struct llmq_params *p, struct masternode *first, struct masternode *second)
{
    struct quarters *q = quarters_alloc(p);
    assert_non_null(q);
    if (first)
        quarters_append(q, 0, first);
    if (second)
        quarters_append(q, 1, second);
    return q;
}

/* Rank of a masternode for the cycle's modifier. */
static size_t rank_of(const struct network *net, const struct llmq_params *p, int32_t cycle, const struct mnstate *work,
                      uint32_t id)
{
    hash256 modifier = llmq_modifier(net, p, cycle, NULL, work);
    protx_hash protx = made_up_protx(id);
    struct masternode **ranked;
    size_t n, at = 0;
    assert_int_equal(llmq_rank(work->list, &modifier, false, 0, &ranked, &n), 0);
    while (at < n && !protx_hash_eq(&ranked[at]->entry.protx, &protx))
        at++;
    assert_true(at < n);
    mem_free(ranked);
    return at;
}

/* 1 and 3 were used by index 0, 2 by index 1. When the old entries of 1 and 2 share an address, 2 counts as unused: it stands
 * first in the table, with the state of the new list, and its bit is clear (quorums.md 3.6). */
static void test_conflicting_used_masternode_counts_as_unused(void **state)
{
    (void)state;
    struct network net = regtest();
    const struct llmq_params *p = network_llmq(&net, 103);
    struct made_up_mn d[3] = {made_up_distinct(1, false), made_up_distinct(2, false), made_up_distinct(3, false)};
    struct mnlist *list = made_up_list(d, 3);
    for (int conflict = 0; conflict < 2; conflict++) {
        struct made_up_mn before = d[1];
        before.port = conflict ? d[0].port : 555;
        struct masternode *old1 = made_up_masternode(&d[0]), *old2 = made_up_masternode(&before),
                          *old3 = made_up_masternode(&d[2]);
        struct quarters *previous[3] = {quarters_of(p, old1, NULL), quarters_of(p, NULL, old2), quarters_of(p, old3, NULL)};
        struct mnstate work = made_up_state(list, 72);
        struct quarters *q;
        struct snapshot *s;
        assert_int_equal(quarters_build(&net, p, 72, &work, previous, &q, &s), 0);
        /* Index 0 had 1 and 3: 2 is its only choice. */
        assert_int_equal(q->count[0], 1);
        assert_ptr_equal(q->mn[0], conflict ? mnlist_find(list, &old2->entry.protx) : old2);
        assert_int_equal(snapshot_bit(s, rank_of(&net, p, 72, &work, 2)), !conflict);
        assert_true(snapshot_bit(s, rank_of(&net, p, 72, &work, 1)));
        assert_true(snapshot_bit(s, rank_of(&net, p, 72, &work, 3)));
        if (conflict)
            assert_int_equal(s->n_skips, 0); /* the first one index 0 looks at */
        assert_int_equal(q->count[1], 1);
        assert_ptr_not_equal(q->mn[1], old2);
        quarters_unref(q);
        snapshot_unref(s);
        for (int k = 0; k < 3; k++)
            quarters_unref(previous[k]);
        masternode_unref(old1);
        masternode_unref(old2);
        masternode_unref(old3);
    }
    mnlist_unref(list);
}

/* Of two old entries of one masternode the one from the newer cycle is kept, and the new quarter takes it as it is. */
static void test_newest_entry_of_a_used_masternode_wins(void **state)
{
    (void)state;
    struct network net = regtest();
    const struct llmq_params *p = network_llmq(&net, 103);
    struct made_up_mn d[3] = {made_up_distinct(1, false), made_up_distinct(2, false), made_up_distinct(3, false)};
    struct mnlist *list = made_up_list(d, 3);
    struct masternode *mn[3], *older2 = made_up_masternode(&d[1]);
    for (int i = 0; i < 3; i++)
        mn[i] = made_up_masternode(&d[i]);
    struct quarters *previous[3] = {quarters_of(p, mn[0], mn[1]), quarters_of(p, mn[2], older2), NULL}, *q;
    struct mnstate work = made_up_state(list, 3);
    struct snapshot *s;
    assert_int_equal(quarters_build(&net, p, 72, &work, previous, &q, &s), 0);
    assert_ptr_equal(q->mn[0], mn[1]); /* index 0 had 1 and 3 */
    quarters_unref(q);
    snapshot_unref(s);
    quarters_unref(previous[0]);
    quarters_unref(previous[1]);
    masternode_unref(older2);
    for (int i = 0; i < 3; i++)
        masternode_unref(mn[i]);
    mnlist_unref(list);
}

/* 1 was used and has left the list; 2 took over its address; 3 ranks below 2. Before V19, except on testnet, 1 still stands in
 * the way of 2; afterwards it is forgotten (quorums.md 3.5 step 2). */
static void test_removed_masternodes(void **state)
{
    (void)state;
    struct network net = regtest();
    struct llmq_params p = *llmq_params_by_type(103);
    p.active = 1;
    struct made_up_mn d[3] = {made_up_distinct(1, false), made_up_distinct(2, false), made_up_distinct(3, false)};
    d[1].port = d[0].port;
    struct masternode *removed = made_up_masternode(&d[0]);
    struct quarters *old = quarters_of(&p, removed, NULL), *previous[3] = {NULL, old, NULL};
    struct mnlist *list = made_up_list(d + 1, 2);
    uint32_t block = 0;
    struct mnstate work;
    do
        work = made_up_state(list, ++block);
    while (rank_of(&net, &p, 48, &work, 2) != 0);
    for (int era = 0; era < 3; era++) {
        net.chain.active.v19 = era == 1 ? 1 : 1000;
        net.chain.kind = era == 2 ? CHAIN_TESTNET : CHAIN_REGTEST;
        struct quarters *q;
        struct snapshot *s;
        assert_int_equal(quarters_build(&net, &p, 48, &work, previous, &q, &s), 0);
        protx_hash expected = made_up_protx(era == 0 ? 3 : 2);
        assert_int_equal(q->count[0], 1);
        assert_memory_equal(q->mn[0]->entry.protx.b, expected.b, 32);
        assert_int_equal(s->n_skips, era == 0);
        quarters_unref(q);
        snapshot_unref(s);
    }
    quarters_unref(old);
    masternode_unref(removed);
    mnlist_unref(list);
}

/* A used masternode that is banned now is not used any more, and its place in the old quarter stays. */
static void test_banned_masternodes(void **state)
{
    (void)state;
    struct network net = regtest();
    struct llmq_params p = *llmq_params_by_type(103);
    p.active = 1;
    struct made_up_mn d[2] = {made_up_distinct(1, false), made_up_distinct(2, false)};
    struct masternode *was_valid = made_up_masternode(&d[0]);
    d[0].banned = true;
    d[1].port = d[0].port;
    struct quarters *previous[3] = {quarters_of(&p, was_valid, NULL), NULL, NULL}, *q;
    struct mnlist *list = made_up_list(d, 2);
    struct mnstate work = made_up_state(list, 1);
    struct snapshot *s;
    struct members *m;
    assert_int_equal(quarters_build(&net, &p, 48, &work, previous, &q, &s), 0);
    assert_int_equal(s->n_bits, 2);
    assert_int_equal(s->bits[0], 0);
    assert_int_equal(quarters_compose(previous, q, 0, &m), 0);
    assert_int_equal(m->n, 2);
    assert_ptr_equal(m->mn[0], was_valid);
    protx_hash expected = made_up_protx(2); /* the banned one's address is not in its way */
    assert_memory_equal(m->mn[1]->entry.protx.b, expected.b, 32);
    members_free(m);
    quarters_unref(q);
    snapshot_unref(s);
    quarters_unref(previous[0]);
    masternode_unref(was_valid);
    mnlist_unref(list);
}

static void test_without_memory(void **state)
{
    (void)state;
    struct network net = regtest();
    struct llmq_params p = *llmq_params_by_type(103);
    p.size = 8;
    uint64_t random = 5;
    struct mnlist *list = random_list(&random, 1, 30, 28, false);
    struct mnstate work = made_up_state(list, 9);
    protx_hash some = made_up_protx(5);
    struct masternode *used = mnlist_find(list, &some);
    assert_non_null(used);
    struct quarters *old = quarters_of(&p, used, used), *previous[3] = {old, old, old}, *built = NULL, *decoded = NULL;
    struct snapshot *s = NULL;
    struct members *m = NULL;
    dspv_fault fault;
    size_t n = 0;
    int error;
    do {
        mem_fail_after(++n);
        error = quarters_build(&net, &p, 48, &work, previous, &built, &s);
        mem_fail_after(0);
    } while (error == DSPV_ENOMEM);
    assert_int_equal(error, 0);
    assert_true(n > 10);
    n = 0;
    do {
        mem_fail_after(++n);
        error = quarters_decode(&net, &p, 48, &work, s, &decoded, &fault);
        mem_fail_after(0);
    } while (error == DSPV_ENOMEM);
    assert_int_equal(error, 0);
    assert_int_equal(n, 7);
    n = 0;
    do {
        mem_fail_after(++n);
        error = quarters_compose(previous, built, 0, &m);
        mem_fail_after(0);
    } while (error == DSPV_ENOMEM);
    assert_int_equal(error, 0);
    assert_int_equal(n, 3);
    members_free(m);
    quarters_unref(built);
    quarters_unref(decoded);
    quarters_unref(old);
    snapshot_unref(s);
    mnlist_unref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_gives_what_was_built),
        cmocka_unit_test(test_tiny_lists_end),
        cmocka_unit_test(test_conflicting_used_masternode_counts_as_unused),
        cmocka_unit_test(test_newest_entry_of_a_used_masternode_wins),
        cmocka_unit_test(test_removed_masternodes),
        cmocka_unit_test(test_banned_masternodes),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
