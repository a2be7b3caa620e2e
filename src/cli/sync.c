/* See sync.h. Without --data-dir nothing is kept, and nothing else than what the peers tell is begun with. */
#include "cli/sync.h"

#include "cli/nodes.h"
#include "cli/session.h"

struct sync {
    const struct options *options;
    struct session *session;
    struct nodes nodes;
};

static void on_trouble(void *context, const char *text, bool all)
{
    struct sync *y = context;
    if (all)
        session_fail(y->session, EXIT_USAGE, text);
    else
        session_say(y->session, text);
}

static void on_failure(void *context, int error)
{
    const struct sync *y = context;
    session_fail(y->session, EXIT_NOT_VERIFIED, dspv_error_text(error));
}

static void start(void *context, struct session *s)
{
    struct sync *y = context;
    y->session = s;
    nodes_start(&y->nodes, session_loop(s), session_driver(s), y->options);
}

static bool complete(void *context, const dspv_progress *p)
{
    const struct sync *y = context;
    return y->options->exit_when_synced && p->phase == DSPV_PHASE_SYNCED;
}

static void stop(void *context)
{
    struct sync *y = context;
    nodes_stop(&y->nodes);
}

int sync_run(struct options *options)
{
    struct sync y = {.options = options};
    const struct session_hooks hooks = {&y, start, complete, stop};
    y.nodes = (struct nodes){.context = &y, .trouble = on_trouble, .failure = on_failure};
    return session_run(options, options->network, &hooks);
}
