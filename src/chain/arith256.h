/* Unsigned 256-bit numbers for targets and chain work. Everything is modulo 2^256, as in Dash Core: on devnets, whose
 * proof-of-work limit is 2^255-1, difficulty products do wrap and the result is consensus (protocol.md 1.4). */
#ifndef CHAIN_ARITH256_H
#define CHAIN_ARITH256_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint32_t w[8]; /* least significant word first */
} arith256;

arith256 arith256_from_u64(uint64_t v);
/* Little-endian bytes: a block hash or a stored target. */
arith256 arith256_from_le(const uint8_t bytes[32]);
void arith256_to_le(const arith256 *a, uint8_t bytes[32]);

/* Two words at a time; compilers make one access of it. */
static inline uint64_t arith256_pair(const arith256 *a, unsigned i)
{
    return (uint64_t)a->w[2 * i + 1] << 32 | a->w[2 * i];
}

static inline int arith256_cmp(const arith256 *a, const arith256 *b)
{
    for (unsigned i = 4; i-- > 0;)
        if (arith256_pair(a, i) != arith256_pair(b, i))
            return arith256_pair(a, i) < arith256_pair(b, i) ? -1 : 1;
    return 0;
}
bool arith256_is_zero(const arith256 *a);
/* Position of the highest set bit plus one; 0 for zero. */
unsigned arith256_bits(const arith256 *a);

static inline arith256 arith256_add(const arith256 *a, const arith256 *b)
{
    arith256 r;
    uint64_t carry = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t x = arith256_pair(a, i), sum = x + arith256_pair(b, i), with = sum + carry;
        r.w[2 * i] = (uint32_t)with;
        r.w[2 * i + 1] = (uint32_t)(with >> 32);
        carry = (sum < x) | (with < sum);
    }
    return r;
}
arith256 arith256_sub(const arith256 *a, const arith256 *b);
arith256 arith256_not(const arith256 *a);
/* Shifts of 256 and more give zero. */
arith256 arith256_shl(const arith256 *a, unsigned bits);
arith256 arith256_shr(const arith256 *a, unsigned bits);
arith256 arith256_mul(const arith256 *a, const arith256 *b);
arith256 arith256_mul_u32(const arith256 *a, uint32_t b);
/* Quotients; the divisor must not be zero. */
arith256 arith256_div(const arith256 *a, const arith256 *b);
arith256 arith256_div_u32(const arith256 *a, uint32_t b);

/* The number an nBits value stands for. `negative` and `overflow` as Bitcoin's SetCompact reports them; the number is the
 * magnitude modulo 2^256 whatever they say. */
arith256 arith256_from_compact(uint32_t compact, bool *negative, bool *overflow);
uint32_t arith256_to_compact(const arith256 *a);

#endif
