/* See lists_random.h. */
#include "wire/lists_random.h"

void maker_init(struct maker *m, uint64_t seed)
{
    m->random = seed;
    arena_init(&m->arena, 0);
}

void maker_free(struct maker *m)
{
    arena_free(&m->arena);
}

uint64_t make_number(struct maker *m, uint64_t below)
{
    return test_random(&m->random) % below;
}

static void *make_array(struct maker *m, size_t n, size_t size)
{
    void *array = arena_alloc_array(&m->arena, n, size);
    assert_non_null(array);
    return array;
}

static void fill(struct maker *m, uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)test_random(&m->random);
}

const uint8_t *make_bytes(struct maker *m, size_t n)
{
    uint8_t *p = make_array(m, n, 1);
    fill(m, p, n);
    return p;
}

/* The content of a writer, moved into the maker's arena. */
static struct span keep(struct maker *m, struct writer *w)
{
    assert_false(w->failed);
    uint8_t *p = make_array(m, w->n, 1);
    if (w->n)
        memcpy(p, w->data, w->n);
    struct span s = {p, w->n};
    writer_free(w);
    return s;
}

static struct bitspan make_bitset(struct maker *m, uint32_t bits)
{
    size_t n = ((size_t)bits + 7) / 8;
    uint8_t *p = make_array(m, n, 1);
    fill(m, p, n);
    if (bits % 8)
        p[n - 1] &= (uint8_t)((1u << bits % 8) - 1);
    return (struct bitspan){.bytes = p, .bits = bits};
}

void make_cbtx(struct maker *m, struct cbtx *out)
{
    *out = (struct cbtx){.version = (uint16_t)(1 + make_number(m, 3)), .height = (int32_t)test_random(&m->random)};
    fill(m, out->mn_root.b, 32);
    if (out->version >= 2)
        fill(m, out->quorum_root.b, 32);
    if (out->version >= 3) {
        out->best_cl_height_diff = (uint32_t)make_number(m, make_number(m, 2) ? 300 : 0x02000001);
        if (make_number(m, 4))
            fill(m, out->best_cl_signature, 96);
        out->credit_pool = (int64_t)test_random(&m->random);
    }
}

static void make_coinbase(struct maker *m, bool with_cbtx, struct mnlistdiff *d)
{
    static const uint8_t null_prevout[36] = {[32] = 0xff, [33] = 0xff, [34] = 0xff, [35] = 0xff};
    struct writer w, payload;
    writer_init(&w);
    writer_init(&payload);
    struct tx *tx = &d->coinbase;
    *tx = (struct tx){.version = with_cbtx ? 3 : 1, .type = with_cbtx ? 5 : 0, .is_coinbase = true, .n_inputs = 1};
    writer_u16(&w, tx->version);
    writer_u16(&w, tx->type);
    writer_u8(&w, 1);
    writer_bytes(&w, null_prevout, 36);
    size_t script = make_number(m, 100);
    writer_compact_size(&w, script);
    writer_bytes(&w, make_bytes(m, script), script);
    writer_u32(&w, 0xffffffff);
    size_t outputs = make_number(m, 4);
    writer_compact_size(&w, outputs);
    for (size_t i = 0; i < outputs; i++) {
        writer_u64(&w, test_random(&m->random));
        writer_u8(&w, 25);
        writer_bytes(&w, make_bytes(m, 25), 25);
    }
    writer_u32(&w, 0);
    d->has_cbtx = with_cbtx;
    if (with_cbtx) {
        make_cbtx(m, &d->cbtx);
        cbtx_encode(&payload, &d->cbtx);
        tx->payload = keep(m, &payload);
        writer_compact_size(&w, tx->payload.n);
        writer_span(&w, tx->payload);
    }
    tx->raw = keep(m, &w);
}

void make_commitment(struct maker *m, struct commitment *out)
{
    static const uint32_t sizes[] = {0, 3, 25, 50, 60, 100, 253, 400, COMMITMENT_MAX_BITS};
    uint32_t bits = sizes[make_number(m, sizeof(sizes) / sizeof(sizes[0]))];
    *out = (struct commitment){
        .version = (uint16_t)(1 + make_number(m, 4)),
        .type = (uint8_t)test_random(&m->random),
        .signers = make_bitset(m, bits),
        .valid_members = make_bitset(m, bits),
        .public_key = make_bytes(m, 48),
        .vvec_hash = make_bytes(m, 32),
        .quorum_sig = make_bytes(m, 96),
        .members_sig = make_bytes(m, 96),
    };
    fill(m, out->hash.b, 32);
    if (commitment_is_indexed(out))
        out->index = (int16_t)test_random(&m->random);
}

