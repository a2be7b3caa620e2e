list(APPEND WIRE_SOURCES frame.c command.c small.c version.c headers.c headers2.c inventory.c addr.c locks.c)
