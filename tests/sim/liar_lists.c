/* Lies about what changed in a masternode list or quorum set. Each is a message of the right form whose coinbase and proof are
 * those of the chain, so that only a root (or one rule of protocol.md 4.8) gives it away. */
#include "sim/liar_kinds.h"

/* ---- masternodes */

/* An entry of the message, or else of the chain's history; NULL: there has been no masternode. */
static const struct mnentry *some_entry(struct liar *l, const struct mnlistdiff *d)
{
    const struct devnode_history *h = &l->world->chain->history;
    if (d->n_entries > 0)
        return &d->entries[rng_below(&l->rng, d->n_entries)];
    for (size_t i = 0, first = h->n_masternodes ? rng_below(&l->rng, h->n_masternodes) : 0; i < h->n_masternodes; i++) {
        const struct history_masternode *m = &h->masternodes[(first + i) % h->n_masternodes];
        if (m->n > 0 && m->versions[0].entry)
            return m->versions[0].entry;
    }
    return NULL;
}

static bool add_entry(struct liar *l, struct arena *a, struct mnlistdiff *d, bool known)
{
    const struct mnentry *from = some_entry(l, d);
    struct mnentry *entries = liar_copy(a, d->entries, d->n_entries, 1, sizeof(*entries));
    if (!from || !entries)
        return false;
    entries[d->n_entries] = *from;
    if (!known)
        rng_bytes(&l->rng, entries[d->n_entries].protx.b, 32);
    d->entries = entries;
    d->n_entries++;
    return true;
}

static bool remove_entry(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    struct mnentry *entries = liar_copy(a, d->entries, d->n_entries, 0, sizeof(*entries));
    if (!entries || d->n_entries == 0)
        return false;
    entries[rng_below(&l->rng, d->n_entries)] = entries[d->n_entries - 1];
    d->entries = entries;
    d->n_entries--;
    return true;
}

static bool change_entry(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    struct mnentry *entries = liar_copy(a, d->entries, d->n_entries, 0, sizeof(*entries));
    if (!entries || d->n_entries == 0)
        return false;
    struct mnentry *e = &entries[rng_below(&l->rng, d->n_entries)];
    d->entries = entries;
    switch (rng_below(&l->rng, 8)) {
    case 0: e->operator_key = liar_random_bytes(l, a, 48); return e->operator_key != NULL;
    case 1: e->operator_key = entries[rng_below(&l->rng, d->n_entries)].operator_key; return true;
    case 2: e->voting_id = liar_turn_bit(l, a, e->voting_id, 20); return e->voting_id != NULL;
    case 3: e->confirmed.b[rng_below(&l->rng, 32)] ^= 1; return true;
    case 4: memset(e->confirmed.b, 0, 32); return true;
    case 5:
        if (e->version == 3)
            return false; /* an address of that form may not decode any more */
        e->net_info.p = liar_turn_bit(l, a, e->net_info.p, e->net_info.n);
        return e->net_info.p != NULL;
    case 6: /* its key is read in another encoding then */
        if (e->version == 3)
            return false;
        e->version = e->version == 1 ? 2 : 1;
        return true;
    default: e->valid = !e->valid; return true;
    }
}

/* One more deletion: of a masternode nobody knows, or of one that is there. */
static bool delete_more(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    const struct mnentry *from = some_entry(l, d);
    protx_hash *deleted = liar_copy(a, d->deleted, d->n_deleted, 1, sizeof(*deleted));
    if (!deleted)
        return false;
    if (from && liar_chance(l, 50))
        deleted[d->n_deleted] = from->protx;
    else
        rng_bytes(&l->rng, deleted[d->n_deleted].b, 32);
    d->deleted = deleted;
    d->n_deleted++;
    return true;
}

