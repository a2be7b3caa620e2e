dspv_folder(sync
  USES base crypto wire chain evo llmq engine
  SOURCES answer.c client.c header_sync.c locks.c masternodes.c outputs.c peer.c planner.c progress.c request.c)
