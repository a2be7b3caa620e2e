/* See difficulty.h. The order of the rules and every rounding step is consensus (Dash Core src/pow.cpp); targets are
 * multiplied before they are divided, modulo 2^256. */
#include "chain/difficulty.h"

#include <math.h>

#include "chain/pow.h"

static uint32_t capped(const struct chain_params *params, const arith256 *target)
{
    arith256 limit = arith256_from_le(params->pow_limit);
    return arith256_to_compact(arith256_cmp(target, &limit) > 0 ? &limit : target);
}

/* target * actual / wanted, not above the limit. */
static uint32_t scaled(const struct chain_params *params, const arith256 *target, int64_t actual_s, int64_t wanted_s)
{
    arith256 factor = arith256_from_u64((uint64_t)actual_s), divisor = arith256_from_u64((uint64_t)wanted_s);
    arith256 product = arith256_mul(target, &factor);
    arith256 quotient = arith256_div(&product, &divisor);
    return capped(params, &quotient);
}

static int64_t clamped(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

/* Bitcoin's rule between two retargets. */
static bool btc_between(const struct chain_params *params, const struct tree *t, uint32_t last, uint32_t time, int32_t interval,
                        uint32_t *bits)
{
    const struct tree_node *n = tree_node(t, last);
    if (params->allow_min_difficulty) {
        if (time > (int64_t)n->time + 2 * (int64_t)params->pow_spacing_s) {
            *bits = params->pow_limit_bits;
            return true;
        }
        /* the last block that was not allowed to be at the limit just because it came late */
        while (n->height % interval != 0 && n->bits == params->pow_limit_bits) {
            if (n->prev == TREE_NONE)
                return false;
            n = tree_node(t, n->prev);
        }
    }
    *bits = n->bits;
    return true;
}

static bool btc(const struct chain_params *params, const struct tree *t, uint32_t last, uint32_t time, uint32_t *bits)
{
    const struct tree_node *n = tree_node(t, last);
    int32_t interval = (int32_t)(params->pow_timespan_s / params->pow_spacing_s);
    if ((n->height + 1) % interval != 0)
        return btc_between(params, t, last, time, interval, bits);
    if (params->no_retargeting) {
        *bits = n->bits;
        return true;
    }
    uint32_t first = tree_ancestor(t, last, n->height + 1 - interval);
    if (first == TREE_NONE)
        return false;
    int64_t wanted_s = params->pow_timespan_s;
    int64_t actual_s = clamped((int64_t)n->time - tree_node(t, first)->time, wanted_s / 4, wanted_s * 4);
    arith256 target = pow_target_of(n->bits);
    *bits = scaled(params, &target, actual_s, wanted_s);
    return true;
}

/* One step of KGW's running average: previous +- |target - previous| / i. */
static arith256 kgw_average(const arith256 *previous, const arith256 *target, uint32_t i)
{
    bool rises = arith256_cmp(target, previous) >= 0;
    arith256 difference = rises ? arith256_sub(target, previous) : arith256_sub(previous, target);
    difference = arith256_div_u32(&difference, i);
    return rises ? arith256_add(previous, &difference) : arith256_sub(previous, &difference);
}

/* Kimoto Gravity Well: look back until the rate of blocks leaves a band that narrows with the number of blocks seen. */
static bool kgw(const struct chain_params *params, const struct tree *t, uint32_t last, uint32_t *bits)
{
    const struct tree_node *l = tree_node(t, last), *n = l;
    int64_t spacing_s = params->pow_spacing_s;
    uint32_t least = (uint32_t)((double)params->pow_timespan_s * 0.025) / params->pow_spacing_s;
    uint32_t most = params->pow_timespan_s * 7 / params->pow_spacing_s;
    if (l->height == 0 || (uint32_t)l->height < least) {
        *bits = params->pow_limit_bits;
        return true;
    }
    arith256 average = pow_target_of(n->bits);
    int64_t actual_s = 0, wanted_s = 0;
    for (uint32_t i = 1; n->height > 0 && i <= most; i++) {
        if (i > 1) {
            arith256 target = pow_target_of(n->bits);
            average = kgw_average(&average, &target, i);
        }
        actual_s = (int64_t)l->time - n->time;
        if (actual_s < 0)
            actual_s = 0;
        wanted_s = spacing_s * i;
        double ratio = actual_s ? (double)wanted_s / (double)actual_s : 1.0;
        double fast = 1 + 0.7084 * pow((double)i / 28.2, -1.228);
        if (i >= least && (ratio <= 1 / fast || ratio >= fast))
            break;
        if (i == most)
            break;
        if (n->prev == TREE_NONE)
            return false;
        n = tree_node(t, n->prev);
    }
    *bits = actual_s ? scaled(params, &average, actual_s, wanted_s) : capped(params, &average);
    return true;
}

/* The running average of the targets, rounded down at every step. It is not a mean: the newest block counts double. */
static arith256 dgw_average(const struct recent *r)
{
    arith256 average = pow_target_of(recent_bits(r, 0));
    for (uint32_t i = 2; i <= RECENT_BLOCKS; i++) {
        arith256 sum = arith256_mul_u32(&average, i), target = pow_target_of(recent_bits(r, i - 1));
        sum = arith256_add(&sum, &target);
        average = arith256_div_u32(&sum, i + 1);
    }
    return average;
}

enum { SUM_BITS = 50, SUM_LEAST_BITS = 42, ACTUAL_BITS = 14, MOST_UNIT = 24 };

/* The same without its 23 divisions and in 64 bits, when what is rounded off cannot matter. Step i takes less than i + 1 off the
 * sum, all together less than 300; so the average lies at most 12 below the sum's 25th part, and after three times that and the
 * last rounding the result at most 37 below s = sum * actual / (25 * wanted): less than a unit. The sum is known to a unit, so
 * the result in units is one of three numbers. When the lowest and the highest give the same nBits, so does it, since nothing
 * overflows (it all stays below 2^(SUM_BITS + ACTUAL_BITS + 8 * MOST_UNIT)) and all that follows is monotonic. */
static bool dgw_without_rounding(const struct chain_params *params, struct recent *r, int64_t actual_s, int64_t wanted_s,
                                 uint32_t *bits)
{
    if (!recent_sum(r) || actual_s >> ACTUAL_BITS)
        return false;
    unsigned unit = r->unit;
    uint32_t newest = recent_bits(r, 0);
    uint64_t sum = r->sum + ((uint64_t)(newest & 0x7fffff) << 8 * ((newest >> 24) - 3 - unit));
    for (; sum >> SUM_BITS; sum >>= 8)
        unit++;
    for (; unit > 0 && sum >> SUM_LEAST_BITS == 0; sum <<= 8)
        unit--;
    if (unit == 0 || unit > MOST_UNIT)
        return false;
    uint64_t result = sum * (uint64_t)actual_s / (25 * (uint64_t)wanted_s);
    unsigned shift = 0;
    while ((result + 1) >> shift >> 23) /* the bit above is the sign */
        shift += 8;
    uint64_t mantissa = (result + 1) >> shift;
    if ((result - 1) >> shift != mantissa)
        return false;
    *bits = (uint32_t)mantissa | (3 + unit + shift / 8) << 24;
    if (*bits > params->pow_limit_bits) /* that of greater numbers is greater */
        *bits = params->pow_limit_bits;
    return true;
}

/* DarkGravityWave v3. */
static bool dgw(const struct chain_params *params, const struct tree *t, struct recent *r, uint32_t *bits)
{
    if (tree_node(t, r->node)->height < (int32_t)RECENT_BLOCKS) {
        *bits = params->pow_limit_bits;
        return true;
    }
    if (r->n < RECENT_BLOCKS) /* a chain that starts later does not have them */
        return false;
    int64_t wanted_s = RECENT_BLOCKS * (int64_t)params->pow_spacing_s;
    int64_t passed_s = (int64_t)recent_time(r, 0) - recent_time(r, RECENT_BLOCKS - 1);
    int64_t actual_s = clamped(passed_s, wanted_s / 3, wanted_s * 3);
    if (dgw_without_rounding(params, r, actual_s, wanted_s, bits))
        return true;
    arith256 average = dgw_average(r);
    *bits = scaled(params, &average, actual_s, wanted_s);
    return true;
}

/* Test networks: a block that comes late may be easy. True when it does. */
static bool late(const struct chain_params *params, const struct tree_node *l, uint32_t time, uint32_t *bits)
{
    if (time > (int64_t)l->time + 7200) {
        *bits = params->pow_limit_bits;
        return true;
    }
    if (time > (int64_t)l->time + 4 * (int64_t)params->pow_spacing_s) {
        arith256 target = pow_target_of(l->bits);
        target = arith256_mul_u32(&target, 10);
        *bits = capped(params, &target);
        return true;
    }
    return false;
}

bool difficulty_required(const struct chain_params *params, const struct tree *t, struct recent *recent, uint32_t time,
                         uint32_t *bits)
{
    uint32_t last = recent->node;
    const struct tree_node *l = tree_node(t, last);
    int32_t height = l->height + 1;
    if (params->kind == CHAIN_DEVNET && l->height < params->minimum_difficulty_blocks) {
        *bits = params->pow_limit_bits;
        return true;
    }
    if (height < params->kgw_height)
        return btc(params, t, last, time, bits);
    if (params->no_retargeting) {
        *bits = params->pow_limit_bits;
        return true;
    }
    if (params->allow_min_difficulty && late(params, l, time, bits))
        return true;
    return height < params->dgw_height ? kgw(params, t, last, bits) : dgw(params, t, recent, bits);
}

/* Difficulty as a floating-point number, 1 at 0x1d00ffff. */
static double difficulty_of(uint32_t bits)
{
    return ldexp(65535.0 / (double)(bits & 0xffffff), 8 * (29 - (int)(bits >> 24)));
}

bool difficulty_accepts(const struct chain_params *params, int32_t height, uint32_t bits, uint32_t required)
{
    if (bits == required)
        return true;
    if (height > params->lenient_bits_height)
        return false;
    double carried = difficulty_of(bits);
    return fabs(carried - difficulty_of(required)) <= 0.5 * carried;
}
