/* Lies about the coinbase and its merkle proof; among them the thorough one: a false list or quorum set whose root the coinbase
 * does name, so that only the proof gives it away (protocol.md 4.3, 4.6, 4.8). */
#include "base/endian.h"
#include "evo/mnstate.h"
#include "sim/liar_kinds.h"

enum { CBTX_AT_HEIGHT = 2, CBTX_AT_MN_ROOT = 6, CBTX_AT_QUORUM_ROOT = 38 };

/* A copy of the coinbase whose CbTx payload may be written to; NULL: memory, or no CbTx. */
static uint8_t *open_payload(struct arena *a, struct mnlistdiff *d)
{
    const struct tx *tx = &d->coinbase;
    uint8_t *raw = liar_copy(a, tx->raw.p, tx->raw.n, 0, 1);
    if (!raw || !d->has_cbtx)
        return NULL;
    size_t at = (size_t)(tx->payload.p - tx->raw.p);
    d->coinbase.raw.p = raw;
    d->coinbase.payload.p = raw + at;
    return raw + at;
}

/* Let the proof's leaf be the changed coinbase: it is well-formed and leads elsewhere. */
static bool prove_coinbase(struct arena *a, struct mnlistdiff *d)
{
    hash256 *hashes = liar_copy(a, d->proof.hashes, d->proof.n_hashes, 0, sizeof(*hashes));
    if (!hashes || d->proof.n_hashes == 0)
        return false;
    tx_hash id = tx_id(&d->coinbase);
    hashes[0] = hash256_from(id.b);
    d->proof.hashes = hashes;
    return true;
}

/* ---- the proof */

static bool change_hashes(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    hash256 *hashes = liar_copy(a, d->proof.hashes, d->proof.n_hashes, 1, sizeof(*hashes));
    uint32_t n = d->proof.n_hashes, any = n ? (uint32_t)rng_below(&l->rng, n) : 0;
    if (!hashes || n == 0)
        return false;
    d->proof.hashes = hashes;
    switch (rng_below(&l->rng, 4)) {
    case 0: hashes[any].b[rng_below(&l->rng, 32)] ^= 0x40; return true;
    case 1: hashes[any] = hashes[0]; return any != 0; /* equal children: protocol.md trap 19 */
    case 2: d->proof.n_hashes--; return true;
    default:
        hashes[n] = hashes[any];
        d->proof.n_hashes++;
        return true;
    }
}

static bool change_shape(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    static const uint32_t sizes[] = {0, 1, 2, 3, 1000, 0x7fffffff, UINT32_MAX};
    switch (rng_below(&l->rng, 3)) {
    case 0:
        d->proof.flags = liar_turn_bit(l, a, d->proof.flags, d->proof.n_flag_bytes);
        return d->proof.flags != NULL;
    case 1: {
        uint8_t *flags = liar_copy(a, d->proof.flags, d->proof.n_flag_bytes, 1, 1);
        if (!flags)
            return false;
        flags[d->proof.n_flag_bytes++] = 0;
        d->proof.flags = flags;
        return true;
    }
    default: d->proof.n_transactions = sizes[rng_below(&l->rng, sizeof(sizes) / sizeof(sizes[0]))]; return true;
    }
}

/* A proof of nothing but the header's merkle root, as if the block had one transaction. */
static bool root_as_leaf(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    static const uint8_t flag = 1;
    const struct devnode_chain *chain = l->world->chain;
    int32_t height = devnode_chain_height(chain, &d->block, chain->tip);
    hash256 *leaf = arena_alloc(a, sizeof(*leaf));
    if (!leaf || height < chain->start)
        return false;
    memcpy(leaf->b, devnode_chain_header(chain, height) + 36, 32);
    d->proof = (struct merkle_proof){.n_transactions = 1, .hashes = leaf, .n_hashes = 1, .flags = &flag, .n_flag_bytes = 1};
    return true;
}

/* ---- the coinbase */

/* Another block's coinbase, with its own good proof. */
static bool borrow_coinbase(struct liar *l, struct mnlistdiff *d)
{
    const struct devnode_chain *chain = l->world->chain;
    const struct mnlistdiff *other = devnode_chain_diff(chain, (int32_t)rng_below(&l->rng, (uint64_t)chain->tip + 1));
    if (!other || block_hash_eq(&other->block, &d->block))
        return false;
    d->coinbase = other->coinbase;
    if (liar_chance(l, 70))
        d->proof = other->proof;
    return true;
}

