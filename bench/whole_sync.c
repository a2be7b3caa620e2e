/* What the sync of a long header chain costs: a development peer in a process of its own serves it over loopback, the client
 * checks all of it and keeps it in SQLite. The floor is X11 alone. With --long: 2.4 million headers, as many as mainnet has. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/x11.h"
#include "devnode/server.h"
#include "easy_chain.h"
#include "engine/network_api.h"
#include "io/driver.h"
#include "temp_store.h"
#include "group.h"

enum { HEADERS_QUICK = 50000, HEADERS = 400000, HEADERS_LONG = 2400000, SAMPLE = 4096, CORES = 2 };
enum { APART = 2000 /* blocks from one checkpoint to the next */ };

struct whole {
    int32_t n;       /* headers */
    double floor_us; /* a hash */
    char file[4200];
    struct temp_store store;
    dspv_network *net;
    struct checkpoint *checkpoints;
    pid_t peer;
    int from_peer;
    uint16_t port;
};

/* ---- the chain */

static void make_chain(const struct bench *b, void *whole)
{
    struct whole *w = whole;
    struct easy_chain chain;
    (void)b;
    easy_chain_make(&chain, &w->net->net.chain, w->n);
    FILE *f = fopen(w->file, "wb");
    bench_need(f && fwrite(chain.raw, 80, (size_t)w->n, f) == (size_t)w->n && fclose(f) == 0, "a chain cannot be written");
    free(chain.raw);
}

/* The hash of a block is in the header after it. */
static void read_checkpoints(struct whole *w)
{
    const size_t n = (size_t)(w->n - 2) / APART;
    FILE *f = fopen(w->file, "rb");
    w->checkpoints = malloc(n * sizeof(*w->checkpoints));
    bench_need(f && w->checkpoints, "a chain cannot be read");
    for (size_t i = 0; i < n; i++) {
        struct checkpoint *c = &w->checkpoints[i];
        c->height = (int32_t)(i + 1) * APART;
        bench_need(fseek(f, ((long)c->height + 1) * 80 + 4, SEEK_SET) == 0 && fread(c->hash.b, 32, 1, f) == 1, "a short chain");
    }
    fclose(f);
    w->net->net.chain.checkpoints = w->checkpoints;
    w->net->net.chain.n_checkpoints = n;
}

static void hash_sample(void *headers)
{
    static block_hash hashes[SAMPLE];
    x11_many(hashes, headers, SAMPLE);
}

static double hash_us(const struct bench *b)
{
    static uint8_t headers[SAMPLE * 80];
    for (size_t i = 0; i < sizeof(headers); i++)
        headers[i] = (uint8_t)(i * 167 >> 3);
    return bench_us(b, NULL, hash_sample, headers) / SAMPLE;
}

/* ---- the peer */

static struct devnode_server *server;

static void on_end(uv_signal_t *signal, int number)
{
    (void)number;
    devnode_server_stop(server);
    uv_close((uv_handle_t *)signal, NULL);
}

/* Says its port, and in the end what it cost. */
static void serve(const struct whole *w, int out)
{
    struct devnode_server_options options = devnode_server_options_default();
    char error[DEVNODE_ERROR_SIZE];
    struct devnode_chain *chain;
    uv_loop_t loop;
    uv_signal_t end;
    uint16_t port;
    bench_need(devnode_chain_load_headers(&chain, "regtest", w->file, 0, error) == 0, error);
    bench_need(uv_loop_init(&loop) == 0 && uv_signal_init(&loop, &end) == 0, "no loop");
    bench_need(devnode_server_start(&server, &loop, chain, &options, &port) == 0, "the peer does not start");
    uv_signal_start(&end, on_end, SIGTERM);
    double us = clock_cpu_us();
    bench_need(write(out, &port, sizeof(port)) == sizeof(port), "no pipe");
    uv_run(&loop, UV_RUN_DEFAULT);
    us = clock_cpu_us() - us;
    bench_need(write(out, &us, sizeof(us)) == sizeof(us), "no pipe");
    _exit(0);
}

static void start_peer(struct whole *w)
{
    int ends[2];
    bench_need(pipe(ends) == 0 && (w->peer = fork()) >= 0, "no process");
    if (w->peer == 0)
        serve(w, ends[1]);
    close(ends[1]);
    w->from_peer = ends[0];
    bench_need(read(w->from_peer, &w->port, sizeof(w->port)) == sizeof(w->port), "the peer does not start");
}

