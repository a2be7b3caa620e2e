/* chain/start_points: the table against recorded headers and work, and chains that start there. */
#include "support/data.h"

#include "chain/headers.h"
#include "chain/start_points.h"
#include "crypto/x11.h"

enum { LATER_S = 2000000000 };

static const uint64_t seed[2] = {3, 4};

static struct chain_params params_of(const char *network)
{
    struct chain_params p;
    assert_true(chain_params_init(&p, network));
    return p;
}

/* Every one can start a chain, lies at least 25 blocks below its checkpoint and above the one before, and work only grows. */
static void check_table(const char *network, size_t n, int32_t last_height)
{
    struct chain_params p = params_of(network);
    struct start_point previous = {.height = -1}, point;
    size_t found = 0;
    for (size_t i = 0; i < p.n_checkpoints; i++) {
        int32_t checkpoint = p.checkpoints[i].height;
        if (!start_point_below(&p, checkpoint, &point)) {
            assert_true(checkpoint <= p.dgw_height + 25 + 576);
            continue;
        }
        found++;
        assert_in_range(checkpoint - point.height, 25, 25 + 576);
        assert_true(point.height > previous.height && point.height >= p.dgw_height);
        bool more = false, less = false;
        for (int k = 31; k >= 0 && !more && !less; k--) {
            more = point.work[k] > previous.work[k];
            less = point.work[k] < previous.work[k];
        }
        assert_true(more);
        struct headers *h;
        uint8_t work[32];
        assert_int_equal(headers_new_from(&h, &p, seed, point.height, point.header, point.work), 0);
        assert_int_equal(headers_work(h, headers_tip(h), work), 0);
        assert_memory_equal(work, point.work, 32);
        headers_free(h);
        struct start_point same;
        assert_true(start_point_at(&p, point.height, &same));
        assert_memory_equal(&same, &point, sizeof(point));
        assert_false(start_point_at(&p, point.height + 1, &same));
        previous = point;
    }
    assert_int_equal(found, n);
    assert_true(start_point_below(&p, INT32_MAX, &point));
    assert_int_equal(point.height, last_height);
    assert_false(start_point_below(&p, 4000, &point));
}

static void test_tables(void **state)
{
    (void)state;
    check_table("mainnet", 32, 2421504);
    check_table("testnet", 15, 1379520);
    struct chain_params p = params_of("regtest");
    struct start_point point;
    assert_false(start_point_below(&p, INT32_MAX, &point));
    assert_false(start_point_at(&p, 2421504, &point));
}

/* The heights between two checkpoints lead to the lower one. */
static void test_heights(void **state)
{
    (void)state;
    struct chain_params p = params_of("mainnet");
    struct start_point a, b;
    assert_true(start_point_below(&p, 2361500, &a));
    assert_true(start_point_below(&p, 2421799, &b));
    assert_int_equal(a.height, b.height);
    assert_true(start_point_below(&p, 2361499, &b));
    assert_int_equal(b.height, 2216448);
}

/* The work of a chain below its first block here, from the minimum chain work's side: more than what the network demands. */
static void test_work_is_the_networks(void **state)
{
    (void)state;
    static const char *const networks[] = {"mainnet", "testnet"};
    for (int i = 0; i < 2; i++) {
        struct chain_params p = params_of(networks[i]);
        struct start_point point;
        assert_true(start_point_below(&p, INT32_MAX, &point));
        int differs = 31;
        while (point.work[differs] == p.minimum_chain_work[differs])
            differs--;
        assert_in_range(differs, 3, 9); /* about the same, and less: Core says that of a later block */
        assert_true(point.work[differs] < p.minimum_chain_work[differs]);
    }
}

/* Feed a recorded run from the start point on: all of it is taken, the checkpoint is passed, and the work at later records is
 * what another program counted. */
static void check_run(const char *file, int32_t first, int32_t checkpoint, int32_t start, size_t expected)
{
    struct chain_params p = params_of("testnet");
    struct start_point point;
    struct headers *h;
    dspv_fault fault;
    headers_node node;
    block_hash hash;
    struct bytes run = data_load(file), records = data_load("testnet/checkpoints.bin");
    assert_true(start_point_below(&p, checkpoint, &point));
    assert_int_equal(point.height, start);
    assert_memory_equal(run.p + (size_t)(start - first) * 80, point.header, 80);
    assert_int_equal(headers_new_from(&h, &p, seed, start, point.header, point.work), 0);
    for (int32_t height = start + 1; height < first + (int32_t)(run.n / 80); height++) {
        const uint8_t *raw = run.p + (size_t)(height - first) * 80;
        x11_hash(&hash, raw);
        assert_int_equal(headers_add(h, raw, &hash, LATER_S, &node, &fault), 0);
    }
    assert_true(headers_tip_height(h) > checkpoint);
    size_t compared = 0;
    for (size_t i = 0; i < records.n; i += 96) {
        int32_t height = (int32_t)load_be32(records.p + i + 12);
        uint8_t work[32], theirs[32] = {0};
        if (headers_at(h, height) == HEADERS_NONE)
            continue;
        for (int k = 0; k < 12; k++)
            theirs[k] = records.p[i + 11 - (size_t)k];
        assert_int_equal(headers_work(h, headers_at(h, height), work), 0);
        assert_memory_equal(work, theirs, 32);
        compared++;
    }
    assert_int_equal(compared, expected);
    headers_free(h);
    free(run.p);
    free(records.p);
}

static void test_recorded_runs(void **state)
{
    (void)state;
    data_or_skip();
    check_run("testnet/headers_844000_851999.bin", 844000, 851000, 850752, 3);
    check_run("testnet/headers_895000_907999.bin", 895000, 905100, 904896, 6);
}

/* A start that is not on the chain of the checkpoint: real headers, a block off. Refused at the checkpoint, whatever the work. */
static void test_another_start_is_refused_at_the_checkpoint(void **state)
{
    (void)state;
    data_or_skip();
    struct chain_params p = params_of("testnet");
    struct bytes run = data_load("testnet/headers_895000_907999.bin");
    for (int off = -1; off <= 1; off += 2) {
        struct headers *h;
        headers_node node;
        block_hash hash;
        dspv_fault fault;
        int rc = 0;
        int32_t height = 904896;
        const uint8_t *raw = run.p + (size_t)(height + off - 895000) * 80;
        assert_int_equal(headers_new_from(&h, &p, seed, height, raw, NULL), 0);
        while (rc == 0) {
            raw += 80;
            height++;
            x11_hash(&hash, raw);
            rc = headers_add(h, raw, &hash, LATER_S, &node, &fault);
        }
        assert_int_equal(rc, DSPV_EFAULT);
        assert_int_equal(fault.reason, DSPV_CHECKPOINT_MISMATCH);
        assert_int_equal(height, 905100);
        headers_free(h);
    }
    free(run.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_heights),
        cmocka_unit_test(test_work_is_the_networks),
        cmocka_unit_test(test_recorded_runs),
        cmocka_unit_test(test_another_start_is_refused_at_the_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
