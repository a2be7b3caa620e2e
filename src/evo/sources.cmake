dspv_folder(evo
  USES base crypto wire chain
  SOURCES masternode.c mnlist.c quorumset.c mnstate.c)
