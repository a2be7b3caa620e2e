/* See params.h. The four networks as constants, block 1 of a devnet, regtest's overrides. Long tables: params_data.c. */
#include "chain/params.h"

#include <stdio.h>
#include <string.h>

#include "base/endian.h"
#include "base/hex.h"
#include "chain/header.h"
#include "chain/params_data.h"
#include "chain/pow.h"
#include "crypto/sha256.h"
#include "crypto/x11.h"

/* What chain_params_init copies, and what it computes the other fields from. */
struct network {
    struct chain_params params;
    unsigned limit_bits; /* powLimit = 2^limit_bits - 1 */
    uint32_t genesis_time, genesis_bits, genesis_nonce;
    const char *genesis_hash, *minimum_chain_work; /* displayed form */
};

#define NOTHING "0000000000000000000000000000000000000000000000000000000000000000"

static const char genesis_merkle_root[] = "e0028eb9648db56b1ac77cf090b99048a8007e2bb64b68f092c03c7f56a662c7";

static const struct network mainnet = {
    .params = {.kind = CHAIN_MAINNET,
               .magic = {0xbf, 0x0c, 0x6b, 0xbd},
               .port = 9999,
               .dns_seed = "dnsseed.dash.org",
               .fixed_seeds = params_mainnet_seeds,
               .n_fixed_seeds = PARAMS_MAINNET_SEEDS,
               .pow_limit_bits = 0x1e0fffff,
               .kgw_height = 15200,
               .dgw_height = 34140,
               .lenient_bits_height = 68589,
               .active = {.bip34 = 951,
                          .bip66 = 245817,
                          .bip65 = 619382,
                          .dip0003 = 1028160,
                          .dip0003_enforcement = 1047200,
                          .dip0008 = 1088640,
                          .dip0020 = 1516032,
                          .dip0024 = 1737792,
                          .dip0024_quorums = 1738698,
                          .v19 = 1899072,
                          .v20 = 1987776,
                          .mn_rr = 2128896},
               .checkpoints = params_mainnet_checkpoints,
               .n_checkpoints = PARAMS_MAINNET_CHECKPOINTS},
    .limit_bits = 236,
    .genesis_time = 1390095618,
    .genesis_bits = 0x1e0ffff0,
    .genesis_nonce = 28917698,
    .genesis_hash = "00000ffd590b1485b3caadc19b22e6379c733355108f107a430458cdf3407ab6",
    .minimum_chain_work = "00000000000000000000000000000000000000000000b567e2d53a06de194061",
};

static const struct network testnet = {
    .params = {.kind = CHAIN_TESTNET,
               .magic = {0xce, 0xe2, 0xca, 0xff},
               .port = 19999,
               .dns_seed = "testnet-seed.dashdot.io",
               .fixed_seeds = params_testnet_seeds,
               .n_fixed_seeds = PARAMS_TESTNET_SEEDS,
               .pow_limit_bits = 0x1e0fffff,
               .allow_min_difficulty = true,
               .kgw_height = 4002,
               .dgw_height = 4002,
               .lenient_bits_height = -1,
               .active = {.bip34 = 76,
                          .bip66 = 2075,
                          .bip65 = 2431,
                          .dip0003 = 7000,
                          .dip0003_enforcement = 7300,
                          .dip0008 = 78800,
                          .dip0020 = 414100,
                          .dip0024 = 769700,
                          .dip0024_quorums = 770730,
                          .v19 = 850100,
                          .v20 = 905100,
                          .mn_rr = 1066900},
               .checkpoints = params_testnet_checkpoints,
               .n_checkpoints = PARAMS_TESTNET_CHECKPOINTS},
    .limit_bits = 236,
    .genesis_time = 1390666206,
    .genesis_bits = 0x1e0ffff0,
    .genesis_nonce = 3861367235,
    .genesis_hash = "00000bafbc94add76cb75e2ec92894837288a481e5c005f6563d91623bf8bc2c",
    .minimum_chain_work = "000000000000000000000000000000000000000000000000036c8f738da818d2",
};

static const struct network devnet = {
    .params = {.kind = CHAIN_DEVNET,
               .magic = {0xe2, 0xca, 0xff, 0xce},
               .port = 19799,
               .pow_limit_bits = 0x207fffff,
               .allow_min_difficulty = true,
               .kgw_height = 4001,
               .dgw_height = 4001,
               .lenient_bits_height = -1,
               .active = {.bip34 = 1,
                          .bip66 = 1,
                          .bip65 = 1,
                          .dip0003 = 2,
                          .dip0003_enforcement = 2,
                          .dip0008 = 2,
                          .dip0020 = 2,
                          .dip0024 = 2,
                          .dip0024_quorums = 2,
                          .v19 = 2,
                          .v20 = 2,
                          .mn_rr = 2}},
    .limit_bits = 255,
    .genesis_time = 1417713337,
    .genesis_bits = 0x207fffff,
    .genesis_nonce = 1096447,
    .genesis_hash = "000008ca1832a4baf228eb1553c03d3a2c8e02399550dd6ea8d65cec3ef23d2e",
    .minimum_chain_work = NOTHING,
};

