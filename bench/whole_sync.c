/* What the sync of a long header chain costs: a development peer in a process of its own serves it over loopback, the client
 * checks all of it and keeps it in SQLite. The floor is X11 alone: on one core, and on both at once, because two that are busy are
 * each slower than one. With --long: 2.4 million headers, as many as mainnet has. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <threads.h>

#include "crypto/x11.h"
#include "easy_file.h"
#include "engine/network_api.h"
#include "io/driver.h"
#include "served.h"
#include "temp_store.h"
#include "group.h"

enum { HEADERS_QUICK = 50000, HEADERS = 400000, HEADERS_LONG = 2400000, SAMPLE = 4096, CORES = 2 };
enum { AT_ONCE = 8, WINDOWS = 6, RUNS = 5, RUNS_QUICK = 2, RUNS_LONG = 3 };

/* The best of several runs, each in a process of its own. */
struct best {
    double wall_us, cpu_us, received;
    uint64_t memory;
};

struct whole {
    int32_t n;              /* headers */
    double one_us, both_us; /* a hash, on one core and on both at once */
    struct best *best;      /* shared with these processes */
    struct easy_file file;
    struct temp_store store;
    dspv_network *net;
    struct served served;
};

/* ---- the floor */

static uint8_t sample[SAMPLE * 80];

static void hash_sample(void *hashes)
{
    x11_many(hashes, sample, SAMPLE);
}

static int hash_on_thread(void *nothing)
{
    static _Thread_local block_hash hashes[SAMPLE];
    (void)nothing;
    for (int i = 0; i < AT_ONCE; i++)
        hash_sample(hashes);
    return 0;
}

static double both_cores_us(void)
{
    double best = INFINITY;
    for (int i = 0; i < WINDOWS; i++) {
        thrd_t other;
        const double start = clock_wall_us();
        bench_need(thrd_create(&other, hash_on_thread, NULL) == thrd_success, "no thread");
        hash_on_thread(NULL);
        thrd_join(other, NULL);
        best = fmin(best, (clock_wall_us() - start) / (CORES * AT_ONCE * SAMPLE));
    }
    return best;
}

static void measure_floor(const struct bench *b, struct whole *w)
{
    static block_hash hashes[SAMPLE];
    for (size_t i = 0; i < sizeof(sample); i++)
        sample[i] = (uint8_t)(i * 167 >> 3);
    w->one_us = fmin(w->one_us, bench_us(b, NULL, hash_sample, hashes) / SAMPLE);
    w->both_us = fmin(w->both_us, both_cores_us());
}

static struct devnode_chain *load(void *whole)
{
    const struct whole *w = whole;
    return easy_file_load(&w->file);
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

static void sync_all(const struct bench *b, void *whole)
{
    const struct whole *w = whole;
    struct sync s = {.whole = w};
    struct temp_store store = w->store;
    (void)b;
    temp_store_open(&store);
    clock_memory_peak_reset();
    s.wall_us = clock_wall_us();
    s.cpu_us = clock_cpu_us();
    start_client(&s, dspv_store_sqlite_seam(store.store));
    bench_need(driver_add_peer(s.driver, &w->served.at) == 0, "out of memory");
    uv_run(&s.loop, UV_RUN_DEFAULT);
    temp_store_close(&store);
    w->best->wall_us = fmin(w->best->wall_us, s.wall_us);
    w->best->cpu_us = fmin(w->best->cpu_us, s.cpu_us);
    w->best->received = (double)s.progress.bytes_received;
    w->best->memory = clock_memory_peak() > w->best->memory ? clock_memory_peak() : w->best->memory;
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

/* The last one's store stays. The floor is measured before each, since the machine may be slower at one time than at another. */
static void sync_some_times(const struct bench *b, struct whole *w, int runs)
{
    for (int i = 0; i < runs; i++) {
        if (i > 0)
            temp_store_remove(&w->store);
        temp_store_new(&w->store);
        temp_store_close(&w->store);
        measure_floor(b, w);
        bench_in_process(b, sync_all, w);
    }
}

static void report(const struct bench *b, const struct whole *w, const char *kind, double us, struct row row)
{
    char name[80];
    snprintf(name, sizeof(name), "%d headers, %s", (int)w->n, kind);
    row.name = name;
    row.unit = "us/header";
    row.value = us / w->n;
    report_row(b->report, &row);
}

static void report_all(const struct bench *b, const struct whole *w, double peer_us)
{
    report(b, w, "wall clock", w->best->wall_us,
           (struct row){.floor = w->both_us, .floor_is = "X11 on two cores at once", .memory = w->best->memory});
    report(b, w, "CPU of the client", w->best->cpu_us, (struct row){.floor = w->one_us, .floor_is = "X11 on one core"});
    report(b, w, "CPU of the peer", peer_us, (struct row){0});
    report_row(b->report, &(struct row){.name = "received", .unit = "B/header", .value = w->best->received / w->n});
}

static void run(const struct bench *b)
{
    const int runs = b->quick ? RUNS_QUICK : b->lengthy ? RUNS_LONG : RUNS;
    struct temp_store folder;
    struct whole w = {
        .n = b->quick ? HEADERS_QUICK : b->lengthy ? HEADERS_LONG : HEADERS, .one_us = INFINITY, .both_us = INFINITY};
    w.best = mmap(NULL, sizeof(*w.best), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bench_need(w.best != MAP_FAILED && dspv_network_new(&w.net, "regtest") == 0, "out of memory");
    *w.best = (struct best){.wall_us = INFINITY, .cpu_us = INFINITY};
    temp_store_new(&folder);
    easy_file_new(&w.file, b, folder.folder, w.n);
    w.net->net.chain = w.file.params;
    served_start(&w.served, load, &w, w.n - 1);
    sync_some_times(b, &w, runs);
    report_all(b, &w, served_end(&w.served) / runs);
    bench_in_process(b, open_again, &w);
    easy_file_remove(&w.file);
    temp_store_remove(&w.store);
    temp_store_remove(&folder);
    dspv_network_free(w.net);
    munmap(w.best, sizeof(*w.best));
}

const struct group group_whole_sync = {"whole_sync", "a long chain of headers from a peer over loopback into the store", run};
