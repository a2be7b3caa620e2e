/* sync/header_store: what is stored is what was the best chain at the last commit, whatever happens to the store in between. */
#include "support/data.h"

#include "base/mem.h"
#include "chain/miner.h"
#include "chain/pow.h"
#include "chain/start_points.h"
#include "store/memory.h"
#include "store/record.h"
#include "crypto/x11.h"
#include "sync/client.h"

enum { START_S = 1417713337, NOW_S = START_S + 100000000, LONG = 66000, RUN = HEADER_STORE_RUN };

static uint64_t rng = 11;

static unsigned below(unsigned n)
{
    return (unsigned)(test_random(&rng) % n);
}

/* ---- a client without peers, whose headers come from the test */

static struct dspv *open_as(const dspv_store *store, const char *network, dspv_start start, int32_t start_height)
{
    dspv_network *net;
    dspv_config config;
    dspv *c;
    const uint8_t seed[32] = {1};
    dspv_config_init(&config);
    config.start = start;
    config.start_height = start_height;
    assert_int_equal(dspv_network_new(&net, network), 0);
    assert_int_equal(dspv_new(&c, net, &config, store, seed, (dspv_ms)NOW_S * 1000), 0);
    dspv_network_free(net);
    return c;
}

static struct dspv *open_regtest(const dspv_store *store)
{
    return open_as(store, "regtest", DSPV_START_CHECKPOINT, 0);
}

static void commit(struct dspv *c)
{
    struct batch b;
    batch_init(&b);
    assert_int_equal(header_store_collect(c, &b), 0);
    assert_int_equal(batch_apply(&b, c->store), 0);
    header_store_committed(c);
    batch_free(&b);
    assert_int_equal(header_sync_advance(c), 0); /* the floor rises */
}

/* ---- the chain: mined once */

static struct mined chain[LONG];

static void mine_chain(void)
{
    struct chain_params p;
    assert_true(chain_params_init(&p, "regtest"));
    memcpy(chain[0].raw, p.genesis, 80);
    chain[0].hash = p.genesis_hash;
    for (uint32_t i = 1; i < LONG; i++)
        chain[i] = mine_after(&chain[i - 1].hash, START_S + i * 3, 0);
}

static void add(struct dspv *c, const struct mined *m)
{
    headers_node node;
    dspv_fault fault;
    assert_int_equal(headers_add(c->headers, m->raw, &m->hash, NOW_S, &node, &fault), 0);
}

static void add_up_to(struct dspv *c, int32_t height)
{
    for (int32_t h = headers_tip_height(c->headers) + 1; h <= height; h++)
        add(c, &chain[h]);
}

static void assert_chain(struct dspv *c, int32_t height)
{
    assert_int_equal(headers_tip_height(c->headers), height);
    for (int32_t h = 0; h <= height; h += h < 1000 || h > height - 1000 ? 1 : 97) {
        block_hash hash;
        struct header header;
        uint8_t raw[80];
        assert_true(client_block_at(c, h, &hash));
        assert_true(block_hash_eq(&hash, &chain[h].hash));
        assert_int_equal(headers_get(c->headers, headers_at(c->headers, h), &header), 0);
        header_write(&header, raw);
        assert_memory_equal(raw, chain[h].raw, 80);
        assert_int_equal(dspv_block_height(c, &hash), h);
    }
}

/* ---- stores */

static struct store_memory *new_store(void)
{
    struct store_memory *m;
    assert_int_equal(store_memory_new(&m), 0);
    return m;
}

static void put_raw(struct store_memory *m, dspv_table table, const void *key, size_t key_n, const void *value, size_t n)
{
    const dspv_store *store = store_memory_seam(m);
    dspv_store_op op = {table, key, key_n, value, n};
    assert_int_equal(store->apply(store->context, &op, 1), 0);
}

/* What happens to a run: 0: it is gone, 1: other bytes, 2: nothing in it, 3: sealed well, but of another chain. */
static void damage(struct store_memory *m, int32_t run, int how)
{
    uint8_t key[4], bytes[36 + RUN * 80] = {0};
    struct writer w;
    store_be32(key, (uint32_t)run);
    if (how < 3) {
        put_raw(m, DSPV_TABLE_HEADERS, key, 4, how == 0 ? NULL : bytes, how == 1 ? 20 : 0);
        return;
    }
    writer_init(&w);
    store_le32(bytes, (uint32_t)run * RUN);
    for (int i = 0; i < RUN; i++)
        memcpy(bytes + 36 + 80 * i, chain[(run - 1) * RUN + i].raw, 80);
    record_seal(&w, DSPV_TABLE_HEADERS, (struct span){key, 4}, (struct span){bytes, sizeof(bytes)});
    put_raw(m, DSPV_TABLE_HEADERS, key, 4, w.data, w.n);
    writer_free(&w);
}

