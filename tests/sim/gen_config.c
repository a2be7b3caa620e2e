/* Configurations that several programs use. What they return may be changed before a chain is made of it. */
#include "sim/generator.h"

struct gen_config gen_config_everyday(uint64_t seed, int32_t tip, uint32_t masternodes)
{
    static const char *const options[] = {"-dip3params=2:2", "-testactivationheight=v20@100", "-testactivationheight=mn_rr@100",
                                          NULL};
    return (struct gen_config){
        .seed = seed,
        .network = "regtest",
        .options = options,
        .tip = tip,
        .spacing_s = 150,
        .most_transactions = 20,
        .masternodes = masternodes,
        .evo = masternodes / 3,
        .register_rate = 1500,
        .remove_rate = 200,
        .ban_rate = 500,
        .key_change_rate = 200,
        .service_change_rate = 200,
        .address_reuse_rate = 3000,
        .dkg_failure_rate = 500,
        .invalid_member_rate = 500,
        .silent_member_rate = 500,
        .chainlock_rate = 9500,
        .instantlock_rate = 3000,
    };
}

struct gen_config gen_config_eras(uint64_t seed, int32_t tip)
{
    static const char *const options[] = {"-dip3params=10:10", "-testactivationheight=dip0008@40", "-testactivationheight=v19@240",
                                          "-testactivationheight=v20@460", "-testactivationheight=mn_rr@460", NULL};
    return (struct gen_config){
        .seed = seed,
        .network = "regtest",
        .options = options,
        .tip = tip,
        .spacing_s = 150,
        .most_transactions = 3,
        .masternodes = 14,
        .evo = 5,
        .ext_height = 700,
        .register_rate = 1500,
        .remove_rate = 200,
        .ban_rate = 800,
        .key_change_rate = 400,
        .service_change_rate = 400,
        .address_reuse_rate = 5000,
        .dkg_failure_rate = 1000,
        .invalid_member_rate = 1000,
        .silent_member_rate = 1000,
        .chainlock_rate = 9000,
        .instantlock_rate = 3000,
    };
}

/* The options give a devnet mainnet's roles. Rates from recorded mainnet diffs: between the heights 2227096 and 2239480, for one,
 * 134 of 3144 entries were written and 41 masternodes left. Of 2931 masternodes at height 2449941 about one in twenty is an Evo
 * node; Platform's quorums take Evo nodes only, and need 80. */
struct gen_config gen_config_mainnet_sized(uint64_t seed, int32_t tip, uint32_t masternodes)
{
    enum { EVO_SHARE = 20, LEAST_EVO = 130 };
    static const char *const options[] = {"-llmqchainlocks=llmq_400_60", "-llmqinstantsenddip0024=llmq_60_75",
                                          "-llmqplatform=llmq_100_67", "-llmqmnhf=llmq_400_85", NULL};
    uint32_t evo = masternodes / EVO_SHARE > LEAST_EVO ? masternodes / EVO_SHARE : LEAST_EVO;
    return (struct gen_config){
        .seed = seed,
        .network = "devnet-mainnet-sized",
        .options = options,
        .tip = tip,
        .spacing_s = 302, /* even: then the hard block at multiples of 576 takes half the hashes */
        .most_transactions = 20,
        .masternodes = masternodes,
        .evo = evo < masternodes ? evo : masternodes,
        .register_rate = 40,
        .remove_rate = 35,
        .ban_rate = 60,
        .key_change_rate = 10,
        .service_change_rate = 60,
        .address_reuse_rate = 3000,
        .dkg_failure_rate = 100,
        .invalid_member_rate = 200,
        .silent_member_rate = 200,
        .chainlock_rate = 9900,
        .instantlock_rate = 5000,
    };
}
