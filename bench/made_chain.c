/* See made_chain.h. */
#include "made_chain.h"

#include "group.h"

struct devnode_chain *made_chain_of(const struct gen_config *config, bool locks, struct gen_counts *counts)
{
    char error[GEN_ERROR_SIZE + DEVNODE_ERROR_SIZE];
    struct gen_chain *made;
    struct devnode_chain *chain;
    struct span files[DEVNODE_FILES];
    bench_need(gen_chain_new(&made, config, error) == 0, error);
    for (int i = 0; i < DEVNODE_FILES; i++)
        files[i] = made->files[i];
    if (!locks)
        files[DEVNODE_LOCKS] = (struct span){NULL, 0};
    bench_need(devnode_chain_load_memory(&chain, "generated", files, error) == 0, error);
    chain->network = made->network;
    if (counts)
        *counts = made->counts;
    gen_chain_free(made);
    return chain;
}

struct devnode_chain *made_chain(uint64_t seed, int32_t tip, uint32_t masternodes, bool locks, struct gen_counts *counts)
{
    const struct gen_config config = gen_config_mainnet_sized(seed, tip, masternodes);
    return made_chain_of(&config, locks, counts);
}
