/* dashspv-crash-store: a process that writes transactions into a store as fast as it can is killed (SIGKILL) at random moments, and
 * what is in the file then is read: every transaction that was reported done is there, and whole; none is there in part.
 *
 *     dashspv-crash-store [--rounds N] [--seed S]
 *
 * Transaction k puts k into META, and into some of SLOTS records, which ones follows from k; each of these has a value that follows
 * from k, too, of up to LARGEST bytes. So whoever reads META knows what every record must be. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/endian.h"
#include "crypto/rng.h"
#include "dashspv/store_sqlite.h"

enum { SLOTS = 64, MOST_OPS = 20, LARGEST = 3000, SHORTEST_US = 300, LONGEST_US = 30000, FINDING_SIZE = 512 };

struct plan {
    size_t n;
    uint8_t slot[MOST_OPS];
};


static void seed_rng(struct rng *r, uint64_t k, uint8_t what)
{
    uint8_t seed[32] = {what};
    store_le64(seed + 8, k);
    rng_init(r, seed);
}

static struct plan plan_of(uint64_t k)
{
    struct rng r;
    struct plan p;
    seed_rng(&r, k, 1);
    p.n = 1 + rng_below(&r, MOST_OPS - 1);
    for (size_t i = 0; i < p.n; i++)
        p.slot[i] = (uint8_t)rng_below(&r, SLOTS);
    return p;
}

static size_t value_of(uint64_t k, uint8_t slot, uint8_t out[LARGEST])
{
    struct rng r;
    seed_rng(&r, k * SLOTS + slot, 2);
    size_t n = 8 + rng_below(&r, LARGEST - 8);
    memset(out, (int)rng_below(&r, 256), n);
    store_le64(out, k);
    return n;
}

/* ---- the writer */

static int write_one(const dspv_store *s, uint64_t k)
{
    static uint8_t values[MOST_OPS][LARGEST];
    uint8_t number[8];
    struct plan p = plan_of(k);
    dspv_store_op ops[MOST_OPS + 1];
    store_le64(number, k);
    ops[0] = (dspv_store_op){DSPV_TABLE_META, (const uint8_t *)"k", 1, number, sizeof(number)};
    for (size_t i = 0; i < p.n; i++)
        ops[i + 1] = (dspv_store_op){DSPV_TABLE_HEADERS, &p.slot[i], 1, values[i], value_of(k, p.slot[i], values[i])};
    return s->apply(s->context, ops, p.n + 1);
}

static _Noreturn void write_for_ever(const char *path, uint64_t k, int out)
{
    dspv_store_sqlite *sqlite;
    dspv_store_report report;
    if (dspv_store_sqlite_open(&sqlite, path, DSPV_STORE_KEEP, &report) != DSPV_STORE_FINE) {
        fprintf(stderr, "dashspv-crash-store: %s\n", report.text);
        _exit(1);
    }
    const dspv_store *s = dspv_store_sqlite_seam(sqlite);
    while (write_one(s, ++k) == 0 && write(out, &k, sizeof(k)) == sizeof(k))
        ;
    _exit(2);
}

/* ---- what is left */

struct reading {
    uint64_t k;
    uint64_t at[SLOTS]; /* the transaction whose value each record has */
    bool wrong;
};

static bool read_k(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    struct reading *r = argument;
    r->wrong |= key_n != 1 || *key != 'k' || value_n != 8;
    if (!r->wrong)
        r->k = load_le64(value);
    return true;
}

static bool read_slot(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    static uint8_t expected[LARGEST];
    struct reading *r = argument;
    r->wrong |= key_n != 1 || *key >= SLOTS || value_n < 8;
    if (r->wrong)
        return false;
    r->at[*key] = load_le64(value);
    r->wrong |= value_of(r->at[*key], *key, expected) != value_n || memcmp(expected, value, value_n) != 0;
    return true;
}

/* Bring what was expected up to transaction k. */
static void expect(uint64_t expected[SLOTS], uint64_t from, uint64_t to)
{
    for (uint64_t k = from + 1; k <= to; k++) {
        struct plan p = plan_of(k);
        for (size_t i = 0; i < p.n; i++)
            expected[p.slot[i]] = k;
    }
}

