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

/* The operator keys of the members that signed, into `keys`, which has room for all. */
static int collect_keys(const struct commitment *c, const struct members *members, struct key_cache *cache,
                        const bls_key **keys, size_t *n, dspv_fault *fault)
{
    *n = 0;
    for (uint32_t i = 0; i < members->n && i < c->signers.bits; i++) {
        if (!bitspan_get(&c->signers, i))
            continue;
        const struct mnentry *e = &members->mn[i]->entry;
        bool oom;
        const bls_key *key = key_cache_get(cache, e->operator_key, e->version == 1 ? BLS_LEGACY : BLS_BASIC, &oom);
        if (!key)
            return oom ? DSPV_ENOMEM : refuse(c, DSPV_QUORUM_BAD_OPERATOR_KEY, -1, fault);
        keys[(*n)++] = key;
    }
    return *n > 0 ? 0 : refuse(c, DSPV_QUORUM_FEW_SIGNERS, -1, fault);
}

/* The key under which membersSig verifies (quorums.md 5.3). */
static int members_key(const struct commitment *c, const struct llmq_params *p, const struct members *members,
                       struct key_cache *cache, bls_key *out, dspv_fault *fault)
{
    const bls_key **keys = mem_alloc_array(members->n, sizeof(bls_key *));
    if (!keys)
        return DSPV_ENOMEM;
    size_t n;
    int error = collect_keys(c, members, cache, keys, &n, fault);
    if (error == 0 && p->size == 1) {
        *out = *keys[0];
    } else if (error == 0) {
        error = bls_key_aggregate_weighted(out, keys, n, scheme_of(c));
        if (error == DSPV_EFAULT) /* the keys cancel */
            refuse(c, DSPV_QUORUM_BAD_OPERATOR_KEY, -1, fault);
    }
    mem_free(keys);
    return error;
}

int quorum_items(const struct commitment *c, const struct llmq_params *p, const struct members *members, struct key_cache *keys,
                 struct bls_item items[2], dspv_fault *fault)
{
    if (bitspan_any_from(&c->signers, members->n) || bitspan_any_from(&c->valid_members, members->n))
        return refuse(c, DSPV_QUORUM_EXTRA_BITS, -1, fault);
    int error = quorum_sig_item(c, &items[0], fault);
    if (error != 0)
        return error;
    items[1].scheme = items[0].scheme;
    memcpy(items[1].msg, items[0].msg, sizeof(items[1].msg));
    if (!bls_sig_decode(&items[1].sig, c->members_sig, items[1].scheme))
        return refuse(c, DSPV_QUORUM_BAD_SIGNATURE, -1, fault);
    return members_key(c, p, members, keys, &items[1].key, fault);
}
