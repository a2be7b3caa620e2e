# Flags of our own code only; the blst target does not use them.
add_library(dspv_flags INTERFACE)
target_compile_definitions(dspv_flags INTERFACE _POSIX_C_SOURCE=200809L)
target_compile_options(dspv_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes
  -Wold-style-definition -Wvla -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wformat=2
  -Wno-missing-field-initializers)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(dspv_flags INTERFACE -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wno-missing-braces)
endif()
if(DASHSPV_WERROR)
  target_compile_options(dspv_flags INTERFACE -Werror)
endif()
if(DASHSPV_SANITIZE)
  target_compile_options(dspv_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(dspv_flags INTERFACE -fsanitize=address,undefined)
endif()
if(DASHSPV_FUZZ)
  target_compile_options(dspv_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(dspv_flags INTERFACE -fsanitize=address,undefined)
endif()
