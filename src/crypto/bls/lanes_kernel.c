/* The operations of lanes.h over one field, several points abreast. Compiled once for each level: BLS_LEVEL names it, BLS_FIELD
 * the header with its field (sources.cmake).
 *
 * Additions go in stretches: forwards, the product of all differences of x grows; it is inverted; backwards, it gives the inverse of
 * each difference. A stretch in which a difference is zero (equal points, opposite ones, infinity) gives a zero product: it is done
 * again with care, each such pair for itself. Different keys hardly ever bring that about, for they are multiplied by hashes or by
 * secret weights before they meet; a sum of one key again and again costs three times as much. */
#include "crypto/bls/lanes.h"

#include <blst_aux.h>

#include BLS_FIELD


enum { STRETCH = BLS_LANES_SCRATCH / (64 * 8) }; /* groups of LANES operations */
_Static_assert(sizeof(fv) * STRETCH <= BLS_LANES_SCRATCH, "scratch");

/* ---- reading and writing */

static bool is_negated(uint32_t which) { return which & BLS_NEGATED; }

static const struct bls_point *at(const struct bls_pool *pool, uint32_t which)
{
    return &pool->points[which & ~BLS_NEGATED];
}

struct side {
    fv x, y;
};

static fv gather_x(const struct bls_pool *pool, const uint32_t which[LANES])
{
    const uint64_t *rows[LANES];
    for (int i = 0; i < LANES; i++)
        rows[i] = at(pool, which[i])->x;
    return fv_gather(rows);
}

static fv gather_y(const struct bls_pool *pool, const uint32_t which[LANES])
{
    const uint64_t *rows[LANES];
    unsigned negated = 0;
    for (int i = 0; i < LANES; i++) {
        rows[i] = at(pool, which[i])->y;
        negated |= (unsigned)is_negated(which[i]) << i;
    }
    const fv y = fv_gather(rows);
    return fv_negate(&y, (fmask)negated);
}

static void to_affine(blst_p1_affine out[LANES], const fv *x, const fv *y)
{
    blst_fp xs[LANES], ys[LANES];
    fv_to(xs, x);
    fv_to(ys, y);
    for (int i = 0; i < LANES; i++)
        out[i] = (blst_p1_affine){xs[i], ys[i]};
}

static void unpack(blst_p1_affine *out, const struct bls_pool *pool, const uint32_t *which, size_t n)
{
    for (size_t i = 0; i < n; i += LANES) {
        const size_t taken = n - i < LANES ? n - i : LANES;
        uint32_t group[LANES];
        blst_p1_affine points[LANES];
        for (size_t k = 0; k < LANES; k++)
            group[k] = which[k < taken ? i + k : i];
        const fv x = gather_x(pool, group), y = gather_y(pool, group);
        to_affine(points, &x, &y);
        memcpy(out + i, points, taken * sizeof(*out));
    }
}

static void pack(struct bls_point *out, const blst_p1_affine *const *from, size_t n)
{
    for (size_t i = 0; i < n; i += LANES) {
        blst_fp xs[LANES], ys[LANES];
        uint64_t *x_rows[LANES], *y_rows[LANES];
        for (size_t k = 0; k < LANES; k++) {
            const size_t one = i + k < n ? i + k : n - 1;
            xs[k] = from[one]->x;
            ys[k] = from[one]->y;
            x_rows[k] = out[one].x;
            y_rows[k] = out[one].y;
        }
        const fv x = fv_from(xs), y = fv_from(ys);
        fv_scatter(x_rows, &x);
        fv_scatter(y_rows, &y);
    }
}

/* ---- one by one, for what the formula does not cover */

static bool stored_is_infinity(const struct bls_point *p)
{
    static const uint64_t zero[8];
    return memcmp(p->x, zero, sizeof(fv) / LANES) == 0 && memcmp(p->y, zero, sizeof(fv) / LANES) == 0;
}

/* Infinity is all zeros for blst too. */
static blst_p1_affine unpacked(const struct bls_pool *pool, uint32_t which)
{
    blst_p1_affine out = {0};
    if (!stored_is_infinity(at(pool, which)))
        unpack(&out, pool, &which, 1);
    return out;
}

