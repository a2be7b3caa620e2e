/* crypto/bls/batch: recorded batches, 55 real commitments, random batches with random culprits, slices, failing allocations.
 * The oracle for each item is bls_verify(), which shares no code with the batch but the hash. */
#include "crypto/bls_vectors.h"

#include "base/mem.h"
#include "crypto/bls/internal.h"
#include "crypto/sha256.h"

enum { MAX_ITEMS = 64, POOL = 40 };

static struct rng seeded(uint8_t number)
{
    uint8_t seed[32] = {number};
    struct rng r;
    rng_init(&r, seed);
    return r;
}

/* The whole-batch verdict when the items are cut at random places into `slices` parts (some may be empty). */
static bool sliced_verdict(const struct bls_item *items, size_t n, size_t slices, uint64_t *random, struct rng *rng)
{
    struct bls_partial partials[3];
    size_t from = 0;
    assert_true(slices <= 3);
    for (size_t i = 0; i < slices; i++) {
        size_t to = i + 1 == slices ? n : from + (size_t)(test_random(random) % (n - from + 1));
        struct rng own;
        rng_fork(rng, &own);
        assert_int_equal(bls_batch_slice(&partials[i], items + from, to - from, &own), 0);
        assert_int_equal(partials[i].items, to - from);
        from = to;
    }
    return bls_batch_finish(partials, slices);
}

/* The batch must say `want` of each item, and its slices the conjunction. */
static void assert_batch(const struct bls_item *items, size_t n, const bool *want, uint64_t *random)
{
    bool ok[MAX_ITEMS], all = true;
    struct rng rng = seeded((uint8_t)test_random(random));
    for (size_t i = 0; i < n; i++) {
        all &= want[i];
        ok[i] = !want[i];
    }
    assert_int_equal(bls_batch_verify(items, n, &rng, ok), 0);
    for (size_t i = 0; i < n; i++) {
        if (ok[i] != want[i])
            fail_msg("item %zu of %zu: got %d", i, n, ok[i]);
    }
    for (size_t slices = 1; slices <= 3; slices++)
        assert_int_equal(sliced_verdict(items, n, slices, random, &rng), all);
}

static void test_recorded_batches(void **state)
{
    (void)state;
    json_t *vectors = vectors_load();
    uint64_t random = 1;
    EACH(v, vectors_section(vectors, "batch"))
    {
        struct bls_item items[MAX_ITEMS];
        bool want[MAX_ITEMS], all = true;
        size_t n = member_count(v, "items");
        assert_true(n <= MAX_ITEMS && n == member_count(v, "each"));
        for (size_t i = 0; i < n; i++) {
            const json_t *item = json_array_get(json_object_get(v, "items"), i);
            items[i].scheme = scheme_of(v);
            items[i].key = key_member(item, "pk", items[i].scheme);
            items[i].sig = sig_member(item, "sig", items[i].scheme);
            member_bytes(item, "msg", items[i].msg, 32);
            want[i] = json_is_true(json_array_get(json_object_get(v, "each"), i));
            all &= want[i];
            assert_int_equal(bls_verify(&items[i].key, &items[i].sig, items[i].msg, items[i].scheme), want[i]);
        }
        assert_int_equal(all, verdict_of(v, "all"));
        assert_batch(items, n, want, &random);
    }
    json_decref(vectors);
}

/* ---- real commitments ---- */

static void commitment_hash(const json_t *v, uint8_t out[32])
{
    uint8_t buffer[512];
    struct bytes bits = json_hex(v, "valid_members_dynbitset");
    size_t n = 33 + bits.n;
    assert_true(n + 80 <= sizeof(buffer));
    buffer[0] = (uint8_t)json_int(v, "llmq_type");
    member_bytes(v, "quorum_hash", buffer + 1, 32);
    memcpy(buffer + 33, bits.p, bits.n);
    free(bits.p);
    member_bytes(v, "quorum_pk", buffer + n, 48);
    member_bytes(v, "vvec_hash", buffer + n + 48, 32);
    sha256d(out, buffer, n + 80);
}

