/* What a long header chain costs: bench_headers [HEADERS [FILE]], by default 400 000 and a store in memory; FILE is a new SQLite
 * store. Time per header added (without its hash), memory per header, opening a store, the index by hash, look-ups. In CPU time,
 * as other work on the machine does not count then.
 *
 * The chain is of a network whose target lets nearly every hash pass, so that making it costs one hash per header. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "chain/pow.h"
#include "chain/tree.h"
#include "crypto/x11.h"
#include "dashspv/store_sqlite.h"
#include "store/memory.h"
#include "sync/client.h"

enum { EASY = 0x2100ffff, EARLY = 40000, STEP = 8000, SPACING_S = 301 /* late enough for the easiest target */ };

static uint8_t *chain; /* n headers of 80 bytes, and one that names the last one's hash */
static int32_t n;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void need(int rc, const char *what)
{
    if (rc == 0)
        return;
    fprintf(stderr, "%s: %d\n", what, rc);
    exit(1);
}

static block_hash hash_at(int32_t height)
{
    return block_hash_from(chain + ((size_t)height + 1) * 80 + 4);
}

static void make_chain(const struct chain_params *params)
{
    chain = malloc(((size_t)n + 1) * 80);
    need(chain ? 0 : DSPV_ENOMEM, "the chain");
    memcpy(chain, params->genesis, 80);
    for (int32_t i = 1; i <= n; i++) {
        struct header h = {.version = 4, .time = load_le32(params->genesis + 68) + (uint32_t)i * SPACING_S, .bits = EASY};
        arith256 target = pow_target_of(i == 1 ? load_le32(params->genesis + 72) : EASY);
        block_hash hash;
        do { /* hardly ever twice */
            x11_hash(&hash, chain + ((size_t)i - 1) * 80);
            if (!pow_meets(&hash, &target))
                store_le32(chain + ((size_t)i - 1) * 80 + 76, load_le32(chain + ((size_t)i - 1) * 80 + 76) + 1);
        } while (!pow_meets(&hash, &target));
        h.prev = hash;
        header_write(&h, chain + (size_t)i * 80);
    }
}

static struct chain_params easy(const struct chain_params *params)
{
    struct chain_params p = *params;
    memset(p.pow_limit, 0xff, 32);
    p.pow_limit_bits = EASY;
    return p;
}

static void add(struct headers *h, int32_t height)
{
    headers_node node;
    dspv_fault fault = {0};
    block_hash hash = hash_at(height);
    int rc = headers_add(h, chain + (size_t)height * 80, &hash, INT64_MAX / 2, &node, &fault);
    need(rc == DSPV_EFAULT ? (int)fault.reason : rc, "a header");
}

/* ---- without a store */

static double add_range(struct headers *h, int32_t from, int32_t to)
{
    double start = now_ms();
    for (int32_t i = from; i < to; i++) {
        add(h, i);
        if (i % STEP == 0)
            need(headers_settle(h, HEADERS_NONE, NULL, 0), "settling");
    }
    return (now_ms() - start) * 1e6 / (to - from);
}

static void look_up(struct headers *h)
{
    enum { TIMES = 20000 };
    headers_node node;
    block_hash hash = {{1}};
    double start = now_ms();
    need(headers_look_up(h, &hash, &node), "the index");
    printf("index by hash           %9.1f ms for %d settled headers\n", now_ms() - start, (int)headers_floor_height(h));
    start = now_ms();
    for (uint32_t i = 0; i < TIMES; i++) {
        hash = hash_at((int32_t)(i * 7919u % (uint32_t)headers_floor_height(h)));
        need(headers_look_up(h, &hash, &node), "a look-up");
        need(node == HEADERS_NONE, "a look-up");
    }
    printf("look-up, settled        %9.1f us\n", (now_ms() - start) * 1e3 / TIMES);
    start = now_ms();
    for (uint32_t i = 0; i < TIMES; i++) {
        hash = hash_at(n - 1 - (int32_t)(i % 4000));
        hash.b[3] ^= 1;
        need(headers_look_up(h, &hash, &node), "a look-up");
    }
    printf("look-up, unknown        %9.1f us\n", (now_ms() - start) * 1e3 / TIMES);
}

