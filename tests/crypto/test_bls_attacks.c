/* What somebody would try who chooses keys and signatures: points of the small orders that the curve has outside of the subgroup,
 * mixed into good keys so that they cancel; keys whose partial sums meet; signatures whose errors cancel; numbers at the edges of
 * the lanes. The oracles judge one by one, by blst. */
#include "crypto/bls_vectors.h"

#include <blst_aux.h>

#include "crypto/bls/internal.h"

/* ---- points of small order */

enum { ORDERS = 6, KEYS = 64 };

/* The prime orders of points outside of the subgroup, and a product of them. */
static const uint64_t orders[ORDERS] = {3, 11, 10177, 859267, 52437899, 33};
static const uint64_t EXPONENT = 0xd201000000010001; /* of the group of them: the product of the primes */

static blst_p1_affine torsion[ORDERS];
static blst_p1_affine good[KEYS];

/* Bit by bit: blst's multiplication is only for points of the subgroup. */
static void multiply(blst_p1 *p, const uint8_t *big_endian, size_t n)
{
    blst_p1 sum = {0};
    for (size_t bit = 0; bit < 8 * n; bit++) {
        blst_p1_double(&sum, &sum);
        if (big_endian[bit / 8] >> (7 - bit % 8) & 1)
            blst_p1_add_or_double(&sum, &sum, p);
    }
    *p = sum;
}

static void multiply_word(blst_p1 *p, uint64_t by)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(by >> (56 - 8 * i));
    multiply(p, bytes, 8);
}

static blst_p1_affine affine(const blst_p1 *p)
{
    blst_p1_affine out = {0};
    if (!blst_p1_is_inf(p))
        blst_p1_to_affine(&out, p);
    return out;
}

static blst_p1_affine times(const blst_p1_affine *a, uint64_t by, bool negated)
{
    blst_p1 p;
    blst_p1_from_affine(&p, a);
    multiply_word(&p, by);
    blst_p1_cneg(&p, negated);
    return affine(&p);
}

static blst_p1_affine sum_of(const blst_p1_affine *a, const blst_p1_affine *b)
{
    blst_p1 p;
    blst_p1_from_affine(&p, a);
    blst_p1_add_or_double_affine(&p, &p, b);
    return affine(&p);
}

/* A point of exactly this order: r and the rest of the exponent times a point of the curve. */
static blst_p1_affine point_of_order(uint64_t order, uint64_t *random)
{
    static const uint8_t R[32] = {0x73, 0xed, 0xa7, 0x53, 0x29, 0x9d, 0x7d, 0x48, 0x33, 0x39, 0xd8, 0x08, 0x09, 0xa1, 0xd8, 0x05,
                                  0x53, 0xbd, 0xa4, 0x02, 0xff, 0xfe, 0x5b, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01};
    for (;;) {
        uint8_t bytes[48];
        blst_p1_affine start;
        blst_p1 p;
        for (size_t i = 0; i < 48; i++)
            bytes[i] = (uint8_t)test_random(random);
        bytes[0] = 0x80 | (bytes[0] & 0x2f);
        if (blst_p1_uncompress(&start, bytes) != BLST_SUCCESS)
            continue;
        blst_p1_from_affine(&p, &start);
        multiply(&p, R, sizeof(R));
        multiply_word(&p, EXPONENT / order);
        bool smaller = blst_p1_is_inf(&p);
        for (size_t i = 0; i < ORDERS; i++) {
            blst_p1 q = p;
            if (order % orders[i] == 0 && orders[i] < order) {
                multiply_word(&q, order / orders[i]);
                smaller |= blst_p1_is_inf(&q);
            }
        }
        if (!smaller)
            return affine(&p);
    }
}

static int make_points(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (size_t i = 0; i < ORDERS; i++)
        torsion[i] = point_of_order(orders[i], &random);
    for (size_t i = 0; i < KEYS; i++) {
        const struct bls_secret secret = secret_random(&random);
        bls_key key;
        bls_secret_key(&secret, &key);
        good[i] = key.point;
    }
    return 0;
}