static bool delete_less(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    protx_hash *deleted = liar_copy(a, d->deleted, d->n_deleted, 0, sizeof(*deleted));
    if (!deleted || d->n_deleted == 0)
        return false;
    deleted[rng_below(&l->rng, d->n_deleted)] = deleted[d->n_deleted - 1];
    d->deleted = deleted;
    d->n_deleted--;
    return true;
}

static bool wrong_list(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    bool lied = false;
    for (int tries = 0; tries < 8 && !lied; tries++) {
        switch (rng_below(&l->rng, 7)) {
        case 0: lied = add_entry(l, a, d, false); break;
        case 1: lied = d->n_entries > 0 && add_entry(l, a, d, true); break; /* twice in the message */
        case 2: lied = remove_entry(l, a, d); break;
        case 3: lied = delete_more(l, a, d); break;
        case 4: lied = delete_less(l, a, d); break;
        default: lied = change_entry(l, a, d); break;
        }
    }
    return lied;
}

static void said_wrong_list(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_lie_in_diffs(l, m, out, wrong_list);
}
const struct liar_kind liar_wrong_list = {.name = "wrong-list", .said = said_wrong_list};

/* ---- quorumsCLSigs, kept in step with the quorums */

/* The signature of new_quorums[i] goes to the end of the message's map, for one more quorum. */
static bool clsigs_add(struct arena *a, struct mnlistdiff *d, uint32_t like)
{
    struct quorum_clsig *sigs = liar_copy(a, d->clsigs, d->n_clsigs, 1, sizeof(*sigs));
    if (!sigs)
        return false;
    for (uint32_t i = 0; i < d->n_clsigs; i++)
        for (uint32_t k = 0; k < sigs[i].n_indexes; k++)
            if (sigs[i].indexes[k] == like) {
                uint16_t *indexes = liar_copy(a, sigs[i].indexes, sigs[i].n_indexes, 1, sizeof(*indexes));
                if (!indexes)
                    return false;
                indexes[sigs[i].n_indexes] = (uint16_t)d->n_new_quorums;
                sigs[i].indexes = indexes;
                sigs[i].n_indexes++;
                d->clsigs = sigs;
                return true;
            }
    return true;
}

/* new_quorums[gone] is no more. */
static bool clsigs_remove(struct arena *a, struct mnlistdiff *d, uint32_t gone)
{
    struct quorum_clsig *sigs = liar_copy(a, d->clsigs, d->n_clsigs, 0, sizeof(*sigs));
    uint32_t n = 0;
    if (!sigs)
        return false;
    for (uint32_t i = 0; i < d->n_clsigs; i++) {
        struct quorum_clsig *s = &sigs[n];
        *s = d->clsigs[i];
        s->indexes = arena_alloc_array(a, s->n_indexes + 1, sizeof(*s->indexes));
        s->n_indexes = 0;
        for (uint32_t k = 0; s->indexes && k < d->clsigs[i].n_indexes; k++) {
            uint16_t index = d->clsigs[i].indexes[k];
            if (index != gone)
                s->indexes[s->n_indexes++] = (uint16_t)(index - (index > gone));
        }
        n += s->n_indexes > 0;
    }
    d->clsigs = sigs;
    d->n_clsigs = n;
    return true;
}

/* ---- quorums */

static bool add_quorum(struct arena *a, struct mnlistdiff *d, const struct commitment *c, uint32_t like)
{
    struct commitment *quorums = liar_copy(a, d->new_quorums, d->n_new_quorums, 1, sizeof(*quorums));
    if (!quorums || !clsigs_add(a, d, like))
        return false;
    quorums[d->n_new_quorums] = *c;
    d->new_quorums = quorums;
    d->n_new_quorums++;
    return true;
}

