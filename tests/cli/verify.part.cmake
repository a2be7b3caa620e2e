# The offline verification, linked into its tests.
set(VERIFY_SOURCES verify.c verify_options.c verify_print.c audit.c audit_result.c capture.c capture_blocks.c report.c)
list(TRANSFORM VERIFY_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/src/cli/)
add_library(dspv_verify_test STATIC cli/verify_run.c ${VERIFY_SOURCES})
target_link_libraries(dspv_verify_test PRIVATE dspv_flags PUBLIC dspv_test_support dspv_engine)
dspv_test(cli_verify LINK dspv_verify_test SOURCES cli/test_verify.c)
dspv_test(cli_verify_bad LINK dspv_verify_test SOURCES cli/test_verify_bad.c)
