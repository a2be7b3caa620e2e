# Fuzz targets (clang, -DDASHSPV_FUZZ=ON). dspv_fuzz(name USES folders...) makes fuzz_<name> from fuzz/fuzz_<name>.c and a short
# ctest run of it; for a long run start the program itself with a corpus folder.
if(NOT DASHSPV_FUZZ)
  return()
endif()
if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "DASHSPV_FUZZ needs clang")
endif()

add_custom_target(fuzzers) # all of them
function(dspv_fuzz name)
  cmake_parse_arguments(F "" "" "USES" ${ARGN})
  add_executable(fuzz_${name} fuzz/fuzz_${name}.c)
  add_dependencies(fuzzers fuzz_${name})
  target_include_directories(fuzz_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(fuzz_${name} PRIVATE dspv_flags)
  foreach(folder IN LISTS F_USES)
    target_link_libraries(fuzz_${name} PRIVATE dspv_${folder})
  endforeach()
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_test(NAME fuzz_${name} COMMAND fuzz_${name} -runs=20000 -max_total_time=20 -seed=1)
  set_tests_properties(fuzz_${name} PROPERTIES TIMEOUT 120 LABELS fuzz)
endfunction()

foreach(decoder frame version headers headers2 inv addr addrv2 clsig isdlock mnlistdiff qrinfo commitment mnentry cbtx)
  dspv_fuzz(${decoder} USES wire)
endforeach()
dspv_fuzz(record USES store)
dspv_fuzz(block USES evo)
dspv_fuzz(rpc USES io)
dspv_fuzz(socks USES io)
dspv_fuzz(client USES sync) # a script for a whole client
target_link_libraries(fuzz_client PRIVATE dspv_devnode)
target_compile_definitions(fuzz_client PRIVATE FUZZ_FIXTURES="${CMAKE_CURRENT_SOURCE_DIR}/fixtures")
