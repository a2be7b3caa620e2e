/* devnode-make-headers N FILE: a regtest chain of N headers, genesis included, for tests of scale (README.md). Every header has
 * real proof of work (two tries on average) and follows from N alone: the same call writes the same bytes. */
#include <stdio.h>
#include <stdlib.h>

#include "chain/miner.h"
#include "chain/params.h"

enum { SPACING_S = 120, MOST = 4000000 };

static bool write_chain(FILE *f, const struct chain_params *params, long n)
{
    struct header genesis = header_parse(params->genesis);
    block_hash prev = params->genesis_hash;
    bool ok = fwrite(params->genesis, 80, 1, f) == 1;
    for (long i = 1; i < n && ok; i++) {
        struct mined m = mine_after(&prev, genesis.time + (uint32_t)i * SPACING_S, (uint32_t)i);
        ok = fwrite(m.raw, 80, 1, f) == 1;
        prev = m.hash;
    }
    return ok;
}

int main(int argc, char **argv)
{
    struct chain_params params;
    char *end = NULL;
    long n = argc == 3 ? strtol(argv[1], &end, 10) : 0;
    if (n < 1 || n > MOST || *end != '\0' || !chain_params_init(&params, "regtest")) {
        fprintf(stderr, "usage: devnode-make-headers N FILE    (N from 1 to %d)\n", MOST);
        return 2;
    }
    FILE *f = fopen(argv[2], "wb");
    bool ok = f && write_chain(f, &params, n);
    if (f && fclose(f) != 0)
        ok = false;
    if (!ok)
        perror(argv[2]);
    return ok ? 0 : 1;
}
