/* How much memory a client takes that holds all a client of mainnet would: the headers, the lists, every quorum that it wants
 * verified, with a store on SQLite. A development peer in a process of its own serves the chain over loopback: as many headers as
 * mainnet has with nothing in their blocks, then a chain whose masternodes and quorums are as many and as large as mainnet's. */
#include <stdio.h>
#include <time.h>

#include <sqlite3.h>

#include "easy_file.h"
#include "engine/network_api.h"
#include "io/driver.h"
#include "made_chain.h"
#include "served.h"
#include "sync/client.h"
#include "temp_store.h"
#include "group.h"

enum { POLL_MS = 5, SPACING_S = 150, MIB = 1 << 20, MOST_MIB = 64 };

/* Headers with empty blocks, then `tip` blocks more, then those that are followed. */
struct size {
    int32_t past, tip, followed;
    uint32_t masternodes;
};

/* The quorums of the slowest type fill up in 4 * 576 blocks. */
static struct size size_of(const struct bench *b)
{
    if (b->quick)
        return (struct size){20000, 700, 20, 300};
    return (struct size){b->lengthy ? 2400000 : 100000, 3000, 300, 3000};
}

struct memory {
    const struct bench *bench;
    struct size size;
    struct easy_file past;
    dspv_network *net;
    struct temp_store store;
    struct served served;
};

static int32_t tip_of(const struct size *s)
{
    return s->past + s->tip;
}

/* ---- the chain */

/* Regtest with mainnet's quorums and a target that nearly every hash meets; everything is active after the empty past. */
static dspv_network *network_of(const struct memory *m)
{
    dspv_network *net;
    bench_need(dspv_network_new(&net, "mainnet") == 0, "a network");
    net->net.chain = m->past.params;
    struct activations *active = &net->net.chain.active;
    active->dip0003 = active->dip0003_enforcement = active->v19 = active->v20 = active->mn_rr = m->past.n;
    return net;
}

/* So that the last block is from just now. */
static struct devnode_chain *make_chain(void *memory)
{
    const struct memory *m = memory;
    const int32_t end = tip_of(&m->size) + m->size.followed;
    struct gen_config config = gen_config_mainnet_sized(1, end, m->size.masternodes);
    struct devnode_chain *past = easy_file_load(&m->past);
    config.network = "regtest";
    config.options = NULL;
    config.like = &m->net->net;
    config.past = past->headers;
    config.n_past = past->tip + 1;
    config.spacing_s = SPACING_S;
    config.start_time_s = (uint32_t)time(NULL) - (uint32_t)(end - past->tip) * SPACING_S;
    struct devnode_chain *chain = made_chain_of(&config, true, NULL);
    devnode_chain_free(past);
    return chain;
}

/* ---- the client */

/* Resident bytes while a stage went on, and at its end. */
struct resident {
    uint64_t most, now;
};

struct times {
    double wall_us, cpu_us;
};

/* Bytes of the client's parts. */
struct parts {
    uint64_t headers, engine, sqlite, files, in_use;
};

struct client {
    const struct memory *memory;
    uv_loop_t loop;
    uv_timer_t timer;
    struct driver *driver;
    int32_t tip, end; /* where it should be; where it should be at last */
    dspv_progress now;
    struct times started, opened, until_synced;
    struct resident headers, synced, followed, indexed;
    struct parts parts;
};

static struct resident resident(void)
{
    return (struct resident){clock_memory_peak(), clock_memory()};
}

static struct times since(const struct client *c)
{
    return (struct times){clock_wall_us() - c->started.wall_us, clock_cpu_us() - c->started.cpu_us};
}

static void on_event(void *context, const dspv_event *e)
{
    struct client *c = context;
    if (e->kind == DSPV_EVENT_PHASE && e->phase == DSPV_PHASE_MASTERNODES && c->headers.now == 0)
        c->headers = resident();
}

static void on_failed(void *context, int error, const char *text)
{
    (void)context;
    (void)error;
    bench_need(false, text);
}

/* A hash that nobody has makes the client search for it among the old headers, too. */
static void on_end(struct client *c)
{
    static const dspv_block_hash unknown = {{1}};
    dspv *client = driver_client(c->driver);
    c->followed = resident();
    c->parts = (struct parts){headers_memory(client_headers(client)), engine_memory(client->engine),
                              (uint64_t)sqlite3_memory_used(), clock_memory_files(), clock_heap()};
    bench_need(dspv_block_height(client, &unknown) == -1, "an unknown block");
    c->indexed = resident();
    driver_stop(c->driver);
    uv_close((uv_handle_t *)&c->timer, NULL);
}

/* Looks whether the client is where the peer is; then there is a block more. */
static void on_timer(uv_timer_t *timer)
{
    struct client *c = timer->data;
    dspv_get_progress(driver_client(c->driver), &c->now);
    if (c->now.phase != DSPV_PHASE_SYNCED || c->now.list_height != c->tip)
        return;
    if (c->synced.now == 0) {
        c->until_synced = since(c);
        c->synced = resident();
    }
    if (c->tip == c->end) {
        on_end(c);
        return;
    }
    c->tip++;
    served_grow(&c->memory->served);
}

