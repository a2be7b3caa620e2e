/* The new quarter of every index of a cycle (quorums.md 3.5; Dash Core src/llmq/utils.cpp BuildNewQuorumQuarterMembers).
 *
 * "Used" are the members of the three previous cycles' quarters. They keep the state of the list their quarter was taken from,
 * operator key included. The quarters are dealt from the unused masternodes first, then from the used ones, by one cursor that
 * all indexes share; an index skips whom it already has. The walk ends: a turn around the table either adds a member to a
 * quarter, of which there is a bounded number, or stops it. */
#include "base/endian.h"
#include "base/mem.h"
#include "llmq/snapshot.h"
#include "llmq/unique_set.h"

struct builder {
    const struct mnlist *list;
    bool skip_removed;              /* used masternodes that left the list are forgotten */
    uint32_t n_indexes;
    struct unique_set used;         /* by any index */
    struct unique_set *used_by;     /* [n_indexes] */
    struct masternode **ranked;     /* all eligible ones of the list */
    size_t n_ranked;
    struct masternode **combined;   /* unused, then used */
    size_t n_combined;
    int32_t *skips;
    size_t n_skips, skips_cap;
    size_t first_skip;
};

static void builder_free(struct builder *b)
{
    unique_set_free(&b->used);
    for (uint32_t i = 0; b->used_by && i < b->n_indexes; i++)
        unique_set_free(&b->used_by[i]);
    mem_free(b->used_by);
    mem_free(b->ranked);
    mem_free(b->combined);
    mem_free(b->skips);
}

static int builder_init(struct builder *b, const struct network *net, const struct llmq_params *p, int32_t cycle,
                        const struct mnlist *list, const hash256 *modifier)
{
    *b = (struct builder){.list = list, .n_indexes = p->active};
    b->skip_removed = network_basic_after(net, cycle) || net->chain.kind == CHAIN_TESTNET;
    /* The modifier was unknown when the masternodes chose their properties. */
    const uint64_t seed[2] = {load_le64(modifier->b), load_le64(modifier->b + 8)};
    unique_set_init(&b->used, seed);
    b->used_by = mem_alloc_array(b->n_indexes, sizeof(*b->used_by));
    for (uint32_t i = 0; b->used_by && i < b->n_indexes; i++)
        unique_set_init(&b->used_by[i], seed);
    if (!b->used_by || llmq_rank(list, modifier, false, 0, &b->ranked, &b->n_ranked) != 0) {
        builder_free(b);
        return DSPV_ENOMEM;
    }
    return 0;
}

/* Step 3 for one former member of index `index`. */
static int note_used(struct builder *b, uint32_t index, struct masternode *mn)
{
    const struct masternode *now = mnlist_find(b->list, &mn->entry.protx);
    if (now ? !now->entry.valid : b->skip_removed)
        return 0;
    bool added;
    if (unique_set_add(&b->used, mn, &added) != 0)
        return DSPV_ENOMEM;
    return unique_set_add(&b->used_by[index], mn, &added);
}

static int collect_used(struct builder *b, struct quarters *const previous[3])
{
    for (uint32_t index = 0; index < b->n_indexes; index++) {
        for (int k = 0; k < 3; k++) {
            const struct quarters *q = previous[k];
            for (uint32_t i = 0; q && i < q->count[index]; i++)
                if (note_used(b, index, q->mn[(size_t)index * q->size + i]) != 0)
                    return DSPV_ENOMEM;
        }
    }
    return 0;
}

/* Steps 4 and 5. */
static int combine(struct builder *b, const hash256 *modifier)
{
    b->combined = mem_alloc_array(b->n_ranked + b->used.n, sizeof(*b->combined));
    if (!b->combined)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < b->n_ranked; i++)
        if (!unique_set_has(&b->used, &b->ranked[i]->entry.protx))
            b->combined[b->n_combined++] = b->ranked[i];
    struct masternode **used = b->combined + b->n_combined;
    size_t n_used = 0;
    for (size_t i = 0; i < b->used.n; i++)
        if (masternode_eligible(b->used.mn[i]))
            used[n_used++] = b->used.mn[i];
    b->n_combined += n_used;
    return llmq_rank_array(used, n_used, modifier);
}

