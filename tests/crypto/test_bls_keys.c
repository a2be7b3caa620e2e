/* crypto/bls/keys: many keys at once against bls_key_decode() of each: good ones in both encodings, broken bytes, points outside of
 * the subgroup in random places; failing allocations. */
#include "support/data.h"

#include "base/mem.h"
#include "crypto/bls/internal.h"

enum { MOST = 2200 };

static uint8_t bytes[MOST][48];
static struct bls_encoded_key encoded[MOST];
static const uint8_t SEED[32] = {11};

/* A point of the curve, in the basic encoding. */
static void outsider(uint8_t out[48], uint64_t *random)
{
    blst_p1_affine p;
    do {
        for (size_t i = 0; i < 48; i++)
            out[i] = (uint8_t)test_random(random);
        out[0] = 0x80 | (out[0] & 0x2f);
    } while (blst_p1_uncompress(&p, out) != BLST_SUCCESS);
}

static void good_keys(uint64_t *random)
{
    blst_p1 p = *blst_p1_generator();
    for (size_t i = 0; i < MOST; i++) {
        bls_key key;
        blst_p1_to_affine(&key.point, &p);
        blst_p1_double(&p, &p);
        blst_p1_add_or_double(&p, &p, blst_p1_generator());
        encoded[i] = (struct bls_encoded_key){bytes[i], test_random(random) % 2 ? BLS_BASIC : BLS_LEGACY};
        bls_key_encode(bytes[i], &key, encoded[i].scheme);
    }
}

enum breakage { FLIPPED_BIT, OUTSIDE, RANDOM, ZERO, INFINITE, TOO_LARGE, BREAKAGES };

static void break_key(size_t i, enum breakage how, uint64_t *random)
{
    switch (how) {
    case FLIPPED_BIT: bytes[i][test_random(random) % 48] ^= (uint8_t)(1 << test_random(random) % 8); break;
    case OUTSIDE:
        outsider(bytes[i], random);
        encoded[i].scheme = BLS_BASIC;
        break;
    case RANDOM:
        for (size_t k = 0; k < 48; k++)
            bytes[i][k] = (uint8_t)test_random(random);
        break;
    case ZERO: memset(bytes[i], 0, 48); break;
    case INFINITE:
        memset(bytes[i], 0, 48);
        bytes[i][0] = 0xc0;
        break;
    default: memset(bytes[i] + 1, 0xff, 47); break;
    }
}

static void compare(const struct bls_lanes *lanes, size_t n, struct rng *rng)
{
    static bls_key out[MOST];
    static bool ok[MOST];
    bls_key want;
    memset(ok, 2, sizeof(ok));
    assert_int_equal(bls_level_keys_decode(lanes, out, ok, encoded, n, rng), 0);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(ok[i], bls_key_decode(&want, encoded[i].bytes, encoded[i].scheme));
        if (ok[i])
            assert_memory_equal(&out[i], &want, sizeof(want));
    }
}

static void test_as_one_by_one(void **state)
{
    (void)state;
    static const size_t counts[] = {1, 2, 9, 63, 64, 65, 130, 300};
    const struct bls_lanes *levels[BLS_MOST_LEVELS];
    const size_t n_levels = bls_lanes_levels(levels);
    uint64_t random = 1;
    struct rng rng;
    rng_init(&rng, SEED);
    for (size_t l = 0; l < n_levels; l++)
        for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++)
            for (size_t broken = 0; broken < 4; broken++) {
                const size_t n = counts[k];
                good_keys(&random);
                for (size_t i = 0; i < broken * n / 4 + (broken > 0); i++)
                    break_key(test_random(&random) % n, (enum breakage)(test_random(&random) % BREAKAGES), &random);
                compare(levels[l], n, &rng);
                if (broken == 1)
                    compare(levels[l], n, NULL);
            }
}

/* One bad point among good ones, wherever it is and however many there are. */
static void test_one_outsider(void **state)
{
    (void)state;
    uint64_t random = 2;
    struct rng rng;
    rng_init(&rng, SEED);
    for (int round = 0; round < 10; round++) {
        good_keys(&random);
        break_key(test_random(&random) % 100, OUTSIDE, &random);
        compare(bls_lanes_best(), 100, &rng);
    }
    good_keys(&random); /* more than are done at once */
    break_key(MOST - 1, OUTSIDE, &random);
    compare(bls_lanes_best(), MOST, &rng);
}

static void test_failing_allocations(void **state)
{
    (void)state;
    static bls_key out[100];
    static bool ok[100];
    uint64_t random = 3;
    struct rng rng;
    good_keys(&random);
    size_t failures = 0;
    int result = DSPV_ENOMEM;
    while (result == DSPV_ENOMEM) {
        rng_init(&rng, SEED);
        mem_fail_after(++failures);
        result = bls_keys_decode(out, ok, encoded, 100, &rng);
        mem_fail_after(0);
    }
    assert_int_equal(result, 0);
    assert_int_equal(failures, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_one_by_one),
        cmocka_unit_test(test_one_outsider),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests_name("bls_keys", tests, NULL, NULL);
}
