/* See stream.h. Through a proxy the first bytes both ways are SOCKS (socks.c); what the proxy sends behind its reply is the
 * peer's. Memory: a stream lives until libuv has closed its two handles. */
#include "io/stream.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "io/secret.h"

struct stream {
    uv_tcp_t tcp;
    uv_connect_t connecting;
    uv_timer_t patience; /* until it is open */
    struct streams *all;
    const struct stream_listener *listener;
    void *context;
    struct socks *socks; /* while the proxy is talked to */
    bool open, closing;
    unsigned handles; /* not closed yet */
    uint8_t reply, resolved[16];
};

struct outgoing {
    uv_write_t request;
    uint8_t bytes[];
};

/* ---- the end */

static void no_matter(void *context)
{
    (void)context;
}

static const struct stream_listener nobody = {.closed = no_matter};

static void forget_proxy(struct stream *s)
{
    if (s->socks)
        secret_wipe(s->socks, sizeof(*s->socks));
    mem_free(s->socks);
    s->socks = NULL;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct stream *s = handle->data;
    if (--s->handles != 0)
        return;
    s->listener->closed(s->context);
    forget_proxy(s);
    mem_free(s);
}

void stream_close(struct stream *s)
{
    if (s->closing)
        return;
    s->closing = true;
    uv_close((uv_handle_t *)&s->tcp, on_handle_closed);
    uv_close((uv_handle_t *)&s->patience, on_handle_closed);
}

bool stream_is_open(const struct stream *s)
{
    return !s->closing;
}

static void lose(struct stream *s, const char *what, const char *why)
{
    if (s->closing)
        return;
    stream_close(s);
    s->listener->lost(s->context, what, why);
}

static const char CANNOT[] = "cannot connect to";

/* Before there was a connection to the far end. */
static void lose_early(struct stream *s, int uv_error)
{
    char why[160];
    snprintf(why, sizeof(why), s->socks ? "the proxy: %s" : "%s", uv_strerror(uv_error));
    lose(s, CANNOT, why);
}

static void lose_either(struct stream *s, int uv_error)
{
    if (s->open)
        lose(s, "lost", uv_strerror(uv_error));
    else
        lose_early(s, uv_error);
}

static void on_patience(uv_timer_t *timer)
{
    lose_early(timer->data, UV_ETIMEDOUT);
}

/* ---- writing */

static void on_written(uv_write_t *request, int status)
{
    struct stream *s = request->handle->data;
    mem_free(request->data);
    if (status != 0)
        lose_either(s, status);
}

static int write_bytes(struct stream *s, const uint8_t *data, size_t n)
{
    uv_stream_t *to = (uv_stream_t *)&s->tcp;
    if (uv_stream_get_write_queue_size(to) + n > STREAM_MOST_QUEUED)
        return UV_ENOBUFS;
    struct outgoing *o = mem_alloc(sizeof(*o) + n);
    if (!o)
        return UV_ENOMEM;
    memcpy(o->bytes, data, n);
    o->request.data = o;
    uv_buf_t buf = uv_buf_init((char *)o->bytes, (unsigned)n);
    int rc = uv_write(&o->request, to, &buf, 1, on_written);
    if (rc != 0)
        mem_free(o);
    return rc;
}

void stream_send(struct stream *s, const uint8_t *data, size_t n)
{
    int rc = s->closing ? 0 : write_bytes(s, data, n);
    if (rc != 0)
        lose(s, "cannot send to", uv_strerror(rc));
}

/* ---- the proxy */

static int say_to_proxy(struct stream *s)
{
    const uint8_t *out;
    size_t n = socks_output(s->socks, &out);
    return n == 0 ? 0 : write_bytes(s, out, n);
}

static void now_open(struct stream *s)
{
    uv_timer_stop(&s->patience);
    forget_proxy(s);
    s->open = true;
    uv_tcp_nodelay(&s->tcp, 1);
    s->listener->open(s->context);
}

