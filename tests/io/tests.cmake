# What touches sockets, against servers on loopback ports.
dspv_test(rpc USES io SOURCES io/test_rpc.c io/http_server.c io/loopback.c)
dspv_test(rpc_client USES io LINK dspv_devnode_server dspv_fixture SOURCES io/test_rpc_client.c io/http_server.c io/loopback.c)
dspv_test(socks USES io SOURCES io/test_socks.c)
dspv_test(proxy USES io LINK dspv_devnode_server dspv_fixture SOURCES io/test_proxy.c io/socks_server.c io/loopback.c io/no_dns.c)
dspv_test(naming USES io SOURCES io/test_naming.c io/socks_server.c io/loopback.c io/no_dns.c)
dspv_test(driver_store USES io LINK dspv_devnode_server dspv_fixture SOURCES io/test_driver_store.c)