static struct store_memory *stored_chain(int32_t height)
{
    struct store_memory *m = new_store();
    struct dspv *c = open_regtest(store_memory_seam(m));
    add_up_to(c, height);
    commit(c);
    dspv_free(c);
    return m;
}

/* ---- tests */

static void test_reopening(void **state)
{
    (void)state;
    struct store_memory *m = new_store();
    int32_t height = 0;
    for (int round = 0; round < 40; round++) {
        struct dspv *c = open_regtest(store_memory_seam(m));
        assert_chain(c, height);
        for (unsigned steps = below(4); steps > 0; steps--) {
            height += (int32_t)below(round % 3 ? 300 : 4);
            add_up_to(c, height);
            commit(c);
        }
        add_up_to(c, height + (int32_t)below(600)); /* not committed */
        dspv_free(c);
        assert_int_equal(store_memory_count(m, DSPV_TABLE_HEADERS), height / RUN + 1 - (height == 0 && round == 0));
    }
    assert_true(height > 2000);
    store_memory_free(m);
}

/* A step that changes nothing writes nothing, one that changes little writes little. */
static void test_what_is_written(void **state)
{
    (void)state;
    struct store_memory *m = new_store();
    struct dspv *c = open_regtest(store_memory_seam(m));
    struct batch b;
    batch_init(&b);
    add_up_to(c, 5000);
    commit(c);
    assert_int_equal(header_store_collect(c, &b), 0);
    assert_int_equal(b.n, 0);
    add_up_to(c, 5001);
    assert_int_equal(header_store_collect(c, &b), 0);
    assert_int_equal(b.n, 2); /* the top run and the tip */
    batch_reset(&b);          /* not applied: collected again */
    add_up_to(c, 5200);
    assert_int_equal(header_store_collect(c, &b), 0);
    assert_int_equal(b.n, 3);
    batch_free(&b);
    dspv_free(c);
    store_memory_free(m);
}

/* Branches overtake each other between commits, upwards and downwards over the borders of runs. */
static void test_reorganisations(void **state)
{
    (void)state;
    enum { MOST = 3000 };
    static struct mined side[MOST];
    struct store_memory *m = new_store();
    struct dspv *c = open_regtest(store_memory_seam(m));
    add_up_to(c, 600);
    commit(c);
    for (int round = 0; round < 25; round++) {
        int32_t tip = headers_tip_height(c->headers), fork = tip - (int32_t)below(500);
        block_hash hash;
        struct header header;
        assert_true(client_block_at(c, fork, &hash));
        assert_int_equal(headers_get(c->headers, headers_at(c->headers, fork), &header), 0);
        for (int32_t h = fork; h <= tip; h++) {
            side[h] = mine_after(&hash, header.time + (uint32_t)(h - fork + 1), (uint32_t)round + 1);
            hash = side[h].hash;
            add(c, &side[h]);
            if (below(200) == 0)
                commit(c);
        }
        assert_int_equal(headers_tip_height(c->headers), tip + 1);
        commit(c);
        struct dspv *again = open_regtest(store_memory_seam(m));
        assert_int_equal(headers_tip_height(again->headers), tip + 1);
        for (int32_t h = 0; h <= tip + 1; h++) {
            block_hash a, b;
            assert_true(client_block_at(c, h, &a) && client_block_at(again, h, &b));
            assert_true(block_hash_eq(&a, &b));
        }
        if (round % 4 == 0) { /* go on with what was loaded */
            dspv_free(c);
            c = again;
        } else {
            dspv_free(again);
        }
    }
    dspv_free(c);
    store_memory_free(m);
}

