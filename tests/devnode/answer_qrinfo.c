/* getqrinfo, with both ways to choose the bases of the diffs (protocol.md 6.3 to 6.5). */
#include <stdlib.h>

#include "devnode/answer.h"

enum { EFFICIENT_QRINFO = 70236, MOST_CYCLES = 3 * 64 };

struct builder {
    const struct devnode_view *view;
    const struct llmq_params *llmq;
    struct arena *arena;
    int32_t *bases; /* ascending heights of blocks whose lists the client has or will have */
    size_t n_bases;
    int32_t cycle; /* H */
    struct qrinfo answer;
};

static bool efficient(const struct builder *b)
{
    return b->view->proto >= EFFICIENT_QRINFO;
}

/* ---- bases */

static void base_insert(struct builder *b, int32_t height)
{
    size_t at = b->n_bases++;
    for (; at > 0 && b->bases[at - 1] > height; at--)
        b->bases[at] = b->bases[at - 1];
    b->bases[at] = height;
}

/* One unknown hash fails the whole request; zeros mean nothing special here. */
static int take_bases(struct builder *b, const struct getqrinfo *ask)
{
    enum { DIFFS = MOST_CYCLES + QRINFO_CYCLES + 1 }; /* each adds its block */
    b->bases = arena_alloc_array(b->arena, (size_t)ask->n_bases + DIFFS, sizeof(*b->bases));
    if (!b->bases)
        return DSPV_ENOMEM;
    for (uint32_t i = 0; i < ask->n_bases; i++) {
        int32_t height = devnode_chain_height(b->view->chain, &ask->bases[i], b->view->tip);
        if (height < 0)
            return DSPV_EFAULT;
        base_insert(b, height);
    }
    return 0;
}

/* The highest base at or below the target, else genesis. */
static int32_t base_pick(const struct builder *b, int32_t target)
{
    size_t n = b->n_bases;
    while (n > 0 && b->bases[n - 1] > target)
        n--;
    return n == 0 ? 0 : b->bases[n - 1];
}

static int build_diff(struct builder *b, int32_t target, struct mnlistdiff *out)
{
    if (target < 0)
        return DSPV_EFAULT;
    int32_t base = base_pick(b, target);
    if (!devnode_chain_diff(b->view->chain, target) || (base != 0 && base < b->view->chain->start))
        return DSPV_EFAULT;
    int rc = devnode_answer_diff(b->view, devnode_chain_hash(b->view->chain, base), base, target, b->arena, out);
    if (rc == 0 && efficient(b))
        base_insert(b, target);
    return rc;
}

/* The snapshot of a cycle and the diff to its work block. */
static int build_cycle(struct builder *b, int32_t cycle, struct snapshot_msg *snapshot, struct mnlistdiff *diff)
{
    const struct snapshot_msg *known = devnode_chain_snapshot(b->view->chain, cycle);
    if (!known)
        return DSPV_EFAULT;
    *snapshot = *known;
    return build_diff(b, llmq_work_height(cycle), diff);
}

/* ---- lastCommitmentPerIndex, quorumSnapshotList, mnListDiffList */

static int last_commitments(struct builder *b, int32_t height)
{
    b->answer.last_commitments = arena_alloc_array(b->arena, b->llmq->active, sizeof(*b->answer.last_commitments));
    if (!b->answer.last_commitments)
        return DSPV_ENOMEM;
    b->answer.n_last_commitments = (uint32_t)devnode_history_active(&b->view->chain->history, height, b->llmq->type,
                                                                    b->answer.last_commitments, b->llmq->active);
    return 0;
}

static bool among_main_cycles(const struct builder *b, int32_t cycle)
{
    int32_t back = (b->cycle - cycle) / b->llmq->interval;
    return back >= 1 && back <= (b->answer.extra_share ? 4 : 3) && b->cycle - back * b->llmq->interval == cycle;
}

static int ascending(const void *pa, const void *pb)
{
    int32_t a, b;
    memcpy(&a, pa, sizeof(a));
    memcpy(&b, pb, sizeof(b));
    return a < b ? -1 : a > b;
}

/* The cycles that the last commitments were built on and that are not in the answer anyway, ascending, each once. */
static int older_cycles(const struct builder *b, int32_t cycles[MOST_CYCLES], size_t *n)
{
    *n = 0;
    for (uint32_t i = 0; i < b->answer.n_last_commitments; i++) {
        block_hash hash = block_hash_of_quorum(&b->answer.last_commitments[i].hash);
        int32_t height = devnode_chain_height(b->view->chain, &hash, b->view->tip);
        if (height < 0 || *n + 3 > MOST_CYCLES)
            return DSPV_EFAULT;
        for (int32_t k = 1; k <= 3; k++) {
            int32_t cycle = llmq_cycle(b->llmq, height) - k * b->llmq->interval;
            if (!among_main_cycles(b, cycle))
                cycles[(*n)++] = cycle;
        }
    }
    qsort(cycles, *n, sizeof(*cycles), ascending);
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (kept == 0 || cycles[kept - 1] != cycles[i])
            cycles[kept++] = cycles[i];
    *n = kept;
    return 0;
}

static int build_older(struct builder *b)
{
    int32_t cycles[MOST_CYCLES];
    size_t n;
    int rc = older_cycles(b, cycles, &n);
    if (rc != 0)
        return rc;
    b->answer.older_snapshots = arena_alloc_array(b->arena, n, sizeof(*b->answer.older_snapshots));
    b->answer.older_diffs = arena_alloc_array(b->arena, n, sizeof(*b->answer.older_diffs));
    if (!b->answer.older_snapshots || !b->answer.older_diffs)
        return DSPV_ENOMEM;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = build_cycle(b, cycles[i], &b->answer.older_snapshots[i], &b->answer.older_diffs[i]);
    b->answer.n_older = (uint32_t)n;
    return rc;
}

/* ---- the whole message */

static int build_main(struct builder *b)
{
    struct qrinfo *q = &b->answer;
    int rc = 0;
    for (int k = q->extra_share ? QRINFO_H_4C : QRINFO_H_3C; rc == 0 && k >= QRINFO_H_C; k--)
        rc = build_cycle(b, b->cycle - (k + 1) * b->llmq->interval, &q->snapshots[k], &q->diffs[k]);
    if (rc == 0)
        rc = build_diff(b, llmq_work_height(b->cycle), &q->h);
    if (rc == 0)
        rc = build_diff(b, b->view->tip, &q->tip);
    return rc;
}

/* The order of building is the order in which an efficient answer must be applied; for the others it does not matter. */
static int build(struct builder *b, const struct getqrinfo *ask)
{
    int32_t height = devnode_chain_height(b->view->chain, &ask->block, b->view->tip);
    if (height < 0 || !b->llmq)
        return DSPV_EFAULT;
    b->cycle = llmq_cycle(b->llmq, height);
    b->answer = (struct qrinfo){.proto = b->view->proto, .extra_share = ask->extra_share};
    int rc = take_bases(b, ask);
    if (rc == 0)
        rc = last_commitments(b, height);
    if (rc == 0)
        rc = build_older(b);
    return rc == 0 ? build_main(b) : rc;
}

int devnode_answer_qrinfo(const struct devnode_view *v, const struct getqrinfo *ask, struct writer *w)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct builder b = {.view = v, .arena = &arena};
    b.llmq = network_llmq(&v->chain->network, v->chain->network.instantsend_type);
    int rc = build(&b, ask);
    if (rc == 0)
        qrinfo_encode(w, &b.answer);
    arena_free(&arena);
    return rc == 0 && w->failed ? DSPV_ENOMEM : rc;
}
