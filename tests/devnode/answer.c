/* getmnlistd: the difference between the states at two heights, with the coinbase proof recorded for the target. */
#include "devnode/answer.h"

#include "llmq/network.h"

/* Before the first diff the list is empty if nothing was left out, that is when the chain starts at genesis. */
static bool state_known(const struct devnode_chain *c, int32_t height)
{
    return height == 0 || height >= c->first_diff || c->start == 0;
}

int devnode_answer_diff(const struct devnode_view *v, const block_hash *echo, int32_t base, int32_t target, struct arena *arena,
                        struct mnlistdiff *out)
{
    const struct mnlistdiff *recorded = devnode_chain_diff(v->chain, target);
    if (base < 0 || base > target || target > v->tip || !recorded || !state_known(v->chain, base))
        return DSPV_EFAULT;
    *out = (struct mnlistdiff){
        .proto = v->proto,
        .version = 1,
        .base = *echo,
        .block = recorded->block, /* zeros before DIP0003: protocol.md trap 38 */
        .proof = recorded->proof,
        .coinbase = recorded->coinbase,
    };
    return devnode_history_difference(&v->chain->history, base, target, network_v20_after(&v->chain->network, target), arena,
                                      out);
}

int devnode_answer_mnlistdiff(const struct devnode_view *v, const struct getmnlistd *ask, struct writer *w)
{
    int32_t base = block_hash_is_zero(&ask->base) ? 0 : devnode_chain_height(v->chain, &ask->base, v->tip);
    struct arena arena;
    struct mnlistdiff diff;
    arena_init(&arena, 0);
    int rc = devnode_answer_diff(v, &ask->base, base, devnode_chain_height(v->chain, &ask->block, v->tip), &arena, &diff);
    if (rc == 0)
        mnlistdiff_encode(w, &diff);
    arena_free(&arena);
    return rc == 0 && w->failed ? DSPV_ENOMEM : rc;
}
