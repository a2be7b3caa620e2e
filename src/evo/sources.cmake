dspv_folder(evo
  USES base crypto wire chain
  SOURCES block.c masternode.c mnlist.c quorumset.c mnstate.c)