/* A ChainLock on a shorter branch: the runs above it go. */
static void test_a_lower_tip(void **state)
{
    (void)state;
    struct store_memory *m = new_store();
    struct dspv *c = open_regtest(store_memory_seam(m));
    add_up_to(c, 1500);
    commit(c);
    struct mined other = mine_after(&chain[300].hash, START_S + 301 * 3, 9);
    add(c, &other);
    assert_int_equal(headers_chainlock(c->headers, headers_find(c->headers, &other.hash)), 0);
    assert_int_equal(headers_tip_height(c->headers), 301);
    commit(c);
    assert_int_equal(store_memory_count(m, DSPV_TABLE_HEADERS), 2);
    dspv_free(c);
    c = open_regtest(store_memory_seam(m));
    assert_int_equal(headers_tip_height(c->headers), 301);
    assert_int_equal(dspv_block_height(c, &other.hash), 301);
    dspv_free(c);
    store_memory_free(m);
}

/* A long chain: most of it stays in the store, is found there, and grows on. */
static void test_a_long_chain(void **state)
{
    (void)state;
    struct store_memory *m = new_store();
    struct dspv *c = open_regtest(store_memory_seam(m));
    for (int32_t height = 8000; height < 60000; height += 8000) {
        add_up_to(c, height);
        commit(c);
    }
    dspv_free(c);
    c = open_regtest(store_memory_seam(m));
    assert_int_equal(headers_floor_height(c->headers), 0); /* 56 000 - 50 000 - 4096, in units of 4096 */
    add_up_to(c, 60000);
    commit(c);
    assert_int_equal(headers_floor_height(c->headers), 0); /* 4096 would not be worth it */
    add_up_to(c, LONG - 1);
    commit(c);
    assert_int_equal(headers_floor_height(c->headers), 8192);
    assert_chain(c, LONG - 1);
    dspv_free(c);
    c = open_regtest(store_memory_seam(m));
    assert_int_equal(headers_floor_height(c->headers), 8192);
    size_t memory = headers_memory(c->headers);
    assert_chain(c, LONG - 1);
    assert_int_equal(headers_memory(c->headers), memory + 8192 * 4);
    assert_int_equal(headers_work(c->headers, headers_tip(c->headers), (uint8_t[32]){0}), 0);
    uint8_t work[32], expected[32] = {0};
    headers_work(c->headers, headers_tip(c->headers), work);
    store_le64(expected, (uint64_t)LONG * 2);
    assert_memory_equal(work, expected, 32);
    dspv_free(c);
    store_memory_free(m);
}

/* Damage above the floor: the chain ends below it, and grows on from there. */
static void test_damage(void **state)
{
    (void)state;
    struct store_memory *whole = stored_chain(3000);
    for (int32_t run = 0; run <= 3000 / RUN; run++) {
        for (int how = 0; how < 4; how++) {
            if (how == 3 && run == 0)
                continue;
            struct store_memory *m;
            assert_int_equal(store_memory_clone(&m, whole), 0);
            damage(m, run, how);
            struct dspv *c = open_regtest(store_memory_seam(m));
            assert_chain(c, run == 0 ? 0 : run * RUN - 1);
            add_up_to(c, 2000);
            commit(c);
            dspv_free(c);
            c = open_regtest(store_memory_seam(m));
            assert_chain(c, run * RUN - 1 < 2000 ? 2000 : run * RUN - 1);
            add_up_to(c, 3000);
            commit(c);
            assert_true(store_memory_equal(m, whole));
            dspv_free(c);
            store_memory_free(m);
        }
    }
    store_memory_free(whole);
}

/* A header that breaks a rule, in a run that is sealed and linked well: proof of work of the topmost ones is checked again. */
static void test_a_header_without_work(void **state)
{
    (void)state;
    struct store_memory *m = stored_chain(3000);
    const int32_t run = 3000 / RUN;
    uint8_t key[4], bytes[36 + RUN * 80] = {0};
    struct writer w;
    writer_init(&w);
    store_be32(key, (uint32_t)run);
    store_le32(bytes, (uint32_t)run * RUN);
    for (int i = 0; i < 10; i++)
        memcpy(bytes + 36 + 80 * i, chain[run * RUN + i].raw, 80);
    struct mined idle = mine_header(header_parse(chain[run * RUN + 9].raw), false);
    memcpy(bytes + 36 + 80 * 9, idle.raw, 80);
    record_seal(&w, DSPV_TABLE_HEADERS, (struct span){key, 4}, (struct span){bytes, 36 + 10 * 80});
    put_raw(m, DSPV_TABLE_HEADERS, key, 4, w.data, w.n);
    struct dspv *c = open_regtest(store_memory_seam(m));
    assert_chain(c, run * RUN - 1);
    dspv_free(c);
    writer_free(&w);
    store_memory_free(m);
}

