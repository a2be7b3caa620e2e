/* See locks.h. Both inv hashes are over the message as it travels. Signatures and the trivial checks of an isdlock (null txid,
 * no or repeated inputs) are for the verifier. */
#include "wire/locks.h"

#include "base/endian.h"
#include "crypto/sha256.h"
#include "wire/decode.h"

enum { CLSIG_SIZE = 4 + 32 + 96, OUTPOINT_SIZE = 32 + 4, ISDLOCK_VERSION = 1 };

static void read_signature(struct reader *r, uint8_t out[96])
{
    const uint8_t *p = reader_bytes(r, 96);
    if (p)
        memcpy(out, p, 96);
}

int clsig_decode(const uint8_t *payload, size_t n, struct clsig *out, dspv_fault *fault)
{
    struct reader r;
    reader_init(&r, payload, n);
    out->height = reader_i32(&r);
    out->block = reader_block_hash(&r);
    read_signature(&r, out->signature);
    return decode_finish(&r, fault);
}

static void clsig_bytes(const struct clsig *m, uint8_t out[CLSIG_SIZE])
{
    store_le32(out, (uint32_t)m->height);
    memcpy(out + 4, m->block.b, 32);
    memcpy(out + 36, m->signature, 96);
}

void clsig_encode(struct writer *w, const struct clsig *m)
{
    uint8_t bytes[CLSIG_SIZE];
    clsig_bytes(m, bytes);
    writer_bytes(w, bytes, sizeof(bytes));
}

hash256 clsig_inv_hash(const struct clsig *m)
{
    uint8_t bytes[CLSIG_SIZE];
    hash256 hash;
    clsig_bytes(m, bytes);
    sha256d(hash.b, bytes, sizeof(bytes));
    return hash;
}

hash256 clsig_request_id(int32_t height)
{
    uint8_t bytes[10] = {5, 'c', 'l', 's', 'i', 'g'};
    hash256 id;
    store_le32(bytes + 6, (uint32_t)height);
    sha256d(id.b, bytes, sizeof(bytes));
    return id;
}

int isdlock_decode(const uint8_t *payload, size_t n, struct isdlock *out, dspv_fault *fault)
{
    struct reader r;
    reader_init(&r, payload, n);
    out->version = reader_u8(&r);
    if (reader_ok(&r) && out->version != ISDLOCK_VERSION) {
        r.p = r.start;
        reader_fail(&r, DSPV_BAD_LOCK_VERSION);
    }
    out->n_inputs = reader_count(&r, OUTPOINT_SIZE, ISDLOCK_MAX_INPUTS);
    out->inputs = reader_bytes(&r, (size_t)out->n_inputs * OUTPOINT_SIZE);
    out->txid = reader_tx_hash(&r);
    out->cycle = reader_block_hash(&r);
    read_signature(&r, out->signature);
    out->raw = reader_since(&r, r.start);
    return decode_finish(&r, fault);
}

static void write_inputs(struct writer *w, const struct isdlock *m)
{
    writer_compact_size(w, m->n_inputs);
    writer_bytes(w, m->inputs, (size_t)m->n_inputs * OUTPOINT_SIZE);
}

void isdlock_encode(struct writer *w, const struct isdlock *m)
{
    writer_u8(w, m->version);
    write_inputs(w, m);
    writer_hash(w, m->txid.b);
    writer_hash(w, m->cycle.b);
    writer_bytes(w, m->signature, 96);
}

hash256 isdlock_inv_hash(const struct isdlock *m)
{
    hash256 hash;
    sha256d(hash.b, m->raw.p, m->raw.n);
    return hash;
}

int isdlock_request_id(const struct isdlock *m, hash256 *out)
{
    struct writer w;
    writer_init(&w);
    writer_bytes(&w, "\x06islock", 7);
    write_inputs(&w, m);
    int error = w.failed ? DSPV_ENOMEM : 0;
    if (!error)
        sha256d(out->b, w.data, w.n);
    writer_free(&w);
    return error;
}
