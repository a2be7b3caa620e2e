/* Following a chain of mainnet's shape block by block, with a store on SQLite and three peers: what a block costs in CPU time, on
 * the wire and on the disk. */
#include "group.h"
#include "made_chain.h"
#include "temp_store.h"
#include "world.h"

enum { PEERS = 3 };

/* How much of it: until `tip` as fast as possible, then block by block to `end`. */
struct size {
    uint32_t masternodes;
    int32_t tip, end;
};

static struct size size_of(const struct bench *b)
{
    if (b->quick)
        return (struct size){300, 700, 750};
    return b->lengthy ? (struct size){3000, 1800, 11800} : (struct size){1000, 1200, 1800};
}

/* ---- a store that counts */

struct counter {
    const dspv_store *store;
    uint64_t transactions, records, bytes;
};

static int count_apply(void *counter, const dspv_store_op *ops, size_t n)
{
    struct counter *c = counter;
    c->transactions++;
    c->records += n;
    for (size_t i = 0; i < n; i++)
        c->bytes += ops[i].key_n + (ops[i].value ? ops[i].value_n : 0);
    return c->store->apply(c->store->context, ops, n);
}

static int count_scan(void *counter, dspv_table table, const uint8_t *first, size_t first_n, const uint8_t *last, size_t last_n,
                      dspv_store_visit *visit, void *argument)
{
    struct counter *c = counter;
    return c->store->scan(c->store->context, table, first, first_n, last, last_n, visit, argument);
}

static const char *count_trouble(void *counter)
{
    struct counter *c = counter;
    return c->store->trouble(c->store->context);
}

static dspv_store counting(struct counter *c)
{
    return (dspv_store){.context = c, .apply = count_apply, .scan = count_scan, .trouble = count_trouble};
}

/* ---- */

struct totals {
    double us;
    uint64_t received, sent, transactions, records, bytes, written, disk;
    uint32_t chainlocks, instantlocks;
};

static struct totals totals_of(const struct world *w, const struct counter *c)
{
    dspv_progress now;
    dspv_get_progress(w->client, &now);
    return (struct totals){w->work_us, now.bytes_received,    now.bytes_sent,        c->transactions, c->records,
                           c->bytes,   clock_bytes_written(), clock_bytes_to_disk(), now.chainlocks,  now.instantlocks};
}

static void report(const struct bench *b, const char *name, const char *unit, double value, uint64_t memory)
{
    report_row(b->report, &(struct row){.name = name, .unit = unit, .value = value, .memory = memory});
}

static void report_blocks(const struct bench *b, const struct totals *from, const struct totals *to, double blocks)
{
    report(b, "CPU", "us/block", (to->us - from->us) / blocks, 0);
    report(b, "ChainLocks verified", "/block", (to->chainlocks - from->chainlocks) / blocks, 0);
    report(b, "InstantSend locks verified", "/block", (to->instantlocks - from->instantlocks) / blocks, 0);
    report(b, "received from three peers", "B/block", (double)(to->received - from->received) / blocks, 0);
    report(b, "sent to three peers", "B/block", (double)(to->sent - from->sent) / blocks, 0);
    report(b, "transactions of the store", "/block", (double)(to->transactions - from->transactions) / blocks, 0);
    report(b, "records stored", "/block", (double)(to->records - from->records) / blocks, 0);
    report(b, "bytes of records stored", "B/block", (double)(to->bytes - from->bytes) / blocks, 0);
    report(b, "bytes written to the file and its log", "B/block", (double)(to->written - from->written) / blocks, 0);
    report(b, "bytes written to the disk", "B/block", (double)(to->disk - from->disk) / blocks, 0);
}

static void run(const struct bench *b)
{
    const struct size size = size_of(b);
    struct devnode_chain *chain = made_chain(1, size.end, size.masternodes, true, NULL);
    struct temp_store file;
    temp_store_new(&file);
    struct counter counter = {.store = dspv_store_sqlite_seam(file.store)};
    const dspv_store store = counting(&counter);
    struct world w = {.chain = chain, .tip = size.tip, .n_peers = PEERS, .store = &store};

    report(b, "masternodes", "", size.masternodes, 0);
    report(b, "blocks followed", "", size.end - size.tip, 0);
    world_start(&w);
    bench_allocations();
    const struct totals from = totals_of(&w, &counter);
    while (w.tip < size.end)
        world_grow(&w, w.tip + 1);
    const struct totals to = totals_of(&w, &counter);
    report(b, "allocations", "/block", (double)bench_allocations() / (size.end - size.tip), 0);
    report_blocks(b, &from, &to, size.end - size.tip);

    const uint64_t heap = clock_heap();
    dspv_free(w.client);
    report(b, "memory of the client at the end", "kB", (double)(heap - clock_heap()) / 1e3, 0);
    w.client = NULL;
    world_free(&w);
    temp_store_close(&file);
    report(b, "the file at the end", "kB", (double)temp_store_size(&file) / 1e3, 0);
    temp_store_remove(&file);
    devnode_chain_free(chain);
}

const struct group group_follow = {"follow", "a chain of mainnet's shape, block by block", run};
