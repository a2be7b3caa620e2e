/* Lies about the chain of headers (protocol.md 1.3, 3.8): chains with less work, headers that break one rule, batches that lead
 * nowhere, and silence about what is known. */
#include "chain/miner.h"
#include "chain/pow.h"
#include "sim/liar_batch.h"
#include "wire/headers.h"

/* ---- batches */

/* What a lie makes of a batch; false: nothing. */
typedef bool header_lie(struct liar *l, struct arena *a, struct liar_batch *b);

static bool is_headers(const struct liar_message *m)
{
    return m->command == WIRE_HEADERS || m->command == WIRE_HEADERS2;
}

static void change_headers(struct liar *l, const struct liar_message *m, struct liar_output *out, header_lie *lie)
{
    struct arena a;
    struct header_run run;
    struct liar_batch b;
    dspv_fault fault;
    bool compressed = m->command == WIRE_HEADERS2, lied = false;
    if (is_headers(m) && liar_moment(l, out)) {
        arena_init(&a, 0);
        if ((compressed ? headers2_decode : headers_decode)(m->payload.p, m->payload.n, HEADERS2_MOST, &a, &run, &fault) == 0 &&
            run.n > 0 && liar_batch_new(&a, 2 * run.n, &b)) {
            memcpy(b.raw, run.raw, (size_t)run.n * HEADER_SIZE);
            memcpy(b.hashes, run.hashes, run.n * sizeof(*b.hashes));
            b.n = run.n;
            lied = lie(l, &a, &b);
            if (lied)
                liar_batch_say(l, out, compressed, &b);
        }
        arena_free(&a);
    }
    if (!lied)
        liar_pass(out, l, m);
}

/* ---- chains with less work, served as a node would that knows no other */

static void connected_elsewhere(struct liar *l, struct liar_output *out)
{
    (void)out;
    l->lies++;
}
const struct liar_kind liar_stale_chain = {.name = "stale-chain", .chain = LIAR_STALE_CHAIN, .connected = connected_elsewhere};
const struct liar_kind liar_foreign_chain = {
    .name = "foreign-chain", .chain = LIAR_FOREIGN_CHAIN, .connected = connected_elsewhere};

/* ---- headers that break one rule */

/* Header i becomes `h`, mined (or just not) unless its bits stand for nothing. What follows does not follow any more. */
static void put_header(struct liar *l, struct liar_batch *b, uint32_t i, const struct header *h, bool meets)
{
    struct mined m = mine_header(*h, meets);
    liar_batch_put(b, i, &m);
    if (liar_chance(l, 50))
        b->n = i + 1;
}

static uint32_t some_header(struct liar *l, struct liar_batch *b, struct header *h)
{
    uint32_t i = liar_chance(l, 50) ? b->n - 1 : (uint32_t)rng_below(&l->rng, b->n);
    *h = header_parse(b->raw + (size_t)i * HEADER_SIZE);
    return i;
}

static bool broken_work(struct liar *l, struct arena *a, struct liar_batch *b)
{
    struct header h;
    uint32_t i = some_header(l, b, &h);
    (void)a;
    h.nonce += 1 + (uint32_t)rng_below(&l->rng, 1000);
    put_header(l, b, i, &h, false);
    return true;
}

static void said_broken_work(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_headers(l, m, out, broken_work);
}
const struct liar_kind liar_broken_work = {.name = "broken-work", .said = said_broken_work};

