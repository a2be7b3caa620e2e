/* Verification of a final commitment (quorums.md 5): what its structure tells without members, and the two signatures as items
 * for a batch. Invariant: items are made of decoded points only, so a batch never meets a point that was not tested. */
#include "llmq/verify.h"

#include "base/fault.h"
#include "base/mem.h"

static int refuse(const struct commitment *c, dspv_reason reason, int32_t height, dspv_fault *fault)
{
    *fault = fault_quorum(reason, c->type, c->hash.b, height);
    return DSPV_EFAULT;
}

/* quorums.md 5.2 point 3. */
static dspv_reason check_base(const struct llmq_params *p, const struct commitment *c, int32_t base_height, bool rotated)
{
    if (base_height < 0)
        return DSPV_QUORUM_HEIGHT;
    int32_t offset = base_height % p->interval;
    if (offset >= (rotated ? p->active : 1))
        return DSPV_QUORUM_HEIGHT;
    return c->index == offset ? DSPV_OK : DSPV_QUORUM_INDEX;
}

/* Points 4 to 6, as far as no point has to be decoded. */
static dspv_reason check_contents(const struct llmq_params *p, const struct commitment *c)
{
    static const uint8_t zero[32];
    if (c->signers.bits != p->size || c->valid_members.bits != p->size)
        return DSPV_QUORUM_BITSET_SIZE;
    if (commitment_is_null(c))
        return DSPV_QUORUM_NULL;
    if (bitspan_count(&c->valid_members) < p->min_size)
        return DSPV_QUORUM_FEW_VALID_MEMBERS;
    if (bitspan_count(&c->signers) < p->min_size)
        return DSPV_QUORUM_FEW_SIGNERS;
    if (p->size > 1 && memcmp(c->vvec_hash, zero, sizeof(zero)) == 0)
        return DSPV_QUORUM_NULL_VVEC;
    return DSPV_OK;
}

int quorum_check(const struct network *net, const struct commitment *c, int32_t base_height, dspv_fault *fault)
{
    const struct llmq_params *p = network_llmq(net, c->type);
    if (!p)
        return refuse(c, DSPV_QUORUM_TYPE_UNKNOWN, base_height, fault);
    bool rotated = llmq_rotation_in_force(net, p, base_height);
    dspv_reason reason = check_base(p, c, base_height, rotated);
    if (reason != DSPV_OK)
        return refuse(c, reason, base_height, fault);
    if (!llmq_enabled(net, p, base_height - 1))
        return refuse(c, DSPV_QUORUM_TYPE_DISABLED, base_height, fault);
    int version = (rotated ? 2 : 1) + (network_basic_after(net, base_height) ? 2 : 0);
    reason = c->version == version ? check_contents(p, c) : DSPV_QUORUM_VERSION;
    return reason == DSPV_OK ? 0 : refuse(c, reason, base_height, fault);
}

static enum bls_scheme scheme_of(const struct commitment *c)
{
    return commitment_is_legacy(c) ? BLS_LEGACY : BLS_BASIC;
}

int quorum_sig_item(const struct commitment *c, struct bls_item *item, dspv_fault *fault)
{
    item->scheme = scheme_of(c);
    if (!bls_key_decode(&item->key, c->public_key, item->scheme))
        return refuse(c, DSPV_QUORUM_BAD_KEY, -1, fault);
    if (!bls_sig_decode(&item->sig, c->quorum_sig, item->scheme))
        return refuse(c, DSPV_QUORUM_BAD_SIGNATURE, -1, fault);
    hash256 message = commitment_message(c);
    memcpy(item->msg, message.b, sizeof(item->msg));
    return 0;
}

/* All that needs no operator key. */
static int prepare_items(struct quorum_subject *s)
{
    const struct commitment *c = s->c;
    if (bitspan_any_from(&c->signers, s->members->n) || bitspan_any_from(&c->valid_members, s->members->n))
        return refuse(c, DSPV_QUORUM_EXTRA_BITS, -1, &s->fault);
    int error = quorum_sig_item(c, &s->items[0], &s->fault);
    if (error != 0)
        return error;
    s->items[1].scheme = s->items[0].scheme;
    memcpy(s->items[1].msg, s->items[0].msg, sizeof(s->items[1].msg));
    if (!bls_sig_decode(&s->items[1].sig, c->members_sig, s->items[1].scheme))
        return refuse(c, DSPV_QUORUM_BAD_SIGNATURE, -1, &s->fault);
    return 0;
}

