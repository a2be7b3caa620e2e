/* chain/difficulty and chain/pow: required nBits of made-up chains, computed by make_difficulty.py with other arithmetic. */
#include "support/data.h"

#include "chain/difficulty.h"
#include "chain/pow.h"

static int64_t item(const json_t *array, size_t i)
{
    return json_integer_value(json_array_get(array, i));
}

static struct chain_params params_of(const json_t *c)
{
    struct chain_params p;
    assert_true(chain_params_init(&p, json_text(c, "network")));
    p.minimum_difficulty_blocks = (int32_t)json_int(c, "minimum_blocks");
    p.kgw_height = (int32_t)item(json_object_get(c, "heights"), 0);
    p.dgw_height = (int32_t)item(json_object_get(c, "heights"), 1);
    return p;
}

/* A header on `prev`. Only times and bits matter: hashes are just numbers. */
static uint32_t plant_one(struct tree *t, uint32_t prev, int32_t height, uint32_t time, uint32_t bits)
{
    const arith256 one = arith256_from_u64(1);
    const struct header h = {.version = 4, .time = time, .bits = bits};
    block_hash hash = {{0}};
    uint8_t raw[80];
    store_le32(hash.b, t->count);
    header_write(&h, raw);
    assert_int_equal(tree_reserve(t), 0);
    return tree_insert(t, raw, &hash, prev, height, &one);
}

static void plant(struct tree *t, const json_t *c)
{
    static const uint64_t seed[2] = {1, 2};
    tree_init(t, seed);
    uint32_t node = TREE_NONE, time = (uint32_t)json_int(c, "time");
    size_t i;
    json_t *segment;
    json_array_foreach(json_object_get(c, "segments"), i, segment) {
        for (int64_t k = 0; k < item(segment, 0); k++) {
            time = (uint32_t)(time + item(segment, 1));
            node = plant_one(t, node, (int32_t)json_int(c, "height"), time, (uint32_t)item(segment, 2));
        }
    }
}

static void check_case(const json_t *c)
{
    struct chain_params p = params_of(c);
    struct tree t;
    struct recent recent;
    recent_forget(&recent);
    plant(&t, c);
    size_t i;
    json_t *query;
    json_array_foreach(json_object_get(c, "queries"), i, query) {
        uint32_t last = (uint32_t)item(query, 0), bits = 0xdead;
        uint32_t time = (uint32_t)(tree_node(&t, last)->time + item(query, 1));
        recent_move(&recent, &t, last);
        bool known = difficulty_required(&p, &t, &recent, time, &bits);
        bool expected = !json_is_null(json_array_get(query, 2));
        if (known != expected || (known && bits != (uint32_t)item(query, 2)))
            fail_msg("%s from %d, query %zu: %s %08x, expected %08x", p.name, (int)json_int(c, "height"), i,
                     known ? "known" : "unknown", (unsigned)bits, (unsigned)item(query, 2));
        assert_true(known || bits == 0xdead);
    }
    tree_free(&t);
}

static void test_required_bits_of_made_up_chains(void **state)
{
    (void)state;
    json_t *cases = fixture_json("difficulty.json");
    assert_int_equal(json_array_size(cases), 38);
    size_t i;
    json_t *c;
    json_array_foreach(cases, i, c) {
        check_case(c);
    }
    json_decref(cases);
}

/* ---- DarkGravityWave as it is written down, on trees of random times and bits */

enum { BLOCKS = 24, TREE_BLOCKS = 4000 };

static uint64_t rng = 24;

static unsigned below(unsigned n)
{
    return (unsigned)(test_random(&rng) % n);
}

static uint32_t naive_dgw(const struct chain_params *p, const struct tree *t, uint32_t last)
{
    arith256 average = arith256_from_u64(0), limit = arith256_from_le(p->pow_limit);
    const struct tree_node *newest = tree_node(t, last), *n = newest;
    for (uint32_t i = 1; i <= BLOCKS; i++) {
        n = i > 1 ? tree_node(t, n->prev) : n;
        arith256 target = pow_target_of(n->bits), times = arith256_from_u64(i), most = arith256_from_u64(i + 1);
        arith256 product = arith256_mul(&average, &times), sum = arith256_add(&product, &target);
        average = i == 1 ? target : arith256_div(&sum, &most);
    }
    int64_t wanted = BLOCKS * 150, actual = (int64_t)newest->time - n->time;
    actual = actual < wanted / 3 ? wanted / 3 : actual > wanted * 3 ? wanted * 3 : actual;
    arith256 factor = arith256_from_u64((uint64_t)actual), divisor = arith256_from_u64((uint64_t)wanted);
    arith256 product = arith256_mul(&average, &factor), result = arith256_div(&product, &divisor);
    return arith256_to_compact(arith256_cmp(&result, &limit) > 0 ? &limit : &result);
}