static void write_ext_entry(struct maker *m, struct writer *w)
{
    static const uint8_t networks[] = {NET_IPV4, NET_IPV6, NET_TORV3, NET_I2P, NET_CJDNS, 7, 200};
    static const uint8_t lengths[] = {4, 16, 32, 32, 16, 0, 77};
    switch (make_number(m, 5)) {
    case 0: writer_u8(w, 0xff); return;
    case 1: {
        size_t n = 1 + make_number(m, 253);
        writer_u8(w, 2);
        writer_compact_size(w, n);
        writer_bytes(w, make_bytes(m, n), n);
        break;
    }
    default: {
        size_t k = make_number(m, sizeof(networks));
        writer_u8(w, 1);
        writer_u8(w, networks[k]);
        writer_u8(w, lengths[k]);
        writer_bytes(w, make_bytes(m, lengths[k]), lengths[k]);
    }
    }
    writer_u16_be(w, (uint16_t)test_random(&m->random));
}

static struct span make_ext_net_info(struct maker *m)
{
    struct writer w;
    writer_init(&w);
    uint8_t version = make_number(m, 10) ? 1 : (uint8_t)test_random(&m->random);
    writer_u8(&w, version);
    if (version != 1)
        return keep(m, &w);
    unsigned present = (unsigned)make_number(m, 8);
    writer_u8(&w, (uint8_t)((present & 1) + (present >> 1 & 1) + (present >> 2 & 1)));
    for (uint8_t purpose = 0; purpose < 3; purpose++) {
        if (!(present >> purpose & 1))
            continue;
        writer_u8(&w, purpose);
        uint8_t n = (uint8_t)make_number(m, 5);
        writer_u8(&w, n);
        for (int i = 0; i < n; i++)
            write_ext_entry(m, &w);
    }
    return keep(m, &w);
}

void make_mnentry(struct maker *m, int proto, uint16_t diff_version, struct mnentry *out)
{
    *out = (struct mnentry){
        .version = proto >= 70228 ? (uint16_t)(1 + make_number(m, 3)) : diff_version ? diff_version : 1,
        .operator_key = make_bytes(m, 48),
        .voting_id = make_bytes(m, 20),
        .valid = make_number(m, 2),
    };
    fill(m, out->protx.b, 32);
    fill(m, out->confirmed.b, 32);
    out->net_info = out->version == 3 ? make_ext_net_info(m) : (struct span){make_bytes(m, 18), 18};
    out->has_type = out->version >= 2 && proto >= 70227;
    if (!out->has_type || make_number(m, 2))
        return;
    out->type = 1;
    out->platform_node_id = make_bytes(m, 20);
    if (out->version == 2)
        out->platform_http_port = (uint16_t)test_random(&m->random);
}

void make_snapshot(struct maker *m, struct snapshot_msg *out)
{
    *out = (struct snapshot_msg){.mode = (int32_t)make_number(m, 4), .n_skips = (uint32_t)make_number(m, 300)};
    out->active = make_bitset(m, (uint32_t)make_number(m, 700));
    out->skips = make_bytes(m, (size_t)out->n_skips * 4);
}

static void make_clsigs(struct maker *m, struct mnlistdiff *d)
{
    d->n_clsigs = (uint32_t)make_number(m, d->n_new_quorums + 1);
    d->clsigs = make_array(m, d->n_clsigs, sizeof(*d->clsigs));
    for (uint32_t i = 0; i < d->n_clsigs; i++) {
        struct quorum_clsig *c = &d->clsigs[i];
        c->signature = make_bytes(m, 96);
        c->n_indexes = (uint32_t)make_number(m, d->n_new_quorums + 1);
        c->indexes = make_array(m, c->n_indexes, sizeof(*c->indexes));
        for (uint32_t k = 0; k < c->n_indexes; k++)
            c->indexes[k] = (uint16_t)test_random(&m->random);
    }
}

