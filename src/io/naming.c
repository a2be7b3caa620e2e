/* See naming.h. A question to the DNS cannot be taken back once its thread has it: its time being over, the client is told that
 * nothing was found, and the late answer is dropped. Memory: a question lives until its callbacks are done. */
#include "io/naming.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "io/resolve.h"

struct question {
    struct naming *naming; /* NULL: this place is free */
    const char *name;
    uint16_t port;
    bool answered;
    unsigned pending; /* callbacks that must come before the place is free */
    struct resolve resolve;
    uv_timer_t patience;
    struct stream *stream;
};

struct naming {
    struct streams *streams;
    struct naming_listener listener;
    struct question questions[NAMING_PARALLEL];
    bool stopping;
    bool cannot; /* the proxy looks up no names, and that has been told */
};

struct naming *naming_new(struct streams *streams, const struct naming_listener *listener)
{
    struct naming *n = mem_zalloc(sizeof(*n));
    if (!n)
        return NULL;
    n->streams = streams;
    n->listener = *listener;
    return n;
}

static void end_when_idle(struct naming *n)
{
    for (size_t i = 0; i < NAMING_PARALLEL; i++)
        if (n->questions[i].naming)
            return;
    struct naming_listener listener = n->listener;
    mem_free(n);
    listener.stopped(listener.context);
}

/* One callback less to wait for. */
static void settle(struct question *q)
{
    struct naming *n = q->naming;
    if (--q->pending != 0)
        return;
    q->naming = NULL;
    if (n->stopping)
        end_when_idle(n);
}

static void answer(struct question *q, const dspv_addr *addrs, size_t n)
{
    struct naming *naming = q->naming;
    if (q->answered || naming->stopping)
        return;
    q->answered = true;
    naming->listener.answer(naming->listener.context, q->name, addrs, n);
}

static void tell(struct naming *n, const char *text)
{
    if (!n->stopping)
        n->listener.trouble(n->listener.context, text);
}

/* ---- the DNS */

static void on_timer_closed(uv_handle_t *handle)
{
    settle(handle->data);
}

static void on_patience(uv_timer_t *timer)
{
    struct question *q = timer->data;
    resolve_cancel(&q->resolve);
    answer(q, NULL, 0);
}

static void on_resolved(void *context, int status, const dspv_addr *addrs, size_t n)
{
    struct question *q = context;
    uv_close((uv_handle_t *)&q->patience, on_timer_closed);
    answer(q, addrs, status == 0 ? n : 0);
    settle(q);
}

static bool ask_dns(struct question *q)
{
    uv_loop_t *loop = q->naming->streams->loop;
    struct host_port target = {.port = q->port};
    if (strlen(q->name) >= sizeof(target.host))
        return false;
    memcpy(target.host, q->name, strlen(q->name) + 1);
    if (resolve_start(&q->resolve, loop, &target, on_resolved, q) != 0)
        return false;
    q->pending = 2;
    uv_timer_init(loop, &q->patience);
    q->patience.data = q;
    uv_timer_start(&q->patience, on_patience, NAMING_MS, 0);
    return true;
}

/* ---- Tor */

static const char CANNOT[] = "the proxy looks up no names (only Tor does); peers are found without";

static void on_open(void *context)
{
    struct question *q = context;
    dspv_addr found = {.port = q->port};
    memcpy(found.ip, stream_resolved(q->stream), sizeof(found.ip));
    stream_close(q->stream);
    answer(q, &found, 1);
}

static void on_lost(void *context, const char *what, const char *why)
{
    struct question *q = context;
    struct naming *n = q->naming;
    bool cannot = stream_reply(q->stream) == SOCKS_REPLY_NO_COMMAND, known = n->cannot;
    char text[320];
    (void)what;
    n->cannot |= cannot;
    snprintf(text, sizeof(text), "cannot look up %.100s: %s", q->name, cannot ? CANNOT : why);
    if (!cannot || !known)
        tell(n, text);
    answer(q, NULL, 0);
}

static void on_closed(void *context)
{
    settle(context);
}

static bool ask_tor(struct question *q)
{
    static const struct stream_listener mine = {.open = on_open, .lost = on_lost, .closed = on_closed};
    const struct socks_request request = {.command = SOCKS_RESOLVE, .name = q->name};
    if (stream_open(&q->stream, q->naming->streams, &request, &mine, q) != 0)
        return false;
    q->pending = 1;
    return true;
}

/* ---- either */

bool naming_ask(struct naming *n, const char *name, uint16_t port)
{
    struct question *q = NULL;
    for (size_t i = 0; i < NAMING_PARALLEL; i++)
        if (!n->questions[i].naming)
            q = &n->questions[i];
    if (!q)
        return false;
    *q = (struct question){.naming = n, .name = name, .port = port};
    if (n->streams->proxy ? ask_tor(q) : ask_dns(q))
        return true;
    q->naming = NULL;
    return false;
}

void naming_stop(struct naming *n)
{
    n->stopping = true;
    for (size_t i = 0; i < NAMING_PARALLEL; i++) {
        struct question *q = &n->questions[i];
        if (q->naming && q->stream)
            stream_close(q->stream);
        else if (q->naming)
            resolve_cancel(&q->resolve);
    }
    end_when_idle(n);
}
