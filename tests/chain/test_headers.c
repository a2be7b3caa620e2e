/* chain/headers: each rule refuses what breaks it, with its own reason, and a refused header changes nothing. */
#include "support/data.h"

#include "chain/headers.h"
#include "chain/miner.h"
#include "crypto/x11.h"

enum { GENESIS_S = 1417713337, NOW_S = GENESIS_S + 10000000, LIMIT = 0x207fffff };

static const uint64_t seed[2] = {5, 6};

static struct headers *new_tree(const char *network)
{
    struct chain_params p;
    struct headers *h;
    assert_true(chain_params_init(&p, network));
    assert_int_equal(headers_new(&h, &p, seed), 0);
    return h;
}

static int add(struct headers *h, const struct mined *m, int64_t now_s, dspv_fault *fault)
{
    headers_node node = HEADERS_NONE;
    int rc = headers_add(h, m->raw, &m->hash, now_s, &node, fault);
    if (rc == 0) {
        assert_int_equal(headers_find(h, &m->hash), node);
        block_hash back;
        headers_hash(h, node, &back);
        assert_true(block_hash_eq(&back, &m->hash));
    }
    return rc;
}

static void accept(struct headers *h, const struct mined *m)
{
    dspv_fault fault;
    if (add(h, m, NOW_S, &fault) != 0)
        fail_msg("refused: %s", dspv_reason_name(fault.reason));
}

static void refuse_at(struct headers *h, const struct mined *m, int64_t now_s, dspv_reason reason, int32_t height)
{
    size_t count = headers_count(h), memory = headers_memory(h);
    headers_node tip = headers_tip(h);
    dspv_fault fault = {0};
    assert_int_equal(add(h, m, now_s, &fault), DSPV_EFAULT);
    assert_string_equal(dspv_reason_name(fault.reason), dspv_reason_name(reason));
    assert_int_equal(fault.height, height);
    assert_true(fault.has_hash);
    assert_memory_equal(fault.hash, m->hash.b, 32);
    assert_int_equal(headers_count(h), count);
    assert_int_equal(headers_memory(h), memory);
    assert_int_equal(headers_tip(h), tip);
    assert_int_equal(headers_find(h, &m->hash), HEADERS_NONE);
}

static void refuse(struct headers *h, const struct mined *m, dspv_reason reason)
{
    refuse_at(h, m, NOW_S, reason, headers_tip_height(h) + 1);
}

static block_hash tip_hash(const struct headers *h)
{
    block_hash hash;
    headers_hash(h, headers_tip(h), &hash);
    return hash;
}

/* Block `n` of a plain chain: one every 150 s. */
static void extend(struct headers *h, int n)
{
    for (int i = 0; i < n; i++) {
        block_hash prev = tip_hash(h);
        struct header tip;
        headers_get(h, headers_tip(h), &tip);
        struct mined m = mine_after(&prev, tip.time + 150, 0);
        accept(h, &m);
    }
}

/* A header that would be right after the tip. */
static struct header next_header(const struct headers *h)
{
    struct header tip;
    headers_get(h, headers_tip(h), &tip);
    return (struct header){.version = 4, .prev = tip_hash(h), .time = tip.time + 150, .bits = LIMIT};
}

static void test_a_header_is_added_once(void **state)
{
    (void)state;
    struct headers *h = new_tree("regtest");
    assert_int_equal(headers_tip_height(h), 0);
    extend(h, 5);
    struct mined m = mine_header(next_header(h), true);
    accept(h, &m);
    headers_node node = headers_tip(h);
    accept(h, &m); /* known */
    assert_int_equal(headers_tip(h), node);
    assert_int_equal(headers_count(h), 7);
    assert_int_equal(headers_tip_height(h), 6);
    headers_free(h);
}

static void test_proof_of_work(void **state)
{
    (void)state;
    struct headers *h = new_tree("regtest");
    extend(h, 3);
    struct mined m = mine_header(next_header(h), false);
    refuse(h, &m, DSPV_HIGH_HASH);
    m = mine_header(next_header(h), true);
    accept(h, &m);
    headers_free(h);
}