/* The tip's record is lost, or lies: the runs themselves say how far the chain goes. */
static void test_without_the_tip(void **state)
{
    (void)state;
    for (int32_t height = 1; height < 9000; height = height * 2 + 37) {
        struct store_memory *m = stored_chain(height);
        put_raw(m, DSPV_TABLE_META, "tip", 3, height % 2 ? NULL : "x", 1);
        struct dspv *c = open_regtest(store_memory_seam(m));
        assert_chain(c, height);
        dspv_free(c);
        store_memory_free(m);
    }
}

/* Damage below the floor is found when it is read: what needs it cannot be told, nothing is told wrong, and the next start mends.
 */
static void test_damage_below_the_floor(void **state)
{
    (void)state;
    struct store_memory *whole = stored_chain(LONG - 1);
    for (int how = 0; how < 3; how++) {
        struct store_memory *m;
        assert_int_equal(store_memory_clone(&m, whole), 0);
        damage(m, 20, how); /* 5120 .. 5375 */
        struct dspv *c = open_regtest(store_memory_seam(m));
        assert_int_equal(headers_tip_height(c->headers), LONG - 1);
        assert_int_equal(dspv_block_height(c, &chain[1000].hash), 1000); /* of another unit */
        assert_int_equal(dspv_block_height(c, &chain[5200].hash), -2);
        assert_int_equal(dspv_block_height(c, &chain[LONG - 5].hash), LONG - 5);
        block_hash hash;
        assert_false(client_block_at(c, 5200, &hash));
        commit(c);
        dspv_free(c);
        c = open_regtest(store_memory_seam(m));
        assert_chain(c, 20 * RUN - 1);
        add_up_to(c, LONG - 1);
        commit(c);
        dspv_free(c);
        c = open_regtest(store_memory_seam(m));
        assert_chain(c, LONG - 1);
        assert_true(store_memory_equal(m, whole));
        dspv_free(c);
        store_memory_free(m);
    }
    store_memory_free(whole);
}

/* ---- starts */

static int32_t first_of(const dspv_store *store, const char *network, dspv_start start, int32_t height, bool write)
{
    struct dspv *c = open_as(store, network, start, height);
    int32_t first = headers_first_height(c->headers);
    assert_int_equal(headers_tip_height(c->headers), first);
    if (write)
        commit(c);
    dspv_free(c);
    return first;
}

static void test_starts(void **state)
{
    (void)state;
    assert_int_equal(first_of(NULL, "mainnet", DSPV_START_CHECKPOINT, 0, false), 2421504);
    assert_int_equal(first_of(NULL, "testnet", DSPV_START_CHECKPOINT, 0, false), 1379520);
    assert_int_equal(first_of(NULL, "mainnet", DSPV_START_GENESIS, 0, false), 0);
    assert_int_equal(first_of(NULL, "mainnet", DSPV_START_HEIGHT, 2400000, false), 2361024);
    assert_int_equal(first_of(NULL, "mainnet", DSPV_START_HEIGHT, 20000, false), 0);
    assert_int_equal(first_of(NULL, "regtest", DSPV_START_HEIGHT, 20000, false), 0);
    dspv_network *net;
    dspv_config config;
    dspv *c;
    dspv_config_init(&config);
    config.start = DSPV_START_HEIGHT;
    config.start_height = -1;
    assert_int_equal(dspv_network_new(&net, "mainnet"), 0);
    assert_int_equal(dspv_new(&c, net, &config, NULL, (const uint8_t[32]){0}, 0), DSPV_EMISUSE);
    dspv_network_free(net);
}

static void test_a_store_keeps_its_start(void **state)
{
    (void)state;
    struct store_memory *m = new_store();
    const dspv_store *store = store_memory_seam(m);
    assert_int_equal(first_of(store, "mainnet", DSPV_START_HEIGHT, 2400000, true), 2361024);
    assert_int_equal(first_of(store, "mainnet", DSPV_START_CHECKPOINT, 0, true), 2361024);
    assert_int_equal(first_of(store, "mainnet", DSPV_START_HEIGHT, 2200000, true), 2174976);
    assert_int_equal(store_memory_count(m, DSPV_TABLE_HEADERS), 1); /* the other one is gone */
    assert_int_equal(first_of(store, "mainnet", DSPV_START_CHECKPOINT, 0, true), 2174976);
    assert_int_equal(first_of(store, "mainnet", DSPV_START_GENESIS, 0, true), 0);
    assert_int_equal(first_of(store, "mainnet", DSPV_START_CHECKPOINT, 0, true), 0);
    assert_int_equal(store_memory_count(m, DSPV_TABLE_HEADERS), 1);
    assert_int_equal(first_of(store, "testnet", DSPV_START_CHECKPOINT, 0, true), 1379520); /* another network's */
    assert_int_equal(store_memory_count(m, DSPV_TABLE_HEADERS), 1);
    store_memory_free(m);
}

