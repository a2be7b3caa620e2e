/* What the store on SQLite costs: a transaction, headers as they come in, opening and reading all of mainnet's.
 * usage: bench_store [FOLDER]   (a folder on the disk to measure; by default the current one) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/endian.h"
#include "dashspv/store_sqlite.h"
#include "store/batch.h"
#include "store/read.h"

enum { HEADER = 80, RUN = 256, RUN_BYTES = 36 + RUN * HEADER, CHAIN_RUNS = 9375, CHAIN_RUNS_AT_ONCE = 75, TRANSACTIONS = 200 };

static char path[4096];
static uint8_t run_bytes[RUN_BYTES];

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Bytes that this process handed to write(), where the system counts them. */
static double written(void)
{
    char line[128];
    double n = 0;
    FILE *f = fopen("/proc/self/io", "r");
    while (f && fgets(line, sizeof(line), f))
        if (sscanf(line, "wchar: %lf", &n) == 1)
            break;
    if (f)
        fclose(f);
    return n;
}

static void give_up(const char *why)
{
    fprintf(stderr, "bench_store: %s\n", why);
    exit(1);
}

static dspv_store_sqlite *open_store(void)
{
    dspv_store_sqlite *s;
    dspv_store_report report;
    if (dspv_store_sqlite_open(&s, path, DSPV_STORE_KEEP, &report) != DSPV_STORE_FINE)
        give_up(report.text);
    return s;
}

static void put_run(struct batch *b, uint32_t number, uint32_t headers)
{
    uint8_t key[4];
    store_be32(key, number);
    for (size_t i = 0; i < sizeof(run_bytes); i++)
        run_bytes[i] = (uint8_t)(number * 31 + i * i); /* not zeros: nothing here compresses, but who knows the disk */
    batch_put(b, DSPV_TABLE_HEADERS, key, sizeof(key), run_bytes, 36 + (size_t)headers * HEADER);
}

static void put_tip(struct batch *b, uint32_t height)
{
    uint8_t tip[44] = {0};
    store_le32(tip, height);
    batch_put(b, DSPV_TABLE_META, (const uint8_t *)"tip", 3, tip, sizeof(tip));
}

static void apply(struct batch *b, dspv_store_sqlite *s)
{
    const dspv_store *store = dspv_store_sqlite_seam(s);
    if (batch_apply(b, store) != 0)
        give_up(store->trouble(store->context));
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *what, double *ms, size_t n, double bytes)
{
    qsort(ms, n, sizeof(*ms), by_size);
    printf("%-58s median %7.2f ms, nine of ten below %7.2f ms, %8.1f kB written each\n", what, ms[n / 2], ms[n * 9 / 10],
           bytes / 1e3 / (double)n);
}

static void small_transactions(dspv_store_sqlite *s, struct batch *b)
{
    static double ms[TRANSACTIONS];
    double before = written();
    for (uint32_t i = 0; i < TRANSACTIONS; i++) {
        double start = now_ms();
        put_tip(b, i);
        apply(b, s);
        ms[i] = now_ms() - start;
    }
    print_times("a transaction of one small record", ms, TRANSACTIONS, written() - before);
}

/* Following the tip: the top run grows by one. */
static void new_blocks(dspv_store_sqlite *s, struct batch *b)
{
    static double ms[RUN];
    double before = written();
    for (uint32_t i = 0; i < RUN; i++) {
        double start = now_ms();
        put_run(b, 0, i + 1);
        put_tip(b, i);
        apply(b, s);
        ms[i] = now_ms() - start;
    }
    print_times("a new block: the top run (1 to 256 headers) and the tip", ms, RUN, written() - before);
}

static void header_messages(dspv_store_sqlite *s, struct batch *b)
{
    enum { MESSAGES = 20, PER_MESSAGE = 8000, RUNS = PER_MESSAGE / RUN + 1 };
    static double ms[MESSAGES];
    double before = written();
    for (uint32_t i = 0; i < MESSAGES; i++) {
        double start = now_ms();
        for (uint32_t j = 0; j < RUNS; j++)
            put_run(b, i * (RUNS - 1) + j, j + 1 == RUNS ? PER_MESSAGE % RUN : RUN);
        put_tip(b, i);
        apply(b, s);
        ms[i] = now_ms() - start;
    }
    print_times("8000 headers: 32 runs, the last not full, and the tip", ms, MESSAGES, written() - before);
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

static void read_all(const char *what, dspv_store_sqlite *s, double opened_ms)
{
    struct sum sum = {0};
    double start = now_ms();
    if (store_scan(dspv_store_sqlite_seam(s), DSPV_TABLE_HEADERS, (struct span){0}, (struct span){0}, add, &sum) != 0 ||
        sum.damaged)
        give_up("the chain cannot be read");
    printf("%-58s opened in %.2f ms; %zu runs, %.1f MB read and their seals checked in %.0f ms\n", what, opened_ms, sum.records,
           (double)sum.bytes / 1e6, now_ms() - start);
}

static void whole_chain(struct batch *b)
{
    dspv_store_sqlite *s = open_store();
    struct stat st;
    double start = now_ms(), before = written();
    for (uint32_t i = 0; i < CHAIN_RUNS; i++) {
        put_run(b, i, RUN);
        if ((i + 1) % CHAIN_RUNS_AT_ONCE == 0 || i + 1 == CHAIN_RUNS)
            apply(b, s);
    }
    double spent = now_ms() - start;
    dspv_store_sqlite_close(s);
    stat(path, &st);
    printf("%-58s %.2f s, %.1f MB written, the file has %.1f MB\n", "2 400 000 headers stored, in 125 transactions", spent / 1e3,
           (written() - before) / 1e6, (double)st.st_size / 1e6);
    for (int i = 0; i < 2; i++) {
        start = now_ms();
        s = open_store();
        read_all("2 400 000 headers, by the writer", s, now_ms() - start);
        dspv_store_sqlite_close(s);
    }
    start = now_ms();
    if (dspv_store_sqlite_open_reader(&s, path, NULL) != DSPV_STORE_FINE)
        give_up("no reader");
    read_all("2 400 000 headers, by a reader", s, now_ms() - start);
    dspv_store_sqlite_close(s);
}

static void remove_files(void)
{
    static const char *const parts[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < 4; i++) {
        char name[4200];
        snprintf(name, sizeof(name), "%s%s", path, parts[i]);
        unlink(name);
    }
}

int main(int argc, char **argv)
{
    struct batch b;
    snprintf(path, sizeof(path), "%s/bench_store.%ld.sqlite", argc > 1 ? argv[1] : ".", (long)getpid());
    batch_init(&b);
    dspv_store_sqlite *s = open_store();
    small_transactions(s, &b);
    new_blocks(s, &b);
    header_messages(s, &b);
    dspv_store_sqlite_close(s);
    remove_files();
    whole_chain(&b);
    remove_files();
    batch_free(&b);
    return 0;
}
