/* See nodes.h. Names are resolved by the proxy when there is one; the client goes to work with the first address that is found.
 */
#include "cli/nodes.h"

#include <stdio.h>

enum { MOST_OF_A_NAME = 8 }; /* addresses of one name to use */

static void cannot_resolve(struct nodes_lookup *l, int error)
{
    struct nodes *n = l->nodes;
    char text[512];
    snprintf(text, sizeof(text), "cannot resolve %.255s: %s", l->node->at.host, uv_strerror(error));
    n->trouble(n->context, text, ++n->failed == n->n);
}

static void on_resolved(void *context, int status, const dspv_addr *addrs, size_t count)
{
    struct nodes_lookup *l = context;
    struct nodes *n = l->nodes;
    l->pending = false;
    if (n->stopped)
        return;
    if (status != 0) {
        cannot_resolve(l, status);
        return;
    }
    for (size_t i = 0; i < count && i < MOST_OF_A_NAME; i++) {
        int rc = driver_add_peer(n->driver, &addrs[i]);
        if (rc != 0) {
            n->failure(n->context, rc);
            return;
        }
    }
}

static void begin(struct nodes_lookup *l, uv_loop_t *loop)
{
    struct nodes *n = l->nodes;
    int rc = driver_add_host(n->driver, &l->node->at);
    if (rc != 0 && rc != DSPV_EWAITING)
        n->failure(n->context, rc);
    if (rc != DSPV_EWAITING)
        return;
    rc = resolve_start(&l->resolve, loop, &l->node->at, on_resolved, l);
    l->pending = rc == 0;
    if (rc != 0)
        cannot_resolve(l, rc);
}

void nodes_start(struct nodes *n, uv_loop_t *loop, struct driver *driver, const struct options *options)
{
    n->driver = driver;
    n->n = options->n_nodes;
    for (size_t i = 0; i < n->n && !n->stopped; i++) {
        n->lookups[i].nodes = n;
        n->lookups[i].node = &options->nodes[i];
        begin(&n->lookups[i], loop);
    }
}

void nodes_stop(struct nodes *n)
{
    n->stopped = true;
    for (size_t i = 0; i < n->n; i++)
        if (n->lookups[i].pending)
            resolve_cancel(&n->lookups[i].resolve);
}
