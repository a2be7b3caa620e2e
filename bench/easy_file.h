/* An easy chain (easy_chain.h) in a file, so that no process but the one that serves it has it in memory. */
#ifndef BENCH_EASY_FILE_H
#define BENCH_EASY_FILE_H

#include "devnode/chain.h"
#include "group.h"

struct easy_file {
    int32_t n; /* headers */
    struct chain_params params;
    struct checkpoint *checkpoints; /* of `params`: one in 2000 blocks, as a table of 38 kB could give for mainnet */
    char path[4200];
};

/* In `folder`; from regtest's genesis on. */
void easy_file_new(struct easy_file *f, const struct bench *b, const char *folder, int32_t n);
void easy_file_remove(struct easy_file *f);
/* Its headers alone. devnode_chain_free() */
struct devnode_chain *easy_file_load(const struct easy_file *f);

#endif
