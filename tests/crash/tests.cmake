# kill -9 at random moments.
add_executable(dashspv-crash-store crash/store_main.c)
target_link_libraries(dashspv-crash-store PRIVATE dspv_flags dspv_store dspv_crypto)
add_test(NAME crash_store COMMAND dashspv-crash-store --rounds 200)
set_tests_properties(crash_store PROPERTIES TIMEOUT 120)
