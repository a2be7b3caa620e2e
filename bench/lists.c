/* Masternode lists: what a diff costs with its proven root, what many lists weigh, what decoding and proving a whole list costs. */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/sha256.h"
#include "evo/mnstate.h"
#include "group.h"
#include "llmq/network.h"
#include "wire/qrinfo.h"

enum { ENTRY = 151, VALID = 150, MOST_CHANGES = 100, DIFFS = 16, MOST_STATES = 32 };

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
    double node;   /* us for a node among many */
    double chain;  /* us for a node that waits for the one before */
    double leaf;   /* us for the leaf of one entry */
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

static void one_leaf(void *unused)
{
    static uint8_t entry[ENTRY];
    (void)unused;
    sha256d(entry, entry, sizeof(entry));
}

static void measure_units(const struct bench *b)
{
    for (size_t i = 0; i < LOT; i++)
        lot[i].b[i % 32] = (uint8_t)(i / 32);
    unit.node = bench_us(b, NULL, many_nodes, NULL) / (LOT - 1);
    unit.chain = bench_us(b, NULL, chained_node, NULL);
    unit.leaf = bench_us(b, NULL, one_leaf, NULL);
    report_row(b->report, &(struct row){.name = "a tree node among many", .unit = "us", .value = unit.node});
    report_row(b->report, &(struct row){.name = "a tree node, then its parent", .unit = "us", .value = unit.chain});
    report_row(b->report, &(struct row){.name = "the leaf of an entry", .unit = "us", .value = unit.leaf});
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
    f->floor = (double)k * unit.leaf + larger(nodes_to_hash(at, k, c->n, c->n) * unit.node, depth_of(c->n) * unit.chain);
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
    f->floor = unit.leaf + larger(nodes * unit.node, depth_of(c->n) * unit.chain);
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

struct message {
    uint8_t *bytes, *copy;
    size_t n;
    bool is_qrinfo;
    struct network net;
    struct arena arena;
    struct mnlistdiff diff;
    struct qrinfo qrinfo;
    struct mnstate *states[MOST_STATES];
    size_t n_states;
};

static void decode_message(void *argument)
{
    struct message *m = argument;
    dspv_fault fault;
    arena_free(&m->arena);
    arena_init(&m->arena, 0);
    bench_need((m->is_qrinfo ? qrinfo_decode(m->bytes, m->n, 70230, &m->arena, &m->qrinfo, &fault)
                             : mnlistdiff_decode(m->bytes, m->n, 70230, &m->arena, &m->diff, &fault)) == 0,
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
    while (m->n_states > 0)
        mnstate_unref(m->states[--m->n_states]);
}

static struct mnstate *state_at(const struct message *m, const block_hash *block)
{
    for (size_t i = 0; i < m->n_states; i++)
        if (block_hash_eq(&m->states[i]->block, block))
            return m->states[i];
    return NULL;
}

/* A diff whose base is not in the message is passed over. */
static void prove(struct message *m, const struct mnlistdiff *d)
{
    const struct mnstate_block block = {-1, NULL};
    bool whole = block_hash_is_zero(&d->base) || block_hash_eq(&d->base, &m->net.chain.genesis_hash);
    struct mnstate *base = whole ? NULL : state_at(m, &d->base);
    dspv_fault fault;
    if (whole || base) {
        bench_need(mnstate_apply(&m->net.chain, base, d, &block, &m->states[m->n_states], &fault) == 0, "a diff is refused");
        m->n_states++;
    }
}

static void prove_message(void *argument)
{
    struct message *m = argument;
    if (!m->is_qrinfo) {
        prove(m, &m->diff);
        return;
    }
    for (int k = m->qrinfo.extra_share ? QRINFO_H_4C : QRINFO_H_3C; k >= 0; k--)
        prove(m, &m->qrinfo.diffs[k]);
    prove(m, &m->qrinfo.h);
    prove(m, &m->qrinfo.tip);
}

static size_t memory_of(const struct message *m, size_t from)
{
    size_t total = 0;
    for (size_t i = from; i < m->n_states; i++)
        total += mnlist_memory(m->states[i]->list, i ? m->states[i - 1]->list : NULL);
    return total;
}

/* Leaves of all that is new, nodes of all that shifted; no two lists of a message are alike. */
static double hashes_of(const struct message *m)
{
    double us = 0;
    for (size_t i = 0; i < m->n_states; i++) {
        const size_t n = mnlist_count(m->states[i]->list);
        us += (i == 0 ? (double)n * unit.leaf : 0) + (double)(n - 1) * unit.node;
    }
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
    bench_need(m.copy && network_init(&m.net, "mainnet"), "no network");
    const char *short_name = strrchr(file, '/') + 1;
    const double copied = bench_us(b, NULL, copy_message, &m);
    snprintf(name, sizeof(name), "decode %s", short_name);
    const double us = bench_us(b, NULL, decode_message, &m);
    report_row(b->report, &(struct row){.name = name, .unit = "us", .value = us, .floor = copied, .floor_is = "a copy of its bytes",
                                        .memory = m.arena.total});
    snprintf(name, sizeof(name), "prove %s", short_name);
    prove_message(&m);
    const double floor = hashes_of(&m);
    const size_t memory = memory_of(&m, 0);
    report_row(b->report, &(struct row){.name = name, .unit = "us", .value = bench_us(b, forget_states, prove_message, &m),
                                        .floor = floor, .floor_is = "leaves once, nodes of each list", .memory = memory});
    forget_states(&m);
    arena_free(&m.arena);
    free(m.bytes);
    free(m.copy);
}

/* ---- many real lists */

static void report_sequence(const struct bench *b, const char *whole, const char *chain, const char *qrinfo)
{
    (void)b, (void)whole, (void)chain, (void)qrinfo;
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
    report_sequence(b, "mainnet/mnlistdiff_0_2227096_v70230.bin", "mainnet/from_2227096_v70230.lp",
                    "mainnet/chain_2239480_2240464_v70230.lp");
}

const struct group group_lists = {"lists", "masternode lists: diffs, roots, messages; one thread", run};
