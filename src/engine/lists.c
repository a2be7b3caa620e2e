/* Proven lists by height, and the two messages that bring them. A list is stored only after mnstate_apply proved it; a refused
 * message leaves everything as it was, except that lists proven earlier in the same qrinfo stay (they are true on their own). */
#include <stdlib.h>

#include "engine/engine_state.h"

static size_t lower_bound(const struct engine *e, int32_t height)
{
    size_t low = 0, high = e->n_lists;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e->lists[middle]->height < height)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t engine_list_count(const struct engine *e)
{
    return e->n_lists;
}

struct mnstate *engine_list_at(const struct engine *e, size_t i)
{
    return e->lists[i];
}

struct mnstate *engine_list(const struct engine *e, int32_t height)
{
    size_t i = lower_bound(e, height);
    return i < e->n_lists && e->lists[i]->height == height ? e->lists[i] : NULL;
}

struct mnstate *engine_list_below(const struct engine *e, int32_t height)
{
    size_t i = height == INT32_MAX ? e->n_lists : lower_bound(e, height + 1);
    return i > 0 ? e->lists[i - 1] : NULL;
}

struct mnstate *engine_list_of_block(const struct engine *e, const block_hash *hash)
{
    int32_t height = engine_block_height(e, hash);
    return height < 0 ? NULL : engine_list(e, height);
}

struct mnstate *engine_tip_list(const struct engine *e)
{
    return e->n_lists ? e->lists[e->n_lists - 1] : NULL;
}

/* ---- quorumsCLSigs: a claim, checked against the proven coinbase of the work block when we have it (quorums.md 4.2) */

static bool signature_matches(const struct mnstate *work, const uint8_t claimed[96])
{
    static const uint8_t none[96];
    const uint8_t *proven = mnstate_chainlock_signature(work);
    return memcmp(proven ? proven : none, claimed, 96) == 0;
}

static int check_clsigs(const struct engine *e, const struct mnlistdiff *d, dspv_fault *fault)
{
    for (uint32_t i = 0; i < d->n_new_quorums; i++) {
        const struct commitment *c = &d->new_quorums[i];
        const uint8_t *claimed = mnlistdiff_clsig_of(d, i);
        const block_hash base = block_hash_of_quorum(&c->hash);
        int32_t base_height = engine_block_height(e, &base);
        if (!claimed || base_height < 0)
            continue;
        const struct mnstate *work = engine_list(e, llmq_work_height(base_height - c->index));
        if (work && !signature_matches(work, claimed)) {
            *fault = fault_quorum(DSPV_CLSIG_MISMATCH, c->type, c->hash.b, work->height);
            return DSPV_EFAULT;
        }
    }
    return 0;
}

/* Only offline audits search by hints. Online they would be a stranger's word kept for nothing. */
static void keep_hints(struct engine *e, const struct mnlistdiff *d)
{
    for (uint32_t i = 0; e->flags & ENGINE_OFFLINE && i < d->n_new_quorums; i++) {
        struct tracked *t = quorums_find(e, d->new_quorums[i].type, &d->new_quorums[i].hash);
        const uint8_t *claimed = t && !t->has_hint ? mnlistdiff_clsig_of(d, i) : NULL;
        if (claimed) {
            t->has_hint = true;
            memcpy(t->hint, claimed, 96);
        }
    }
}

int engine_feed_chainlock_signature(struct engine *e, const block_hash *block, const uint8_t signature[96], dspv_fault *fault)
{
    e->changes++;
    const struct mnstate *s = engine_list_of_block(e, block);
    if (!s || signature_matches(s, signature))
        return 0;
    *fault = fault_about(DSPV_CLSIG_MISMATCH, block->b, s->height);
    return DSPV_EFAULT;
}

/* ---- applying */

/* Commitments of a diff whose base is not known: met, but in no proven set. Offline audits judge them too. */
static int note_commitments(struct engine *e, const struct commitment *c, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct quorum *q = quorum_new(&c[i]);
        int error = q ? quorums_reserve(e, &q, 1) : DSPV_ENOMEM;
        if (error == 0)
            quorums_track(e, q, -1);
        quorum_unref(q);
        if (error != 0)
            return error;
    }
    return 0;
}

/* Blocks below DIP0003 have no list: a diff on one of them is complete, like one on zeros. */
static bool is_empty_base(const struct engine *e, const block_hash *hash)
{
    int32_t height = engine_block_height(e, hash);
    return block_hash_is_zero(hash) || (height >= 0 && height < e->net.chain.active.dip0003);
}

