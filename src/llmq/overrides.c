/* Dash Core's options that change LLMQ parameters of regtest and devnets (quorums.md 1.4). A refused option changes nothing.
 * Core does not check sizes against thresholds; a client that is told nonsense should hear so. */
#include <string.h>

#include "base/reader.h"
#include "llmq/network.h"
#include "wire/commitment.h"

struct option {
    const char *name;
    enum chain_kind kind;
    const char *wrong_network;
    /* One of the two: the type whose size changes, or the role that changes hands. */
    uint8_t resized_type;
    size_t role_offset;
    enum { ANY_TYPE, NOT_ROTATED, ROTATED } demand;
};

#define ROLE(field) offsetof(struct network, field)
static const struct option OPTIONS[] = {
    {"llmqtestparams", CHAIN_REGTEST, "llmqtestparams applies to regtest only", 100, 0, ANY_TYPE},
    {"llmqtestinstantsendparams", CHAIN_REGTEST, "llmqtestinstantsendparams applies to regtest only", 104, 0, ANY_TYPE},
    {"llmqtestplatformparams", CHAIN_REGTEST, "llmqtestplatformparams applies to regtest only", 106, 0, ANY_TYPE},
    {"llmqdevnetparams", CHAIN_DEVNET, "llmqdevnetparams applies to devnets only", 101, 0, ANY_TYPE},
    {"llmqtestinstantsenddip0024", CHAIN_REGTEST, "llmqtestinstantsenddip0024 applies to regtest only", 0,
     ROLE(instantsend_type), ANY_TYPE},
    {"llmqchainlocks", CHAIN_DEVNET, "llmqchainlocks applies to devnets only", 0, ROLE(chainlock_type), NOT_ROTATED},
    {"llmqinstantsenddip0024", CHAIN_DEVNET, "llmqinstantsenddip0024 applies to devnets only", 0, ROLE(instantsend_type),
     ROTATED},
    {"llmqplatform", CHAIN_DEVNET, "llmqplatform applies to devnets only", 0, ROLE(platform_type), ANY_TYPE},
    {"llmqmnhf", CHAIN_DEVNET, "llmqmnhf applies to devnets only", 0, ROLE(mnhf_type), ANY_TYPE},
};
#undef ROLE

/* Digits only, at most `most`; leaves *text behind them. -1: not a number. */
static int32_t take_number(const char **text, int32_t most)
{
    const char *p = *text;
    int32_t value = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        value = value * 10 + (*p - '0');
        if (value > most)
            return -1;
    }
    if (p == *text)
        return -1;
    *text = p;
    return value;
}

static const char *resize(struct network *net, uint8_t type, const char *value)
{
    int32_t size = take_number(&value, COMMITMENT_MAX_BITS);
    if (size < 0 || *value++ != ':')
        return "the value must be SIZE:THRESHOLD, with a size of at most 512";
    int32_t threshold = take_number(&value, COMMITMENT_MAX_BITS);
    if (threshold < 0 || *value != '\0')
        return "the value must be SIZE:THRESHOLD, with a threshold of at most 512";
    if (size == 0 || threshold == 0)
        return "size and threshold must not be zero";
    if (size < threshold)
        return "the size is smaller than the threshold";
    for (size_t i = 0; i < net->n_llmqs; i++) {
        struct llmq_params *p = &net->llmqs[i];
        if (p->type == type) {
            p->size = (uint16_t)size;
            p->min_size = p->threshold = (uint16_t)threshold;
        }
    }
    return NULL;
}

static const char *assign_role(struct network *net, const struct option *o, const char *value)
{
    const struct llmq_params *p = llmq_params_by_name(value);
    if (!p)
        return "no LLMQ type has that name";
    if (!network_llmq(net, p->type))
        return "that LLMQ type is not known on this network";
    if (o->demand == NOT_ROTATED && p->rotated)
        return "that LLMQ type is rotated; ChainLocks need one that is not";
    if (o->demand == ROTATED && !p->rotated)
        return "that LLMQ type is not rotated; InstantSend on a devnet needs one that is";
    memcpy((uint8_t *)net + o->role_offset, &p->type, 1);
    return NULL;
}

const char *network_override(struct network *net, const char *option, const char *value)
{
    if (strcmp(option, "testactivationheight") == 0 || strcmp(option, "dip3params") == 0)
        return chain_params_override(&net->chain, option, value);
    for (size_t i = 0; i < sizeof(OPTIONS) / sizeof(OPTIONS[0]); i++) {
        const struct option *o = &OPTIONS[i];
        if (strcmp(option, o->name) != 0)
            continue;
        if (net->chain.kind != o->kind)
            return o->wrong_network;
        return o->resized_type ? resize(net, o->resized_type, value) : assign_role(net, o, value);
    }
    return "no such network option";
}