/* Step 7: positions are relative to the first one that is not 0. */
static int record_skip(struct builder *b, size_t position)
{
    void *array = b->skips;
    if (mem_grow(&array, &b->skips_cap, b->n_skips + 1, sizeof(*b->skips)) != 0)
        return DSPV_ENOMEM;
    b->skips = array;
    if (b->first_skip == 0) {
        b->first_skip = position;
        b->skips[b->n_skips++] = (int32_t)position;
    } else {
        b->skips[b->n_skips++] = (int32_t)((int64_t)position - (int64_t)b->first_skip);
    }
    return 0;
}

/* Step 6 for one index. *stuck: a whole turn found nobody. */
static int deal_index(struct builder *b, struct quarters *q, uint32_t index, size_t *position, bool *stuck)
{
    struct unique_set *taken = &b->used_by[index];
    const size_t used_count = taken->n, start = *position;
    bool updated = false;
    while (!quarters_full(q, index) && used_count + q->count[index] < b->n_combined) {
        struct masternode *mn = b->combined[*position];
        bool added;
        if (unique_set_add(taken, mn, &added) != 0)
            return DSPV_ENOMEM;
        if (added) {
            quarters_append(q, index, mn);
            updated = true;
        } else if (record_skip(b, *position) != 0) {
            return DSPV_ENOMEM;
        }
        *position = (*position + 1) % b->n_combined;
        if (*position == start) {
            if (!updated) {
                *stuck = true;
                return 0;
            }
            updated = false;
        }
    }
    return 0;
}

static int deal(struct builder *b, struct quarters *q, bool *stuck)
{
    size_t position = 0;
    for (uint32_t index = 0; index < q->n_indexes && !*stuck; index++)
        if (deal_index(b, q, index, &position, stuck) != 0)
            return DSPV_ENOMEM;
    return 0;
}

/* Step 8. */
static struct snapshot *take_snapshot(const struct builder *b)
{
    struct snapshot *s = snapshot_alloc(b->n_skips ? SNAPSHOT_SKIPS : SNAPSHOT_NO_SKIPS, (uint32_t)mnlist_count(b->list),
                                        (uint32_t)b->n_skips);
    if (!s)
        return NULL;
    for (size_t i = 0; i < b->n_ranked; i++)
        if (unique_set_has(&b->used, &b->ranked[i]->entry.protx))
            snapshot_set_bit(s, i);
    if (b->n_skips)
        memcpy(s->skips, b->skips, b->n_skips * sizeof(*s->skips));
    return s;
}

/* Empty quarters and no snapshot: what Core does when there are too few masternodes. */
static int give_up(const struct llmq_params *p, struct quarters **out, struct snapshot **snapshot)
{
    *snapshot = NULL;
    *out = quarters_alloc(p);
    return *out ? 0 : DSPV_ENOMEM;
}

int quarters_build(const struct network *net, const struct llmq_params *p, int32_t cycle, const struct mnstate *work,
                   struct quarters *const previous[3], struct quarters **out, struct snapshot **snapshot)
{
    if (mnlist_valid(work->list) < (size_t)llmq_quarter_size(p))
        return give_up(p, out, snapshot);
    hash256 modifier = llmq_modifier(net, p, cycle, NULL, work);
    struct builder b;
    if (builder_init(&b, net, p, cycle, work->list, &modifier) != 0)
        return DSPV_ENOMEM;
    struct quarters *q = quarters_alloc(p);
    struct snapshot *s = NULL;
    bool stuck = false;
    int error = q ? 0 : DSPV_ENOMEM;
    if (error == 0)
        error = collect_used(&b, previous);
    if (error == 0)
        error = combine(&b, &modifier);
    if (error == 0)
        error = deal(&b, q, &stuck);
    if (error == 0 && !stuck && !(s = take_snapshot(&b)))
        error = DSPV_ENOMEM;
    builder_free(&b);
    if (error != 0 || stuck) {
        quarters_unref(q);
        return error != 0 ? error : give_up(p, out, snapshot);
    }
    *out = q;
    *snapshot = s;
    return 0;
}
