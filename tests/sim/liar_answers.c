/* True answers to other questions than the one that was asked, and answers that are no message at all. */
#include "sim/liar_kinds.h"

/* ---- answering in the honest half's place */

/* What a node of `chain` answers to getmnlistd, said to be about the blocks of `echo` (NULL: about what it is about). */
static bool say_diff(struct liar *l, struct liar_output *out, const struct devnode_chain *chain, const struct getmnlistd *ask,
                     const struct getmnlistd *echo)
{
    const struct devnode_view view = {chain, l->tip < chain->tip ? l->tip : chain->tip, l->protocol};
    int32_t base = block_hash_is_zero(&ask->base) ? 0 : devnode_chain_height(chain, &ask->base, view.tip);
    struct arena a;
    struct writer w;
    struct mnlistdiff d;
    arena_init(&a, 0);
    writer_init(&w);
    bool good = devnode_answer_diff(&view, &ask->base, base, devnode_chain_height(chain, &ask->block, view.tip), &a, &d) == 0;
    if (good) {
        d.base = echo ? echo->base : d.base;
        d.block = echo ? echo->block : d.block;
        mnlistdiff_encode(&w, &d);
        liar_say_written(out, l, "mnlistdiff", &w);
        l->lies++;
    }
    writer_free(&w);
    arena_free(&a);
    return good;
}

static bool say_qrinfo(struct liar *l, struct liar_output *out, const struct devnode_chain *chain, const struct getqrinfo *ask)
{
    const struct devnode_view view = {chain, l->tip < chain->tip ? l->tip : chain->tip, l->protocol};
    struct writer w;
    writer_init(&w);
    bool good = devnode_answer_qrinfo(&view, ask, &w) == 0;
    if (good) {
        liar_say_written(out, l, "qrinfo", &w);
        l->lies++;
    }
    writer_free(&w);
    return good;
}

static bool decode_ask(const struct liar_message *m, struct getmnlistd *ask)
{
    dspv_fault fault;
    return m->command == WIRE_GETMNLISTD && getmnlistd_decode(m->payload.p, m->payload.n, ask, &fault) == 0;
}

static bool decode_info_ask(const struct liar_message *m, struct getqrinfo *ask)
{
    dspv_fault fault;
    return m->command == WIRE_GETQRINFO && getqrinfo_decode(m->payload.p, m->payload.n, ask, &fault) == 0;
}

/* ---- swapped-diff */

/* Another block or another base. */
static bool other_question(struct liar *l, const struct getmnlistd *ask, struct getmnlistd *other)
{
    const struct devnode_chain *chain = l->world->chain;
    int32_t block = devnode_chain_height(chain, &ask->block, l->tip);
    int32_t base = block_hash_is_zero(&ask->base) ? 0 : devnode_chain_height(chain, &ask->base, l->tip);
    if (block < 1 || base < 0)
        return false;
    *other = *ask;
    switch (rng_below(&l->rng, 4)) {
    case 0: block -= 1; break;
    case 1: block += 1; break;
    case 2: base = (int32_t)rng_below(&l->rng, (uint64_t)block); break;
    default: base = base > 0 ? 0 : block - 1; break;
    }
    if (block > l->tip || block < base || block < chain->first_diff || base < chain->start)
        return false;
    other->block = *devnode_chain_hash(chain, block);
    other->base = *devnode_chain_hash(chain, base);
    return true;
}

static bool heard_swapped_diff(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct getmnlistd ask, other;
    struct getqrinfo info;
    const struct llmq_params *p = network_llmq(&l->world->chain->network, l->world->chain->network.instantsend_type);
    if (decode_ask(m, &ask) && liar_moment(l, out) && other_question(l, &ask, &other))
        return !say_diff(l, out, l->world->chain, &other, liar_chance(l, 60) ? &ask : NULL);
    if (decode_info_ask(m, &info) && p && liar_moment(l, out)) {
        int32_t height = devnode_chain_height(l->world->chain, &info.block, l->tip);
        if (liar_chance(l, 50))
            info.extra_share = !info.extra_share;
        else if (height > p->interval)
            info.block = *devnode_chain_hash(l->world->chain, height - p->interval);
        return !say_qrinfo(l, out, l->world->chain, &info);
    }
    return true;
}
const struct liar_kind liar_swapped_diff = {.name = "swapped-diff", .heard = heard_swapped_diff};

/* ---- stale-diff: the first answer ever given, again and again (state[0]: its base's height + 1, state[1]: its block's) */

