/* What a connection costs by how many there are: the client follows a generated chain that all its peers have. */
#include "group.h"
#include "made_chain.h"
#include "world.h"

enum { MASTERNODES = 150, TIP = 700, BLOCKS = 48, HOURS = 24, HOUR_MS = 3600000 };

static void report(const struct bench *b, const char *name, const char *unit, double value, uint64_t memory, size_t peers)
{
    report_row(b->report,
               &(struct row){.name = name, .unit = unit, .value = value, .memory = memory, .x_is = "peers", .x = (double)peers});
}

static void with_peers(const struct bench *b, const struct devnode_chain *chain, size_t n)
{
    struct world w = {.chain = chain, .tip = TIP, .n_peers = n};
    dspv_progress before, after;
    world_start(&w);
    report(b, "sync from nothing", "ms", w.work_us / 1e3, 0, n);

    dspv_get_progress(w.client, &before);
    w.work_us = 0;
    while (w.tip < TIP + BLOCKS)
        world_grow(&w, w.tip + 1);
    dspv_get_progress(w.client, &after);
    report(b, "a block followed", "us", w.work_us / BLOCKS, 0, n);
    report(b, "a block followed: received and sent", "B",
           (double)(after.bytes_received + after.bytes_sent - before.bytes_received - before.bytes_sent) / BLOCKS, 0, n);

    w.work_us = 0;
    world_wait(&w, (dspv_ms)HOURS * HOUR_MS);
    report(b, "an hour without a block", "us", w.work_us / HOURS, 0, n);

    const uint64_t heap = clock_heap();
    dspv_free(w.client);
    const uint64_t memory = heap - clock_heap();
    if (memory > 0)
        report(b, "the client's memory", "kB", (double)memory / 1e3, 0, n);
    w.client = NULL;
    world_free(&w);
}

static void run(const struct bench *b)
{
    struct devnode_chain *chain = made_chain(1, TIP + BLOCKS, MASTERNODES, true, NULL);
    for (size_t n = 1; n <= WORLD_MOST_PEERS; n *= b->quick ? 8 : 2)
        with_peers(b, chain, n);
    devnode_chain_free(chain);
}

const struct group group_growth_peers = {"growth_peers", "what a connection costs by how many there are", run};