static bool look(const char *path, bool writes, struct reading *r, char *finding)
{
    dspv_store_sqlite *sqlite;
    dspv_store_report report;
    *r = (struct reading){0};
    dspv_store_problem problem = writes ? dspv_store_sqlite_open(&sqlite, path, DSPV_STORE_KEEP, &report)
                                        : dspv_store_sqlite_open_reader(&sqlite, path, &report);
    if (problem == DSPV_STORE_MISSING && !writes)
        return true;
    if (problem != DSPV_STORE_FINE) {
        snprintf(finding, FINDING_SIZE, "it does not open: %.400s", report.text);
        return false;
    }
    const dspv_store *s = dspv_store_sqlite_seam(sqlite);
    bool good = s->scan(s->context, DSPV_TABLE_META, NULL, 0, NULL, 0, read_k, r) == 0 &&
                s->scan(s->context, DSPV_TABLE_HEADERS, NULL, 0, NULL, 0, read_slot, r) == 0 && !r->wrong;
    if (!good)
        snprintf(finding, FINDING_SIZE, "a record is not as any transaction wrote it, or cannot be read: %.200s", s->trouble(s->context));
    dspv_store_sqlite_close(sqlite);
    return good;
}

/* ---- rounds */

struct crash_store {
    char dir[64], path[96];
    struct rng rng;
    uint64_t k; /* as last found */
    uint64_t expected[SLOTS];
    uint64_t written;
};

/* The last transaction that the writer reported before it was killed. */
static bool write_and_kill(struct crash_store *c, uint64_t *reported)
{
    int fds[2], status;
    uint64_t k;
    if (pipe(fds) != 0)
        return false;
    pid_t writer = fork();
    if (writer == 0) {
        close(fds[0]);
        write_for_ever(c->path, c->k, fds[1]);
    }
    close(fds[1]);
    long us = SHORTEST_US + (long)rng_below(&c->rng, LONGEST_US - SHORTEST_US);
    nanosleep(&(struct timespec){0, us * 1000}, NULL);
    kill(writer, SIGKILL);
    *reported = c->k;
    while (read(fds[0], &k, sizeof(k)) == sizeof(k))
        *reported = k;
    close(fds[0]);
    return waitpid(writer, &status, 0) == writer && WIFSIGNALED(status);
}

static void remove_files(const struct crash_store *c)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    char path[128];
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", c->path, ends[i]);
        unlink(path);
    }
}

/* Now and then the next file is a new one: its making is interrupted, too. */
static void begin_anew(struct crash_store *c)
{
    remove_files(c);
    c->k = 0;
    memset(c->expected, 0, sizeof(c->expected));
}

static bool one_round(struct crash_store *c, unsigned long round, char *finding)
{
    struct reading r;
    uint64_t reported;
    if (rng_below(&c->rng, 16) == 0)
        begin_anew(c);
    snprintf(finding, FINDING_SIZE, "the writer ended by itself");
    if (!write_and_kill(c, &reported) || !look(c->path, round % 2 == 1, &r, finding))
        return false;
    if (r.k != reported && r.k != reported + 1) {
        snprintf(finding, FINDING_SIZE, "transaction %llu was reported, found is %llu", (unsigned long long)reported,
                 (unsigned long long)r.k);
        return false;
    }
    expect(c->expected, c->k, r.k);
    c->written += r.k - c->k;
    c->k = r.k;
    if (memcmp(c->expected, r.at, sizeof(r.at)) == 0)
        return true;
    snprintf(finding, FINDING_SIZE, "transaction %llu is there in part", (unsigned long long)r.k);
    return false;
}

int main(int argc, char **argv)
{
    static struct crash_store c;
    char finding[FINDING_SIZE];
    unsigned long rounds = 200, seed = 1;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--rounds") == 0)
            rounds = strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--seed") == 0)
            seed = strtoul(argv[i + 1], NULL, 10);
    }
    seed_rng(&c.rng, seed, 3);
    snprintf(c.dir, sizeof(c.dir), "/tmp/dashspv-crash-store-XXXXXX");
    if (!mkdtemp(c.dir)) {
        perror(c.dir);
        return 2;
    }
    snprintf(c.path, sizeof(c.path), "%s/store.sqlite", c.dir);
    for (unsigned long round = 0; round < rounds; round++)
        if (!one_round(&c, round, finding)) {
            fprintf(stderr, "dashspv-crash-store: round %lu: %s: %s\n", round, finding, c.path);
            return 1;
        }
    printf("%lu kills, %llu transactions: each that was reported is there, none in part\n", rounds, (unsigned long long)c.written);
    remove_files(&c);
    rmdir(c.dir);
    return 0;
}
