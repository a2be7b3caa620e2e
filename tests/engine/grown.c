#include "engine/grown.h"

#include "chain/headers.h"
#include "devnode/answer.h"

enum { PROTO = 70240 };

struct gen_config grown_config(uint64_t seed, int32_t tip)
{
    return gen_config_eras(seed, tip);
}

void grown_open(struct grown *g, const struct gen_config *config)
{
    char error[GEN_ERROR_SIZE], load_error[DEVNODE_ERROR_SIZE];
    if (gen_chain_new(&g->truth, config, error) != 0)
        fail_msg("%s", error);
    if (devnode_chain_load_memory(&g->chain, "generated", g->truth->files, load_error) != 0)
        fail_msg("%s", load_error);
}

void grown_close(struct grown *g)
{
    devnode_chain_free(g->chain);
    gen_chain_free(g->truth);
}

struct engine *grown_engine(const struct grown *g)
{
    static const uint8_t seed[32] = {9};
    struct engine *e;
    assert_int_equal(engine_new(&e, &g->chain->network, seed, 0), 0);
    return e;
}

void grown_block(const struct grown *g, struct engine *e, int32_t height)
{
    struct header h = header_parse(devnode_chain_header(g->chain, height));
    assert_int_equal(engine_feed_block(e, devnode_chain_hash(g->chain, height), height, &h.merkle_root), 0);
}

static void apply(struct engine *e, const struct mnlistdiff *d, int32_t height)
{
    dspv_fault fault;
    int error = engine_apply_diff(e, d, &fault);
    if (error != 0)
        fail_msg("height %d: %d %s", height, error, dspv_reason_name(fault.reason));
}

void grown_step(const struct grown *g, struct engine *e, int32_t height)
{
    const struct mnlistdiff *recorded = devnode_chain_diff(g->chain, height);
    grown_block(g, e, height);
    if (!recorded || !recorded->has_cbtx)
        return;
    struct mnlistdiff d = *recorded;
    if (height == g->chain->network.chain.active.dip0003) /* what is below holds no list: the same as genesis */
        memset(d.base.b, 0, 32);
    apply(e, &d, height);
}

void grown_follow(const struct grown *g, struct engine *e, int32_t from, int32_t to)
{
    for (int32_t h = from; h <= to; h++) {
        grown_step(g, e, h);
        assert_int_equal(engine_verify(e), 0);
    }
}

void grown_list(const struct grown *g, struct engine *e, int32_t height)
{
    const struct mnstate *base = engine_list_below(e, height);
    const struct devnode_view view = {g->chain, g->chain->tip, PROTO};
    struct getmnlistd ask = {.block = *devnode_chain_hash(g->chain, height)};
    if (base)
        ask.base = base->block;
    struct writer w;
    struct arena arena;
    struct mnlistdiff d;
    dspv_fault fault;
    writer_init(&w);
    arena_init(&arena, 0);
    assert_int_equal(devnode_answer_mnlistdiff(&view, &ask, &w), 0);
    assert_int_equal(mnlistdiff_decode(w.data, w.n, PROTO, &arena, &d, &fault), 0);
    apply(e, &d, height);
    arena_free(&arena);
    writer_free(&w);
}
