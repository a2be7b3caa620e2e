dspv_folder(io USES sync LINK PkgConfig::LIBUV
  SOURCES clock.c driver.c host_port.c resolve.c)