static const struct network regtest = {
    .params = {.kind = CHAIN_REGTEST,
               .magic = {0xfc, 0xc1, 0xb7, 0xdc},
               .port = 19899,
               .pow_limit_bits = 0x207fffff,
               .allow_min_difficulty = true,
               .no_retargeting = true,
               .kgw_height = 15200,
               .dgw_height = 34140,
               .lenient_bits_height = -1,
               .active = {.bip34 = 1,
                          .bip66 = 1,
                          .bip65 = 1,
                          .dip0003 = 432,
                          .dip0003_enforcement = 500,
                          .dip0008 = 1,
                          .dip0020 = 1,
                          .dip0024 = 1,
                          .dip0024_quorums = 1,
                          .v19 = 1,
                          .v20 = 432,
                          .mn_rr = 432}},
    .limit_bits = 255,
    .genesis_time = 1417713337,
    .genesis_bits = 0x207fffff,
    .genesis_nonce = 1096447,
    .genesis_hash = "000008ca1832a4baf228eb1553c03d3a2c8e02399550dd6ea8d65cec3ef23d2e",
    .minimum_chain_work = NOTHING,
};

static void init_from(struct chain_params *out, const struct network *n, const char *name)
{
    *out = n->params;
    snprintf(out->name, sizeof(out->name), "%s", name);
    out->pow_spacing_s = 150;
    out->pow_timespan_s = 86400;
    memset(out->pow_limit, 0xff, n->limit_bits / 8);
    out->pow_limit[n->limit_bits / 8] = (uint8_t)((1u << n->limit_bits % 8) - 1);
    struct header genesis = {
        .version = 1, .time = n->genesis_time, .bits = n->genesis_bits, .nonce = n->genesis_nonce};
    hash_from_hex(genesis_merkle_root, genesis.merkle_root.b);
    header_write(&genesis, out->genesis);
    hash_from_hex(n->genesis_hash, out->genesis_hash.b);
    hash_from_hex(n->minimum_chain_work, out->minimum_chain_work);
}

enum { DEVNET_NAME_MOST = 75 /* bytes a script pushes with one length byte */ };

/* The full name of a devnet; it also goes into user agents and file names. */
static bool devnet_name_ok(const char *name)
{
    size_t n = strlen(name);
    if (n > DEVNET_NAME_MOST || strncmp(name, "devnet", 6) != 0)
        return false;
    if (n == 6)
        return true;
    for (const char *c = name; *c; c++)
        if (*c <= ' ' || *c > '~' || *c == '/' || *c == '\\')
            return false;
    return name[6] == '-' && n > 7;
}

/* Transaction id of the coinbase of block 1: 50 DASH to nobody, and the name. */
static hash256 devnet_coinbase_id(const char *name)
{
    static const uint8_t head[] = {1, 0, 0, 0, 1, [37] = 0xff, [38] = 0xff, [39] = 0xff, [40] = 0xff};
    static const uint8_t tail[] = {0xff, 0xff, 0xff, 0xff, 1, 0x00, 0xf2, 0x05, 0x2a, 0x01, 0, 0, 0, 1, 0x6a, 0, 0, 0, 0};
    uint8_t tx[sizeof(head) + 3 + DEVNET_NAME_MOST + sizeof(tail)];
    size_t length = strlen(name), n = sizeof(head);
    memcpy(tx, head, sizeof(head));
    tx[n++] = (uint8_t)(2 + length); /* size of the script: OP_1, a push of the name */
    tx[n++] = 0x51;
    tx[n++] = (uint8_t)length;
    memcpy(tx + n, name, length);
    n += length;
    memcpy(tx + n, tail, sizeof(tail));
    hash256 id;
    sha256d(id.b, tx, n + sizeof(tail));
    return id;
}

/* Block 1 names the devnet (protocol.md 1.2); its nonce is the first that satisfies the limit. */
static void devnet_block1(struct chain_params *p)
{
    struct header h = {.version = 4,
                       .prev = p->genesis_hash,
                       .merkle_root = devnet_coinbase_id(p->name),
                       .time = load_le32(p->genesis + 68) + 1,
                       .bits = p->pow_limit_bits};
    arith256 target = pow_target_of(h.bits);
    do {
        header_write(&h, p->block1);
        x11_hash(&p->block1_hash, p->block1);
        h.nonce++;
    } while (!pow_meets(&p->block1_hash, &target));
    p->has_block1 = true;
}

