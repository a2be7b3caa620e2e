/* What a header sync costs over loopback TCP: 40 000 recorded testnet headers, with so many worker threads, compressed (one job a
 * message, because each header needs the hash of the one before) or not (cut into slices). The floor is X11 alone. Wall time
 * and processor time, the best of several runs; the peer runs on the client's own thread, so its part is counted too.
 *
 *   bench_header_sync [HEADERS.bin]      default: testnet/headers_0_39999.bin below DASHSPV_DATA */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto/x11.h"
#include "devnode/server.h"
#include "io/driver.h"
#include "wire/version.h"

enum { RUNS = 7 };

struct run {
    uv_loop_t loop;
    struct devnode_server *node;
    struct driver *driver;
    int32_t tip;
    uint64_t started, ended;
    double processor; /* seconds of all threads */
    dspv_progress progress;
};

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench_header_sync: %s\n", what);
    exit(1);
}

static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_event(void *context, const dspv_event *e)
{
    struct run *r = context;
    if (e->kind != DSPV_EVENT_TIP || e->height != r->tip)
        return;
    r->ended = uv_hrtime();
    r->processor = processor_seconds() - r->processor;
    dspv_get_progress(driver_client(r->driver), &r->progress);
    driver_stop(r->driver);
    devnode_server_stop(r->node);
}

static void on_failed(void *context, int error, const char *text)
{
    (void)context;
    (void)error;
    must(false, text);
}

static void start_client(struct run *r, uint16_t port)
{
    const struct driver_listener mine = {r, on_event, NULL, on_failed};
    const dspv_addr here = {.ip = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}, .port = port};
    dspv_network *net;
    dspv_config config;
    dspv_config_init(&config);
    config.start = DSPV_START_GENESIS;
    config.masternodes = false;
    must(dspv_network_new(&net, "testnet") == 0, "out of memory");
    must(driver_start(&r->driver, &r->loop, net, &config, NULL, &mine) == 0, "the client does not start");
    dspv_network_free(net);
    must(driver_add_peer(r->driver, &here) == 0, "out of memory");
}

static double seconds_of(struct run *r)
{
    return (double)(r->ended - r->started) / 1e9;
}

static void sync_once(struct run *r, const struct devnode_chain *chain, const struct devnode_server_options *options)
{
    uint16_t port;
    *r = (struct run){.tip = chain->tip};
    must(uv_loop_init(&r->loop) == 0, "no loop");
    must(devnode_server_start(&r->node, &r->loop, chain, options, &port) == 0, "the peer does not start");
    r->started = uv_hrtime();
    r->processor = processor_seconds();
    start_client(r, port);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    must(r->ended != 0 && uv_loop_close(&r->loop) == 0, "the tip was not reached");
}

static void sync_headers(const struct devnode_chain *chain, bool compressed, const char *threads)
{
    struct devnode_server_options options = devnode_server_options_default();
    struct run r, best = {0};
    double processor = 0;
    setenv("UV_THREADPOOL_SIZE", threads, 1);
    if (!compressed)
        options.peer.services &= ~(uint64_t)SERVICE_HEADERS_COMPRESSED;
    for (int i = 0; i < RUNS; i++) {
        sync_once(&r, chain, &options);
        if (i == 0 || seconds_of(&r) < seconds_of(&best))
            best = r;
        processor = i == 0 || r.processor < processor ? r.processor : processor;
    }
    double n = chain->tip;
    printf("%-8s  threads %s  %8.0f headers/s  %5.2f s  processor %5.2f s  %5.1f bytes a header\n",
           compressed ? "headers2" : "headers", threads, n / seconds_of(&best), seconds_of(&best), processor,
           (double)best.progress.bytes_received / n);
}

static void hash_all(const struct devnode_chain *chain)
{
    size_t n = (size_t)chain->tip + 1;
    block_hash *hashes = malloc(n * sizeof(*hashes));
    double best = 1e9, processor = 1e9;
    must(hashes != NULL, "out of memory");
    for (int i = 0; i < RUNS; i++) {
        uint64_t started = uv_hrtime();
        double before = processor_seconds();
        x11_many(hashes, chain->headers, n);
        double seconds = (double)(uv_hrtime() - started) / 1e9, spent = processor_seconds() - before;
        best = seconds < best ? seconds : best;
        processor = spent < processor ? spent : processor;
    }
    printf("%-8s  threads 1  %8.0f headers/s  %5.2f s  processor %5.2f s\n", "X11 only", (double)n / best, best, processor);
    free(hashes);
}

/* The number of threads is read once in a process. */
static void in_a_process(const struct devnode_chain *chain, bool compressed, const char *threads)
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    must(child >= 0, "no process");
    if (child == 0) {
        sync_headers(chain, compressed, threads);
        fflush(stdout);
        _exit(0);
    }
    must(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0, "a run failed");
}

int main(int argc, char **argv)
{
    struct devnode_chain *chain;
    char error[DEVNODE_ERROR_SIZE], path[1024];
    const char *data = getenv("DASHSPV_DATA");
    snprintf(path, sizeof(path), "%s/testnet/headers_0_39999.bin", data ? data : DASHSPV_DATA_DEFAULT);
    if (devnode_chain_load_headers(&chain, "testnet", argc > 1 ? argv[1] : path, 0, error) != 0) {
        printf("skipped, there are no headers: %s\n", error);
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    hash_all(chain);
    for (int compressed = 1; compressed >= 0; compressed--) {
        in_a_process(chain, compressed, "1");
        in_a_process(chain, compressed, "2");
    }
    devnode_chain_free(chain);
    return 0;
}
