/* devnode-generate: writes a generated regtest chain as a chain directory, for dashspv-devnode to serve.
 *
 *     devnode-generate [--mainnet-sized] SEED TIP MASTERNODES DIRECTORY      (the directory exists) */
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

static int usage(const char *program)
{
    fprintf(stderr, "usage: %s [--mainnet-sized] SEED TIP MASTERNODES DIRECTORY\n", program);
    return 2;
}

int main(int argc, char **argv)
{
    bool large = argc == 6 && strcmp(argv[1], "--mainnet-sized") == 0;
    char **args = argv + 1 + large;
    if (argc - large != 5)
        return usage(argv[0]);
    char error[GEN_ERROR_SIZE];
    struct gen_config (*make)(uint64_t, int32_t, uint32_t) = large ? gen_config_mainnet_sized : gen_config_everyday;
    struct gen_config config =
        make(strtoull(args[0], NULL, 10), (int32_t)strtol(args[1], NULL, 10), (uint32_t)strtoul(args[2], NULL, 10));
    struct gen_chain *c;
    int rc = gen_chain_new(&c, &config, error);
    if (rc != 0) {
        fprintf(stderr, "%s\n", rc == DSPV_ENOMEM ? "out of memory" : error);
        return 1;
    }
    bool good = save(c, args[3]);
    if (good)
        printf("%d blocks, %zu quorums, %zu ChainLocks, %zu InstantSend locks\n", (int)c->tip, c->counts.quorums,
               c->counts.chainlocks, c->counts.instantlocks);
    else
        fprintf(stderr, "cannot write into %s\n", args[3]);
    gen_chain_free(c);
    return good ? 0 : 1;
}
