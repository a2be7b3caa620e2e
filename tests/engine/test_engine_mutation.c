/* A liar changes one byte of an honest message (criterion 6): nothing that differs from the truth is ever VERIFIED, a refused
 * message leaves the engine as it was and names a reason that fits the place, and an honest message afterwards still leads to
 * the whole truth. The truth is an engine that saw every block. */
#include "engine/served.h"

#include "base/mem.h"

enum { TIP = 581, BASE = 500, TARGET = 545, REQUEST = 581 };

struct stage {
    struct driven truth;
    struct served served;
};

static void stage_open(struct stage *s)
{
    driven_open(&s->truth, "churn");
    driven_to(&s->truth, s->truth.chain.tip);
    driven_verify(&s->truth);
    served_open(&s->served, "churn");
}

static void stage_close(struct stage *s)
{
    served_close(&s->served);
    driven_close(&s->truth);
}

/* An engine that knows the headers and a few lists. */
static struct engine *make_engine(struct stage *s, const int32_t *lists, size_t n)
{
    struct engine *e = driven_engine(&s->truth);
    driven_blocks(&s->truth, e, 0, TIP);
    for (size_t i = 0; i < n; i++)
        served_apply_full(&s->served, e, lists[i]);
    return e;
}

/* Every list is the chain's, entry for entry. */
static void assert_lists_true(const struct engine *e, const struct engine *truth)
{
    for (size_t i = 0; i < engine_list_count(e); i++) {
        const struct mnstate *ours = engine_list_at(e, i), *theirs = engine_list(truth, ours->height);
        assert_true(block_hash_eq(&ours->block, &theirs->block));
        assert_int_equal(mnlist_count(ours->list), mnlist_count(theirs->list));
        struct mnlist_iterator a, b;
        const struct masternode *x, *y;
        mnlist_begin(ours->list, &a);
        mnlist_begin(theirs->list, &b);
        while ((x = mnlist_next(&a)) && (y = mnlist_next(&b)))
            assert_true(masternode_eq(x, y));
        assert_int_equal(ours->quorums->n, theirs->quorums->n);
        for (uint32_t k = 0; k < ours->quorums->n; k++)
            assert_true(hash256_eq(&ours->quorums->items[k]->leaf, &theirs->quorums->items[k]->leaf));
        const uint8_t *p = mnstate_chainlock_signature(ours), *q = mnstate_chainlock_signature(theirs);
        assert_int_equal(p != NULL, q != NULL);
        if (p)
            assert_memory_equal(p, q, 96);
    }
}

/* ---- reasons */

static bool is_decode_reason(dspv_reason r)
{
    return (r >= DSPV_TRUNCATED && r <= DSPV_BAD_LOCK_VERSION) || r == DSPV_NO_MEMORY;
}

static bool is_proof_reason(dspv_reason r)
{
    return r == DSPV_PROOF_MALFORMED || r == DSPV_PROOF_NOT_COINBASE || r == DSPV_PROOF_WRONG_ROOT;
}

static bool is_list_reason(dspv_reason r)
{
    switch (r) {
    case DSPV_DELETED_NOT_PRESENT:
    case DSPV_DUPLICATE_ENTRY:
    case DSPV_MN_ROOT_MISMATCH:
    case DSPV_DELETED_QUORUM_NOT_PRESENT:
    case DSPV_DUPLICATE_QUORUM:
    case DSPV_QUORUM_ROOT_MISMATCH:
    case DSPV_QUORUM_NULL:
    case DSPV_CLSIG_INDEX:
    case DSPV_CLSIG_MISMATCH:
        return true;
    default:
        return false;
    }
}

static bool is_qrinfo_reason(dspv_reason r)
{
    switch (r) {
    case DSPV_SNAPSHOT_SIZE:
    case DSPV_SNAPSHOT_MISMATCH:
    case DSPV_BAD_SNAPSHOT_MODE:
    case DSPV_COMMITMENT_CONFLICT:
    case DSPV_QUORUM_VERSION:
    case DSPV_QUORUM_INDEX:
        return true;
    default:
        return false;
    }
}