void make_diff(struct maker *m, int proto, bool with_cbtx, struct mnlistdiff *out)
{
    *out = (struct mnlistdiff){.proto = proto};
    if (proto >= 70225)
        out->version = (uint16_t)(proto >= 70228 ? test_random(&m->random) : 1 + make_number(m, 2));
    fill(m, out->base.b, 32);
    fill(m, out->block.b, 32);
    out->proof = (struct merkle_proof){
        .n_transactions = (uint32_t)test_random(&m->random),
        .n_hashes = (uint32_t)make_number(m, 5),
        .n_flag_bytes = (uint32_t)make_number(m, 3),
    };
    out->proof.hashes = (const hash256 *)make_bytes(m, out->proof.n_hashes * sizeof(hash256));
    out->proof.flags = make_bytes(m, out->proof.n_flag_bytes);
    make_coinbase(m, with_cbtx, out);
    out->n_deleted = (uint32_t)make_number(m, 5);
    out->deleted = (const protx_hash *)make_bytes(m, out->n_deleted * sizeof(protx_hash));
    out->n_entries = (uint32_t)make_number(m, 8);
    out->entries = make_array(m, out->n_entries, sizeof(*out->entries));
    for (uint32_t i = 0; i < out->n_entries; i++)
        make_mnentry(m, proto, out->version, &out->entries[i]);
    out->n_deleted_quorums = (uint32_t)make_number(m, 5);
    out->deleted_quorums = make_array(m, out->n_deleted_quorums, sizeof(*out->deleted_quorums));
    fill(m, (uint8_t *)out->deleted_quorums, out->n_deleted_quorums * sizeof(*out->deleted_quorums));
    out->n_new_quorums = (uint32_t)make_number(m, 6);
    out->new_quorums = make_array(m, out->n_new_quorums, sizeof(*out->new_quorums));
    for (uint32_t i = 0; i < out->n_new_quorums; i++)
        make_commitment(m, &out->new_quorums[i]);
    if (proto >= 70230)
        make_clsigs(m, out);
}

void make_qrinfo(struct maker *m, int proto, struct qrinfo *out)
{
    *out = (struct qrinfo){.proto = proto, .extra_share = make_number(m, 2)};
    make_diff(m, proto, true, &out->tip);
    make_diff(m, proto, true, &out->h);
    for (int k = 0; k < (out->extra_share ? QRINFO_CYCLES : QRINFO_H_4C); k++) {
        make_diff(m, proto, true, &out->diffs[k]);
        make_snapshot(m, &out->snapshots[k]);
    }
    out->n_last_commitments = (uint32_t)make_number(m, 5);
    out->last_commitments = make_array(m, out->n_last_commitments, sizeof(*out->last_commitments));
    for (uint32_t i = 0; i < out->n_last_commitments; i++)
        make_commitment(m, &out->last_commitments[i]);
    out->n_older = (uint32_t)make_number(m, 4);
    out->older_snapshots = make_array(m, out->n_older, sizeof(*out->older_snapshots));
    out->older_diffs = make_array(m, out->n_older, sizeof(*out->older_diffs));
    for (uint32_t i = 0; i < out->n_older; i++) {
        make_snapshot(m, &out->older_snapshots[i]);
        make_diff(m, proto, true, &out->older_diffs[i]);
    }
}

static void same_bytes(const void *a, const void *b, size_t n)
{
    if (n)
        assert_memory_equal(a, b, n);
}

static void same_span(struct span a, struct span b)
{
    assert_int_equal(a.n, b.n);
    same_bytes(a.p, b.p, a.n);
}

static void same_bitset(const struct bitspan *a, const struct bitspan *b)
{
    assert_int_equal(a->bits, b->bits);
    same_bytes(a->bytes, b->bytes, ((size_t)a->bits + 7) / 8);
}

void same_cbtx(const struct cbtx *a, const struct cbtx *b)
{
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->height, b->height);
    same_bytes(a->mn_root.b, b->mn_root.b, 32);
    same_bytes(a->quorum_root.b, b->quorum_root.b, 32);
    assert_int_equal(a->best_cl_height_diff, b->best_cl_height_diff);
    same_bytes(a->best_cl_signature, b->best_cl_signature, 96);
    assert_true(a->credit_pool == b->credit_pool);
}

void same_commitment(const struct commitment *a, const struct commitment *b)
{
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->type, b->type);
    same_bytes(a->hash.b, b->hash.b, 32);
    assert_int_equal(a->index, b->index);
    same_bitset(&a->signers, &b->signers);
    same_bitset(&a->valid_members, &b->valid_members);
    same_bytes(a->public_key, b->public_key, 48);
    same_bytes(a->vvec_hash, b->vvec_hash, 32);
    same_bytes(a->quorum_sig, b->quorum_sig, 96);
    same_bytes(a->members_sig, b->members_sig, 96);
}

void same_mnentry(const struct mnentry *a, const struct mnentry *b)
{
    assert_int_equal(a->version, b->version);
    same_bytes(a->protx.b, b->protx.b, 32);
    same_bytes(a->confirmed.b, b->confirmed.b, 32);
    same_span(a->net_info, b->net_info);
    same_bytes(a->operator_key, b->operator_key, 48);
    same_bytes(a->voting_id, b->voting_id, 20);
    assert_int_equal(a->valid, b->valid);
    assert_int_equal(a->has_type, b->has_type);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->platform_http_port, b->platform_http_port);
    assert_int_equal(a->platform_node_id != NULL, b->platform_node_id != NULL);
    if (a->platform_node_id)
        same_bytes(a->platform_node_id, b->platform_node_id, 20);
}

