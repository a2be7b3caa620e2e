/* What a sync of a long header chain costs: a development peer in a process of its own serves it over loopback, the client checks
 * all of it and keeps it in SQLite. The floor is X11 alone on all cores.
 *
 *   bench_whole_sync HEADERS.bin [NETWORK]      devnode-make-headers 2400000 HEADERS.bin makes one (regtest) */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto/x11.h"
#include "dashspv/store_sqlite.h"
#include "devnode/server.h"
#include "io/driver.h"

enum { SAMPLE = 32768 };

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench_whole_sync: %s\n", what);
    exit(1);
}

static double seconds_on(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the peer */

struct node {
    pid_t process;
    int from_it;
    uint16_t port;
};

static struct devnode_server *server;

static void on_end(uv_signal_t *signal, int number)
{
    (void)number;
    devnode_server_stop(server);
    uv_close((uv_handle_t *)signal, NULL);
}

static void serve(const char *file, const char *network, int out)
{
    struct devnode_server_options options = devnode_server_options_default();
    char error[DEVNODE_ERROR_SIZE];
    struct devnode_chain *chain;
    uv_loop_t loop;
    uv_signal_t end;
    uint16_t port;
    must(devnode_chain_load_headers(&chain, network, file, 0, error) == 0, error);
    must(uv_loop_init(&loop) == 0 && uv_signal_init(&loop, &end) == 0, "no loop");
    must(devnode_server_start(&server, &loop, chain, &options, &port) == 0, "the peer does not start");
    uv_signal_start(&end, on_end, SIGTERM);
    double before = seconds_on(CLOCK_PROCESS_CPUTIME_ID);
    must(write(out, &port, sizeof(port)) == sizeof(port), "no pipe");
    uv_run(&loop, UV_RUN_DEFAULT);
    double spent = seconds_on(CLOCK_PROCESS_CPUTIME_ID) - before;
    must(write(out, &spent, sizeof(spent)) == sizeof(spent), "no pipe");
    _exit(0);
}

static struct node node_start(const char *file, const char *network)
{
    struct node n;
    int ends[2];
    must(pipe(ends) == 0 && (n.process = fork()) >= 0, "no process");
    if (n.process == 0)
        serve(file, network, ends[1]);
    close(ends[1]);
    n.from_it = ends[0];
    must(read(n.from_it, &n.port, sizeof(n.port)) == sizeof(n.port), "the peer does not start");
    return n;
}

/* Returns the processor time that serving took. */
static double node_end(struct node *n)
{
    double spent = 0;
    kill(n->process, SIGTERM);
    must(read(n->from_it, &spent, sizeof(spent)) == sizeof(spent), "the peer does not end");
    close(n->from_it);
    waitpid(n->process, NULL, 0);
    return spent;
}

/* ---- the client */

struct run {
    uv_loop_t loop;
    struct driver *driver;
    int32_t tip;
    double wall, processor;
    dspv_progress progress;
};

static void on_event(void *context, const dspv_event *e)
{
    struct run *r = context;
    if (e->kind != DSPV_EVENT_TIP || e->height != r->tip)
        return;
    r->wall = seconds_on(CLOCK_MONOTONIC) - r->wall;
    r->processor = seconds_on(CLOCK_PROCESS_CPUTIME_ID) - r->processor;
    dspv_get_progress(driver_client(r->driver), &r->progress);
    driver_stop(r->driver);
}

static void on_failed(void *context, int error, const char *text)
{
    (void)context;
    (void)error;
    must(false, text);
}

static void start_client(struct run *r, const char *network, const dspv_store *store, uint16_t port)
{
    const struct driver_listener mine = {r, on_event, NULL, on_failed};
    const dspv_addr here = {.ip = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}, .port = port};
    dspv_network *net;
    dspv_config config;
    dspv_config_init(&config);
    config.start = DSPV_START_GENESIS;
    config.masternodes = false;
    must(dspv_network_new(&net, network) == 0, "out of memory");
    must(driver_start(&r->driver, &r->loop, net, &config, store, &mine) == 0, "the client does not start");
    dspv_network_free(net);
    if (port)
        must(driver_add_peer(r->driver, &here) == 0, "out of memory");
}