/* Until `end`. */
static void run_client(struct client *c, struct memory *m, int32_t tip, int32_t end)
{
    const struct driver_listener mine = {c, on_event, NULL, on_failed};
    dspv_config config;
    dspv_config_init(&config);
    config.start = DSPV_START_GENESIS;
    *c = (struct client){.memory = m, .tip = tip, .end = end, .started = {clock_wall_us(), clock_cpu_us()}};
    clock_memory_peak_reset();
    temp_store_open(&m->store);
    const dspv_store *store = dspv_store_sqlite_seam(m->store.store);
    bench_need(uv_loop_init(&c->loop) == 0 && uv_timer_init(&c->loop, &c->timer) == 0, "no loop");
    bench_need(driver_start(&c->driver, &c->loop, m->net, &config, store, &mine) == 0, "the client does not start");
    c->opened = since(c);
    bench_need(driver_add_peer(c->driver, &m->served.at) == 0, "out of memory");
    c->timer.data = c;
    uv_timer_start(&c->timer, on_timer, POLL_MS, POLL_MS);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    temp_store_close(&m->store);
}

/* ---- what comes of it */

static void report_number(const struct memory *m, const char *name, const char *unit, double value)
{
    report_row(m->bench->report, &(struct row){.name = name, .unit = unit, .value = value});
}

static void report_part(const struct memory *m, const char *name, uint64_t bytes)
{
    report_number(m, name, "MiB", (double)bytes / MIB);
}

static void report_resident(const struct memory *m, const char *name, uint64_t bytes)
{
    report_row(m->bench->report, &(struct row){.name = name,
                                               .unit = "MiB",
                                               .value = (double)bytes / MIB,
                                               .floor = MOST_MIB,
                                               .floor_is = "no floor: what is allowed"});
}

static void sync_and_follow(const struct bench *b, void *memory)
{
    struct memory *m = memory;
    struct client c;
    (void)b;
    run_client(&c, m, tip_of(&m->size), tip_of(&m->size) + m->size.followed);
    bench_need(c.now.quorums_wanted > 0 && c.now.quorums_verified == c.now.quorums_wanted, "a quorum is not verified");
    report_number(m, "headers", "", c.now.header_height + 1.0);
    report_number(m, "masternodes", "", c.now.masternodes);
    report_number(m, "quorums verified", "", c.now.quorums_verified);
    report_number(m, "synced after, wall clock", "s", c.until_synced.wall_us / 1e6);
    report_resident(m, "most while headers come", c.headers.most);
    report_resident(m, "most until synced", c.synced.most);
    report_number(m, "blocks followed", "", m->size.followed);
    report_resident(m, "most until then", c.followed.most);
    report_resident(m, "following", c.followed.now);
    report_part(m, "  the program, libraries", c.parts.files);
    report_part(m, "  in use", c.parts.in_use);
    report_part(m, "    header chain", c.parts.headers);
    report_part(m, "    lists, quorums, keys", c.parts.engine);
    report_part(m, "    SQLite", c.parts.sqlite);
    report_resident(m, "following, old blocks indexed by hash", c.indexed.now);
}

static void open_again(const struct bench *b, void *memory)
{
    struct memory *m = memory;
    struct client c;
    (void)b;
    const int32_t end = tip_of(&m->size) + m->size.followed;
    run_client(&c, m, end, end);
    report_number(m, "store opened after, wall clock", "ms", c.opened.wall_us / 1e3);
    report_number(m, "store opened after, CPU", "ms", c.opened.cpu_us / 1e3);
    report_number(m, "store opened, synced after, wall clock", "ms", c.until_synced.wall_us / 1e3);
    report_number(m, "store opened, synced after, CPU", "ms", c.until_synced.cpu_us / 1e3);
    report_resident(m, "store opened, most until synced", c.synced.most);
    report_resident(m, "store opened, synced", c.synced.now);
    report_resident(m, "store opened, old blocks indexed by hash", c.indexed.now);
}

static void run(const struct bench *b)
{
    struct memory m = {.bench = b, .size = size_of(b)};
    temp_store_new(&m.store);
    temp_store_close(&m.store);
    easy_file_new(&m.past, b, m.store.folder, m.size.past);
    m.net = network_of(&m);
    served_start(&m.served, make_chain, &m, tip_of(&m.size));
    bench_in_process(b, sync_and_follow, &m);
    bench_in_process(b, open_again, &m);
    served_end(&m.served);
    easy_file_remove(&m.past);
    temp_store_remove(&m.store);
    dspv_network_free(m.net);
}

const struct group group_memory = {"memory", "resident memory of one process with everything that mainnet has, over loopback",
                                   run};
