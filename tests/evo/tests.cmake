dspv_test(evo_mnlist USES evo SOURCES evo/test_mnlist.c)
dspv_test(evo_quorumset USES evo SOURCES evo/test_quorumset.c)
dspv_test(evo_mnstate USES evo llmq SOURCES evo/test_mnstate.c evo/fixture_chain.c)
dspv_test(evo_lists_data USES evo llmq SOURCES evo/test_lists_data.c)
