dspv_folder(engine
  USES base crypto store wire chain evo llmq
  SOURCES api.c network_api.c engine.c blocks.c cycles.c discover.c jobs.c lists.c locks.c prune.c quorums.c
    restore.c restore_lists.c save.c saved.c search.c)