static void add_alone(struct bls_pool *pool, const struct bls_operation *o)
{
    const blst_p1_affine a = unpacked(pool, o->a), b = unpacked(pool, o->b);
    blst_p1_affine out;
    blst_p1 sum;
    blst_p1_from_affine(&sum, &a);
    blst_p1_add_or_double_affine(&sum, &sum, &b);
    memset(&pool->points[o->to], 0, sizeof(pool->points[o->to]));
    if (blst_p1_is_inf(&sum)) {
        pool->infinity = true;
        return;
    }
    const blst_p1_affine *sums = &out;
    blst_p1_to_affine(&out, &sum);
    pack(&pool->points[o->to], &sums, 1);
}

/* ---- stretches */

/* Operations of one group; the last is repeated where the group is not full, which changes nothing. */
struct operands {
    uint32_t a[LANES], b[LANES];
    struct bls_operation all[LANES];
};

static void operands_of(struct operands *out, const struct bls_operation *operations, size_t n, size_t group)
{
    for (size_t i = 0; i < LANES; i++) {
        const size_t one = group * LANES + i;
        out->all[i] = operations[one < n ? one : n - 1];
        out->a[i] = out->all[i].a;
        out->b[i] = out->all[i].b;
    }
}

/* What the slope is divided by. */
static fv divisor(const struct bls_pool *pool, const struct operands *o, bool doubling)
{
    if (doubling) {
        const fv y = gather_y(pool, o->a);
        return fv_add(&y, &y);
    }
    const fv ax = gather_x(pool, o->a), bx = gather_x(pool, o->b);
    return fv_sub(&bx, &ax);
}

/* Lanes whose pair must be added alone; their divisor becomes 1. */
static fmask set_apart(const struct bls_pool *pool, const struct operands *o, fv *d)
{
    blst_fp ones[LANES];
    unsigned special = fv_is_zero(d);
    for (int i = 0; i < LANES; i++) {
        special |= (unsigned)(stored_is_infinity(at(pool, o->a[i])) || stored_is_infinity(at(pool, o->b[i]))) << i;
        ones[i] = BLS12_381_G1.x;
    }
    const fv some = fv_from(ones); /* any number but zero */
    *d = fv_select((fmask)special, &some, d);
    return (fmask)special;
}

static void store(struct bls_pool *pool, const struct operands *o, fmask special, const fv *x, const fv *y)
{
    struct bls_point unused;
    uint64_t *x_rows[LANES], *y_rows[LANES];
    for (int i = 0; i < LANES; i++) {
        struct bls_point *to = (unsigned)special >> i & 1 ? &unused : &pool->points[o->all[i].to];
        x_rows[i] = to->x;
        y_rows[i] = to->y;
    }
    fv_scatter(x_rows, x);
    fv_scatter(y_rows, y);
}

/* The sums of a group, given the inverses of its divisors. */
static void finish(struct bls_pool *pool, const struct operands *o, bool doubling, fmask special, const fv *inverse)
{
    const fv ax = gather_x(pool, o->a), ay = gather_y(pool, o->a);
    fv bx = ax, slope;
    if (doubling) {
        const fv xx = fv_sqr(&ax), twice = fv_add(&xx, &xx), thrice = fv_add(&twice, &xx);
        slope = fv_mul(&thrice, inverse);
    } else {
        bx = gather_x(pool, o->b);
        const fv by = gather_y(pool, o->b), rise = fv_sub(&by, &ay);
        slope = fv_mul(&rise, inverse);
    }
    const fv square = fv_sqr(&slope), x = fv_sub2(&square, &ax, &bx);
    const fv run = fv_sub(&ax, &x), fall = fv_mul(&slope, &run), y = fv_sub1(&fall, &ay);
    store(pool, o, special, &x, &y);
}

/* The inverse in every lane; `v` has no zero. */
static fv inverse_of(const fv *v)
{
    blst_fp each[LANES], before[LANES], inverse;
    fv_to(each, v);
    before[0] = each[0];
    for (int i = 1; i < LANES; i++)
        blst_fp_mul(&before[i], &before[i - 1], &each[i]);
    blst_fp_inverse(&inverse, &before[LANES - 1]);
    for (int i = LANES - 1; i > 0; i--) {
        blst_fp out;
        blst_fp_mul(&out, &inverse, &before[i - 1]);
        blst_fp_mul(&inverse, &inverse, &each[i]);
        each[i] = out;
    }
    each[0] = inverse;
    return fv_from(each);
}

