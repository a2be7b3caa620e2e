/* See mnlistdiff.h. Fields are read in wire order; every count is bounded by what the rest of the message can hold before room
 * is made for it. Nothing here judges meaning: the proof, the roots and the indexes are evo's business. */
#include "wire/mnlistdiff.h"

#include "wire/decode.h"
#include "wire/layout.h"

static bool version_after_coinbase(int proto)
{
    return proto >= LAYOUT_DIFF_VERSION && proto < LAYOUT_VERSION_FIRST;
}

static void read_proof(struct reader *r, struct merkle_proof *out)
{
    out->n_transactions = reader_u32(r);
    out->n_hashes = reader_count(r, sizeof(hash256), UINT32_MAX);
    out->hashes = (const hash256 *)reader_bytes(r, out->n_hashes * sizeof(hash256));
    struct span flags = reader_byte_string(r, UINT32_MAX);
    out->flags = flags.p;
    out->n_flag_bytes = (uint32_t)flags.n;
}

/* The payload is a message of its own: its faults are reported at their place in ours. */
static void read_cbtx(struct reader *r, const struct tx *coinbase, struct cbtx *out)
{
    struct reader payload;
    reader_init(&payload, coinbase->payload.p, coinbase->payload.n);
    cbtx_decode(&payload, out);
    if (!reader_ok(&payload))
        layout_refuse(r, coinbase->payload.p + payload.fault_offset, payload.fault);
}

static void read_coinbase(struct reader *r, struct mnlistdiff *out)
{
    tx_decode(r, &out->coinbase);
    out->has_cbtx = out->coinbase.type == 5 && out->coinbase.payload.p;
    if (out->has_cbtx)
        read_cbtx(r, &out->coinbase, &out->cbtx);
}

void mnlistdiff_read_proof(struct reader *r, struct mnlistdiff *out)
{
    const uint8_t *from = r->p;
    read_proof(r, &out->proof);
    read_coinbase(r, out);
    out->proven = reader_since(r, from);
}

/* Below 70228 the version says what the entries look like; above, it is ignored (protocol.md 4.2). */
static void read_version_after_coinbase(struct reader *r, struct mnlistdiff *out)
{
    const uint8_t *at = r->p;
    out->version = reader_u16(r);
    if (out->proto < LAYOUT_ENTRY_VERSION && out->version != 1 && out->version != 2)
        layout_refuse(r, at, DSPV_BAD_DIFF_VERSION);
}

static void read_masternodes(struct reader *r, struct arena *arena, struct mnlistdiff *out)
{
    out->n_deleted = reader_count(r, sizeof(protx_hash), UINT32_MAX);
    out->deleted = (const protx_hash *)reader_bytes(r, out->n_deleted * sizeof(protx_hash));
    out->n_entries = reader_count(r, MNENTRY_MIN_SIZE, UINT32_MAX);
    out->entries = layout_array(r, arena, out->n_entries, sizeof(*out->entries));
    for (uint32_t i = 0; reader_ok(r) && i < out->n_entries; i++)
        mnentry_decode(r, out->proto, out->version, &out->entries[i]);
}

static void read_quorums(struct reader *r, struct arena *arena, struct mnlistdiff *out)
{
    out->n_deleted_quorums = reader_count(r, 1 + 32, UINT32_MAX);
    out->deleted_quorums = layout_array(r, arena, out->n_deleted_quorums, sizeof(*out->deleted_quorums));
    for (uint32_t i = 0; reader_ok(r) && i < out->n_deleted_quorums; i++) {
        out->deleted_quorums[i].type = reader_u8(r);
        out->deleted_quorums[i].hash = reader_quorum_hash(r);
    }
    out->n_new_quorums = reader_count(r, COMMITMENT_MIN_SIZE, UINT32_MAX);
    out->new_quorums = layout_array(r, arena, out->n_new_quorums, sizeof(*out->new_quorums));
    for (uint32_t i = 0; reader_ok(r) && i < out->n_new_quorums; i++)
        commitment_decode(r, &out->new_quorums[i]);
}

/* Every new quorum belongs to one signature at most, so neither count can exceed the number of new quorums. */
static void read_clsigs(struct reader *r, struct arena *arena, struct mnlistdiff *out)
{
    out->n_clsigs = reader_count(r, 96 + 1, out->n_new_quorums);
    out->clsigs = layout_array(r, arena, out->n_clsigs, sizeof(*out->clsigs));
    for (uint32_t i = 0; reader_ok(r) && i < out->n_clsigs; i++) {
        struct quorum_clsig *c = &out->clsigs[i];
        c->signature = reader_bytes(r, 96);
        c->n_indexes = reader_count(r, 2, out->n_new_quorums);
        c->indexes = layout_array(r, arena, c->n_indexes, sizeof(*c->indexes));
        for (uint32_t k = 0; reader_ok(r) && k < c->n_indexes; k++)
            c->indexes[k] = reader_u16(r);
    }
}