/* The list nearest to a block, which shares most with the one that comes: NULL when that is the base. */
static struct mnstate *nearest(const struct engine *e, int32_t height, const struct mnstate *base)
{
    struct mnstate *below = height < 0 ? engine_tip_list(e) : engine_list_below(e, height);
    struct mnstate *s = below || e->n_lists == 0 ? below : e->lists[0];
    return s == base ? NULL : s;
}

/* Store a proven state; takes over the reference, also on failure. */
static int store(struct engine *e, struct mnstate *s)
{
    void *lists = e->lists;
    int error = mem_grow(&lists, &e->lists_cap, e->n_lists + 1, sizeof(*e->lists));
    e->lists = lists;
    if (error == 0)
        error = quorums_reserve(e, s->quorums->items, s->quorums->n);
    if (error == 0)
        error = engine_feed_block(e, &s->block, s->height, s->anchored ? &s->proof_root : NULL);
    if (error != 0) {
        mnstate_unref(s);
        return error;
    }
    size_t i = lower_bound(e, s->height);
    memmove(&e->lists[i + 1], &e->lists[i], (e->n_lists - i) * sizeof(*e->lists));
    e->lists[i] = s;
    e->n_lists++;
    for (uint32_t k = 0; k < s->quorums->n; k++)
        quorums_track(e, s->quorums->items[k], s->height);
    return 0;
}

int engine_apply_diff(struct engine *e, const struct mnlistdiff *d, dspv_fault *fault)
{
    e->changes++;
    bool offline = e->flags & ENGINE_OFFLINE;
    bool from_empty = is_empty_base(e, &d->base);
    struct mnstate *base = from_empty ? NULL : engine_list_of_block(e, &d->base);
    if (!base && !from_empty) {
        *fault = fault_about(DSPV_UNKNOWN_BASE, d->base.b, engine_block_height(e, &d->base));
        int error = offline ? note_commitments(e, d->new_quorums, d->n_new_quorums) : 0;
        if (error == 0)
            keep_hints(e, d);
        return error == 0 ? DSPV_EWAITING : error;
    }
    const struct block_info *block = blocks_find(e, &d->block);
    if (!offline && (!block || !block->has_root)) {
        *fault = fault_about(DSPV_NEED_HEADER, d->block.b, block ? block->height : -1);
        return DSPV_EWAITING;
    }
    if (block && engine_list(e, block->height)) {
        keep_hints(e, d);
        return cycles_derive(e); /* what memory did not suffice for the first time */
    }
    const int32_t height = block ? block->height : -1;
    const struct mnstate_block about = {.height = height,
                                        .merkle_root = block && block->has_root ? &block->merkle_root : NULL,
                                        .like = nearest(e, height, base)};
    struct mnstate *s;
    int error = mnstate_apply(&e->net.chain, base, d, &about, &s, fault);
    if (error != 0)
        return error;
    error = check_clsigs(e, d, fault);
    if (error != 0) {
        mnstate_unref(s);
        return error;
    }
    error = store(e, s);
    if (error == DSPV_EMISUSE) { /* offline: another block is already known at that height */
        *fault = fault_about(DSPV_LIST_CONFLICT, d->block.b, d->cbtx.height);
        return DSPV_EFAULT;
    }
    if (error == 0)
        keep_hints(e, d);
    return error == 0 ? cycles_derive(e) : error;
}

/* ---- qrinfo */

/* lastCommitmentPerIndex must be rotated commitments of distinct indexes; what a proven set says differently is a lie. */
static int check_last_commitments(struct engine *e, const struct qrinfo *q, dspv_fault *fault)
{
    const struct llmq_params *p = cycles_params(e);
    for (uint32_t i = 0; i < q->n_last_commitments; i++) {
        const struct commitment *c = &q->last_commitments[i];
        dspv_reason reason = DSPV_OK;
        if (!p || c->type != p->type || !commitment_is_indexed(c))
            reason = DSPV_QUORUM_VERSION;
        else if (c->index < 0 || c->index >= p->active || (i > 0 && c->index <= q->last_commitments[i - 1].index))
            reason = DSPV_QUORUM_INDEX;
        const struct tracked *t = quorums_find(e, c->type, &c->hash);
        if (t && t->committed && (t->quorum->c.raw.n != c->raw.n || memcmp(t->quorum->raw, c->raw.p, c->raw.n) != 0))
            reason = DSPV_COMMITMENT_CONFLICT;
        if (reason != DSPV_OK) {
            *fault = fault_quorum(reason, c->type, c->hash.b, -1);
            return DSPV_EFAULT;
        }
    }
    return e->flags & ENGINE_OFFLINE ? note_commitments(e, q->last_commitments, q->n_last_commitments) : 0;
}

