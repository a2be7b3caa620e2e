/* See commitment.h. Decoding is purely structural: whether a commitment fits its network and height is llmq's business. */
#include "wire/commitment.h"

#include <assert.h>

#include "base/endian.h"
#include "crypto/sha256.h"
#include "wire/layout.h"

void commitment_decode(struct reader *r, struct commitment *out)
{
    const uint8_t *from = r->p;
    *out = (struct commitment){0};
    out->version = reader_u16(r);
    if (out->version < 1 || out->version > 4)
        layout_refuse(r, from, DSPV_BAD_COMMITMENT_VERSION);
    out->type = reader_u8(r);
    out->hash = reader_quorum_hash(r);
    if (commitment_is_indexed(out))
        out->index = reader_i16(r);
    out->signers = reader_bitset(r, COMMITMENT_MAX_BITS);
    out->valid_members = reader_bitset(r, COMMITMENT_MAX_BITS);
    out->public_key = reader_bytes(r, 48);
    out->vvec_hash = reader_bytes(r, 32);
    out->quorum_sig = reader_bytes(r, 96);
    out->members_sig = reader_bytes(r, 96);
    out->raw = reader_since(r, from);
}

void commitment_encode(struct writer *w, const struct commitment *c)
{
    writer_u16(w, c->version);
    writer_u8(w, c->type);
    writer_hash(w, c->hash.b);
    if (commitment_is_indexed(c))
        writer_u16(w, (uint16_t)c->index);
    writer_bitset(w, &c->signers);
    writer_bitset(w, &c->valid_members);
    writer_bytes(w, c->public_key, 48);
    writer_bytes(w, c->vvec_hash, 32);
    writer_bytes(w, c->quorum_sig, 96);
    writer_bytes(w, c->members_sig, 96);
}

static bool all_zero(const uint8_t *p, size_t n)
{
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= p[i];
    return any == 0;
}

/* protocol.md 5.3: Core writes null keys and signatures as zeros, never as the point at infinity. */
bool commitment_is_null(const struct commitment *c)
{
    return bitspan_count(&c->signers) == 0 && bitspan_count(&c->valid_members) == 0 && all_zero(c->public_key, 48) &&
           all_zero(c->vvec_hash, 32) && all_zero(c->quorum_sig, 96) && all_zero(c->members_sig, 96);
}

hash256 commitment_leaf(const struct commitment *c)
{
    hash256 leaf;
    sha256d(leaf.b, c->raw.p, c->raw.n);
    return leaf;
}

static uint8_t *append(uint8_t *to, const void *p, size_t n)
{
    memcpy(to, p, n);
    return to + n;
}

/* H(type | quorumHash | dynbitset(validMembers) | quorumPublicKey | quorumVvecHash): quorums.md 5.3. */
hash256 commitment_message(const struct commitment *c)
{
    uint8_t buffer[1 + 32 + 3 + COMMITMENT_MAX_BITS / 8 + 48 + 32], *p = buffer;
    const struct bitspan *valid = &c->valid_members;
    assert(valid->bits <= COMMITMENT_MAX_BITS);
    *p++ = c->type;
    p = append(p, c->hash.b, 32);
    if (valid->bits < 0xfd) {
        *p++ = (uint8_t)valid->bits;
    } else {
        *p++ = 0xfd;
        store_le16(p, (uint16_t)valid->bits);
        p += 2;
    }
    p = append(p, valid->bytes, ((size_t)valid->bits + 7) / 8);
    p = append(p, c->public_key, 48);
    p = append(p, c->vvec_hash, 32);
    hash256 message;
    sha256d(message.b, buffer, (size_t)(p - buffer));
    return message;
}
