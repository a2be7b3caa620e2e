/* See session.h. Events are shown as they come; whether the session is over is decided before the loop goes to sleep, never
 * inside an event, so that the state looked at is whole. The final state is read before the driver is stopped. */
#include "cli/session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/events.h"
#include "cli/store_file.h"
#include "cli/progress_line.h"
#include "cli/summary.h"
#include "cli/terminal.h"

enum {
    REDRAW_MS = 100,
    LOOK_MS = 1000,     /* where nobody watches */
    NO_PEER_MS = 30000, /* a command that is to end gives up when no peer was to be had for so long */
    N_SIGNALS = 2
};

struct session {
    const struct options *options;
    const struct session_hooks *hooks;
    struct store_file file; /* open when something is to be kept */
    uv_loop_t loop;
    struct driver *driver;
    struct terminal terminal;
    uv_signal_t signals[N_SIGNALS];
    uv_timer_t look, timeout;
    uv_prepare_t before_sleep;
    bool changed; /* an event came since the end was last considered */
    bool over;
    int exit_code;
    char why[512];       /* for stderr, may be empty */
    char trouble[256];   /* the last one on the network */
    dspv_progress shown; /* the last progress in JSON */
    struct event_log log;
    struct event_words words;
    struct summary summary;
    bool has_summary;
};

uv_loop_t *session_loop(struct session *s)
{
    return &s->loop;
}
struct driver *session_driver(struct session *s)
{
    return s->driver;
}

/* ---- the end */

static void end(struct session *s, int exit_code)
{
    if (s->over)
        return;
    s->over = true;
    s->exit_code = exit_code;
    terminal_clear(&s->terminal);
    if (summary_collect(&s->summary, s->driver, &s->log) == 0)
        s->has_summary = true;
    driver_stop(s->driver);
    if (s->hooks->stop)
        s->hooks->stop(s->hooks->context);
    for (int i = 0; i < N_SIGNALS; i++)
        uv_close((uv_handle_t *)&s->signals[i], NULL);
    uv_close((uv_handle_t *)&s->look, NULL);
    uv_close((uv_handle_t *)&s->timeout, NULL);
    uv_close((uv_handle_t *)&s->before_sleep, NULL);
}

void session_fail(struct session *s, int exit_code, const char *text)
{
    if (!s->over)
        snprintf(s->why, sizeof(s->why), "%s", text);
    end(s, exit_code);
}

static void consider(struct session *s)
{
    dspv_progress p;
    if (s->over || !s->changed)
        return;
    s->changed = false;
    dspv_get_progress(driver_client(s->driver), &p);
    if (s->hooks->complete(s->hooks->context, &p)) {
        end(s, EXIT_GOOD);
    } else if (p.phase == DSPV_PHASE_DEGRADED && s->options->exit_when_synced && s->options->timeout_s == 0) {
        session_fail(s, EXIT_NOT_VERIFIED, dspv_reason_text(p.reason));
    } else if (s->options->json && ferror(stdout)) {
        session_fail(s, EXIT_USAGE, "the output cannot be written");
    }
}

static void on_before_sleep(uv_prepare_t *handle)
{
    consider(handle->data);
}

/* Not synced, and it will not be waited for any longer. */
static void give_up(struct session *s, int exit_code, const char *why)
{
    char text[400];
    snprintf(text, sizeof(text), "%s%s%s", why, s->trouble[0] ? "; the last trouble: " : "", s->trouble);
    session_fail(s, exit_code, text);
}

/* To follow the chain until told to stop: stopping is no failure once it is synced. */
static bool may_stop_now(const struct session *s)
{
    dspv_progress p;
    dspv_get_progress(driver_client(s->driver), &p);
    return p.phase == DSPV_PHASE_SYNCED && s->options->command == COMMAND_SYNC && !s->options->exit_when_synced;
}

