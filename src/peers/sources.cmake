dspv_folder(peers USES base crypto wire store
  SOURCES address.c address_text.c bans.c book.c book_choose.c book_store.c)
