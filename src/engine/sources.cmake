dspv_folder(engine
  USES base crypto wire chain evo llmq
  SOURCES engine.c blocks.c cycles.c discover.c jobs.c lists.c locks.c quorums.c search.c)