static size_t load_commitments(struct bls_item items[MAX_ITEMS])
{
    json_t *vectors = vectors_load();
    size_t n = 0;
    EACH(v, vectors_section(vectors, "chain_commitments"))
    {
        assert_true(n < MAX_ITEMS && verdict_of(v, "accept"));
        struct bls_item *item = &items[n++];
        uint8_t recorded[32];
        item->scheme = scheme_of(v);
        item->key = key_member(v, "quorum_pk", item->scheme);
        item->sig = sig_member(v, "quorum_sig", item->scheme);
        commitment_hash(v, item->msg);
        member_bytes(v, "commitment_hash", recorded, 32);
        assert_memory_equal(item->msg, recorded, 32);
    }
    json_decref(vectors);
    return n;
}

enum mutation { OTHER_MESSAGE, OTHER_SCHEME, OTHER_SIGNATURE, NEGATED_SIGNATURE, NEGATED_KEY, UNSET, MUTATIONS };

/* Make items[i] invalid; `n` items are there to borrow from. */
static void mutate(struct bls_item *items, size_t n, size_t i, enum mutation how, uint64_t *random)
{
    struct bls_item *item = &items[i];
    switch (how) {
    case OTHER_SCHEME: item->scheme = item->scheme == BLS_BASIC ? BLS_LEGACY : BLS_BASIC; break;
    case NEGATED_SIGNATURE: blst_fp2_cneg(&item->sig.point.y, &item->sig.point.y, true); break;
    case NEGATED_KEY: blst_fp_cneg(&item->key.point.y, &item->key.point.y, true); break;
    case UNSET: memset(item, 0, sizeof(*item)); break;
    case OTHER_SIGNATURE:
        if (n > 1) {
            item->sig = items[(i + 1 + test_random(random) % (n - 1)) % n].sig;
            break;
        }
        /* fallthrough */
    default: item->msg[test_random(random) % 32] ^= (uint8_t)(1u << test_random(random) % 8); break;
    }
}

static void test_real_commitments(void **state)
{
    (void)state;
    struct bls_item items[MAX_ITEMS];
    bool want[MAX_ITEMS];
    uint64_t random = 2;
    size_t n = load_commitments(items);
    assert_int_equal(n, 55);
    for (size_t i = 0; i < n; i++) {
        assert_true(bls_verify(&items[i].key, &items[i].sig, items[i].msg, items[i].scheme));
        want[i] = true;
        for (enum mutation how = 0; how < MUTATIONS; how++) {
            struct bls_item copy = items[i];
            mutate(items, n, i, how, &random);
            assert_false(bls_verify(&items[i].key, &items[i].sig, items[i].msg, items[i].scheme));
            items[i] = copy;
        }
    }
    assert_batch(items, n, want, &random);
    struct bls_item mutated[MAX_ITEMS];
    for (int round = 0; round < 6; round++) {
        memcpy(mutated, items, sizeof(items));
        memset(want, true, sizeof(want));
        for (int k = 0; k <= round; k++) {
            size_t i = test_random(&random) % n;
            if (want[i])
                mutate(mutated, n, i, (enum mutation)((round + k) % MUTATIONS), &random);
            want[i] = false;
        }
        assert_batch(mutated, n, want, &random);
    }
}

/* ---- random batches ---- */

static void fill_pool(struct bls_item pool[POOL])
{
    uint64_t random = 3;
    for (size_t i = 0; i < POOL; i++) {
        struct bls_secret secret = secret_random(&random);
        pool[i].scheme = test_random(&random) & 1 ? BLS_BASIC : BLS_LEGACY;
        for (size_t k = 0; k < 32; k++)
            pool[i].msg[k] = (uint8_t)test_random(&random);
        bls_secret_key(&secret, &pool[i].key);
        bls_secret_sign(&secret, pool[i].msg, pool[i].scheme, &pool[i].sig);
    }
}

