/* chain/checkpoints: what a network is given besides its own checkpoints. */
#include "support/data.h"

#include "base/mem.h"
#include "chain/params.h"
#include "chain/start_points.h"
#include "crypto/x11.h"

static struct chain_params make(const char *network)
{
    struct chain_params p;
    assert_true(chain_params_init(&p, network));
    return p;
}

static block_hash hash_of(int32_t n)
{
    block_hash hash = {{(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), 1}};
    return hash;
}

static const char *give(struct chain_params *p, int32_t height, int32_t n)
{
    block_hash hash = hash_of(n);
    return chain_params_add_checkpoint(p, height, &hash);
}

static void assert_ascending(const struct chain_params *p)
{
    for (size_t i = 1; i < p->n_checkpoints; i++)
        assert_true(p->checkpoints[i - 1].height < p->checkpoints[i].height);
}

/* In any order, and among the built-in ones, of which none is lost. */
static void test_given_in_any_order(void **state)
{
    static const char *const networks[] = {"mainnet", "testnet", "regtest", "devnet-foo"};
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        struct chain_params p = make(networks[k]), built_in = p;
        uint64_t rng = 5;
        int32_t last = chain_params_last_checkpoint(&p);
        size_t more = 0;
        for (int i = 0; i < 3000; i++) {
            int32_t height = 2 + (int32_t)(test_random(&rng) % 2600000);
            struct start_point start;
            bool known = chain_params_checkpoint(&p, height) || start_point_at(&p, height, &start);
            more += !known;
            assert_true((give(&p, height, height) == NULL) ==
                        (!known || (!chain_params_checkpoint(&built_in, height) && chain_params_checkpoint(&p, height))));
            last = !known && height > last ? height : last;
        }
        assert_int_equal(p.n_checkpoints, built_in.n_checkpoints + more);
        assert_ascending(&p);
        assert_int_equal(chain_params_last_checkpoint(&p), last);
        for (size_t i = 0; i < p.n_checkpoints; i++) {
            const struct checkpoint *c = &p.checkpoints[i], *own = chain_params_checkpoint(&built_in, c->height);
            block_hash hash = own ? own->hash : hash_of(c->height);
            assert_true(block_hash_eq(&c->hash, &hash));
        }
        chain_params_free(&p);
    }
}

static void test_refused(void **state)
{
    (void)state;
    struct chain_params p = make("mainnet"), devnet = make("devnet-foo");
    struct start_point start;
    block_hash known = p.checkpoints[3].hash, of_start;
    assert_null(chain_params_add_checkpoint(&p, p.checkpoints[3].height, &known)); /* the same again */
    assert_null(p.given);
    assert_non_null(strstr(give(&p, 0, 1), "height"));
    assert_non_null(strstr(give(&p, -5, 1), "height"));
    assert_non_null(strstr(give(&p, INT32_MAX, 1), "height"));
    assert_non_null(strstr(give(&p, 1 << 30, 1), "height"));
    assert_null(give(&p, (1 << 30) - 1, 1));
    assert_non_null(strstr(give(&p, 16912, 1), "another block"));
    assert_null(give(&p, 7000, 1));
    assert_null(give(&p, 7000, 1));
    assert_non_null(strstr(give(&p, 7000, 2), "another block"));
    assert_true(start_point_below(&p, INT32_MAX / 2 - 1, &start));
    x11_hash(&of_start, start.header);
    assert_non_null(strstr(give(&p, start.height, 1), "another block"));
    assert_null(chain_params_add_checkpoint(&p, start.height, &of_start));
    assert_int_equal(p.n_checkpoints, 37 + 3);
    assert_non_null(strstr(give(&devnet, 1, 1), "another block"));
    assert_null(chain_params_add_checkpoint(&devnet, 1, &devnet.block1_hash));
    chain_params_free(&p);
    chain_params_free(&devnet);
}

/* Where the chain starts by default is where it did. */
static void test_start_points_stay(void **state)
{
    (void)state;
    struct chain_params p = make("testnet");
    struct start_point before, after;
    assert_true(start_point_below(&p, INT32_MAX, &before));
    assert_null(give(&p, 1400000, 1));
    assert_true(start_point_below(&p, INT32_MAX, &after));
    assert_memory_equal(&before, &after, sizeof(before));
    chain_params_free(&p);
}

static void test_no_more_than_that(void **state)
{
    (void)state;
    struct chain_params p = make("mainnet");
    for (int32_t height = 3000000; p.n_checkpoints < CHECKPOINTS_MOST; height++)
        assert_null(give(&p, height, height));
    assert_non_null(strstr(give(&p, 4000000, 1), "100000"));
    assert_null(give(&p, 3000000, 3000000));
    assert_int_equal(p.n_checkpoints, CHECKPOINTS_MOST);
    assert_int_equal(chain_params_checkpoint_above(&p, 3050000)->height, 3050001);
    chain_params_free(&p);
}

/* A copy outlives what it was made of, and is not changed with it. */
static void test_copies(void **state)
{
    (void)state;
    struct chain_params p = make("mainnet"), copy, plain;
    assert_int_equal(chain_params_copy(&plain, &p), 0);
    assert_ptr_equal(plain.checkpoints, p.checkpoints); /* the built-in ones belong to nobody */
    for (int32_t i = 1; i <= 100; i++)
        assert_null(give(&p, 2500000 + i, i));
    assert_int_equal(chain_params_copy(&copy, &p), 0);
    assert_null(give(&p, 2600000, 1));
    assert_null(give(&copy, 2700000, 1));
    chain_params_free(&p);
    assert_int_equal(copy.n_checkpoints, 37 + 101);
    assert_ascending(&copy);
    assert_int_equal(chain_params_last_checkpoint(&copy), 2700000);
    assert_null(chain_params_checkpoint(&copy, 2600000));
    assert_int_equal(plain.n_checkpoints, 37);
    chain_params_free(&copy);
    chain_params_free(&plain);
}

static void test_without_memory(void **state)
{
    (void)state;
    struct chain_params p = make("testnet"), copy;
    const struct checkpoint *built_in = p.checkpoints;
    mem_fail_after(1);
    assert_non_null(strstr(give(&p, 9, 1), "memory"));
    mem_fail_after(0);
    assert_ptr_equal(p.checkpoints, built_in);
    assert_int_equal(p.n_checkpoints, 19);
    assert_null(give(&p, 9, 1));
    mem_fail_after(1);
    assert_int_equal(chain_params_copy(&copy, &p), DSPV_ENOMEM);
    mem_fail_after(0);
    assert_null(copy.given);
    assert_int_equal(copy.n_checkpoints, 0);
    assert_int_equal(p.n_checkpoints, 20);
    chain_params_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_given_in_any_order), cmocka_unit_test(test_refused), cmocka_unit_test(test_start_points_stay),
        cmocka_unit_test(test_no_more_than_that),  cmocka_unit_test(test_copies),  cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
