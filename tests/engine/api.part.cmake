dspv_test(engine_api USES engine SOURCES engine/test_api.c evo/fixture_chain.c)