void same_snapshot(const struct snapshot_msg *a, const struct snapshot_msg *b)
{
    assert_int_equal(a->mode, b->mode);
    same_bitset(&a->active, &b->active);
    assert_int_equal(a->n_skips, b->n_skips);
    same_bytes(a->skips, b->skips, (size_t)a->n_skips * 4);
}

static void same_head(const struct mnlistdiff *a, const struct mnlistdiff *b)
{
    assert_int_equal(a->proto, b->proto);
    assert_int_equal(a->version, b->version);
    same_bytes(a->base.b, b->base.b, 32);
    same_bytes(a->block.b, b->block.b, 32);
    assert_int_equal(a->proof.n_transactions, b->proof.n_transactions);
    assert_int_equal(a->proof.n_hashes, b->proof.n_hashes);
    same_bytes(a->proof.hashes, b->proof.hashes, a->proof.n_hashes * sizeof(hash256));
    assert_int_equal(a->proof.n_flag_bytes, b->proof.n_flag_bytes);
    same_bytes(a->proof.flags, b->proof.flags, a->proof.n_flag_bytes);
    assert_int_equal(a->coinbase.version, b->coinbase.version);
    assert_int_equal(a->coinbase.type, b->coinbase.type);
    assert_int_equal(a->coinbase.is_coinbase, b->coinbase.is_coinbase);
    assert_int_equal(a->coinbase.n_inputs, b->coinbase.n_inputs);
    same_span(a->coinbase.payload, b->coinbase.payload);
    same_span(a->coinbase.raw, b->coinbase.raw);
    assert_int_equal(a->has_cbtx, b->has_cbtx);
    same_cbtx(&a->cbtx, &b->cbtx);
}

void same_diff(const struct mnlistdiff *a, const struct mnlistdiff *b)
{
    same_head(a, b);
    assert_int_equal(a->n_deleted, b->n_deleted);
    same_bytes(a->deleted, b->deleted, a->n_deleted * sizeof(protx_hash));
    assert_int_equal(a->n_entries, b->n_entries);
    for (uint32_t i = 0; i < a->n_entries; i++)
        same_mnentry(&a->entries[i], &b->entries[i]);
    assert_int_equal(a->n_deleted_quorums, b->n_deleted_quorums);
    for (uint32_t i = 0; i < a->n_deleted_quorums; i++) {
        assert_int_equal(a->deleted_quorums[i].type, b->deleted_quorums[i].type);
        same_bytes(a->deleted_quorums[i].hash.b, b->deleted_quorums[i].hash.b, 32);
    }
    assert_int_equal(a->n_new_quorums, b->n_new_quorums);
    for (uint32_t i = 0; i < a->n_new_quorums; i++)
        same_commitment(&a->new_quorums[i], &b->new_quorums[i]);
    assert_int_equal(a->n_clsigs, b->n_clsigs);
    for (uint32_t i = 0; i < a->n_clsigs; i++) {
        same_bytes(a->clsigs[i].signature, b->clsigs[i].signature, 96);
        assert_int_equal(a->clsigs[i].n_indexes, b->clsigs[i].n_indexes);
        same_bytes(a->clsigs[i].indexes, b->clsigs[i].indexes, a->clsigs[i].n_indexes * sizeof(uint16_t));
    }
}

void same_qrinfo(const struct qrinfo *a, const struct qrinfo *b)
{
    assert_int_equal(a->proto, b->proto);
    same_diff(&a->tip, &b->tip);
    same_diff(&a->h, &b->h);
    assert_int_equal(a->extra_share, b->extra_share);
    for (int k = 0; k < QRINFO_CYCLES; k++) {
        same_diff(&a->diffs[k], &b->diffs[k]);
        same_snapshot(&a->snapshots[k], &b->snapshots[k]);
    }
    assert_int_equal(a->n_last_commitments, b->n_last_commitments);
    for (uint32_t i = 0; i < a->n_last_commitments; i++)
        same_commitment(&a->last_commitments[i], &b->last_commitments[i]);
    assert_int_equal(a->n_older, b->n_older);
    for (uint32_t i = 0; i < a->n_older; i++) {
        same_snapshot(&a->older_snapshots[i], &b->older_snapshots[i]);
        same_diff(&a->older_diffs[i], &b->older_diffs[i]);
    }
}
