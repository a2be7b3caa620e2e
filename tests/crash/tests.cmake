# kill -9 at random moments (crash.h).
add_executable(dashspv-crash crash/crash_main.c crash/crash_process.c crash/crash_store.c crash/crash_truth.c)
target_link_libraries(dashspv-crash PRIVATE dspv_flags dspv_devnode dspv_sync dspv_store)
target_compile_definitions(dashspv-crash PRIVATE _XOPEN_SOURCE=700) # nftw
add_dependencies(dashspv-crash dashspv dashspv-devnode)
add_test(NAME crash COMMAND dashspv-crash --rounds 40 --dashspv $<TARGET_FILE:dashspv> --devnode $<TARGET_FILE:dashspv-devnode>
  --chain ${CMAKE_CURRENT_SOURCE_DIR}/fixtures/churn)
set_tests_properties(crash PROPERTIES TIMEOUT 300)

# The same for the store alone, which is much faster.
add_executable(dashspv-crash-store crash/store_main.c)
target_link_libraries(dashspv-crash-store PRIVATE dspv_flags dspv_store dspv_crypto)
add_test(NAME crash_store COMMAND dashspv-crash-store --rounds 200)
set_tests_properties(crash_store PROPERTIES TIMEOUT 120)
