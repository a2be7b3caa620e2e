# What nobody calls is left out of what is linked: a function is a section, and the linker drops those that nothing refers to. blst is
# where most of it is.
include(CheckLinkerFlag)
check_linker_flag(C LINKER:--gc-sections DASHSPV_LINKER_DROPS)
check_linker_flag(C LINKER:-Map=/dev/null DASHSPV_LINKER_MAPS)
if(DASHSPV_LINKER_DROPS)
  add_compile_options($<$<AND:$<CONFIG:Release>,$<COMPILE_LANGUAGE:C>>:-ffunction-sections>
                      $<$<AND:$<CONFIG:Release>,$<COMPILE_LANGUAGE:C>>:-fdata-sections>)
  add_link_options($<$<CONFIG:Release>:LINKER:--gc-sections>)
endif()

# Have the linker tell what the target consists of, beside it: for `make bench ARGS=size`.
function(dspv_link_map target)
  if(DASHSPV_LINKER_MAPS)
    target_link_options(${target} PRIVATE LINKER:-Map=$<TARGET_FILE:${target}>.link-map)
  endif()
endfunction()