/* The oracle knows each of them, alone and added to a good key, whatever their encoding. */
static void test_small_orders_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < ORDERS; i++) {
        const blst_p1_affine none = times(&torsion[i], orders[i], false);
        assert_true(blst_p1_affine_is_inf(&none));
        for (uint64_t k = 1; k < 11 && k < orders[i]; k++) {
            const blst_p1_affine multiple = times(&torsion[i], k, k % 2);
            const bls_key keys[2] = {{multiple}, {sum_of(&multiple, &good[k])}};
            for (int which = 0; which < 2; which++) {
                assert_true(blst_p1_affine_on_curve(&keys[which].point));
                assert_false(blst_p1_affine_in_g1(&keys[which].point));
                for (int scheme = 0; scheme < 2; scheme++) {
                    uint8_t bytes[48];
                    bls_key out;
                    bls_key_encode(bytes, &keys[which], (enum bls_scheme)scheme);
                    assert_false(bls_key_decode(&out, bytes, (enum bls_scheme)scheme));
                }
            }
        }
    }
}

enum pattern { ALONE, TAINTED, PAIR, TAINTED_PAIR, MANY_TIMES, WHOLE_ORDER, EVERYWHERE, AROUND_ONE, TWO_ORDERS, PATTERNS };

static void put(blst_p1_affine points[KEYS], size_t i, const blst_p1_affine *t)
{
    points[i] = sum_of(&points[i], t);
}

/* Good keys with points outside among them; most sums of them vanish. */
static void mix(blst_p1_affine points[KEYS], enum pattern how, size_t order, uint64_t *random)
{
    const blst_p1_affine t = torsion[order], minus = times(&t, 1, true);
    const size_t at = test_random(random) % (KEYS / 2), other = at + 1 + test_random(random) % (KEYS / 2);
    memcpy(points, good, sizeof(good));
    switch (how) {
    case ALONE: points[at] = t; break;
    case TAINTED: put(points, at, &t); break;
    case PAIR: points[at] = t, points[other] = minus; break;
    case TAINTED_PAIR: put(points, at, &t), put(points, other, &minus); break;
    case MANY_TIMES:
        for (size_t i = 0; i < KEYS / 2; i++)
            points[i] = t;
        break;
    case WHOLE_ORDER:
        for (size_t i = 0; i < KEYS && i < orders[order]; i++)
            put(points, i, &t);
        break;
    case EVERYWHERE:
        for (size_t i = 0; i < KEYS; i++)
            put(points, i, test_random(random) % 2 ? &t : &minus);
        break;
    case AROUND_ONE: /* K + T, K - T, -K + T, ... */
        for (size_t i = 0; i < KEYS / 2; i++) {
            points[i] = times(&good[0], 1, i & 2);
            put(points, i, i & 1 ? &t : &minus);
        }
        break;
    default: put(points, at, &t), put(points, other, &torsion[(order + 1) % ORDERS]); break;
    }
}

/* No mixture passes, whatever the secrets. */
static void test_small_orders_mixed(void **state)
{
    (void)state;
    enum { SEEDS = 4 };
    const struct bls_lanes *levels[BLS_MOST_LEVELS];
    blst_p1_affine points[KEYS];
    const blst_p1_affine *at[KEYS];
    uint64_t random = 2;
    struct rng rng;
    rng_init(&rng, (const uint8_t[32]){21});
    for (size_t i = 0; i < KEYS; i++)
        at[i] = &points[i];
    for (size_t l = 0, n_levels = bls_lanes_levels(levels); l < n_levels; l++)
        for (size_t order = 0; order < ORDERS; order++)
            for (int how = 0; how < PATTERNS; how++)
                for (int seed = 0; seed < SEEDS; seed++) {
                    bool yes = true;
                    mix(points, (enum pattern)how, order, &random);
                    assert_int_equal(bls_points_in_group(levels[l], at, KEYS, &rng, &yes), 0);
                    if (yes)
                        fail_msg("%s: order %d, pattern %d", levels[l]->name, (int)orders[order], how);
                }
}

