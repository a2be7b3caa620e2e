add_executable(dspv_cross cross/cross.c crypto/x11_check.c)
target_include_directories(dspv_cross PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(dspv_cross PRIVATE dspv_flags dspv_crypto dspv_bls_sign)
target_link_options(dspv_cross PRIVATE -static) # so the emulator needs no libraries of that CPU
add_test(NAME cross COMMAND dspv_cross)
