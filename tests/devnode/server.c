/* See server.h. A client's memory lives until libuv has closed its handle; the server's until the last client is gone. */
#include "devnode/server.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { BACKLOG = 64, READ_SIZE = 64 << 10, MOST_QUEUED = 1 << 20 }; /* over 1 MB unsent: answer no more (protocol.md 3.10) */

struct client {
    uv_tcp_t handle;
    struct devnode_server *server;
    struct devnode_peer *peer;
    struct client *prev, *next;
    uint64_t number;
    struct writer waiting; /* what came and is not answered yet, because too much is unsent; then nothing more is read */
};

struct devnode_server {
    uv_tcp_t listener;
    const struct devnode_chain *chain;
    struct devnode_server_options options;
    int32_t tip;
    struct client *clients;
    size_t n_clients;
    uint64_t accepted;
    bool listener_closed;
    char buffer[READ_SIZE];
};

struct outgoing {
    uv_write_t request;
    uint8_t bytes[];
};

struct devnode_server_options devnode_server_options_default(void)
{
    return (struct devnode_server_options){.peer = devnode_options_default(), .address = "127.0.0.1", .tip = -1};
}

static void say(const struct devnode_server *s, uint64_t client, const char *what)
{
    char line[128];
    if (!s->options.log)
        return;
    snprintf(line, sizeof(line), "client %llu %s", (unsigned long long)client, what);
    s->options.log(s->options.log_context, line);
}

/* ---- closing */

static void free_when_empty(struct devnode_server *s)
{
    if (s->listener_closed && !s->clients)
        mem_free(s);
}

static void client_closed(uv_handle_t *handle)
{
    struct client *c = handle->data;
    struct devnode_server *s = c->server;
    if (c->prev)
        c->prev->next = c->next;
    else
        s->clients = c->next;
    if (c->next)
        c->next->prev = c->prev;
    s->n_clients--;
    say(s, c->number, "gone");
    devnode_peer_free(c->peer);
    writer_free(&c->waiting);
    mem_free(c);
    free_when_empty(s);
}

static void client_close(struct client *c)
{
    if (!uv_is_closing((uv_handle_t *)&c->handle))
        uv_close((uv_handle_t *)&c->handle, client_closed);
}

static bool is_open(const struct client *c)
{
    return !uv_is_closing((const uv_handle_t *)&c->handle) && !devnode_peer_closed(c->peer);
}

/* ---- bytes out */

static size_t unsent(const struct client *c)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&c->handle);
}

static void on_written(uv_write_t *request, int status);

/* What the socket does not take now. */
static int send_later(struct client *c, struct span bytes)
{
    struct outgoing *o = mem_alloc(sizeof(*o) + bytes.n);
    if (!o)
        return UV_ENOMEM;
    memcpy(o->bytes, bytes.p, bytes.n);
    o->request.data = o;
    uv_buf_t buf = uv_buf_init((char *)o->bytes, (unsigned)bytes.n);
    int rc = uv_write(&o->request, (uv_stream_t *)&c->handle, &buf, 1, on_written);
    if (rc != 0)
        mem_free(o);
    return rc;
}

/* Send what the peer has to say. */
static void flush(struct client *c)
{
    struct span bytes = devnode_peer_output(c->peer);
    int rc = 0;
    if (bytes.n > 0) {
        uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes.p, (unsigned)bytes.n);
        int sent = uv_try_write((uv_stream_t *)&c->handle, &buf, 1);
        size_t n = sent > 0 ? (size_t)sent : 0;
        rc = n < bytes.n ? send_later(c, (struct span){bytes.p + n, bytes.n - n}) : 0;
        devnode_peer_taken(c->peer, bytes.n);
    }
    if (rc != 0 || (devnode_peer_closed(c->peer) && unsent(c) == 0))
        client_close(c);
}

/* ---- bytes in */

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct client *c = handle->data;
    (void)suggested;
    *buf = uv_buf_init(c->server->buffer, READ_SIZE);
}

