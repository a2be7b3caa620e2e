/* See rpc.h. Memory: a call lives until its thread is done, the rpc until it is stopped and the last call is gone. */
#include "io/rpc.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct running {
    uv_work_t request;
    struct rpc *rpc;
    struct rpc_call *call; /* NULL: this place is free */
    uint64_t id;
    dspv_lookup_kind kind;
    uint8_t hash[32];
    struct rpc_answer answer;
};

struct rpc {
    uv_loop_t *loop;
    struct rpc_source source;
    char *strings[4]; /* what source points to */
    struct rpc_listener listener;
    struct running running[RPC_PARALLEL];
    bool stopping;
    char trouble[RPC_TROUBLE_SIZE]; /* told last; empty: it works */
};

/* ---- life */

static void rpc_free(struct rpc *r)
{
    for (size_t i = 0; i < sizeof(r->strings) / sizeof(r->strings[0]); i++)
        mem_free(r->strings[i]);
    mem_free(r);
    curl_global_cleanup();
}

static bool copy_string(char **own, const char **text)
{
    if (!*text)
        return true;
    size_t size = strlen(*text) + 1;
    *own = mem_alloc(size);
    if (!*own)
        return false;
    memcpy(*own, *text, size);
    *text = *own;
    return true;
}

int rpc_new(struct rpc **out, uv_loop_t *loop, const struct rpc_source *source, const struct rpc_listener *listener)
{
    *out = NULL;
    if (rpc_url_check(source->url) != NULL)
        return DSPV_EMISUSE;
    struct rpc *r = mem_zalloc(sizeof(*r));
    if (!r || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        mem_free(r);
        return DSPV_ENOMEM;
    }
    r->loop = loop;
    r->source = *source;
    r->listener = *listener;
    if (!copy_string(&r->strings[0], &r->source.url) || !copy_string(&r->strings[1], &r->source.cookie_file) ||
        !copy_string(&r->strings[2], &r->source.user) || !copy_string(&r->strings[3], &r->source.password_file)) {
        rpc_free(r);
        return DSPV_ENOMEM;
    }
    *out = r;
    return 0;
}

static void end_when_idle(struct rpc *r)
{
    for (size_t i = 0; i < RPC_PARALLEL; i++)
        if (r->running[i].call)
            return;
    struct rpc_listener listener = r->listener;
    rpc_free(r);
    listener.stopped(listener.context);
}

void rpc_stop(struct rpc *r)
{
    r->stopping = true;
    for (size_t i = 0; i < RPC_PARALLEL; i++)
        if (r->running[i].call) {
            rpc_call_cancel(r->running[i].call);
            uv_cancel((uv_req_t *)&r->running[i].request); /* where its thread has not begun */
        }
    end_when_idle(r);
}

/* ---- calls */

static void on_thread(uv_work_t *request)
{
    struct running *w = request->data;
    if (w->kind == DSPV_LOOKUP_BLOCK)
        rpc_call_block(w->call, &w->rpc->source, w->hash, &w->answer);
    else
        rpc_call_chainlock(w->call, &w->rpc->source, &w->answer);
}

static void tell_trouble(struct rpc *r, const char *text)
{
    if (strcmp(text, r->trouble) == 0)
        return;
    snprintf(r->trouble, sizeof(r->trouble), "%s", text);
    if (r->listener.trouble && text[0])
        r->listener.trouble(r->listener.context, text);
}

static void on_done(uv_work_t *request, int status)
{
    struct running *w = request->data;
    struct rpc *r = w->rpc;
    struct rpc_answer answer = w->answer;
    (void)status; /* cancelled: there is no answer */
    if (!r->stopping)
        tell_trouble(r, answer.trouble); /* may stop it; the place is taken still, so that it lives on */
    rpc_call_free(w->call);
    w->call = NULL;
    if (r->stopping)
        end_when_idle(r);
    else
        r->listener.answer(r->listener.context, w->id, answer.data, answer.n);
    mem_free(answer.data);
}

int rpc_ask(struct rpc *r, uint64_t id, dspv_lookup_kind kind, const uint8_t hash[32])
{
    struct running *w = NULL;
    for (size_t i = 0; i < RPC_PARALLEL; i++)
        if (!r->running[i].call)
            w = &r->running[i];
    if (!w)
        return DSPV_EBUSY;
    *w = (struct running){.rpc = r, .call = rpc_call_new(), .id = id, .kind = kind};
    if (!w->call)
        return DSPV_ENOMEM;
    memcpy(w->hash, hash, sizeof(w->hash));
    w->request.data = w;
    if (uv_queue_work(r->loop, &w->request, on_thread, on_done) == 0)
        return 0;
    rpc_call_free(w->call);
    w->call = NULL;
    return DSPV_ENOMEM;
}