static bool heard_stale_diff(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    const struct devnode_chain *chain = l->world->chain;
    struct getmnlistd ask, old = {.base = {{0}}};
    struct getqrinfo info;
    if (decode_info_ask(m, &info) && liar_moment(l, out)) { /* as a node that stopped growing, but knows the block */
        int32_t height = devnode_chain_height(chain, &info.block, l->tip), now = l->tip;
        l->tip = height >= 0 ? height : now;
        bool silent = say_qrinfo(l, out, chain, &info);
        l->tip = now;
        return !silent;
    }
    if (!decode_ask(m, &ask))
        return true;
    if (l->state[1] == 0) {
        int32_t base = block_hash_is_zero(&ask.base) ? -1 : devnode_chain_height(chain, &ask.base, l->tip);
        int32_t block = devnode_chain_height(chain, &ask.block, l->tip);
        if (block > 0 && base <= block) {
            l->state[0] = (uint64_t)(base + 1);
            l->state[1] = (uint64_t)block;
        }
        return true;
    }
    if (l->state[0] > 0)
        old.base = *devnode_chain_hash(chain, (int32_t)l->state[0] - 1);
    old.block = *devnode_chain_hash(chain, (int32_t)l->state[1]);
    return block_hash_eq(&old.block, &ask.block) || !say_diff(l, out, chain, &old, liar_chance(l, 50) ? &ask : NULL);
}
const struct liar_kind liar_stale_diff = {.name = "stale-diff", .heard = heard_stale_diff};

/* ---- foreign-diff: true of another chain */

static const struct devnode_chain *other_chain(struct liar *l)
{
    const struct devnode_chain *a = l->world->stale_chain, *b = l->world->foreign_chain;
    return !a || (b && liar_chance(l, 50)) ? b : a;
}

/* The block of the same height there, or the last one; false when there is none. */
static bool translate(const struct liar *l, const struct devnode_chain *to, block_hash *hash)
{
    if (block_hash_is_zero(hash))
        return true;
    int32_t height = devnode_chain_height(l->world->chain, hash, l->tip), last = to->tip < l->tip ? to->tip : l->tip;
    if (height < to->start || last < to->start)
        return false;
    *hash = *devnode_chain_hash(to, height < last ? height : last);
    return true;
}

static bool heard_foreign_diff(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    const struct devnode_chain *chain = other_chain(l);
    struct getmnlistd ask, there;
    struct getqrinfo info;
    if (chain && decode_ask(m, &ask) && liar_moment(l, out)) {
        there = ask;
        if (translate(l, chain, &there.base) && translate(l, chain, &there.block))
            return !say_diff(l, out, chain, &there, liar_chance(l, 60) ? &ask : NULL);
    }
    if (chain && decode_info_ask(m, &info) && liar_moment(l, out)) {
        info.n_bases = 0;
        if (translate(l, chain, &info.block))
            return !say_qrinfo(l, out, chain, &info);
    }
    return true;
}
const struct liar_kind liar_foreign_diff = {.name = "foreign-diff", .heard = heard_foreign_diff};

/* ---- malformed */

/* Where the first count of an answer stands: the deleted masternodes of a diff, the first snapshot's bits, or the headers. */
static size_t first_count(const struct liar *l, const struct liar_message *m)
{
    struct arena a;
    struct mnlistdiff d;
    dspv_fault fault;
    size_t at = m->command == WIRE_QRINFO ? 4 : 0;
    arena_init(&a, 0);
    if (m->command == WIRE_MNLISTDIFF && mnlistdiff_decode(m->payload.p, m->payload.n, l->protocol, &a, &d, &fault) == 0) {
        bool version_between = l->protocol >= 70225 && l->protocol < 70229;
        at = (size_t)(d.coinbase.raw.p + d.coinbase.raw.n - m->payload.p) + (version_between ? 2 : 0);
    }
    arena_free(&a);
    return at < m->payload.n ? at : 0;
}

