/* Headers that a chain may start at instead of genesis: one below each checkpoint of the two public networks, with the chain's
 * work up to there. They are trusted as far as the checkpoint is: what starts there must lead to it. */
#ifndef CHAIN_START_POINTS_H
#define CHAIN_START_POINTS_H

#include "chain/params.h"

struct start_point {
    int32_t height;
    uint8_t header[80];
    uint8_t work[32]; /* of this block and all before it; little-endian */
};

/* Below the last checkpoint that is at or below `height`. False: start at genesis. */
bool start_point_below(const struct chain_params *params, int32_t height, struct start_point *out);
/* The start point at exactly this height, if there is one. */
bool start_point_at(const struct chain_params *params, int32_t height, struct start_point *out);

/* The tables, ascending (start_points_data.c). */
struct start_point_row {
    int32_t checkpoint, height;
    const char *work;   /* hexadecimal number */
    const char *header; /* 80 bytes in hex */
};
extern const struct start_point_row start_points_mainnet[], start_points_testnet[];
extern const size_t start_points_mainnet_n, start_points_testnet_n;

#endif