/* Recorded headers from a start point, stored and taken up again with their work. */
static void test_testnet_from_a_start_point(void **state)
{
    (void)state;
    data_or_skip();
    struct store_memory *m = new_store();
    struct bytes run = data_load("testnet/headers_895000_907999.bin");
    struct dspv *c = open_as(store_memory_seam(m), "testnet", DSPV_START_HEIGHT, 906000);
    assert_int_equal(headers_first_height(c->headers), 904896);
    c->now = (dspv_ms)2000000000 * 1000;
    for (size_t i = 904897 - 895000; i < run.n / 80; i++) {
        struct mined mined;
        headers_node node;
        dspv_fault fault;
        memcpy(mined.raw, run.p + 80 * i, 80);
        x11_hash(&mined.hash, mined.raw);
        assert_int_equal(headers_add(c->headers, mined.raw, &mined.hash, 2000000000, &node, &fault), 0);
        if (i % 1000 == 0)
            commit(c);
    }
    commit(c);
    uint8_t work[32], again[32];
    headers_work(c->headers, headers_tip(c->headers), work);
    dspv_free(c);
    c = open_as(store_memory_seam(m), "testnet", DSPV_START_CHECKPOINT, 0);
    assert_int_equal(headers_first_height(c->headers), 904896);
    assert_int_equal(headers_tip_height(c->headers), 907999);
    headers_work(c->headers, headers_tip(c->headers), again);
    assert_memory_equal(work, again, 32);
    dspv_free(c);
    free(run.p);
    store_memory_free(m);
}

/* ---- forgeries: sealed well, by somebody who writes into the store */

static void put_sealed(struct store_memory *m, int32_t run, const uint8_t *payload, size_t n)
{
    uint8_t key[4];
    struct writer w;
    writer_init(&w);
    store_be32(key, (uint32_t)run);
    record_seal(&w, DSPV_TABLE_HEADERS, (struct span){key, 4}, (struct span){payload, n});
    put_raw(m, DSPV_TABLE_HEADERS, key, 4, w.data, w.n);
    writer_free(&w);
}

static void put_tip(struct store_memory *m, uint32_t height)
{
    uint8_t tip[72] = {0};
    struct writer w;
    writer_init(&w);
    store_le32(tip, height);
    record_seal(&w, DSPV_TABLE_META, (struct span){(const uint8_t *)"tip", 3}, (struct span){tip, sizeof(tip)});
    put_raw(m, DSPV_TABLE_META, "tip", 3, w.data, w.n);
    writer_free(&w);
}

/* A client whose network has this checkpoint and no other. */
static struct dspv *open_with_checkpoint(const dspv_store *store, const char *network, const struct checkpoint *checkpoint)
{
    dspv_network *net;
    dspv *c;
    const uint8_t seed[32] = {1};
    assert_int_equal(dspv_network_new(&net, network), 0);
    net->net.chain.checkpoints = checkpoint;
    net->net.chain.n_checkpoints = 1;
    assert_int_equal(dspv_new(&c, net, NULL, store, seed, (dspv_ms)NOW_S * 1000), 0);
    dspv_network_free(net);
    return c;
}

/* The block at a checkpoint must be that block, not only be called so by the one after it. */
static void test_checkpoints_above_the_floor(void **state)
{
    enum { CHECKPOINT = 60000, THE_RUN = CHECKPOINT / RUN };
    const struct checkpoint right = {CHECKPOINT, chain[CHECKPOINT].hash}, wrong = {CHECKPOINT, chain[CHECKPOINT + 1].hash};
    uint8_t bytes[36 + RUN * 80] = {0};
    (void)state;
    struct store_memory *m = stored_chain(LONG - 1);
    struct dspv *c = open_with_checkpoint(store_memory_seam(m), "regtest", &right);
    assert_int_equal(headers_tip_height(c->headers), LONG - 1);
    dspv_free(c);
    c = open_with_checkpoint(store_memory_seam(m), "regtest", &wrong);
    assert_int_equal(headers_tip_height(c->headers), THE_RUN * RUN - 1);
    dspv_free(c);
    store_le32(bytes, THE_RUN * RUN);
    store_le64(bytes + 4, (uint64_t)THE_RUN * RUN * 2);
    for (int i = 0; i < RUN; i++)
        memcpy(bytes + 36 + 80 * i, chain[THE_RUN * RUN + i].raw, 80);
    bytes[36 + 80 * (CHECKPOINT % RUN) + 36] ^= 1; /* its merkle root */
    put_sealed(m, THE_RUN, bytes, sizeof(bytes));
    c = open_with_checkpoint(store_memory_seam(m), "regtest", &right);
    assert_int_equal(headers_tip_height(c->headers), THE_RUN * RUN - 1);
    dspv_free(c);
    store_memory_free(m);
}

