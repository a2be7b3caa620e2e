/* The generator's inside, shared by the gen_*.c files only. Functions that return bool return false after a failure; `error` then
 * holds a sentence, or nothing when memory ran out. */
#ifndef SIM_GEN_INTERNAL_H
#define SIM_GEN_INTERNAL_H

#include "base/mem.h"
#include "chain/tree.h"
#include "crypto/bls/sign.h"
#include "llmq/rotation.h"
#include "llmq/signing.h"
#include "sim/generator.h"

enum { GEN_PROTO = 70230, GEN_RATE_ONE = 10000, GEN_MOST_INDEXES = 64 };

/* Operator keys, found by the bytes an entry holds: an entry of an old list leads to the key of its time. */
struct gen_key {
    struct bls_secret secret;
    bls_key key;
};
struct gen_keys {
    struct gen_key *items;
    size_t n, cap;
    struct map by_bytes; /* SHA-256 of either encoding -> position */
};

struct gen_masternode {
    protx_hash protx;
    block_hash confirmed;
    int32_t registered;
    int32_t revival; /* height at which a banned one comes back */
    uint16_t version, type;
    bool valid, changed;
    size_t key;
    uint32_t service; /* number of its address, 0 = none */
    uint8_t voting_id[20], node_id[20];
};

struct gen_masternodes {
    struct gen_masternode *items;
    size_t n, cap;
    bool filled[2]; /* by type: there were as many as wanted once */
    uint32_t last_service;
    uint32_t *free_services; /* given up by their masternodes */
    size_t n_free, cap_free;
};

/* A rotation cycle: what Dash Core stores for it (NULL = nothing) and the quarters that follow. */
struct gen_cycle {
    int32_t base;
    struct snapshot *snapshot;
    struct quarters *fresh, *old;
};

struct gen_signer {
    struct bls_secret secret;
    bool forged;
    struct commitment commitment; /* in the arena */
};

struct gen {
    struct gen_chain chain; /* first: what the caller sees */
    const struct gen_config *config;
    char *error;
    struct arena arena;
    struct rng events, dkgs, locks, blocks; /* one for each concern: changing one leaves the others' draws alone */
    struct gen_keys keys;
    struct gen_masternodes masternodes;
    block_hash *hashes; /* by height */
    struct tree tree;
    uint32_t tip_node;
    int32_t first;                                        /* height of the first generated block */
    int32_t mine_at[NETWORK_MAX_LLMQS][GEN_MOST_INDEXES]; /* height at which this cycle's commitment is mined, -1 = failed */
    struct gen_cycle *cycles;
    size_t n_cycles, cap_cycles;
    struct gen_quorum *quorums;
    struct gen_signer *signers; /* parallel to `quorums` */
    size_t n_quorums, cap_quorums, cap_signers;
    int32_t best_lock; /* height of the best ChainLock, -1 = none */
    uint8_t best_lock_signature[96];
    struct writer files[DEVNODE_FILES];
};

/* generator.c */
bool gen_refuse(struct gen *g, const char *sentence, int32_t height);
/* True with the given chance. */
bool gen_chance(struct rng *r, uint32_t rate);
/* How many events of a rate per block happen in this one. */
uint32_t gen_events(struct rng *r, uint32_t rate);
/* The writer's bytes in the arena; empties the writer. {NULL} when memory ran out. */
struct span gen_keep(struct gen *g, struct writer *w);

/* gen_keys.c */
void gen_secret(struct rng *r, struct bls_secret *out);
bool gen_key_new(struct gen *g, struct rng *r, size_t *out);
/* NULL when the bytes are nobody's key. */
const struct gen_key *gen_key_of(const struct gen *g, const uint8_t operator_key[48]);

/* gen_masternodes.c, gen_entry.c: the changes of block `height` into `d` */
bool gen_masternodes_step(struct gen *g, int32_t height, struct mnlistdiff *d);
bool gen_entry(struct gen *g, const struct gen_masternode *m, struct mnentry *out);

/* gen_rotation.c */
bool gen_rotation_step(struct gen *g, int32_t height);
/* Members of a rotated quorum; *out NULL when there are none. */
bool gen_rotation_members(struct gen *g, int32_t cycle, uint32_t index, struct members **out);
void gen_rotation_free(struct gen *g);

/* gen_quorums.c, gen_commitment.c: the commitments mined at `height` into `d`, on the state before */
bool gen_quorums_step(struct gen *g, int32_t height, struct mnlistdiff *d);
/* *made false: too few members, the DKG fails. */
bool gen_commitment(struct gen *g, const struct llmq_params *p, int32_t base, const struct members *members,
                    struct gen_signer *out, bool *made);
const struct gen_signer *gen_signer_of(const struct gen *g, uint8_t type, const quorum_hash *hash);

/* gen_blocks.c: mine `height`; `d` has its changes */
bool gen_block(struct gen *g, int32_t height, struct mnlistdiff *d);

/* gen_locks.c: what is signed when `height` is the tip */
bool gen_locks_step(struct gen *g, int32_t height);

#endif
