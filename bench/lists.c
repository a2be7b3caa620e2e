/* Masternode lists: what a diff costs with its proven root, what many lists weigh, what it costs to decode and prove a whole list. */
#include <stdio.h>
#include <stdlib.h>

#include "base/endian.h"
#include "crypto/sha256.h"
#include "evo/mnstate.h"
#include "group.h"
#include "llmq/network.h"
#include "wire/qrinfo.h"

enum { PROTO = 70230, ENTRY = 151, VALID = 150, MOST_CHANGES = 100, DIFFS = 16, MOST_STATES = 32 };

static uint64_t seed;

static uint64_t next_random(void)
{
    uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* ---- the floor: hashes that nobody can avoid */

static struct {
    double node;  /* us for a node among many */
    double chain; /* us for a node that waits for the one before */
    double entry; /* us for the leaf and the seed of scores of an entry among many */
} unit;

enum { LOT = 4096 };
static hash256 lot[LOT];

static void many_nodes(void *unused)
{
    (void)unused;
    merkle_root(lot, LOT, NULL);
}

static void chained_node(void *unused)
{
    (void)unused;
    sha256d_pair(lot[0].b, lot[0].b, lot[0].b);
}

static void many_entries(void *unused)
{
    static const uint8_t entries[LOT][ENTRY];
    static const uint8_t *places[LOT];
    (void)unused;
    for (size_t i = 0; i < LOT; i++)
        places[i] = entries[i];
    sha256d_many(lot, places, ENTRY, LOT);
    sha256_many(lot, places, 64, LOT);
}

static void measure_units(const struct bench *b)
{
    for (size_t i = 0; i < LOT; i++)
        lot[i].b[i % 32] = (uint8_t)(i / 32);
    unit.node = bench_us(b, NULL, many_nodes, NULL) / (LOT - 1);
    unit.chain = bench_us(b, NULL, chained_node, NULL);
    unit.entry = bench_us(b, NULL, many_entries, NULL) / LOT;
    report_row(b->report, &(struct row){.name = "a tree node among many", .unit = "us", .value = unit.node});
    report_row(b->report, &(struct row){.name = "a tree node, then its parent", .unit = "us", .value = unit.chain});
    report_row(b->report, &(struct row){.name = "leaf and seed of an entry among many", .unit = "us", .value = unit.entry});
}

/* Nodes above the leaves from `shifted` on and above those at `at`, each counted once. */
static double nodes_to_hash(const size_t *at, size_t k, size_t shifted, size_t n)
{
    double nodes = 0;
    static bool marked[1 << 17];
    memset(marked, 0, n + 1);
    for (size_t i = 0; i < k; i++)
        marked[at[i]] = true;
    for (size_t i = shifted; i < n; i++)
        marked[i] = true;
    for (; n > 1; n = (n + 1) / 2) {
        marked[n] = false;
        for (size_t i = 0; i < n; i += 2) {
            marked[i / 2] = marked[i] || marked[i + 1];
            nodes += marked[i / 2];
        }
    }
    return nodes;
}

static double depth_of(size_t n)
{
    double depth = 0;
    for (size_t width = 1; width < n; width *= 2)
        depth++;
    return depth;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* ---- made-up lists */

struct wire {
    uint8_t bytes[ENTRY]; /* begins with proTxHash */
};

static void random_entry(struct wire *w)
{
    for (size_t i = 0; i < sizeof(w->bytes); i++)
        w->bytes[i] = (uint8_t)(next_random() >> 11);
    w->bytes[VALID] = 1;
}

static int wire_order(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static struct mnentry entry_of(const struct wire *w)
{
    struct reader r;
    struct mnentry e;
    reader_init(&r, w->bytes, sizeof(w->bytes));
    mnentry_decode(&r, 70214, 0, &e);
    return e;
}

struct diff {
    struct mnlistdiff d;
    struct mnentry entries[MOST_CHANGES];
    struct wire wires[MOST_CHANGES];
    protx_hash deleted;
    double floor;
};

struct list_case {
    size_t n;
    struct wire *wires;
    struct mnlist *list;
    struct diff diffs[DIFFS];
    size_t turn;
};

static struct mnlist *list_of(const struct wire *wires, size_t n)
{
    struct mnlistdiff d = {.n_entries = (uint32_t)n, .entries = malloc(n * sizeof(*d.entries))};
    struct mnlist *l;
    dspv_fault fault;
    for (size_t i = 0; i < n; i++)
        d.entries[i] = entry_of(&wires[i]);
    bench_need(mnlist_apply(NULL, NULL, &d, &l, &fault) == 0, "a list cannot be made");
    free(d.entries);
    return l;
}

static void case_init(struct list_case *c, size_t n)
{
    c->n = n;
    c->wires = malloc(n * sizeof(*c->wires));
    seed = n;
    for (size_t i = 0; i < n; i++)
        random_entry(&c->wires[i]);
    qsort(c->wires, n, sizeof(*c->wires), wire_order);
    c->list = list_of(c->wires, n);
}

static void case_free(struct list_case *c)
{
    mnlist_unref(c->list);
    free(c->wires);
}

/* `k` masternodes change, each where it is. */
static void change_in_place(const struct list_case *c, struct diff *f, size_t k)
{
    size_t at[MOST_CHANGES];
    f->d = (struct mnlistdiff){.entries = f->entries, .n_entries = (uint32_t)k};
    for (size_t i = 0; i < k; i++) {
        at[i] = (next_random() % (c->n / k)) + i * (c->n / k);
        f->wires[i] = c->wires[at[i]];
        f->wires[i].bytes[100] ^= (uint8_t)(1 + next_random() % 255);
        f->entries[i] = entry_of(&f->wires[i]);
    }
    f->floor = (double)k * unit.entry + larger(nodes_to_hash(at, k, c->n, c->n) * unit.node, depth_of(c->n) * unit.chain);
}

/* One comes and, with `leaves`, another one goes. */
static void insert_one(const struct list_case *c, struct diff *f, bool leaves)
{
    f->d = (struct mnlistdiff){.entries = f->entries, .n_entries = 1, .deleted = &f->deleted, .n_deleted = leaves};
    random_entry(&f->wires[0]);
    f->entries[0] = entry_of(&f->wires[0]);
    size_t from = 0;
    while (from < c->n && wire_order(&c->wires[from], &f->wires[0]) < 0)
        from++;
    const size_t gone = next_random() % c->n;
    f->deleted = protx_hash_from(c->wires[gone].bytes);
    const size_t low = from < gone ? from : gone, high = from < gone ? gone : from;
    static size_t at[1 << 17];
    size_t k = 0;
    for (size_t i = low; leaves && i <= high && i < c->n; i++)
        at[k++] = i;
    const double nodes = leaves ? nodes_to_hash(at, k, c->n, c->n) : nodes_to_hash(NULL, 0, from, c->n + 1);
    f->floor = unit.entry + larger(nodes * unit.node, depth_of(c->n) * unit.chain);
}

static void apply_next(void *argument)
{
    struct list_case *c = argument;
    struct mnlist *l;
    dspv_fault fault;
    const struct diff *f = &c->diffs[c->turn++ % DIFFS];
    bench_need(mnlist_apply(c->list, NULL, &f->d, &l, &fault) == 0, "a diff does not apply");
    mnlist_unref(l);
}

/* All diffs once: their mean, as positions differ. */
static void apply_all(void *argument)
{
    for (size_t i = 0; i < DIFFS; i++)
        apply_next(argument);
}

static void report_apply(const struct bench *b, struct list_case *c, const char *name)
{
    double floor = 0;
    size_t memory = 0;
    for (size_t i = 0; i < DIFFS; i++) {
        struct mnlist *l;
        dspv_fault fault;
        bench_need(mnlist_apply(c->list, NULL, &c->diffs[i].d, &l, &fault) == 0, "a diff does not apply");
        memory += mnlist_memory(l, c->list);
        mnlist_unref(l);
        floor += c->diffs[i].floor;
    }
    report_row(b->report, &(struct row){.name = name,
                                        .unit = "us",
                                        .value = bench_us(b, NULL, apply_all, c) / DIFFS,
                                        .floor = floor / DIFFS,
                                        .floor_is = "the hashes that change",
                                        .memory = memory / DIFFS,
                                        .x_is = "masternodes",
                                        .x = (double)c->n});
}

static void run_find(void *argument)
{
    const struct list_case *c = argument;
    for (size_t i = 0; i < 256; i++) {
        const struct wire *w = &c->wires[next_random() % c->n];
        bench_need(mnlist_find(c->list, (const protx_hash *)w->bytes) != NULL, "a masternode is not found");
    }
}

static void report_made_up(const struct bench *b, size_t n)
{
    static struct list_case c;
    static const size_t changes[] = {1, 10, 100};
    char name[64];
    case_init(&c, n);
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < DIFFS; i++)
            change_in_place(&c, &c.diffs[i], changes[k]);
        snprintf(name, sizeof(name), "apply and prove, %zu changed", changes[k]);
        report_apply(b, &c, name);
    }
    for (int leaves = 1; leaves >= 0; leaves--) {
        for (size_t i = 0; i < DIFFS; i++)
            insert_one(&c, &c.diffs[i], leaves);
        report_apply(b, &c, leaves ? "apply and prove, 1 came and 1 left" : "apply and prove, 1 came");
    }
    report_row(b->report, &(struct row){.name = "find by proTxHash",
                                        .unit = "us",
                                        .value = bench_us(b, NULL, run_find, &c) / 256,
                                        .memory = mnlist_memory(c.list, NULL),
                                        .x_is = "masternodes",
                                        .x = (double)n});
    case_free(&c);
}

/* ---- real messages */

/* States proven one after the other, each sharing with the one before. */
struct states {
    struct network net;
    struct mnstate *items[MOST_STATES];
    size_t n;
};

static void states_free(struct states *s)
{
    while (s->n > 0)
        mnstate_unref(s->items[--s->n]);
}

static struct mnstate *states_find(const struct states *s, const block_hash *block)
{
    for (size_t i = 0; i < s->n; i++)
        if (block_hash_eq(&s->items[i]->block, block))
            return s->items[i];
    return NULL;
}

/* A diff whose base is not among them is passed over. */
static void states_apply(struct states *s, const struct mnlistdiff *d)
{
    const struct mnstate_block block = {.height = -1, .like = s->n > 0 ? s->items[s->n - 1] : NULL};
    const bool whole = block_hash_is_zero(&d->base) || block_hash_eq(&d->base, &s->net.chain.genesis_hash);
    struct mnstate *base = whole ? NULL : states_find(s, &d->base);
    dspv_fault fault;
    if (s->n == MOST_STATES || (!whole && !base))
        return;
    bench_need(mnstate_apply(&s->net.chain, base, d, &block, &s->items[s->n], &fault) == 0, "a diff is refused");
    s->n++;
}

struct message {
    uint8_t *bytes, *copy;
    size_t n;
    bool is_qrinfo;
    struct arena arena;
    struct mnlistdiff diff;
    struct qrinfo qrinfo;
    struct states states;
};

static void decode_message(void *argument)
{
    struct message *m = argument;
    dspv_fault fault;
    arena_free(&m->arena);
    bench_need((m->is_qrinfo ? qrinfo_decode(m->bytes, m->n, PROTO, &m->arena, &m->qrinfo, &fault)
                             : mnlistdiff_decode(m->bytes, m->n, PROTO, &m->arena, &m->diff, &fault)) == 0,
               "a message does not decode");
}

static void copy_message(void *argument)
{
    const struct message *m = argument;
    memcpy(m->copy, m->bytes, m->n);
}

static void forget_states(void *argument)
{
    struct message *m = argument;
    states_free(&m->states);
}

static void prove_message(void *argument)
{
    struct message *m = argument;
    if (!m->is_qrinfo) {
        states_apply(&m->states, &m->diff);
        return;
    }
    for (int k = m->qrinfo.extra_share ? QRINFO_H_4C : QRINFO_H_3C; k >= 0; k--)
        states_apply(&m->states, &m->qrinfo.diffs[k]);
    states_apply(&m->states, &m->qrinfo.h);
    states_apply(&m->states, &m->qrinfo.tip);
}

/* Leaves and seeds of the first list, and all nodes of each, as if nothing of a tree could stay. */
static double hashes_of(const struct states *s)
{
    double us = (double)mnlist_count(s->items[0]->list) * unit.entry;
    for (size_t i = 0; i < s->n; i++)
        us += (double)(mnlist_count(s->items[i]->list) - 1) * unit.node;
    return us;
}

static void report_message(const struct bench *b, const char *file)
{
    static struct message m;
    char name[96];
    m = (struct message){.is_qrinfo = strstr(file, "qrinfo") != NULL};
    if (!bench_file(b, file, &m.bytes, &m.n))
        return;
    m.copy = malloc(m.n);
    bench_need(m.copy && network_init(&m.states.net, "mainnet"), "no network");
    const char *short_name = strrchr(file, '/') + 1;
    const double copied = bench_us(b, NULL, copy_message, &m), us = bench_us(b, NULL, decode_message, &m);
    snprintf(name, sizeof(name), "decode %s", short_name);
    report_row(b->report, &(struct row){.name = name,
                                        .unit = "us",
                                        .value = us,
                                        .floor = copied,
                                        .floor_is = "a copy of its bytes",
                                        .memory = m.arena.total});
    const double proven = bench_us(b, forget_states, prove_message, &m);
    snprintf(name, sizeof(name), "prove %s, %zu lists", short_name, m.states.n);
    report_row(b->report, &(struct row){.name = name,
                                        .unit = "us",
                                        .value = proven,
                                        .floor = hashes_of(&m.states),
                                        .floor_is = "hashes of its entries once, nodes of each list"});
    states_free(&m.states);
    arena_free(&m.arena);
    free(m.bytes);
    free(m.copy);
}

/* ---- many real lists */

/* The first list is a whole one, the others follow from it by the diffs of bundles. */
struct series {
    const char *name, *whole, *bundles[2];
};

static void apply_bundle(struct states *s, const uint8_t *bytes, size_t n)
{
    for (size_t at = 0; at < n; at += 4 + load_le32(bytes + at)) {
        struct arena arena;
        struct mnlistdiff d;
        dspv_fault fault;
        arena_init(&arena, 0);
        bench_need(mnlistdiff_decode_any(bytes + at + 4, load_le32(bytes + at), &arena, &d, &fault) == 0,
                   "a diff does not decode");
        states_apply(s, &d);
        arena_free(&arena);
    }
}

static uint64_t apply_file(const struct bench *b, struct states *s, const char *file, bool bundle)
{
    struct message m = {.n = 0};
    dspv_fault fault;
    const uint64_t before = clock_heap();
    if (!bench_file(b, file, &m.bytes, &m.n))
        return 0;
    if (bundle) {
        apply_bundle(s, m.bytes, m.n);
    } else {
        bench_need(mnlistdiff_decode_any(m.bytes, m.n, &m.arena, &m.diff, &fault) == 0, "a diff does not decode");
        states_apply(s, &m.diff);
        arena_free(&m.arena);
    }
    free(m.bytes);
    return clock_heap() - before;
}

static void report_series(const struct bench *b, const struct series *series)
{
    static struct states s;
    char name[96];
    bench_need(network_init(&s.net, "mainnet"), "no network");
    const uint64_t one = apply_file(b, &s, series->whole, false);
    uint64_t all = one;
    for (size_t i = 0; i < 2 && series->bundles[i]; i++)
        all += apply_file(b, &s, series->bundles[i], true);
    snprintf(name, sizeof(name), "memory of %zu lists, %s", s.n, series->name);
    report_row(b->report, &(struct row){.name = name,
                                        .unit = "kB",
                                        .value = (double)all / 1e3,
                                        .floor = (double)one / 1e3,
                                        .floor_is = "one of them",
                                        .memory = all});
    states_free(&s);
}

static void run(const struct bench *b)
{
    static const size_t sizes[] = {1000, 4000, 16000, 64000};
    measure_units(b);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        report_made_up(b, sizes[i]);
    report_message(b, "mainnet/mnlistdiff_0_2449941_v70230.bin");
    report_message(b, "mainnet/qrinfo_2449949_v70230.bin");
    report_message(b, "mainnet/qrinfo_2028764_v70230.bin");
    static const struct series series[] = {
        {"1090944 on", "mainnet/mnlistdiff_0_1090944_v70214.bin", {"mainnet/chain_1090944_1092940_v70214.lp"}},
        {"1870848 on", "mainnet/mnlistdiff_0_1870848_v70227.bin", {"mainnet/chain_1870848_1872031_v70227.lp"}},
        {"2227096 on",
         "mainnet/mnlistdiff_0_2227096_v70230.bin",
         {"mainnet/from_2227096_v70230.lp", "mainnet/chain_2239480_2240464_v70230.lp"}},
    };
    for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++)
        report_series(b, &series[i]);
}

const struct group group_lists = {"lists", "masternode lists: diffs, roots, messages; one thread", run};
