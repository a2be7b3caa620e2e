# The systemd unit, with the folder of the program as it is when installing; and the example of a configuration.
install(CODE "set(BINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
configure_file(\"${CMAKE_CURRENT_LIST_DIR}/dashspv.service.in\" \"${CMAKE_BINARY_DIR}/dashspv.service\" @ONLY)")
install(FILES ${CMAKE_BINARY_DIR}/dashspv.service DESTINATION lib/systemd/system)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/dashspv.conf TYPE DOC)
