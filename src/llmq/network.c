/* Which LLMQ types a network knows, which of them play a role, and from when on (quorums.md 1.2, 1.3). Heights are compared as
 * "height >= activation - 1", never "height + 1 >= activation": nothing may overflow, whoever chose the height. */
#include "llmq/network.h"

/* Dash Core src/chainparams.cpp: type 6 exists on testnet only, from this height. */
enum { TESTNET_LLMQ_25_67_HEIGHT = 847000 };

struct known_types {
    uint8_t n, types[NETWORK_MAX_LLMQS];
    uint8_t chainlock, instantsend, platform, mnhf;
};

static const struct known_types KNOWN[] = {
    [CHAIN_MAINNET] = {5, {1, 2, 3, 4, 5}, 2, 5, 4, 3},
    [CHAIN_TESTNET] = {6, {1, 2, 3, 4, 5, 6}, 1, 5, 6, 1},
    [CHAIN_DEVNET] = {8, {1, 2, 3, 4, 5, 101, 105, 107}, 101, 105, 107, 101},
    [CHAIN_REGTEST] = {5, {100, 102, 103, 104, 106}, 100, 103, 106, 100},
};

bool network_init(struct network *out, const char *name)
{
    memset(out, 0, sizeof(*out));
    if (!chain_params_init(&out->chain, name))
        return false;
    const struct known_types *known = &KNOWN[out->chain.kind];
    out->n_llmqs = known->n;
    for (size_t i = 0; i < known->n; i++)
        out->llmqs[i] = *llmq_params_by_type(known->types[i]);
    out->chainlock_type = known->chainlock;
    out->instantsend_type = known->instantsend;
    out->platform_type = known->platform;
    out->mnhf_type = known->mnhf;
    return true;
}

const struct llmq_params *network_llmq(const struct network *net, uint8_t type)
{
    for (size_t i = 0; i < net->n_llmqs; i++)
        if (net->llmqs[i].type == type)
            return &net->llmqs[i];
    return NULL;
}

/* Is a deployment in force for the block after the one at `height`? (DeploymentActiveAfter) */
static bool active_after(int32_t height, int32_t activation)
{
    return height >= activation - 1;
}

bool llmq_enabled(const struct network *net, const struct llmq_params *p, int32_t prev_height)
{
    const struct activations *a = &net->chain.active;
    bool rotation_took_over = active_after(prev_height, a->dip0024) && prev_height >= a->dip0024_quorums;
    switch (p->type) {
    case 1:
        return !rotation_took_over || net->chain.kind == CHAIN_TESTNET || net->chain.kind == CHAIN_DEVNET;
    case 104:
        return !rotation_took_over || net->instantsend_type == 104;
    case 4:
        return active_after(prev_height, a->dip0020);
    case 5:
    case 103:
    case 105:
        return active_after(prev_height, a->dip0024);
    case 6:
        return prev_height >= TESTNET_LLMQ_25_67_HEIGHT;
    default:
        return true;
    }
}

bool llmq_rotation_in_force(const struct network *net, const struct llmq_params *p, int32_t height)
{
    if (!p->rotated || height < 1)
        return false;
    int32_t cycle = llmq_cycle(p, height);
    return cycle >= 1 && cycle >= net->chain.active.dip0024;
}

bool network_basic_after(const struct network *net, int32_t height)
{
    return active_after(height, net->chain.active.v19);
}

bool network_v20_after(const struct network *net, int32_t height)
{
    return active_after(height, net->chain.active.v20);
}
