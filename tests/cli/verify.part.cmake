# The offline verification, linked into its test.
set(VERIFY_SOURCES verify.c verify_options.c verify_print.c audit.c audit_result.c capture.c capture_blocks.c report.c)
list(TRANSFORM VERIFY_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/src/cli/)
dspv_test(cli_verify USES engine SOURCES cli/test_verify.c ${VERIFY_SOURCES})
