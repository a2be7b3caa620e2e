/* Offline audits: the base height of a quorum whose header is not at hand, found soundly. Every work block whose list is present
 * is a candidate; quorumsCLSigs hints which (it equals the work block's coinbase signature), membersSig decides. */
#include "engine/engine_state.h"

static bool hint_fits(const struct tracked *t, const struct mnstate *work)
{
    static const uint8_t none[96];
    const uint8_t *signature = mnstate_chainlock_signature(work);
    return !t->has_hint || memcmp(t->hint, signature ? signature : none, 96) == 0;
}

/* Could the block 8 (plus index) above this list's be the quorum's base? */
static bool candidate(const struct engine *e, const struct tracked *t, const struct llmq_params *p, const struct mnstate *work)
{
    const struct commitment *c = &t->quorum->c;
    int32_t cycle = work->height + WORK_DIFF_DEPTH;
    if (cycle % p->interval != 0 || c->index < 0 || !hint_fits(t, work))
        return false;
    block_hash known;
    return !engine_block_at(e, cycle + c->index, &known) && (!t->committed || cycle + c->index <= t->first_seen);
}

static int try_height(struct engine *e, struct tracked *t, int32_t base_height, bool *found)
{
    struct bls_item items[2];
    bool ok[2];
    dspv_fault fault;
    t->base_height = base_height;
    int error = quorums_update(e, t);
    if (error == 0 && t->status == QUORUM_READY) {
        error = quorum_items(&t->quorum->c, network_llmq(&e->net, t->quorum->c.type), t->members, e->keys, items, &fault);
        if (error == 0)
            error = bls_batch_verify(items, 2, &e->rng, ok);
        if (error == 0 && ok[0] && ok[1]) {
            const block_hash base = block_hash_of_quorum(&t->quorum->c.hash);
            quorums_verdict(e, t, true, true);
            *found = true;
            return engine_feed_block(e, &base, base_height, NULL);
        }
    }
    members_free(t->members);
    t->members = NULL;
    t->base_height = -1;
    t->status = QUORUM_WAITING;
    t->fault = fault_quorum(DSPV_NEED_BASE_HEIGHT, t->quorum->c.type, t->quorum->c.hash.b, -1);
    return error == DSPV_ENOMEM ? error : 0;
}

static int search_one(struct engine *e, struct tracked *t, bool *found)
{
    const struct llmq_params *p = network_llmq(&e->net, t->quorum->c.type);
    bool here = false;
    for (size_t i = e->n_lists; p && !here && i-- > 0;) {
        if (!candidate(e, t, p, e->lists[i]))
            continue;
        int error = try_height(e, t, e->lists[i]->height + WORK_DIFF_DEPTH + t->quorum->c.index, &here);
        if (error != 0)
            return error;
    }
    *found |= here;
    return 0;
}

int search_base_heights(struct engine *e, bool *found)
{
    *found = false;
    for (size_t i = 0; i < e->n_tracked; i++) {
        struct tracked *t = e->tracked[i];
        if (t->status == QUORUM_WAITING && t->fault.reason == DSPV_NEED_BASE_HEIGHT) {
            int error = search_one(e, t, found);
            if (error != 0)
                return error;
        }
    }
    return 0;
}
