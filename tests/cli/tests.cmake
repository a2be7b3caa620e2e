include(${CMAKE_CURRENT_LIST_DIR}/verify.part.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/command.part.cmake)
