/* One run of the client in the foreground: `sync` and `demo` differ only in where the peers come from and in when it is over. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <uv.h>

#include "cli/options.h"
#include "io/driver.h"

struct session;

struct session_hooks {
    void *context;
    /* The loop and the driver are ready: name peers. May call session_fail. */
    void (*start)(void *context, struct session *s);
    /* Is it over, successfully? Asked after something happened. */
    bool (*complete)(void *context, const dspv_progress *p);
    /* Close what `start` opened. Called once, also after a failed start. May be NULL. */
    void (*stop)(void *context);
};

/* Run until it is complete, fails, is interrupted or times out; print the summary; write the report. The exit code. */
int session_run(const struct options *options, const dspv_network *net, const struct session_hooks *hooks);

uv_loop_t *session_loop(struct session *s);
struct driver *session_driver(struct session *s);
/* End the session with an exit code and a sentence for stderr. */
void session_fail(struct session *s, int exit_code, const char *text);
/* Something worth a line on a terminal. */
void session_say(struct session *s, const char *line);

#endif