void mnlistdiff_read(struct reader *r, int proto, struct arena *arena, struct mnlistdiff *out)
{
    const uint8_t *from = r->p;
    *out = (struct mnlistdiff){.proto = proto};
    if (proto >= LAYOUT_VERSION_FIRST)
        out->version = reader_u16(r);
    out->base = reader_block_hash(r);
    out->block = reader_block_hash(r);
    mnlistdiff_read_proof(r, out);
    if (version_after_coinbase(proto))
        read_version_after_coinbase(r, out);
    read_masternodes(r, arena, out);
    read_quorums(r, arena, out);
    if (proto >= LAYOUT_CLSIGS)
        read_clsigs(r, arena, out);
    out->raw = reader_since(r, from);
}

static void read_any(struct reader *r, int proto, struct arena *arena, void *out)
{
    mnlistdiff_read(r, proto, arena, out);
}

int mnlistdiff_decode(const uint8_t *payload, size_t n, int proto, struct arena *arena, struct mnlistdiff *out, dspv_fault *fault)
{
    return layout_decode(read_any, payload, n, proto, arena, out, fault);
}

int mnlistdiff_decode_any(const uint8_t *payload, size_t n, struct arena *arena, struct mnlistdiff *out, dspv_fault *fault)
{
    return layout_decode_any(read_any, payload, n, arena, out, fault);
}

static void write_proof(struct writer *w, const struct merkle_proof *proof)
{
    writer_u32(w, proof->n_transactions);
    writer_compact_size(w, proof->n_hashes);
    writer_bytes(w, proof->hashes, proof->n_hashes * sizeof(hash256));
    writer_compact_size(w, proof->n_flag_bytes);
    writer_bytes(w, proof->flags, proof->n_flag_bytes);
}

static void write_masternodes(struct writer *w, const struct mnlistdiff *d)
{
    writer_compact_size(w, d->n_deleted);
    writer_bytes(w, d->deleted, d->n_deleted * sizeof(protx_hash));
    writer_compact_size(w, d->n_entries);
    for (uint32_t i = 0; i < d->n_entries; i++)
        mnentry_encode(w, d->proto, &d->entries[i]);
}

static void write_quorums(struct writer *w, const struct mnlistdiff *d)
{
    writer_compact_size(w, d->n_deleted_quorums);
    for (uint32_t i = 0; i < d->n_deleted_quorums; i++) {
        writer_u8(w, d->deleted_quorums[i].type);
        writer_hash(w, d->deleted_quorums[i].hash.b);
    }
    writer_compact_size(w, d->n_new_quorums);
    for (uint32_t i = 0; i < d->n_new_quorums; i++)
        commitment_encode(w, &d->new_quorums[i]);
}

static void write_clsigs(struct writer *w, const struct mnlistdiff *d)
{
    writer_compact_size(w, d->n_clsigs);
    for (uint32_t i = 0; i < d->n_clsigs; i++) {
        const struct quorum_clsig *c = &d->clsigs[i];
        writer_bytes(w, c->signature, 96);
        writer_compact_size(w, c->n_indexes);
        for (uint32_t k = 0; k < c->n_indexes; k++)
            writer_u16(w, c->indexes[k]);
    }
}

void mnlistdiff_encode(struct writer *w, const struct mnlistdiff *d)
{
    if (d->proto >= LAYOUT_VERSION_FIRST)
        writer_u16(w, d->version);
    writer_hash(w, d->base.b);
    writer_hash(w, d->block.b);
    write_proof(w, &d->proof);
    writer_span(w, d->coinbase.raw);
    if (version_after_coinbase(d->proto))
        writer_u16(w, d->version);
    write_masternodes(w, d);
    write_quorums(w, d);
    if (d->proto >= LAYOUT_CLSIGS)
        write_clsigs(w, d);
}

const uint8_t *mnlistdiff_clsig_of(const struct mnlistdiff *d, uint32_t i)
{
    for (uint32_t s = 0; s < d->n_clsigs; s++)
        for (uint32_t k = 0; k < d->clsigs[s].n_indexes; k++)
            if (d->clsigs[s].indexes[k] == i)
                return d->clsigs[s].signature;
    return NULL;
}

void getmnlistd_encode(struct writer *w, const struct getmnlistd *m)
{
    writer_hash(w, m->base.b);
    writer_hash(w, m->block.b);
}

int getmnlistd_decode(const uint8_t *payload, size_t n, struct getmnlistd *out, dspv_fault *fault)
{
    struct reader r;
    reader_init(&r, payload, n);
    out->base = reader_block_hash(&r);
    out->block = reader_block_hash(&r);
    return decode_finish(&r, fault);
}
