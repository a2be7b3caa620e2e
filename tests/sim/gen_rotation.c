/* Rotation cycles of the InstantSend type: quarters and snapshots by src/llmq, from the states of this chain (quorums.md 3).
 * Other rotated types (60_75 on a devnet) hold no DKGs here: a light client cannot ask for their snapshots. */
#include "sim/gen_internal.h"

static const struct llmq_params *rotated_type(const struct gen *g)
{
    const struct llmq_params *p = network_llmq(&g->chain.network, g->chain.network.instantsend_type);
    return p && p->rotated ? p : NULL;
}

static struct gen_cycle *find(const struct gen *g, int32_t base)
{
    for (size_t i = g->n_cycles; i-- > 0;)
        if (g->cycles[i].base == base)
            return &g->cycles[i];
    return NULL;
}

/* The three cycles before, up to the first for which nothing is stored (quorums.md 3.7). */
static void previous_quarters(const struct gen *g, const struct llmq_params *p, int32_t base, struct quarters *out[3])
{
    out[0] = out[1] = out[2] = NULL;
    for (int k = 0; k < 3; k++) {
        const struct gen_cycle *c = find(g, base - (k + 1) * p->interval);
        if (!c || !c->snapshot)
            return;
        out[k] = c->old;
    }
}

static bool write_snapshot(struct gen *g, const struct gen_cycle *c)
{
    struct writer *w = &g->files[DEVNODE_SNAPSHOTS], one;
    writer_init(&one);
    snapshot_wire(c->snapshot, &one);
    writer_u32(w, (uint32_t)c->base);
    writer_u32(w, (uint32_t)one.n);
    writer_bytes(w, one.data, one.n);
    bool good = !w->failed && !one.failed;
    writer_free(&one);
    g->chain.counts.snapshots++;
    g->chain.counts.skip_snapshots += c->snapshot->n_skips != 0;
    return good;
}

bool gen_rotation_step(struct gen *g, int32_t height)
{
    const struct network *net = &g->chain.network;
    const struct llmq_params *p = rotated_type(g);
    int32_t work_height = llmq_work_height(height);
    if (!p || height % p->interval != 0 || !llmq_rotation_in_force(net, p, height) || work_height < 1 ||
        !g->chain.states[work_height])
        return true;
    const struct mnstate *work = g->chain.states[work_height];
    struct quarters *previous[3];
    void *cycles = g->cycles;
    int error = mem_grow(&cycles, &g->cap_cycles, g->n_cycles + 1, sizeof(*g->cycles));
    g->cycles = cycles;
    if (error != 0)
        return false;
    previous_quarters(g, p, height, previous);
    struct gen_cycle *c = &g->cycles[g->n_cycles];
    *c = (struct gen_cycle){.base = height};
    if (quarters_build(net, p, height, work, previous, &c->fresh, &c->snapshot) != 0)
        return false;
    g->n_cycles++;
    if (!c->snapshot)
        return true;
    dspv_fault fault;
    error = quarters_decode(net, p, height, work, c->snapshot, &c->old, &fault);
    if (error == DSPV_EFAULT)
        return gen_refuse(g, "a snapshot does not fit its own list", height);
    return error == 0 && write_snapshot(g, c);
}

bool gen_rotation_members(struct gen *g, int32_t cycle, uint32_t index, struct members **out)
{
    const struct llmq_params *p = rotated_type(g);
    const struct gen_cycle *c = find(g, cycle);
    struct quarters *previous[3];
    *out = NULL;
    if (!c)
        return true;
    previous_quarters(g, p, cycle, previous);
    return quarters_compose(previous, c->fresh, index, out) == 0;
}

void gen_rotation_free(struct gen *g)
{
    for (size_t i = 0; i < g->n_cycles; i++) {
        snapshot_unref(g->cycles[i].snapshot);
        quarters_unref(g->cycles[i].fresh);
        quarters_unref(g->cycles[i].old);
    }
    mem_free(g->cycles);
}
