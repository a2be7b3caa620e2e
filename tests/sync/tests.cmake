dspv_test(planner USES sync SOURCES sync/test_planner.c)
dspv_test(client USES sync LINK dspv_devnode SOURCES sync/test_client.c sync/world.c)
dspv_test(client_hostile USES sync LINK dspv_devnode SOURCES sync/test_hostile.c sync/world.c)
