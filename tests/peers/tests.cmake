dspv_test(address USES peers SOURCES peers/test_address.c)