static bool drop_quorum(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    struct commitment *quorums = liar_copy(a, d->new_quorums, d->n_new_quorums, 0, sizeof(*quorums));
    if (!quorums || d->n_new_quorums == 0)
        return false;
    uint32_t gone = (uint32_t)rng_below(&l->rng, d->n_new_quorums);
    memmove(&quorums[gone], &quorums[gone + 1], (d->n_new_quorums - gone - 1) * sizeof(*quorums));
    d->new_quorums = quorums;
    d->n_new_quorums--;
    return clsigs_remove(a, d, gone);
}

/* A quorum of the past that is not in the message. */
static bool revive_quorum(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    const struct devnode_history *h = &l->world->chain->history;
    if (h->n_quorums == 0 || d->n_new_quorums == 0)
        return false;
    const struct history_quorum *q = &h->quorums[rng_below(&l->rng, h->n_quorums)];
    return add_quorum(a, d, q->commitment, (uint32_t)rng_below(&l->rng, d->n_new_quorums));
}

static bool change_quorum(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    struct commitment *quorums = liar_copy(a, d->new_quorums, d->n_new_quorums, 0, sizeof(*quorums));
    if (!quorums || d->n_new_quorums == 0)
        return false;
    struct commitment *c = &quorums[rng_below(&l->rng, d->n_new_quorums)];
    const struct commitment *other = &quorums[rng_below(&l->rng, d->n_new_quorums)];
    d->new_quorums = quorums;
    switch (rng_below(&l->rng, 7)) {
    case 0: c->public_key = other->public_key; return true;
    case 1: c->quorum_sig = liar_turn_bit(l, a, c->quorum_sig, 96); return c->quorum_sig != NULL;
    case 2: c->members_sig = other->members_sig; return true;
    case 3: c->vvec_hash = liar_turn_bit(l, a, c->vvec_hash, 32); return c->vvec_hash != NULL;
    case 4: c->hash = other->hash; return true;
    case 5: c->type = (uint8_t)(c->type ^ 1); return true;
    default: {
        uint8_t *bits = liar_copy(a, c->signers.bytes, (c->signers.bits + 7) / 8, 0, 1);
        if (!bits || c->signers.bits == 0)
            return false;
        uint32_t bit = (uint32_t)rng_below(&l->rng, c->signers.bits);
        bits[bit / 8] ^= (uint8_t)(1 << bit % 8);
        c->signers.bytes = bits;
        return true;
    }
    }
}

static bool delete_quorum(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    const struct devnode_history *h = &l->world->chain->history;
    struct quorum_ref *deleted = liar_copy(a, d->deleted_quorums, d->n_deleted_quorums, 1, sizeof(*deleted));
    if (!deleted || h->n_quorums == 0)
        return false;
    const struct commitment *c = h->quorums[rng_below(&l->rng, h->n_quorums)].commitment;
    struct quorum_ref *ref = &deleted[d->n_deleted_quorums++];
    *ref = (struct quorum_ref){c->type, c->hash};
    if (liar_chance(l, 50))
        rng_bytes(&l->rng, ref->hash.b, 32);
    d->deleted_quorums = deleted;
    return true;
}

static bool keep_quorum(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    struct quorum_ref *deleted = liar_copy(a, d->deleted_quorums, d->n_deleted_quorums, 0, sizeof(*deleted));
    if (!deleted || d->n_deleted_quorums == 0)
        return false;
    deleted[rng_below(&l->rng, d->n_deleted_quorums)] = deleted[d->n_deleted_quorums - 1];
    d->deleted_quorums = deleted;
    d->n_deleted_quorums--;
    return true;
}

static bool wrong_quorums(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    bool lied = false;
    for (int tries = 0; tries < 8 && !lied; tries++) {
        uint32_t any = d->n_new_quorums ? (uint32_t)rng_below(&l->rng, d->n_new_quorums) : 0;
        switch (rng_below(&l->rng, 7)) {
        case 0: lied = drop_quorum(l, a, d); break;
        case 1: lied = d->n_new_quorums > 0 && add_quorum(a, d, &d->new_quorums[any], any); break;
        case 2: lied = revive_quorum(l, a, d); break;
        case 3: lied = delete_quorum(l, a, d); break;
        case 4: lied = keep_quorum(l, a, d); break;
        default: lied = change_quorum(l, a, d); break;
        }
    }
    return lied;
}

