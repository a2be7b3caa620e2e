/* Lies about quorums, mostly in qrinfo: commitments with the liar's own keys or of former cycles, snapshots that are not those of
 * the chain, parts of the message in each other's place (protocol.md 6, quorums.md 3 to 5). */
#include "base/endian.h"
#include "crypto/bls/sign.h"
#include "sim/liar_kinds.h"

/* ---- commitments */

/* `c`, encoded and decoded again, so that all its parts lead into one place. */
static bool keep_commitment(struct arena *a, const struct commitment *c, struct commitment *out)
{
    struct writer w;
    struct reader r;
    writer_init(&w);
    commitment_encode(&w, c);
    uint8_t *bytes = liar_copy(a, w.data, w.n, 0, 1);
    bool good = bytes && !w.failed;
    reader_init(&r, bytes, good ? w.n : 0);
    writer_free(&w);
    if (good)
        commitment_decode(&r, out);
    return good && reader_finish(&r);
}

static void own_secret(struct liar *l, struct bls_secret *out)
{
    uint8_t bytes[32];
    do {
        rng_bytes(&l->rng, bytes, sizeof(bytes));
        bytes[0] &= 0x3f;
    } while (!bls_secret_decode(out, bytes));
}

/* The real quorum's name and members with a key of our own. quorumSig is right; membersSig is ours as well, or the real one. */
static bool forge(struct liar *l, struct arena *a, const struct commitment *real, struct commitment *out)
{
    struct bls_secret secret;
    bls_key key;
    bls_sig sig;
    uint8_t *public_key = arena_alloc(a, 48), *quorum_sig = arena_alloc(a, 96);
    struct commitment c = *real;
    if (!public_key || !quorum_sig)
        return false;
    enum bls_scheme scheme = commitment_is_legacy(&c) ? BLS_LEGACY : BLS_BASIC;
    own_secret(l, &secret);
    bls_secret_key(&secret, &key);
    bls_key_encode(public_key, &key, scheme);
    c.public_key = public_key;
    c.quorum_sig = quorum_sig;
    hash256 message = commitment_message(&c);
    bls_secret_sign(&secret, message.b, scheme, &sig);
    bls_sig_encode(quorum_sig, &sig, scheme);
    if (liar_chance(l, 60))
        c.members_sig = quorum_sig;
    return keep_commitment(a, &c, out);
}

static bool same_quorum(const struct commitment *a, const struct commitment *b)
{
    return a->type == b->type && quorum_hash_eq(&a->hash, &b->hash);
}

/* Wherever a diff brings the quorum, it brings `c`. */
static bool replace_in_diff(struct arena *a, struct mnlistdiff *d, const struct commitment *c)
{
    for (uint32_t i = 0; i < d->n_new_quorums; i++) {
        if (!same_quorum(&d->new_quorums[i], c))
            continue;
        struct commitment *quorums = liar_copy(a, d->new_quorums, d->n_new_quorums, 0, sizeof(*quorums));
        if (!quorums)
            return false;
        quorums[i] = *c;
        d->new_quorums = quorums;
        return true;
    }
    return false;
}

static bool replace_everywhere(struct arena *a, struct qrinfo *q, const struct commitment *c)
{
    bool any = replace_in_diff(a, &q->tip, c);
    any = replace_in_diff(a, &q->h, c) || any;
    for (int k = 0; k < (q->extra_share ? QRINFO_CYCLES : QRINFO_H_4C); k++)
        any = replace_in_diff(a, &q->diffs[k], c) || any;
    for (uint32_t i = 0; i < q->n_older; i++)
        any = replace_in_diff(a, &q->older_diffs[i], c) || any;
    return any;
}

static bool forge_in_diff(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    struct commitment c;
    return d->n_new_quorums > 0 && forge(l, a, &d->new_quorums[rng_below(&l->rng, d->n_new_quorums)], &c) &&
           replace_in_diff(a, d, &c);
}