/* Does the reason fit a change at this offset of a diff? */
static bool fits(dspv_reason r, size_t at, size_t coinbase, size_t lists)
{
    if (at < 2)
        return r == DSPV_BAD_DIFF_VERSION;
    if (at < 34)
        return r == DSPV_UNKNOWN_BASE;
    if (at < 66)
        return r == DSPV_NEED_HEADER;
    if (at < coinbase) /* a count of the proof shifts what follows */
        return is_proof_reason(r) || is_decode_reason(r);
    if (at < lists)
        return is_proof_reason(r) || is_decode_reason(r) || r == DSPV_CBTX_HEIGHT;
    return is_list_reason(r) || is_decode_reason(r);
}

static const uint8_t MASKS[] = {0x01, 0x80, 0xff, 0x10};

static void test_diff(void **state)
{
    (void)state;
    static const int32_t lists[] = {424, 448, 472, 496, BASE};
    struct stage s;
    stage_open(&s);
    struct bytes diff = served_diff(&s.served, BASE, TARGET);
    struct engine *e = make_engine(&s, lists, 5);
    hash256 before = driven_digest(&s.truth, e);
    struct arena arena;
    struct mnlistdiff d;
    dspv_fault fault;
    arena_init(&arena, 0);
    assert_int_equal(mnlistdiff_decode(diff.p, diff.n, 70240, &arena, &d, &fault), 0);
    assert_true(d.n_entries > 0 && d.n_deleted_quorums > 0 && d.n_new_quorums > 0 && d.n_clsigs > 0);
    size_t coinbase = (size_t)(d.coinbase.raw.p - diff.p), after = coinbase + d.coinbase.raw.n, accepted = 0, refused = 0;
    for (size_t at = 0; at < 2 * diff.n; at++) {
        uint8_t mask = at < diff.n ? MASKS[at % 4] : MASKS[(at + 1) % 4];
        diff.p[at % diff.n] ^= mask;
        int error = served_apply_diff(e, diff.p, diff.n, &fault);
        diff.p[at % diff.n] ^= mask;
        if (error != 0) {
            assert_true(error == DSPV_EFAULT || error == DSPV_EWAITING);
            if (!fits(fault.reason, at % diff.n, coinbase, after))
                fail_msg("byte %zu of %zu: %s", at % diff.n, diff.n, dspv_reason_name(fault.reason));
            hash256 now = driven_digest(&s.truth, e);
            assert_memory_equal(now.b, before.b, 32);
            refused++;
            continue;
        }
        assert_lists_true(e, s.truth.e);
        if (accepted++ % 16 == 0) {
            assert_int_equal(engine_verify(e), 0);
            driven_assert_true(e, s.truth.e);
        }
        engine_free(e);
        e = make_engine(&s, lists, 5);
    }
    print_message("%zu bytes, %zu changes: %zu refused, %zu without meaning\n", diff.n, 2 * diff.n, refused, accepted);
    assert_true(accepted < diff.n / 5);
    assert_int_equal(served_apply_diff(e, diff.p, diff.n, &fault), 0);
    engine_free(e);
    arena_free(&arena);
    free(diff.p);
    stage_close(&s);
}

static void test_truncated(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s);
    const int32_t base = BASE;
    struct engine *e = make_engine(&s, &base, 1);
    struct bytes diff = served_diff(&s.served, BASE, TARGET);
    struct bytes info = served_qrinfo(&s.served, TIP, NULL, 0, REQUEST, true);
    hash256 before = driven_digest(&s.truth, e);
    dspv_fault fault;
    for (size_t n = 0; n < diff.n; n++) {
        assert_int_equal(served_apply_diff(e, diff.p, n, &fault), DSPV_EFAULT);
        assert_true(is_decode_reason(fault.reason));
    }
    for (size_t n = 0; n < info.n; n += 7) {
        assert_int_equal(served_feed_qrinfo(e, info.p, n, &fault), DSPV_EFAULT);
        assert_true(is_decode_reason(fault.reason));
    }
    hash256 now = driven_digest(&s.truth, e);
    assert_memory_equal(now.b, before.b, 32);
    free(diff.p);
    free(info.p);
    engine_free(e);
    stage_close(&s);
}

/* ---- qrinfo */

