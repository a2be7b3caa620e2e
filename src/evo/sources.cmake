dspv_folder(evo
  USES base crypto wire chain
  SOURCES block.c masternode.c mntree.c mnchanges.c mnlist.c quorumset.c mnstate.c)
