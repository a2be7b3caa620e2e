include(${CMAKE_CURRENT_LIST_DIR}/verify.part.cmake)
