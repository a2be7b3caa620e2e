/* devnode-generate: writes a generated regtest chain as a chain directory, for dashspv-devnode to serve.
 *
 *     devnode-generate SEED TIP MASTERNODES DIRECTORY      (the directory exists) */
#include <stdio.h>
#include <stdlib.h>

#include "sim/generator.h"

static const char *const FILES[DEVNODE_FILES] = {"chain.json", "headers.bin", "diffs.lp", "snapshots.bin", "locks.bin"};

static bool save(const struct gen_chain *c, const char *directory)
{
    for (int i = 0; i < DEVNODE_FILES; i++) {
        char path[4096];
        int n = snprintf(path, sizeof(path), "%s/%s", directory, FILES[i]);
        FILE *f = n > 0 && (size_t)n < sizeof(path) ? fopen(path, "wb") : NULL;
        if (!f)
            return false;
        bool good = c->files[i].n == 0 || fwrite(c->files[i].p, 1, c->files[i].n, f) == c->files[i].n;
        if (fclose(f) != 0 || !good)
            return false;
    }
    return true;
}

static struct gen_config everyday(uint64_t seed, int32_t tip, uint32_t masternodes)
{
    static const char *const options[] = {"-dip3params=2:2", "-testactivationheight=v20@100", "-testactivationheight=mn_rr@100",
                                          NULL};
    return (struct gen_config){
        .seed = seed,
        .network = "regtest",
        .options = options,
        .tip = tip,
        .spacing_s = 150,
        .most_transactions = 20,
        .masternodes = masternodes,
        .evo = masternodes / 3,
        .register_rate = 1500,
        .remove_rate = 200,
        .ban_rate = 500,
        .key_change_rate = 200,
        .service_change_rate = 200,
        .address_reuse_rate = 3000,
        .dkg_failure_rate = 500,
        .invalid_member_rate = 500,
        .silent_member_rate = 500,
        .chainlock_rate = 9500,
        .instantlock_rate = 3000,
    };
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s SEED TIP MASTERNODES DIRECTORY\n", argv[0]);
        return 2;
    }
    char error[GEN_ERROR_SIZE];
    struct gen_config config =
        everyday(strtoull(argv[1], NULL, 10), (int32_t)strtol(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10));
    struct gen_chain *c;
    int rc = gen_chain_new(&c, &config, error);
    if (rc != 0) {
        fprintf(stderr, "%s\n", rc == DSPV_ENOMEM ? "out of memory" : error);
        return 1;
    }
    bool good = save(c, argv[4]);
    if (good)
        printf("%d blocks, %zu quorums, %zu ChainLocks, %zu InstantSend locks\n", (int)c->tip, c->counts.quorums,
               c->counts.chainlocks, c->counts.instantlocks);
    else
        fprintf(stderr, "cannot write into %s\n", argv[4]);
    gen_chain_free(c);
    return good ? 0 : 1;
}
