/* A header chain of any length, made at the cost of one hash a header: of a network whose target lets nearly every hash pass. */
#ifndef BENCH_EASY_CHAIN_H
#define BENCH_EASY_CHAIN_H

#include "chain/header.h"
#include "chain/params.h"

struct easy_chain {
    struct chain_params params;
    uint8_t *raw; /* n headers of 80 bytes, and one that names the last one's hash */
    int32_t n;
};

/* `params`: of regtest. free(c->raw) */
void easy_chain_make(struct easy_chain *c, const struct chain_params *params, int32_t n);

static inline const uint8_t *easy_chain_header(const struct easy_chain *c, int32_t height)
{
    return c->raw + (size_t)height * 80;
}

static inline block_hash easy_chain_hash(const struct easy_chain *c, int32_t height)
{
    return block_hash_from(easy_chain_header(c, height + 1) + 4);
}

#endif