/* Decoded together in both encodings: each key has the verdict that it has alone. */
static void test_small_orders_decoded(void **state)
{
    (void)state;
    uint8_t bytes[KEYS][48];
    struct bls_encoded_key in[KEYS];
    bls_key out[KEYS], want;
    bool ok[KEYS];
    uint64_t random = 3;
    struct rng rng;
    rng_init(&rng, (const uint8_t[32]){22});
    for (size_t order = 0; order < ORDERS; order++)
        for (int how = 0; how < PATTERNS; how++) {
            blst_p1_affine points[KEYS];
            mix(points, (enum pattern)how, order, &random);
            for (size_t i = 0; i < KEYS; i++) {
                const bls_key key = {points[i]};
                in[i] = (struct bls_encoded_key){bytes[i], test_random(&random) % 2 ? BLS_BASIC : BLS_LEGACY};
                bls_key_encode(bytes[i], &key, in[i].scheme);
            }
            assert_int_equal(bls_keys_decode(out, ok, in, KEYS, &rng), 0);
            for (size_t i = 0; i < KEYS; i++) {
                assert_int_equal(ok[i], bls_key_decode(&want, bytes[i], in[i].scheme));
                if (ok[i])
                    assert_memory_equal(&out[i], &want, sizeof(want));
            }
        }
}

/* ---- keys whose sums meet */

/* Small multiples of one key and of X^2 times it, both signs: what the tables of sums hold themselves. */
static blst_p1_affine relative(const blst_p1_affine *key, uint64_t *random)
{
    blst_p1_affine out = *key;
    if (test_random(random) % 3 == 0)
        for (int i = 0; i < 2; i++)
            out = times(&out, 0xd201000000010000, false);
    return times(&out, 1 + test_random(random) % 17, test_random(random) % 2);
}

static void scalar_times(blst_p1 *sum, const blst_p1_affine *point, const blst_scalar *by)
{
    blst_p1 p;
    blst_p1_from_affine(&p, point);
    blst_p1_mult(&p, &p, by->b, BLS_SCALAR_BITS);
    blst_p1_add_or_double(sum, sum, &p);
}

static void test_quorums_of_relatives(void **state)
{
    (void)state;
    uint64_t random = 4;
    for (int round = 0; round < 40; round++) {
        bls_key keys[KEYS];
        const bls_key *at[KEYS];
        const size_t n = 1 + test_random(&random) % KEYS;
        for (size_t i = 0; i < n; i++) {
            keys[i].point = round % 3 == 0 ? times(&good[0], 1, test_random(&random) % 2) : relative(&good[0], &random);
            at[i] = &keys[i];
        }
        struct bls_aggregate a = {.keys = at, .n = n, .scheme = round % 2 ? BLS_BASIC : BLS_LEGACY};
        struct bls_weighting w;
        blst_p1 want = {0};
        assert_int_equal(bls_weighting_init(&w, at, n, a.scheme), 0);
        for (size_t i = 0; i < n; i++)
            scalar_times(&want, &keys[w.order[i]].point, &w.weights[i]);
        bls_weighting_free(&w);
        assert_int_equal(bls_keys_aggregate_weighted(&a, 1), 0);
        assert_int_equal(a.result, blst_p1_is_inf(&want) ? DSPV_EFAULT : 0);
        const blst_p1_affine sum = affine(&want);
        if (a.result == 0)
            assert_memory_equal(&a.sum.point, &sum, sizeof(sum));
    }
}

/* Weights of few bits, which no hash gives, so that nearly every addition meets an equal point, an opposite one or infinity. */
static void test_sums_that_meet(void **state)
{
    (void)state;
    static const uint64_t words[] = {0, 1, 2, 3, 15, 16, 17, 31, 0x80000000, 0xffffffff};
    const struct bls_lanes *levels[BLS_MOST_LEVELS];
    uint64_t random = 5;
    for (size_t l = 0, n_levels = bls_lanes_levels(levels); l < n_levels; l++)
        for (int round = 0; round < 12; round++) {
            enum { SUMS = 4, EACH = 24 };
            blst_p1_affine points[SUMS][EACH];
            const blst_p1_affine *at[SUMS][EACH];
            struct bls_weight weights[SUMS][EACH];
            struct bls_weighted_sum sums[SUMS];
            blst_p1 want[SUMS] = {{{{0}}}};
            for (size_t s = 0; s < SUMS; s++) {
                sums[s] = (struct bls_weighted_sum){at[s], weights[s], 1 + test_random(&random) % EACH, {{{0}}}};
                for (size_t i = 0; i < sums[s].n; i++) {
                    points[s][i] = relative(&good[0], &random);
                    at[s][i] = &points[s][i];
                    weights[s][i] = (struct bls_weight){{words[test_random(&random) % 10]}, {words[test_random(&random) % 10]}};
                    blst_p1_affine a = times(&points[s][i], weights[s][i].a[0], false), b = points[s][i];
                    for (int k = 0; k < 2; k++)
                        b = times(&b, 0xd201000000010000, false);
                    b = times(&b, weights[s][i].b[0], false);
                    blst_p1_add_or_double_affine(&want[s], &want[s], &a);
                    blst_p1_add_or_double_affine(&want[s], &want[s], &b);
                }
            }
            assert_int_equal(bls_weighted_sums(levels[l], sums, SUMS, round % 2 ? 32 : 128), 0);
            for (size_t s = 0; s < SUMS; s++)
                assert_true(blst_p1_is_equal(&sums[s].sum, &want[s]));
        }
}

