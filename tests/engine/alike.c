#include "engine/alike.h"

/* ---- the same answers */

void assert_same_quorum(const struct quorum_view *a, const struct quorum_view *b)
{
    assert_true(hash256_eq(&a->quorum->leaf, &b->quorum->leaf));
    assert_int_equal(a->base_height, b->base_height);
    assert_int_equal(a->committed, b->committed);
    assert_int_equal(a->first_seen, b->first_seen);
    assert_int_equal(a->last_seen, b->last_seen);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->fault.reason, b->fault.reason);
    assert_int_equal(a->members != NULL, b->members != NULL);
    if (!a->members)
        return;
    assert_int_equal(a->members->n, b->members->n);
    for (uint32_t i = 0; i < a->members->n; i++)
        assert_true(masternode_eq(a->members->mn[i], b->members->mn[i]));
}

static bool same_snapshot(const struct snapshot *a, const struct snapshot *b)
{
    return a && b ? snapshot_eq(a, b) : a == b;
}

static void assert_same_needs(const struct engine *pruned, const struct engine *full, int32_t tip)
{
    struct needs a, b;
    assert_int_equal(engine_discover(pruned, tip, &a), 0);
    assert_int_equal(engine_discover(full, tip, &b), 0);
    assert_int_equal(a.wanted, b.wanted);
    assert_int_equal(a.verified, b.verified);
    assert_int_equal(a.invalid, b.invalid);
    assert_int_equal(a.waiting, b.waiting);
    assert_int_equal(a.requires_qrinfo, b.requires_qrinfo);
    assert_int_equal(a.n, b.n);
    for (size_t i = 0; i < a.n; i++) {
        assert_int_equal(a.items[i].kind, b.items[i].kind);
        assert_int_equal(a.items[i].height, b.items[i].height);
        assert_int_equal(a.items[i].wanted_by, b.items[i].wanted_by);
    }
    needs_free(&a);
    needs_free(&b);
}

void assert_same_answers(const struct engine *pruned, const struct engine *full, int32_t tip)
{
    const struct llmq_params *p = network_llmq(engine_network(full), engine_network(full)->instantsend_type);
    struct quorum_view a, b;
    for (size_t i = 0; i < engine_quorum_count(pruned); i++) {
        engine_quorum_at(pruned, i, &a);
        assert_true(engine_quorum(full, a.quorum->c.type, &a.quorum->c.hash, &b));
        assert_same_quorum(&a, &b);
        block_hash base = block_hash_of_quorum(&a.quorum->c.hash);
        assert_int_equal(engine_block_height(pruned, &base), a.base_height);
    }
    for (size_t i = 0; i < engine_quorum_count(full); i++) {
        engine_quorum_at(full, i, &b);
        if (b.last_seen >= tip - ENGINE_LEAST_RECENT && !engine_quorum(pruned, b.quorum->c.type, &b.quorum->c.hash, &a))
            fail_msg("tip %d: type %d base %d is forgotten", tip, b.quorum->c.type, b.base_height);
    }
    for (size_t i = 0; i < engine_list_count(pruned); i++) {
        const struct mnstate *s = engine_list_at(pruned, i), *t = engine_list(full, s->height);
        assert_true(t && block_hash_eq(&s->block, &t->block));
        assert_int_equal(engine_block_height(pruned, &s->block), s->height);
    }
    if (!engine_list(full, tip))
        return;
    assert_non_null(engine_list(pruned, tip));
    assert_same_needs(pruned, full, tip);
    int32_t mined_until = tip > p->mine_end ? tip - p->mine_end : 0; /* older cycles have brought forth what they could */
    int32_t first = llmq_cycle(p, mined_until) - 2 * p->interval;
    for (int32_t cycle = llmq_cycle(p, tip + WORK_DIFF_DEPTH); cycle >= first && cycle > 0; cycle -= p->interval) {
        bool derived_a, derived_b;
        const struct snapshot *x = engine_snapshot(pruned, cycle, &derived_a), *y = engine_snapshot(full, cycle, &derived_b);
        if (!same_snapshot(x, y) || derived_a != derived_b)
            fail_msg("tip %d: the snapshot of cycle %d differs", tip, cycle);
        assert_int_equal(engine_snapshot_absent(pruned, cycle), engine_snapshot_absent(full, cycle));
    }
}

/* ---- the bound of engine.h */

struct depth {
    int32_t floor, depth; /* no rollback goes below the floor; the horizon is so deep below the tip */
};

static struct depth depth_of(const struct network *net, int32_t tip, int32_t settled)
{
    const struct llmq_params *p = network_llmq(net, net->instantsend_type);
    struct depth h = {.floor = tip - ENGINE_MOST_REORG};
    if (settled > h.floor)
        h.floor = settled;
    if (h.floor < 0)
        h.floor = 0;
    h.depth = p && p->rotated ? p->interval + ENGINE_RECENT_MARGIN : 0;
    if (h.depth < ENGINE_LEAST_RECENT)
        h.depth = ENGINE_LEAST_RECENT;
    if (h.depth < tip - h.floor)
        h.depth = tip - h.floor;
    return h;
}

/* As many quorums as can have been active at some time within so many blocks. */
static size_t most_quorums(const struct network *net, int32_t blocks)
{
    size_t n = 0;
    for (size_t i = 0; i < net->n_llmqs; i++) {
        const struct llmq_params *p = &net->llmqs[i];
        n += p->active + (size_t)(blocks / p->interval + 1) * (p->rotated ? p->active : 1);
    }
    return n;
}

static size_t count_blocks(const struct engine *e, int32_t tip)
{
    size_t n = 0;
    block_hash hash;
    for (int32_t h = 0; h <= tip; h++)
        n += engine_block_at(e, h, &hash);
    return n;
}

void assert_bound(const struct engine *e, int32_t tip, int32_t settled, size_t n_keep, size_t unfinished)
{
    const struct network *net = engine_network(e);
    const struct llmq_params *p = network_llmq(net, net->instantsend_type);
    struct depth h = depth_of(net, tip, settled);
    size_t lists = (size_t)h.depth + 1 + ENGINE_MOST_OLDER_LISTS + n_keep + 4 * unfinished;
    if (engine_list_count(e) > lists)
        fail_msg("tip %d: %zu lists, at most %zu", tip, engine_list_count(e), lists);
    size_t quorums = most_quorums(net, h.depth + 7 * p->interval);
    if (engine_quorum_count(e) > quorums)
        fail_msg("tip %d: %zu quorums, at most %zu", tip, engine_quorum_count(e), quorums);
    size_t blocks = 1 + lists + (size_t)h.depth + 2 * engine_quorum_count(e) + 12;
    if (count_blocks(e, tip) > blocks)
        fail_msg("tip %d: %zu blocks, at most %zu", tip, count_blocks(e, tip), blocks);
}