/* False, and nothing is done, when a divisor is zero and no care is taken. */
static bool stretch(struct bls_pool *pool, const struct bls_operation *operations, size_t n, bool doubling, bool careful)
{
    const size_t groups = (n + LANES - 1) / LANES;
    fv *products = pool->scratch;
    struct operands o;
    for (size_t g = 0; g < groups; g++) {
        operands_of(&o, operations, n, g);
        fv d = divisor(pool, &o, doubling);
        if (careful)
            set_apart(pool, &o, &d);
        products[g] = g == 0 ? d : fv_mul(&products[g - 1], &d);
    }
    if (!careful && fv_is_zero(&products[groups - 1]))
        return false;
    fv inverse = inverse_of(&products[groups - 1]);
    for (size_t g = groups; g-- > 0;) {
        operands_of(&o, operations, n, g);
        fv d = divisor(pool, &o, doubling);
        const fmask special = careful ? set_apart(pool, &o, &d) : 0;
        const fv own = g == 0 ? inverse : fv_mul(&inverse, &products[g - 1]);
        inverse = fv_mul(&inverse, &d);
        finish(pool, &o, doubling, special, &own);
        for (size_t i = 0; special && i < LANES && g * LANES + i < n; i++)
            if ((unsigned)special >> i & 1)
                add_alone(pool, &o.all[i]);
    }
    return true;
}

static void in_stretches(struct bls_pool *pool, const struct bls_operation *operations, size_t n, bool doubling)
{
    for (size_t i = 0; i < n; i += STRETCH * LANES) {
        const size_t taken = n - i < STRETCH * LANES ? n - i : STRETCH * LANES;
        if (pool->infinity || !stretch(pool, operations + i, taken, doubling, false))
            stretch(pool, operations + i, taken, doubling, true);
    }
}

static void add(struct bls_pool *pool, const struct bls_operation *operations, size_t n)
{
    in_stretches(pool, operations, n, false);
}

static void twice(struct bls_pool *pool, const struct bls_operation *operations, size_t n)
{
    in_stretches(pool, operations, n, true);
}

/* ---- others */

static void turn(struct bls_point *out, const struct bls_point *from, size_t n)
{
    static const uint8_t BETA[48] = {
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x5f, 0x19, 0x67, 0x2f, 0xdf, 0x76, 0xce, 0x51,
        0xba, 0x69, 0xc6, 0x07, 0x6a, 0x0f, 0x77, 0xea, 0xdd, 0xb3, 0xa9, 0x3b, 0xe6, 0xf8, 0x96, 0x88,
        0xde, 0x17, 0xd8, 0x13, 0x62, 0x0a, 0x00, 0x02, 0x2e, 0x01, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xfe,
    };
    blst_fp betas[LANES];
    for (int i = 0; i < LANES; i++)
        blst_fp_from_bendian(&betas[i], BETA);
    const fv beta = fv_from(betas);
    for (size_t i = 0; i < n; i += LANES) {
        const uint64_t *rows[LANES];
        uint64_t *to[LANES];
        for (size_t k = 0; k < LANES; k++) {
            const size_t one = i + k < n ? i + k : n - 1;
            rows[k] = from[one].x;
            to[k] = out[one].x;
            memcpy(out[one].y, from[one].y, sizeof(out[one].y));
        }
        const fv x = fv_gather(rows), turned = fv_mul(&x, &beta);
        fv_scatter(to, &turned);
    }
}

static void roots(blst_fp *out, const blst_fp *squares, size_t n)
{
    for (size_t i = 0; i < n; i += LANES) {
        const size_t taken = n - i < LANES ? n - i : LANES;
        blst_fp in[LANES], roots[LANES];
        for (size_t k = 0; k < LANES; k++)
            in[k] = squares[k < taken ? i + k : i];
        fv_roots(roots, in);
        memcpy(out + i, roots, taken * sizeof(*out));
    }
}

#define JOINED(a, b) a##b
#define NAMED(a, b) JOINED(a, b)
#define TEXT(a) #a
#define TEXT_OF(a) TEXT(a)
const struct bls_lanes NAMED(bls_lanes_, BLS_LEVEL) = {.name = TEXT_OF(BLS_LEVEL),
                                                       .pack = pack,
                                                       .unpack = unpack,
                                                       .add = add,
                                                       .twice = twice,
                                                       .turn = turn,
                                                       .roots = roots};
