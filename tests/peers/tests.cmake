dspv_test(address USES peers SOURCES peers/test_address.c)
dspv_test(bans USES peers SOURCES peers/test_bans.c)
dspv_test(book USES peers SOURCES peers/test_book.c)
dspv_test(book_store USES peers SOURCES peers/test_book_store.c)
