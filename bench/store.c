/* What the store on SQLite costs: a transaction, headers as they come in, opening and reading all of mainnet's. Wall clock: these
 * wait for the disk. TMPDIR names a folder on the disk to measure. */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "store/batch.h"
#include "store/read.h"
#include "temp_store.h"
#include "group.h"

enum {
    HEADER = 80,
    RUN = 256,
    RUN_BYTES = 36 + RUN * HEADER,
    CHAIN_RUNS = 9375,
    CHAIN_RUNS_AT_ONCE = 205, /* 4 MB, as the client does it */
    TRANSACTIONS = 200,
    MESSAGE_RUNS = 8000 / RUN + 1,
};

struct lot {
    const struct bench *bench;
    struct temp_store store;
    struct batch batch;
    uint8_t run[RUN_BYTES];
};

/* Not zeros: nothing here compresses, but who knows the disk. */
static void make_run(struct lot *l)
{
    for (size_t i = 0; i < sizeof(l->run); i++)
        l->run[i] = (uint8_t)(i * i + (i >> 8));
}

static void put_run(struct lot *l, uint32_t number, uint32_t headers)
{
    uint8_t key[4];
    store_be32(key, number);
    uint8_t *room = batch_put_room(&l->batch, DSPV_TABLE_HEADERS, key, sizeof(key), 36 + (size_t)headers * HEADER);
    bench_need(room != NULL, "out of memory");
    memcpy(room, l->run, 36 + (size_t)headers * HEADER);
    store_be32(room, number);
}

static void put_tip(struct lot *l, uint32_t height)
{
    uint8_t tip[44] = {0};
    store_le32(tip, height);
    batch_put(&l->batch, DSPV_TABLE_META, (const uint8_t *)"tip", 3, tip, sizeof(tip));
}

static void apply(struct lot *l)
{
    const dspv_store *store = dspv_store_sqlite_seam(l->store.store);
    if (batch_apply(&l->batch, store) != 0)
        bench_need(false, store->trouble(store->context));
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(struct lot *l, const char *name, const char *unit, double value)
{
    report_row(l->bench->report, &(struct row){.name = name, .unit = unit, .value = value});
}

/* Writes the nth of some transactions. */
typedef void put_nth(struct lot *l, uint32_t n);

static void small(struct lot *l, uint32_t n)
{
    put_tip(l, n);
}

/* Following the tip: the top run grows by one. */
static void new_block(struct lot *l, uint32_t n)
{
    put_run(l, 0, n % RUN + 1);
    put_tip(l, n);
}

static void header_message(struct lot *l, uint32_t n)
{
    for (uint32_t i = 0; i < MESSAGE_RUNS; i++)
        put_run(l, n * (MESSAGE_RUNS - 1) + i, i + 1 == MESSAGE_RUNS ? 8000 % RUN : RUN);
    put_tip(l, n);
}

static void transactions(struct lot *l, const char *what, put_nth *put, uint32_t n)
{
    static double ms[TRANSACTIONS];
    char name[80];
    const uint64_t before = clock_bytes_written();
    for (uint32_t i = 0; i < n; i++) {
        const double start = clock_wall_us();
        put(l, i);
        apply(l);
        ms[i] = (clock_wall_us() - start) / 1e3;
    }
    qsort(ms, n, sizeof(*ms), by_size);
    report(l, what, "ms", ms[n / 2]);
    snprintf(name, sizeof(name), "%s: written", what);
    report(l, name, "kB", (double)(clock_bytes_written() - before) / 1e3 / n);
}

struct sum {
    size_t records, bytes, damaged;
};

static int add(void *argument, const struct stored *record)
{
    struct sum *sum = argument;
    sum->records++;
    sum->bytes += record->payload.n;
    sum->damaged += record->damaged;
    return 0;
}

static void read_all(struct lot *l)
{
    struct sum sum = {0};
    const double start = clock_wall_us();
    bench_need(store_scan(dspv_store_sqlite_seam(l->store.store), DSPV_TABLE_HEADERS, (struct span){0}, (struct span){0}, add,
                          &sum) == 0 &&
                   sum.damaged == 0 && sum.records == CHAIN_RUNS,
               "the chain cannot be read");
    report(l, "all of them read, seals checked", "ms", (clock_wall_us() - start) / 1e3);
}

static void whole_chain(struct lot *l)
{
    const uint64_t before = clock_bytes_written();
    const double cpu = clock_cpu_us();
    double start = clock_wall_us();
    for (uint32_t i = 0; i < CHAIN_RUNS; i++) {
        put_run(l, i, RUN);
        if ((i + 1) % CHAIN_RUNS_AT_ONCE == 0 || i + 1 == CHAIN_RUNS)
            apply(l);
    }
    temp_store_close(&l->store);
    report(l, "2 400 000 headers in 46 transactions", "ms", (clock_wall_us() - start) / 1e3);
    report(l, "2 400 000 headers: CPU", "us/header", (clock_cpu_us() - cpu) / (CHAIN_RUNS * RUN));
    report(l, "2 400 000 headers: written", "MB", (double)(clock_bytes_written() - before) / 1e6);
    report(l, "2 400 000 headers: the file", "MB", (double)temp_store_size(&l->store) / 1e6);
    start = clock_wall_us();
    temp_store_open(&l->store);
    report(l, "the file opened", "ms", (clock_wall_us() - start) / 1e3);
    read_all(l);
}

static void run(const struct bench *b)
{
    static struct lot lot;
    lot.bench = b;
    batch_init(&lot.batch);
    make_run(&lot);
    temp_store_new(&lot.store);
    transactions(&lot, "transaction of one small record", small, TRANSACTIONS);
    transactions(&lot, "a new block: its run of headers and the tip", new_block, TRANSACTIONS);
    transactions(&lot, "8000 headers in one transaction", header_message, 20);
    temp_store_remove(&lot.store);
    temp_store_new(&lot.store);
    if (!b->quick)
        whole_chain(&lot);
    temp_store_remove(&lot.store);
    batch_free(&lot.batch);
}

const struct group group_store = {"store", "the store on SQLite, wall clock: the disk counts", run};
