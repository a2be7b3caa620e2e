set(CLI_SOURCES command.c options.c options_table.c settings.c config_file.c help.c help_run.c log.c notify.c terminal.c
  progress_line.c events.c daemon_log.c plan_json.c plan_capture.c summary.c session.c store_file.c nodes.c run.c sync.c demo.c bundle.c 
  table.c state.c query_status.c query_quorums.c query_masternodes.c query_locks.c query_quorum.c query_peers.c query_checkpoints.c
  checkpoint_file.c
  stream.c replay.c export.c import.c help_queries.c help_transfer.c)
include(${CMAKE_CURRENT_SOURCE_DIR}/cli/verify.cmake)
dspv_folder(cli USES io engine store LINK dspv_devnode_server PkgConfig::JANSSON PkgConfig::INIH SOURCES ${CLI_SOURCES})

# The recorded chain that `dashspv demo` serves, inside the program.
set(BUNDLE_DIR "${CMAKE_SOURCE_DIR}/tests/fixtures/churn")
set(BUNDLE_FILES chain.json headers.bin diffs.lp snapshots.bin locks.bin)
list(TRANSFORM BUNDLE_FILES PREPEND "${BUNDLE_DIR}/")
add_library(dspv_bundle OBJECT cli/bundle_data.S)
target_include_directories(dspv_bundle PRIVATE "${BUNDLE_DIR}")
set_source_files_properties(cli/bundle_data.S PROPERTIES OBJECT_DEPENDS "${BUNDLE_FILES}")
target_sources(dspv_cli PRIVATE $<TARGET_OBJECTS:dspv_bundle>)

if(TARGET dspv_sync AND TARGET dspv_engine)
  add_executable(dashspv cli/main.c)
  target_link_libraries(dashspv PRIVATE dspv_flags dspv_cli)
  dspv_link_map(dashspv)
  target_compile_definitions(dashspv PRIVATE DASHSPV_VERSION="${PROJECT_VERSION}")
  set_target_properties(dashspv PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  install(TARGETS dashspv RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
