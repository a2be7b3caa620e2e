/* See http_server.h. */
#include "io/http_server.h"

#include "io/loopback.h"
#include "support/data.h"

enum { MOST_REQUEST = 8 << 10, FLOOD_SIZE = 64 << 10 };

struct http_connection {
    uv_tcp_t tcp;
    struct http_server *server;
    struct http_connection *next;
    char request[MOST_REQUEST + 1];
    size_t n;
    bool flooding, floods_head, last_write;
};

struct http_server {
    struct loopback loopback;
    http_handler *handler;
    void *context;
    struct http_connection *connections;
    size_t sent;
};

struct reply {
    uv_write_t request;
    size_t n;
    char bytes[];
};

static void on_closed(uv_handle_t *handle)
{
    struct http_connection *c = handle->data, **at = &c->server->connections;
    struct http_server *s = c->server;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    free(c);
    loopback_let_go(&s->loopback);
}

static void hang_up(struct http_connection *c)
{
    if (!uv_is_closing((uv_handle_t *)&c->tcp))
        uv_close((uv_handle_t *)&c->tcp, on_closed);
}

/* ---- answers */

static void flood(struct http_connection *c);

static void on_written(uv_write_t *request, int status)
{
    struct reply *r = request->data;
    struct http_connection *c = request->handle->data;
    if (status == 0)
        c->server->sent += r->n;
    free(r);
    if (status != 0 || c->last_write)
        hang_up(c);
    else if (c->flooding)
        flood(c);
}

static void write_bytes(struct http_connection *c, const char *bytes, size_t n)
{
    struct reply *r = malloc(sizeof(*r) + n);
    assert_non_null(r);
    r->request.data = r;
    r->n = n;
    memcpy(r->bytes, bytes, n);
    uv_buf_t buf = uv_buf_init(r->bytes, (unsigned)n);
    assert_int_equal(uv_write(&r->request, (uv_stream_t *)&c->tcp, &buf, 1, on_written), 0);
}

void http_reply(struct http_connection *c, unsigned status, const char *body, size_t n)
{
    char head[200];
    int length =
        snprintf(head, sizeof(head),
                 "HTTP/1.1 %u X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nLocation: /again\r\n\r\n", status, n);
    write_bytes(c, head, (size_t)length);
    write_bytes(c, body, n);
    c->n = 0;
}

void http_reply_raw(struct http_connection *c, const char *bytes)
{
    c->last_write = true;
    write_bytes(c, bytes, strlen(bytes));
}

static void flood(struct http_connection *c)
{
    static char chunk[FLOOD_SIZE];
    if (uv_is_closing((uv_handle_t *)&c->tcp))
        return;
    for (size_t i = 0; i < sizeof(chunk); i++)
        chunk[i] = c->floods_head ? "X-Y: aaaaaaaaa\r\n"[i % 16] : 'a';
    write_bytes(c, chunk, sizeof(chunk));
}

void http_flood(struct http_connection *c, bool head)
{
    static const char answer[] = "HTTP/1.1 200 X\r\n\r\n{\"result\":\"";
    c->flooding = true;
    c->floods_head = head;
    write_bytes(c, answer, head ? strlen("HTTP/1.1 200 X\r\n") : sizeof(answer) - 1);
}

/* ---- requests */

static void take_request(struct http_connection *c)
{
    char authorization[512] = "";
    c->request[c->n] = '\0';
    char *body = strstr(c->request, "\r\n\r\n"), *length = strstr(c->request, "Content-Length: ");
    if (!body || !length)
        return;
    if (strlen(body + 4) < strtoul(length + 16, NULL, 10))
        return;
    char *line = strstr(c->request, "Authorization: ");
    if (line && line < body)
        snprintf(authorization, sizeof(authorization), "%.*s", (int)strcspn(line + 15, "\r\n"), line + 15);
    const struct http_request request = {c, authorization, body + 4};
    c->n = 0;
    c->server->handler(c->server->context, &request);
}

static void on_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct http_connection *c = handle->data;
    (void)suggested;
    *buf = uv_buf_init(c->request + c->n, (unsigned)(MOST_REQUEST - c->n));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct http_connection *c = stream->data;
    (void)buf;
    if (n < 0) {
        hang_up(c);
        return;
    }
    c->n += (size_t)n;
    take_request(c);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct http_server *s = listener->data;
    struct http_connection *c = calloc(1, sizeof(*c));
    assert_int_equal(status, 0);
    assert_non_null(c);
    c->server = s;
    c->next = s->connections;
    s->connections = c;
    s->loopback.holders++;
    uv_tcp_init(listener->loop, &c->tcp);
    c->tcp.data = c;
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&c->tcp), 0);
    assert_int_equal(uv_read_start((uv_stream_t *)&c->tcp, on_buffer, on_read), 0);
}

struct http_server *http_server_start(uv_loop_t *loop, http_handler *handler, void *context, uint16_t *port)
{
    struct http_server *s = calloc(1, sizeof(*s));
    assert_non_null(s);
    s->handler = handler;
    s->context = context;
    *port = loopback_start(&s->loopback, loop, on_connection);
    return s;
}

void http_server_stop(struct http_server *s)
{
    loopback_stop(&s->loopback);
    for (struct http_connection *c = s->connections; c; c = c->next)
        hang_up(c);
}

size_t http_server_sent(const struct http_server *s)
{
    return s->sent;
}
