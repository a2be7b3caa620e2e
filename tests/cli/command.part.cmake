# The command line, and the program itself as a person runs it.
if(TARGET dashspv)
  dspv_test(cli_parts USES cli SOURCES cli/test_parts.c)
  dspv_test(cli_driver USES io SOURCES cli/test_driver.c)
  dspv_test(cli_command USES devnode SOURCES cli/test_command.c cli/program.c)
  add_dependencies(test_cli_command dashspv dashspv-devnode)
  set_tests_properties(cli_command PROPERTIES ENVIRONMENT
    "DASHSPV_PROGRAM=$<TARGET_FILE:dashspv>;DEVNODE_PROGRAM=$<TARGET_FILE:dashspv-devnode>")
  dspv_test(cli_plan_capture SOURCES cli/test_plan_capture.c cli/program.c)
  add_dependencies(test_cli_plan_capture dashspv)
  set_tests_properties(cli_plan_capture PROPERTIES ENVIRONMENT "DASHSPV_PROGRAM=$<TARGET_FILE:dashspv>")
endif()
