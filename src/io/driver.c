/* See driver.h. Facts go to the client, then its wishes are carried out until it has none (drain). A wish never calls back into
 * drain: what fails at once is told to the client as a fact, and the loop in drain goes on.
 *
 * Memory: a connection lives until libuv has closed its handle, a job until its thread is done, the source of look-ups until its
 * calls are; the driver (with the client) until all of these are gone. */
#include "io/driver.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "io/clock.h"

enum {
    READ_SIZE = 64 << 10,
    MOST_QUEUED = 8 << 20 /* bytes unsent on one connection: a peer that does not read so much is cut off */
};

struct connection {
    uv_tcp_t tcp;
    uv_connect_t connecting;
    struct driver *driver;
    struct connection *prev, *next;
    dspv_conn number;
    dspv_addr addr;
};

struct work {
    uv_work_t request;
    struct driver *driver;
    dspv_job *job;
};

struct outgoing {
    uv_write_t request;
    uint8_t bytes[];
};

struct driver {
    struct driver_listener listener;
    dspv *client;
    struct clock clock;
    uv_timer_t deadline;
    struct connection *connections;
    size_t works;
    struct rpc *rpc; /* NULL: no source of look-ups */
    bool stopping, timer_closed;
    int error; /* the first local failure */
    char buffer[READ_SIZE];
};

/* ---- the end */

static void free_when_empty(struct driver *d)
{
    if (!d->timer_closed || d->connections || d->works != 0 || d->rpc)
        return;
    dspv_free(d->client);
    mem_free(d);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct driver *d = handle->data;
    d->timer_closed = true;
    free_when_empty(d);
}

static void on_connection_closed(uv_handle_t *handle)
{
    struct connection *c = handle->data;
    struct driver *d = c->driver;
    if (c->prev)
        c->prev->next = c->next;
    else
        d->connections = c->next;
    if (c->next)
        c->next->prev = c->prev;
    mem_free(c);
    if (d->stopping)
        free_when_empty(d);
}

static bool connection_open(const struct connection *c)
{
    return !uv_is_closing((const uv_handle_t *)&c->tcp);
}

static void connection_close(struct connection *c)
{
    if (connection_open(c))
        uv_close((uv_handle_t *)&c->tcp, on_connection_closed);
}

static struct connection *connection_find(struct driver *d, dspv_conn number)
{
    for (struct connection *c = d->connections; c; c = c->next)
        if (c->number == number)
            return connection_open(c) ? c : NULL;
    return NULL;
}

/* ---- facts */

static void check(struct driver *d, int rc)
{
    if (rc != 0 && d->error == 0)
        d->error = rc;
}

static void trouble(struct driver *d, const struct connection *c, const char *what, int uv_error)
{
    char host[INET6_ADDRSTRLEN], text[256];
    static const uint8_t v4[12] = {[10] = 0xff, [11] = 0xff};
    bool is_v4 = memcmp(c->addr.ip, v4, sizeof(v4)) == 0;
    if (!d->listener.trouble || d->stopping)
        return;
    if (uv_inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? c->addr.ip + 12 : c->addr.ip, host, sizeof(host)) != 0)
        host[0] = '\0';
    snprintf(text, sizeof(text), is_v4 ? "%s %s:%u: %s" : "%s [%s]:%u: %s", what, host, (unsigned)c->addr.port,
             uv_strerror(uv_error));
    d->listener.trouble(d->listener.context, c->number, text);
}

/* The connection is gone, which the client did not ask for. */
static void lose(struct connection *c, const char *what, int uv_error)
{
    struct driver *d = c->driver;
    if (!connection_open(c))
        return;
    connection_close(c);
    trouble(d, c, what, uv_error);
    if (!d->stopping)
        check(d, dspv_in_closed(d->client, c->number, clock_now(&d->clock)));
}

static void drain(struct driver *d);

/* ---- reading and writing */

static void on_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct connection *c = handle->data;
    (void)suggested;
    *buf = uv_buf_init(c->driver->buffer, READ_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct connection *c = stream->data;
    struct driver *d = c->driver;
    if (n == 0)
        return;
    if (n < 0)
        lose(c, "lost", (int)n);
    else
        check(d, dspv_in_bytes(d->client, c->number, (const uint8_t *)buf->base, (size_t)n, clock_now(&d->clock)));
    drain(d);
}

static void on_written(uv_write_t *request, int status)
{
    struct connection *c = request->handle->data;
    mem_free(request->data);
    if (status != 0 && connection_open(c)) {
        lose(c, "lost", status);
        drain(c->driver);
    }
}

