/* See plan_input.h. Pure: only looks at the engine. */
#include "sync/plan_input.h"

#include "base/mem.h"
#include "llmq/members.h"

/* The lists, ascending. */
static int take_lists(struct plan_input *in, const struct engine *e)
{
    size_t n = engine_list_count(e);
    struct plan_list *lists = mem_alloc_array(n + 1, sizeof(*lists));
    if (!lists)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct mnstate *s = engine_list_at(e, i);
        lists[i] = (struct plan_list){s->height, s->block};
    }
    in->lists = lists;
    in->n_lists = n;
    return 0;
}

/* Nothing is asked for that reaches below a cycle without a snapshot: a server that lacks one thing of an answer is silent
 * (protocol.md 6.6), and no quorum needs it (quorums.md 3.7). */
static int32_t first_cycle(const struct engine *e, int32_t tip_cycle, int32_t interval)
{
    int32_t cycle = tip_cycle - interval;
    while (cycle > 0 && !engine_snapshot_absent(e, cycle))
        cycle -= interval;
    return cycle + interval;
}

/* The cycle of each rotated quorum in the list at the tip. */
static int take_tip_cycles(struct plan_input *in, const struct engine *e, uint8_t type)
{
    const struct mnstate *tip = engine_list(e, in->tip_height);
    int32_t *cycles = mem_alloc_array((tip ? tip->quorums->n : 0) + 1, sizeof(*cycles));
    if (!cycles)
        return DSPV_ENOMEM;
    in->tip_cycles = cycles;
    for (size_t i = 0; tip && i < tip->quorums->n; i++) {
        const struct commitment *c = &tip->quorums->items[i]->c;
        const block_hash base = block_hash_of_quorum(&c->hash);
        int32_t height = c->type == type ? engine_block_height(e, &base) : -1;
        if (height >= 0)
            cycles[in->n_tip_cycles++] = height - height % in->interval;
    }
    return 0;
}

/* The cycles whose snapshot is there. */
static int take_snapshots(struct plan_input *in, const struct engine *e, int32_t tip_cycle)
{
    size_t n = 0;
    for (int32_t c = in->first_cycle; c < tip_cycle; c += in->interval)
        n += engine_snapshot(e, c, NULL) != NULL;
    int32_t *snapshots = mem_alloc_array(n + 1, sizeof(*snapshots));
    if (!snapshots)
        return DSPV_ENOMEM;
    in->snapshots = snapshots;
    for (int32_t c = in->first_cycle; c < tip_cycle; c += in->interval)
        if (engine_snapshot(e, c, NULL))
            snapshots[in->n_snapshots++] = c;
    return 0;
}

/* The list of the oldest quorum that is active, or for ChainLocks just retired, when every DKG succeeded. Too low a guess costs
 * little, too high a one that another list comes whole. */
static int32_t oldest_list(const struct network *net, int32_t tip_height)
{
    int32_t oldest = tip_height;
    for (size_t i = 0; i < net->n_llmqs; i++) {
        const struct llmq_params *p = &net->llmqs[i];
        int32_t cycle = llmq_cycle(p, tip_height);
        if (p->rotated || !llmq_enabled(net, p, tip_height))
            continue;
        bool mined = tip_height - cycle >= p->mine_end;
        int32_t back = p->active - mined + (p->type == net->chainlock_type);
        int32_t height = llmq_list_height(net, cycle - back * p->interval);
        oldest = height < oldest ? height : oldest;
    }
    return oldest > net->chain.active.dip0003 ? oldest : 0;
}

int plan_input_init(struct plan_input *in, const struct engine *e, int32_t tip_height, const struct needs *needs)
{
    const struct network *net = engine_network(e);
    const struct llmq_params *p = network_llmq(net, net->instantsend_type);
    *in = (struct plan_input){.needs = needs, .tip_height = tip_height, .has_tip_list = needs != NULL};
    int rc = take_lists(in, e);
    if (rc == 0 && p && p->rotated && llmq_rotation_in_force(net, p, tip_height)) {
        in->interval = p->interval;
        in->mine_start = p->mine_start;
        in->oldest_list = oldest_list(net, tip_height);
        in->first_cycle = first_cycle(e, llmq_cycle(p, tip_height), p->interval);
        rc = take_tip_cycles(in, e, p->type);
        if (rc == 0)
            rc = take_snapshots(in, e, llmq_cycle(p, tip_height));
    }
    if (rc != 0)
        plan_input_free(in);
    return rc;
}

void plan_input_free(struct plan_input *in)
{
    mem_free((void *)(uintptr_t)in->lists);
    mem_free((void *)(uintptr_t)in->tip_cycles);
    mem_free((void *)(uintptr_t)in->snapshots);
    *in = (struct plan_input){0};
}

uint32_t plan_qr_info_bases(const struct engine *e, int32_t height, bool extra_share, block_hash out[PLAN_MOST_BASES])
{
    const struct network *net = engine_network(e);
    const struct llmq_params *p = network_llmq(net, net->instantsend_type);
    uint32_t n = 0;
    int32_t cycle = llmq_cycle(p, height);
    for (int k = extra_share ? 5 : 4; k >= 0; k--) { /* work blocks of H-4C .. H, then the block itself */
        int32_t target = k == 0 ? height : llmq_work_height(cycle - (k - 1) * p->interval);
        const struct mnstate *s = engine_list_below(e, target);
        if (s && (n == 0 || !block_hash_eq(&out[n - 1], &s->block)) && n < PLAN_MOST_BASES)
            out[n++] = s->block;
    }
    return n;
}
