/* One JSON-RPC call to a Dash Core node over HTTP, on the thread that makes it. Credentials are read when they are needed, kept as
 * short as possible, and never part of any text. */
#ifndef IO_RPC_CALL_H
#define IO_RPC_CALL_H

#include <stdatomic.h>

#include "dashspv/dashspv.h"

/* Where to ask and as whom. The strings are the caller's. */
struct rpc_source {
    const char *url;           /* http://HOST:PORT or https://, without user and password */
    const char *cookie_file;   /* Dash Core's .cookie, read anew for every call; or NULL */
    const char *user;          /* NULL: none */
    const char *password_file; /* its first line is the password; read anew for every call; NULL: none */
    uint32_t timeout_ms;
};

/* NULL, or a sentence that says why the URL will not do; it never quotes the URL. */
const char *rpc_url_check(const char *url);

enum { RPC_TROUBLE_SIZE = 200 };

/* What a call brought. */
struct rpc_answer {
    uint8_t *data; /* mem_free; NULL when there is nothing */
    size_t n;
    char trouble[RPC_TROUBLE_SIZE]; /* why there is nothing, for a person; empty when all is well */
};

/* A call that can be cut short from another thread. */
struct rpc_call;

/* NULL: out of memory. */
struct rpc_call *rpc_call_new(void);
void rpc_call_free(struct rpc_call *call);
/* Any thread: the running or coming call ends soon, without an answer. */
void rpc_call_cancel(struct rpc_call *call);

/* Ask for what a look-up wants: the bytes of block `hash`, or the payload of a clsig. Blocks its thread. */
void rpc_call_block(struct rpc_call *call, const struct rpc_source *source, const uint8_t hash[32], struct rpc_answer *out);
void rpc_call_chainlock(struct rpc_call *call, const struct rpc_source *source, struct rpc_answer *out);

#endif
