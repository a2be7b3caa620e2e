/* Runs the sans-I/O client (dashspv/dashspv.h) in a libuv loop: its connections over TCP, directly or through a proxy, its
 * deadlines on a timer, its jobs on libuv's threads. Everything here belongs to the loop's thread. */
#ifndef IO_DRIVER_H
#define IO_DRIVER_H

#include <uv.h>

#include "dashspv/dashspv.h"
#include "io/host_port.h"
#include "io/proxy.h"
#include "io/rpc.h"

enum { DRIVER_MOST_NAMES = 64 };

struct driver;

struct driver_listener {
    void *context;
    /* Something happened in the client. The client may be asked for progress; driver_stop may be called. */
    void (*event)(void *context, const dspv_event *event);
    /* A connection could not be made or broke, or (conn 0) the source of look-ups or the finding of names does not work, in
     * words; `conn` as in events. May be NULL. */
    void (*trouble)(void *context, dspv_conn conn, const char *text);
    /* A local failure (dspv_error), in words. DSPV_ESTORE, with the store's own words: told once until it works again; the client
     * goes on and tries again, unless the listener stops the driver. Otherwise it cannot go on, and the listener stops it. */
    void (*failed)(void *context, int error, const char *text);
};

/* Start a client on `net` (copied) in `loop`. `config` and `store` (borrowed until the driver's end) may be NULL. 0 with *out; a
 * dspv_error (DSPV_EMISUSE also when the system gives no randomness or no time). */
int driver_start(struct driver **out, uv_loop_t *loop, const dspv_network *net, const dspv_config *config,
                 const dspv_store *store, const struct driver_listener *listener);
/* Answer the client's look-ups (config.lookups) from a Dash Core's JSON-RPC; once, after the start. Without it they come to
 * nothing. 0; DSPV_ENOMEM; DSPV_EMISUSE: not a URL for it, or there is one already. */
int driver_use_rpc(struct driver *d, const struct rpc_source *source);
/* Make every connection through a SOCKS 5 proxy, names too: nothing is asked of the local DNS any more. Once, right after the
 * start. NULL; or a sentence that says what is wrong with the source, which is copied. */
const char *driver_use_proxy(struct driver *d, const struct proxy_source *source);
/* bestCLSignature of a block: dspv_chainlock_signature, and what that wants looked up is looked up. */
int driver_chainlock_signature(struct driver *d, const dspv_block_hash *block, uint8_t out[96], dspv_signature_source *source);
/* The client, to ask for progress and state. Facts are given to it by the driver alone. */
dspv *driver_client(struct driver *d);
/* Unix time in ms as the client sees it. */
dspv_ms driver_now(const struct driver *d);
/* A peer to use (dspv_add_peer). 0 or DSPV_ENOMEM. */
int driver_add_peer(struct driver *d, const dspv_addr *addr);
/* The same for what a person wrote: a number, an onion service, and, when there is a proxy, any name, which only the proxy hears.
 * 0; DSPV_ENOMEM; DSPV_EWAITING: a name, and no proxy: it has to be resolved first (io/resolve.h); DSPV_EBUSY: DRIVER_MOST_NAMES.
 */
int driver_add_host(struct driver *d, const struct host_port *host);
/* Have the client write what waits, and close everything; nothing is reported any more. The memory, the client's too, goes once
 * the loop has run the closing callbacks and the jobs that still run have ended: the pointer is not valid any more. */
void driver_stop(struct driver *d);

#endif
