/* The public form of networks (dashspv/dashspv.h) over llmq/network.h. */
#include "engine/network_api.h"

#include "base/mem.h"

int dspv_network_new(dspv_network **out, const char *name)
{
    dspv_network *n = mem_alloc(sizeof(*n));
    if (!n)
        return DSPV_ENOMEM;
    if (!network_init(&n->net, name)) {
        mem_free(n);
        return DSPV_EMISUSE;
    }
    *out = n;
    return 0;
}

const char *dspv_network_override(dspv_network *net, const char *option, const char *value)
{
    return network_override(&net->net, option, value);
}

const char *dspv_network_add_checkpoint(dspv_network *net, int32_t height, const dspv_block_hash *hash)
{
    return chain_params_add_checkpoint(&net->net.chain, height, hash);
}

const char *dspv_network_check(const dspv_network *net)
{
    return chain_params_check(&net->net.chain);
}

void dspv_network_free(dspv_network *net)
{
    if (net)
        chain_params_free(&net->net.chain);
    mem_free(net);
}

uint16_t dspv_network_port(const dspv_network *net)
{
    return net->net.chain.port;
}
