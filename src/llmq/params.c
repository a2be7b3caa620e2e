/* The parameters of every LLMQ type (quorums.md 1.1, Dash Core src/llmq/params.h). Networks copy the rows they know, so that
 * an option can change them. */
#include <string.h>

#include "llmq/network.h"

/* type, name, size, minSize, threshold, dkgInterval, mining window start and end, active, keepConn, keepKeys, rotated */
static const struct llmq_params TABLE[] = {
    {1, "llmq_50_60", 50, 40, 30, 24, 10, 18, 24, 25, 48, false},
    {2, "llmq_400_60", 400, 300, 240, 288, 20, 28, 4, 5, 8, false},
    {3, "llmq_400_85", 400, 350, 340, 576, 20, 48, 4, 5, 8, false},
    {4, "llmq_100_67", 100, 80, 67, 24, 10, 18, 24, 25, 1440, false},
    {5, "llmq_60_75", 60, 50, 45, 288, 42, 50, 32, 64, 64, true},
    {6, "llmq_25_67", 25, 22, 17, 24, 10, 18, 24, 25, 1440, false},
    {100, "llmq_test", 3, 2, 2, 24, 10, 18, 2, 3, 4, false},
    {101, "llmq_devnet", 12, 7, 6, 24, 10, 18, 4, 5, 8, false},
    {102, "llmq_test_v17", 3, 2, 2, 24, 10, 18, 2, 3, 4, false},
    {103, "llmq_test_dip0024", 4, 4, 3, 24, 12, 20, 2, 4, 4, true},
    {104, "llmq_test_instantsend", 3, 2, 2, 24, 10, 18, 2, 3, 4, false},
    {105, "llmq_devnet_dip0024", 8, 6, 4, 48, 12, 20, 2, 4, 4, true},
    {106, "llmq_test_platform", 3, 2, 2, 24, 10, 18, 2, 4, 1440, false},
    {107, "llmq_devnet_platform", 12, 9, 8, 24, 10, 18, 4, 5, 1440, false},
};
enum { TABLE_ROWS = sizeof(TABLE) / sizeof(TABLE[0]) };

const struct llmq_params *llmq_params_by_type(uint8_t type)
{
    for (size_t i = 0; i < TABLE_ROWS; i++)
        if (TABLE[i].type == type)
            return &TABLE[i];
    return NULL;
}

const struct llmq_params *llmq_params_by_name(const char *name)
{
    for (size_t i = 0; i < TABLE_ROWS; i++)
        if (strcmp(TABLE[i].name, name) == 0)
            return &TABLE[i];
    return NULL;
}

const char *llmq_type_name(uint8_t type)
{
    const struct llmq_params *p = llmq_params_by_type(type);
    return p ? p->name : "unknown";
}
