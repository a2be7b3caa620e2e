# Programs against programs, over loopback: what a person would see.
set(E2E_ENVIRONMENT "DASHSPV_PROGRAM=$<TARGET_FILE:dashspv>;DEVNODE_PROGRAM=$<TARGET_FILE:dashspv-devnode>")
dspv_test(e2e_header_chains SOURCES e2e/test_header_chains.c cli/program.c)
add_dependencies(test_e2e_header_chains dashspv dashspv-devnode)
set_tests_properties(e2e_header_chains PROPERTIES ENVIRONMENT "${E2E_ENVIRONMENT}")
dspv_test(e2e_damaged_store LINK dspv_store_place SOURCES e2e/test_damaged_store.c cli/program.c)
add_dependencies(test_e2e_damaged_store dashspv dashspv-devnode)
set_tests_properties(e2e_damaged_store PROPERTIES ENVIRONMENT "${E2E_ENVIRONMENT}")
dspv_test(e2e_checkpoints LINK dspv_store_place SOURCES e2e/test_checkpoints.c cli/program.c)
add_dependencies(test_e2e_checkpoints dashspv dashspv-devnode devnode-make-headers)
set_tests_properties(e2e_checkpoints PROPERTIES ENVIRONMENT
  "${E2E_ENVIRONMENT};MAKE_HEADERS_PROGRAM=$<TARGET_FILE:devnode-make-headers>")