/* ---- numbers at the edges */

/* There is one way to write a number below r as a + b*X^2 with a below X^2. */
static void test_weights_at_edges(void **state)
{
    (void)state;
    enum { HALVES = 11 };
    static const uint64_t XX[4] = {0x0000000100000000, 0xac45a4010001a402};
    static const uint64_t halves[HALVES][4] = {
        {0},
        {1},
        {2},
        {UINT64_MAX},
        {0, 1},
        {UINT64_MAX, 1},
        {0, (uint64_t)1 << 63},
        {UINT64_MAX, UINT64_MAX >> 1},
        {0, 0xac45a4010001a402},
        {0xfffffffe, 0xac45a4010001a402},
        {0xffffffff, 0xac45a4010001a402}, /* X^2 - 1 */
    };
    blst_fr square;
    blst_fr_from_uint64(&square, XX);
    for (size_t b = 0; b < HALVES; b++)
        for (size_t a = 0; a < (b + 1 < HALVES ? HALVES : 1); a++) { /* (X^2 - 1) X^2 is r - 1 */
            blst_fr low, high;
            blst_scalar scalar;
            blst_fr_from_uint64(&low, halves[a]);
            blst_fr_from_uint64(&high, halves[b]);
            blst_fr_mul(&high, &high, &square);
            blst_fr_add(&low, &low, &high);
            blst_scalar_from_fr(&scalar, &low);
            const struct bls_weight w = bls_weight_of(&scalar);
            assert_memory_equal(w.a, halves[a], sizeof(w.a));
            assert_memory_equal(w.b, halves[b], sizeof(w.b));
        }
}

enum { NUMBERS = 168, PAIRS = 4096 };

/* 0, 1 and numbers beside the edges of limbs, their opposites; the same for the form that lanes store, which is 2^416 times. */
static void edge_numbers(blst_fp out[NUMBERS])
{
    blst_fp one, two, power, unform;
    blst_fp_from_uint64(&one, (const uint64_t[6]){1});
    blst_fp_from_uint64(&two, (const uint64_t[6]){2});
    unform = two;
    for (int i = 1; i < 416; i++)
        blst_fp_add(&unform, &unform, &unform);
    blst_fp_inverse(&unform, &unform);
    size_t n = 0;
    power = one;
    for (int bit = 0; bit < 381; bit++, blst_fp_add(&power, &power, &power)) {
        if (bit % 52 != 0 && bit % 64 != 0 && bit != 380)
            continue;
        for (int beside = 0; beside < 3; beside++) {
            blst_fp v = power;
            if (beside == 1)
                blst_fp_add(&v, &v, &one);
            if (beside == 2)
                blst_fp_sub(&v, &v, &one);
            assert_true(n + 4 <= NUMBERS);
            out[n++] = v;
            blst_fp_cneg(&out[n++], &v, true);
            blst_fp_mul(&out[n++], &v, &unform);
            blst_fp_cneg(&out[n], &out[n - 1], true);
            n++;
        }
    }
    assert_int_equal(n, NUMBERS);
}

static struct bls_pool open_pool(const struct bls_lanes *lanes, size_t n, void **block)
{
    *block = malloc(n * sizeof(struct bls_point) + BLS_LANES_SCRATCH + 64);
    uint8_t *aligned = (uint8_t *)*block + (64 - (uintptr_t)*block % 64) % 64;
    return (struct bls_pool){
        .lanes = lanes, .points = (struct bls_point *)(void *)(aligned + BLS_LANES_SCRATCH), .scratch = aligned};
}