bool chain_params_init(struct chain_params *out, const char *network)
{
    if (strcmp(network, "mainnet") == 0) {
        init_from(out, &mainnet, network);
    } else if (strcmp(network, "testnet") == 0) {
        init_from(out, &testnet, network);
    } else if (strcmp(network, "regtest") == 0) {
        init_from(out, &regtest, network);
    } else if (devnet_name_ok(network)) {
        init_from(out, &devnet, network);
        devnet_block1(out);
    } else {
        return false;
    }
    return true;
}

/* A decimal height of Core's options: 0 to INT32_MAX - 1, up to the character `end`. */
static bool parse_height(const char *text, char end, int32_t *out)
{
    int64_t v = 0;
    const char *c = text;
    for (; *c >= '0' && *c <= '9'; c++) {
        v = v * 10 + (*c - '0');
        if (v >= INT32_MAX)
            return false;
    }
    if (c == text || *c != end)
        return false;
    *out = (int32_t)v;
    return true;
}

static const char *override_activation(struct activations *a, const char *value)
{
    static const char *const without_effect[] = {"bip147", "csv", "dip0001", "brr"}; /* Core's names, no rule of ours */
    const struct {
        const char *name;
        int32_t *height;
    } names[] = {{"bip34", &a->bip34},     {"dersig", &a->bip66},    {"cltv", &a->bip65}, {"dip0008", &a->dip0008},
                 {"dip0024", &a->dip0024}, {"v19", &a->v19},         {"v20", &a->v20},    {"mn_rr", &a->mn_rr}};
    const char *at = strchr(value, '@');
    int32_t height;
    if (!at)
        return "testactivationheight is NAME@HEIGHT";
    if (!parse_height(at + 1, '\0', &height))
        return "testactivationheight: the height is not a number from 0 to 2147483646";
    size_t n = (size_t)(at - value);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i].name) != n || memcmp(names[i].name, value, n) != 0)
            continue;
        *names[i].height = height;
        if (names[i].height == &a->dip0024)
            a->dip0024_quorums = height;
        return NULL;
    }
    for (size_t i = 0; i < sizeof(without_effect) / sizeof(without_effect[0]); i++)
        if (strlen(without_effect[i]) == n && memcmp(without_effect[i], value, n) == 0)
            return NULL;
    return "testactivationheight: no deployment has this name";
}

static const char *override_dip3(struct activations *a, const char *value)
{
    const char *colon = strchr(value, ':');
    int32_t activation, enforcement;
    if (!colon)
        return "dip3params is ACTIVATION:ENFORCEMENT";
    if (!parse_height(value, ':', &activation) || !parse_height(colon + 1, '\0', &enforcement))
        return "dip3params: a height is not a number from 0 to 2147483646";
    a->dip0003 = activation;
    a->dip0003_enforcement = enforcement;
    return NULL;
}

const char *chain_params_override(struct chain_params *params, const char *option, const char *value)
{
    if (params->kind != CHAIN_REGTEST)
        return "activation heights can be changed on regtest only";
    if (strcmp(option, "testactivationheight") == 0)
        return override_activation(&params->active, value);
    if (strcmp(option, "dip3params") == 0)
        return override_dip3(&params->active, value);
    return "no override has this name";
}

const char *chain_params_check(const struct chain_params *params)
{
    const struct activations *a = &params->active;
    if (a->v20 < a->dip0003)
        return "v20 cannot be active before dip0003";
    if (a->mn_rr < a->v20)
        return "mn_rr cannot be active before v20";
    return NULL;
}

const struct checkpoint *chain_params_checkpoint_above(const struct chain_params *params, int32_t height)
{
    size_t low = 0, high = params->n_checkpoints;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (params->checkpoints[middle].height <= height)
            low = middle + 1;
        else
            high = middle;
    }
    return low < params->n_checkpoints ? &params->checkpoints[low] : NULL;
}

const struct checkpoint *chain_params_checkpoint(const struct chain_params *params, int32_t height)
{
    const struct checkpoint *c = chain_params_checkpoint_above(params, height - 1);
    return c && c->height == height ? c : NULL;
}

int32_t chain_params_last_checkpoint(const struct chain_params *params)
{
    return params->n_checkpoints ? params->checkpoints[params->n_checkpoints - 1].height : -1;
}
