/* A Dash Core node's JSON-RPC as the source of look-ups, in a libuv loop: calls run on libuv's threads, at most RPC_PARALLEL at a
 * time. Everything here belongs to the loop's thread. */
#ifndef IO_RPC_H
#define IO_RPC_H

#include <uv.h>

#include "io/rpc_call.h"

enum { RPC_PARALLEL = 2 };

struct rpc;

struct rpc_listener {
    void *context;
    /* The answer to rpc_ask `id`; n = 0: there is none. `data` is valid during the call. */
    void (*answer)(void *context, uint64_t id, const uint8_t *data, size_t n);
    /* It does not work, in words; told when it begins and when the words change. May be NULL. */
    void (*trouble)(void *context, const char *text);
    /* After rpc_stop: all is gone. */
    void (*stopped)(void *context);
};

/* `source` is copied, its strings too. 0; DSPV_ENOMEM; DSPV_EMISUSE: a URL that rpc_url_check refuses. */
int rpc_new(struct rpc **out, uv_loop_t *loop, const struct rpc_source *source, const struct rpc_listener *listener);
/* Ask. 0: listener.answer will be called, from the loop; DSPV_EBUSY: RPC_PARALLEL calls are running; DSPV_ENOMEM. */
int rpc_ask(struct rpc *r, uint64_t id, dspv_lookup_kind kind, const uint8_t hash[32]);
/* Cut short what runs; listener.stopped is called from the loop, or at once when nothing runs. The pointer is not valid after. */
void rpc_stop(struct rpc *r);

#endif