static void send_bytes(struct driver *d, const dspv_out *out)
{
    struct connection *c = connection_find(d, out->conn);
    if (!c)
        return;
    uv_stream_t *stream = (uv_stream_t *)&c->tcp;
    struct outgoing *o = NULL;
    int rc = UV_ENOBUFS;
    if (uv_stream_get_write_queue_size(stream) + out->n <= MOST_QUEUED) {
        o = mem_alloc(sizeof(*o) + out->n);
        rc = o ? 0 : UV_ENOMEM;
    }
    if (rc == 0) {
        memcpy(o->bytes, out->data, out->n);
        o->request.data = o;
        uv_buf_t buf = uv_buf_init((char *)o->bytes, (unsigned)out->n);
        rc = uv_write(&o->request, stream, &buf, 1, on_written);
    }
    if (rc != 0) {
        mem_free(o);
        lose(c, "cannot send to", rc);
    }
}

/* ---- connecting */

static void on_connected(uv_connect_t *request, int status)
{
    struct connection *c = request->data;
    struct driver *d = c->driver;
    if (!connection_open(c))
        return;
    if (status == 0)
        status = uv_read_start((uv_stream_t *)&c->tcp, on_buffer, on_read);
    if (status != 0) {
        lose(c, "cannot connect to", status);
    } else {
        uv_tcp_nodelay(&c->tcp, 1);
        check(d, dspv_in_connected(d->client, c->number, clock_now(&d->clock)));
    }
    drain(d);
}

static int dial(struct connection *c)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(c->addr.port)};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(c->addr.port)};
    memcpy(&v6.sin6_addr, c->addr.ip, 16);
    memcpy(&v4.sin_addr, c->addr.ip + 12, 4);
    const struct sockaddr *to = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    return uv_tcp_connect(&c->connecting, &c->tcp, to, on_connected);
}

static void open_connection(struct driver *d, const dspv_out *out)
{
    struct connection *c = mem_zalloc(sizeof(*c));
    if (!c || uv_tcp_init(d->deadline.loop, &c->tcp) != 0) {
        mem_free(c);
        check(d, dspv_in_closed(d->client, out->conn, clock_now(&d->clock)));
        return;
    }
    c->driver = d;
    c->number = out->conn;
    c->addr = out->addr;
    c->next = d->connections;
    c->tcp.data = c->connecting.data = c;
    if (c->next)
        c->next->prev = c;
    d->connections = c;
    int rc = dial(c);
    if (rc != 0)
        lose(c, "cannot connect to", rc);
}

/* ---- jobs */

static void on_thread(uv_work_t *request)
{
    struct work *w = request->data;
    (void)dspv_job_run(w->job); /* what it could not do, the client sees when it gets the job back */
}

static void on_work_done(uv_work_t *request, int status)
{
    struct work *w = request->data;
    struct driver *d = w->driver;
    (void)status; /* cancelled: the job goes back not run */
    d->works--;
    int rc = dspv_in_job_done(d->client, w->job, clock_now(&d->clock));
    mem_free(w);
    if (d->stopping) {
        free_when_empty(d);
        return;
    }
    check(d, rc);
    drain(d);
}

static void start_job(struct driver *d, dspv_job *job)
{
    struct work *w = mem_alloc(sizeof(*w));
    if (w) {
        *w = (struct work){.driver = d, .job = job};
        w->request.data = w;
        if (uv_queue_work(d->deadline.loop, &w->request, on_thread, on_work_done) == 0) {
            d->works++;
            return;
        }
    }
    mem_free(w);
    check(d, dspv_job_run(job));
    check(d, dspv_in_job_done(d->client, job, clock_now(&d->clock)));
}

/* ---- look-ups */

static void on_answer(void *context, uint64_t id, const uint8_t *data, size_t n)
{
    struct driver *d = context;
    check(d, dspv_in_lookup(d->client, id, data, n, clock_now(&d->clock)));
    drain(d);
}

static void on_rpc_trouble(void *context, const char *text)
{
    struct driver *d = context;
    char line[RPC_TROUBLE_SIZE + 16];
    snprintf(line, sizeof(line), "RPC: %s", text);
    if (d->listener.trouble && !d->stopping)
        d->listener.trouble(d->listener.context, 0, line);
}

static void on_rpc_stopped(void *context)
{
    struct driver *d = context;
    d->rpc = NULL;
    free_when_empty(d);
}

