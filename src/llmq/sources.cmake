dspv_folder(llmq
  USES base crypto wire chain evo
  SOURCES params.c network.c overrides.c members.c snapshot.c quarters.c unique_set.c new_quarters.c key_cache.c verify.c
          signing.c)
