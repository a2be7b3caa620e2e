list(APPEND WIRE_SOURCES commitment.c layout.c mnentry.c mnlistdiff.c net_address.c qrinfo.c tx.c)
