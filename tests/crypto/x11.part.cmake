dspv_test(x11 USES crypto SOURCES crypto/test_x11.c)
