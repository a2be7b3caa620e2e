#include "llmq/captured.h"

#include "base/mem.h"

void captured_open(struct captured *c, const char *network)
{
    memset(c, 0, sizeof(*c));
    assert_true(network_init(&c->net, network));
    arena_init(&c->arena, 0);
}

void captured_close(struct captured *c)
{
    for (size_t i = 0; i < c->n_states; i++)
        mnstate_unref(c->states[i]);
    for (size_t i = 0; i < c->n_cycles; i++) {
        snapshot_unref(c->cycles[i].snapshot);
        quarters_unref(c->cycles[i].quarters);
    }
    for (size_t i = 0; i < c->n_files; i++)
        free(c->files[i].p);
    free(c->states);
    free(c->cycles);
    free(c->files);
    arena_free(&c->arena);
}

static struct mnstate *by_block(const struct captured *c, const block_hash *block)
{
    for (size_t i = 0; i < c->n_states; i++)
        if (block_hash_eq(&c->states[i]->block, block))
            return c->states[i];
    return NULL;
}

bool captured_apply(struct captured *c, const struct mnlistdiff *d, int32_t height)
{
    bool from_empty = block_hash_is_zero(&d->base) || block_hash_eq(&d->base, &c->net.chain.genesis_hash);
    struct mnstate *base = from_empty ? NULL : by_block(c, &d->base), *state;
    if (!from_empty && !base)
        return false;
    if (!d->has_cbtx || by_block(c, &d->block)) /* blocks below DIP0003 commit to no list */
        return true;
    const struct mnstate_block block = {.height = height};
    dspv_fault fault;
    if (mnstate_apply(&c->net.chain, base, d, &block, &state, &fault) != 0)
        fail_msg("a diff was refused: %s", dspv_reason_name(fault.reason));
    c->states = realloc(c->states, (c->n_states + 1) * sizeof(*c->states));
    c->states[c->n_states++] = state;
    return true;
}

void captured_diff(struct captured *c, const uint8_t *payload, size_t n, int32_t height)
{
    struct mnlistdiff d;
    dspv_fault fault;
    assert_int_equal(mnlistdiff_decode_any(payload, n, &c->arena, &d, &fault), 0);
    assert_true(captured_apply(c, &d, height));
}

static void add_message(struct captured *c, const struct snapshot_msg *m, const struct mnlistdiff *d)
{
    struct snapshot *s = snapshot_new(m);
    assert_non_null(s);
    captured_add_snapshot(c, d->cbtx.height + WORK_DIFF_DEPTH, s);
}

void captured_qrinfo(struct captured *c, const uint8_t *payload, size_t n, struct qrinfo *out)
{
    dspv_fault fault;
    if (qrinfo_decode_any(payload, n, &c->arena, out, &fault) != 0)
        fail_msg("qrinfo: %s at %zu", dspv_reason_name(fault.reason), fault.offset);
    for (uint32_t i = 0; i < out->n_older; i++) {
        assert_true(captured_apply(c, &out->older_diffs[i], -1));
        add_message(c, &out->older_snapshots[i], &out->older_diffs[i]);
    }
    for (int k = out->extra_share ? QRINFO_H_4C : QRINFO_H_3C; k >= QRINFO_H_C; k--) {
        assert_true(captured_apply(c, &out->diffs[k], -1));
        add_message(c, &out->snapshots[k], &out->diffs[k]);
    }
    assert_true(captured_apply(c, &out->h, -1));
    captured_apply(c, &out->tip, -1); /* the base of some captures' tip is unknown */
}

struct bytes captured_file(struct captured *c, const char *name)
{
    struct bytes b = data_load(name);
    c->files = realloc(c->files, (c->n_files + 1) * sizeof(*c->files));
    c->files[c->n_files++] = b;
    return b;
}

void captured_diff_file(struct captured *c, const char *name)
{
    struct bytes b = captured_file(c, name);
    captured_diff(c, b.p, b.n, -1);
}

void captured_qrinfo_file(struct captured *c, const char *name, struct qrinfo *out)
{
    struct bytes b = captured_file(c, name);
    captured_qrinfo(c, b.p, b.n, out);
}

struct mnstate *captured_find(const struct captured *c, int32_t height)
{
    for (size_t i = 0; i < c->n_states; i++)
        if (c->states[i]->height == height)
            return c->states[i];
    return NULL;
}

struct mnstate *captured_at(const struct captured *c, int32_t height)
{
    struct mnstate *s = captured_find(c, height);
    if (!s)
        fail_msg("no list at height %d", height);
    return s;
}

void captured_add_snapshot(struct captured *c, int32_t cycle, struct snapshot *s)
{
    struct snapshot *known = captured_snapshot(c, cycle);
    if (known) {
        assert_true(snapshot_eq(known, s));
        snapshot_unref(s);
        return;
    }
    c->cycles = realloc(c->cycles, (c->n_cycles + 1) * sizeof(*c->cycles));
    c->cycles[c->n_cycles].cycle = cycle;
    c->cycles[c->n_cycles].snapshot = s;
    c->cycles[c->n_cycles++].quarters = NULL;
}

struct snapshot *captured_snapshot(const struct captured *c, int32_t cycle)
{
    for (size_t i = 0; i < c->n_cycles; i++)
        if (c->cycles[i].cycle == cycle)
            return c->cycles[i].snapshot;
    return NULL;
}

/* NULL: no snapshot. */
static struct quarters *old_quarters(struct captured *c, const struct llmq_params *p, int32_t cycle)
{
    for (size_t i = 0; i < c->n_cycles; i++) {
        if (c->cycles[i].cycle != cycle)
            continue;
        if (!c->cycles[i].quarters) {
            dspv_fault fault;
            const struct mnstate *work = captured_at(c, llmq_work_height(cycle));
            assert_int_equal(
                quarters_decode(&c->net, p, cycle, work, c->cycles[i].snapshot, &c->cycles[i].quarters, &fault), 0);
        }
        return c->cycles[i].quarters;
    }
    return NULL;
}

void captured_previous(struct captured *c, const struct llmq_params *p, int32_t cycle, struct quarters *out[3])
{
    bool missing = false;
    for (int k = 0; k < 3; k++) {
        out[k] = missing ? NULL : old_quarters(c, p, cycle - (k + 1) * p->interval);
        missing = !out[k];
    }
}

struct members *captured_members(struct captured *c, const struct llmq_params *p, int32_t base_height, const block_hash *hash)
{
    struct members *m = NULL;
    if (!llmq_rotation_in_force(&c->net, p, base_height)) {
        const struct mnstate *state = captured_at(c, llmq_list_height(&c->net, base_height));
        assert_int_equal(llmq_members(&c->net, p, base_height, hash, state, &m), 0);
        return m;
    }
    int32_t cycle = llmq_cycle(p, base_height);
    struct quarters *previous[3], *current;
    struct snapshot *snapshot;
    captured_previous(c, p, cycle, previous);
    const struct mnstate *work = captured_at(c, llmq_work_height(cycle));
    assert_int_equal(quarters_build(&c->net, p, cycle, work, previous, &current, &snapshot), 0);
    assert_int_equal(quarters_compose(previous, current, (uint32_t)(base_height - cycle), &m), 0);
    quarters_unref(current);
    snapshot_unref(snapshot);
    return m;
}

const struct llmq_params *captured_llmq(const struct captured *c, uint8_t type)
{
    const struct llmq_params *p = network_llmq(&c->net, type);
    assert_non_null(p);
    return p;
}