/* The snapshot that came with the diff of its work block. */
static int feed_snapshot(struct engine *e, const struct snapshot_msg *m, const struct mnlistdiff *d, dspv_fault *fault)
{
    const struct mnstate *work = engine_list_of_block(e, &d->block);
    return work ? cycles_feed_snapshot(e, work->height + WORK_DIFF_DEPTH, m, fault) : 0;
}

int engine_feed_qrinfo(struct engine *e, const struct qrinfo *q, bool *tip_waiting, dspv_fault *fault)
{
    e->changes++;
    int cycles = q->extra_share ? QRINFO_CYCLES : QRINFO_H_4C, error = 0;
    bool waiting = false;
    /* Ascending heights: at protocol 70236 a diff may rest on an earlier one of the same message (protocol.md 6.4). */
    for (uint32_t i = 0; error == 0 && i < q->n_older; i++)
        error = engine_apply_diff(e, &q->older_diffs[i], fault);
    for (int i = cycles; error == 0 && i-- > 0;)
        error = engine_apply_diff(e, &q->diffs[i], fault);
    if (error == 0)
        error = engine_apply_diff(e, &q->h, fault);
    if (error == 0) {
        error = engine_apply_diff(e, &q->tip, fault);
        waiting = error == DSPV_EWAITING;
        if (waiting)
            error = 0;
    }
    for (uint32_t i = 0; error == 0 && i < q->n_older; i++)
        error = feed_snapshot(e, &q->older_snapshots[i], &q->older_diffs[i], fault);
    for (int i = cycles; error == 0 && i-- > 0;)
        error = feed_snapshot(e, &q->snapshots[i], &q->diffs[i], fault);
    if (error == 0)
        error = check_last_commitments(e, q, fault);
    if (tip_waiting)
        *tip_waiting = waiting;
    return error == 0 ? cycles_derive(e) : error;
}

/* ---- hashes whose heights a message needs */

struct hash_array {
    block_hash *items;
    size_t n, cap;
    bool failed;
};

static void add_hash(struct hash_array *a, const uint8_t hash[32])
{
    void *items = a->items;
    if (a->failed || mem_grow(&items, &a->cap, a->n + 1, sizeof(*a->items)) != 0) {
        a->failed = true;
        return;
    }
    a->items = items;
    a->items[a->n++] = block_hash_from(hash);
}

static void add_diff(struct hash_array *a, const struct mnlistdiff *d)
{
    add_hash(a, d->base.b);
    add_hash(a, d->block.b);
    for (uint32_t i = 0; i < d->n_new_quorums; i++)
        add_hash(a, d->new_quorums[i].hash.b);
}

static int hash_order(const void *a, const void *b)
{
    return block_hash_cmp(a, b);
}

/* Sort, drop repeats and zeros. */
static int finish_hashes(struct hash_array *a, block_hash **out, size_t *n)
{
    if (a->failed) {
        mem_free(a->items);
        return DSPV_ENOMEM;
    }
    if (a->n > 0)
        qsort(a->items, a->n, sizeof(*a->items), hash_order);
    size_t kept = 0;
    for (size_t i = 0; i < a->n; i++)
        if (!block_hash_is_zero(&a->items[i]) && (kept == 0 || !block_hash_eq(&a->items[i], &a->items[kept - 1])))
            a->items[kept++] = a->items[i];
    *out = a->items;
    *n = kept;
    return 0;
}

int engine_diff_hashes(const struct mnlistdiff *d, block_hash **out, size_t *n)
{
    struct hash_array a = {0};
    add_diff(&a, d);
    return finish_hashes(&a, out, n);
}

int engine_qrinfo_hashes(const struct qrinfo *q, block_hash **out, size_t *n)
{
    struct hash_array a = {0};
    add_diff(&a, &q->tip);
    add_diff(&a, &q->h);
    for (int i = 0; i < (q->extra_share ? QRINFO_CYCLES : QRINFO_H_4C); i++)
        add_diff(&a, &q->diffs[i]);
    for (uint32_t i = 0; i < q->n_older; i++)
        add_diff(&a, &q->older_diffs[i]);
    for (uint32_t i = 0; i < q->n_last_commitments; i++)
        add_hash(&a, q->last_commitments[i].hash.b);
    return finish_hashes(&a, out, n);
}
