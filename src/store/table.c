/* The tables of a store (dashspv/store.h) by name. Next: record.h, what the values look like. */
#include "dashspv/store.h"

const char *dspv_table_name(dspv_table table)
{
    static const char *const names[DSPV_TABLE_COUNT] = {"meta",    "headers",   "masternodes", "lists",
                                                        "quorums", "snapshots", "locks",       "addresses"};
    return (unsigned)table < DSPV_TABLE_COUNT ? names[table] : "unknown";
}
