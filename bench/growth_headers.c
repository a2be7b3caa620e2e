/* What a header costs when there are so many: added (without its hash) and stored, looked up; what the chain takes in memory, and
 * how long it takes to open the store. On SQLite. */
#include <stdlib.h>

#include "easy_chain.h"
#include "store/batch.h"
#include "sync/client.h"
#include "temp_store.h"
#include "group.h"

enum { STEP = 8000, FEWEST = 10000, MOST_QUICK = 40000, MOST = 640000, MOST_LONG = 5120000 };

struct growth {
    const struct bench *bench;
    struct easy_chain chain;
    dspv_network *net;
    struct temp_store store;
    dspv *client;
    int32_t n; /* headers added so far */
};

static dspv *open_client(struct growth *g)
{
    const uint8_t seed[32] = {1};
    dspv *c;
    bench_need(dspv_new(&c, g->net, NULL, dspv_store_sqlite_seam(g->store.store), seed, (dspv_ms)1 << 50) == 0, "a client");
    return c;
}

static void report(struct growth *g, const char *name, const char *unit, double value, uint64_t memory)
{
    report_row(g->bench->report,
               &(struct row){.name = name, .unit = unit, .value = value, .memory = memory, .x_is = "headers", .x = g->n});
}

static void add(struct growth *g, int32_t height)
{
    headers_node node;
    dspv_fault fault = {0};
    const block_hash hash = easy_chain_hash(&g->chain, height);
    bench_need(
        headers_add(client_headers(g->client), easy_chain_header(&g->chain, height), &hash, INT64_MAX / 2, &node, &fault) == 0,
        "a header");
}

static void store(struct growth *g, struct batch *b)
{
    bench_need(header_store_collect(g->client, b) == 0 && batch_apply(b, dspv_store_sqlite_seam(g->store.store)) == 0, "storing");
    header_store_committed(g->client);
    bench_need(headers_settle(client_headers(g->client), HEADERS_NONE, NULL, 0) == 0, "settling");
}

/* The smallest of the messages: a cut of the file's log comes now and then. */
static void add_until(struct growth *g, int32_t n)
{
    struct batch b;
    double adding = 1e9, storing = 1e9;
    const int32_t first = g->n;
    batch_init(&b);
    bench_allocations();
    while (g->n < n) {
        const int32_t end = g->n + STEP < n ? g->n + STEP : n, from = g->n;
        const double start = clock_cpu_us();
        for (; g->n < end; g->n++)
            add(g, g->n);
        const double added = clock_cpu_us();
        store(g, &b);
        if (end - from < STEP)
            continue;
        adding = added - start < adding ? added - start : adding;
        storing = clock_cpu_us() - added < storing ? clock_cpu_us() - added : storing;
    }
    report(g, "allocations", "/header", (double)bench_allocations() / (n - first), 0);
    batch_free(&b);
    report(g, "header added, without its hash", "ns/header", adding * 1e3 / STEP, 0);
    report(g, "header stored", "ns/header", storing * 1e3 / STEP, 0);
}

static void look_up_settled(void *growth)
{
    static uint32_t turn;
    struct growth *g = growth;
    headers_node node;
    const int32_t floor = headers_floor_height(client_headers(g->client));
    const block_hash hash = easy_chain_hash(&g->chain, (int32_t)(turn++ * 7919u % (uint32_t)floor));
    bench_need(headers_look_up(client_headers(g->client), &hash, &node) == 0 && node != HEADERS_NONE, "a look-up");
}

static void look_up_unknown(void *growth)
{
    static uint32_t turn;
    struct growth *g = growth;
    headers_node node;
    block_hash hash = easy_chain_hash(&g->chain, g->n - 2 - (int32_t)(turn++ % 4000));
    hash.b[3] ^= 1;
    bench_need(headers_look_up(client_headers(g->client), &hash, &node) == 0 && node == HEADERS_NONE, "a look-up");
}

static void look_up(struct growth *g)
{
    headers_node node;
    const block_hash none = {{1}};
    if (headers_floor_height(client_headers(g->client)) == 0)
        return;
    const double start = clock_cpu_us();
    bench_need(headers_look_up(client_headers(g->client), &none, &node) == 0, "the index");
    report(g, "index of settled headers made", "ms", (clock_cpu_us() - start) / 1e3, headers_memory(client_headers(g->client)));
    report(g, "settled header found by hash", "us", bench_us(g->bench, NULL, look_up_settled, g), 0);
    report(g, "found that a hash is unknown", "us", bench_us(g->bench, NULL, look_up_unknown, g), 0);
}

static void reopen(struct growth *g)
{
    dspv_free(g->client);
    temp_store_close(&g->store);
    const double start = clock_cpu_us();
    temp_store_open(&g->store);
    g->client = open_client(g);
    report(g, "store opened", "ms", (clock_cpu_us() - start) / 1e3, headers_memory(client_headers(g->client)));
    bench_need(headers_tip_height(client_headers(g->client)) == g->n - 1, "the tip");
}

static void run(const struct bench *b)
{
    struct growth g = {.bench = b, .n = 1};
    const int32_t most = b->quick ? MOST_QUICK : b->lengthy ? MOST_LONG : MOST;
    bench_need(dspv_network_new(&g.net, "regtest") == 0, "a network");
    easy_chain_make(&g.chain, &g.net->net.chain, most);
    g.net->net.chain = g.chain.params;
    temp_store_new(&g.store);
    g.client = open_client(&g);
    for (int32_t n = FEWEST; n <= most; n *= 2) {
        add_until(&g, n);
        reopen(&g);
        look_up(&g);
    }
    dspv_free(g.client);
    temp_store_remove(&g.store);
    dspv_network_free(g.net);
    free(g.chain.raw);
}

const struct group group_growth_headers = {"growth_headers", "what a header costs when there are so many", run};
