/* What a header sync costs over loopback TCP: 40 000 recorded testnet headers, with so many worker threads, from a peer that has
 * headers2 (which the client leaves after the first message, because the peer is near: sync/header_ahead.h) or has not. The floor
 * is X11 alone. The peer runs on the client's own thread, so its part is counted too. */
#include <stdlib.h>

#include "crypto/x11.h"
#include "devnode/server.h"
#include "io/driver.h"
#include "wire/version.h"
#include "group.h"

enum { RUNS = 7, RUNS_QUICK = 2 };

struct run {
    uv_loop_t loop;
    struct devnode_server *node;
    struct driver *driver;
    int32_t tip;
    double wall_us, cpu_us; /* until it is over: when it began */
    bool reached;
    dspv_progress progress;
};

static void on_event(void *context, const dspv_event *e)
{
    struct run *r = context;
    if (e->kind != DSPV_EVENT_TIP || e->height != r->tip)
        return;
    r->wall_us = clock_wall_us() - r->wall_us;
    r->cpu_us = clock_cpu_us() - r->cpu_us;
    r->reached = true;
    dspv_get_progress(driver_client(r->driver), &r->progress);
    driver_stop(r->driver);
    devnode_server_stop(r->node);
}

static void on_failed(void *context, int error, const char *text)
{
    (void)context;
    (void)error;
    bench_need(false, text);
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
    bench_need(dspv_network_new(&net, "testnet") == 0, "out of memory");
    bench_need(driver_start(&r->driver, &r->loop, net, &config, NULL, &mine) == 0, "the client does not start");
    dspv_network_free(net);
    bench_need(driver_add_peer(r->driver, &here) == 0, "out of memory");
}

static void sync_once(struct run *r, const struct devnode_chain *chain, const struct devnode_server_options *options)
{
    uint16_t port;
    *r = (struct run){.tip = chain->tip};
    bench_need(uv_loop_init(&r->loop) == 0, "no loop");
    bench_need(devnode_server_start(&r->node, &r->loop, chain, options, &port) == 0, "the peer does not start");
    r->wall_us = clock_wall_us();
    r->cpu_us = clock_cpu_us();
    start_client(r, port);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    bench_need(r->reached && uv_loop_close(&r->loop) == 0, "the tip was not reached");
}

struct variant {
    const struct devnode_chain *chain;
    double floor_us; /* a hash */
    const char *threads;
    bool compressed;
};

static void report(const struct bench *b, const struct variant *v, const char *kind, double us)
{
    char name[80];
    snprintf(name, sizeof(name), "%s, %s worker thread%s, %s", v->compressed ? "headers2" : "headers", v->threads,
             *v->threads == '1' ? "" : "s", kind);
    report_row(
        b->report,
        &(struct row){.name = name, .unit = "us/header", .value = us, .floor = v->floor_us, .floor_is = "X11 on one core"});
}

/* The number of threads is read once in a process. */
static void sync_headers(const struct bench *b, void *variant)
{
    const struct variant *v = variant;
    struct devnode_server_options options = devnode_server_options_default();
    struct run r;
    double wall = 1e12, cpu = 1e12;
    setenv("UV_THREADPOOL_SIZE", v->threads, 1);
    if (!v->compressed)
        options.peer.services &= ~(uint64_t)SERVICE_HEADERS_COMPRESSED;
    for (int i = 0; i < (b->quick ? RUNS_QUICK : RUNS); i++) {
        sync_once(&r, v->chain, &options);
        wall = r.wall_us < wall ? r.wall_us : wall;
        cpu = r.cpu_us < cpu ? r.cpu_us : cpu;
    }
    const double n = v->chain->tip;
    report(b, v, "wall clock", wall / n);
    report(b, v, "CPU", cpu / n);
    if (*v->threads == '1')
        report_row(b->report, &(struct row){.name = v->compressed ? "headers2, received" : "headers, received",
                                            .unit = "B/header",
                                            .value = (double)r.progress.bytes_received / n});
}

struct hashing {
    const struct devnode_chain *chain;
    block_hash *hashes;
};

static void hash_all(void *hashing)
{
    struct hashing *h = hashing;
    x11_many(h->hashes, h->chain->headers, (size_t)h->chain->tip + 1);
}

static double hash_us(const struct bench *b, const struct devnode_chain *chain)
{
    struct hashing h = {chain, malloc(((size_t)chain->tip + 1) * sizeof(*h.hashes))};
    bench_need(h.hashes != NULL, "out of memory");
    const double us = bench_us(b, NULL, hash_all, &h) / (chain->tip + 1);
    free(h.hashes);
    return us;
}

static void run(const struct bench *b)
{
    struct devnode_chain *chain;
    char error[DEVNODE_ERROR_SIZE];
    if (devnode_chain_load_headers(&chain, "testnet", bench_path("testnet/headers_0_39999.bin"), 0, error) != 0) {
        report_skipped(b->report, "a header sync", error);
        return;
    }
    struct variant v = {.chain = chain, .floor_us = hash_us(b, chain)};
    for (int compressed = 1; compressed >= 0; compressed--)
        for (const char *threads = "1"; threads; threads = *threads == '1' ? "2" : NULL) {
            v.compressed = compressed;
            v.threads = threads;
            bench_in_process(b, sync_headers, &v);
        }
    devnode_chain_free(chain);
}

const struct group group_header_sync = {"header_sync", "40 000 recorded headers over loopback, from the first byte to the tip",
                                        run};
