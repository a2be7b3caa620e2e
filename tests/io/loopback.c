/* See loopback.h. */
#include "io/loopback.h"

#include "support/data.h"

uint16_t loopback_listen(uv_loop_t *loop, uv_tcp_t *listener, void *data, uv_connection_cb on_connection)
{
    struct sockaddr_in at;
    int n = sizeof(at);
    uv_tcp_init(loop, listener);
    listener->data = data;
    assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &at), 0);
    assert_int_equal(uv_tcp_bind(listener, (const struct sockaddr *)&at, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)listener, 8, on_connection), 0);
    assert_int_equal(uv_tcp_getsockname(listener, (struct sockaddr *)&at, &n), 0);
    return ntohs(at.sin_port);
}

uint16_t loopback_start(struct loopback *s, uv_loop_t *loop, uv_connection_cb on_connection)
{
    s->holders = 1;
    return loopback_listen(loop, &s->listener, s, on_connection);
}

void loopback_let_go(struct loopback *s)
{
    if (--s->holders == 0)
        free(s);
}

static void on_closed(uv_handle_t *listener)
{
    loopback_let_go(listener->data);
}

void loopback_stop(struct loopback *s)
{
    uv_close((uv_handle_t *)&s->listener, on_closed);
}