static void look_up(struct driver *d, const dspv_out *out)
{
    if (!d->rpc || rpc_ask(d->rpc, out->id, out->lookup, out->hash) != 0)
        check(d, dspv_in_lookup(d->client, out->id, NULL, 0, clock_now(&d->clock)));
}

/* ---- what the client wants */

static void obey(struct driver *d, const dspv_out *out)
{
    struct connection *c;
    switch (out->kind) {
    case DSPV_OUT_CONNECT: open_connection(d, out); break;
    case DSPV_OUT_SEND: send_bytes(d, out); break;
    case DSPV_OUT_CLOSE:
        c = connection_find(d, out->conn);
        if (c)
            connection_close(c);
        break;
    case DSPV_OUT_JOB: start_job(d, out->job); break;
    case DSPV_OUT_EVENT: d->listener.event(d->listener.context, &out->event); break;
    case DSPV_OUT_RESOLVE: check(d, dspv_in_resolved(d->client, out->name, NULL, 0, clock_now(&d->clock))); break;
    case DSPV_OUT_LOOKUP: look_up(d, out); break;
    }
}

static void on_deadline(uv_timer_t *timer)
{
    struct driver *d = timer->data;
    check(d, dspv_in_tick(d->client, clock_now(&d->clock)));
    drain(d);
}

static void drain(struct driver *d)
{
    dspv_out out;
    while (!d->stopping && d->error == 0 && dspv_next(d->client, &out))
        obey(d, &out);
    if (d->stopping)
        return;
    if (d->error != 0) {
        uv_timer_stop(&d->deadline);
        d->listener.failed(d->listener.context, d->error);
        return;
    }
    /* At least 1 ms: a deadline that stays in the past must not keep the loop from its sockets. */
    uint64_t wait = clock_until(&d->clock, dspv_deadline(d->client));
    uv_timer_start(&d->deadline, on_deadline, wait == 0 ? 1 : wait, 0);
}

/* ---- start and stop */

int driver_start(struct driver **out, uv_loop_t *loop, const dspv_network *net, const dspv_config *config,
                 const dspv_store *store, const struct driver_listener *listener)
{
    uint8_t seed[32];
    *out = NULL;
    struct driver *d = mem_zalloc(sizeof(*d));
    if (!d)
        return DSPV_ENOMEM;
    d->listener = *listener;
    int rc =
        clock_init(&d->clock, loop) == 0 && clock_seed(seed) == 0 && uv_timer_init(loop, &d->deadline) == 0 ? 0 : DSPV_EMISUSE;
    if (rc != 0) {
        mem_free(d);
        return rc;
    }
    d->deadline.data = d;
    rc = dspv_new(&d->client, net, config, store, seed, clock_now(&d->clock));
    if (rc != 0) {
        d->client = NULL;
        driver_stop(d);
        return rc;
    }
    uv_timer_start(&d->deadline, on_deadline, 0, 0);
    *out = d;
    return 0;
}

int driver_use_rpc(struct driver *d, const struct rpc_source *source)
{
    const struct rpc_listener mine = {d, on_answer, on_rpc_trouble, on_rpc_stopped};
    return d->rpc || d->stopping ? DSPV_EMISUSE : rpc_new(&d->rpc, d->deadline.loop, source, &mine);
}

int driver_chainlock_signature(struct driver *d, const dspv_block_hash *block, uint8_t out[96], dspv_signature_source *source)
{
    int rc = dspv_chainlock_signature(d->client, block, clock_now(&d->clock), out, source);
    if (rc == DSPV_EWAITING)
        uv_timer_start(&d->deadline, on_deadline, 0, 0); /* the client's wishes are carried out from the loop */
    return rc;
}

dspv *driver_client(struct driver *d)
{
    return d->client;
}

dspv_ms driver_now(const struct driver *d)
{
    return clock_now(&d->clock);
}

int driver_add_peer(struct driver *d, const dspv_addr *addr)
{
    int rc = dspv_add_peer(d->client, addr, clock_now(&d->clock));
    if (rc == 0)
        uv_timer_start(&d->deadline, on_deadline, 0, 0); /* its wishes are carried out from the loop */
    return rc;
}

void driver_stop(struct driver *d)
{
    if (d->stopping)
        return;
    d->stopping = true;
    for (struct connection *c = d->connections; c; c = c->next)
        connection_close(c);
    uv_close((uv_handle_t *)&d->deadline, on_timer_closed);
    if (d->rpc)
        rpc_stop(d->rpc);
}
