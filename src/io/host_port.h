/* "HOST:PORT" as people write it. */
#ifndef IO_HOST_PORT_H
#define IO_HOST_PORT_H

#include <stdint.h>

struct host_port {
    char host[256]; /* a name or a numeric address, without brackets */
    uint16_t port;
};

/* host, host:port, 1.2.3.4:port, [::1], [::1]:port, or a bare IPv6 address. NULL, or a sentence that says what is wrong. */
const char *host_port_parse(struct host_port *out, const char *text, uint16_t default_port);

#endif
