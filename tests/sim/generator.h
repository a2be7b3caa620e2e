/* The generated world's chain: a complete regtest or devnet chain with real keys, made from a seed. The same configuration gives
 * the same bytes, on every machine. What comes out are the five files of a chain directory (devnode/README.md), so that the
 * development peer serves a generated chain exactly as it serves a recorded one.
 *
 * Members, quarters and snapshots come from src/llmq on the generator's own states: that these equal Dash Core's is proven by the
 * recordings in tests/fixtures. Everything else (events, coinbases, active sets, commitments, signatures) is made here. */
#ifndef SIM_GENERATOR_H
#define SIM_GENERATOR_H

#include "devnode/chain.h"
#include "evo/mnstate.h"

/* Rates are in 1/10 000; those "per block" may exceed 10 000 (several in one block). */
struct gen_config {
    uint64_t seed;
    int32_t fork_above; /* > 0: blocks above this height come from `fork_seed`; equal below = a shared past */
    uint64_t fork_seed;
    bool fork_unlocked;         /* no ChainLocks above `fork_above`: what a branch looks like that the network did not agree on */
    const char *network;        /* "regtest", "devnet-NAME" */
    const char *const *options; /* Dash Core's ("-dip3params=2:2"), NULL at the end; may be NULL */
    const struct network *like; /* that network, changed beyond what options can do: a chain directory cannot tell; or NULL */
    const uint8_t *past;        /* regtest: the chain goes on from these headers, genesis first, whose blocks hold nothing ... */
    int32_t n_past;             /* ... 80 bytes each; DIP0003 must not be active among them. 0: from genesis */
    int32_t tip;
    uint32_t start_time_s;      /* of the first generated block; 0: right after genesis */
    uint32_t spacing_s;         /* on devnets above 300: their retarget at multiples of 576 wraps (protocol.md 1.4), and only a
                                   block that late may go back to the limit */
    uint32_t most_transactions; /* of a block, the coinbase included; at least 1 */

    uint32_t masternodes; /* how many there are once the list has filled up; who leaves is replaced */
    uint32_t evo;         /* how many of them are Evo nodes, from V19 on */
    int32_t ext_height;   /* entries of version 3 from here on; 0 = none */
    uint32_t register_rate, remove_rate, ban_rate, key_change_rate, service_change_rate; /* per block */
    uint32_t address_reuse_rate; /* a new address is one that another masternode gave up */

    uint32_t dkg_failure_rate;    /* per quorum: no commitment is mined */
    uint32_t invalid_member_rate; /* per member, as far as minSize allows */
    uint32_t silent_member_rate;  /* a valid member that does not sign, likewise */
    uint32_t forgery_rate;        /* per quorum: an outsider signs in place of one member, which no honest network would mine */
    uint32_t chainlock_rate;      /* per block: at most 10 000 */
    uint32_t instantlock_rate;    /* per block */
};

/* Regtest, small quorums, everything happens often. */
struct gen_config gen_config_everyday(uint64_t seed, int32_t tip, uint32_t masternodes);
/* Regtest through all eras: V19 at 240, V20 at 460, entries of version 3 from 700 on. */
struct gen_config gen_config_eras(uint64_t seed, int32_t tip);
/* A devnet whose roles are mainnet's: 400_60 signs ChainLocks, 60_75 with 32 quorums per cycle InstantSend locks, 100_67 is
 * Platform's; masternodes change as seldom as on mainnet. It differs in that 50_60 is still in use, that two small types of
 * devnets (101, 107) hold DKGs too, and that one confirmation is enough. */
struct gen_config gen_config_mainnet_sized(uint64_t seed, int32_t tip, uint32_t masternodes);

/* What really was mined: the truth that a client is measured against. */
struct gen_quorum {
    uint8_t type;
    quorum_hash hash;
    int16_t index;
    int32_t base, mined;
    hash256 leaf; /* double SHA-256 of the commitment */
    bool forged;
};

struct gen_counts {
    size_t registered, removed, bans, revivals, key_changes, service_changes, version_changes, reused_addresses, old_keys;
    size_t quorums, forged, failed_dkgs, snapshots, skip_snapshots, chainlocks, coinbase_locks, instantlocks;
};

struct gen_chain {
    struct network network;
    int32_t tip;
    struct span files[DEVNODE_FILES];
    struct mnstate **states;          /* [tip + 1]; NULL below DIP0003 */
    const struct gen_quorum *quorums; /* in the order they were mined */
    size_t n_quorums;
    struct gen_counts counts;
};

enum { GEN_ERROR_SIZE = 512 };

/* 0 with *out; DSPV_ENOMEM; DSPV_EFAULT and a sentence in `error` (GEN_ERROR_SIZE bytes): the configuration makes no chain. */
int gen_chain_new(struct gen_chain **out, const struct gen_config *config, char *error);
void gen_chain_free(struct gen_chain *c);

#endif
