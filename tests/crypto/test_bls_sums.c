/* crypto/bls/lanes and sums: every level against blst, one point at a time; sums that meet equal points, opposite ones
 * and infinity; the subgroup test against points outside; failing allocations. */
#include "support/data.h"

#include "base/mem.h"
#include "crypto/bls/sums.h"

enum { MOST = 200 };

static const uint8_t SEED[32] = {9};

static struct {
    blst_p1_affine points[MOST];
    const blst_p1_affine *at[MOST];
} pool;

static void random_scalar(blst_scalar *out, struct rng *rng)
{
    uint8_t bytes[32];
    rng_bytes(rng, bytes, 32);
    blst_scalar_from_be_bytes(out, bytes, 32);
}

static int fill_pool(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, SEED);
    for (size_t i = 0; i < MOST; i++) {
        blst_scalar s;
        blst_p1 p;
        random_scalar(&s, &rng);
        blst_p1_mult(&p, blst_p1_generator(), s.b, 255);
        blst_p1_to_affine(&pool.points[i], &p);
        pool.at[i] = &pool.points[i];
    }
    return 0;
}

/* x = 0, 1, 2, ...: a point of the curve, hardly ever in the subgroup. */
static blst_p1_affine outsider(uint64_t x)
{
    for (;; x++) {
        blst_p1_affine p;
        uint8_t bytes[48] = {0x80};
        for (int i = 0; i < 8; i++)
            bytes[47 - i] = (uint8_t)(x >> 8 * i);
        if (blst_p1_uncompress(&p, bytes) == BLST_SUCCESS && !blst_p1_affine_in_g1(&p))
            return p;
    }
}

/* ---- levels */

struct one_level {
    const struct bls_lanes *lanes;
    struct bls_pool pool;
    void *block;
};

static void open_level(struct one_level *l, const struct bls_lanes *lanes, size_t n)
{
    l->lanes = lanes;
    l->block = malloc(n * sizeof(struct bls_point) + BLS_LANES_SCRATCH + 64);
    uint8_t *aligned = (uint8_t *)l->block + (64 - (uintptr_t)l->block % 64) % 64;
    memset(aligned, 0, n * sizeof(struct bls_point));
    l->pool = (struct bls_pool){
        .lanes = lanes, .points = (struct bls_point *)(void *)(aligned + BLS_LANES_SCRATCH), .scratch = aligned};
}

static blst_p1_affine sum_of(const blst_p1_affine *a, bool minus_a, const blst_p1_affine *b, bool minus_b)
{
    blst_p1 sum, other;
    blst_p1_affine out = {0};
    blst_p1_from_affine(&sum, a);
    blst_p1_cneg(&sum, minus_a);
    blst_p1_from_affine(&other, b);
    blst_p1_cneg(&other, minus_b);
    blst_p1_add_or_double(&sum, &sum, &other);
    if (!blst_p1_is_inf(&sum))
        blst_p1_to_affine(&out, &sum);
    return out;
}

static void assert_point(const blst_p1_affine *got, const blst_p1_affine *want)
{
    assert_memory_equal(got, want, sizeof(*got));
}

/* `chosen` of the operations are of pairs that the formula does not cover; then results are operands. */
static void check_additions(const struct bls_lanes *lanes, size_t n, unsigned chosen, uint64_t *random)
{
    static struct bls_operation operations[MOST];
    static blst_p1_affine want[2 * MOST], got[2 * MOST];
    struct one_level l;
    open_level(&l, lanes, 2 * MOST + 4096);
    lanes->pack(l.pool.points, pool.at, MOST);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < n; i++) {
            const uint32_t base = round == 0 ? 0 : MOST, range = round == 0 ? MOST : (uint32_t)n;
            const uint64_t bits = test_random(random);
            uint32_t a = (uint32_t)(test_random(random) % range), b = (uint32_t)(test_random(random) % range);
            if (test_random(random) % 100 < chosen)
                b = a;
            if (round > 0) /* only own results may be overwritten while others are read */
                a = (uint32_t)i, b = (bits & 4) && b >= n ? a : b;
            const bool minus_a = bits & 1, minus_b = bits & 2;
            const blst_p1_affine *from = round == 0 ? pool.points : got + MOST;
            operations[i] = (struct bls_operation){(uint32_t)(MOST + i), (base + a) | (minus_a ? BLS_NEGATED : 0),
                                                   (round == 0 ? b : b % MOST) | (minus_b ? BLS_NEGATED : 0)};
            want[i] = sum_of(&from[a], minus_a, &pool.points[round == 0 ? b : b % MOST], minus_b);
        }
        lanes->add(&l.pool, operations, n);
        bool infinite = false;
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t which = MOST + i;
            lanes->unpack(&got[MOST + i], &l.pool, &which, 1);
            assert_point(&got[MOST + i], &want[i]);
            infinite |= blst_p1_affine_is_inf(&want[i]);
        }
        assert_true(l.pool.infinity || !infinite);
    }
    free(l.block);
}

