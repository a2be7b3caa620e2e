dspv_folder(store USES base crypto
  SOURCES table.c record.c batch.c read.c memory.c)
