/* A recorded chain in memory: everything the development peer serves. Loaded from a chain directory (README.md), then
 * immutable: any number of peers on any number of threads may read it. */
#ifndef DEVNODE_CHAIN_H
#define DEVNODE_CHAIN_H

#include "devnode/history.h"
#include "devnode/stretches.h"
#include "llmq/network.h"
#include "wire/qrinfo.h"

struct devnode_snapshot {
    int32_t cycle; /* height of the cycle base */
    struct snapshot_msg message;
};

enum devnode_lock_kind { DEVNODE_CLSIG = 29, DEVNODE_ISDLOCK = 31 }; /* the inventory types */

struct devnode_lock {
    int32_t height; /* the tip when it was announced */
    uint8_t kind;
    hash256 hash; /* of the inv */
    struct span payload;
};

/* The five files of a chain directory in this order: chain.json, headers.bin, diffs.lp, snapshots.bin, locks.bin. */
enum { DEVNODE_DESCRIPTION, DEVNODE_HEADERS, DEVNODE_DIFFS, DEVNODE_SNAPSHOTS, DEVNODE_LOCKS, DEVNODE_FILES };

struct devnode_chain {
    struct network network;
    char user_agent[257];
    int32_t start, tip;     /* heights of the first and last header */
    const uint8_t *headers; /* 80 bytes each */
    block_hash *hashes;
    struct map heights; /* block hash -> height, also of the block before the first header */
    struct devnode_stretches stretches;
    int32_t first_diff;       /* height of diffs[0] */
    struct mnlistdiff *diffs; /* consecutive, each from height - 1 to height */
    size_t n_diffs;
    struct devnode_history history;
    struct devnode_snapshot *snapshots; /* ascending cycles */
    size_t n_snapshots;
    struct devnode_lock *locks; /* in the order of their announcement */
    size_t n_locks;
    struct arena arena;
    uint8_t *files[DEVNODE_FILES]; /* the bytes that everything leads into */
};

enum { DEVNODE_ERROR_SIZE = 512 };

/* 0 with *out; DSPV_ENOMEM; DSPV_EFAULT and a sentence in `error` (DEVNODE_ERROR_SIZE bytes). */
int devnode_chain_load(struct devnode_chain **out, const char *directory, char *error);
/* The same from the files' contents (copied); `name` stands for the directory in `error`. */
int devnode_chain_load_memory(struct devnode_chain **out, const char *name, const struct span files[DEVNODE_FILES], char *error);
/* A chain of headers alone: a raw file of 80-byte headers, the first one at `first_height`, of "mainnet", "testnet", "regtest" or a
 * devnet without overrides. */
int devnode_chain_load_headers(struct devnode_chain **out, const char *network, const char *path, int32_t first_height,
                               char *error);
void devnode_chain_free(struct devnode_chain *c);

/* The height of a block of the chain at or below `tip`; -1 = not known. Genesis is always known. */
int32_t devnode_chain_height(const struct devnode_chain *c, const block_hash *hash, int32_t tip);
const uint8_t *devnode_chain_header(const struct devnode_chain *c, int32_t height);
/* start <= height <= tip, or 0. */
const block_hash *devnode_chain_hash(const struct devnode_chain *c, int32_t height);
/* The consecutive diff to a height, or NULL. */
const struct mnlistdiff *devnode_chain_diff(const struct devnode_chain *c, int32_t height);
/* NULL: none is known for that cycle. */
const struct snapshot_msg *devnode_chain_snapshot(const struct devnode_chain *c, int32_t cycle);
/* The best ChainLock announced at or below a tip, or NULL. */
const struct devnode_lock *devnode_chain_best_clsig(const struct devnode_chain *c, int32_t tip);

#endif