/* Bits that stand for no target, for one above the limit, or for an easy one that is not required. */
static bool wrong_bits(struct liar *l, struct arena *a, struct liar_batch *b)
{
    static const uint32_t nonsense[] = {0x20800001, 0x00000000, 0x20000000, 0x217fffff, 0xff7fffff, 0x2100ffff};
    static const uint32_t easy[] = {0x207ffffe, 0x2070ffff, 0x20400000};
    struct header h;
    uint32_t i = some_header(l, b, &h);
    (void)a;
    if (liar_chance(l, 50)) {
        struct mined m;
        h.bits = nonsense[rng_below(&l->rng, sizeof(nonsense) / sizeof(nonsense[0]))];
        header_write(&h, m.raw);
        rng_bytes(&l->rng, m.hash.b, 32);
        memset(m.hash.b + 24, 0, 8); /* only says that what follows does not */
        liar_batch_put(b, i, &m);
        b->n = i + 1;
        return true;
    }
    h.bits = easy[rng_below(&l->rng, sizeof(easy) / sizeof(easy[0]))];
    put_header(l, b, i, &h, true);
    return true;
}

static void said_wrong_bits(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_headers(l, m, out, wrong_bits);
}
const struct liar_kind liar_wrong_bits = {.name = "wrong-bits", .said = said_wrong_bits};

/* Not after the median of the last eleven, or far in the future. */
static bool wrong_time(struct liar *l, struct arena *a, struct liar_batch *b)
{
    struct header h;
    uint32_t i = some_header(l, b, &h);
    (void)a;
    h.time = liar_chance(l, 50) ? UINT32_MAX - (uint32_t)rng_below(&l->rng, 1000) : (uint32_t)rng_below(&l->rng, 1000);
    put_header(l, b, i, &h, true);
    return true;
}

static void said_wrong_time(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_headers(l, m, out, wrong_time);
}
const struct liar_kind liar_wrong_time = {.name = "wrong-time", .said = said_wrong_time};

static bool wrong_block_version(struct liar *l, struct arena *a, struct liar_batch *b)
{
    static const int32_t versions[] = {1, 0, -1, INT32_MIN};
    struct header h;
    uint32_t i = some_header(l, b, &h);
    (void)a;
    h.version = versions[rng_below(&l->rng, sizeof(versions) / sizeof(versions[0]))];
    put_header(l, b, i, &h, true);
    return true;
}

static void said_wrong_block_version(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_headers(l, m, out, wrong_block_version);
}
const struct liar_kind liar_wrong_block_version = {.name = "wrong-block-version", .said = said_wrong_block_version};

/* ---- batches in disorder */

static void remove_header(struct liar_batch *b, uint32_t i)
{
    memmove(b->raw + (size_t)i * HEADER_SIZE, b->raw + (size_t)(i + 1) * HEADER_SIZE, (size_t)(b->n - i - 1) * HEADER_SIZE);
    memmove(b->hashes + i, b->hashes + i + 1, (b->n - i - 1) * sizeof(*b->hashes));
    b->n--;
}

static bool gaps(struct liar *l, struct arena *a, struct liar_batch *b)
{
    (void)a;
    if (b->n < 3)
        return false;
    if (liar_chance(l, 50)) {
        remove_header(b, 1 + (uint32_t)rng_below(&l->rng, b->n - 2));
        return true;
    }
    uint32_t i = (uint32_t)rng_below(&l->rng, b->n), k = (i + 1 + (uint32_t)rng_below(&l->rng, b->n - 1)) % b->n;
    struct mined x, y;
    memcpy(x.raw, b->raw + (size_t)i * HEADER_SIZE, HEADER_SIZE);
    memcpy(y.raw, b->raw + (size_t)k * HEADER_SIZE, HEADER_SIZE);
    x.hash = b->hashes[i];
    y.hash = b->hashes[k];
    liar_batch_put(b, i, &y);
    liar_batch_put(b, k, &x);
    return true;
}

static void said_gaps(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_headers(l, m, out, gaps);
}
const struct liar_kind liar_header_gaps = {.name = "header-gaps", .said = said_gaps};

