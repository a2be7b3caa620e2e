/* The development peer on TCP, in the caller's libuv loop. Everything here belongs to that loop's thread. */
#ifndef DEVNODE_SERVER_H
#define DEVNODE_SERVER_H

#include <uv.h>

#include "devnode/peer.h"

struct devnode_server_options {
    struct devnode_options peer;
    const char *address;                          /* loopback only: "127.0.0.1", "::1" */
    uint16_t port;                                /* 0 = any free port */
    int32_t tip;                                  /* served first; -1 = all */
    void (*log)(void *context, const char *line); /* NULL = quiet */
    void *log_context;
};

struct devnode_server_options devnode_server_options_default(void);

struct devnode_server;

/* Listen; *port becomes the port in use. `chain` outlives the server. 0 with *out, or a libuv error (for
 * uv_strerror): UV_EINVAL when the address is not loopback or the tip is not in the chain. */
int devnode_server_start(struct devnode_server **out, uv_loop_t *loop, const struct devnode_chain *chain,
                         const struct devnode_server_options *options, uint16_t *port);
/* Close everything. The memory goes once the loop has run the closing callbacks; the pointer is not valid any more. */
void devnode_server_stop(struct devnode_server *s);

/* Let the chain grow for all clients, present and future. 0; DSPV_ENOMEM; DSPV_EMISUSE as devnode_peer_grow. */
int devnode_server_grow(struct devnode_server *s, int32_t tip);
int32_t devnode_server_tip(const struct devnode_server *s);
size_t devnode_server_clients(const struct devnode_server *s);

#endif
