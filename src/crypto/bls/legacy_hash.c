/* The hash to G2 of Dash before V19 (bls.md 4, quorums.md 6.4; Dash Core src/dashbls/src/legacy.cpp): four numbers mod p from
 * the message, two points by the map of Shallue and van de Woestijne, their sum, the cofactor cleared as in RFC 9380 G.4 (for
 * which blst exports no function of its own).
 *
 * Everything is on public data: branches may depend on it. */
#include "crypto/bls/internal.h"

#include <blst_aux.h>

#include "crypto/sha256.h"

/* All constants are big-endian numbers below p. */

/* (p-1)/2: a number above it is the "larger" of itself and its negative. */
static const uint8_t HALF_P[48] = {
    0x0d, 0x00, 0x88, 0xf5, 0x1c, 0xbf, 0xf3, 0x4d, 0x25, 0x8d, 0xd3, 0xdb, 0x21, 0xa5, 0xd6, 0x6b,
    0xb2, 0x3b, 0xa5, 0xc2, 0x79, 0xc2, 0x89, 0x5f, 0xb3, 0x98, 0x69, 0x50, 0x7b, 0x58, 0x7b, 0x12,
    0x0f, 0x55, 0xff, 0xff, 0x58, 0xa9, 0xff, 0xff, 0xdc, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xd5, 0x55,
};
static const uint8_t TWO_TO_256[48] = {
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};
/* The square root of -3 that Dash took; the other one gives other points. */
static const uint8_t SQRT_M3[48] = {
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xbe, 0x32, 0xce, 0x5f, 0xbe, 0xed, 0x9c, 0xa3,
    0x74, 0xd3, 0x8c, 0x0e, 0xd4, 0x1e, 0xef, 0xd5, 0xbb, 0x67, 0x52, 0x77, 0xcd, 0xf1, 0x2d, 0x11,
    0xbc, 0x2f, 0xb0, 0x26, 0xc4, 0x14, 0x00, 0x04, 0x5c, 0x03, 0xff, 0xff, 0xff, 0xfd, 0xff, 0xfd,
};
/* (sqrt(-3) - 1) / 2 */
static const uint8_t HALF_SQRT_M3[48] = {
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x5f, 0x19, 0x67, 0x2f, 0xdf, 0x76, 0xce, 0x51,
    0xba, 0x69, 0xc6, 0x07, 0x6a, 0x0f, 0x77, 0xea, 0xdd, 0xb3, 0xa9, 0x3b, 0xe6, 0xf8, 0x96, 0x88,
    0xde, 0x17, 0xd8, 0x13, 0x62, 0x0a, 0x00, 0x02, 0x2e, 0x01, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xfe,
};
/* 1/(1+u)^((p-1)/3): its real part is 0. */
static const uint8_t PSI_X1[48] = {
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x99, 0xec, 0x02, 0x40, 0x86, 0x63, 0xd4, 0xde, 0x85,
    0xaa, 0x0d, 0x85, 0x7d, 0x89, 0x75, 0x9a, 0xd4, 0x89, 0x7d, 0x29, 0x65, 0x0f, 0xb8, 0x5f, 0x9b,
    0x40, 0x94, 0x27, 0xeb, 0x4f, 0x49, 0xff, 0xfd, 0x8b, 0xfd, 0x00, 0x00, 0x00, 0x00, 0xaa, 0xad,
};
/* 1/(1+u)^((p-1)/2) */
static const uint8_t PSI_Y0[48] = {
    0x13, 0x52, 0x03, 0xe6, 0x01, 0x80, 0xa6, 0x8e, 0xe2, 0xe9, 0xc4, 0x48, 0xd7, 0x7a, 0x2c, 0xd9,
    0x1c, 0x3d, 0xed, 0xd9, 0x30, 0xb1, 0xcf, 0x60, 0xef, 0x39, 0x64, 0x89, 0xf6, 0x1e, 0xb4, 0x5e,
    0x30, 0x44, 0x66, 0xcf, 0x3e, 0x67, 0xfa, 0x0a, 0xf1, 0xee, 0x7b, 0x04, 0x12, 0x1b, 0xde, 0xa2,
};
static const uint8_t PSI_Y1[48] = {
    0x06, 0xaf, 0x0e, 0x04, 0x37, 0xff, 0x40, 0x0b, 0x68, 0x31, 0xe3, 0x6d, 0x6b, 0xd1, 0x7f, 0xfe,
    0x48, 0x39, 0x5d, 0xab, 0xc2, 0xd3, 0x43, 0x5e, 0x77, 0xf7, 0x6e, 0x17, 0x00, 0x92, 0x41, 0xc5,
    0xee, 0x67, 0x99, 0x2f, 0x72, 0xec, 0x05, 0xf4, 0xc8, 0x10, 0x84, 0xfb, 0xed, 0xe3, 0xcc, 0x09,
};
/* The curve parameter is minus this. */
static const uint64_t CURVE_X = 0xd201000000010000;

