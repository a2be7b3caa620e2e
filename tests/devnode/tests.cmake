# The development peer: a library without sockets, its libuv server, the program, and the maker of chain directories.
add_library(dspv_devnode STATIC devnode/chain.c devnode/load.c devnode/files.c devnode/history.c devnode/clsigs.c
  devnode/stretches.c devnode/answer.c devnode/answer_qrinfo.c devnode/peer.c devnode/serve.c devnode/announce.c)
target_include_directories(dspv_devnode PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(dspv_devnode PRIVATE dspv_flags PUBLIC dspv_llmq dspv_wire PkgConfig::JANSSON)

add_library(dspv_devnode_server STATIC devnode/server.c)
target_link_libraries(dspv_devnode_server PRIVATE dspv_flags PUBLIC dspv_devnode PkgConfig::LIBUV)

add_executable(dashspv-devnode devnode/main.c)
target_link_libraries(dashspv-devnode PRIVATE dspv_flags dspv_devnode_server)

add_executable(devnode-make-chain devnode/make_chain.c devnode/make_diffs.c devnode/make_locks.c)
target_link_libraries(devnode-make-chain PRIVATE dspv_flags dspv_devnode)

add_executable(devnode-make-headers devnode/make_headers.c chain/miner.c)
target_include_directories(devnode-make-headers PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(devnode-make-headers PRIVATE dspv_flags dspv_chain)

# Recorded chains for cmocka programs.
add_library(dspv_fixture STATIC devnode/fixture.c)
target_link_libraries(dspv_fixture PRIVATE dspv_flags PUBLIC dspv_devnode dspv_test_support)

dspv_test(devnode LINK dspv_devnode_server dspv_fixture
  SOURCES devnode/test_devnode.c devnode/test_client.c devnode/test_requests.c devnode/test_growth.c
          devnode/test_recorded.c devnode/test_server.c)
set_tests_properties(devnode PROPERTIES ENVIRONMENT "DEVNODE_PROGRAM=$<TARGET_FILE:dashspv-devnode>")
