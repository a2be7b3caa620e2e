/* See driver.h. Facts go to the client, then its wishes are carried out until it has none (drain). Carrying out a wish may itself
 * make a fact (what fails at once), which does not drain again: the loop in drain goes on.
 *
 * Memory: a connection lives until its stream is closed, a job until its thread is done, the sources of look-ups and names until
 * what they ask is; the driver (with the client) until all of these are gone. Read next: stream.c, naming.c. */
#include "io/driver.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "io/clock.h"
#include "io/names.h"
#include "io/naming.h"
#include "io/threads.h"
#include "wire/peer_address.h"

struct connection {
    struct stream *stream;
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

struct driver {
    struct driver_listener listener;
    dspv *client;
    const dspv_store *store;
    struct clock clock;
    uv_timer_t deadline;
    struct streams streams;
    struct proxy proxy;
    struct names names; /* of peers, which only the proxy hears */
    struct connection *connections;
    struct naming *naming;
    size_t works;
    struct rpc *rpc; /* NULL: no source of look-ups */
    bool stopping, timer_closed, draining;
    bool store_fails; /* and that has been told */
    int error;        /* the first local failure that cannot be got over */
};

/* ---- the end */

static void free_when_empty(struct driver *d)
{
    if (!d->timer_closed || d->connections || d->works != 0 || d->rpc || d->naming)
        return;
    dspv_free(d->client);
    proxy_wipe(&d->proxy);
    mem_free(d);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct driver *d = handle->data;
    d->timer_closed = true;
    free_when_empty(d);
}

static void forget(struct connection *c)
{
    struct driver *d = c->driver;
    if (c->prev)
        c->prev->next = c->next;
    else
        d->connections = c->next;
    if (c->next)
        c->next->prev = c->prev;
    mem_free(c);
}

static void on_closed(void *context)
{
    struct connection *c = context;
    struct driver *d = c->driver;
    forget(c);
    if (d->stopping)
        free_when_empty(d);
}

static struct connection *connection_find(struct driver *d, dspv_conn number)
{
    for (struct connection *c = d->connections; c; c = c->next)
        if (c->number == number)
            return stream_is_open(c->stream) ? c : NULL;
    return NULL;
}

/* ---- facts */

static void drain(struct driver *d);

/* What the client made of an input. */
static void check(struct driver *d, int rc)
{
    if (rc != DSPV_ESTORE) {
        d->store_fails = d->store_fails && rc != 0;
        if (rc != 0 && d->error == 0)
            d->error = rc;
        return;
    }
    bool told = d->store_fails || d->stopping;
    char text[400];
    d->store_fails = true;
    snprintf(text, sizeof(text), "%s: %.300s", dspv_error_text(rc), d->store ? d->store->trouble(d->store->context) : "");
    if (!told)
        d->listener.failed(d->listener.context, rc, text);
}

static void tell(struct driver *d, dspv_conn conn, const char *text)
{
    if (d->listener.trouble && !d->stopping)
        d->listener.trouble(d->listener.context, conn, text);
}

static void trouble(struct driver *d, dspv_conn conn, const dspv_addr *addr, const char *what, const char *why)
{
    char whom[NAMES_TEXT_SIZE], text[NAMES_TEXT_SIZE + 256];
    names_text(&d->names, addr, whom);
    snprintf(text, sizeof(text), "%s %s: %.200s", what, whom, why);
    tell(d, conn, text);
}

/* ---- connections */

static void on_open(void *context)
{
    struct connection *c = context;
    struct driver *d = c->driver;
    check(d, dspv_in_connected(d->client, c->number, clock_now(&d->clock)));
    drain(d);
}

static void on_bytes(void *context, const uint8_t *data, size_t n)
{
    struct connection *c = context;
    struct driver *d = c->driver;
    check(d, dspv_in_bytes(d->client, c->number, data, n, clock_now(&d->clock)));
    drain(d);
}

/* The connection is gone, which the client did not ask for. */
static void on_lost(void *context, const char *what, const char *why)
{
    struct connection *c = context;
    struct driver *d = c->driver;
    trouble(d, c->number, &c->addr, what, why);
    if (d->stopping)
        return;
    check(d, dspv_in_closed(d->client, c->number, clock_now(&d->clock)));
    drain(d);
}

static void cannot_connect(struct driver *d, const dspv_out *out, const char *why)
{
    trouble(d, out->conn, &out->addr, "cannot connect to", why);
    if (!d->stopping)
        check(d, dspv_in_closed(d->client, out->conn, clock_now(&d->clock)));
}

static void open_connection(struct driver *d, const dspv_out *out)
{
    static const struct stream_listener mine = {on_open, on_bytes, on_lost, on_closed};
    struct socks_request whom = {.command = SOCKS_CONNECT, .port = out->addr.port};
    char onion[ONION_HOST_SIZE];
    if (out->addr.is_onion && !d->streams.proxy) {
        cannot_connect(d, out, "an onion service is reached through a proxy only (Tor: --proxy=127.0.0.1:9050)");
        return;
    }
    memcpy(whom.ip, out->addr.ip, sizeof(whom.ip));
    whom.name = names_find(&d->names, &out->addr);
    if (out->addr.is_onion) {
        onion_host(out->addr.onion, onion);
        whom.name = onion;
    }
    struct connection *c = mem_zalloc(sizeof(*c));
    int rc = c ? stream_open(&c->stream, &d->streams, &whom, &mine, c) : UV_ENOMEM;
    if (rc != 0) {
        mem_free(c);
        cannot_connect(d, out, uv_strerror(rc));
        return;
    }
    c->driver = d;
    c->number = out->conn;
    c->addr = out->addr;
    c->next = d->connections;
    if (c->next)
        c->next->prev = c;
    d->connections = c;
}

/* ---- jobs */

static void on_thread(uv_work_t *request)
{
    struct work *w = request->data;
    thread_steps_back();
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
    tell(d, 0, line);
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

/* ---- names */

static void on_name(void *context, const char *name, const dspv_addr *addrs, size_t n)
{
    struct driver *d = context;
    check(d, dspv_in_resolved(d->client, name, addrs, n, clock_now(&d->clock)));
    drain(d);
}

static void on_name_trouble(void *context, const char *text)
{
    tell(context, 0, text);
}

static void on_naming_stopped(void *context)
{
    struct driver *d = context;
    d->naming = NULL;
    free_when_empty(d);
}

static void find_name(struct driver *d, const dspv_out *out)
{
    if (!naming_ask(d->naming, out->name, out->addr.port))
        check(d, dspv_in_resolved(d->client, out->name, NULL, 0, clock_now(&d->clock)));
}

/* ---- what the client wants */

static void obey(struct driver *d, const dspv_out *out)
{
    bool is_of_one = out->kind == DSPV_OUT_SEND || out->kind == DSPV_OUT_CLOSE;
    struct connection *c = is_of_one ? connection_find(d, out->conn) : NULL;
    switch (out->kind) {
    case DSPV_OUT_CONNECT: open_connection(d, out); break;
    case DSPV_OUT_SEND:
        if (c)
            stream_send(c->stream, out->data, out->n);
        break;
    case DSPV_OUT_CLOSE:
        if (c)
            stream_close(c->stream);
        break;
    case DSPV_OUT_JOB: start_job(d, out->job); break;
    case DSPV_OUT_EVENT:
        if (out->event.kind == DSPV_EVENT_PHASE)
            mem_give_back(); /* what the phase before it needed */
        d->listener.event(d->listener.context, &out->event);
        break;
    case DSPV_OUT_RESOLVE: find_name(d, out); break;
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
    if (d->draining)
        return;
    d->draining = true;
    while (!d->stopping && d->error == 0 && dspv_next(d->client, &out))
        obey(d, &out);
    d->draining = false;
    if (d->stopping)
        return;
    if (d->error != 0) {
        uv_timer_stop(&d->deadline);
        d->listener.failed(d->listener.context, d->error, dspv_error_text(d->error));
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
    d->store = store;
    d->streams.loop = loop;
    d->streams.proxy_ms = STREAM_PROXY_MS;
    d->naming = naming_new(&d->streams, &(struct naming_listener){d, on_name, on_name_trouble, on_naming_stopped});
    rc = d->naming ? 0 : DSPV_ENOMEM;
    if (rc == 0)
        rc = dspv_new(&d->client, net, config, store, seed, clock_now(&d->clock));
    if (rc != 0) {
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

const char *driver_use_proxy(struct driver *d, const struct proxy_source *source)
{
    if (d->streams.proxy || d->connections)
        return "a proxy is set once, before anything is connected";
    const char *why = proxy_init(&d->proxy, source);
    if (!why)
        d->streams.proxy = &d->proxy;
    return why;
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
    if (rc == DSPV_ESTORE) { /* it is known all the same */
        check(d, rc);
        rc = 0;
    }
    if (rc == 0 && !d->stopping)
        uv_timer_start(&d->deadline, on_deadline, 0, 0); /* its wishes are carried out from the loop */
    return rc;
}

static bool read_number(const struct host_port *host, dspv_addr *out)
{
    *out = (dspv_addr){.port = host->port, .ip = {[10] = 0xff, [11] = 0xff}};
    return uv_inet_pton(AF_INET, host->host, out->ip + 12) == 0 || uv_inet_pton(AF_INET6, host->host, out->ip) == 0;
}

int driver_add_host(struct driver *d, const struct host_port *host)
{
    dspv_addr addr;
    int rc = 0;
    if (onion_host_parse(host->host, addr.onion)) {
        addr.is_onion = true;
        addr.port = host->port;
        memset(addr.ip, 0, sizeof(addr.ip));
    } else if (!read_number(host, &addr)) {
        rc = d->streams.proxy ? names_add(&d->names, host, &addr) : DSPV_EWAITING;
    }
    return rc == 0 ? driver_add_peer(d, &addr) : rc;
}

void driver_stop(struct driver *d)
{
    if (d->stopping)
        return;
    d->stopping = true;
    if (d->client)
        check(d, dspv_commit(d->client, clock_now(&d->clock)));
    for (struct connection *c = d->connections; c; c = c->next)
        stream_close(c->stream);
    uv_close((uv_handle_t *)&d->deadline, on_timer_closed);
    if (d->rpc)
        rpc_stop(d->rpc);
    if (d->naming)
        naming_stop(d->naming);
}