/* Replace one of the last commitments: with everything else true, or with the same lie in the quorum sets. */
static bool forge_in_qrinfo(struct liar *l, struct arena *a, struct qrinfo *q)
{
    struct commitment *last = liar_copy(a, q->last_commitments, q->n_last_commitments, 0, sizeof(*last));
    uint32_t any = q->n_last_commitments ? (uint32_t)rng_below(&l->rng, q->n_last_commitments) : 0;
    if (!last || q->n_last_commitments == 0)
        return forge_in_diff(l, a, &q->tip) || forge_in_diff(l, a, &q->h);
    if (!forge(l, a, &q->last_commitments[any], &last[any]))
        return false;
    bool sets = liar_chance(l, 60) && replace_everywhere(a, q, &last[any]);
    if (!sets || liar_chance(l, 80))
        q->last_commitments = last;
    return true;
}

static void said_forged_commitment(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    if (m->command == WIRE_QRINFO)
        liar_lie_in_qrinfo(l, m, out, forge_in_qrinfo);
    else
        liar_lie_in_diff(l, m, out, forge_in_diff);
}
const struct liar_kind liar_forged_commitment = {.name = "forged-commitment", .said = said_forged_commitment};

/* ---- old-commitment */

/* Another quorum of the same type (and index), mined earlier; NULL. */
static const struct commitment *former(struct liar *l, const struct commitment *c)
{
    const struct devnode_history *h = &l->world->chain->history;
    for (size_t i = h->n_quorums, skip = rng_below(&l->rng, 3); i-- > 0;) {
        const struct commitment *other = h->quorums[i].commitment;
        if (other->type == c->type && other->index == c->index && !same_quorum(other, c) && h->quorums[i].added <= l->tip &&
            skip-- == 0)
            return other;
    }
    return NULL;
}

static bool old_in_diff(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    struct commitment *quorums = liar_copy(a, d->new_quorums, d->n_new_quorums, 0, sizeof(*quorums));
    uint32_t any = d->n_new_quorums ? (uint32_t)rng_below(&l->rng, d->n_new_quorums) : 0;
    const struct commitment *old = d->n_new_quorums ? former(l, &d->new_quorums[any]) : NULL;
    if (!quorums || !old)
        return false;
    quorums[any] = *old;
    if (liar_chance(l, 50)) /* the old keys under the new name */
        quorums[any].hash = d->new_quorums[any].hash;
    d->new_quorums = quorums;
    return true;
}

static bool old_in_qrinfo(struct liar *l, struct arena *a, struct qrinfo *q)
{
    struct commitment *last = liar_copy(a, q->last_commitments, q->n_last_commitments, 0, sizeof(*last));
    uint32_t any = q->n_last_commitments ? (uint32_t)rng_below(&l->rng, q->n_last_commitments) : 0;
    const struct commitment *old = q->n_last_commitments ? former(l, &q->last_commitments[any]) : NULL;
    if (!last || !old || liar_chance(l, 30))
        return old_in_diff(l, a, liar_chance(l, 50) ? &q->tip : &q->h);
    last[any] = *old;
    if (liar_chance(l, 50))
        last[any].hash = q->last_commitments[any].hash;
    q->last_commitments = last;
    return true;
}

static void said_old_commitment(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    if (m->command == WIRE_QRINFO)
        liar_lie_in_qrinfo(l, m, out, old_in_qrinfo);
    else
        liar_lie_in_diff(l, m, out, old_in_diff);
}
const struct liar_kind liar_old_commitment = {.name = "old-commitment", .said = said_old_commitment};

/* ---- wrong-last: the right commitments in a list that is not right */

static bool wrong_last(struct liar *l, struct arena *a, struct qrinfo *q)
{
    uint32_t n = q->n_last_commitments, any = n ? (uint32_t)rng_below(&l->rng, n) : 0;
    struct commitment *last = liar_copy(a, q->last_commitments, n, 1, sizeof(*last));
    if (!last || n == 0)
        return false;
    q->last_commitments = last;
    switch (rng_below(&l->rng, 7)) {
    case 0: q->n_last_commitments = 0; return true;
    case 1:
        last[any] = last[n - 1];
        q->n_last_commitments--;
        return true;
    case 2:
        last[n] = last[any];
        q->n_last_commitments++;
        return true;
    case 3: last[any].type ^= 1; return true;
    case 4: last[any].index = (int16_t)(liar_chance(l, 50) ? -1 : INT16_MAX); return true;
    case 5: last[any].version ^= 1; return true; /* legacy for basic, or no index where there is one */
    default: {
        struct commitment first = last[0];
        last[0] = last[n - 1];
        last[n - 1] = first;
        return true;
    }
    }
}

