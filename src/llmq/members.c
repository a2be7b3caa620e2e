/* Member selection of non-rotated quorums, and the ranking that rotation also uses (quorums.md 2). Pure functions of a list and
 * a modifier. Invariant: a ranking is a total order, so the result never depends on the order of the input. */
#include "llmq/members.h"

#include <stdlib.h>

#include "base/endian.h"
#include "base/mem.h"
#include "crypto/sha256.h"

struct members *members_new(struct masternode *const *mn, uint32_t n)
{
    struct members *m = mem_alloc(sizeof(*m) + n * sizeof(m->mn[0]));
    if (!m)
        return NULL;
    m->n = n;
    for (uint32_t i = 0; i < n; i++)
        m->mn[i] = masternode_ref(mn[i]);
    return m;
}

void members_free(struct members *m)
{
    if (!m)
        return;
    for (uint32_t i = 0; i < m->n; i++)
        masternode_unref(m->mn[i]);
    mem_free(m);
}

hash256 llmq_modifier(const struct network *net, const struct llmq_params *p, int32_t base_height, const block_hash *base_hash,
                      const struct mnstate *work)
{
    int32_t work_height = llmq_work_height(base_height);
    bool v20 = network_v20_after(net, work_height);
    /* The signature is looked for one block later than the modifier changes its kind: quorums.md 2.2. */
    const uint8_t *signature = v20 && work_height >= net->chain.active.v20 ? mnstate_chainlock_signature(work) : NULL;
    uint8_t hashed[1 + 4 + 96];
    size_t n;
    hashed[0] = p->type;
    if (signature) {
        store_le32(hashed + 1, (uint32_t)work_height);
        memcpy(hashed + 5, signature, 96);
        n = 1 + 4 + 96;
    } else {
        memcpy(hashed + 1, v20 || p->rotated ? work->block.b : base_hash->b, 32);
        n = 1 + 32;
    }
    hash256 modifier;
    sha256d(modifier.b, hashed, n);
    return modifier;
}

struct ranked {
    uint64_t score[4]; /* a 256-bit number, most significant word first */
    struct masternode *mn;
};

static int by_descending_score(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    for (int i = 0; i < 4; i++)
        if (x->score[i] != y->score[i])
            return x->score[i] > y->score[i] ? -1 : 1;
    return protx_hash_cmp(&y->mn->entry.protx, &x->mn->entry.protx);
}

static void score_all(struct ranked *ranked, struct masternode *const *mn, size_t n, const hash256 *modifier)
{
    enum { TOGETHER = 64 };
    uint8_t hashed[TOGETHER][64];
    const uint8_t *messages[TOGETHER];
    hash256 scores[TOGETHER];
    for (size_t done = 0; done < n; done += TOGETHER) {
        const size_t taken = n - done < TOGETHER ? n - done : TOGETHER;
        for (size_t i = 0; i < taken; i++) {
            memcpy(hashed[i], mn[done + i]->score_seed, 32);
            memcpy(hashed[i] + 32, modifier->b, 32);
            messages[i] = hashed[i];
        }
        sha256_many(scores, messages, sizeof(hashed[0]), taken);
        for (size_t i = 0; i < taken; i++) {
            for (int word = 0; word < 4; word++) /* the hash is a little-endian number */
                ranked[done + i].score[word] = load_le64(scores[i].b + 8 * (3 - word));
            ranked[done + i].mn = mn[done + i];
        }
    }
}

/* Move the first `limit` of the order to the front, in any order (Hoare's selection). */
static void select_first(struct ranked *ranked, size_t n, size_t limit)
{
    size_t low = 0, high = n; /* the limit falls between */
    while (high - low > 1 && limit > low && limit < high) {
        const struct ranked pivot = ranked[low + (high - low) / 2];
        size_t i = low, k = high - 1;
        for (;;) {
            while (by_descending_score(&ranked[i], &pivot) < 0)
                i++;
            while (by_descending_score(&pivot, &ranked[k]) < 0)
                k--;
            if (i >= k)
                break;
            const struct ranked swapped = ranked[i];
            ranked[i++] = ranked[k];
            ranked[k--] = swapped;
        }
        const size_t middle = k + 1; /* nothing before it comes after anything from it on */
        if (middle == high) /* the pivot is the last of all */
            high--;
        else if (limit <= middle)
            high = middle;
        else
            low = middle;
    }
}

/* The first `limit` in order; the others follow in any. */
static int rank(struct masternode **mn, size_t n, size_t limit, const hash256 *modifier)
{
    struct ranked *ranked = mem_alloc_array(n, sizeof(*ranked));
    if (!ranked)
        return DSPV_ENOMEM;
    score_all(ranked, mn, n, modifier);
    select_first(ranked, n, limit);
    qsort(ranked, limit, sizeof(*ranked), by_descending_score);
    for (size_t i = 0; i < n; i++)
        mn[i] = ranked[i].mn;
    mem_free(ranked);
    return 0;
}

int llmq_rank_array(struct masternode **mn, size_t n, const hash256 *modifier)
{
    return rank(mn, n, n, modifier);
}

int llmq_rank(const struct mnlist *list, const hash256 *modifier, bool evo_only, size_t limit, struct masternode ***out,
              size_t *n)
{
    struct masternode **eligible = mem_alloc_array(mnlist_count(list), sizeof(*eligible)), *m;
    if (!eligible)
        return DSPV_ENOMEM;
    size_t count = 0;
    struct mnlist_iterator it;
    for (mnlist_begin(list, &it); (m = mnlist_next(&it));)
        if (masternode_eligible(m) && (!evo_only || masternode_is_evo(m)))
            eligible[count++] = m;
    const size_t wanted = limit && limit < count ? limit : count;
    if (rank(eligible, count, wanted, modifier) != 0) {
        mem_free(eligible);
        return DSPV_ENOMEM;
    }
    *out = eligible;
    *n = wanted;
    return 0;
}

int32_t llmq_list_height(const struct network *net, int32_t base_height)
{
    return network_v20_after(net, base_height) ? llmq_work_height(base_height) : base_height;
}

int llmq_members(const struct network *net, const struct llmq_params *p, int32_t base_height, const block_hash *base_hash,
                 const struct mnstate *state, struct members **out)
{
    struct masternode **ranked = NULL;
    size_t n = 0;
    if (base_height % p->interval == 0) {
        hash256 modifier = llmq_modifier(net, p, base_height, base_hash, state);
        /* Only the role makes a type Evo-only: quorums.md 2.3. */
        bool evo_only = p->type == net->platform_type && network_basic_after(net, base_height);
        if (llmq_rank(state->list, &modifier, evo_only, p->size, &ranked, &n) != 0)
            return DSPV_ENOMEM;
    }
    *out = members_new(ranked, (uint32_t)n);
    mem_free(ranked);
    return *out ? 0 : DSPV_ENOMEM;
}
