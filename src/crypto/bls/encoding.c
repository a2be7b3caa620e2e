/* Compressed points in both encodings (bls.md 2). blst reads and writes the basic (IETF) form; the legacy form differs from it
 * by flags and, in G2, by the order of the halves, so conversion is byte shuffling. Whatever leaves a decoder here has passed
 * every test: canonical flags, x < p, on the curve, in the subgroup, not infinity. */
#include "crypto/bls/internal.h"

enum { COMPRESSED = 0x80, BASIC_LARGER = 0x20, LEGACY_LARGER = 0x80, X_BITS = 0x1f };

static uint8_t basic_flags(uint8_t legacy)
{
    return (uint8_t)(COMPRESSED | (legacy & LEGACY_LARGER ? BASIC_LARGER : 0));
}

static uint8_t legacy_flags(uint8_t basic)
{
    return basic & BASIC_LARGER ? LEGACY_LARGER : 0;
}

/* Byte 0 of the real half carries the flag; the top bits of the other half belong to nobody. */
static bool legacy_flags_valid(uint8_t byte)
{
    return (byte & ~(LEGACY_LARGER | X_BITS)) == 0;
}

bool bls_key_to_basic(uint8_t out[48], const uint8_t legacy[48])
{
    if (!legacy_flags_valid(legacy[0]))
        return false;
    memcpy(out, legacy, 48);
    out[0] = (uint8_t)(basic_flags(legacy[0]) | (legacy[0] & X_BITS));
    return true;
}

static bool sig_to_basic(uint8_t out[96], const uint8_t legacy[96])
{
    if (!legacy_flags_valid(legacy[0]) || (legacy[48] & ~X_BITS) != 0)
        return false;
    memcpy(out, legacy + 48, 48);
    memcpy(out + 48, legacy, 48);
    out[0] |= basic_flags(legacy[0]);
    out[48] &= X_BITS;
    return true;
}

bool bls_key_decode(bls_key *out, const uint8_t in[48], enum bls_scheme scheme)
{
    uint8_t converted[48];
    if (scheme == BLS_LEGACY) {
        if (!bls_key_to_basic(converted, in))
            return false;
        in = converted;
    }
    blst_p1_affine point;
    if (blst_p1_uncompress(&point, in) != BLST_SUCCESS || blst_p1_affine_is_inf(&point) || !blst_p1_affine_in_g1(&point))
        return false;
    out->point = point;
    return true;
}

bool bls_sig_decode(bls_sig *out, const uint8_t in[96], enum bls_scheme scheme)
{
    uint8_t converted[96];
    if (scheme == BLS_LEGACY) {
        if (!sig_to_basic(converted, in))
            return false;
        in = converted;
    }
    blst_p2_affine point;
    if (blst_p2_uncompress(&point, in) != BLST_SUCCESS || blst_p2_affine_is_inf(&point) || !blst_p2_affine_in_g2(&point))
        return false;
    out->point = point;
    return true;
}

void bls_key_encode(uint8_t out[48], const bls_key *key, enum bls_scheme scheme)
{
    blst_p1_affine_compress(out, &key->point);
    if (scheme == BLS_LEGACY)
        out[0] = (uint8_t)(legacy_flags(out[0]) | (out[0] & X_BITS));
}

void bls_sig_encode(uint8_t out[96], const bls_sig *sig, enum bls_scheme scheme)
{
    uint8_t basic[96];
    blst_p2_affine_compress(basic, &sig->point);
    if (scheme == BLS_BASIC) {
        memcpy(out, basic, 96);
        return;
    }
    memcpy(out, basic + 48, 48);
    memcpy(out + 48, basic, 48);
    out[0] |= legacy_flags(basic[0]);
    out[48] &= X_BITS;
}
