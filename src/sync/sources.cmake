dspv_folder(sync
  USES base crypto wire chain evo llmq engine store peers
  SOURCES address_set.c addresses.c answer.c answers.c asked.c blame.c client.c connections.c discovery.c header_ahead.c header_arrival.c header_jobs.c header_lanes.c header_load.c header_ranges.c header_store.c header_sync.c hedge.c incoming.c lock_store.c locks.c lookup.c masternodes.c news.c outputs.c peer.c peer_record.c peers_api.c plan_input.c plan_windows.c planner.c progress.c request.c request_send.c signatures.c storage.c watch.c whom.c)
