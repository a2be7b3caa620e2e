/* The engine as a whole: making, rolling back, verifying one list. Read next: lists.c (what comes in), cycles.c (rotation),
 * quorums.c (statuses), jobs.c (signatures), discover.c (what is missing), locks.c, prune.c (what is forgotten). */
#include "engine/engine_state.h"

int engine_new(struct engine **out, const struct network *net, const uint8_t seed[32], unsigned flags)
{
    struct engine *e = mem_zalloc(sizeof(*e));
    if (!e)
        return DSPV_ENOMEM;
    e->net = *net;
    e->net.chain.checkpoints = e->net.chain.given = NULL; /* the caller's, and of no use here: they are about headers */
    e->net.chain.n_checkpoints = e->net.chain.cap_given = 0;
    e->flags = flags;
    e->verdicts = 1; /* that is the store's */
    rng_init(&e->rng, seed);
    const uint64_t heights_seed[2] = {rng_u64(&e->rng), rng_u64(&e->rng)};
    const uint64_t keys_seed[2] = {rng_u64(&e->rng), rng_u64(&e->rng)};
    map_init(&e->heights, heights_seed);
    int error = key_cache_new(&e->keys, keys_seed);
    if (error == 0)
        error = engine_feed_block(e, &net->chain.genesis_hash, 0, NULL);
    if (error != 0) {
        engine_free(e);
        return error;
    }
    *out = e;
    return 0;
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    quorums_free(e);
    cycles_free(e);
    for (size_t i = 0; i < e->n_lists; i++)
        mnstate_unref(e->lists[i]);
    mem_free(e->lists);
    mem_free(e->blocks);
    map_free(&e->heights);
    if (e->keys)
        key_cache_free(e->keys);
    mem_free(e);
}

const struct network *engine_network(const struct engine *e)
{
    return &e->net;
}

uint64_t engine_changes(const struct engine *e)
{
    return e->changes;
}

void engine_rollback(struct engine *e, int32_t height)
{
    e->changes++;
    while (e->n_lists > 0 && e->lists[e->n_lists - 1]->height > height)
        mnstate_unref(e->lists[--e->n_lists]);
    cycles_drop_above(e, height);
    blocks_drop_above(e, height);
    quorums_after_rollback(e, height);
}

static bool type_asked(uint8_t type, const uint8_t *types, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (types[i] == type)
            return true;
    return n == 0;
}

int engine_verify_list_quorums(struct engine *e, int32_t height, const uint8_t *types, size_t n, dspv_fault *fault)
{
    const struct mnstate *s = engine_list(e, height);
    if (!s) {
        *fault = fault_at_height(DSPV_NEED_LIST, height);
        return DSPV_EWAITING;
    }
    int error = engine_verify(e);
    for (uint32_t i = 0; error == 0 && i < s->quorums->n; i++) {
        const struct commitment *c = &s->quorums->items[i]->c;
        const struct tracked *t = quorums_find(e, c->type, &c->hash);
        if (!type_asked(c->type, types, n) || t->status == QUORUM_VERIFIED)
            continue;
        *fault = t->fault;
        error = t->status == QUORUM_INVALID ? DSPV_EFAULT : DSPV_EWAITING;
    }
    return error;
}
