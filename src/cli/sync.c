/* See sync.h. Names are resolved in the background, by the proxy when there is one; the client goes to work with the first address
 * that is found. */
#include "cli/sync.h"

#include <stdio.h>

#include "cli/plan_capture.h"
#include "cli/session.h"
#include "io/resolve.h"

enum { MOST_OF_A_NAME = 8 }; /* addresses of one name to use */

struct lookup {
    struct resolve resolve;
    struct sync *sync;
    size_t peer;
    bool pending;
};

struct sync {
    const struct options *options;
    struct session *session;
    struct lookup lookups[OPTIONS_MOST_PEERS];
    size_t failed;
    bool stopped;
};

static void cannot_resolve(struct lookup *l, int error)
{
    struct sync *y = l->sync;
    char text[512];
    snprintf(text, sizeof(text), "cannot resolve %.255s: %s", y->options->peers[l->peer].host, uv_strerror(error));
    if (++y->failed == y->options->n_peers)
        session_fail(y->session, EXIT_USAGE, text);
    else
        session_say(y->session, text);
}

static void on_resolved(void *context, int status, const dspv_addr *addrs, size_t n)
{
    struct lookup *l = context;
    struct sync *y = l->sync;
    l->pending = false;
    if (y->stopped)
        return;
    if (status != 0) {
        cannot_resolve(l, status);
        return;
    }
    for (size_t i = 0; i < n && i < MOST_OF_A_NAME; i++) {
        if (driver_add_peer(session_driver(y->session), &addrs[i]) != 0) {
            session_fail(y->session, EXIT_NOT_VERIFIED, dspv_error_text(DSPV_ENOMEM));
            return;
        }
    }
}

static void start(void *context, struct session *s)
{
    struct sync *y = context;
    y->session = s;
    for (size_t i = 0; i < y->options->n_peers && !y->stopped; i++) {
        struct lookup *l = &y->lookups[i];
        l->sync = y;
        l->peer = i;
        int rc = driver_add_host(session_driver(s), &y->options->peers[i]);
        if (rc == 0)
            continue;
        if (rc != DSPV_EWAITING) {
            session_fail(s, EXIT_NOT_VERIFIED, dspv_error_text(rc));
            return;
        }
        rc = resolve_start(&l->resolve, session_loop(s), &y->options->peers[i], on_resolved, l);
        l->pending = rc == 0;
        if (rc != 0)
            cannot_resolve(l, rc);
    }
}

static bool complete(void *context, const dspv_progress *p)
{
    const struct sync *y = context;
    return y->options->exit_when_synced && p->phase == DSPV_PHASE_SYNCED;
}

static void stop(void *context)
{
    struct sync *y = context;
    y->stopped = true;
    for (size_t i = 0; i < y->options->n_peers; i++)
        if (y->lookups[i].pending)
            resolve_cancel(&y->lookups[i].resolve);
}

static int run(enum command command, int argc, char **argv)
{
    struct options options;
    struct sync y = {.options = &options};
    char error[OPTIONS_ERROR_SIZE];
    const struct session_hooks hooks = {&y, start, complete, stop};
    int rc = options_parse(&options, command, argc, argv, error);
    if (rc != 0)
        fprintf(stderr, "dashspv %s: %s\nTry: dashspv %s --help\n", argv[0], error, argv[0]);
    else if (options.help)
        options_print_help(command);
    else
        rc = session_run(&options, options.network, &hooks);
    options_free(&options);
    return rc;
}

int sync_main(int argc, char **argv)
{
    return run(COMMAND_SYNC, argc, argv);
}

int plan_main(int argc, char **argv)
{
    return plan_capture_asked(argc, argv) ? plan_capture_main(argc, argv) : run(COMMAND_PLAN, argc, argv);
}
