/* Servers on loopback ports, in the test's own loop. */
#ifndef TESTS_IO_LOOPBACK_H
#define TESTS_IO_LOOPBACK_H

#include <uv.h>

/* Listen on any free port; `data` becomes the listener's. Returns the port. Fails the test when it cannot. */
uint16_t loopback_listen(uv_loop_t *loop, uv_tcp_t *listener, void *data, uv_connection_cb on_connection);

/* What a server begins with that is freed once its listener and all its connections are closed: each of them holds it. */
struct loopback {
    uv_tcp_t listener; /* its data: the server */
    size_t holders;    /* a connection adds itself, and lets go when it is closed */
};

/* `s` was allocated. As loopback_listen(). */
uint16_t loopback_start(struct loopback *s, uv_loop_t *loop, uv_connection_cb on_connection);
void loopback_stop(struct loopback *s);
void loopback_let_go(struct loopback *s);

#endif
