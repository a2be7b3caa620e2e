/* The nodes that --connect and --add-peer name: their names are resolved in the background, their addresses told to the client.
 */
#ifndef CLI_NODES_H
#define CLI_NODES_H

#include <uv.h>

#include "cli/options.h"
#include "io/driver.h"
#include "io/resolve.h"

struct nodes;

struct nodes_lookup {
    struct resolve resolve;
    struct nodes *nodes;
    const struct named_node *node;
    bool pending;
};

struct nodes {
    struct driver *driver;
    struct nodes_lookup lookups[OPTIONS_MOST_PEERS];
    size_t n, failed;
    bool stopped;
    void *context;
    /* A name could not be resolved; `all`: none of them could. */
    void (*trouble)(void *context, const char *text, bool all);
    /* A local failure (dspv_error). */
    void (*failure)(void *context, int error);
};

/* `context`, `trouble` and `failure` are set; the rest is zeros. `n` stays in place until the loop has ended. */
void nodes_start(struct nodes *n, uv_loop_t *loop, struct driver *driver, const struct options *options);
/* Nothing is told any more. */
void nodes_stop(struct nodes *n);

#endif
