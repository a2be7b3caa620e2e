dspv_test(wire_lists USES wire SOURCES wire/test_lists.c wire/lists_random.c wire/lists_break.c)
dspv_test(wire_lists_faults USES wire SOURCES wire/test_lists_faults.c wire/lists_random.c)
dspv_test(wire_lists_data USES wire SOURCES wire/test_lists_data.c wire/lists_break.c)
dspv_test(wire_net_address USES wire SOURCES wire/test_net_address.c)