/* Every header twice, or the whole run again after itself. */
static bool repeats(struct liar *l, struct arena *a, struct liar_batch *b)
{
    struct liar_batch all;
    bool pairs = liar_chance(l, 50);
    if (2 * b->n > HEADERS_MOST || !liar_batch_new(a, 2 * b->n, &all))
        return false;
    for (uint32_t i = 0; i < 2 * b->n; i++) {
        uint32_t from = pairs ? i / 2 : i % b->n;
        liar_batch_append(&all, b->raw + (size_t)from * HEADER_SIZE, &b->hashes[from]);
    }
    *b = all;
    return true;
}

static void said_repeats(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_headers(l, m, out, repeats);
}
const struct liar_kind liar_header_repeats = {.name = "header-repeats", .said = said_repeats};

/* ---- answers that lead nowhere */

/* Full batches of what the client knows already: it may believe that more will follow, for ever. */
static bool heard_looping(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct devnode_view v = liar_view(l);
    struct arena a;
    struct liar_batch b;
    bool compressed = m->command == WIRE_GETHEADERS2, answered = false;
    if ((!compressed && m->command != WIRE_GETHEADERS) || v.tip < 1 || !liar_moment(l, out))
        return true;
    arena_init(&a, 0);
    if (liar_batch_new(&a, HEADERS_MOST, &b)) {
        liar_batch_fill(&v, &b, v.chain->start > 1 ? v.chain->start : 1, HEADERS_MOST);
        liar_batch_say(l, out, compressed, &b);
        answered = true;
    }
    arena_free(&a);
    return !answered;
}
const struct liar_kind liar_looping_headers = {.name = "looping-headers", .heard = heard_looping};

static void tick_empty(struct liar *l, struct liar_output *out)
{
    struct liar_batch none = {.n = 0};
    if (l->protocol == 0)
        return;
    for (uint64_t n = rng_below(&l->rng, 4); n > 0; n--)
        liar_batch_say(l, out, liar_chance(l, 50), &none);
}
const struct liar_kind liar_empty_headers = {.name = "empty-headers", .tick = tick_empty};

/* A good header after a block that nobody has. */
static void tick_unconnecting(struct liar *l, struct liar_output *out)
{
    uint8_t raw[HEADER_SIZE];
    block_hash prev;
    if (l->protocol == 0)
        return;
    struct devnode_view v = liar_view(l);
    rng_bytes(&l->rng, prev.b, sizeof(prev.b));
    struct header tip = header_parse(devnode_chain_header(v.chain, v.tip));
    struct mined m = mine_after(&prev, tip.time, (uint32_t)rng_u64(&l->rng));
    memcpy(raw, m.raw, sizeof(raw));
    liar_batch_say(l, out, liar_chance(l, 50), &(struct liar_batch){raw, &m.hash, 1});
}
const struct liar_kind liar_unconnecting_headers = {.name = "unconnecting-headers", .tick = tick_unconnecting};

/* ---- branches of our own: valid headers, never as much work as the truth */

enum { LONGEST_BRANCH = 12, DEEPEST_BRANCH = 40 };

static void tick_branches(struct liar *l, struct liar_output *out)
{
    const struct devnode_chain *chain = l->world->chain;
    struct arena a;
    struct liar_batch b;
    int32_t deepest = l->tip < DEEPEST_BRANCH ? l->tip : DEEPEST_BRANCH;
    if (l->protocol == 0 || deepest < 4 || !liar_chance(l, 50))
        return;
    int32_t fork = l->tip - 2 - (int32_t)rng_below(&l->rng, (uint64_t)deepest - 3);
    uint32_t n = 1 + (uint32_t)rng_below(&l->rng, (uint64_t)(l->tip - fork - 1));
    if (fork < chain->start || !liar_batch_can_mine(chain, fork))
        return;
    if (n > LONGEST_BRANCH)
        n = LONGEST_BRANCH;
    arena_init(&a, 0);
    if (liar_batch_new(&a, n, &b)) {
        liar_batch_mine(l, chain, fork, n, &b);
        liar_batch_say(l, out, liar_chance(l, 50), &b);
    }
    arena_free(&a);
}
const struct liar_kind liar_branches = {.name = "branches", .tick = tick_branches};