/* The count of `n` bytes at `at` becomes another one. */
static void write_count(struct liar *l, const struct liar_message *m, size_t at, struct writer *w)
{
    static const struct {
        uint8_t n, bytes[9];
    } counts[] = {
        {5, {0xfe, 0xff, 0xff, 0xff, 0x01}}, /* as large as a CompactSize may be */
        {5, {0xfe, 0xff, 0xff, 0xff, 0xff}},
        {9, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
        {3, {0xfd, 0x01, 0x00}}, /* not minimal */
        {3, {0xfd, 0xff, 0xff}},
        {1, {0xfc}},
    };
    size_t k = rng_below(&l->rng, sizeof(counts) / sizeof(counts[0])), length = 1;
    const uint8_t *p = m->payload.p;
    if (at < m->payload.n && p[at] >= 0xfd)
        length = p[at] == 0xfd ? 3 : p[at] == 0xfe ? 5 : 9;
    writer_bytes(w, p, at);
    writer_bytes(w, counts[k].bytes, counts[k].n);
    if (at + length < m->payload.n)
        writer_bytes(w, p + at + length, m->payload.n - at - length);
}

static void said_malformed(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct writer w;
    if (!liar_is_answer(m->command) || m->payload.n == 0 || !liar_moment(l, out)) {
        liar_pass(out, l, m);
        return;
    }
    writer_init(&w);
    switch (rng_below(&l->rng, 4)) {
    case 0:
        writer_span(&w, m->payload);
        writer_u8(&w, 0);
        break;
    case 1: writer_bytes(&w, m->payload.p, rng_below(&l->rng, m->payload.n)); break;
    default: write_count(l, m, first_count(l, m), &w); break;
    }
    if (w.n != m->payload.n || memcmp(w.data, m->payload.p, w.n) != 0)
        l->lies++;
    liar_say_written(out, l, m->name, &w);
    writer_free(&w);
}
const struct liar_kind liar_malformed = {.name = "malformed", .said = said_malformed};

/* ---- unknown-blocks: answers about blocks that nobody has; who then asks for their headers may wait for ever */

static bool name_unknown(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    if (d->n_new_quorums > 0 && liar_chance(l, 60)) {
        struct commitment *quorums = liar_copy(a, d->new_quorums, d->n_new_quorums, 0, sizeof(*quorums));
        if (!quorums)
            return false;
        rng_bytes(&l->rng, quorums[rng_below(&l->rng, d->n_new_quorums)].hash.b, 32);
        d->new_quorums = quorums;
        return true;
    }
    rng_bytes(&l->rng, liar_chance(l, 50) ? d->base.b : d->block.b, 32);
    return true;
}

static bool name_unknown_anywhere(struct liar *l, struct arena *a, struct qrinfo *q)
{
    struct mnlistdiff *diffs[] = {&q->tip, &q->h, &q->diffs[0], &q->diffs[1], &q->diffs[2]};
    struct commitment *last = liar_copy(a, q->last_commitments, q->n_last_commitments, 0, sizeof(*last));
    if (!last)
        return false;
    if (q->n_last_commitments > 0 && liar_chance(l, 30)) {
        rng_bytes(&l->rng, last[rng_below(&l->rng, q->n_last_commitments)].hash.b, 32);
        q->last_commitments = last;
        return true;
    }
    return name_unknown(l, a, diffs[rng_below(&l->rng, sizeof(diffs) / sizeof(diffs[0]))]);
}

static void said_unknown_blocks(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    unsigned before = l->lies;
    if (m->command == WIRE_QRINFO)
        liar_lie_in_qrinfo(l, m, out, name_unknown_anywhere);
    else
        liar_lie_in_diff(l, m, out, name_unknown);
    l->state[0] += l->lies != before;
}

static bool heard_unknown_blocks(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    (void)out;
    bool headers = m->command == WIRE_GETHEADERS || m->command == WIRE_GETHEADERS2;
    return !headers || l->state[0] == 0 || liar_chance(l, 40);
}
const struct liar_kind liar_unknown_blocks = {
    .name = "unknown-blocks", .said = said_unknown_blocks, .heard = heard_unknown_blocks};

/* ---- fat-answers: as large as a message may be, in good form */

enum { FAT = (3 << 20) - 4096 };

static bool fatten(struct liar *l, struct arena *a, struct mnlistdiff *d)
{
    uint32_t n = (FAT - (uint32_t)d->raw.n) / 32;
    if (d->raw.n > FAT || d->n_deleted > n)
        return false;
    if (liar_chance(l, 50) || d->n_entries == 0) {
        protx_hash *deleted = liar_copy(a, d->deleted, d->n_deleted, n, sizeof(*deleted));
        if (!deleted)
            return false;
        rng_bytes(&l->rng, deleted[d->n_deleted].b, 32);
        for (uint32_t i = 1; i < n; i++) {
            deleted[d->n_deleted + i] = deleted[d->n_deleted];
            memcpy(deleted[d->n_deleted + i].b, &i, sizeof(i));
        }
        d->deleted = deleted;
        d->n_deleted += n;
        return true;
    }
    n = (FAT - (uint32_t)d->raw.n) / 400;
    struct mnentry *entries = liar_copy(a, d->entries, d->n_entries, n, sizeof(*entries));
    if (!entries)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct mnentry *e = &entries[d->n_entries + i];
        *e = entries[0];
        rng_bytes(&l->rng, e->protx.b, 32);
    }
    d->entries = entries;
    d->n_entries += n;
    return true;
}

static void said_fat(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    if (l->state[0] >= 3 || !liar_chance(l, 50)) { /* a few are enough */
        liar_pass(out, l, m);
        return;
    }
    unsigned before = l->lies;
    liar_lie_in_diffs(l, m, out, fatten);
    l->state[0] += l->lies != before;
}
const struct liar_kind liar_fat_answers = {.name = "fat-answers", .said = said_fat};