/* One of four ways for bits to differ from block to block; always a target that pow_target accepts. */
static uint32_t random_bits(const struct chain_params *p, unsigned way, uint32_t before)
{
    static const uint32_t round[] = {0x008000, 0x00ffff, 0x010000, 0x400000, 0x7fffff, 0x100000};
    arith256 target;
    for (;;) {
        unsigned most = p->pow_limit_bits >> 24, size = way == 0 ? before >> 24 : way == 3 ? 1 + below(most) : most - below(5);
        uint32_t mantissa = below(3) ? below(0x800000) : way == 0 ? before & 0x7fffff : round[below(6)];
        uint32_t bits = (below(way == 0 ? 60 : 2) ? size : size + below(3) - 1) << 24 | mantissa;
        if (pow_target(p, bits, &target))
            return bits;
    }
}

/* Mostly a line; now and then a branch. */
static void plant_random(struct tree *t, const struct chain_params *p, unsigned way)
{
    static const uint64_t seed[2] = {3, 4};
    uint32_t prev = TREE_NONE, time = 1500000000, bits = p->pow_limit_bits;
    tree_init(t, seed);
    for (uint32_t i = 0; i < TREE_BLOCKS; i++) {
        prev = plant_one(t, prev, 40000, time, bits);
        if (below(50) == 0)
            prev -= below(i < 30 ? i + 1 : 30);
        time = tree_node(t, prev)->time + below(below(20) ? 330 : 3000) - below(100);
        bits = random_bits(p, way, tree_node(t, prev)->bits);
    }
}

static void check_random(const char *network, unsigned way)
{
    struct chain_params p;
    struct tree t;
    struct recent recent;
    assert_true(chain_params_init(&p, network));
    p.allow_min_difficulty = false;
    plant_random(&t, &p, way);
    recent_forget(&recent);
    for (uint32_t i = 0; i < 2 * TREE_BLOCKS; i++) {
        uint32_t node = i < TREE_BLOCKS ? i : below(TREE_BLOCKS), bits = 0;
        bool whole = tree_node(&t, node)->height >= 40000 + BLOCKS - 1;
        recent_move(&recent, &t, node);
        assert_int_equal(difficulty_required(&p, &t, &recent, 0, &bits), whole);
        if (whole && bits != naive_dgw(&p, &t, node))
            fail_msg("%s, way %u, node %u: %08x, expected %08x", network, way, node, bits, naive_dgw(&p, &t, node));
    }
    tree_free(&t);
}

static void test_random_chains_against_the_rule_as_written(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 4; way++) {
        check_random("mainnet", way);
        check_random("devnet", way);
    }
}

/* Where the last digit hangs on what is rounded off: the sum's 25th part is a multiple of a power of two, or just misses it. */
static void test_rounding_at_its_edges(void **state)
{
    (void)state;
    static const uint64_t seed[2] = {5, 6};
    struct chain_params p;
    assert_true(chain_params_init(&p, "mainnet"));
    for (uint32_t round = 0; round < 3000; round++) {
        struct tree t;
        struct recent recent;
        uint32_t size = 0x19 + below(4), mantissa = 0x8000 + below(0x7f0000), prev = TREE_NONE, bits;
        tree_init(&t, seed);
        recent_forget(&recent);
        for (uint32_t i = 0; i < BLOCKS; i++) {
            uint32_t other = below(4) == 0 ? below(3) - 1 : 0, time = 1500000000 + (i == BLOCKS - 1 ? BLOCKS * 150 : 0);
            prev = plant_one(&t, prev, 50000, time, size << 24 | (mantissa + other));
        }
        recent_move(&recent, &t, prev);
        assert_true(difficulty_required(&p, &t, &recent, 0, &bits));
        assert_int_equal(bits, naive_dgw(&p, &t, prev));
        tree_free(&t);
    }
}

static void test_tolerance_on_the_early_mainnet(void **state)
{
    (void)state;
    struct chain_params main_net, test_net;
    assert_true(chain_params_init(&main_net, "mainnet"));
    assert_true(chain_params_init(&test_net, "testnet"));
    static const struct {
        uint32_t bits, required;
        bool accepted;
    } known[] = {
        {0x1c0fffff, 0x1c0fffff, true},  {0x1c100000, 0x1c0fffff, true},
        {0x1c100000, 0x1c080000, false}, /* required is twice as hard as carried: |d - 2d| > d/2 */
        {0x1c100000, 0x1c0aaaaa, false}, /* just more than 1.5 times */
        {0x1c100000, 0x1c0aaaab, true},  /* just less */
        {0x1c100000, 0x1c200000, true},  /* required is half: |d - d/2| = d/2 */
        {0x1c100000, 0x1c200001, false}, /* less than half */
        {0x1c100000, 0x1d002001, false}, {0x1c100000, 0x1d001fff, true},
        {0x1c100000, 0x1b7fffff, false}, {0x1d001000, 0x1c100000, true}, /* the same target, written otherwise */
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        assert_int_equal(difficulty_accepts(&main_net, 68589, known[i].bits, known[i].required), known[i].accepted);
        bool equal = known[i].bits == known[i].required;
        assert_int_equal(difficulty_accepts(&main_net, 68590, known[i].bits, known[i].required), equal);
        assert_int_equal(difficulty_accepts(&test_net, 1, known[i].bits, known[i].required), equal);
    }
}

