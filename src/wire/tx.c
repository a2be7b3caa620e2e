/* See tx.h. A transaction is walked, not unpacked: only what the coinbase rules need is kept, the rest stays in place. */
#include "wire/tx.h"

#include "crypto/sha256.h"
#include "wire/layout.h"

enum { CBTX_TYPE_MIN_TX_VERSION = 3, MAX_PAYLOAD = 10000, MIN_INPUT = 32 + 4 + 1 + 4, MIN_OUTPUT = 8 + 1 };

static bool prevout_is_null(const uint8_t prevout[36])
{
    for (int i = 0; i < 36; i++)
        if (prevout[i] != (i < 32 ? 0 : 0xff))
            return false;
    return true;
}

static void read_inputs(struct reader *r, struct tx *out)
{
    out->n_inputs = reader_count(r, MIN_INPUT, UINT32_MAX);
    const uint8_t *first = r->p;
    for (uint32_t i = 0; reader_ok(r) && i < out->n_inputs; i++) {
        const uint8_t *prevout = reader_bytes(r, 36);
        reader_byte_string(r, UINT32_MAX);
        reader_u32(r);
        out->is_coinbase = prevout && out->n_inputs == 1 && prevout_is_null(prevout);
    }
    out->inputs = reader_since(r, first);
}

static void skip_outputs(struct reader *r)
{
    uint32_t n = reader_count(r, MIN_OUTPUT, UINT32_MAX);
    for (uint32_t i = 0; reader_ok(r) && i < n; i++) {
        reader_u64(r);
        reader_byte_string(r, UINT32_MAX);
    }
}

void tx_decode(struct reader *r, struct tx *out)
{
    const uint8_t *from = r->p;
    *out = (struct tx){0};
    out->version = reader_u16(r);
    out->type = reader_u16(r);
    read_inputs(r, out);
    skip_outputs(r);
    reader_u32(r); /* nLockTime */
    if (out->version >= CBTX_TYPE_MIN_TX_VERSION && out->type != 0)
        out->payload = reader_byte_string(r, MAX_PAYLOAD);
    out->raw = reader_since(r, from);
}

tx_hash tx_id(const struct tx *tx)
{
    tx_hash id;
    sha256d(id.b, tx->raw.p, tx->raw.n);
    return id;
}

void cbtx_decode(struct reader *r, struct cbtx *out)
{
    const uint8_t *from = r->p;
    *out = (struct cbtx){0};
    out->version = reader_u16(r);
    if (out->version < 1 || out->version > 3)
        layout_refuse(r, from, DSPV_BAD_CBTX_VERSION);
    out->height = reader_i32(r);
    out->mn_root = reader_hash(r);
    if (out->version >= 2)
        out->quorum_root = reader_hash(r);
    if (out->version >= 3) {
        out->best_cl_height_diff = reader_compact_size(r);
        const uint8_t *signature = reader_bytes(r, sizeof(out->best_cl_signature));
        if (signature)
            memcpy(out->best_cl_signature, signature, sizeof(out->best_cl_signature));
        out->credit_pool = reader_i64(r);
    }
    reader_finish(r);
}

void cbtx_encode(struct writer *w, const struct cbtx *c)
{
    writer_u16(w, c->version);
    writer_u32(w, (uint32_t)c->height);
    writer_hash(w, c->mn_root.b);
    if (c->version >= 2)
        writer_hash(w, c->quorum_root.b);
    if (c->version >= 3) {
        writer_compact_size(w, c->best_cl_height_diff);
        writer_bytes(w, c->best_cl_signature, sizeof(c->best_cl_signature));
        writer_u64(w, (uint64_t)c->credit_pool);
    }
}

bool cbtx_has_chainlock(const struct cbtx *c)
{
    static const uint8_t none[96];
    return c->version >= 3 && memcmp(c->best_cl_signature, none, sizeof(none)) != 0;
}
