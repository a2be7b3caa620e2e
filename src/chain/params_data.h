/* Tables of params.c that are too long to stand beside it. */
#ifndef CHAIN_PARAMS_DATA_H
#define CHAIN_PARAMS_DATA_H

#include "chain/params.h"

enum {
    PARAMS_MAINNET_CHECKPOINTS = 37,
    PARAMS_TESTNET_CHECKPOINTS = 19,
    PARAMS_MAINNET_SEEDS = 40,
    PARAMS_TESTNET_SEEDS = 14
};

extern const struct checkpoint params_mainnet_checkpoints[PARAMS_MAINNET_CHECKPOINTS];
extern const struct checkpoint params_testnet_checkpoints[PARAMS_TESTNET_CHECKPOINTS];
extern const char *const params_mainnet_seeds[PARAMS_MAINNET_SEEDS];
extern const char *const params_testnet_seeds[PARAMS_TESTNET_SEEDS];

#endif
