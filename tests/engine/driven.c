#include "engine/driven.h"

#include "base/endian.h"
#include "base/mem.h"
#include "crypto/sha256.h"

static const uint8_t SEED[32] = {1, 2, 3};

struct engine *driven_engine(const struct driven *d)
{
    struct engine *e;
    assert_int_equal(engine_new(&e, &d->chain.net, SEED, 0), 0);
    return e;
}

void driven_open(struct driven *d, const char *folder)
{
    memset(d, 0, sizeof(*d));
    fixture_chain_open(&d->chain, folder);
    d->e = driven_engine(d);
    d->applied = -1;
}

void driven_close(struct driven *d)
{
    engine_free(d->e);
    fixture_chain_close(&d->chain);
}

void driven_blocks(struct driven *d, struct engine *e, int32_t from, int32_t to)
{
    for (int32_t h = from; h <= to; h++)
        assert_int_equal(engine_feed_block(e, &d->chain.hashes[h], h, &d->chain.merkle_roots[h]), 0);
}

void driven_to(struct driven *d, int32_t height)
{
    if (d->applied < 0) {
        d->applied = d->chain.first - 1;
        driven_blocks(d, d->e, 0, d->applied);
    }
    while (d->applied < height) {
        int32_t h = ++d->applied;
        struct mnlistdiff first = d->chain.diffs[h];
        if (h == d->chain.first) /* what is below holds no list: the same as genesis */
            memset(first.base.b, 0, 32);
        driven_blocks(d, d->e, h, h);
        dspv_fault fault;
        int error = engine_apply_diff(d->e, &first, &fault);
        if (error != 0)
            fail_msg("height %d: %d %s", h, error, dspv_reason_name(fault.reason));
    }
}

void driven_verify(struct driven *d)
{
    assert_int_equal(engine_verify(d->e), 0);
}

size_t driven_count(const struct engine *e, enum quorum_status status)
{
    size_t n = 0;
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view q;
        engine_quorum_at(e, i, &q);
        n += q.status == status;
    }
    return n;
}

static void write_quorum(struct writer *w, const struct quorum_view *q)
{
    writer_hash(w, q->quorum->leaf.b);
    writer_u32(w, (uint32_t)q->base_height);
    writer_u8(w, q->committed);
    writer_u32(w, (uint32_t)q->first_seen);
    writer_u32(w, (uint32_t)q->last_seen);
    writer_u8(w, (uint8_t)q->status);
    writer_u32(w, (uint32_t)q->fault.reason);
    for (uint32_t i = 0; q->status == QUORUM_VERIFIED && i < q->members->n; i++)
        writer_hash(w, q->members->mn[i]->leaf.b);
}

static void write_needs(struct writer *w, const struct engine *e, int32_t tip)
{
    struct needs needs;
    assert_int_equal(engine_discover(e, tip, &needs), 0);
    writer_u64(w, needs.wanted);
    writer_u64(w, needs.verified);
    for (size_t i = 0; i < needs.n; i++) {
        writer_u8(w, (uint8_t)needs.items[i].kind);
        writer_u32(w, (uint32_t)needs.items[i].height);
        writer_u32(w, needs.items[i].wanted_by);
    }
    needs_free(&needs);
}

hash256 driven_digest_to(const struct engine *e, int32_t tip)
{
    struct writer w;
    writer_init(&w);
    for (int32_t h = 0; h <= tip; h++) {
        block_hash hash = {{0}};
        writer_u8(&w, engine_block_at(e, h, &hash));
        writer_hash(&w, hash.b);
        bool derived;
        const struct snapshot *s = engine_snapshot(e, h, &derived);
        if (s) {
            writer_u32(&w, (uint32_t)h);
            snapshot_wire(s, &w);
            writer_u8(&w, derived);
        }
    }
    for (size_t i = 0; i < engine_list_count(e); i++) {
        const struct mnstate *s = engine_list_at(e, i);
        writer_u32(&w, (uint32_t)s->height);
        writer_hash(&w, s->block.b);
        writer_hash(&w, s->cbtx.mn_root.b);
        writer_hash(&w, s->cbtx.quorum_root.b);
        writer_u8(&w, s->anchored);
    }
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view q;
        engine_quorum_at(e, i, &q);
        write_quorum(&w, &q);
    }
    if (engine_tip_list(e))
        write_needs(&w, e, engine_tip_list(e)->height);
    assert_false(w.failed);
    hash256 digest;
    sha256(digest.b, w.data, w.n);
    writer_free(&w);
    return digest;
}

hash256 driven_digest(const struct driven *d, const struct engine *e)
{
    return driven_digest_to(e, d->chain.tip);
}

void driven_assert_true(const struct engine *e, const struct engine *truth)
{
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view q, t;
        engine_quorum_at(e, i, &q);
        if (q.status != QUORUM_VERIFIED)
            continue;
        assert_true(q.committed);
        assert_true(engine_quorum(truth, q.quorum->c.type, &q.quorum->c.hash, &t));
        assert_int_equal(t.status, QUORUM_VERIFIED);
        assert_true(hash256_eq(&q.quorum->leaf, &t.quorum->leaf));
        assert_int_equal(q.members->n, t.members->n);
        for (uint32_t k = 0; k < q.members->n; k++)
            assert_true(masternode_eq(q.members->mn[k], t.members->mn[k]));
    }
}

bool driven_next_lock(struct bytes locks, size_t *at, struct driven_lock *out)
{
    if (*at == locks.n)
        return false;
    assert_true(locks.n - *at >= 9);
    out->tip = (int32_t)load_le32(locks.p + *at);
    out->kind = locks.p[*at + 4];
    out->n = load_le32(locks.p + *at + 5);
    out->payload = locks.p + *at + 9;
    assert_true(locks.n - *at - 9 >= out->n);
    *at += 9 + out->n;
    return true;
}