static void test_targets(void **state)
{
    (void)state;
    struct chain_params p;
    assert_true(chain_params_init(&p, "mainnet"));
    arith256 target;
    static const uint32_t good[] = {0x1e0fffff, 0x1e0ffff0, 0x1d00ffff, 0x03000001, 0x01010000, 0x1900ffff};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(pow_target(&p, good[i], &target));
    /* zero, above the limit, negative, overflow */
    static const uint32_t bad[] = {0,          0x1e000000, 0x01003456, 0x1e100000, 0x1f001000, 0x207fffff, 0x1e8fffff,
                                   0x04923456, 0xff123456, 0x23000001, 0x22000100, 0x21010000};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(pow_target(&p, bad[i], &target));
    /* 2^256 + 2^240: what is left of it lies below regtest's limit */
    assert_true(chain_params_init(&p, "regtest"));
    assert_false(pow_target(&p, 0x21010001, &target));
    assert_true(pow_target(&p, 0x21000001, &target));
}

static void test_hash_meets_target_as_a_number(void **state)
{
    (void)state;
    arith256 target = pow_target_of(0x1d00ffff);
    block_hash hash = {{0}};
    arith256_to_le(&target, hash.b);
    assert_true(pow_meets(&hash, &target)); /* equal is enough */
    hash.b[0] = 1;
    assert_false(pow_meets(&hash, &target));
    memset(hash.b, 0xff, 26); /* all the low bytes: 2^208 0xffff - ... is still above */
    assert_false(pow_meets(&hash, &target));
    hash.b[26] = 0xfe;
    assert_true(pow_meets(&hash, &target));
}

static void test_work_of_a_target(void **state)
{
    (void)state;
    static const struct {
        uint32_t bits;
        uint64_t work; /* floor(2^256 / (target + 1)) */
    } known[] = {{0x207fffff, 2},           {0x1e0fffff, 1048577},           {0x1e0ffff0, 1048592},
                 {0x1d00ffff, 4295032833u}, {0x1a00ffff, 72058693566333184u}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        arith256 target = pow_target_of(known[i].bits), work = pow_work(&target), expected = arith256_from_u64(known[i].work);
        assert_int_equal(arith256_cmp(&work, &expected), 0);
    }
}

static void test_work_of_bits_is_that_of_their_target(void **state)
{
    (void)state;
    struct chain_params p;
    assert_true(chain_params_init(&p, "devnet"));
    memset(p.pow_limit, 0xff, 32);
    for (uint32_t round = 0; round < 200000; round++) {
        uint32_t mantissa = round % 2 ? (uint32_t)1 << below(23) : below(0x800000), bits = below(36) << 24 | mantissa;
        arith256 target, work, expected;
        if (!pow_target(&p, bits, &target))
            continue;
        work = pow_work_of(bits);
        expected = pow_work(&target);
        if (arith256_cmp(&work, &expected) != 0)
            fail_msg("bits %08x", bits);
    }
}

static void test_what_bits_stand_for_is_remembered_only_when_they_are_good(void **state)
{
    (void)state;
    struct chain_params p;
    struct pow known = {0};
    assert_true(chain_params_init(&p, "mainnet"));
    assert_false(pow_know(&known, &p, 0));
    static const uint32_t bits[] = {0x1d00ffff, 0x1d00ffff, 0, 0x1e100000, 0x1c7fffff, 0x1d00ffff, 0x1d80ffff, 0x1d00ffff};
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        arith256 target, work;
        struct pow before;
        memcpy(&before, &known, sizeof(known));
        bool good = pow_target(&p, bits[i], &target);
        assert_int_equal(pow_know(&known, &p, bits[i]), good);
        if (!good) {
            assert_memory_equal(&known, &before, sizeof(known));
            continue;
        }
        work = pow_work(&target);
        assert_int_equal(known.bits, bits[i]);
        assert_int_equal(arith256_cmp(&known.target, &target), 0);
        assert_int_equal(arith256_cmp(&known.work, &work), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_required_bits_of_made_up_chains), cmocka_unit_test(test_tolerance_on_the_early_mainnet),
        cmocka_unit_test(test_targets),                         cmocka_unit_test(test_hash_meets_target_as_a_number),
        cmocka_unit_test(test_work_of_a_target),                cmocka_unit_test(test_work_of_bits_is_that_of_their_target),
        cmocka_unit_test(test_random_chains_against_the_rule_as_written), cmocka_unit_test(test_rounding_at_its_edges),
        cmocka_unit_test(test_what_bits_stand_for_is_remembered_only_when_they_are_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
