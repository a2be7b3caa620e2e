/* What depends on the network, as data (protocol.md section 1): identity, proof of work, activation heights, checkpoints,
 * seeds. LLMQ parameters are in llmq/params.h. Regtest and devnet overrides carry Dash Core's option names. */
#ifndef CHAIN_PARAMS_H
#define CHAIN_PARAMS_H

#include "base/hash.h"

enum {
    CHECKPOINTS_MOST = 100000,
    CHECKPOINT_HIGHEST = INT32_MAX / 2 /* sums of heights stay numbers */
};

enum chain_kind { CHAIN_MAINNET, CHAIN_TESTNET, CHAIN_DEVNET, CHAIN_REGTEST };

struct checkpoint {
    int32_t height;
    block_hash hash;
};

/* Heights at which deployments are active; see protocol.md 1.6 for "active at" and "active after". */
struct activations {
    int32_t bip34, bip66, bip65;
    int32_t dip0003, dip0003_enforcement, dip0008, dip0020, dip0024, dip0024_quorums, v19, v20, mn_rr;
};

struct chain_params {
    enum chain_kind kind;
    char name[96];     /* "mainnet", "testnet", "regtest", "devnet-foo" */
    uint8_t magic[4];
    uint16_t port;
    const char *dns_seed;                /* NULL = none */
    const char *const *fixed_seeds;      /* numeric addresses, default port */
    size_t n_fixed_seeds;
    uint8_t genesis[80];                 /* header 0 */
    block_hash genesis_hash;
    bool has_block1;                     /* devnet: the only allowed block 1 */
    uint8_t block1[80];
    block_hash block1_hash;
    uint32_t pow_limit_bits;             /* compact form */
    uint8_t pow_limit[32];               /* little-endian number */
    uint32_t pow_spacing_s, pow_timespan_s;
    bool allow_min_difficulty, no_retargeting;
    int32_t kgw_height, dgw_height;
    int32_t minimum_difficulty_blocks;   /* devnet option, default 0 */
    int32_t lenient_bits_height;         /* nBits within 50 % up to here (68589 on mainnet), else -1 */
    uint8_t minimum_chain_work[32];      /* little-endian number */
    struct activations active;
    const struct checkpoint *checkpoints; /* ascending; genesis and block1 are not repeated here */
    size_t n_checkpoints;
    struct checkpoint *given; /* the same table once it holds more than is built in; a plain copy borrows it. NULL: it does not */
    size_t cap_given;
};

/* "mainnet", "testnet", "regtest", "devnet" or "devnet-NAME" (the devnet's full name); false for anything else.
 * Devnet: derives block 1 from the name (protocol.md 1.2), which has at most 75 graphic ASCII characters, no slashes. */
bool chain_params_init(struct chain_params *out, const char *network);

/* Apply one override of Dash Core's: option "testactivationheight" with "NAME@H", "dip3params" with "A:E". Regtest only.
 * NULL on success, else a sentence that says what is wrong (the parameters are then unchanged). */
const char *chain_params_override(struct chain_params *params, const char *option, const char *value);
/* After the last override: NULL, or a sentence when the heights contradict each other (Dash Core would not start). */
const char *chain_params_check(const struct chain_params *params);

/* Checkpoint at exactly this height, or NULL; the lowest one above it, or NULL; and the highest checkpoint's height (-1 = none). */
const struct checkpoint *chain_params_checkpoint(const struct chain_params *params, int32_t height);
const struct checkpoint *chain_params_checkpoint_above(const struct chain_params *params, int32_t height);
int32_t chain_params_last_checkpoint(const struct chain_params *params);

/* Give the network one more checkpoint: it is believed like those built in. NULL (also when it is there already), or a sentence
 * that says what is wrong (static text; the parameters are then unchanged). */
const char *chain_params_add_checkpoint(struct chain_params *params, int32_t height, const block_hash *hash);
/* A copy that owns what it was given. 0 or DSPV_ENOMEM. Free it, and what was added to. */
int chain_params_copy(struct chain_params *out, const struct chain_params *params);
void chain_params_free(struct chain_params *params);

#endif
