# What touches sockets, against servers on loopback ports.
dspv_test(rpc USES io LINK dspv_devnode_server SOURCES io/test_rpc.c io/http_server.c)