/* Answer message by message, while not too much is unsent. */
static void answer(struct client *c, struct span in)
{
    int rc = 0;
    while (rc == 0 && in.n > 0 && is_open(c) && unsent(c) <= MOST_QUEUED) {
        rc = devnode_peer_input_one(c->peer, &in);
        if (rc == 0)
            flush(c);
    }
    if (in.n > 0 && is_open(c))
        writer_span(&c->waiting, in);
    if (rc != 0 || c->waiting.failed)
        client_close(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct client *c = stream->data;
    if (n < 0)
        client_close(c);
    else
        answer(c, (struct span){(const uint8_t *)buf->base, (size_t)n});
    if (!is_open(c) || unsent(c) > MOST_QUEUED)
        uv_read_stop(stream);
}

static void on_written(uv_write_t *request, int status)
{
    struct client *c = request->handle->data;
    mem_free(request->data);
    if (status != 0 || (devnode_peer_closed(c->peer) && unsent(c) == 0))
        client_close(c);
    if (!is_open(c) || unsent(c) > MOST_QUEUED)
        return;
    struct writer waited = c->waiting;
    writer_init(&c->waiting);
    answer(c, (struct span){waited.data, waited.n});
    writer_free(&waited);
    if (is_open(c) && unsent(c) <= MOST_QUEUED)
        uv_read_start((uv_stream_t *)&c->handle, allocate, on_read);
}

/* ---- accepting */

static int client_new(struct devnode_server *s, struct client **out)
{
    uv_timeval64_t now;
    uint64_t nonce;
    int rc = uv_gettimeofday(&now);
    if (rc == 0)
        rc = uv_random(NULL, NULL, &nonce, sizeof(nonce), 0, NULL);
    struct client *c = rc == 0 ? mem_zalloc(sizeof(*c)) : NULL;
    if (!c)
        return rc != 0 ? rc : UV_ENOMEM;
    if (devnode_peer_new(&c->peer, s->chain, &s->options.peer, s->tip, now.tv_sec, nonce) != 0)
        rc = UV_ENOMEM;
    if (rc == 0)
        rc = uv_tcp_init(s->listener.loop, &c->handle);
    if (rc != 0) {
        devnode_peer_free(c->peer);
        mem_free(c);
        return rc;
    }
    c->handle.data = c;
    c->server = s;
    c->number = ++s->accepted;
    c->next = s->clients;
    if (c->next)
        c->next->prev = c;
    s->clients = c;
    s->n_clients++;
    *out = c;
    return 0;
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct devnode_server *s = listener->data;
    struct client *c;
    if (status != 0 || client_new(s, &c) != 0)
        return;
    if (uv_accept(listener, (uv_stream_t *)&c->handle) != 0 || uv_tcp_nodelay(&c->handle, 1) != 0 ||
        uv_read_start((uv_stream_t *)&c->handle, allocate, on_read) != 0)
        client_close(c);
    else
        say(s, c->number, "connected");
}

/* ---- starting, stopping */

static int loopback(const char *address, uint16_t port, struct sockaddr_storage *out)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    memset(out, 0, sizeof(*out));
    if (uv_ip4_addr(address, port, &v4) == 0) {
        memcpy(out, &v4, sizeof(v4));
        return (ntohl(v4.sin_addr.s_addr) >> 24) == 127 ? 0 : UV_EINVAL;
    }
    if (uv_ip6_addr(address, port, &v6) != 0 || memcmp(&v6.sin6_addr, &in6addr_loopback, sizeof(in6addr_loopback)) != 0)
        return UV_EINVAL;
    memcpy(out, &v6, sizeof(v6));
    return 0;
}

static int listen_at(struct devnode_server *s, const struct sockaddr_storage *at, uint16_t *port)
{
    struct sockaddr_storage name;
    int n = sizeof(name);
    int rc = uv_tcp_bind(&s->listener, (const struct sockaddr *)at, 0);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&s->listener, BACKLOG, on_connection);
    if (rc == 0)
        rc = uv_tcp_getsockname(&s->listener, (struct sockaddr *)&name, &n);
    if (rc != 0)
        return rc;
    struct sockaddr_in v4; /* the port is at the same place in both families */
    memcpy(&v4, &name, sizeof(v4));
    *port = ntohs(v4.sin_port);
    return 0;
}

static void listener_closed(uv_handle_t *handle)
{
    struct devnode_server *s = handle->data;
    s->listener_closed = true;
    free_when_empty(s);
}

int devnode_server_start(struct devnode_server **out, uv_loop_t *loop, const struct devnode_chain *chain,
                         const struct devnode_server_options *options, uint16_t *port)
{
    struct sockaddr_storage at;
    *out = NULL;
    if (options->tip > chain->tip || (options->tip >= 0 && options->tip < chain->start) ||
        loopback(options->address, options->port, &at) != 0)
        return UV_EINVAL;
    struct devnode_server *s = mem_zalloc(sizeof(*s));
    if (!s)
        return UV_ENOMEM;
    s->chain = chain;
    s->options = *options;
    s->tip = options->tip < 0 ? chain->tip : options->tip;
    int rc = uv_tcp_init(loop, &s->listener);
    if (rc != 0) {
        mem_free(s);
        return rc;
    }
    s->listener.data = s;
    rc = listen_at(s, &at, port);
    if (rc != 0)
        uv_close((uv_handle_t *)&s->listener, listener_closed);
    else
        *out = s;
    return rc;
}

void devnode_server_stop(struct devnode_server *s)
{
    s->options.log = NULL;
    for (struct client *c = s->clients; c; c = c->next)
        client_close(c);
    uv_close((uv_handle_t *)&s->listener, listener_closed);
}

int devnode_server_grow(struct devnode_server *s, int32_t tip)
{
    if (tip < s->tip || tip > s->chain->tip)
        return DSPV_EMISUSE;
    s->tip = tip;
    for (struct client *c = s->clients; c; c = c->next) {
        if (devnode_peer_grow(c->peer, tip) != 0)
            client_close(c);
        else
            flush(c);
    }
    return 0;
}

int32_t devnode_server_tip(const struct devnode_server *s)
{
    return s->tip;
}
size_t devnode_server_clients(const struct devnode_server *s)
{
    return s->n_clients;
}
