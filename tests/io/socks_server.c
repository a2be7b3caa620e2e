/* See socks_server.h. A visit is two streams: the client's, and the far one once it has been asked for. */
#include "io/socks_server.h"

#include "io/loopback.h"
#include "support/data.h"

enum { BUFFER = 64 << 10 };

struct visit {
    uv_tcp_t near, far;
    uv_connect_t connecting;
    struct socks_server *server;
    struct visit *next;
    unsigned handles;
    bool has_far, relays, closing, hangs_up;
    int stage; /* 0 methods, 1 login, 2 request, 3 done */
    uint8_t in[1024];
    size_t n;
    struct socks_said said;
};

struct socks_server {
    struct loopback loopback;
    struct socks_server_options options;
    struct visit *visits;
    struct socks_said said[SOCKS_SERVER_MOST];
    size_t n_said, accepted;
    char buffer[BUFFER];
};

struct piece {
    uv_write_t request;
    char bytes[];
};

static void on_closed(uv_handle_t *handle)
{
    struct visit *v = handle->data, **at = &v->server->visits;
    struct socks_server *s = v->server;
    if (--v->handles != 0)
        return;
    while (*at != v)
        at = &(*at)->next;
    *at = v->next;
    free(v);
    loopback_let_go(&s->loopback);
}

static void hang_up(struct visit *v)
{
    if (v->closing)
        return;
    v->closing = true;
    uv_close((uv_handle_t *)&v->near, on_closed);
    if (v->has_far)
        uv_close((uv_handle_t *)&v->far, on_closed);
}

static void on_written(uv_write_t *request, int status)
{
    uv_stream_t *to = request->handle;
    struct visit *v = to->data;
    free(request->data);
    if (status != 0 || (v->hangs_up && uv_stream_get_write_queue_size(to) == 0))
        hang_up(v);
}

static void write_piece(uv_tcp_t *to, const void *bytes, size_t n)
{
    struct piece *p = malloc(sizeof(*p) + n);
    assert_non_null(p);
    memcpy(p->bytes, bytes, n);
    p->request.data = p;
    uv_buf_t buf = uv_buf_init(p->bytes, (unsigned)n);
    if (uv_write(&p->request, (uv_stream_t *)to, &buf, 1, on_written) != 0)
        free(p);
}

/* Of the proxy's own words. */
static void say(struct visit *v, const void *bytes, size_t n)
{
    size_t piece = v->server->options.drips ? 1 : n;
    for (size_t i = 0; i < n; i += piece)
        write_piece(&v->near, (const char *)bytes + i, piece);
}

static void say_last(struct visit *v, const void *bytes, size_t n)
{
    v->hangs_up = true;
    say(v, bytes, n);
}

/* ---- relaying */

static void on_near_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct visit *v = handle->data;
    (void)suggested;
    *buf = uv_buf_init(v->server->buffer, BUFFER);
}

static void on_far_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct visit *v = stream->data;
    if (n < 0)
        hang_up(v);
    else if (n > 0)
        write_piece(&v->near, buf->base, (size_t)n);
}

static void say_reply(struct visit *v, uint8_t code)
{
    uint8_t reply[4 + 1 + 255 + 2] = {5, code, 0, 1};
    size_t n = 10;
    if (v->server->options.lies_bound) {
        memset(reply + 3, 'x', sizeof(reply) - 3);
        reply[3] = 3;
        reply[4] = 255;
        n = sizeof(reply);
    }
    if (code)
        say_last(v, reply, n);
    else
        say(v, reply, n);
}

static void on_far_connected(uv_connect_t *request, int status)
{
    struct visit *v = request->data;
    if (v->closing)
        return;
    if (status == 0)
        status = uv_read_start((uv_stream_t *)&v->far, on_near_buffer, on_far_read);
    v->relays = status == 0;
    say_reply(v, status == 0 ? 0 : 5);
}

static void connect_far(struct visit *v)
{
    struct sockaddr_in at;
    assert_int_equal(uv_ip4_addr("127.0.0.1", v->server->options.port, &at), 0);
    uv_tcp_init(v->near.loop, &v->far);
    v->far.data = v->connecting.data = v;
    v->has_far = true;
    v->handles++;
    assert_int_equal(uv_tcp_connect(&v->connecting, &v->far, (const struct sockaddr *)&at, on_far_connected), 0);
}

/* ---- the conversation; each returns how many bytes it took, 0: it needs more */

