/* Answers the client's questions for names (DSPV_OUT_RESOLVE): from the system's DNS, or, when there is a proxy, through Tor's
 * RESOLVE and never otherwise. Everything here belongs to the loop's thread. */
#ifndef IO_NAMING_H
#define IO_NAMING_H

#include "dashspv/dashspv.h"
#include "io/stream.h"

enum { NAMING_PARALLEL = 16, NAMING_MS = 30000 };

struct naming;

struct naming_listener {
    void *context;
    /* The answer to naming_ask; n = 0: nothing was found. */
    void (*answer)(void *context, const char *name, const dspv_addr *addrs, size_t n);
    /* For a person. */
    void (*trouble)(void *context, const char *text);
    /* After naming_stop: all is gone. */
    void (*stopped)(void *context);
};

/* `streams` outlives it. NULL: out of memory. */
struct naming *naming_new(struct streams *streams, const struct naming_listener *listener);
/* Ask for a name, static text. False: that cannot be asked now; else listener.answer will be called, from the loop. */
bool naming_ask(struct naming *n, const char *name, uint16_t port);
/* Nothing is answered any more; listener.stopped is called from the loop, or at once when nothing runs. */
void naming_stop(struct naming *n);

#endif
