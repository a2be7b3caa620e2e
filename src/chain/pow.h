/* Proof of work of one header: its target, whether a hash meets it, and what it adds to the chain (protocol.md 1.3). */
#ifndef CHAIN_POW_H
#define CHAIN_POW_H

#include "base/hash.h"
#include "chain/arith256.h"
#include "chain/params.h"

/* The target nBits stands for; false when it is negative, zero, overflows or lies above the network's limit. */
bool pow_target(const struct chain_params *params, uint32_t bits, arith256 *target);
/* The target of bits that passed pow_target before: those of any header in the tree. */
arith256 pow_target_of(uint32_t bits);
bool pow_meets(const block_hash *hash, const arith256 *target);
/* Expected number of hashes to meet the target: floor(2^256 / (target + 1)). */
arith256 pow_work(const arith256 *target);
/* The same of bits that passed pow_target before. */
arith256 pow_work_of(uint32_t bits);

/* What nBits stand for. */
struct pow {
    uint32_t bits; /* 0: of none */
    arith256 target, work;
};
/* False, and nothing changes, where pow_target is false. Cheap when these bits are there already. */
bool pow_know(struct pow *p, const struct chain_params *params, uint32_t bits);

#endif
