# The generated world: chains with real keys made from a seed.
add_library(dspv_sim STATIC sim/generator.c sim/gen_config.c sim/gen_keys.c sim/gen_entry.c sim/gen_masternodes.c sim/gen_rotation.c
  sim/gen_commitment.c sim/gen_quorums.c sim/gen_blocks.c sim/gen_locks.c chain/miner.c)
target_link_libraries(dspv_sim PRIVATE dspv_flags PUBLIC dspv_devnode dspv_llmq dspv_evo dspv_chain dspv_bls_sign)

add_executable(devnode-generate sim/make_generated.c)
target_link_libraries(devnode-generate PRIVATE dspv_flags dspv_sim)

dspv_test(generator USES engine LINK dspv_sim SOURCES sim/test_generator.c)
set_tests_properties(generator PROPERTIES TIMEOUT 600) # with sanitizers; mining for a devnet

# Dishonest nodes: liar.h.
add_library(dspv_liars STATIC sim/liar.c sim/liar_lists.c sim/liar_proofs.c sim/liar_answers.c sim/liar_quorums.c
  sim/liar_headers.c sim/liar_batch.c sim/liar_ranges.c sim/liar_locks.c sim/liar_transport.c sim/liar_handshake.c sim/liar_chatter.c)
target_link_libraries(dspv_liars PRIVATE dspv_flags PUBLIC dspv_sim)
dspv_test(liars USES sync LINK dspv_liars SOURCES sim/test_liars.c sim/liar_stage.c)

# The simulator: the client among them, many runs from seeds (README.md).
add_executable(dashspv-sim sim/sim_main.c sim/sim_report.c sim/sim_run.c sim/sim_scenario.c sim/sim_node.c sim/sim_oracle.c
  sim/sim_addresses.c sim/sim_life.c sim/sim_disk.c sim/sim_pool.c sim/sim_queue.c)
target_link_libraries(dashspv-sim PRIVATE dspv_flags dspv_liars dspv_sync dspv_faulty)
if(DASHSPV_SANITIZE)
  add_test(NAME sim COMMAND dashspv-sim --seeds 24 --stride 21)
else()
  add_test(NAME sim COMMAND dashspv-sim --seeds 240 --stride 7)
endif()
set_tests_properties(sim PROPERTIES TIMEOUT 600)

# Seeds that once found something, as long as their worlds still show it. 204955: a false snapshot from which others were computed.
add_test(NAME sim_found COMMAND dashspv-sim --seeds 1 --first 204955)
set_tests_properties(sim_found PROPERTIES TIMEOUT 60)
