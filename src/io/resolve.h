/* Host names to addresses, on libuv's threads. */
#ifndef IO_RESOLVE_H
#define IO_RESOLVE_H

#include <uv.h>

#include "dashspv/dashspv.h"
#include "io/host_port.h"

enum { RESOLVE_MOST = 256 }; /* addresses taken for one name */

struct resolve {
    uv_getaddrinfo_t request;
    uint16_t port;
    void *context;
    /* status 0: n addresses (at least one); else a libuv error, UV_ECANCELED after resolve_cancel. */
    void (*done)(void *context, int status, const dspv_addr *addrs, size_t n);
};

/* `r` stays in place until done is called. 0 or a libuv error (then done is not called). */
int resolve_start(struct resolve *r, uv_loop_t *loop, const struct host_port *target,
                  void (*done)(void *context, int status, const dspv_addr *addrs, size_t n), void *context);
/* Stop waiting; done is still called. */
void resolve_cancel(struct resolve *r);

#endif
