dspv_test(base USES base SOURCES base/test_base.c)
