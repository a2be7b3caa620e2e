/* Unsigned 256-bit numbers for targets and chain work. Everything is modulo 2^256, as in Dash Core: on devnets, whose
 * proof-of-work limit is 2^255-1, difficulty products do wrap and the result is consensus (protocol.md 1.4). */
#ifndef CHAIN_ARITH256_H
#define CHAIN_ARITH256_H

#include <stdbool.h>

#include "base/endian.h"

typedef struct {
    uint64_t w[4]; /* least significant word first */
} arith256;

static inline arith256 arith256_from_u64(uint64_t v)
{
    return (arith256){{v}};
}

/* Little-endian bytes: a block hash or a stored target. */
static inline arith256 arith256_from_le(const uint8_t bytes[32])
{
    return (arith256){{load_le64(bytes), load_le64(bytes + 8), load_le64(bytes + 16), load_le64(bytes + 24)}};
}

void arith256_to_le(const arith256 *a, uint8_t bytes[32]);

static inline int arith256_cmp(const arith256 *a, const arith256 *b)
{
    for (unsigned i = 4; i-- > 0;)
        if (a->w[i] != b->w[i])
            return a->w[i] < b->w[i] ? -1 : 1;
    return 0;
}
static inline bool arith256_is_zero(const arith256 *a)
{
    return (a->w[0] | a->w[1] | a->w[2] | a->w[3]) == 0;
}

/* Position of the highest set bit plus one; 0 for zero. */
unsigned arith256_bits(const arith256 *a);

static inline arith256 arith256_add(const arith256 *a, const arith256 *b)
{
    arith256 r;
    uint64_t carry = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t sum = a->w[i] + b->w[i];
        r.w[i] = sum + carry;
        carry = (sum < a->w[i]) | (r.w[i] < sum);
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
