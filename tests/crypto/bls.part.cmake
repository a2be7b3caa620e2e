dspv_test(bls USES crypto SOURCES crypto/test_bls.c)
dspv_test(bls_aggregate USES crypto SOURCES crypto/test_bls_aggregate.c)
dspv_test(bls_batch USES crypto SOURCES crypto/test_bls_batch.c)
