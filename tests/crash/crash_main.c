/* dashspv-crash: kills `dashspv run` at random moments, many times, and looks at what is left (crash.h).
 *
 *     dashspv-crash --rounds N --dashspv PROGRAM --devnode PROGRAM --chain DIR [--seed S]
 *
 * Rounds come in generations: a new data directory (now and then the old one), and a peer that starts at a low tip and grows. The
 * exit status is 1 when there are findings; the data directory of the first one stays. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crash/crash.h"
#include "crypto/rng.h"
#include "sync/client.h"

enum {
    LEAST_MS = 5,
    MOST_MS = 400,
    BLOCK_EVERY_MS = 20,
    LEAST_TIP = 30,
    CHECKPOINT_EVERY = 4, /* so that many ranges between them are asked for */
    ROUNDS_PER_GENERATION = 40
};

struct crash {
    const char *dashspv, *devnode, *chain;
    unsigned long rounds, seed;
    char dir[64], data[96], log[96], checkpoints[96];
    struct crash_truth truth;
    struct rng rng;
    struct process peer;
    char port[16];
    struct opened last;  /* what the last opening found */
    /* figures */
    unsigned long killed, findings, synced, announced_events;
    double slowest_open_ms, open_ms;
};

static double milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

/* ---- files */

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *walk)
{
    (void)st;
    (void)flag;
    (void)walk;
    return remove(path);
}

static void empty_data(struct crash *c)
{
    nftw(c->data, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    c->last = (struct opened){.tip = -1, .list = -1, .chainlock = -1};
}

/* ---- programs */

static bool start_peer(struct crash *c)
{
    char tip[16], every[16], line[128];
    const char *words[] = {c->devnode, "--chain", c->chain, "--listen", "127.0.0.1:0", "--quiet", "--tip", tip,
                           "--block-every", every, NULL};
    process_kill(&c->peer);
    snprintf(tip, sizeof(tip), "%d", LEAST_TIP + (int)rng_below(&c->rng, (uint64_t)(c->truth.chain->tip - LEAST_TIP)));
    snprintf(every, sizeof(every), "%d", BLOCK_EVERY_MS);
    return process_start(&c->peer, words) && process_line(&c->peer, line, sizeof(line)) &&
           sscanf(line, "listening 127.0.0.1:%15s", c->port) == 1;
}

/* `run`, or `sync --json`: both keep what they verify in the data directory. */
static bool start_client(struct crash *c, struct process *p)
{
    char connect[48], data[128], checkpoints[128];
    const char *words[] = {c->dashspv, "run", "--network=regtest", "--dip3params=2:2", "--testactivationheight=v20@100",
                           "--testactivationheight=mn_rr@100", data, connect, "--log-level=trace", NULL, NULL};
    if (rng_below(&c->rng, 4) == 0) {
        words[1] = "sync";
        words[8] = "--json";
    }
    snprintf(connect, sizeof(connect), "--connect=127.0.0.1:%s", c->port);
    snprintf(data, sizeof(data), "--data-dir=%s", c->data);
    snprintf(checkpoints, sizeof(checkpoints), "--checkpoints=%s", c->checkpoints);
    if (rng_below(&c->rng, 2) == 0)
        words[9] = checkpoints;
    p->log = fopen(c->log, "w");
    return process_start(p, words);
}

/* ---- what is left */

static bool fail(struct crash *c, unsigned long round, const char *text)
{
    fprintf(stderr, "dashspv-crash: round %lu: %s\n  the data directory is %s, what the program said is in %s\n", round, text,
            c->data, c->log);
    c->findings++;
    return false;
}

/* Nothing that was announced may be lost, neither in this round nor in those before. */
static bool went_back(const struct crash *c, const struct announced *a, const struct opened *o, char *finding)
{
    const struct {
        const char *what;
        int32_t is, announced, before;
    } rows[] = {
        {"the tip", o->tip, a->tip, c->last.tip},
        {"the highest list", o->list, a->list, c->last.list},
        {"the best ChainLock", o->chainlock, a->chainlock, c->last.chainlock},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].is < rows[i].announced || rows[i].is < rows[i].before) {
            snprintf(finding, CRASH_FINDING_SIZE, "%s is at height %d; %d was announced, and %d was there before", rows[i].what,
                     (int)rows[i].is, (int)rows[i].announced, (int)rows[i].before);
            return true;
        }
    return false;
}

