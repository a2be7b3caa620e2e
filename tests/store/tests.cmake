dspv_test(store_record USES store SOURCES store/test_record.c)
dspv_test(store_memory USES store SOURCES store/test_memory.c store/contract.c)