static long peak_kilobytes(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

static double user_seconds(bool system)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    struct timeval t = system ? u.ru_stime : u.ru_utime;
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void sync_all(const char *network, int32_t tip, const char *path, uint16_t port)
{
    struct run r = {.tip = tip};
    dspv_store_sqlite *store;
    must(dspv_store_sqlite_open(&store, path, DSPV_STORE_KEEP, NULL) == DSPV_STORE_FINE, "the store does not open");
    must(uv_loop_init(&r.loop) == 0, "no loop");
    r.wall = seconds_on(CLOCK_MONOTONIC);
    r.processor = seconds_on(CLOCK_PROCESS_CPUTIME_ID);
    start_client(&r, network, dspv_store_sqlite_seam(store), port);
    uv_run(&r.loop, UV_RUN_DEFAULT);
    dspv_store_sqlite_close(store);
    printf("sync      %6.2f s  processor %6.2f s (user %.2f, system %.2f)  %.3f us a header  %.1f bytes a header  peak %ld kB\n",
           r.wall, r.processor, user_seconds(false), user_seconds(true), r.wall / tip * 1e6,
           (double)r.progress.bytes_received / tip, peak_kilobytes());
}

static void open_again(const char *network, const char *path)
{
    struct run r = {.tip = -2};
    dspv_store_sqlite *store;
    must(uv_loop_init(&r.loop) == 0, "no loop");
    double started = seconds_on(CLOCK_MONOTONIC);
    must(dspv_store_sqlite_open(&store, path, DSPV_STORE_KEEP, NULL) == DSPV_STORE_FINE, "the store does not open");
    start_client(&r, network, dspv_store_sqlite_seam(store), 0);
    printf("open      %6.3f s  peak %ld kB\n", seconds_on(CLOCK_MONOTONIC) - started, peak_kilobytes());
    fflush(stdout);
    _exit(0);
}

static void wait_for(pid_t child)
{
    int status;
    must(child >= 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0, "a run failed");
}

/* Seconds for one header on one core. */
static double floor_of(const char *file)
{
    static uint8_t headers[SAMPLE * 80];
    static block_hash hashes[SAMPLE];
    double best = 1e9;
    FILE *f = fopen(file, "rb");
    size_t n = f ? fread(headers, 80, SAMPLE, f) : 0;
    must(n > 0, "no headers");
    fclose(f);
    for (int i = 0; i < 3; i++) {
        double before = seconds_on(CLOCK_PROCESS_CPUTIME_ID);
        x11_many(hashes, headers, n);
        double spent = seconds_on(CLOCK_PROCESS_CPUTIME_ID) - before;
        best = spent < best ? spent : best;
    }
    return best / (double)n;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/bench_whole_sync.XXXXXX", path[256], command[300];
    struct stat st;
    must(argc > 1 && stat(argv[1], &st) == 0 && mkdtemp(folder), "usage: bench_whole_sync HEADERS.bin [NETWORK]");
    const char *network = argc > 2 ? argv[2] : "regtest";
    int32_t n = (int32_t)(st.st_size / 80);
    snprintf(path, sizeof(path), "%s/store.sqlite", folder);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    signal(SIGPIPE, SIG_IGN);
    double one = floor_of(argv[1]);
    printf("X11       %6.2f s on one core, %.2f s on two  (%.3f us a header)\n", one * n, one * n / 2, one * 1e6);
    struct node node = node_start(argv[1], network);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        sync_all(network, n - 1, path, node.port);
        fflush(stdout);
        _exit(0);
    }
    wait_for(child);
    printf("the peer  processor %6.2f s\n", node_end(&node));
    fflush(stdout);
    if ((child = fork()) == 0)
        open_again(network, path);
    wait_for(child);
    return system(command) == 0 ? 0 : 1;
}