static blst_fp fp_const(const uint8_t be[48])
{
    blst_fp a;
    blst_fp_from_bendian(&a, be);
    return a;
}

static blst_fp fp_small(uint64_t n)
{
    blst_fp a;
    blst_fp_from_uint64(&a, (const uint64_t[6]){n});
    return a;
}

bool bls_fp_is_larger(const blst_fp *a)
{
    uint8_t be[48];
    blst_bendian_from_fp(be, a);
    return memcmp(be, HALF_P, 48) > 0;
}

static bool fp2_is_zero(const blst_fp2 *a)
{
    static const blst_fp2 zero;
    return memcmp(a, &zero, sizeof(zero)) == 0;
}

/* Step 1: one coordinate of t_i from 64 bytes of SHA-256 output, reduced mod p. */
static void message_to_fp(blst_fp *out, const uint8_t msg[32], unsigned i, unsigned j)
{
    uint8_t in[40], half[48] = {0};
    memcpy(in, msg, 32);
    memcpy(in + 32, "G2_", 3);
    in[35] = (uint8_t)('0' + i);
    memcpy(in + 36, "_c", 2);
    in[38] = (uint8_t)('0' + j);
    blst_fp high, low, shift = fp_const(TWO_TO_256);
    in[39] = 0;
    sha256(half + 16, in, sizeof(in));
    blst_fp_from_bendian(&high, half);
    in[39] = 1;
    sha256(half + 16, in, sizeof(in));
    blst_fp_from_bendian(&low, half);
    blst_fp_mul(&high, &high, &shift);
    blst_fp_add(out, &high, &low);
}

/* y^2 at x; true when it is a square. */
static bool twist_at(blst_fp2 *yy, const blst_fp2 *x, const blst_fp2 *b)
{
    blst_fp2_sqr(yy, x);
    blst_fp2_mul(yy, yy, x);
    blst_fp2_add(yy, yy, b);
    return blst_fp2_is_square(yy);
}

/* The first of the three candidates that is on the twist, with its y^2. `w` is not zero. */
static void choose_x(blst_fp2 *x, blst_fp2 *yy, const blst_fp2 *t, const blst_fp2 *w, const blst_fp2 *b)
{
    blst_fp h = fp_const(HALF_SQRT_M3), one = fp_small(1);
    blst_fp2_mul(x, t, w); /* x1 = h - t*w */
    blst_fp2_cneg(x, x, true);
    blst_fp_add(&x->fp[0], &x->fp[0], &h);
    if (twist_at(yy, x, b))
        return;
    blst_fp2_cneg(x, x, true); /* x2 = -1 - x1 */
    blst_fp_sub(&x->fp[0], &x->fp[0], &one);
    if (twist_at(yy, x, b))
        return;
    blst_fp2_sqr(x, w); /* x3 = 1 + 1/w^2: a square when the others are not */
    blst_fp2_inverse(x, x);
    blst_fp_add(&x->fp[0], &x->fp[0], &one);
    twist_at(yy, x, b);
}