static void test_bits(void **state)
{
    (void)state;
    struct headers *h = new_tree("regtest");
    extend(h, 3);
    static const uint32_t other[] = {0x207ffffe, 0x203fffff, 0x1f7fffff};
    for (size_t i = 0; i < 3; i++) {
        struct header header = next_header(h);
        header.bits = other[i];
        struct mined m = mine_header(header, true);
        refuse(h, &m, DSPV_BAD_DIFFBITS);
    }
    static const uint32_t bad[] = {0, 0x20000000, 0x20800001, 0x21007fff + 1, 0x2100ffff, 0xff123456, 0x22000100};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct header header = next_header(h);
        header.bits = bad[i];
        struct mined m;
        header_write(&header, m.raw);
        x11_hash(&m.hash, m.raw);
        refuse(h, &m, DSPV_BAD_TARGET);
    }
    headers_free(h);
}

static void test_broken_link(void **state)
{
    (void)state;
    struct headers *h = new_tree("regtest");
    extend(h, 3);
    struct header header = next_header(h);
    header.prev.b[7] ^= 1;
    struct mined m = mine_header(header, true);
    refuse_at(h, &m, NOW_S, DSPV_PREV_UNKNOWN, -1);
    /* what follows a refused header has no parent either */
    struct mined refused = mine_header(next_header(h), false), after = mine_after(&refused.hash, NOW_S, 0);
    refuse(h, &refused, DSPV_HIGH_HASH);
    refuse_at(h, &after, NOW_S, DSPV_PREV_UNKNOWN, -1);
    headers_free(h);
}

/* Times of 1, 2, .. blocks after the genesis, and the largest time the next header must not have. */
static void check_median(const uint32_t *seconds, int n, uint32_t median)
{
    struct headers *h = new_tree("regtest");
    for (int i = 0; i < n; i++) {
        struct header header = next_header(h);
        header.time = GENESIS_S + seconds[i];
        struct mined m = mine_header(header, true);
        accept(h, &m);
    }
    struct header header = next_header(h);
    header.time = GENESIS_S + median;
    struct mined m = mine_header(header, true);
    refuse(h, &m, DSPV_TIME_TOO_OLD);
    header.time = 0;
    m = mine_header(header, true);
    refuse(h, &m, DSPV_TIME_TOO_OLD);
    header.time = GENESIS_S + median + 1;
    m = mine_header(header, true);
    accept(h, &m);
    headers_free(h);
}