/* A client whose network was given a checkpoint each 500 blocks up to `last`; the one at `wrong`, if there is one, contradicts
 * the chain. It has a network of its own: that one is gone. */
static struct dspv *open_with_given(const dspv_store *store, int32_t last, int32_t wrong)
{
    dspv_network *net;
    dspv *c;
    assert_int_equal(dspv_network_new(&net, "regtest"), 0);
    for (int32_t height = 500; height <= last; height += 500)
        assert_null(dspv_network_add_checkpoint(net, height, &chain[height == wrong ? height + 1 : height].hash));
    if (wrong % 500 != 0)
        assert_null(dspv_network_add_checkpoint(net, wrong, &chain[wrong + 1].hash));
    assert_int_equal(dspv_new(&c, net, NULL, store, (const uint8_t[32]){1}, (dspv_ms)NOW_S * 1000), 0);
    dspv_network_free(net);
    return c;
}

/* A store that was filled without these checkpoints: it agrees, or loses what lies above the lowest that it contradicts. */
static void test_given_checkpoints(void **state)
{
    static const int32_t wrong[] = {500, 1000, 1023, 1024, 30000, 53247, 53248, 57343, 57344, 60000, 65000};
    (void)state;
    struct store_memory *m = stored_chain(LONG - 1);
    for (int32_t last = 1000; last <= 65000; last += 32000) {
        struct dspv *c = open_with_given(store_memory_seam(m), last, 0);
        assert_chain(c, LONG - 1);
        add(c, &chain[LONG - 1]);
        dspv_free(c);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct dspv *c = open_with_given(store_memory_seam(m), 65000, wrong[i]);
        assert_chain(c, wrong[i] < RUN ? 0 : wrong[i] / RUN * RUN - 1);
        dspv_free(c);
    }
    store_memory_free(m);
}

