/* See start_points.h. */
#include "chain/start_points.h"

#include <string.h>

#include "base/hex.h"

static size_t rows_of(const struct chain_params *params, const struct start_point_row **rows)
{
    *rows = params->kind == CHAIN_MAINNET ? start_points_mainnet : start_points_testnet;
    return params->kind == CHAIN_MAINNET ? start_points_mainnet_n : params->kind == CHAIN_TESTNET ? start_points_testnet_n : 0;
}

static void read_row(const struct start_point_row *row, struct start_point *out)
{
    char work[65];
    size_t n = strlen(row->work);
    memset(work, '0', 64);
    memcpy(work + 64 - n, row->work, n + 1);
    out->height = row->height;
    hash_from_hex(work, out->work);
    hex_decode(row->header, out->header, sizeof(out->header));
}

bool start_point_below(const struct chain_params *params, int32_t height, struct start_point *out)
{
    const struct start_point_row *rows, *best = NULL;
    size_t n = rows_of(params, &rows);
    for (size_t i = 0; i < n && rows[i].checkpoint <= height; i++)
        best = &rows[i];
    if (best)
        read_row(best, out);
    return best != NULL;
}

bool start_point_at(const struct chain_params *params, int32_t height, struct start_point *out)
{
    const struct start_point_row *rows;
    size_t n = rows_of(params, &rows);
    for (size_t i = 0; i < n; i++)
        if (rows[i].height == height) {
            read_row(&rows[i], out);
            return true;
        }
    return false;
}
