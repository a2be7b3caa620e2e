dspv_test(engine_parts USES engine SOURCES engine/test_engine_parts.c)
dspv_test(engine_api USES engine SOURCES engine/test_api.c evo/fixture_chain.c)
dspv_test(engine_regtest USES engine SOURCES engine/test_engine_regtest.c engine/driven.c evo/fixture_chain.c)
dspv_test(engine_qrinfo USES engine SOURCES engine/test_engine_qrinfo.c engine/recorded_qrinfo.c engine/driven.c evo/fixture_chain.c)
dspv_test(engine_mutation USES engine LINK dspv_devnode
  SOURCES engine/test_engine_mutation.c engine/served.c engine/driven.c evo/fixture_chain.c)
dspv_test(engine_faults USES engine LINK dspv_devnode
  SOURCES engine/test_engine_faults.c engine/served.c engine/driven.c evo/fixture_chain.c)
dspv_test(engine_prune USES engine LINK dspv_sim
  SOURCES engine/test_engine_prune.c engine/alike.c engine/grown.c engine/driven.c evo/fixture_chain.c)
dspv_test(engine_reorg USES engine LINK dspv_sim
  SOURCES engine/test_engine_reorg.c engine/grown.c engine/driven.c evo/fixture_chain.c)
dspv_test(engine_prune_reorg USES engine LINK dspv_sim
  SOURCES engine/test_engine_prune_reorg.c engine/alike.c engine/grown.c engine/driven.c evo/fixture_chain.c)
dspv_test(engine_restore USES engine LINK dspv_sim
  SOURCES engine/test_engine_restore.c engine/kept.c engine/alike.c engine/grown.c engine/driven.c evo/fixture_chain.c)
dspv_test(engine_restore_hostile USES engine LINK dspv_sim
  SOURCES engine/test_engine_restore_hostile.c engine/kept.c engine/alike.c engine/grown.c engine/driven.c evo/fixture_chain.c)
dspv_test(engine_restore_data USES engine LINK dspv_sim
  SOURCES engine/test_engine_restore_data.c engine/kept.c engine/grown.c engine/driven.c evo/fixture_chain.c)