/* A quorum that fails because of a snapshot gets another chance with the next honest answer. */
static void recover(struct stage *s, struct engine *e, const struct bytes *honest, size_t verified, size_t at)
{
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view q;
        engine_quorum_at(e, i, &q);
        if (q.status == QUORUM_INVALID)
            engine_reject_snapshots(e, q.quorum->c.type, &q.quorum->c.hash);
    }
    dspv_fault fault;
    if (served_feed_qrinfo(e, honest->p, honest->n, &fault) != 0)
        fail_msg("after a change at %zu the honest message is refused: %s", at, dspv_reason_name(fault.reason));
    assert_int_equal(engine_verify(e), 0);
    driven_assert_true(e, s->truth.e);
    assert_lists_true(e, s->truth.e);
    if (driven_count(e, QUORUM_VERIFIED) != verified)
        fail_msg("after a change at %zu: %zu verified instead of %zu", at, driven_count(e, QUORUM_VERIFIED), verified);
}

struct tally {
    size_t refused, accepted, invalid, by_reason[DSPV_REASON_COUNT];
};

static void mutate_once(struct stage *s, struct bytes *info, size_t at, uint8_t mask, size_t verified, struct tally *t)
{
    struct engine *e = make_engine(s, NULL, 0);
    dspv_fault fault = {0};
    info->p[at] ^= mask;
    int error = served_feed_qrinfo(e, info->p, info->n, &fault);
    info->p[at] ^= mask;
    assert_lists_true(e, s->truth.e);
    if (error != 0) {
        assert_true(error == DSPV_EFAULT || error == DSPV_EWAITING);
        dspv_reason r = fault.reason;
        if (!is_decode_reason(r) && !is_proof_reason(r) && !is_list_reason(r) && !is_qrinfo_reason(r) &&
            r != DSPV_CBTX_HEIGHT && r != DSPV_UNKNOWN_BASE && r != DSPV_NEED_HEADER)
            fail_msg("byte %zu of %zu: %s", at, info->n, dspv_reason_name(r));
        t->refused++;
        t->by_reason[r]++;
    } else {
        t->accepted++;
    }
    if (error == 0 || t->refused % 16 == 0) {
        assert_int_equal(engine_verify(e), 0);
        driven_assert_true(e, s->truth.e);
        bool harmed = driven_count(e, QUORUM_INVALID) > 0;
        t->invalid += harmed;
        if (harmed || t->accepted % 8 == 0 || t->refused % 16 == 0)
            recover(s, e, info, verified, at);
    }
    engine_free(e);
}

static size_t honest_count(struct stage *s, const struct bytes *info)
{
    struct engine *e = make_engine(s, NULL, 0);
    dspv_fault fault;
    assert_int_equal(served_feed_qrinfo(e, info->p, info->n, &fault), 0);
    assert_int_equal(engine_verify(e), 0);
    driven_assert_true(e, s->truth.e);
    size_t n = driven_count(e, QUORUM_VERIFIED);
    assert_int_equal(driven_count(e, QUORUM_INVALID), 0);
    engine_free(e);
    return n;
}

static void test_qrinfo(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s);
    struct bytes info = served_qrinfo(&s.served, TIP, NULL, 0, REQUEST, true);
    size_t verified = honest_count(&s, &info);
    struct tally t = {0};
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    arena_init(&arena, 0);
    assert_int_equal(qrinfo_decode(info.p, info.n, 70240, &arena, &q, &fault), 0);
    /* Every byte of the snapshots, and of all else every seventh. */
    for (int k = 0; k < QRINFO_CYCLES; k++)
        for (size_t i = 0; i < q.snapshots[k].raw.n; i++)
            for (size_t m = 0; m < 2; m++)
                mutate_once(&s, &info, (size_t)(q.snapshots[k].raw.p - info.p) + i, MASKS[m + 2 * (i % 2)], verified, &t);
    for (size_t at = 0; at < info.n; at += 7)
        mutate_once(&s, &info, at, MASKS[at / 7 % 4], verified, &t);
    print_message("%zu bytes: %zu changes refused, %zu taken, %zu of them left a quorum invalid; honest: %zu verified\n", info.n,
                  t.refused, t.accepted, t.invalid, verified);
    for (size_t r = 0; r < DSPV_REASON_COUNT; r++)
        if (t.by_reason[r])
            print_message("  %-28s %zu\n", dspv_reason_name((dspv_reason)r), t.by_reason[r]);
    assert_true(verified > 0 && t.invalid > 0);
    arena_free(&arena);
    free(info.p);
    stage_close(&s);
}

