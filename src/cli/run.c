/* See run.h. One loop: the driver, the signals, a timer that looks how it stands. The client has stored every step before it
 * tells of it, so there is nothing left to save at the end. The store is closed last: the driver's client lives until the loop is
 * empty. */
#include "cli/run.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/daemon_log.h"
#include "cli/store_file.h"
#include "cli/nodes.h"
#include "cli/notify.h"
#include "cli/progress_line.h"

enum { LOOK_MS = 5000, GRACE_MS = 1000, N_SIGNALS = 3 };

struct daemon {
    const struct options *options;
    struct store_file file;
    struct daemon_log log;
    struct nodes nodes;
    uv_loop_t loop;
    struct driver *driver;
    uv_signal_t signals[N_SIGNALS];
    uv_timer_t look, watchdog;
    uv_timer_t grace; /* runs from the end on, and keeps nothing alive */
    char status[256]; /* as the service manager knows it */
    bool over;
    int exit_code;
};

/* ---- the end */

/* Some thread still looks up a name or checks signatures, which nobody will ask for. It has nothing to do with the store. */
static void on_grace(uv_timer_t *timer)
{
    struct daemon *d = timer->data;
    store_file_close(&d->file);
    fflush(stderr);
    _exit(d->exit_code);
}

static void end(struct daemon *d, int exit_code)
{
    if (d->over)
        return;
    d->over = true;
    d->exit_code = exit_code;
    notify_manager("STOPPING=1");
    nodes_stop(&d->nodes);
    driver_stop(d->driver);
    for (int i = 0; i < N_SIGNALS; i++)
        uv_close((uv_handle_t *)&d->signals[i], NULL);
    uv_close((uv_handle_t *)&d->look, NULL);
    uv_close((uv_handle_t *)&d->watchdog, NULL);
    uv_timer_start(&d->grace, on_grace, GRACE_MS, 0);
}

/* What could not be stored is tried again with everything that comes: a full disk may become emptier. */
static void on_failed(void *context, int error, const char *text)
{
    struct daemon *d = context;
    log_line(&d->log.log, error == DSPV_ESTORE ? MODULE_STORE : MODULE_DAEMON, LEVEL_ERROR, "%s%s", text,
             error == DSPV_ESTORE ? "; until it works again nothing new is told, and it is tried again" : "");
    if (error != DSPV_ESTORE)
        end(d, EXIT_NOT_VERIFIED);
}

static void on_failure(void *context, int error)
{
    on_failed(context, error, dspv_error_text(error));
}

/* ---- signals */