/* Bytes from the proxy; how many of them it said itself. */
static size_t hear_proxy(struct stream *s, const uint8_t *data, size_t n)
{
    size_t used;
    int rc = 0;
    switch (socks_input(s->socks, data, n, &used)) {
    case SOCKS_GOES_ON: rc = say_to_proxy(s); break;
    case SOCKS_DONE:
        memcpy(s->resolved, s->socks->bound, sizeof(s->resolved));
        now_open(s);
        break;
    case SOCKS_FAILED:
        s->reply = s->socks->reply;
        lose(s, CANNOT, s->socks->why);
        break;
    }
    if (rc != 0)
        lose_early(s, rc);
    return used;
}

const uint8_t *stream_resolved(const struct stream *s)
{
    return s->resolved;
}

uint8_t stream_reply(const struct stream *s)
{
    return s->reply;
}

/* ---- reading */

static void on_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct stream *s = handle->data;
    (void)suggested;
    *buf = uv_buf_init(s->all->buffer, STREAM_READ_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct stream *s = stream->data;
    if (n < 0) {
        lose_either(s, (int)n);
        return;
    }
    const uint8_t *data = (const uint8_t *)buf->base;
    size_t taken = s->socks ? hear_proxy(s, data, (size_t)n) : 0;
    if (!s->closing && taken < (size_t)n)
        s->listener->bytes(s->context, data + taken, (size_t)n - taken);
}

/* ---- connecting */

static void on_connected(uv_connect_t *request, int status)
{
    struct stream *s = request->data;
    if (s->closing)
        return;
    if (status == 0)
        status = uv_read_start((uv_stream_t *)&s->tcp, on_buffer, on_read);
    if (status == 0 && s->socks)
        status = say_to_proxy(s);
    if (status != 0)
        lose_early(s, status);
    else if (!s->socks)
        now_open(s);
}

static int dial(struct stream *s, const struct socks_request *r)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(r->port)};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(r->port)};
    memcpy(&v6.sin6_addr, r->ip, 16);
    memcpy(&v4.sin_addr, r->ip + 12, 4);
    const struct sockaddr *to = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    if (s->socks)
        to = (const struct sockaddr *)&s->all->proxy->at;
    return uv_tcp_connect(&s->connecting, &s->tcp, to, on_connected);
}

static int prepare_proxy(struct stream *s, const struct socks_request *request)
{
    char user[SOCKS_MOST_TEXT + 1], password[SOCKS_MOST_TEXT + 1];
    struct socks_request whole = *request;
    s->socks = mem_alloc(sizeof(*s->socks));
    if (!s->socks)
        return UV_ENOMEM;
    if (!proxy_login(s->all->proxy, user, password))
        return UV_ENOSYS;
    whole.user = user[0] ? user : NULL;
    whole.password = password;
    int rc = socks_start(s->socks, &whole) ? 0 : UV_EINVAL;
    secret_wipe(password, sizeof(password));
    return rc;
}

int stream_open(struct stream **out, struct streams *all, const struct socks_request *request,
                const struct stream_listener *listener, void *context)
{
    struct stream *s = mem_zalloc(sizeof(*s));
    *out = NULL;
    if (!s)
        return UV_ENOMEM;
    s->all = all;
    s->listener = listener;
    s->context = context;
    int rc = all->proxy ? prepare_proxy(s, request) : 0;
    if (rc == 0)
        rc = uv_tcp_init(all->loop, &s->tcp);
    if (rc != 0) {
        forget_proxy(s);
        mem_free(s);
        return rc;
    }
    uv_timer_init(all->loop, &s->patience);
    s->tcp.data = s->connecting.data = s->patience.data = s;
    s->handles = 2;
    rc = dial(s, request);
    if (rc != 0) {
        s->listener = &nobody;
        stream_close(s);
        return rc;
    }
    *out = s;
    uv_timer_start(&s->patience, on_patience, s->socks ? all->proxy_ms : STREAM_CONNECT_MS, 0);
    return 0;
}