/* What forks off below the last of them is refused, and so is the chain without that block. */
static void test_given_checkpoints_hold(void **state)
{
    (void)state;
    struct store_memory *m = stored_chain(2000);
    struct dspv *c = open_with_given(store_memory_seam(m), 2500, 0);
    struct mined fork = mine_after(&chain[1800].hash, START_S + 1801 * 3, 1);
    headers_node node;
    dspv_fault fault;
    assert_int_equal(headers_add(c->headers, fork.raw, &fork.hash, NOW_S, &node, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_FORK_BEFORE_CHECKPOINT);
    add_up_to(c, 2499);
    fork = mine_after(&chain[2499].hash, START_S + 2500 * 3, 1);
    assert_int_equal(headers_add(c->headers, fork.raw, &fork.hash, NOW_S, &node, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_CHECKPOINT_MISMATCH);
    add_up_to(c, 2600);
    dspv_free(c);
    store_memory_free(m);
}

/* A run of the chain in which byte `at` of the header at `height` is another. */
static void put_forged(struct store_memory *m, int32_t height, size_t at)
{
    int32_t first = height / RUN * RUN;
    uint8_t bytes[36 + RUN * 80] = {0};
    store_le32(bytes, (uint32_t)first);
    store_le64(bytes + 4, (uint64_t)first * 2);
    for (int k = 0; k < RUN; k++)
        memcpy(bytes + 36 + 80 * k, chain[first + k].raw, 80);
    bytes[36 + 80 * (size_t)(height - first) + at] ^= 1;
    put_sealed(m, first / RUN, bytes, sizeof(bytes));
}

enum { AT_MERKLE_ROOT = 36, AT_BITS = 72 };

/* A settled header that is not the one that the next one names proves nothing; the others do. */
static void test_forged_merkle_root(void **state)
{
    enum { FORGED = 2000 };
    (void)state;
    struct store_memory *m = stored_chain(LONG - 1);
    put_forged(m, FORGED, AT_MERKLE_ROOT);
    struct dspv *c = open_regtest(store_memory_seam(m));
    assert_int_equal(headers_tip_height(c->headers), LONG - 1);
    for (int32_t height = FORGED - 2; height <= FORGED + 2; height++) {
        bool found;
        assert_int_equal(client_feed_block(c, &chain[height].hash, &found), 0);
        assert_int_equal(found, height != FORGED);
    }
    dspv_free(c);
    store_memory_free(m);
}

/* Above the floor every header passes every rule and has the hash that the next one names. */
static void test_forged_chains(void **state)
{
    static const int32_t heights[] = {55000 / RUN * RUN, 55000, 55000 / RUN * RUN + RUN - 2};
    static const size_t places[] = {0, AT_MERKLE_ROOT, AT_BITS};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++) {
            struct store_memory *m = stored_chain(LONG - 1);
            put_forged(m, heights[i], places[k]);
            struct dspv *c = open_regtest(store_memory_seam(m));
            assert_int_equal(headers_tip_height(c->headers), heights[i] / RUN * RUN - 1);
            dspv_free(c);
            store_memory_free(m);
        }
}

/* What the run at the floor says of the work before it must fit the work at the start points. */
static void test_forged_work(void **state)
{
    enum { FIRST = 895000, CHECKPOINT = 907500, FLOOR = 897024, POINT = 904896 };
    uint8_t bytes[36 + RUN * 80] = {0};
    struct chain_params params;
    struct start_point point;
    (void)state;
    data_or_skip();
    struct bytes file = data_load("testnet/headers_895000_907999.bin");
    assert_true(chain_params_init(&params, "testnet") && start_point_at(&params, POINT, &point));
    arith256 work = arith256_from_le(point.work), one = arith256_from_u64(1);
    for (int32_t height = FLOOR; height <= POINT; height++) {
        arith256 target = pow_target_of(load_le32(file.p + (size_t)(height - FIRST) * 80 + 72)), own = pow_work(&target);
        work = arith256_sub(&work, &own);
    }
    for (int lie = 0; lie < 2; lie++) {
        struct checkpoint checkpoint = {.height = CHECKPOINT};
        struct store_memory *m = new_store();
        memcpy(bytes + 36, params.genesis, 80);
        memset(bytes, 0, 36);
        put_sealed(m, 0, bytes, 36 + 80);
        if (lie)
            work = arith256_add(&work, &one);
        for (int32_t height = FLOOR; height < FIRST + (int32_t)(file.n / 80); height += RUN) {
            size_t n = file.n / 80 - (size_t)(height - FIRST);
            n = n < RUN ? n : RUN;
            store_le32(bytes, (uint32_t)height);
            arith256_to_le(&work, bytes + 4); /* it counts at the floor only */
            memcpy(bytes + 36, file.p + (size_t)(height - FIRST) * 80, n * 80);
            put_sealed(m, height / RUN, bytes, 36 + n * 80);
        }
        put_tip(m, 907999);
        x11_hash(&checkpoint.hash, file.p + (size_t)(CHECKPOINT - FIRST) * 80);
        struct dspv *c = open_with_checkpoint(store_memory_seam(m), "testnet", &checkpoint);
        assert_int_equal(headers_tip_height(c->headers), lie ? 0 : 907999);
        dspv_free(c);
        store_memory_free(m);
    }
    free(file.p);
}

/* Nobody has so many blocks; no sum of heights overflows. */
static void test_heights_without_end(void **state)
{
    (void)state;
    static const int32_t runs[] = {INT32_MAX / RUN, INT32_MAX / RUN - 1, INT32_MAX / 2 / RUN + 1};
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        struct store_memory *m = stored_chain(600);
        uint8_t bytes[36 + RUN * 80] = {0};
        store_le32(bytes, (uint32_t)runs[i] * RUN);
        for (int k = 0; k < RUN; k++)
            memcpy(bytes + 36 + 80 * k, chain[k].raw, 80);
        put_sealed(m, runs[i], bytes, sizeof(bytes));
        put_tip(m, INT32_MAX);
        struct dspv *c = open_regtest(store_memory_seam(m));
        assert_chain(c, 600);
        dspv_free(c);
        store_memory_free(m);
    }
}

/* ---- failures */