/* The formulas ask for no curve: any numbers will do, as long as no pair is one that is added alone. */
static void through_the_formulas(const struct bls_lanes *lanes, const blst_p1_affine *const *from, blst_p1_affine *out)
{
    static struct bls_operation operations[PAIRS];
    static uint32_t which[4 * PAIRS];
    void *block;
    struct bls_pool p = open_pool(lanes, 5 * PAIRS, &block);
    lanes->pack(p.points, from, 2 * PAIRS);
    for (uint32_t i = 0; i < PAIRS; i++)
        operations[i] =
            (struct bls_operation){2 * PAIRS + i, 2 * i | (i & 1 ? BLS_NEGATED : 0), (2 * i + 1) | (i & 2 ? BLS_NEGATED : 0)};
    lanes->add(&p, operations, PAIRS);
    for (uint32_t i = 0; i < PAIRS; i++)
        operations[i] = (struct bls_operation){3 * PAIRS + i, 2 * i, 2 * i};
    lanes->twice(&p, operations, PAIRS);
    lanes->turn(p.points + 4 * PAIRS, p.points + 2 * PAIRS, PAIRS);
    for (uint32_t i = 0; i < 4 * PAIRS; i++)
        which[i] = (i < PAIRS ? i : PAIRS + i) | (i & 4 ? BLS_NEGATED : 0);
    lanes->unpack(out, &p, which, 4 * PAIRS);
    assert_false(p.infinity);
    free(block);
}

static void test_edges(void **state)
{
    (void)state;
    static blst_p1_affine from[2 * PAIRS], want[4 * PAIRS], got[4 * PAIRS];
    static const blst_p1_affine *at[2 * PAIRS];
    blst_fp numbers[NUMBERS], roots[2][NUMBERS];
    const struct bls_lanes *levels[BLS_MOST_LEVELS];
    uint64_t random = 6;
    edge_numbers(numbers);
    static const blst_fp zero;
    for (size_t i = 0; i < 2 * PAIRS; i++) {
        at[i] = &from[i];
        do { /* x unlike the other's, y not zero */
            from[i].x = numbers[test_random(&random) % NUMBERS];
            from[i].y = numbers[test_random(&random) % NUMBERS];
        } while (memcmp(&from[i].y, &zero, sizeof(zero)) == 0 ||
                 (i % 2 && memcmp(&from[i].x, &from[i - 1].x, sizeof(zero)) == 0));
    }
    const size_t n_levels = bls_lanes_levels(levels);
    through_the_formulas(levels[0], at, want);
    levels[0]->roots(roots[0], numbers, NUMBERS);
    for (size_t l = 1; l < n_levels; l++) {
        through_the_formulas(levels[l], at, got);
        for (size_t i = 0; i < 4 * PAIRS; i++)
            assert_memory_equal(&got[i], &want[i], sizeof(want[i]));
        levels[l]->roots(roots[1], numbers, NUMBERS);
        assert_memory_equal(roots[1], roots[0], sizeof(roots[0]));
    }
}

/* ---- signatures whose errors cancel */

enum { ITEMS = 12 };

enum swindle {
    OFFSET,        /* S + D, S' - D */
    OFFSET_TURNED, /* S + D, S' - X^2 D: as if the halves of weights were confused */
    SWAPPED,       /* each other's signature */
    SWAPPED_KEYS,  /* each other's key */
    OFFSET_KEYS,   /* K + E, K' - E */
    NEGATED,       /* both signatures negated */
    OPPOSITE,      /* signature and opposite one, under key and opposite one, of which one is wrong */
    SHARED,        /* the sum of both signatures, and half of the pair unset */
    SWINDLES
};

static void shift(bls_sig *sig, const blst_p2_affine *by, bool negated)
{
    blst_p2 p;
    blst_p2_from_affine(&p, &sig->point);
    blst_p2_cneg(&p, negated);
    blst_p2_add_or_double_affine(&p, &p, by);
    blst_p2_cneg(&p, negated);
    blst_p2_to_affine(&sig->point, &p);
}