static void said_wrong_quorums(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_lie_in_diffs(l, m, out, wrong_quorums);
}
const struct liar_kind liar_wrong_quorums = {.name = "wrong-quorums", .said = said_wrong_quorums};

/* ---- quorumsCLSigs */

static bool wrong_clsigs(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    static const uint8_t none[96];
    struct quorum_clsig *sigs = liar_copy(a, d->clsigs, d->n_clsigs, 1, sizeof(*sigs));
    if (!sigs || d->n_clsigs == 0)
        return false;
    struct quorum_clsig *s = &sigs[rng_below(&l->rng, d->n_clsigs)];
    d->clsigs = sigs;
    uint16_t *indexes = liar_copy(a, s->indexes, s->n_indexes, 1, sizeof(*indexes));
    if (!indexes || s->n_indexes == 0)
        return false;
    s->indexes = indexes;
    switch (rng_below(&l->rng, 7)) {
    case 0: s->signature = liar_turn_bit(l, a, s->signature, 96); return s->signature != NULL;
    case 1: s->signature = sigs[rng_below(&l->rng, d->n_clsigs)].signature; return true;
    case 2: s->signature = none; return true;
    case 3: indexes[0] = (uint16_t)d->n_new_quorums; return true;
    case 4: indexes[0] = UINT16_MAX; return true;
    case 5: s->n_indexes--; return true;
    default:
        if (s->n_indexes + 1 > d->n_new_quorums)
            return false;
        indexes[s->n_indexes++] = indexes[0];
        return true;
    }
}

static void said_wrong_clsigs(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_lie_in_diffs(l, m, out, wrong_clsigs);
}
const struct liar_kind liar_wrong_clsigs = {.name = "wrong-clsigs", .said = said_wrong_clsigs};

/* ---- the truth in another order: nothing in the protocol says that a node must keep Core's */

static void shuffle(struct liar *l, void *items, size_t n, size_t size)
{
    enum { LARGEST = sizeof(struct commitment) > sizeof(struct mnentry) ? sizeof(struct commitment) : sizeof(struct mnentry) };
    uint8_t *bytes = items, other[LARGEST];
    for (size_t i = n; i > 1; i--) {
        size_t k = rng_below(&l->rng, i);
        memcpy(other, bytes + k * size, size);
        memcpy(bytes + k * size, bytes + (i - 1) * size, size);
        memcpy(bytes + (i - 1) * size, other, size);
    }
}

static bool reordered(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    struct mnentry *entries = liar_copy(a, d->entries, d->n_entries, 0, sizeof(*entries));
    protx_hash *deleted = liar_copy(a, d->deleted, d->n_deleted, 0, sizeof(*deleted));
    struct quorum_ref *gone = liar_copy(a, d->deleted_quorums, d->n_deleted_quorums, 0, sizeof(*gone));
    struct quorum_clsig *sigs = liar_copy(a, d->clsigs, d->n_clsigs, 0, sizeof(*sigs));
    if (!entries || !deleted || !gone || !sigs)
        return false;
    shuffle(l, entries, d->n_entries, sizeof(*entries));
    shuffle(l, deleted, d->n_deleted, sizeof(*deleted));
    shuffle(l, gone, d->n_deleted_quorums, sizeof(*gone));
    shuffle(l, sigs, d->n_clsigs, sizeof(*sigs));
    d->entries = entries;
    d->deleted = deleted;
    d->deleted_quorums = gone;
    d->clsigs = sigs;
    return true;
}

static void said_reordered(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_lie_in_diffs(l, m, out, reordered);
}
const struct liar_kind liar_reordered_diff = {.name = "reordered-diff", .said = said_reordered};
