/* A recording of a regtest node (one folder with meta.json, headers.bin, mnlistdiff_from_genesis.bin, ...), as the chain maker
 * reads it. */
#ifndef DEVNODE_RECORDING_H
#define DEVNODE_RECORDING_H

#include <stdio.h>

#include "devnode/files.h"
#include "devnode/history.h"

struct recording {
    const char *directory;
    struct network network;
    json_t *meta;
    uint8_t *headers;   /* 80 bytes each */
    block_hash *hashes; /* by height, from 0 */
    int32_t tip;
    struct map heights;
    struct mnlistdiff *full; /* by height: the whole state, base = genesis; 0 is empty */
    struct arena arena;
};

/* Write the consecutive diffs (diffs.lp) of all heights from 1. NULL, or what is wrong. */
const char *recording_write_diffs(struct recording *r, FILE *out);
/* Write the snapshots of every cycle that occurs in a recorded qrinfo (snapshots.bin). NULL, or what is wrong. */
const char *recording_write_snapshots(struct recording *r, FILE *out);
/* Write the ChainLocks and InstantSend locks that a connected client was sent (locks.bin). NULL, or what is wrong. */
const char *recording_write_locks(struct recording *r, FILE *out);

/* Write what `w` holds; false when it is incomplete or cannot be written. */
bool recording_save(const struct writer *w, FILE *out);

/* -1: not on the chain. */
int32_t recording_height(const struct recording *r, const block_hash *hash);

#endif
