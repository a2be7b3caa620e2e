/* Quarters of a cycle: decoded from the list and the snapshot of an old cycle (quorums.md 3.4), and composed to members (3.2).
 * How the quarters of a new cycle are chosen: new_quarters.c.
 *
 * A snapshot is a stranger's: its skips may be anything. Every step of the walk either consumes a skip or fills a slot, so it
 * ends after at most n_skips + slots steps; positions wrap as Core's do, and one outside of the list matches never. */
#include "base/fault.h"
#include "base/mem.h"
#include "llmq/snapshot.h"

struct quarters *quarters_alloc(const struct llmq_params *p)
{
    struct quarters *q = mem_alloc(sizeof(*q));
    if (!q)
        return NULL;
    *q = (struct quarters){.refs = 1, .n_indexes = p->active, .size = (uint32_t)llmq_quarter_size(p)};
    q->count = mem_zalloc(q->n_indexes * sizeof(*q->count));
    q->mn = mem_alloc_array((size_t)q->n_indexes * q->size, sizeof(*q->mn));
    if (!q->count || !q->mn) {
        mem_free(q->count);
        mem_free(q->mn);
        mem_free(q);
        return NULL;
    }
    return q;
}

void quarters_append(struct quarters *q, uint32_t index, struct masternode *mn)
{
    q->mn[(size_t)index * q->size + q->count[index]++] = masternode_ref(mn);
}

struct quarters *quarters_ref(struct quarters *q)
{
    q->refs++;
    return q;
}

void quarters_unref(struct quarters *q)
{
    if (!q || --q->refs != 0)
        return;
    for (uint32_t index = 0; index < q->n_indexes; index++)
        for (uint32_t i = 0; i < q->count[index]; i++)
            masternode_unref(q->mn[(size_t)index * q->size + i]);
    mem_free(q->count);
    mem_free(q->mn);
    mem_free(q);
}

/* Position of skip i; `first` starts as 0 and keeps the first skip that is not 0, to which later ones are relative. */
static uint32_t skip_position(const struct snapshot *s, uint32_t i, uint32_t *first)
{
    uint32_t value = (uint32_t)s->skips[i];
    if (*first == 0)
        return *first = value;
    return *first + value;
}

static void fill(struct quarters *q, struct masternode *const *combined, size_t n, const struct snapshot *s)
{
    uint32_t n_skips = s->mode == SNAPSHOT_SKIPS ? s->n_skips : 0, next = 0, first = 0;
    uint32_t skip = n_skips ? skip_position(s, 0, &first) : 0;
    size_t position = 0; /* shared by all indexes */
    for (uint32_t index = 0; index < q->n_indexes; index++) {
        while (!quarters_full(q, index)) {
            if (next < n_skips && position == skip) {
                if (++next < n_skips)
                    skip = skip_position(s, next, &first);
            } else {
                quarters_append(q, index, combined[position]);
            }
            if (++position == n)
                position = 0;
        }
    }
}

/* Reorder the ranked masternodes: those not used when the snapshot was taken first. `scratch` has room for all. */
static void unused_first(struct masternode **ranked, size_t n, const struct snapshot *s, struct masternode **scratch)
{
    size_t unused = 0, used = 0;
    for (size_t i = 0; i < n; i++) {
        if (snapshot_bit(s, i))
            scratch[used++] = ranked[i];
        else
            ranked[unused++] = ranked[i];
    }
    if (used)
        memcpy(ranked + unused, scratch, used * sizeof(*ranked));
}

int quarters_decode(const struct network *net, const struct llmq_params *p, int32_t cycle, const struct mnstate *work,
                    const struct snapshot *snapshot, struct quarters **out, dspv_fault *fault)
{
    hash256 modifier = llmq_modifier(net, p, cycle, NULL, work);
    struct masternode **ranked;
    size_t n;
    if (llmq_rank(work->list, &modifier, false, 0, &ranked, &n) != 0)
        return DSPV_ENOMEM;
    if (snapshot->n_bits != mnlist_count(work->list)) {
        dspv_reason reason = snapshot->n_bits < n ? DSPV_SNAPSHOT_TOO_SHORT : DSPV_SNAPSHOT_SIZE;
        mem_free(ranked);
        *fault = fault_quorum(reason, p->type, work->block.b, cycle);
        return DSPV_EFAULT;
    }
    struct quarters *q = quarters_alloc(p);
    struct masternode **scratch = mem_alloc_array(n, sizeof(*scratch));
    if (q && scratch && n > 0 && (snapshot->mode == SNAPSHOT_NO_SKIPS || snapshot->mode == SNAPSHOT_SKIPS)) {
        unused_first(ranked, n, snapshot, scratch);
        fill(q, ranked, n, snapshot);
    }
    mem_free(ranked);
    if (!q || !scratch) {
        mem_free(scratch);
        quarters_unref(q);
        return DSPV_ENOMEM;
    }
    mem_free(scratch);
    *out = q;
    return 0;
}

int quarters_compose(struct quarters *const previous[3], const struct quarters *current, uint32_t index, struct members **out)
{
    const struct quarters *oldest_first[] = {previous[2], previous[1], previous[0], current};
    struct masternode **mn = mem_alloc_array(4, (size_t)current->size * sizeof(*mn));
    if (!mn)
        return DSPV_ENOMEM;
    uint32_t n = 0;
    for (int k = 0; k < 4; k++) {
        const struct quarters *q = oldest_first[k];
        for (uint32_t i = 0; q && i < q->count[index]; i++)
            mn[n++] = q->mn[(size_t)index * q->size + i];
    }
    *out = members_new(mn, n);
    mem_free(mn);
    return *out ? 0 : DSPV_ENOMEM;
}