/* Returns what serving cost in CPU time, in us. */
static double end_peer(struct whole *w)
{
    double us;
    kill(w->peer, SIGTERM);
    bench_need(read(w->from_peer, &us, sizeof(us)) == sizeof(us), "the peer does not end");
    close(w->from_peer);
    waitpid(w->peer, NULL, 0);
    return us;
}

/* ---- the client */

struct sync {
    const struct whole *whole;
    uv_loop_t loop;
    struct driver *driver;
    double wall_us, cpu_us; /* until it is over: when it began */
    dspv_progress progress;
};

static void on_event(void *context, const dspv_event *e)
{
    struct sync *s = context;
    if (e->kind != DSPV_EVENT_TIP || e->height != s->whole->n - 1)
        return;
    s->wall_us = clock_wall_us() - s->wall_us;
    s->cpu_us = clock_cpu_us() - s->cpu_us;
    dspv_get_progress(driver_client(s->driver), &s->progress);
    driver_stop(s->driver);
}

static void on_failed(void *context, int error, const char *text)
{
    (void)context;
    (void)error;
    bench_need(false, text);
}

static void start_client(struct sync *s, const dspv_store *store)
{
    const struct driver_listener mine = {s, on_event, NULL, on_failed};
    dspv_config config;
    dspv_config_init(&config);
    config.start = DSPV_START_GENESIS;
    config.masternodes = false;
    bench_need(uv_loop_init(&s->loop) == 0, "no loop");
    bench_need(driver_start(&s->driver, &s->loop, s->whole->net, &config, store, &mine) == 0, "the client does not start");
}

static void report(const struct bench *b, const struct whole *w, const char *kind, double us, double floor_us, uint64_t memory)
{
    char name[80];
    snprintf(name, sizeof(name), "%d headers, %s", (int)w->n, kind);
    report_row(b->report, &(struct row){.name = name,
                                        .unit = "us/header",
                                        .value = us / w->n,
                                        .floor = floor_us,
                                        .floor_is = floor_us == w->floor_us ? "X11 on one core" : "X11 on two cores",
                                        .memory = memory});
}

static void sync_all(const struct bench *b, void *whole)
{
    struct whole *w = whole;
    struct sync s = {.whole = w};
    const dspv_addr here = {.ip = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}, .port = w->port};
    temp_store_open(&w->store);
    clock_memory_peak_reset();
    s.wall_us = clock_wall_us();
    s.cpu_us = clock_cpu_us();
    start_client(&s, dspv_store_sqlite_seam(w->store.store));
    bench_need(driver_add_peer(s.driver, &here) == 0, "out of memory");
    uv_run(&s.loop, UV_RUN_DEFAULT);
    temp_store_close(&w->store);
    report(b, w, "wall clock", s.wall_us, w->floor_us / CORES, clock_memory_peak());
    report(b, w, "CPU of the client", s.cpu_us, w->floor_us, 0);
    report_row(b->report,
               &(struct row){.name = "received", .unit = "B/header", .value = (double)s.progress.bytes_received / w->n});
}

static void open_again(const struct bench *b, void *whole)
{
    struct whole *w = whole;
    struct sync s = {.whole = w};
    const double start = clock_wall_us();
    temp_store_open(&w->store);
    start_client(&s, dspv_store_sqlite_seam(w->store.store));
    report_row(b->report, &(struct row){.name = "store opened, wall clock",
                                        .unit = "ms",
                                        .value = (clock_wall_us() - start) / 1e3,
                                        .memory = clock_memory()});
}

static void run(const struct bench *b)
{
    struct whole w = {.n = b->quick ? HEADERS_QUICK : b->lengthy ? HEADERS_LONG : HEADERS, .floor_us = hash_us(b)};
    struct easy_chain params;
    bench_need(dspv_network_new(&w.net, "regtest") == 0, "a network");
    temp_store_new(&w.store);
    temp_store_close(&w.store);
    snprintf(w.file, sizeof(w.file), "%s/headers.bin", w.store.folder);
    bench_in_process(b, make_chain, &w);
    easy_chain_make(&params, &w.net->net.chain, 1);
    w.net->net.chain = params.params;
    free(params.raw);
    start_peer(&w);
    read_checkpoints(&w);
    bench_in_process(b, sync_all, &w);
    report(b, &w, "CPU of the peer", end_peer(&w), 0, 0);
    bench_in_process(b, open_again, &w);
    remove(w.file);
    free(w.checkpoints);
    temp_store_remove(&w.store);
    dspv_network_free(w.net);
}

const struct group group_whole_sync = {"whole_sync", "a long chain of headers from a peer over loopback into the store", run};
