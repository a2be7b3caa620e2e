# The generated world: chains with real keys made from a seed.
add_library(dspv_sim STATIC sim/generator.c sim/gen_keys.c sim/gen_entry.c sim/gen_masternodes.c sim/gen_rotation.c
  sim/gen_commitment.c sim/gen_quorums.c sim/gen_blocks.c sim/gen_locks.c chain/miner.c)
target_link_libraries(dspv_sim PRIVATE dspv_flags PUBLIC dspv_devnode dspv_llmq dspv_evo dspv_chain dspv_bls_sign)

add_executable(devnode-generate sim/make_generated.c)
target_link_libraries(devnode-generate PRIVATE dspv_flags dspv_sim)

dspv_test(generator USES engine LINK dspv_sim SOURCES sim/test_generator.c)
