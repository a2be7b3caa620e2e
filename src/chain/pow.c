/* See pow.h. Next: difficulty.c, which says what nBits must be. */
#include "chain/pow.h"

bool pow_target(const struct chain_params *params, uint32_t bits, arith256 *target)
{
    bool negative, overflow;
    *target = arith256_from_compact(bits, &negative, &overflow);
    arith256 limit = arith256_from_le(params->pow_limit);
    return !negative && !overflow && !arith256_is_zero(target) && arith256_cmp(target, &limit) <= 0;
}

arith256 pow_target_of(uint32_t bits)
{
    bool negative, overflow;
    return arith256_from_compact(bits, &negative, &overflow);
}

bool pow_meets(const block_hash *hash, const arith256 *target)
{
    arith256 number = arith256_from_le(hash->b);
    return arith256_cmp(&number, target) <= 0;
}

/* A target of at least 2^128 is m * 2^(256 - n) with n <= 128, and 2^256 / it less than itself: what the "+ 1" of the definition
 * takes off 2^n / m is less than 1 and shows only where that division leaves no rest. 1 < m < 2^23. */
static arith256 work_of_mantissa(uint32_t m, unsigned n)
{
    uint64_t rest = 1, high = 0, low = 0;
    for (unsigned step; n > 0; n -= step) {
        step = n < 40 ? n : 40;
        rest <<= step;
        high = high << step | low >> (64 - step);
        low = low << step | rest / m;
        rest %= m;
    }
    if (rest == 0) {
        high -= low == 0;
        low--;
    }
    return (arith256){{low, high}};
}

arith256 pow_work_of(uint32_t bits)
{
    unsigned size = bits >> 24, mantissa = bits & 0x7fffff;
    if (size >= 19 && size <= 34 && mantissa > 1)
        return work_of_mantissa(mantissa, 256 - 8 * (size - 3));
    arith256 target = pow_target_of(bits);
    return pow_work(&target);
}

arith256 pow_work(const arith256 *target)
{
    /* 2^256 does not fit: 2^256 / (t+1) = (2^256 - 1 - t) / (t+1) + 1 */
    arith256 one = arith256_from_u64(1);
    arith256 divisor = arith256_add(target, &one);
    arith256 complement = arith256_not(target);
    arith256 quotient = arith256_div(&complement, &divisor);
    return arith256_add(&quotient, &one);
}

bool pow_know(struct pow *p, const struct chain_params *params, uint32_t bits)
{
    arith256 target;
    if (bits == p->bits && bits != 0)
        return true;
    if (!pow_target(params, bits, &target))
        return false;
    p->bits = bits;
    p->target = target;
    p->work = pow_work_of(bits);
    return true;
}
