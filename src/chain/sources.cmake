dspv_folder(chain USES base crypto LINK m
  SOURCES arith256.c difficulty.c headers.c params.c params_data.c pow.c tree.c)