static void said_wrong_last(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_lie_in_qrinfo(l, m, out, wrong_last);
}
const struct liar_kind liar_wrong_last = {.name = "wrong-last", .said = said_wrong_last};

/* ---- snapshots */

static bool turn_bits(struct liar *l, struct arena *a, struct snapshot_msg *s)
{
    uint8_t *bits = liar_copy(a, s->active.bytes, (s->active.bits + 7) / 8, 0, 1);
    if (!bits || s->active.bits == 0)
        return false;
    for (uint64_t n = 1 + rng_below(&l->rng, 3); n > 0; n--) {
        uint32_t bit = (uint32_t)rng_below(&l->rng, s->active.bits);
        bits[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    s->active.bytes = bits;
    return true;
}

static bool resize(struct liar *l, struct arena *a, struct snapshot_msg *s)
{
    static const uint32_t sizes[] = {0, 1, 8, 4096, 100000};
    uint32_t bits = liar_chance(l, 50) ? s->active.bits + 1 : sizes[rng_below(&l->rng, sizeof(sizes) / sizeof(sizes[0]))];
    uint8_t *bytes = arena_alloc(a, (bits + 7) / 8 + 1);
    if (!bytes)
        return false;
    memset(bytes, 0, (bits + 7) / 8 + 1);
    s->active.bytes = bytes;
    s->active.bits = bits;
    return true;
}

/* A list of skipped positions that a node might have stored: the first absolute, the others relative to it (quorums.md 3.4). */
static bool invent_skips(struct liar *l, struct arena *a, struct snapshot_msg *s)
{
    uint32_t n = 1 + (uint32_t)rng_below(&l->rng, 12);
    uint8_t *skips = arena_alloc(a, (size_t)n * 4);
    uint32_t at = (uint32_t)rng_below(&l->rng, s->active.bits + 1), first = at;
    if (!skips)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        store_le32(skips + (size_t)i * 4, i == 0 ? first : at - first);
        at += 1 + (uint32_t)rng_below(&l->rng, 3);
    }
    s->mode = 1;
    s->skips = skips;
    s->n_skips = n;
    return true;
}

/* Positions no cursor ever reaches, extremes of the arithmetic, or as many as possible. */
static bool absurd_skips(struct liar *l, struct arena *a, struct snapshot_msg *s)
{
    static const uint32_t values[] = {0x7fffffff, 0x80000000, 0xffffffff, 0, 1};
    uint32_t n = liar_chance(l, 30) ? 20000 : 1 + (uint32_t)rng_below(&l->rng, 8);
    uint8_t *skips = arena_alloc(a, (size_t)n * 4);
    if (!skips)
        return false;
    for (uint32_t i = 0; i < n; i++)
        store_le32(skips + (size_t)i * 4, n > 8 ? 0 : values[rng_below(&l->rng, sizeof(values) / sizeof(values[0]))]);
    s->mode = 1;
    s->skips = skips;
    s->n_skips = n;
    return true;
}

static bool forge_snapshot(struct liar *l, struct arena *a, struct snapshot_msg *s)
{
    static const int32_t modes[] = {2, 3, 7, -1, INT32_MAX};
    switch (rng_below(&l->rng, 7)) {
    case 0: s->mode = modes[rng_below(&l->rng, sizeof(modes) / sizeof(modes[0]))]; return true;
    case 1: return resize(l, a, s);
    case 2: return invent_skips(l, a, s);
    case 3: return absurd_skips(l, a, s);
    case 4:
        s->mode = 0;
        s->n_skips = 0;
        return turn_bits(l, a, s);
    default: return turn_bits(l, a, s);
    }
}

static bool forged_snapshot(struct liar *l, struct arena *a, struct qrinfo *q)
{
    size_t n = (q->extra_share ? QRINFO_CYCLES : QRINFO_H_4C) + (size_t)q->n_older, any = rng_below(&l->rng, n);
    struct snapshot_msg *older = liar_copy(a, q->older_snapshots, q->n_older, 0, sizeof(*older));
    if (!older)
        return false;
    q->older_snapshots = older;
    return forge_snapshot(l, a, any < q->n_older ? &older[any] : &q->snapshots[any - q->n_older]);
}

static void said_forged_snapshot(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_lie_in_qrinfo(l, m, out, forged_snapshot);
}
const struct liar_kind liar_forged_snapshot = {.name = "forged-snapshot", .said = said_forged_snapshot};

/* ---- parts in each other's place */

static bool swapped_snapshots(struct liar *l, struct arena *a, struct qrinfo *q)
{
    (void)a;
    size_t n = q->extra_share ? QRINFO_CYCLES : QRINFO_H_4C;
    size_t i = rng_below(&l->rng, n), k = (i + 1 + rng_below(&l->rng, n - 1)) % n;
    struct snapshot_msg other = q->snapshots[k];
    if (!liar_chance(l, 30)) /* or the same one twice */
        q->snapshots[k] = q->snapshots[i];
    q->snapshots[i] = other;
    return true;
}

static void said_swapped_snapshots(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_lie_in_qrinfo(l, m, out, swapped_snapshots);
}
const struct liar_kind liar_swapped_snapshots = {.name = "swapped-snapshots", .said = said_swapped_snapshots};

static bool swapped_diffs(struct liar *l, struct arena *a, struct qrinfo *q)
{
    (void)a;
    struct mnlistdiff *diffs[] = {&q->tip, &q->h, &q->diffs[0], &q->diffs[1], &q->diffs[2], &q->diffs[3]};
    size_t n = q->extra_share ? 6 : 5, i = rng_below(&l->rng, n), k = (i + 1 + rng_below(&l->rng, n - 1)) % n;
    struct mnlistdiff other = *diffs[k];
    *diffs[k] = *diffs[i];
    if (liar_chance(l, 60)) /* or one of them twice and the other not at all */
        *diffs[i] = other;
    return true;
}

static void said_swapped_qrinfo(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_lie_in_qrinfo(l, m, out, swapped_diffs);
}
const struct liar_kind liar_swapped_qrinfo = {.name = "swapped-qrinfo", .said = said_swapped_qrinfo};

/* ---- more or less than was asked for */

static bool wrong_extra_share(struct liar *l, struct arena *a, struct qrinfo *q)
{
    (void)a;
    q->extra_share = !q->extra_share;
    if (q->extra_share) {
        int k = (int)rng_below(&l->rng, QRINFO_H_4C);
        q->snapshots[QRINFO_H_4C] = q->snapshots[k];
        q->diffs[QRINFO_H_4C] = q->diffs[k];
    }
    return true;
}

static void said_wrong_extra_share(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_lie_in_qrinfo(l, m, out, wrong_extra_share);
}
const struct liar_kind liar_wrong_extra_share = {.name = "wrong-extra-share", .said = said_wrong_extra_share};

enum { MOST_OLDER_BYTES = 4 << 20 };

/* The lists of older cycles: none, some, the main ones again, too many. */
static bool wrong_older(struct liar *l, struct arena *a, struct qrinfo *q)
{
    static const uint32_t sizes[] = {1, 2, 64, 300};
    uint32_t n = sizes[rng_below(&l->rng, sizeof(sizes) / sizeof(sizes[0]))];
    while (n > 2 && n * (q->diffs[QRINFO_H_3C].raw.n + q->diffs[QRINFO_H_4C].raw.n) > MOST_OLDER_BYTES)
        n /= 2;
    if (q->n_older > 0 && liar_chance(l, 50)) {
        q->n_older = (uint32_t)rng_below(&l->rng, q->n_older);
        return true;
    }
    struct snapshot_msg *snapshots = arena_alloc_array(a, n, sizeof(*snapshots));
    struct mnlistdiff *diffs = arena_alloc_array(a, n, sizeof(*diffs));
    if (!snapshots || !diffs)
        return false;
    int oldest = q->extra_share ? QRINFO_H_4C : QRINFO_H_3C; /* rests on no other diff of the message: it applies */
    bool applies = liar_chance(l, 60);
    for (uint32_t i = 0; i < n; i++) {
        snapshots[i] = q->snapshots[rng_below(&l->rng, (uint64_t)oldest + 1)];
        diffs[i] = q->diffs[applies ? oldest : (int)rng_below(&l->rng, (uint64_t)oldest)];
    }
    q->older_snapshots = snapshots;
    q->older_diffs = diffs;
    q->n_older = n;
    return true;
}

static void said_wrong_older(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_lie_in_qrinfo(l, m, out, wrong_older);
}
const struct liar_kind liar_wrong_older = {.name = "wrong-older", .said = said_wrong_older};