/* The operator keys of all signers, subject by subject. */
struct signers {
    struct bls_encoded_key *encoded;
    const bls_key **keys;
    struct bls_aggregate *aggregates; /* of each subject; without keys when it has a fault */
};

static void signers_free(struct signers *s)
{
    mem_free(s->encoded);
    mem_free(s->keys);
    mem_free(s->aggregates);
}

static int signers_init(struct signers *out, const struct quorum_subject *subjects, size_t n)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++)
        most += subjects[i].members->n;
    out->encoded = mem_alloc_array(most, sizeof(*out->encoded));
    out->keys = mem_alloc_array(most, sizeof(*out->keys));
    out->aggregates = mem_alloc_array(n, sizeof(*out->aggregates));
    if (out->encoded && out->keys && out->aggregates)
        return 0;
    signers_free(out);
    return DSPV_ENOMEM;
}

/* Returns how many signed. */
static size_t encoded_keys(const struct quorum_subject *s, struct bls_encoded_key *out)
{
    size_t n = 0;
    for (uint32_t i = 0; i < s->members->n && i < s->c->signers.bits; i++) {
        const struct mnentry *e = &s->members->mn[i]->entry;
        if (bitspan_get(&s->c->signers, i))
            out[n++] = (struct bls_encoded_key){e->operator_key, e->version == 1 ? BLS_LEGACY : BLS_BASIC};
    }
    return n;
}

/* Every signer's key is a point, and there is one. */
static int check_keys(struct quorum_subject *s, const struct bls_aggregate *a)
{
    if (a->n == 0)
        return refuse(s->c, DSPV_QUORUM_FEW_SIGNERS, -1, &s->fault);
    for (size_t i = 0; i < a->n; i++)
        if (!a->keys[i])
            return refuse(s->c, DSPV_QUORUM_BAD_OPERATOR_KEY, -1, &s->fault);
    return 0;
}

/* The key under which membersSig verifies (quorums.md 5.3). */
static void take_members_key(struct quorum_subject *s, const struct bls_aggregate *a)
{
    if (s->p->size == 1)
        s->items[1].key = *a->keys[0];
    else if (a->result == 0)
        s->items[1].key = a->sum;
    else /* the keys cancel */
        refuse(s->c, DSPV_QUORUM_BAD_OPERATOR_KEY, -1, &s->fault);
}

/* The keys under which the membersSig of all verify. */
static int members_keys(struct quorum_subject *subjects, size_t n, struct signers *all, const struct key_cache *known,
                        struct key_cache *fresh, struct rng *rng)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        const struct quorum_subject *s = &subjects[i];
        all->aggregates[i] = (struct bls_aggregate){.keys = all->keys + total, .scheme = scheme_of(s->c)};
        if (s->fault.reason == DSPV_OK)
            all->aggregates[i].n = encoded_keys(s, all->encoded + total);
        total += all->aggregates[i].n;
    }
    int error = key_cache_get_many(known, fresh, all->encoded, total, rng, all->keys);
    for (size_t i = 0; error == 0 && i < n; i++)
        if (subjects[i].fault.reason == DSPV_OK && (check_keys(&subjects[i], &all->aggregates[i]) != 0 || subjects[i].p->size == 1))
            all->aggregates[i].n = 0; /* no sum is wanted */
    if (error == 0)
        error = bls_keys_aggregate_weighted(all->aggregates, n);
    for (size_t i = 0; error == 0 && i < n; i++)
        if (subjects[i].fault.reason == DSPV_OK)
            take_members_key(&subjects[i], &all->aggregates[i]);
    return error;
}

int quorums_items(struct quorum_subject *subjects, size_t n, const struct key_cache *known, struct key_cache *fresh,
                  struct rng *rng)
{
    struct signers all;
    if (signers_init(&all, subjects, n) != 0)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        subjects[i].fault = fault_of(DSPV_OK);
        prepare_items(&subjects[i]);
    }
    int error = members_keys(subjects, n, &all, known, fresh, rng);
    signers_free(&all);
    return error;
}

int quorum_items(const struct commitment *c, const struct llmq_params *p, const struct members *members, struct key_cache *keys,
                 struct bls_item items[2], dspv_fault *fault)
{
    struct quorum_subject s = {.c = c, .p = p, .members = members, .items = items};
    int error = quorums_items(&s, 1, NULL, keys, NULL);
    if (error != 0)
        return error;
    if (s.fault.reason != DSPV_OK)
        *fault = s.fault;
    return s.fault.reason == DSPV_OK ? 0 : DSPV_EFAULT;
}