static void check_single(const struct bls_lanes *lanes)
{
    struct one_level l;
    struct bls_operation operations[MOST];
    blst_p1_affine got[MOST], want;
    uint32_t which[MOST];
    open_level(&l, lanes, 2 * MOST);
    for (size_t n = 1; n <= MOST; n += n < 20 ? 1 : 37) {
        lanes->pack(l.pool.points, pool.at, n);
        for (uint32_t i = 0; i < n; i++)
            which[i] = i | (i % 3 == 0 ? BLS_NEGATED : 0);
        lanes->unpack(got, &l.pool, which, n);
        for (uint32_t i = 0; i < n; i++) {
            blst_p1 p;
            blst_p1_from_affine(&p, pool.at[i]);
            blst_p1_cneg(&p, i % 3 == 0);
            blst_p1_to_affine(&want, &p);
            assert_point(&got[i], &want);
            operations[i] = (struct bls_operation){MOST + i, i, i};
            which[i] = MOST + i;
        }
        lanes->twice(&l.pool, operations, n);
        lanes->unpack(got, &l.pool, which, n);
        for (size_t i = 0; i < n; i++) {
            want = sum_of(pool.at[i], false, pool.at[i], false);
            assert_point(&got[i], &want);
        }
        static const uint8_t XX[16] = {0, 0, 0, 0, 1, 0, 0, 0, 2, 0xa4, 1, 0, 1, 0xa4, 0x45, 0xac};
        lanes->turn(l.pool.points + MOST, l.pool.points, n);
        lanes->unpack(got, &l.pool, which, n);
        for (size_t i = 0; i < n; i++) {
            blst_p1 p;
            blst_p1_from_affine(&p, pool.at[i]);
            blst_p1_mult(&p, &p, XX, 128);
            blst_p1_cneg(&p, true);
            blst_p1_to_affine(&want, &p);
            assert_point(&got[i], &want);
        }
    }
    assert_false(l.pool.infinity);
    free(l.block);
}

static void check_roots(const struct bls_lanes *lanes)
{
    blst_fp squares[MOST], roots[MOST], back;
    for (size_t i = 0; i < MOST; i++)
        blst_fp_sqr(&squares[i], &pool.points[i].x);
    memset(&squares[3], 0, sizeof(squares[3]));
    for (size_t n = 1; n <= MOST; n = 2 * n + 1) {
        memset(roots, 1, sizeof(roots));
        lanes->roots(roots, squares, n);
        for (size_t i = 0; i < n; i++) {
            blst_fp_sqr(&back, &roots[i]);
            assert_memory_equal(&back, &squares[i], sizeof(back));
        }
    }
}

static void test_levels(void **state)
{
    (void)state;
    const struct bls_lanes *levels[BLS_MOST_LEVELS];
    const size_t n = bls_lanes_levels(levels);
    uint64_t random = 1;
    for (size_t i = 0; i < n; i++) {
        print_message("  %s\n", levels[i]->name);
        check_single(levels[i]);
        check_roots(levels[i]);
        for (size_t count = 1; count <= MOST; count += count < 20 ? 1 : 30) {
            check_additions(levels[i], count, 0, &random);
            check_additions(levels[i], count, 10, &random);
            check_additions(levels[i], count, 100, &random);
        }
    }
    assert_ptr_equal(bls_lanes_best(), levels[n - 1]);
}

/* ---- weights */