/* `n` different items of the pool, in random order. */
static void draw(struct bls_item *out, size_t n, const struct bls_item pool[POOL], uint64_t *random)
{
    size_t order[POOL];
    for (size_t i = 0; i < POOL; i++) {
        size_t j = test_random(random) % (i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = pool[order[i]];
}

static void test_random_culprits_are_named(void **state)
{
    (void)state;
    static struct bls_item pool[POOL];
    fill_pool(pool);
    uint64_t random = 4;
    for (int round = 0; round < 40; round++) {
        struct bls_item items[POOL];
        bool want[POOL];
        size_t n = 1 + test_random(&random) % POOL;
        size_t culprits = round % 4 == 0 ? n : test_random(&random) % 4;
        draw(items, n, pool, &random);
        memset(want, true, sizeof(want));
        for (size_t k = 0; k < culprits; k++) {
            size_t i = round % 4 == 0 ? k : test_random(&random) % n;
            if (want[i])
                mutate(items, n, i, (enum mutation)(test_random(&random) % MUTATIONS), &random);
            want[i] = false;
        }
        /* the oracle agrees that exactly the mutated items are wrong */
        for (size_t i = 0; i < n; i++)
            assert_int_equal(bls_verify(&items[i].key, &items[i].sig, items[i].msg, items[i].scheme), want[i]);
        assert_batch(items, n, want, &random);
    }
}

/* Runs of one to four items with one message, both schemes mixed, some of them wrong: a verdict for each item of a group. */
static void test_shared_messages(void **state)
{
    (void)state;
    uint64_t random = 14;
    for (int round = 0; round < 12; round++) {
        struct bls_item items[POOL];
        bool want[POOL];
        const size_t n = 2 + test_random(&random) % (POOL - 1);
        for (size_t i = 0; i < n; i++) {
            struct bls_secret secret = secret_random(&random);
            const bool shared = i > 0 && test_random(&random) % 4 != 0;
            items[i].scheme = test_random(&random) & 1 ? BLS_BASIC : BLS_LEGACY;
            if (shared && round % 3 != 0)
                items[i].scheme = items[i - 1].scheme;
            for (size_t k = 0; k < 32; k++)
                items[i].msg[k] = shared ? items[i - 1].msg[k] : (uint8_t)test_random(&random);
            bls_secret_key(&secret, &items[i].key);
            bls_secret_sign(&secret, items[i].msg, items[i].scheme, &items[i].sig);
            want[i] = true;
        }
        for (int k = 0; k < round; k++) { /* up to a third of them, sooner or later too many for halving */
            const size_t i = test_random(&random) % n;
            if (want[i])
                blst_fp2_cneg(&items[i].sig.point.y, &items[i].sig.point.y, true);
            want[i] = false;
        }
        assert_batch(items, n, want, &random);
    }
}

/* Keys that cancel under the very weights that the batch takes: the group is taken apart, and every item has its verdict. */
static void test_cancelling_keys(void **state)
{
    (void)state;
    uint8_t halves[16], one[32] = {0}, xx[32] = {0, 0, 0, 0, 1, 0, 0, 0, 2, 0xa4, 1, 0, 1, 0xa4, 0x45, 0xac};
    blst_scalar part;
    blst_fr weight[2], key, square, high;
    uint64_t random = 15;
    struct bls_secret secrets[2] = {secret_random(&random), {{{0}}}};
    struct rng rng = seeded(33);
    rng_bytes(&rng, halves, sizeof(halves));
    blst_scalar_from_lendian(&part, xx);
    blst_fr_from_scalar(&square, &part);
    for (int i = 0; i < 2; i++) {
        halves[8 * i] |= 1;
        memcpy(one, halves + 8 * i, 4);
        blst_scalar_from_lendian(&part, one);
        blst_fr_from_scalar(&weight[i], &part);
        memcpy(one, halves + 8 * i + 4, 4);
        blst_scalar_from_lendian(&part, one);
        blst_fr_from_scalar(&high, &part);
        blst_fr_mul(&high, &high, &square);
        blst_fr_add(&weight[i], &weight[i], &high);
    }
    blst_fr_from_scalar(&key, &secrets[0].scalar); /* the other: - first * weight 0 / weight 1 */
    blst_fr_mul(&key, &key, &weight[0]);
    blst_fr_inverse(&weight[1], &weight[1]);
    blst_fr_mul(&key, &key, &weight[1]);
    blst_fr_cneg(&key, &key, true);
    blst_scalar_from_fr(&secrets[1].scalar, &key);
    struct bls_item items[2] = {{.msg = {7}, .scheme = BLS_BASIC}, {.msg = {7}, .scheme = BLS_BASIC}};
    for (int i = 0; i < 2; i++) {
        bls_secret_key(&secrets[i], &items[i].key);
        bls_secret_sign(&secrets[i], items[i].msg, BLS_BASIC, &items[i].sig);
    }
    for (int wrong = 0; wrong <= 2; wrong++) {
        struct bls_item mutated[2] = {items[0], items[1]}; /* both wrong would pass: these weights are known */
        bool ok[2] = {false, false};
        rng = seeded(33);
        if (wrong > 0)
            blst_fp2_cneg(&mutated[wrong - 1].sig.point.y, &mutated[wrong - 1].sig.point.y, true);
        assert_int_equal(bls_batch_verify(mutated, 2, &rng, ok), 0);
        assert_int_equal(ok[0], wrong != 1);
        assert_int_equal(ok[1], wrong != 2);
    }
}

/* Errors that cancel in an unweighted sum: signatures a + d and b - d. */
static void test_offsetting_errors_are_found(void **state)
{
    (void)state;
    static struct bls_item pool[POOL];
    fill_pool(pool);
    uint64_t random = 5;
    struct bls_item items[20];
    draw(items, 20, pool, &random);
    blst_p2 p;
    for (size_t i = 3; i <= 11; i += 8) {
        blst_p2_from_affine(&p, &items[i].sig.point);
        blst_p2_cneg(&p, i == 3);
        blst_p2_add_or_double_affine(&p, &p, &pool[0].sig.point);
        blst_p2_cneg(&p, i == 3);
        blst_p2_to_affine(&items[i].sig.point, &p);
    }
    bool want[20];
    for (size_t i = 0; i < 20; i++)
        want[i] = i != 3 && i != 11;
    assert_batch(items, 20, want, &random);
}

static void test_empty_and_unset(void **state)
{
    (void)state;
    struct rng rng = seeded(1);
    struct bls_partial partial;
    assert_int_equal(bls_batch_verify(NULL, 0, &rng, NULL), 0);
    assert_int_equal(bls_batch_slice(&partial, NULL, 0, &rng), 0);
    assert_true(bls_batch_finish(&partial, 1));
    assert_true(bls_batch_finish(NULL, 0));
    struct bls_item none[3];
    memset(none, 0, sizeof(none));
    uint64_t random = 6;
    assert_batch(none, 3, (const bool[3]){false, false, false}, &random);
}

/* The same seed gives the same weights; another seed others. */
static void test_weights_come_from_the_generator(void **state)
{
    (void)state;
    static struct bls_item pool[POOL];
    fill_pool(pool);
    struct bls_partial a, b, c;
    struct rng first = seeded(1), same = seeded(1), other = seeded(2);
    assert_int_equal(bls_batch_slice(&a, pool, 5, &first), 0);
    assert_int_equal(bls_batch_slice(&b, pool, 5, &same), 0);
    assert_int_equal(bls_batch_slice(&c, pool, 5, &other), 0);
    assert_true(blst_fp12_is_equal(&a.product, &b.product) && blst_p2_is_equal(&a.signatures, &b.signatures));
    assert_false(blst_fp12_is_equal(&a.product, &c.product) || blst_p2_is_equal(&a.signatures, &c.signatures));
    struct bls_partial mixed[2] = {{.product = a.product, .signatures = c.signatures, .items = 5}};
    assert_false(bls_batch_finish(mixed, 1));
}

static void test_out_of_memory(void **state)
{
    (void)state;
    static struct bls_item pool[POOL];
    fill_pool(pool);
    pool[2].msg[0] ^= 1;
    for (int call = 0; call < 2; call++) {
        bool ok[5] = {false, true, true, false, true}, before[5];
        struct bls_partial partial;
        size_t failures = 0;
        int result = DSPV_ENOMEM;
        memcpy(before, ok, sizeof(ok));
        while (result == DSPV_ENOMEM) {
            struct rng rng = seeded(9), rng_before = rng;
            mem_fail_after(++failures);
            result = call == 0 ? bls_batch_verify(pool, 5, &rng, ok) : bls_batch_slice(&partial, pool, 5, &rng);
            mem_fail_after(0);
            if (result == DSPV_ENOMEM) {
                assert_memory_equal(ok, before, sizeof(ok));
                assert_memory_equal(&rng, &rng_before, sizeof(rng));
            }
        }
        assert_int_equal(result, 0);
        assert_int_equal(failures, 12);
        if (call == 0)
            assert_true(ok[0] && ok[1] && !ok[2] && ok[3] && ok[4]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_batches),
        cmocka_unit_test(test_real_commitments),
        cmocka_unit_test(test_random_culprits_are_named),
        cmocka_unit_test(test_shared_messages),
        cmocka_unit_test(test_cancelling_keys),
        cmocka_unit_test(test_offsetting_errors_are_found),
        cmocka_unit_test(test_empty_and_unset),
        cmocka_unit_test(test_weights_come_from_the_generator),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests_name("bls_batch", tests, NULL, NULL);
}