static void swindle(struct bls_item *a, struct bls_item *b, enum swindle how, const struct bls_item *foreign)
{
    static const uint8_t XX[16] = {0, 0, 0, 0, 1, 0, 0, 0, 2, 0xa4, 1, 0, 1, 0xa4, 0x45, 0xac};
    const struct bls_item before = *a;
    blst_p2_affine turned;
    blst_p2 p;
    switch (how) {
    case OFFSET: shift(&a->sig, &foreign->sig.point, false), shift(&b->sig, &foreign->sig.point, true); break;
    case OFFSET_TURNED:
        blst_p2_from_affine(&p, &foreign->sig.point);
        blst_p2_mult(&p, &p, XX, 128);
        blst_p2_to_affine(&turned, &p);
        shift(&a->sig, &foreign->sig.point, false), shift(&b->sig, &turned, true);
        break;
    case SWAPPED: a->sig = b->sig, b->sig = before.sig; break;
    case SWAPPED_KEYS: a->key = b->key, b->key = before.key; break;
    case OFFSET_KEYS:
        a->key.point = sum_of(&a->key.point, &foreign->key.point);
        b->key.point = times(&b->key.point, 1, true);
        b->key.point = sum_of(&b->key.point, &foreign->key.point);
        b->key.point = times(&b->key.point, 1, true);
        break;
    case NEGATED:
        blst_fp2_cneg(&a->sig.point.y, &a->sig.point.y, true);
        blst_fp2_cneg(&b->sig.point.y, &b->sig.point.y, true);
        break;
    case OPPOSITE:
        *b = *a;
        blst_fp_cneg(&b->key.point.y, &b->key.point.y, true);
        break;
    default: shift(&a->sig, &b->sig.point, false), memset(&b->sig, 0, sizeof(b->sig)); break;
    }
}

/* All have one message, pairs have one, or each has its own; some keys occur twice. */
static void honest(struct bls_item items[ITEMS + 1], uint64_t *random)
{
    const unsigned sharing = (unsigned)(test_random(random) % 3);
    struct bls_secret secret = secret_random(random);
    for (size_t i = 0; i <= ITEMS; i++) {
        const bool shared = i > 0 && (sharing == 0 || (sharing == 1 && i % 2));
        items[i] = shared ? items[i - 1] : (struct bls_item){.scheme = test_random(random) % 2 ? BLS_BASIC : BLS_LEGACY};
        if (test_random(random) % 4)
            secret = secret_random(random);
        for (size_t k = 0; !shared && k < 32; k++)
            items[i].msg[k] = (uint8_t)test_random(random);
        bls_secret_key(&secret, &items[i].key);
        bls_secret_sign(&secret, items[i].msg, items[i].scheme, &items[i].sig);
    }
}

static void test_related_errors(void **state)
{
    (void)state;
    uint64_t random = 7;
    struct rng rng;
    size_t wrong = 0;
    rng_init(&rng, (const uint8_t[32]){23});
    for (int round = 0; round < 4 * SWINDLES; round++) {
        struct bls_item items[ITEMS + 1]; /* the last stays outside */
        bool ok[ITEMS], all = true;
        const size_t n = 2 + test_random(&random) % (ITEMS - 1), first = test_random(&random) % (n - 1);
        const size_t second = test_random(&random) % 2 ? first + 1 : first + 1 + test_random(&random) % (n - 1 - first);
        honest(items, &random);
        swindle(&items[first], &items[second], (enum swindle)(round % SWINDLES), &items[ITEMS]);
        assert_int_equal(bls_batch_verify(items, n, &rng, ok), 0);
        for (size_t i = 0; i < n; i++) {
            const bool want = bls_verify(&items[i].key, &items[i].sig, items[i].msg, items[i].scheme);
            assert_int_equal(ok[i], want);
            wrong += !want;
            all &= want;
        }
        struct bls_partial partials[2]; /* the errors on both sides of a cut */
        assert_int_equal(bls_batch_slice(&partials[0], items, first + 1, &rng), 0);
        assert_int_equal(bls_batch_slice(&partials[1], items + first + 1, n - first - 1, &rng), 0);
        assert_int_equal(bls_batch_finish(partials, 2), all);
    }
    assert_true(wrong > 3 * SWINDLES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_orders_alone),
        cmocka_unit_test(test_small_orders_mixed),
        cmocka_unit_test(test_small_orders_decoded),
        cmocka_unit_test(test_quorums_of_relatives),
        cmocka_unit_test(test_sums_that_meet),
        cmocka_unit_test(test_weights_at_edges),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_related_errors),
    };
    return cmocka_run_group_tests_name("bls_attacks", tests, make_points, NULL);
}
