# dashspv verify, and the report that every command writes.
list(APPEND CLI_SOURCES verify.c verify_options.c verify_print.c audit.c audit_result.c capture.c capture_blocks.c report.c)
