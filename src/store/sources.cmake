dspv_folder(store USES base crypto
  SOURCES table.c)