/* ---- withheld */

enum { WITHHOLD_ALL = 1, WITHHOLD_HALF, WITHHOLD_LAST, WITHHOLDINGS = WITHHOLD_LAST };

/* state[0]: which way, state[1]: the height beyond which nothing is told. */
static void said_withheld(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct arena a;
    struct header_run run;
    dspv_fault fault;
    bool compressed = m->command == WIRE_HEADERS2;
    if (l->state[0] == 0) {
        uint64_t most[] = {[WITHHOLD_ALL] = 0, [WITHHOLD_HALF] = (uint64_t)l->tip / 2, [WITHHOLD_LAST] = (uint64_t)l->tip - 1};
        l->state[0] = 1 + rng_below(&l->rng, WITHHOLDINGS);
        l->state[1] = most[l->state[0]];
    }
    arena_init(&a, 0);
    if (is_headers(m) &&
        (compressed ? headers2_decode : headers_decode)(m->payload.p, m->payload.n, HEADERS2_MOST, &a, &run, &fault) == 0) {
        struct liar_batch b = {(uint8_t *)(uintptr_t)run.raw, (block_hash *)(uintptr_t)run.hashes, 0};
        while (b.n < run.n &&
               devnode_chain_height(l->world->chain, &run.hashes[b.n], l->world->chain->tip) <= (int32_t)l->state[1])
            b.n++;
        if (b.n < run.n)
            liar_batch_say(l, out, compressed, &b);
        else
            liar_pass(out, l, m);
    } else {
        liar_pass(out, l, m);
    }
    arena_free(&a);
}
const struct liar_kind liar_withheld_headers = {.name = "withheld-headers", .said = said_withheld};

/* ---- floods: three times as much as a message may hold, or just as much, unasked */

static void tick_flood(struct liar *l, struct liar_output *out)
{
    static const uint32_t sizes[] = {HEADERS_MOST, HEADERS_MOST + 1, HEADERS2_MOST, HEADERS2_MOST + 1};
    struct devnode_view v = liar_view(l);
    struct arena a;
    struct liar_batch b;
    uint32_t n = sizes[rng_below(&l->rng, sizeof(sizes) / sizeof(sizes[0]))];
    if (l->protocol == 0 || v.tip < 1 || !liar_chance(l, 10))
        return;
    arena_init(&a, 0);
    if (liar_batch_new(&a, n, &b)) {
        liar_batch_fill(&v, &b, v.chain->start > 1 ? v.chain->start : 1, n);
        liar_batch_say(l, out, liar_chance(l, 50), &b);
    }
    arena_free(&a);
}
const struct liar_kind liar_header_flood = {.name = "header-flood", .tick = tick_flood};

/* ---- headers in a wrong form */

/* headers2: a first header that refers to one before it, a version that was not there. headers: a number of transactions. */
static void said_bad_form(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct writer w;
    size_t count = m->payload.n > 0 && m->payload.p[0] < 0xfd ? 1 : 3;
    if (!is_headers(m) || m->payload.n < count + HEADER_SIZE || !liar_moment(l, out)) {
        liar_pass(out, l, m);
        return;
    }
    writer_init(&w);
    writer_span(&w, m->payload);
    if (!w.failed) {
        static const uint8_t flags[] = {0x01, 0x07, 0x30, 0x28, 0x18};
        size_t at = m->command == WIRE_HEADERS2 ? count : count + HEADER_SIZE;
        w.data[at] = m->command == WIRE_HEADERS2 ? flags[rng_below(&l->rng, sizeof(flags))] : 1;
        l->lies++;
    }
    liar_say_written(out, l, m->name, &w);
    writer_free(&w);
}
const struct liar_kind liar_header_form = {.name = "header-form", .said = said_bad_form};