void bls_legacy_map(blst_p2 *out, const blst_fp2 *t)
{
    if (fp2_is_zero(t)) {
        memset(out, 0, sizeof(*out)); /* infinity */
        return;
    }
    bool parity = bls_fp_is_larger(&t->fp[1]);
    blst_fp s = fp_const(SQRT_M3), one = fp_small(1);
    blst_fp2 b = {{fp_small(4), fp_small(4)}}, w;
    blst_fp2_sqr(&w, t);
    blst_fp2_add(&w, &w, &b);
    blst_fp_add(&w.fp[0], &w.fp[0], &one);
    blst_fp2_inverse(&w, &w); /* w = s*t / (t^2 + b + 1); the divisor is never 0: -(5 + 4u) is no square */
    blst_fp2_mul(&w, &w, t);
    blst_fp_mul(&w.fp[0], &w.fp[0], &s);
    blst_fp_mul(&w.fp[1], &w.fp[1], &s);
    blst_p2_affine p;
    blst_fp2 yy;
    choose_x(&p.x, &yy, t, &w, &b);
    blst_fp2_sqrt(&p.y, &yy);
    blst_fp2_cneg(&p.y, &p.y, bls_fp_is_larger(&p.y.fp[1]) != parity);
    blst_p2_from_affine(out, &p);
}

static void fp2_conjugate(blst_fp2 *a)
{
    blst_fp_cneg(&a->fp[1], &a->fp[1], true);
}

/* The endomorphism psi, on Jacobian coordinates. */
static void psi(blst_p2 *p)
{
    blst_fp2 a = {{fp_small(0), fp_const(PSI_X1)}}, b = {{fp_const(PSI_Y0), fp_const(PSI_Y1)}};
    fp2_conjugate(&p->x);
    fp2_conjugate(&p->y);
    fp2_conjugate(&p->z);
    blst_fp2_mul(&p->x, &p->x, &a);
    blst_fp2_mul(&p->y, &p->y, &b);
}

/* [X]p for the (negative) curve parameter X. */
static void multiply_by_x(blst_p2 *out, const blst_p2 *p)
{
    blst_p2 r = *p;
    for (int bit = 62; bit >= 0; bit--) {
        blst_p2_double(&r, &r);
        if (CURVE_X >> bit & 1)
            blst_p2_add_or_double(&r, &r, p);
    }
    blst_p2_cneg(&r, true);
    *out = r;
}

/* [X^2 - X - 1]p + psi([X - 1]p) + psi(psi([2]p)) */
static void clear_cofactor(blst_p2 *p)
{
    blst_p2 xp, xxp, minus_p = *p, doubled;
    blst_p2_cneg(&minus_p, true);
    blst_p2_double(&doubled, p);
    psi(&doubled);
    psi(&doubled);
    multiply_by_x(&xp, p);
    multiply_by_x(&xxp, &xp);
    blst_p2_add_or_double(&doubled, &doubled, &xxp);
    blst_p2_add_or_double(&doubled, &doubled, &minus_p);
    blst_p2 minus_xp = xp;
    blst_p2_cneg(&minus_xp, true);
    blst_p2_add_or_double(&doubled, &doubled, &minus_xp);
    blst_p2_add_or_double(&xp, &xp, &minus_p);
    psi(&xp);
    blst_p2_add_or_double(p, &doubled, &xp);
}

void bls_legacy_hash(blst_p2 *out, const uint8_t msg[32])
{
    blst_p2 p[2];
    for (unsigned i = 0; i < 2; i++) {
        blst_fp2 t;
        message_to_fp(&t.fp[0], msg, i, 0);
        message_to_fp(&t.fp[1], msg, i, 1);
        bls_legacy_map(&p[i], &t);
    }
    blst_p2_add_or_double(out, &p[0], &p[1]);
    clear_cofactor(out);
}
