dspv_folder(wire USES base crypto
  SOURCES addr.c command.c commitment.c frame.c headers.c headers2.c inventory.c layout.c locks.c mnentry.c mnlistdiff.c
          net_address.c peer_address.c qrinfo.c small.c tx.c version.c)