static size_t take_methods(struct visit *v)
{
    const struct socks_server_options *o = &v->server->options;
    if (v->n < 2 || v->n < 2u + v->in[1])
        return 0;
    bool login = memchr(v->in + 2, 2, v->in[1]) != NULL;
    assert_int_equal(v->in[0], 5);
    switch (o->manner) {
    case SOCKS_WRONG_VERSION: say_last(v, "HTTP/1.1 400 Bad Request\r\n\r\n", 28); break;
    case SOCKS_NO_METHOD: say_last(v, "\x05\xff", 2); break;
    case SOCKS_TALKS_AHEAD: write_piece(&v->near, "\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12); break;
    case SOCKS_WANTS_LOGIN:
        if (!login) {
            say_last(v, "\x05\xff", 2);
            break;
        } /* fall through */
    default: v->stage = login ? 1 : 2; say(v, login ? "\x05\x02" : "\x05\x00", 2);
    }
    return 2u + v->in[1];
}

static size_t take_login(struct visit *v)
{
    size_t user = v->n > 1 ? v->in[1] : 0;
    if (v->n < 3 + user || v->n < 3 + user + v->in[2 + user])
        return 0;
    size_t password = v->in[2 + user];
    assert_int_equal(v->in[0], 1);
    assert_true(user != 0 && password != 0);
    memcpy(v->said.user, v->in + 2, user);
    memcpy(v->said.password, v->in + 3 + user, password);
    if (v->server->options.manner == SOCKS_REFUSES_LOGIN) {
        say_last(v, "\x01\x01", 2);
    } else {
        v->stage = 2;
        say(v, "\x01\x00", 2);
    }
    return 3 + user + password;
}

static void obey(struct visit *v)
{
    const struct socks_server_options *o = &v->server->options;
    uint8_t answer[10] = {5, 0, 0, 1};
    if (o->manner == SOCKS_REFUSES)
        say_reply(v, o->reply);
    else if (o->manner == SOCKS_HANGS_UP_LATER)
        say_last(v, "\x05\x00\x00\x03\x10xx", 7);
    else if (v->said.command == 1)
        connect_far(v);
    else if (v->said.command == 0xf0 && o->resolves) {
        memcpy(answer + 4, o->resolved, 4);
        say_last(v, answer, sizeof(answer));
    } else
        say_reply(v, 7);
}

static size_t take_request(struct visit *v)
{
    struct socks_server *s = v->server;
    if (v->n < 5)
        return 0;
    v->said.command = v->in[1];
    v->said.kind = v->in[3];
    size_t start = v->in[3] == 3 ? 5 : 4, size = v->in[3] == 3 ? v->in[4] : v->in[3] == 1 ? 4 : 16;
    if (v->n < start + size + 2)
        return 0;
    assert_int_equal(v->in[0], 5);
    assert_int_equal(v->in[2], 0);
    memcpy(v->in[3] == 3 ? v->said.host : (char *)v->said.ip, v->in + start, size);
    v->said.port = (uint16_t)(v->in[start + size] << 8 | v->in[start + size + 1]);
    if (s->n_said < SOCKS_SERVER_MOST)
        s->said[s->n_said++] = v->said;
    v->stage = 3;
    obey(v);
    return start + size + 2;
}

static void take(struct visit *v)
{
    size_t used = 1;
    while (used && v->stage < 3 && !v->hangs_up && !v->closing) {
        used = v->stage == 0 ? take_methods(v) : v->stage == 1 ? take_login(v) : take_request(v);
        memmove(v->in, v->in + used, v->n - used);
        v->n -= used;
    }
}

static void on_near_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct visit *v = stream->data;
    if (n < 0) {
        hang_up(v);
    } else if (v->relays) {
        write_piece(&v->far, buf->base, (size_t)n);
    } else if (v->server->options.manner != SOCKS_IS_SILENT && n > 0) {
        assert_true((size_t)n <= sizeof(v->in) - v->n);
        memcpy(v->in + v->n, buf->base, (size_t)n);
        v->n += (size_t)n;
        take(v);
    }
}

/* ---- life */

static void on_connection(uv_stream_t *listener, int status)
{
    struct socks_server *s = listener->data;
    struct visit *v = calloc(1, sizeof(*v));
    assert_int_equal(status, 0);
    assert_non_null(v);
    v->server = s;
    v->next = s->visits;
    s->visits = v;
    s->loopback.holders++;
    s->accepted++;
    uv_tcp_init(listener->loop, &v->near);
    v->near.data = v;
    v->handles = 1;
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&v->near), 0);
    uv_tcp_nodelay(&v->near, 1);
    if (s->options.manner == SOCKS_HANGS_UP_AT_ONCE)
        hang_up(v);
    else
        assert_int_equal(uv_read_start((uv_stream_t *)&v->near, on_near_buffer, on_near_read), 0);
}

struct socks_server *socks_server_start(uv_loop_t *loop, const struct socks_server_options *options, uint16_t *port)
{
    struct socks_server *s = calloc(1, sizeof(*s));
    assert_non_null(s);
    s->options = *options;
    *port = loopback_start(&s->loopback, loop, on_connection);
    return s;
}

void socks_server_stop(struct socks_server *s)
{
    loopback_stop(&s->loopback);
    for (struct visit *v = s->visits; v; v = v->next)
        hang_up(v);
}

size_t socks_server_said(const struct socks_server *s, const struct socks_said **out)
{
    *out = s->said;
    return s->n_said;
}

size_t socks_server_accepted(const struct socks_server *s)
{
    return s->accepted;
}