static void on_timeout(uv_timer_t *timer)
{
    struct session *s = timer->data;
    if (may_stop_now(s))
        end(s, EXIT_GOOD);
    else
        give_up(s, EXIT_NOT_VERIFIED, "the time is over");
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct session *s = handle->data;
    if (may_stop_now(s))
        end(s, EXIT_GOOD);
    else
        give_up(s, 128 + number, "stopped before it was synced");
}

/* ---- what happens */

void session_say(struct session *s, const char *line)
{
    terminal_line(&s->terminal, line);
}

static void explain(struct session *s)
{
    char text[8192];
    if (!s->options->explain || s->options->json || dspv_plan_text(driver_client(s->driver), text, sizeof(text)) == 0)
        return;
    terminal_clear(&s->terminal);
    puts(text);
    fflush(stdout);
}

static void on_event(void *context, const dspv_event *event)
{
    struct session *s = context;
    char line[512];
    s->changed = true;
    if (event_log_add(&s->log, event) != 0) {
        session_fail(s, EXIT_NOT_VERIFIED, dspv_error_text(DSPV_ENOMEM));
        return;
    }
    if (event->kind == DSPV_EVENT_REFUSED && event->conn != 0)
        event_text(event, s->trouble, sizeof(s->trouble));
    bool shown = !s->options->only_plans || event->kind == DSPV_EVENT_PLAN;
    if (shown && s->options->json)
        event_print_json(event, driver_client(s->driver));
    else if (shown && event_line(&s->words, event, line, sizeof(line)))
        session_say(s, line);
    if (event->kind == DSPV_EVENT_PLAN)
        explain(s);
}

static void on_trouble(void *context, dspv_conn conn, const char *text)
{
    struct session *s = context;
    if (conn != 0) /* without look-ups a sync does not fail */
        snprintf(s->trouble, sizeof(s->trouble), "%s", text);
    if (s->options->json)
        event_print_trouble(conn, text);
    session_say(s, text);
}

static void on_failed(void *context, int error, const char *text)
{
    session_fail(context, error == DSPV_ESTORE ? EXIT_USAGE : EXIT_NOT_VERIFIED, text);
}

static void on_look(uv_timer_t *timer)
{
    struct session *s = timer->data;
    dspv_progress p;
    char line[256];
    dspv_get_progress(driver_client(s->driver), &p);
    if (p.phase == DSPV_PHASE_CONNECTING && s->options->exit_when_synced && s->options->timeout_s == 0 &&
        driver_now(s->driver) - p.phase_started > NO_PEER_MS) {
        give_up(s, EXIT_NOT_VERIFIED, "no peer can be used");
        return;
    }
    if (s->options->json && !s->options->only_plans && memcmp(&p, &s->shown, sizeof(p)) != 0)
        event_print_progress(&p, driver_now(s->driver));
    s->shown = p;
    if (!s->terminal.live)
        return;
    progress_line(&p, driver_now(s->driver), line, sizeof(line));
    terminal_progress(&s->terminal, line);
}

/* ---- start */

static void watch(struct session *s)
{
    static const int numbers[N_SIGNALS] = {SIGINT, SIGTERM};
    for (int i = 0; i < N_SIGNALS; i++) {
        uv_signal_init(&s->loop, &s->signals[i]);
        s->signals[i].data = s;
        uv_signal_start(&s->signals[i], on_signal, numbers[i]);
    }
    uv_timer_init(&s->loop, &s->look);
    uv_timer_init(&s->loop, &s->timeout);
    uv_prepare_init(&s->loop, &s->before_sleep);
    s->look.data = s->timeout.data = s->before_sleep.data = s;
    uv_prepare_start(&s->before_sleep, on_before_sleep);
    uv_timer_start(&s->look, on_look, 0, s->terminal.live ? REDRAW_MS : LOOK_MS);
    if (s->options->timeout_s)
        uv_timer_start(&s->timeout, on_timeout, (uint64_t)s->options->timeout_s * 1000, 0);
}