static void test_weights(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, SEED);
    static const uint8_t XX[16] = {0, 0, 0, 0, 1, 0, 0, 0, 2, 0xa4, 1, 0, 1, 0xa4, 0x45, 0xac};
    for (int round = 0; round < 200; round++) {
        blst_scalar s, part;
        if (round < 3)
            memset(&s, round == 0 ? 0 : round == 1 ? 0x55 : 0x73, sizeof(s));
        else
            random_scalar(&s, &rng);
        const struct bls_weight w = bls_weight_of(&s);
        blst_fr a, b, xx, want;
        blst_fr_from_uint64(&a, (const uint64_t[4]){w.a[0], w.a[1]});
        blst_fr_from_uint64(&b, (const uint64_t[4]){w.b[0], w.b[1]});
        blst_scalar_from_lendian(&part, (uint8_t[32]){0});
        memcpy(part.b, XX, 16);
        blst_fr_from_scalar(&xx, &part);
        blst_fr_from_scalar(&want, &s);
        blst_fr_mul(&b, &b, &xx);
        blst_fr_add(&a, &a, &b);
        assert_memory_equal(&a, &want, sizeof(a));
        assert_true(w.a[1] < 0xac45a4010001a402 || (w.a[1] == 0xac45a4010001a402 && w.a[0] < 0x100000000));
    }
}

/* ---- weighted sums */

/* One point times one weight, by blst. */
static void add_product(blst_p1 *sum, const blst_p1_affine *point, const struct bls_weight *w)
{
    static const uint8_t XX[16] = {0, 0, 0, 0, 1, 0, 0, 0, 2, 0xa4, 1, 0, 1, 0xa4, 0x45, 0xac};
    const uint64_t *halves[2] = {w->a, w->b};
    for (int half = 0; half < 2; half++) {
        blst_p1 p;
        uint8_t bytes[17] = {0};
        for (int i = 0; i < 16; i++)
            bytes[i] = (uint8_t)(halves[half][i / 8] >> 8 * (i % 8));
        blst_p1_from_affine(&p, point);
        if (half == 1)
            blst_p1_mult(&p, &p, XX, 128);
        blst_p1_mult(&p, &p, bytes, 128);
        blst_p1_add_or_double(sum, sum, &p);
    }
}

static void random_weight(struct bls_weight *w, unsigned bits, struct rng *rng)
{
    for (int i = 0; i < 2; i++) {
        w->a[i] = rng_u64(rng);
        w->b[i] = rng_u64(rng);
    }
    if (bits == 32)
        *w = (struct bls_weight){{w->a[0] >> 32}, {w->b[0] >> 32}};
}

static void check_sums(const struct bls_lanes *lanes, size_t n_sums, size_t most, unsigned bits, bool few_points, struct rng *rng)
{
    enum { SUMS = 8, EACH = 70 };
    static struct bls_weight weights[SUMS][EACH];
    static const blst_p1_affine *points[SUMS][EACH];
    struct bls_weighted_sum sums[SUMS];
    blst_p1 want;
    assert_true(n_sums <= SUMS && most <= EACH);
    for (size_t s = 0; s < n_sums; s++) {
        sums[s] = (struct bls_weighted_sum){points[s], weights[s], 1 + rng_below(rng, most), {{{0}}}};
        for (size_t i = 0; i < sums[s].n; i++) {
            points[s][i] = pool.at[rng_below(rng, few_points ? 2 : MOST)];
            random_weight(&weights[s][i], bits, rng);
            if (rng_below(rng, 8) == 0)
                memset(&weights[s][i].a, 0, 16);
            if (few_points && i > 0 && rng_below(rng, 2) == 0)
                weights[s][i] = weights[s][i - 1];
        }
    }
    assert_int_equal(bls_weighted_sums(lanes, sums, n_sums, bits), 0);
    for (size_t s = 0; s < n_sums; s++) {
        memset(&want, 0, sizeof(want));
        for (size_t i = 0; i < sums[s].n; i++)
            add_product(&want, points[s][i], &weights[s][i]);
        assert_true(blst_p1_is_equal(&sums[s].sum, &want));
    }
}

