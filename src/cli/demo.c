/* See demo.h. The peer lives in the session's loop. It first serves the chain up to some blocks below its end; when the client
 * has synced, the chain goes on block by block, as a network does, so that following is seen too. */
#include "cli/demo.h"

#include <stdio.h>

#include "cli/bundle.h"
#include "cli/session.h"
#include "devnode/server.h"

enum {
    BLOCKS_LATER = 24, /* one rotation cycle: new quorums appear in it */
    BLOCK_EVERY_MS = 80,
    TIMEOUT_S = 60
};

struct demo {
    struct devnode_chain *chain;
    struct devnode_server *server;
    struct session *session;
    uv_timer_t clock;
    bool clock_open, growing;
};

static void on_clock(uv_timer_t *timer)
{
    struct demo *m = timer->data;
    if (devnode_server_tip(m->server) == m->chain->tip || devnode_server_grow(m->server, devnode_server_tip(m->server) + 1) != 0)
        uv_timer_stop(timer);
}

static void name_peer(struct demo *m, struct session *s, uint16_t port)
{
    const dspv_addr here = {.ip = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}, .port = port};
    char line[200];
    snprintf(line, sizeof(line), "A recorded %s network is served at 127.0.0.1:%u, %d blocks for a start.",
             m->chain->network.chain.name, (unsigned)port, (int)devnode_server_tip(m->server));
    session_say(s, line);
    if (driver_add_peer(session_driver(s), &here) != 0)
        session_fail(s, EXIT_NOT_VERIFIED, dspv_error_text(DSPV_ENOMEM));
}

static void start(void *context, struct session *s)
{
    struct demo *m = context;
    struct devnode_server_options options = devnode_server_options_default();
    char text[160];
    uint16_t port;
    m->session = s;
    options.tip = m->chain->tip - BLOCKS_LATER;
    uv_timer_init(session_loop(s), &m->clock);
    m->clock.data = m;
    m->clock_open = true;
    int rc = devnode_server_start(&m->server, session_loop(s), m->chain, &options, &port);
    if (rc == 0) {
        name_peer(m, s, port);
        return;
    }
    snprintf(text, sizeof(text), "cannot listen on this machine's loopback address: %s", uv_strerror(rc));
    session_fail(s, EXIT_NOT_VERIFIED, text);
}

static bool complete(void *context, const dspv_progress *p)
{
    struct demo *m = context;
    if (p->phase != DSPV_PHASE_SYNCED)
        return false;
    if (!m->growing) {
        m->growing = true;
        session_say(m->session, "The chain goes on: new blocks, quorums and ChainLocks.");
        uv_timer_start(&m->clock, on_clock, BLOCK_EVERY_MS, BLOCK_EVERY_MS);
    }
    return p->header_height == m->chain->tip && p->list_height == m->chain->tip && p->chainlock_height == m->chain->tip &&
           p->quorums_wanted != 0 && p->quorums_verified == p->quorums_wanted;
}

static void stop(void *context)
{
    struct demo *m = context;
    if (m->server)
        devnode_server_stop(m->server);
    if (m->clock_open)
        uv_close((uv_handle_t *)&m->clock, NULL);
}

int demo_run(struct options *options)
{
    struct demo m = {0};
    char error[DEVNODE_ERROR_SIZE];
    dspv_network *net;
    const struct session_hooks hooks = {&m, start, complete, stop};
    const char *wrong = bundle_network(&net);
    int rc = wrong ? DSPV_EFAULT : bundle_chain(&m.chain, error);
    if (rc == 0) {
        if (options->timeout_s == 0)
            options->timeout_s = TIMEOUT_S;
        rc = session_run(options, net, &hooks);
    } else {
        fprintf(stderr, "dashspv demo: %s\n", wrong ? wrong : rc == DSPV_EFAULT ? error : dspv_error_text(rc));
        rc = EXIT_NOT_VERIFIED;
    }
    devnode_chain_free(m.chain);
    dspv_network_free(net);
    return rc;
}
