file(GLOB parts ${CMAKE_CURRENT_LIST_DIR}/*.part.cmake)
foreach(part IN LISTS parts)
  include(${part})
endforeach()
