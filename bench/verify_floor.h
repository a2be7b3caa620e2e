/* What verification cannot do without: counted in an engine that has verified, and priced by what the operations of the curve
 * library cost alone, here and now. */
#ifndef BENCH_VERIFY_FLOOR_H
#define BENCH_VERIFY_FLOOR_H

#include "engine/engine.h"
#include "group.h"

struct floor_counts {
    size_t quorums, legacy; /* verified; of them those of the legacy scheme */
    size_t keys;            /* distinct operator keys that signed */
    size_t terms;           /* keys in all weighted sums together */
    size_t leaves, nodes;   /* masternodes and tree nodes hashed for the lists */
    size_t scores;          /* masternodes ranked */
};

struct floor_counts floor_count(const struct engine *e);

/* Microseconds. */
struct floor_prices {
    double key, key_test; /* decompressing; its share of a test of many for the subgroup */
    double sig;           /* decompressing and testing */
    double hash[2];       /* to the curve, by scheme */
    double loops, loop;   /* two Miller loops; one of many */
    double final;         /* exponentiation */
    double term, sum;     /* a key in a weighted sum; what the sum costs however few the keys */
    double weight;        /* a signature times 64 bits, one of many */
    double block;         /* of SHA-256, one of many messages */
};

struct floor_prices floor_price(const struct bench *b);

struct floor_sum {
    double keys, sums, pairing, hashing, all;
};
struct floor_sum floor_of(const struct floor_counts *c, const struct floor_prices *p);

#endif