/* A store that turns out damaged when it is read is replaced, once. */
static int start_driver(struct session *s, const dspv_network *net)
{
    const struct driver_listener listener = {s, on_event, on_trouble, on_failed};
    char text[STORE_FILE_TEXT];
    int rc = driver_start(&s->driver, &s->loop, net, &s->options->config, store_file_seam(&s->file), &listener);
    if (rc != DSPV_ESTORE || !store_file_renew(&s->file, s->options, text))
        return rc;
    fprintf(stderr, "dashspv: %s\n", text);
    return driver_start(&s->driver, &s->loop, net, &s->options->config, store_file_seam(&s->file), &listener);
}

static int start(struct session *s, const dspv_network *net)
{
    if (uv_loop_init(&s->loop) != 0)
        return DSPV_ENOMEM;
    int rc = start_driver(s, net);
    if (rc == 0) {
        watch(s);
        const char *proxy = s->options->proxy.host_port ? driver_use_proxy(s->driver, &s->options->proxy) : NULL;
        int rpc = s->options->rpc.url ? driver_use_rpc(s->driver, &s->options->rpc) : 0;
        if (proxy)
            session_fail(s, EXIT_USAGE, proxy);
        else if (rpc != 0)
            session_fail(s, EXIT_NOT_VERIFIED, dspv_error_text(rpc));
        else
            s->hooks->start(s->hooks->context, s);
    }
    uv_run(&s->loop, UV_RUN_DEFAULT);
    uv_loop_close(&s->loop);
    return rc;
}

/* ---- closing words */

static void write_report(struct session *s)
{
    if (!s->options->report || !s->has_summary)
        return;
    if (summary_write_report(&s->summary, s->options->report) != 0) {
        fprintf(stderr, "dashspv: cannot write %s: %s\n", s->options->report, strerror(errno));
        s->exit_code = EXIT_USAGE;
    }
}

static void close_with(struct session *s)
{
    write_report(s);
    if (s->has_summary && s->options->json)
        summary_print_json(&s->summary, s->exit_code, s->why);
    else if (s->has_summary)
        summary_print(&s->summary, stdout);
    if (fflush(stdout) != 0 && s->exit_code == EXIT_GOOD) {
        s->exit_code = EXIT_USAGE;
        snprintf(s->why, sizeof(s->why), "the output cannot be written");
    }
    if (s->why[0])
        fprintf(stderr, "dashspv: %s\n", s->why);
}

/* False: it cannot be kept. */
static bool open_store(struct session *s)
{
    char text[STORE_FILE_TEXT] = "";
    int rc = s->options->data_dir[0] ? store_file_open_writer(&s->file, s->options, text) : 0;
    if (text[0])
        fprintf(stderr, "dashspv: %s\n", text);
    return rc == 0;
}

static void run(struct session *s, const dspv_network *net)
{
    if (!open_store(s)) {
        s->exit_code = EXIT_USAGE;
        return;
    }
    int rc = start(s, net);
    if (rc != 0) {
        fprintf(stderr, "dashspv: %s\n", dspv_error_text(rc));
        s->exit_code = EXIT_NOT_VERIFIED;
    }
    close_with(s);
    store_file_close(&s->file);
}

int session_run(const struct options *options, const dspv_network *net, const struct session_hooks *hooks)
{
    struct session *s = mem_zalloc(sizeof(*s));
    if (!s) {
        fprintf(stderr, "dashspv: %s\n", dspv_error_text(DSPV_ENOMEM));
        return EXIT_NOT_VERIFIED;
    }
    s->options = options;
    s->hooks = hooks;
    signal(SIGPIPE, SIG_IGN); /* a peer that hangs up, or a reader of our output that does, is told by an error */
    signal(SIGXFSZ, SIG_IGN); /* as is a limit on the size of the store */
    terminal_init(&s->terminal, stdout, options->json);
    run(s, net);
    int exit_code = s->exit_code;
    summary_free(&s->summary);
    event_log_free(&s->log);
    mem_free(s);
    return exit_code;
}
