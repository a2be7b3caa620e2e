# The public headers declare the whole client, so this makes sense once the whole client is there.
if(TARGET dspv_sync AND NOT DASHSPV_SANITIZE AND NOT DASHSPV_FUZZ)
  add_test(NAME library COMMAND ${CMAKE_CURRENT_LIST_DIR}/check.sh $<TARGET_FILE:dashspv_shared> $<TARGET_FILE:dashspv_static>
    ${CMAKE_SOURCE_DIR}/include ${CMAKE_C_COMPILER} ${CMAKE_NM})
endif()