static bool change_coinbase(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    uint8_t *payload = open_payload(a, d);
    if (!payload)
        return false;
    size_t n = d->coinbase.payload.n;
    switch (rng_below(&l->rng, 4)) {
    case 0: store_le32(payload + CBTX_AT_HEIGHT, load_le32(payload + CBTX_AT_HEIGHT) + 1); break;
    case 1: payload[CBTX_AT_MN_ROOT + rng_below(&l->rng, 32)] ^= 1; break;
    case 2:
        if (n < CBTX_AT_QUORUM_ROOT + 32)
            return false;
        payload[CBTX_AT_QUORUM_ROOT + rng_below(&l->rng, 32)] ^= 1;
        break;
    default: payload[n - 1 - rng_below(&l->rng, n > 100 ? 96 : 32)] ^= 1; break; /* the best ChainLock's signature */
    }
    return liar_chance(l, 50) || prove_coinbase(a, d);
}

static bool wrong_proof(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    bool lied = false;
    for (int tries = 0; tries < 8 && !lied; tries++) {
        switch (rng_below(&l->rng, 6)) {
        case 0: lied = change_hashes(l, a, d); break;
        case 1: lied = change_shape(l, a, d); break;
        case 2: lied = root_as_leaf(l, a, d); break;
        case 3: lied = borrow_coinbase(l, d); break;
        default: lied = change_coinbase(l, a, d); break;
        }
    }
    return lied;
}

static void said_wrong_proof(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_lie_in_diffs(l, m, out, wrong_proof);
}
const struct liar_kind liar_wrong_proof = {.name = "wrong-proof", .said = said_wrong_proof};

/* ---- a false state that the coinbase names */

/* The state the diff starts from; *known false: not among the truth's. */
static const struct mnstate *base_state(const struct liar *l, const struct mnlistdiff *d, bool *known)
{
    const struct gen_chain *truth = l->world->truth;
    int32_t height = block_hash_is_zero(&d->base) ? 0 : devnode_chain_height(l->world->chain, &d->base, l->world->chain->tip);
    *known = truth && height >= 0 && height <= truth->tip;
    return *known ? truth->states[height] : NULL;
}

/* Write the roots of what the changed diff leads to into its coinbase. */
static bool name_roots(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    bool known;
    const struct mnstate *base = base_state(l, d, &known);
    struct mnlist *list = NULL;
    struct quorumset *quorums = NULL;
    hash256 mn_root, quorum_root;
    dspv_fault fault;
    uint8_t *payload = open_payload(a, d);
    bool good = known && payload && mnlist_apply(base ? base->list : NULL, NULL, d, &list, &fault) == 0 &&
                quorumset_apply(base ? base->quorums : NULL, NULL, d, &quorums, &fault) == 0;
    if (good) {
        mn_root = mnlist_root(list);
        quorum_root = quorumset_root(quorums);
    }
    mnlist_unref(list);
    quorumset_unref(quorums);
    if (!good)
        return false;
    memcpy(payload + CBTX_AT_MN_ROOT, mn_root.b, 32);
    if (d->cbtx.version >= 2)
        memcpy(payload + CBTX_AT_QUORUM_ROOT, quorum_root.b, 32);
    return liar_chance(l, 30) || prove_coinbase(a, d);
}

/* A masternode's key, address or ban, or a quorum, is not what it is. */
static bool forged_roots(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    struct mnentry *entries = liar_copy(a, d->entries, d->n_entries, 0, sizeof(*entries));
    struct commitment *quorums = liar_copy(a, d->new_quorums, d->n_new_quorums, 0, sizeof(*quorums));
    if (!entries || !quorums || (d->n_entries == 0 && d->n_new_quorums == 0))
        return false;
    d->entries = entries;
    d->new_quorums = quorums;
    if (d->n_new_quorums > 0 && (d->n_entries == 0 || liar_chance(l, 40))) {
        struct commitment *c = &quorums[rng_below(&l->rng, d->n_new_quorums)];
        c->vvec_hash = liar_random_bytes(l, a, 32);
        struct writer w;
        writer_init(&w);
        if (c->vvec_hash)
            commitment_encode(&w, c);
        c->raw = (struct span){liar_copy(a, w.data, w.n, 0, 1), w.n};
        bool good = c->raw.p && w.n > 0 && !w.failed;
        writer_free(&w);
        return good && name_roots(l, a, d);
    }
    struct mnentry *e = &entries[rng_below(&l->rng, d->n_entries)];
    uint8_t *hashed = liar_copy(a, e->hashed.p, e->hashed.n, 0, 1);
    if (!hashed)
        return false;
    size_t key = (size_t)(e->operator_key - e->hashed.p);
    rng_bytes(&l->rng, hashed + key, 48); /* form G holds the fields that travel: protocol.md 4.5 */
    e->hashed.p = hashed;
    e->operator_key = hashed + key;
    return name_roots(l, a, d);
}

static void said_forged_roots(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_lie_in_diffs(l, m, out, forged_roots);
}
const struct liar_kind liar_forged_roots = {.name = "forged-roots", .said = said_forged_roots};
