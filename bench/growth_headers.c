/* What a header costs when there are so many: added (without its hash) and stored, looked up; what the chain takes in memory, and
 * how long it takes to open the store. On SQLite. */
#include <math.h>
#include <stdlib.h>

#include "chain/headers.h"
#include "easy_chain.h"
#include "real_chain.h"
#include "store/batch.h"
#include "sync/client.h"
#include "temp_store.h"
#include "group.h"

enum { STEP = 8000, FEWEST = 10000, MOST_QUICK = 40000, MOST = 640000, MOST_LONG = 5120000, MOST_REAL = 160000, MESSAGE = 2000 };

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

/* Headers as they come: in a message, and the message in the cache. */
struct message {
    int32_t n;
    uint8_t raw[MESSAGE][80];
    block_hash hashes[MESSAGE];
};

/* CPU time of a header. */
static double add(struct headers *h, const struct message *m)
{
    const double start = clock_cpu_us();
    for (int32_t i = 0; i < m->n; i++) {
        headers_node node;
        dspv_fault fault;
        bench_need(headers_add(h, m->raw[i], &m->hashes[i], INT64_MAX / 2, &node, &fault) == 0, "a header");
    }
    return (clock_cpu_us() - start) / m->n;
}

static double add_easy(struct growth *g, int32_t end)
{
    static struct message m;
    for (m.n = 0; m.n < MESSAGE && g->n < end; m.n++, g->n++) {
        memcpy(m.raw[m.n], easy_chain_header(&g->chain, g->n), 80);
        m.hashes[m.n] = easy_chain_hash(&g->chain, g->n);
    }
    return add(client_headers(g->client), &m);
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
        while (g->n < end)
            adding = fmin(adding, add_easy(g, end));
        const double start = clock_cpu_us();
        store(g, &b);
        if (end - from == STEP)
            storing = fmin(storing, clock_cpu_us() - start);
    }
    report(g, "allocations", "/header", (double)bench_allocations() / (n - first), 0);
    batch_free(&b);
    report(g, "header added, without its hash", "ns/header", adding * 1e3, 0);
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

/* What is settled need not be read again. */
static int read_nothing(void *context, int32_t height, uint32_t n, uint8_t *out)
{
    (void)context;
    (void)height;
    (void)n;
    (void)out;
    return DSPV_ESTORE;
}

static double add_real(struct headers *h, const struct real_chain *c)
{
    static struct message m = {.n = MESSAGE};
    double best = 1e9;
    for (int32_t first = 1; first + MESSAGE <= c->n; first += MESSAGE) {
        memcpy(m.raw, real_chain_header(c, first), sizeof(m.raw));
        memcpy(m.hashes, &c->hashes[first], sizeof(m.hashes));
        best = fmin(best, add(h, &m));
        headers_archived(h);
        bench_need(headers_settle(h, HEADERS_NONE, NULL, 0) == 0, "settling");
    }
    return best;
}

static void by_real_rules(const struct bench *b)
{
    const uint64_t seed[2] = {1, 2};
    const struct headers_archive archive = {NULL, read_nothing};
    struct real_chain c;
    struct headers *h;
    real_chain_make(&c, b->quick ? MOST_QUICK : MOST_REAL);
    bench_need(headers_new(&h, &c.params, seed) == 0, "a chain");
    headers_archive_in(h, &archive);
    report_row(b->report, &(struct row){.name = "header added by mainnet's rules, without its hash",
                                        .unit = "ns/header",
                                        .value = add_real(h, &c) * 1e3});
    headers_free(h);
    real_chain_free(&c);
}

static void run(const struct bench *b)
{
    struct growth g = {.bench = b, .n = 1};
    by_real_rules(b);
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