/* Open what is left, and compare it with the truth and with what was announced. */
static bool look(struct crash *c, unsigned long round, const struct announced *a)
{
    char finding[CRASH_FINDING_SIZE] = "";
    struct opened o = {.tip = -1, .list = -1, .chainlock = -1};
    struct crash_store store;
    bool writes = round % 2 == 1;
    double before = milliseconds();
    bool good = crash_store_open(&store, c->data, &c->truth.network, writes, finding);
    double took = milliseconds() - before;
    if (good && store.client)
        good = crash_truth_check(&c->truth, store.client, &o, finding);
    good = good && !went_back(c, a, &o, finding);
    crash_store_close(&store);
    c->open_ms += took;
    c->slowest_open_ms = took > c->slowest_open_ms ? took : c->slowest_open_ms;
    if (!writes) /* it may know a ChainLock from a coinbase, which is not stored as long as nobody who writes has verified it */
        o.chainlock = c->last.chainlock > a->chainlock ? c->last.chainlock : a->chainlock;
    c->last = o;
    return good || fail(c, round, finding);
}

/* ---- rounds */

static bool one_round(struct crash *c, unsigned long round)
{
    struct process client;
    struct announced a;
    unsigned ms = LEAST_MS + (unsigned)rng_below(&c->rng, MOST_MS - LEAST_MS + 1);
    if (!start_client(c, &client))
        return fail(c, round, "the program cannot be started");
    bool killed = process_listen_and_kill(&client, ms, &a);
    if (client.log)
        fclose(client.log);
    if (!killed)
        return fail(c, round, "the program ended before it was killed");
    c->killed++;
    c->synced += a.synced;
    c->announced_events += a.events;
    return look(c, round, &a);
}

static bool all_rounds(struct crash *c)
{
    for (unsigned long round = 0; round < c->rounds; round++) {
        if (round % ROUNDS_PER_GENERATION == 0) {
            if (round == 0 || rng_below(&c->rng, 4) != 0)
                empty_data(c);
            if (!start_peer(c))
                return fail(c, round, "the development peer cannot be started");
        }
        if (!one_round(c, round))
            return false;
    }
    return true;
}

static void print_figures(const struct crash *c, double ms)
{
    printf("%lu kills in %.0f s, %lu after the program had announced synced, %lu announcements; opened every time (%.1f ms, the "
           "slowest %.1f ms); %lu findings\n",
           c->killed, ms / 1000, c->synced, c->announced_events, c->killed ? c->open_ms / (double)c->killed : 0,
           c->slowest_open_ms, c->findings);
}

/* ---- options */

static bool take_number(const char *text, unsigned long *out)
{
    char *end;
    *out = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0';
}

static bool take_options(struct crash *c, int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        bool good = true;
        if (strcmp(name, "--rounds") == 0)
            good = take_number(value, &c->rounds);
        else if (strcmp(name, "--seed") == 0)
            good = take_number(value, &c->seed);
        else if (strcmp(name, "--dashspv") == 0)
            c->dashspv = value;
        else if (strcmp(name, "--devnode") == 0)
            c->devnode = value;
        else if (strcmp(name, "--chain") == 0)
            c->chain = value;
        else
            good = false;
        if (!good)
            return false;
    }
    return argc % 2 == 1 && c->dashspv && c->devnode && c->chain;
}

static bool write_checkpoints(const struct crash *c)
{
    FILE *f = fopen(c->checkpoints, "w");
    for (int32_t h = CHECKPOINT_EVERY; f && h <= c->truth.chain->tip; h += CHECKPOINT_EVERY) {
        char hex[65];
        hash_to_hex(devnode_chain_hash(c->truth.chain, h)->b, hex);
        fprintf(f, "%d %s\n", (int)h, hex);
    }
    return f && fclose(f) == 0;
}

static bool prepare(struct crash *c)
{
    char error[DEVNODE_ERROR_SIZE];
    uint8_t seed[32] = {'c', 'r', 'a', 's', 'h'};
    memcpy(seed + 24, &c->seed, sizeof(c->seed) < 8 ? sizeof(c->seed) : 8);
    rng_init(&c->rng, seed);
    snprintf(c->dir, sizeof(c->dir), "/tmp/dashspv-crash-XXXXXX");
    if (!mkdtemp(c->dir)) {
        perror(c->dir);
        return false;
    }
    snprintf(c->data, sizeof(c->data), "%s/data", c->dir);
    snprintf(c->log, sizeof(c->log), "%s/said", c->dir);
    snprintf(c->checkpoints, sizeof(c->checkpoints), "%s/checkpoints", c->dir);
    if (crash_truth_load(&c->truth, c->chain, error))
        return write_checkpoints(c);
    fprintf(stderr, "dashspv-crash: %s\n", error);
    return false;
}

int main(int argc, char **argv)
{
    static struct crash c = {.rounds = 40, .seed = 1};
    if (!take_options(&c, argc, argv)) {
        fprintf(stderr, "usage: dashspv-crash --dashspv PROGRAM --devnode PROGRAM --chain DIR [--rounds N] [--seed S]\n");
        return 2;
    }
    double before = milliseconds();
    bool good = prepare(&c) && all_rounds(&c);
    process_kill(&c.peer);
    print_figures(&c, milliseconds() - before);
    if (good)
        nftw(c.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    crash_truth_free(&c.truth);
    return good ? 0 : 1;
}