static void test_time_is_after_the_median(void **state)
{
    (void)state;
    static const uint32_t up[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
    static const uint32_t zigzag[] = {100, 500, 150, 160, 155, 700, 158, 159, 600, 161, 300, 400};
    check_median(up, 0, 0);
    check_median(up, 1, 1); /* of 0 1: the upper */
    check_median(up, 2, 1); /* of 0 1 2 */
    check_median(up, 3, 2);
    check_median(up, 10, 5); /* of 0 .. 10 */
    check_median(up, 13, 8); /* of 3 .. 13 */
    check_median(zigzag, 3, 150);  /* of 0 100 | 150 500 */
    check_median(zigzag, 10, 159); /* of 0 100 150 155 158 | 159 | 160 161 500 600 700 */
    check_median(zigzag, 11, 160); /* without the 0, with 300 */
    check_median(zigzag, 12, 161);
}

static void test_time_is_at_most_two_hours_ahead(void **state)
{
    (void)state;
    struct headers *h = new_tree("regtest");
    extend(h, 3);
    struct mined m = mine_header(next_header(h), true);
    int64_t time_s = load_le32(m.raw + 68);
    dspv_fault fault;
    refuse_at(h, &m, time_s - 7201, DSPV_TIME_TOO_NEW, 4);
    refuse_at(h, &m, 0, DSPV_TIME_TOO_NEW, 4);
    refuse_at(h, &m, INT64_MIN, DSPV_TIME_TOO_NEW, 4);
    assert_int_equal(add(h, &m, time_s - 7200, &fault), 0); /* the same header, later */
    assert_int_equal(headers_tip_height(h), 4);
    m = mine_header(next_header(h), true);
    assert_int_equal(add(h, &m, INT64_MAX, &fault), 0);
    headers_free(h);
}

static void test_versions(void **state)
{
    (void)state;
    struct chain_params p;
    assert_true(chain_params_init(&p, "regtest"));
    assert_null(chain_params_override(&p, "testactivationheight", "bip34@3"));
    assert_null(chain_params_override(&p, "testactivationheight", "dersig@5"));
    assert_null(chain_params_override(&p, "testactivationheight", "cltv@7"));
    struct headers *h;
    assert_int_equal(headers_new(&h, &p, seed), 0);
    static const int32_t least[] = {0, INT32_MIN, INT32_MIN, 2, 2, 3, 3, 4, 4};
    for (int32_t height = 1; height <= 8; height++) {
        struct header header = next_header(h);
        struct mined m;
        if (least[height] != INT32_MIN) {
            header.version = least[height] - 1;
            m = mine_header(header, true);
            refuse(h, &m, DSPV_BAD_VERSION);
            header.version = (int32_t)0x80000004; /* versions are signed */
            m = mine_header(header, true);
            refuse(h, &m, DSPV_BAD_VERSION);
        }
        header.version = least[height];
        m = mine_header(header, true);
        accept(h, &m);
    }
    struct header header = next_header(h);
    header.version = 0x20000000;
    struct mined m = mine_header(header, true);
    accept(h, &m);
    headers_free(h);
}

static void test_checkpoints(void **state)
{
    (void)state;
    struct mined chain[13], fork[13]; /* fork[i] stands beside chain[i], on chain[i - 1] */
    struct chain_params p;
    assert_true(chain_params_init(&p, "regtest"));
    block_hash prev = p.genesis_hash;
    for (uint32_t i = 1; i <= 12; i++) {
        chain[i] = mine_after(&prev, GENESIS_S + 150 * i, 0);
        fork[i] = mine_after(&prev, GENESIS_S + 150 * i, 1);
        prev = chain[i].hash;
    }
    struct checkpoint checkpoints[] = {{5, chain[5].hash}, {10, chain[10].hash}};
    p.checkpoints = checkpoints;
    p.n_checkpoints = 2;
    struct headers *h;
    assert_int_equal(headers_new(&h, &p, seed), 0);
    for (int i = 1; i <= 4; i++)
        accept(h, &chain[i]);
    accept(h, &fork[2]); /* no checkpoint in the tree yet */
    refuse_at(h, &fork[5], NOW_S, DSPV_CHECKPOINT_MISMATCH, 5);
    accept(h, &chain[5]);
    refuse_at(h, &fork[5], NOW_S, DSPV_CHECKPOINT_MISMATCH, 5);
    refuse_at(h, &fork[4], NOW_S, DSPV_FORK_BEFORE_CHECKPOINT, 4);
    refuse_at(h, &fork[1], NOW_S, DSPV_FORK_BEFORE_CHECKPOINT, 1);
    accept(h, &fork[2]);  /* known */
    accept(h, &chain[3]);
    struct mined on_fork = mine_after(&fork[2].hash, GENESIS_S + 1000, 2);
    refuse_at(h, &on_fork, NOW_S, DSPV_FORK_BEFORE_CHECKPOINT, 3);
    for (int i = 6; i <= 9; i++)
        accept(h, &chain[i]);
    accept(h, &fork[7]); /* between the checkpoints, while only the first is there */
    refuse_at(h, &fork[10], NOW_S, DSPV_CHECKPOINT_MISMATCH, 10);
    accept(h, &chain[10]);
    refuse_at(h, &fork[9], NOW_S, DSPV_FORK_BEFORE_CHECKPOINT, 9);
    accept(h, &chain[11]);
    accept(h, &fork[11]);
    accept(h, &fork[12]);
    accept(h, &chain[12]);
    assert_true(headers_tip(h) == headers_find(h, &fork[12].hash)); /* first seen */
    headers_free(h);
}

static void test_devnet_starts_with_its_own_block_1(void **state)
{
    (void)state;
    struct chain_params p;
    assert_true(chain_params_init(&p, "devnet-foo"));
    struct headers *h = new_tree("devnet-foo");
    assert_int_equal(headers_tip_height(h), 1);
    assert_int_equal(headers_count(h), 2);
    struct mined block1 = {.hash = p.block1_hash};
    memcpy(block1.raw, p.block1, 80);
    accept(h, &block1);
    struct mined other = mine_after(&p.genesis_hash, GENESIS_S + 1, 0);
    refuse_at(h, &other, NOW_S, DSPV_DEVNET_GENESIS, 1);
    struct chain_params bar;
    assert_true(chain_params_init(&bar, "devnet-bar"));
    struct mined foreign = {.hash = bar.block1_hash};
    memcpy(foreign.raw, bar.block1, 80);
    refuse_at(h, &foreign, NOW_S, DSPV_DEVNET_GENESIS, 1);
    extend(h, 5);
    assert_int_equal(headers_tip_height(h), 6);
    headers_free(h);
}

static void test_trusted_start_checks_once_it_can(void **state)
{
    (void)state;
    struct chain_params p;
    assert_true(chain_params_init(&p, "devnet"));
    struct header first = {.version = 4, .time = GENESIS_S, .bits = LIMIT};
    struct mined m = mine_header(first, true);
    struct headers *h;
    assert_int_equal(headers_new_from(&h, &p, seed, 5000, m.raw, NULL), 0);
    assert_int_equal(headers_first_height(h), 5000);
    assert_int_equal(headers_tip_height(h), 5000);
    struct header got;
    headers_get(h, headers_tip(h), &got);
    assert_memory_equal(got.prev.b, first.prev.b, 32);
    /* ten headers whose times stand still, bits as they like */
    for (int i = 1; i < 11; i++) {
        struct header header = next_header(h);
        header.time = GENESIS_S;
        header.bits = i % 2 ? 0x203fffff : LIMIT;
        m = mine_header(header, true);
        accept(h, &m);
    }
    struct header header = next_header(h); /* has eleven predecessors */
    header.time = GENESIS_S;
    m = mine_header(header, true);
    refuse(h, &m, DSPV_TIME_TOO_OLD);
    extend(h, 13); /* twenty-four headers are there */
    assert_int_equal(headers_count(h), 24);
    header = next_header(h);
    header.bits = 0x203fffff;
    m = mine_header(header, true);
    refuse(h, &m, DSPV_BAD_DIFFBITS);
    headers_free(h);
}

static void test_impossible_starts(void **state)
{
    (void)state;
    struct chain_params p;
    assert_true(chain_params_init(&p, "regtest"));
    struct header header = {.version = 4, .time = GENESIS_S, .bits = LIMIT};
    struct mined good = mine_header(header, true), bad = mine_header(header, false);
    struct checkpoint checkpoint = {7, p.genesis_hash};
    p.checkpoints = &checkpoint;
    p.n_checkpoints = 1;
    struct headers *h = NULL;
    assert_int_equal(headers_new_from(&h, &p, seed, 8, bad.raw, NULL), DSPV_EMISUSE);
    assert_int_equal(headers_new_from(&h, &p, seed, 0, good.raw, NULL), DSPV_EMISUSE);
    assert_int_equal(headers_new_from(&h, &p, seed, -1, good.raw, NULL), DSPV_EMISUSE);
    assert_int_equal(headers_new_from(&h, &p, seed, INT32_MAX, good.raw, NULL), DSPV_EMISUSE);
    assert_int_equal(headers_new_from(&h, &p, seed, 7, good.raw, NULL), DSPV_EMISUSE);
    header.bits = 0;
    header_write(&header, bad.raw);
    assert_int_equal(headers_new_from(&h, &p, seed, 8, bad.raw, NULL), DSPV_EMISUSE);
    assert_null(h);
    assert_int_equal(headers_new_from(&h, &p, seed, 0, p.genesis, NULL), 0);
    headers_free(h);
    assert_int_equal(headers_new_from(&h, &p, seed, 8, good.raw, NULL), 0);
    headers_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_header_is_added_once),
        cmocka_unit_test(test_proof_of_work),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_broken_link),
        cmocka_unit_test(test_time_is_after_the_median),
        cmocka_unit_test(test_time_is_at_most_two_hours_ahead),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_checkpoints),
        cmocka_unit_test(test_devnet_starts_with_its_own_block_1),
        cmocka_unit_test(test_trusted_start_checks_once_it_can),
        cmocka_unit_test(test_impossible_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