static void test_failing_allocations(void **state)
{
    (void)state;
    struct store_memory *m = stored_chain(700);
    dspv_network *net;
    size_t failures = 0;
    assert_int_equal(dspv_network_new(&net, "regtest"), 0);
    for (size_t nth = 1;; nth++) {
        dspv *c = NULL;
        mem_fail_after(nth);
        int rc = dspv_new(&c, net, NULL, store_memory_seam(m), (const uint8_t[32]){1}, 0);
        mem_fail_after(0);
        assert_true(rc == 0 || (rc == DSPV_ENOMEM && !c));
        failures += rc != 0;
        if (rc != 0)
            continue;
        assert_chain(c, 700);
        dspv_free(c);
        break;
    }
    assert_true(failures > 5);
    struct dspv *c = open_regtest(store_memory_seam(m));
    add_up_to(c, 1300);
    for (size_t nth = 1, failed = 1; failed; nth++) {
        struct batch b;
        batch_init(&b);
        mem_fail_after(nth);
        int rc = header_store_collect(c, &b);
        mem_fail_after(0);
        failed = rc != 0 || b.failed;
        assert_true(!failed || nth < 100);
        if (!failed) {
            assert_int_equal(batch_apply(&b, c->store), 0);
            header_store_committed(c);
        }
        batch_free(&b);
    }
    dspv_free(c);
    c = open_regtest(store_memory_seam(m));
    assert_chain(c, 1300);
    dspv_free(c);
    dspv_network_free(net);
    store_memory_free(m);
}

/* Each reading of the store fails once: that is said, and nothing is lost. */
struct failing {
    const dspv_store *store;
    unsigned after;
};

static int scan(void *context, dspv_table table, const uint8_t *first, size_t first_n, const uint8_t *last, size_t last_n,
                dspv_store_visit *visit, void *argument)
{
    struct failing *f = context;
    if (f->after > 0 && --f->after == 0)
        return DSPV_ESTORE;
    return f->store->scan(f->store->context, table, first, first_n, last, last_n, visit, argument);
}

static int apply(void *context, const dspv_store_op *ops, size_t n)
{
    struct failing *f = context;
    return f->store->apply(f->store->context, ops, n);
}

static const char *trouble(void *context)
{
    (void)context;
    return "";
}

static void test_failing_reads(void **state)
{
    (void)state;
    struct store_memory *m = stored_chain(LONG - 1);
    struct failing f = {.store = store_memory_seam(m)};
    const dspv_store store = {&f, apply, scan, trouble};
    dspv_network *net;
    unsigned failures = 0;
    assert_int_equal(dspv_network_new(&net, "regtest"), 0);
    for (unsigned nth = 1; nth < 400; nth += nth < 30 ? 1 : 13) {
        dspv *c = NULL;
        f.after = nth;
        int rc = dspv_new(&c, net, NULL, &store, (const uint8_t[32]){1}, 0);
        assert_true(rc == 0 || (rc == DSPV_ESTORE && !c));
        failures += rc != 0;
        if (rc == 0) {
            int32_t height = dspv_block_height(c, &chain[5200].hash);
            assert_true(height == 5200 || height == -2);
            f.after = 0;
            assert_chain(c, LONG - 1);
            assert_int_equal(c->header_store.damaged, -1); /* trouble is not damage */
            dspv_free(c);
        }
    }
    assert_true(failures > 20);
    dspv_network_free(net);
    store_memory_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reopening),
        cmocka_unit_test(test_what_is_written),
        cmocka_unit_test(test_reorganisations),
        cmocka_unit_test(test_a_lower_tip),
        cmocka_unit_test(test_a_long_chain),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_a_header_without_work),
        cmocka_unit_test(test_without_the_tip),
        cmocka_unit_test(test_damage_below_the_floor),
        cmocka_unit_test(test_starts),
        cmocka_unit_test(test_a_store_keeps_its_start),
        cmocka_unit_test(test_testnet_from_a_start_point),
        cmocka_unit_test(test_checkpoints_above_the_floor),
        cmocka_unit_test(test_given_checkpoints),
        cmocka_unit_test(test_given_checkpoints_hold),
        cmocka_unit_test(test_forged_merkle_root),
        cmocka_unit_test(test_forged_chains),
        cmocka_unit_test(test_forged_work),
        cmocka_unit_test(test_heights_without_end),
        cmocka_unit_test(test_failing_allocations),
        cmocka_unit_test(test_failing_reads),
    };
    mine_chain();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
