dspv_folder(peers USES base crypto wire store
  SOURCES address.c address_text.c)
