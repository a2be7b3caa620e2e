dspv_folder(base
  SOURCES arena.c base32.c fault.c hex.c map.c mem.c reader.c writer.c)
