/* What a whole masternode list costs by its length: read from bytes, made, proven; members chosen from it. The entries are made
 * up; what a change costs is in the group `lists`. */
#include <stdlib.h>

#include "base/mem.h"
#include "crypto/merkle.h"
#include "crypto/rng.h"
#include "crypto/sha256.h"
#include "group.h"
#include "llmq/rotation.h"

enum { ENTRY = 151, VALID = 150, PROTO = 70214, FEWEST = 1000, MOST = 64000, CYCLE = 288 * 8000, BEFORE = 3 };

struct lot {
    size_t n;
    uint8_t *bytes;          /* n entries as they travel */
    struct mnentry *entries; /* decoded */
    struct mnlist *list;
    struct network net;
    const struct llmq_params *rotated;
    struct mnstate work;
    struct quarters *previous[BEFORE];
};

static int by_protx(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(protx_hash));
}

static void make_bytes(struct lot *l)
{
    uint8_t seed[32] = {3};
    struct rng rng;
    rng_init(&rng, seed);
    rng_bytes(&rng, l->bytes, l->n * ENTRY);
    for (size_t i = 0; i < l->n; i++)
        l->bytes[i * ENTRY + VALID] = 1;
    qsort(l->bytes, l->n, ENTRY, by_protx);
}

static void decode(void *lot)
{
    struct lot *l = lot;
    struct reader r;
    reader_init(&r, l->bytes, l->n * ENTRY);
    for (size_t i = 0; i < l->n; i++)
        mnentry_decode(&r, PROTO, 0, &l->entries[i]);
    bench_need(reader_finish(&r), "the entries cannot be read");
}

static struct mnlist *list_of(const struct lot *l)
{
    const struct mnlistdiff d = {.entries = l->entries, .n_entries = (uint32_t)l->n};
    struct mnlist *list;
    dspv_fault fault;
    bench_need(mnlist_apply(NULL, NULL, &d, &list, &fault) == 0, "no list");
    return list;
}

static void make(void *lot)
{
    mnlist_unref(list_of(lot));
}

/* Leaf and score seed of each entry, and a tree over as many leaves. */
static void hash_entries(void *lot)
{
    enum { AT_ONCE = 4096 };
    static hash256 leaves[AT_ONCE];
    const struct lot *l = lot;
    const uint8_t *entries[AT_ONCE];
    for (size_t from = 0; from < l->n; from += AT_ONCE) {
        const size_t n = l->n - from < AT_ONCE ? l->n - from : AT_ONCE;
        for (size_t i = 0; i < n; i++)
            entries[i] = l->bytes + (from + i) * ENTRY;
        sha256_many(leaves, entries, sizeof(protx_hash) + sizeof(block_hash), n);
        sha256d_many(leaves, entries, ENTRY, n);
        merkle_root(leaves, n, NULL);
    }
}

static void rank(const struct lot *l, size_t size)
{
    static hash256 modifier;
    struct masternode **chosen;
    size_t n;
    modifier.b[0]++; /* another quorum */
    bench_need(llmq_rank(l->list, &modifier, false, size, &chosen, &n) == 0 && n == size, "no members");
    mem_free(chosen);
}

static void rank_400(void *lot)
{
    rank(lot, 400);
}

static void rank_50(void *lot)
{
    rank(lot, 50);
}

static void rotate(void *lot)
{
    struct lot *l = lot;
    struct quarters *fresh;
    struct snapshot *snapshot;
    l->work.block.b[0]++;
    bench_need(quarters_build(&l->net, l->rotated, CYCLE, &l->work, l->previous, &fresh, &snapshot) == 0 && snapshot,
               "no quarters");
    quarters_unref(fresh);
    snapshot_unref(snapshot);
}

static void make_cycles(struct lot *l)
{
    bench_need(network_init(&l->net, "mainnet"), "no network");
    l->rotated = network_llmq(&l->net, l->net.instantsend_type);
    l->work = (struct mnstate){.refs = 1, .height = llmq_work_height(CYCLE), .list = l->list};
    for (int k = BEFORE - 1; k >= 0; k--) {
        struct quarters *const older[3] = {k + 1 < BEFORE ? l->previous[k + 1] : NULL,
                                           k + 2 < BEFORE ? l->previous[k + 2] : NULL};
        struct snapshot *snapshot;
        l->work.block.b[1]++;
        bench_need(quarters_build(&l->net, l->rotated, CYCLE - 288 * (k + 1), &l->work, older, &l->previous[k], &snapshot) == 0,
                   "no quarters");
        snapshot_unref(snapshot);
    }
}

static void init(struct lot *l, size_t n)
{
    *l = (struct lot){.n = n, .bytes = malloc(n * ENTRY), .entries = malloc(n * sizeof(*l->entries))};
    bench_need(l->bytes && l->entries, "out of memory");
    make_bytes(l);
    decode(l);
    l->list = list_of(l);
    make_cycles(l);
}

static void free_lot(struct lot *l)
{
    for (int k = 0; k < BEFORE; k++)
        quarters_unref(l->previous[k]);
    mnlist_unref(l->list);
    free(l->entries);
    free(l->bytes);
}

static void at(const struct bench *b, size_t n)
{
    static const struct job {
        const char *name;
        void (*run)(void *lot);
    } jobs[] = {
        {"entries decoded", decode},
        {"list made and its root", make},
        {"members of a quorum of 50", rank_50},
        {"members of a quorum of 400", rank_400},
        {"new quarters of a cycle", rotate},
    };
    struct lot lot;
    init(&lot, n);
    bench_allocations();
    make(&lot);
    report_row(b->report, &(struct row){.name = "list made: allocations",
                                        .unit = "/masternode",
                                        .value = (double)bench_allocations() / (double)n,
                                        .x_is = "masternodes",
                                        .x = (double)n});
    const double hashed = bench_us(b, NULL, hash_entries, &lot);
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        const bool proven = jobs[i].run == make;
        report_row(b->report, &(struct row){.name = jobs[i].name,
                                            .unit = "us",
                                            .value = bench_us(b, NULL, jobs[i].run, &lot),
                                            .floor = proven ? hashed : 0,
                                            .floor_is = "leaf, seed and tree node of each, in lanes",
                                            .memory = proven ? mnlist_memory(lot.list, NULL) : 0,
                                            .x_is = "masternodes",
                                            .x = (double)n});
    }
    free_lot(&lot);
}

static void run(const struct bench *b)
{
    for (size_t n = FEWEST; n <= MOST; n *= b->quick ? 8 : 2)
        at(b, n);
}

const struct group group_growth_masternodes = {"growth_masternodes", "what a whole list costs by its length", run};
