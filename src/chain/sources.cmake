dspv_folder(chain USES base crypto LINK m
  SOURCES arith256.c checkpoints.c difficulty.c headers.c headers_settle.c headers_start.c params.c params_data.c pow.c
  recent.c settled.c start_points.c start_points_data.c tree.c)
