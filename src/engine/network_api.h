/* What the public dspv_network is. */
#ifndef ENGINE_NETWORK_API_H
#define ENGINE_NETWORK_API_H

#include "dashspv/dashspv.h"
#include "llmq/network.h"

struct dspv_network {
    struct network net;
};

#endif