static void test_weighted_sums(void **state)
{
    (void)state;
    const struct bls_lanes *levels[BLS_MOST_LEVELS];
    struct rng rng;
    rng_init(&rng, SEED);
    for (size_t i = 0, n = bls_lanes_levels(levels); i < n; i++)
        for (int round = 0; round < 6; round++)
            for (unsigned bits = 32; bits <= 128; bits += 96) {
                check_sums(levels[i], 1, 1, bits, false, &rng);
                check_sums(levels[i], 1, 3, bits, true, &rng);
                check_sums(levels[i], 8, 70, bits, false, &rng);
                check_sums(levels[i], 5, 40, bits, true, &rng);
            }
    /* Weights whose highest digit carries, and a sum that is infinity. */
    const struct bls_weight most = {{UINT64_MAX, UINT64_MAX}, {UINT64_MAX, UINT64_MAX}};
    blst_p1_affine opposite;
    blst_p1 p, want = {0};
    blst_p1_from_affine(&p, pool.at[0]);
    blst_p1_cneg(&p, true);
    blst_p1_to_affine(&opposite, &p);
    const blst_p1_affine *both[2] = {pool.at[0], &opposite};
    const struct bls_weight twice[2] = {most, most};
    for (size_t i = 0, n = bls_lanes_levels(levels); i < n; i++) {
        struct bls_weighted_sum sums[3] = {{pool.at, &most, 1}, {both, twice, 2}, {both, twice, 0}};
        assert_int_equal(bls_weighted_sums(levels[i], sums, 3, 128), 0);
        memset(&want, 0, sizeof(want));
        add_product(&want, pool.at[0], &most);
        assert_true(blst_p1_is_equal(&sums[0].sum, &want));
        assert_true(blst_p1_is_inf(&sums[1].sum) && blst_p1_is_inf(&sums[2].sum));
    }
}

/* ---- the subgroup */

static void test_subgroup(void **state)
{
    (void)state;
    const struct bls_lanes *levels[BLS_MOST_LEVELS];
    const blst_p1_affine *points[MOST];
    struct rng rng;
    bool yes;
    rng_init(&rng, SEED);
    for (size_t i = 0, n_levels = bls_lanes_levels(levels); i < n_levels; i++)
        for (size_t n = 1; n <= MOST; n = 3 * n) {
            memcpy(points, pool.at, sizeof(points));
            assert_int_equal(bls_points_in_group(levels[i], points, n, &rng, &yes), 0);
            assert_true(yes);
            const blst_p1_affine out = outsider(n);
            points[rng_below(&rng, n)] = &out;
            assert_int_equal(bls_points_in_group(levels[i], points, n, &rng, &yes), 0);
            assert_false(yes);
        }
}

/* The points that are hardest to notice: of order 3, alone, in pairs that cancel, and added to good points. */
static void test_subgroup_order_3(void **state)
{
    (void)state;
    const struct bls_lanes *levels[BLS_MOST_LEVELS];
    const blst_p1_affine *points[MOST];
    blst_p1_affine third = {0}, minus, mixed[MOST];
    struct rng rng;
    rng_init(&rng, SEED);
    blst_fp_from_uint64(&third.y, (const uint64_t[6]){2}); /* (0, 2) */
    assert_true(blst_p1_affine_on_curve(&third));
    minus = sum_of(&third, false, &third, false);
    assert_memory_equal(&minus.x, &third.x, sizeof(third.x));
    for (size_t i = 0, n_levels = bls_lanes_levels(levels); i < n_levels; i++)
        for (int round = 0; round < 20; round++) {
            const size_t n = 2 + rng_below(&rng, 60);
            bool yes;
            for (size_t k = 0; k < n; k++) {
                const bool tainted = k < 2 || rng_below(&rng, 4) == 0;
                mixed[k] = tainted ? sum_of(pool.at[k], false, k % 2 ? &third : &minus, false) : *pool.at[k];
                points[k] = &mixed[k];
            }
            if (round % 2 == 0) {
                points[0] = &third;
                points[1] = &minus;
            }
            assert_int_equal(bls_points_in_group(levels[i], points, n, &rng, &yes), 0);
            assert_false(yes);
        }
}

static void test_failing_allocations(void **state)
{
    (void)state;
    struct rng rng;
    bool yes;
    const struct bls_weight w = {{5}, {7}};
    struct bls_weighted_sum sum = {pool.at, &w, 1};
    rng_init(&rng, SEED);
    mem_fail_after(1);
    assert_int_equal(bls_weighted_sums(bls_lanes_best(), &sum, 1, 32), DSPV_ENOMEM);
    mem_fail_after(1);
    assert_int_equal(bls_points_in_group(bls_lanes_best(), pool.at, 5, &rng, &yes), DSPV_ENOMEM);
    mem_fail_after(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),          cmocka_unit_test(test_weights),
        cmocka_unit_test(test_weighted_sums),   cmocka_unit_test(test_subgroup),
        cmocka_unit_test(test_subgroup_order_3), cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests_name("bls_sums", tests, fill_pool, NULL);
}