static void report_memory(const struct headers *h, const char *what)
{
    double settled = headers_floor_height(h), live = n - settled;
    printf("memory, %-15s %9.1f MB, of it %.1f MB for %d headers of the tree\n", what, (double)headers_memory(h) / 1e6,
           live * (sizeof(struct tree_node) + 16) / 1e6, (int)live);
}

static void without_store(const struct chain_params *params)
{
    struct headers *h;
    const uint64_t seed[2] = {1, 2};
    need(headers_new(&h, params, seed), "a chain");
    double first = add_range(h, 1, EARLY), rest = add_range(h, EARLY, n - EARLY), last = add_range(h, n - EARLY, n);
    printf("header added            %9.0f ns of the first %d, %.0f ns then, %.0f ns of the last %d\n", first, EARLY, rest, last,
           EARLY);
    printf("memory per header       %9.1f bytes in all, without a store\n", (double)headers_memory(h) / n);
    report_memory(h, "no store");
    look_up(h);
    report_memory(h, "and the index");
    headers_free(h);
}

/* ---- with a store */

static dspv *open_client(const dspv_network *net, const dspv_store *store)
{
    const uint8_t seed[32] = {1};
    dspv *c;
    need(dspv_new(&c, net, NULL, store, seed, (dspv_ms)1 << 50), "a client");
    return c;
}

static void write_chain(const dspv_network *net, const dspv_store *store)
{
    dspv *c = open_client(net, store);
    struct batch b;
    batch_init(&b);
    double start = now_ms();
    for (int32_t i = 1; i < n; i++) {
        add(client_headers(c), i);
        if (i % STEP != 0 && i != n - 1)
            continue;
        need(header_store_collect(c, &b), "collecting");
        need(batch_apply(&b, store), "writing");
        header_store_committed(c);
        need(headers_settle(client_headers(c), HEADERS_NONE, NULL, 0), "settling");
    }
    printf("header added and stored %9.0f ns, %d at a time\n", (now_ms() - start) * 1e6 / n, STEP);
    batch_free(&b);
    dspv_free(c);
}

static void with_store(const dspv_network *net, const dspv_store *store)
{
    write_chain(net, store);
    double start = now_ms();
    dspv *c = open_client(net, store);
    printf("opening                 %9.1f ms\n", now_ms() - start);
    need(headers_tip_height(client_headers(c)) != n - 1, "the tip");
    report_memory(client_headers(c), "store opened");
    look_up(client_headers(c));
    report_memory(client_headers(c), "and the index");
    dspv_free(c);
}

int main(int argc, char **argv)
{
    dspv_network *net;
    n = argc > 1 ? atoi(argv[1]) : 400000;
    if (n < 3 * EARLY) {
        fprintf(stderr, "at least %d headers\n", 3 * EARLY);
        return 2;
    }
    need(dspv_network_new(&net, "regtest"), "a network");
    net->net.chain = easy(&net->net.chain);
    make_chain(&net->net.chain);
    without_store(&net->net.chain);
    if (argc > 2) {
        dspv_store_sqlite *s;
        dspv_store_report report;
        need((int)dspv_store_sqlite_open(&s, argv[2], DSPV_STORE_KEEP, &report), "the store");
        with_store(net, dspv_store_sqlite_seam(s));
        dspv_store_sqlite_close(s);
    } else {
        struct store_memory *m;
        need(store_memory_new(&m), "a store");
        with_store(net, store_memory_seam(m));
        store_memory_free(m);
    }
    dspv_network_free(net);
    free(chain);
    return 0;
}