static void reload(struct daemon *d)
{
    struct options again;
    char error[OPTIONS_ERROR_SIZE];
    if (options_parse(&again, d->options->command, d->options->argc, d->options->argv, error) == 0) {
        d->log.log.levels = again.log_levels;
        log_line(&d->log.log, MODULE_DAEMON, LEVEL_INFO, "the configuration was read again: the log level is what it says now");
    } else {
        log_line(&d->log.log, MODULE_DAEMON, LEVEL_ERROR, "the configuration was not read again: %s", error);
    }
    options_free(&again);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct daemon *d = handle->data;
    if (number == SIGHUP) {
        reload(d);
        return;
    }
    log_line(&d->log.log, MODULE_DAEMON, LEVEL_INFO, "stopped by %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
    end(d, EXIT_GOOD);
}

/* ---- what happens */

static void on_event(void *context, const dspv_event *event)
{
    struct daemon *d = context;
    daemon_log_event(&d->log, event);
}

static void on_trouble(void *context, dspv_conn conn, const char *text)
{
    struct daemon *d = context;
    log_line(&d->log.log, conn == 0 ? MODULE_RPC : MODULE_PEERS, LEVEL_DEBUG, "%s", text);
}

static void on_name_trouble(void *context, const char *text, bool all)
{
    struct daemon *d = context;
    bool hopeless = all && !d->options->config.discover;
    log_line(&d->log.log, MODULE_PEERS, hopeless ? LEVEL_ERROR : LEVEL_WARNING, "%s", text);
    if (hopeless)
        end(d, EXIT_NOT_VERIFIED);
}

static void on_look(uv_timer_t *timer)
{
    struct daemon *d = timer->data;
    dspv_progress p;
    char line[200], status[256];
    dspv_get_progress(driver_client(d->driver), &p);
    daemon_log_progress(&d->log, &p, driver_now(d->driver));
    progress_line(&p, driver_now(d->driver), line, sizeof(line));
    snprintf(status, sizeof(status), "STATUS=%s", line);
    if (strcmp(status, d->status) == 0)
        return;
    memcpy(d->status, status, sizeof(status));
    notify_manager(status);
}

static void on_watchdog(uv_timer_t *timer)
{
    (void)timer;
    notify_manager("WATCHDOG=1");
}

/* ---- start */

static void watch(struct daemon *d)
{
    static const int numbers[N_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
    uint64_t watchdog_ms = notify_watchdog_ms();
    for (int i = 0; i < N_SIGNALS; i++) {
        uv_signal_init(&d->loop, &d->signals[i]);
        d->signals[i].data = d;
        uv_signal_start(&d->signals[i], on_signal, numbers[i]);
    }
    uv_timer_init(&d->loop, &d->look);
    uv_timer_init(&d->loop, &d->watchdog);
    d->look.data = d->watchdog.data = d;
    uv_timer_start(&d->look, on_look, LOOK_MS, LOOK_MS);
    if (watchdog_ms)
        uv_timer_start(&d->watchdog, on_watchdog, watchdog_ms, watchdog_ms);
}

static void say_restored(struct daemon *d)
{
    dspv_restored r;
    dspv_get_restored(driver_client(d->driver), &r);
    log_line(&d->log.log, MODULE_STORE, LEVEL_DEBUG, "taken up: %zu headers, %zu lists, %zu quorums, %zu locks, %zu addresses",
             r.headers, r.lists, r.quorums, r.locks, r.addresses);
    if (r.left_out)
        log_line(&d->log.log, MODULE_STORE, LEVEL_WARNING,
                 "%zu records were damaged or did not fit together: what they held is fetched anew", r.left_out);
}

static void say_start(struct daemon *d)
{
    dspv_progress p;
    dspv_get_progress(driver_client(d->driver), &p);
    d->log.said_at = driver_now(d->driver);
    d->log.words.tip = p.header_height;
    log_line(&d->log.log, MODULE_DAEMON, LEVEL_INFO, "following %s as process %ld; the chain is known up to block %d, kept in %s",
             d->options->network_name, (long)getpid(), (int)p.header_height, d->file.path);
    say_restored(d);
    if (d->options->config.discover && d->options->n_nodes == 0)
        log_line(&d->log.log, MODULE_PEERS, LEVEL_DEBUG, "no node is named: they will be found");
}

/* A store that turns out damaged when it is read is replaced, once. */
static int start_driver(struct daemon *d)
{
    const struct driver_listener listener = {d, on_event, on_trouble, on_failed};
    const struct options *o = d->options;
    char text[STORE_FILE_TEXT];
    int rc = driver_start(&d->driver, &d->loop, o->network, &o->config, store_file_seam(&d->file), &listener);
    if (rc != DSPV_ESTORE)
        return rc;
    bool renewed = store_file_renew(&d->file, o, text);
    if (text[0])
        log_line(&d->log.log, MODULE_STORE, renewed ? LEVEL_WARNING : LEVEL_ERROR, "%s", text);
    if (!renewed)
        return rc;
    return driver_start(&d->driver, &d->loop, o->network, &o->config, store_file_seam(&d->file), &listener);
}

static void start(struct daemon *d)
{
    const struct options *o = d->options;
    int rc = start_driver(d);
    if (rc != 0) {
        log_line(&d->log.log, MODULE_DAEMON, LEVEL_ERROR, "%s",
                 rc == DSPV_ESTORE ? store_file_trouble(&d->file) : dspv_error_text(rc));
        d->exit_code = rc == DSPV_ESTORE ? EXIT_USAGE : EXIT_NOT_VERIFIED;
        return;
    }
    watch(d);
    const char *proxy = o->proxy.host_port ? driver_use_proxy(d->driver, &o->proxy) : NULL;
    rc = o->rpc.url ? driver_use_rpc(d->driver, &o->rpc) : 0;
    if (proxy || rc != 0) {
        log_line(&d->log.log, MODULE_DAEMON, LEVEL_ERROR, "%s", proxy ? proxy : dspv_error_text(rc));
        end(d, proxy ? EXIT_USAGE : EXIT_NOT_VERIFIED);
        return;
    }
    say_start(d);
    notify_manager("READY=1");
    nodes_start(&d->nodes, &d->loop, d->driver, o);
}

static void follow(struct daemon *d)
{
    char text[STORE_FILE_TEXT];
    int rc = store_file_open_writer(&d->file, d->options, text);
    if (text[0])
        log_line(&d->log.log, MODULE_STORE, rc == 0 ? LEVEL_WARNING : LEVEL_ERROR, "%s", text);
    d->exit_code = EXIT_USAGE;
    if (rc == 0) {
        start(d);
        uv_run(&d->loop, UV_RUN_DEFAULT);
    }
    uv_close((uv_handle_t *)&d->grace, NULL);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    store_file_close(&d->file);
}

int run_run(struct options *options)
{
    struct daemon *d = mem_zalloc(sizeof(*d));
    if (!d || uv_loop_init(&d->loop) != 0) {
        fprintf(stderr, "dashspv run: %s\n", dspv_error_text(DSPV_ENOMEM));
        mem_free(d);
        return EXIT_NOT_VERIFIED;
    }
    d->options = options;
    uv_timer_init(&d->loop, &d->grace);
    uv_unref((uv_handle_t *)&d->grace);
    d->grace.data = d;
    d->nodes = (struct nodes){.context = d, .trouble = on_name_trouble, .failure = on_failure};
    log_init(&d->log.log, stderr, &options->log_levels);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is told by an error, as a full disk */
    follow(d);
    uv_loop_close(&d->loop);
    int exit_code = d->exit_code;
    mem_free(d);
    return exit_code;
}