/* A whole lie that is consistent in itself: the snapshots of one cycle in place of another's. */
static void test_swapped_snapshots(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s);
    struct bytes info = served_qrinfo(&s.served, TIP, NULL, 0, REQUEST, true);
    size_t verified = honest_count(&s, &info);
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    arena_init(&arena, 0);
    for (int k = 0; k < QRINFO_CYCLES; k++) {
        assert_int_equal(qrinfo_decode(info.p, info.n, 70240, &arena, &q, &fault), 0);
        struct snapshot_msg other = q.snapshots[(k + 1) % QRINFO_CYCLES];
        q.snapshots[(k + 1) % QRINFO_CYCLES] = q.snapshots[k];
        q.snapshots[k] = other;
        struct engine *e = make_engine(&s, NULL, 0);
        int error = engine_feed_qrinfo(e, &q, NULL, &fault);
        assert_true(error == 0 || error == DSPV_EFAULT);
        assert_int_equal(engine_verify(e), 0);
        driven_assert_true(e, s.truth.e);
        recover(&s, e, &info, verified, (size_t)k);
        engine_free(e);
    }
    arena_free(&arena);
    free(info.p);
    stage_close(&s);
}

/* A lie in one cycle's snapshot leads to a wrong snapshot of the next cycle, computed by ourselves. When the lie is found out,
 * what followed from it must go too: the next cycle's honest message has to be accepted and its quorums verified. */
static void test_lie_does_not_outlive_its_cycle(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s);
    struct bytes early = served_qrinfo(&s.served, 551, NULL, 0, 551, true), late = served_qrinfo(&s.served, TIP, NULL, 0, TIP, true);
    size_t verified_early = honest_count(&s, &early), harmed = 0;
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    arena_init(&arena, 0);
    assert_int_equal(qrinfo_decode(early.p, early.n, 70240, &arena, &q, &fault), 0);
    struct engine *honest = make_engine(&s, NULL, 0);
    assert_int_equal(served_feed_qrinfo(honest, early.p, early.n, &fault), 0);
    assert_int_equal(served_feed_qrinfo(honest, late.p, late.n, &fault), 0);
    assert_int_equal(engine_verify(honest), 0);
    size_t verified = driven_count(honest, QUORUM_VERIFIED);
    engine_free(honest);
    for (int k = 0; k < QRINFO_CYCLES; k++)
        for (size_t i = 0; i < q.snapshots[k].raw.n; i++)
            for (int found_out = 0; found_out < 2; found_out++) {
                size_t at = (size_t)(q.snapshots[k].raw.p - early.p) + i;
                struct engine *e = make_engine(&s, NULL, 0);
                early.p[at] ^= 1;
                int error = served_feed_qrinfo(e, early.p, early.n, &fault);
                early.p[at] ^= 1;
                if (error == 0) {
                    harmed++;
                    if (found_out) {
                        assert_int_equal(engine_verify(e), 0);
                        recover(&s, e, &early, verified_early, at);
                        recover(&s, e, &late, verified, at);
                    } else {
                        if (served_feed_qrinfo(e, late.p, late.n, &fault) != 0)
                            fail_msg("after a change at %zu: %s", at, dspv_reason_name(fault.reason));
                        assert_int_equal(engine_verify(e), 0);
                        driven_assert_true(e, s.truth.e);
                        recover(&s, e, &early, verified, at);
                    }
                }
                engine_free(e);
            }
    print_message("%zu lies about a snapshot were believed for a cycle, none for longer\n", harmed / 2);
    assert_true(harmed > 0);
    arena_free(&arena);
    free(early.p);
    free(late.p);
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diff),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_qrinfo),
        cmocka_unit_test(test_swapped_snapshots),
        cmocka_unit_test(test_lie_does_not_outlive_its_cycle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
