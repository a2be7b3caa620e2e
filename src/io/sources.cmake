dspv_folder(io USES sync LINK PkgConfig::LIBUV PkgConfig::JANSSON PkgConfig::CURL
  SOURCES clock.c driver.c host_port.c names.c naming.c proxy.c resolve.c rpc.c rpc_call.c rpc_codec.c secret.c socks.c stream.c threads.c)
