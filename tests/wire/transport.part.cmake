dspv_test(wire_frame USES wire SOURCES wire/test_frame.c)
dspv_test(wire_transport USES wire SOURCES wire/test_transport.c)
dspv_test(wire_headers USES wire SOURCES wire/test_headers.c)
dspv_test(wire_locks USES wire SOURCES wire/test_locks.c)
