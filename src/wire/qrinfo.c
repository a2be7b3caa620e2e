/* See qrinfo.h. The order on the wire is not the order of use: three snapshots, five diffs, then the optional fourth cycle. */
#include "wire/qrinfo.h"

#include "base/endian.h"
#include "wire/decode.h"
#include "wire/layout.h"

enum {
    SNAPSHOT_MIN_SIZE = 4 + 1 + 1,
    SNAPSHOT_LAST_MODE = 3,
    /* two hashes, proof, transaction without inputs and outputs, four counts: the oldest layout */
    DIFF_MIN_SIZE = 64 + 4 + 1 + 1 + 10 + 4,
    /* Three cycles for each index of a rotated quorum would be 96; more is not a qrinfo. */
    MAX_OLDER = 512
};

void snapshot_decode(struct reader *r, struct snapshot_msg *out)
{
    const uint8_t *from = r->p;
    *out = (struct snapshot_msg){0};
    out->mode = reader_i32(r);
    if (out->mode < 0 || out->mode > SNAPSHOT_LAST_MODE)
        layout_refuse(r, from, DSPV_BAD_SNAPSHOT_MODE);
    out->active = reader_bitset(r, UINT32_MAX);
    out->n_skips = reader_count(r, 4, UINT32_MAX);
    out->skips = reader_bytes(r, (size_t)out->n_skips * 4);
    out->raw = reader_since(r, from);
}

void snapshot_encode(struct writer *w, const struct snapshot_msg *s)
{
    writer_u32(w, (uint32_t)s->mode);
    writer_bitset(w, &s->active);
    writer_compact_size(w, s->n_skips);
    writer_bytes(w, s->skips, (size_t)s->n_skips * 4);
}

int32_t snapshot_skip(const struct snapshot_msg *s, uint32_t i)
{
    return (int32_t)load_le32(s->skips + (size_t)i * 4);
}

static void read_last_commitments(struct reader *r, struct arena *arena, struct qrinfo *out)
{
    out->n_last_commitments = reader_count(r, COMMITMENT_MIN_SIZE, UINT32_MAX);
    out->last_commitments = layout_array(r, arena, out->n_last_commitments, sizeof(*out->last_commitments));
    for (uint32_t i = 0; reader_ok(r) && i < out->n_last_commitments; i++)
        commitment_decode(r, &out->last_commitments[i]);
}

static void read_older(struct reader *r, struct arena *arena, struct qrinfo *out)
{
    out->n_older = reader_count(r, SNAPSHOT_MIN_SIZE, MAX_OLDER);
    out->older_snapshots = layout_array(r, arena, out->n_older, sizeof(*out->older_snapshots));
    for (uint32_t i = 0; reader_ok(r) && i < out->n_older; i++)
        snapshot_decode(r, &out->older_snapshots[i]);
    const uint8_t *at = r->p;
    uint32_t n = reader_count(r, DIFF_MIN_SIZE, MAX_OLDER);
    if (n != out->n_older)
        layout_refuse(r, at, DSPV_SNAPSHOT_LISTS_DIFFER);
    out->older_diffs = layout_array(r, arena, n, sizeof(*out->older_diffs));
    for (uint32_t i = 0; reader_ok(r) && i < n; i++)
        mnlistdiff_read(r, out->proto, arena, &out->older_diffs[i]);
}

static void read_qrinfo(struct reader *r, int proto, struct arena *arena, void *result)
{
    struct qrinfo *out = result;
    *out = (struct qrinfo){.proto = proto};
    for (int k = QRINFO_H_C; k <= QRINFO_H_3C; k++)
        snapshot_decode(r, &out->snapshots[k]);
    mnlistdiff_read(r, proto, arena, &out->tip);
    mnlistdiff_read(r, proto, arena, &out->h);
    for (int k = QRINFO_H_C; k <= QRINFO_H_3C; k++)
        mnlistdiff_read(r, proto, arena, &out->diffs[k]);
    out->extra_share = reader_bool(r);
    if (out->extra_share) {
        snapshot_decode(r, &out->snapshots[QRINFO_H_4C]);
        mnlistdiff_read(r, proto, arena, &out->diffs[QRINFO_H_4C]);
    }
    read_last_commitments(r, arena, out);
    read_older(r, arena, out);
}

int qrinfo_decode(const uint8_t *payload, size_t n, int proto, struct arena *arena, struct qrinfo *out, dspv_fault *fault)
{
    return layout_decode(read_qrinfo, payload, n, proto, arena, out, fault);
}

int qrinfo_decode_any(const uint8_t *payload, size_t n, struct arena *arena, struct qrinfo *out, dspv_fault *fault)
{
    return layout_decode_any(read_qrinfo, payload, n, arena, out, fault);
}

void qrinfo_encode(struct writer *w, const struct qrinfo *q)
{
    for (int k = QRINFO_H_C; k <= QRINFO_H_3C; k++)
        snapshot_encode(w, &q->snapshots[k]);
    mnlistdiff_encode(w, &q->tip);
    mnlistdiff_encode(w, &q->h);
    for (int k = QRINFO_H_C; k <= QRINFO_H_3C; k++)
        mnlistdiff_encode(w, &q->diffs[k]);
    writer_u8(w, q->extra_share);
    if (q->extra_share) {
        snapshot_encode(w, &q->snapshots[QRINFO_H_4C]);
        mnlistdiff_encode(w, &q->diffs[QRINFO_H_4C]);
    }
    writer_compact_size(w, q->n_last_commitments);
    for (uint32_t i = 0; i < q->n_last_commitments; i++)
        commitment_encode(w, &q->last_commitments[i]);
    writer_compact_size(w, q->n_older);
    for (uint32_t i = 0; i < q->n_older; i++)
        snapshot_encode(w, &q->older_snapshots[i]);
    writer_compact_size(w, q->n_older);
    for (uint32_t i = 0; i < q->n_older; i++)
        mnlistdiff_encode(w, &q->older_diffs[i]);
}

void getqrinfo_encode(struct writer *w, const struct getqrinfo *m)
{
    writer_compact_size(w, m->n_bases);
    writer_bytes(w, m->bases, (size_t)m->n_bases * sizeof(block_hash));
    writer_hash(w, m->block.b);
    writer_u8(w, m->extra_share);
}

int getqrinfo_decode(const uint8_t *payload, size_t n, struct getqrinfo *out, dspv_fault *fault)
{
    struct reader r;
    reader_init(&r, payload, n);
    out->n_bases = reader_count(&r, sizeof(block_hash), GETQRINFO_MAX_BASES);
    out->bases = (const block_hash *)reader_bytes(&r, (size_t)out->n_bases * sizeof(block_hash));
    out->block = reader_block_hash(&r);
    out->extra_share = reader_bool(&r);
    return decode_finish(&r, fault);
}
