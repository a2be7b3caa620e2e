dspv_test(x11 USES crypto SOURCES crypto/test_x11.c crypto/x11_check.c)
dspv_test(bls USES crypto bls_sign SOURCES crypto/test_bls.c)
dspv_test(bls_aggregate USES crypto bls_sign SOURCES crypto/test_bls_aggregate.c)
dspv_test(bls_batch USES crypto bls_sign SOURCES crypto/test_bls_batch.c)
