/* Numbers mod p one at a time, by blst: the field of lanes_kernel.c that every CPU has. */
#ifndef CRYPTO_BLS_FIELD_BLST_H
#define CRYPTO_BLS_FIELD_BLST_H

#include "crypto/bls.h"

enum { LANES = 1 };

typedef blst_fp fv;
typedef bool fmask;

static inline fv fv_gather(const uint64_t *const rows[LANES])
{
    fv v;
    memcpy(&v, rows[0], sizeof(v));
    return v;
}
static inline void fv_scatter(uint64_t *const rows[LANES], const fv *v) { memcpy(rows[0], v, sizeof(*v)); }
static inline fv fv_from(const blst_fp in[LANES]) { return in[0]; }
static inline void fv_to(blst_fp out[LANES], const fv *v) { out[0] = *v; }

static inline fv fv_mul(const fv *a, const fv *b)
{
    fv out;
    blst_fp_mul(&out, a, b);
    return out;
}
static inline fv fv_sqr(const fv *a)
{
    fv out;
    blst_fp_sqr(&out, a);
    return out;
}
static inline fv fv_sub(const fv *a, const fv *b)
{
    fv out;
    blst_fp_sub(&out, a, b);
    return out;
}
static inline fv fv_add(const fv *a, const fv *b)
{
    fv out;
    blst_fp_add(&out, a, b);
    return out;
}
/* a - b and a - b - c, fit to be stored. */
static inline fv fv_sub1(const fv *a, const fv *b) { return fv_sub(a, b); }
static inline fv fv_sub2(const fv *a, const fv *b, const fv *c)
{
    fv out = fv_sub(a, b);
    return fv_sub(&out, c);
}
static inline fv fv_negate(const fv *a, fmask which)
{
    fv out;
    blst_fp_cneg(&out, a, which);
    return out;
}
static inline fmask fv_is_zero(const fv *a)
{
    static const fv zero;
    return memcmp(a, &zero, sizeof(zero)) == 0;
}
static inline fv fv_select(fmask which, const fv *yes, const fv *no) { return which ? *yes : *no; }

static inline void fv_roots(blst_fp out[LANES], const blst_fp in[LANES]) { (void)blst_fp_sqrt(out, in); }

#endif
