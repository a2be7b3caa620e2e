/* crypto/bls/aggregate and sign: secure and plain aggregates, threshold recovery; against Dash Core's own library
 * (bls/vectors.json), embedded vectors (quorums.md 6.6) and naive sums. */
#include "crypto/bls_vectors.h"

#include "base/mem.h"
#include "crypto/bls/internal.h"

static json_t *vectors;

static int load(void **state)
{
    (void)state;
    vectors = vectors_load();
    return 0;
}

static int unload(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

static void embedded_aggregate(enum bls_scheme scheme, const char *expected)
{
    uint8_t m[32];
    embedded_message(m);
    bls_key keys[3], sum;
    bls_sig sigs[3], aggregate;
    const bls_key *key_at[3];
    const bls_sig *sig_at[3];
    for (size_t i = 0; i < 3; i++) {
        struct bls_secret secret = embedded_secret(i);
        bls_secret_key(&secret, &keys[i]);
        bls_secret_sign(&secret, m, scheme, &sigs[i]);
        key_at[i] = &keys[i];
        sig_at[i] = &sigs[i];
    }
    assert_key_encodes(
        &keys[0], "843a8ff1eeb4a438087be2ffa32f6811a1f1d9ddd7a8a27daae9566d24d0fbc7fb92fa2ab19f7ccf4be7b7018fa91e85", BLS_BASIC);
    assert_key_encodes(
        &keys[1], "01a768b160e606f02eb1b626da7f7bf87035d74481866d518150d23276f2c1c2862df049bbc1cdbd8ad715e5fa9ce564", BLS_LEGACY);
    assert_int_equal(bls_key_aggregate_weighted(&sum, key_at, 3, scheme), 0);
    assert_int_equal(bls_sig_aggregate_weighted(&aggregate, key_at, sig_at, 3, scheme), 0);
    assert_sig_encodes(&aggregate, expected, scheme);
    assert_true(bls_verify(&sum, &aggregate, m, scheme));
}

static void test_embedded_aggregates(void **state)
{
    (void)state;
    embedded_aggregate(BLS_BASIC,
                       "97993d7b1e2dc7a60449317b906cf4bca02eeef4ae5de8553edc9993d8b2abed759252a2101f48ba8a1c6664e5032184"
                       "0e42c1dc0a82aae8dbf4a9bd0f7cf84cda36d1045d330f82bae6e3615e8c310fe307502b5b9814df0f3528c51b5d662c");
    embedded_aggregate(BLS_LEGACY,
                       "80e28da97c7c25739b9ba9cea44aa8dc1eb01ef165babc15a4ea1e9e4bf9bcc5a94b322dbd98f4399ce2498160e8522e"
                       "0b532f70df33511c0b413da45ac2bd94fe432de4d3e2c43686032b2f252a58bbd1be5eb14e2e1949175b04389d9ab282");
}

static void test_aggregate_plain(void **state)
{
    (void)state;
    EACH(v, vectors_section(vectors, "aggregate_plain"))
    {
        enum bls_scheme scheme = scheme_of(v);
        bls_key keys[20], sum;
        bls_sig sigs[20], sig_sum;
        if (json_object_get(v, "pks")) {
            for (size_t i = 0; i < 2; i++)
                keys[i] = key_from_hex(json_string_value(json_array_get(json_object_get(v, "pks"), i)), scheme);
            assert_int_equal(bls_key_sum(&sum, keys, 2), DSPV_EFAULT); /* "c0 00..." */
            continue;
        }
        size_t n = (size_t)json_int(v, "n");
        uint8_t m[32], b[32];
        member_bytes(v, "msg", m, 32);
        for (size_t i = 0; i < n; i++) {
            struct bls_secret secret;
            member_bytes(json_array_get(json_object_get(vectors, "keys"), i), "sk", b, 32);
            assert_true(bls_secret_decode(&secret, b));
            bls_secret_key(&secret, &keys[i]);
            bls_secret_sign(&secret, m, scheme, &sigs[i]);
        }
        assert_int_equal(bls_key_sum(&sum, keys, n), 0);
        assert_int_equal(bls_sig_sum(&sig_sum, sigs, n), 0);
        assert_key_encodes(&sum, json_text(v, "pk"), scheme);
        assert_sig_encodes(&sig_sum, json_text(v, "sig"), scheme);
        assert_int_equal(bls_verify(&sum, &sig_sum, m, scheme), verdict_of(v, "accept"));
    }
}

/* Several messages under one plain signature: the equation by way of bls_batch_finish(), which takes any partial. The basic
 * scheme's ban on repeated messages is the caller's, here ours. */
static void test_aggregate_verify(void **state)
{
    (void)state;
    EACH(v, vectors_section(vectors, "aggregate_verify"))
    {
        enum bls_scheme scheme = scheme_of(v);
        size_t n = member_count(v, "pks");
        assert_int_equal(n, member_count(v, "msgs"));
        uint8_t msgs[20][32];
        bool repeated = false;
        bls_sig sig = sig_member(v, "sig", scheme);
        struct bls_partial all = {.product = *blst_fp12_one(), .items = n};
        blst_p2_from_affine(&all.signatures, &sig.point);
        for (size_t i = 0; i < n; i++) {
            bls_key key = key_from_hex(json_string_value(json_array_get(json_object_get(v, "pks"), i)), scheme);
            blst_p2_affine hash;
            blst_fp12 pair;
            element_bytes(v, "msgs", i, msgs[i], 32);
            bls_hash_to_g2(&hash, msgs[i], scheme);
            blst_miller_loop(&pair, &hash, &key.point);
            blst_fp12_mul(&all.product, &all.product, &pair);
            for (size_t j = 0; j < i; j++)
                repeated |= memcmp(msgs[i], msgs[j], 32) == 0;
        }
        bool refused = scheme == BLS_BASIC && repeated;
        assert_int_equal(bls_batch_finish(&all, 1) && !refused, verdict_of(v, "accept"));
    }
}

static void check_weights(const json_t *v, const bls_key *const *keys, size_t n, enum bls_scheme scheme)
{
    struct bls_weighting w;
    assert_int_equal(bls_weighting_init(&w, keys, n, scheme), 0);
    for (size_t i = 0; i < n; i++) {
        uint8_t want[32], got[32];
        element_bytes(v, "weights", i, want, 32);
        blst_bendian_from_scalar(got, &w.weights[i]);
        assert_memory_equal(got, want, 32);
        assert_key_encodes(keys[w.order[i]], json_string_value(json_array_get(json_object_get(v, "sorted_pks"), i)), scheme);
    }
    bls_weighting_free(&w);
}

static void test_aggregate_secure(void **state)
{
    (void)state;
    EACH(v, vectors_section(vectors, "aggregate_secure"))
    {
        enum bls_scheme scheme = scheme_of(v);
        size_t n = member_count(v, "pks");
        bls_key keys[32], sum;
        const bls_key *at[32];
        uint8_t m[32];
        assert_true(n <= 32);
        for (size_t i = 0; i < n; i++) {
            keys[i] = key_from_hex(json_string_value(json_array_get(json_object_get(v, "pks"), i)), scheme);
            at[i] = &keys[i];
        }
        member_bytes(v, "msg", m, 32);
        bls_sig sig = sig_member(v, "sig", scheme);
        assert_int_equal(bls_key_aggregate_weighted(&sum, at, n, scheme), 0);
        if (json_object_get(v, "weights")) {
            check_weights(v, at, n, scheme);
            assert_key_encodes(&sum, json_text(v, "weighted_pk"), scheme);
        }
        if (bls_verify(&sum, &sig, m, scheme) != verdict_of(v, "accept"))
            fail_msg("%s: %s", json_text(v, "scheme"), json_text(v, "name"));
    }
}

static void test_threshold(void **state)
{
    (void)state;
    EACH(v, vectors_section(vectors, "threshold"))
    {
        enum bls_scheme scheme = scheme_of(v);
        bls_key group = key_member(v, "group_pk", scheme);
        bls_sig shares[10], used[10], sig;
        uint8_t m[32], ids[10][32], used_ids[10][32];
        size_t n = (size_t)json_int(v, "n");
        member_bytes(v, "msg", m, 32);
        for (size_t i = 0; i < n; i++) {
            uint8_t b[32];
            struct bls_secret secret;
            element_bytes(v, "ids", i, ids[i], 32);
            element_bytes(v, "share_sks", i, b, 32);
            assert_true(bls_secret_decode(&secret, b));
            bls_secret_sign(&secret, m, scheme, &shares[i]);
            assert_sig_encodes(&shares[i], json_string_value(json_array_get(json_object_get(v, "share_sigs"), i)), scheme);
        }
        EACH(r, json_object_get(v, "recover"))
        {
            size_t k = member_count(r, "use");
            for (size_t i = 0; i < k; i++) {
                size_t from = (size_t)json_integer_value(json_array_get(json_object_get(r, "use"), i));
                used[i] = shares[from];
                memcpy(used_ids[i], ids[from], 32);
            }
            assert_int_equal(bls_threshold_recover(&sig, (const uint8_t(*)[32])used_ids, used, k), 0);
            assert_sig_encodes(&sig, json_text(r, "result"), scheme);
            assert_int_equal(bls_verify(&group, &sig, m, scheme), verdict_of(r, "verifies_under_group_key"));
        }
        memcpy(used_ids, ids, sizeof(used_ids));
        memcpy(used_ids[1], ids[0], 32);
        assert_int_equal(bls_threshold_recover(&sig, (const uint8_t(*)[32])used_ids, shares, 2), DSPV_EFAULT);
        memset(used_ids[1], 0, 32);
        assert_int_equal(bls_threshold_recover(&sig, (const uint8_t(*)[32])used_ids, shares, 2), DSPV_EFAULT);
    }
}

enum { MANY = 400 };

/* Sum of weight*key one by one, without blst's multi-scalar code. */
static void naive_sum(bls_key *out, const bls_key *const *keys, size_t n, enum bls_scheme scheme)
{
    struct bls_weighting w;
    blst_p1 sum = {0}, one;
    assert_int_equal(bls_weighting_init(&w, keys, n, scheme), 0);
    for (size_t i = 0; i < n; i++) {
        blst_p1_from_affine(&one, &keys[w.order[i]]->point);
        blst_p1_mult(&one, &one, w.weights[i].b, 256);
        blst_p1_add_or_double(&sum, &sum, &one);
    }
    bls_weighting_free(&w);
    blst_p1_to_affine(&out->point, &sum);
}

static void test_weighted_sums_of_many(void **state)
{
    (void)state;
    static bls_key keys[MANY];
    static bls_sig sigs[MANY];
    static struct bls_secret secrets[MANY];
    const bls_key *key_at[MANY];
    const bls_sig *sig_at[MANY];
    const struct bls_secret *secret_at[MANY];
    static const size_t sizes[] = {1, 2, 31, 33, 64, 65, 100, MANY}; /* blst changes its method at 33 (G2) and 65 (G1) */
    uint64_t random = 11;
    const uint8_t m[32] = {1, 2, 3};
    for (size_t i = 0; i < MANY; i++) {
        secrets[i] = secret_random(&random);
        bls_secret_key(&secrets[i], &keys[i]);
        bls_secret_sign(&secrets[i], m, BLS_BASIC, &sigs[i]);
        size_t from = i % 10 == 9 ? i - 3 : i; /* some keys occur twice */
        secret_at[i] = &secrets[from];
        key_at[i] = &keys[from];
        sig_at[i] = &sigs[from];
    }
    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        size_t n = sizes[k];
        bls_key sum, naive, reversed;
        bls_sig sig, at_once;
        struct bls_secret joined;
        const bls_key *backwards[MANY];
        for (size_t i = 0; i < n; i++)
            backwards[i] = key_at[n - 1 - i];
        assert_int_equal(bls_key_aggregate_weighted(&sum, key_at, n, BLS_BASIC), 0);
        assert_int_equal(bls_key_aggregate_weighted(&reversed, backwards, n, BLS_BASIC), 0);
        naive_sum(&naive, key_at, n, BLS_BASIC);
        assert_memory_equal(&sum, &naive, sizeof(sum));
        assert_memory_equal(&sum, &reversed, sizeof(sum));
        assert_int_equal(bls_sig_aggregate_weighted(&sig, key_at, sig_at, n, BLS_BASIC), 0);
        assert_true(bls_verify(&sum, &sig, m, BLS_BASIC));
        assert_int_equal(bls_secret_aggregate_weighted(&joined, key_at, secret_at, n, BLS_BASIC), 0);
        bls_secret_sign(&joined, m, BLS_BASIC, &at_once);
        assert_memory_equal(&sig, &at_once, sizeof(sig));
    }
    struct bls_secret none;
    assert_int_equal(bls_secret_aggregate_weighted(&none, key_at, secret_at, 0, BLS_BASIC), DSPV_EMISUSE);
    bls_key unset = {0}, sum;
    assert_int_equal(bls_key_aggregate_weighted(&sum, key_at, 0, BLS_BASIC), DSPV_EMISUSE);
    key_at[1] = &unset;
    assert_int_equal(bls_key_aggregate_weighted(&sum, key_at, 3, BLS_BASIC), DSPV_EMISUSE);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    bls_key keys[3], sum, sum_before;
    bls_sig sigs[3], sig, sig_before;
    const bls_key *key_at[3];
    const bls_sig *sig_at[3];
    uint8_t ids[3][32] = {{1}, {2}, {3}};
    for (size_t i = 0; i < 3; i++) {
        struct bls_secret secret = embedded_secret(i);
        bls_secret_key(&secret, &keys[i]);
        bls_secret_sign(&secret, ids[0], BLS_BASIC, &sigs[i]);
        key_at[i] = &keys[i];
        sig_at[i] = &sigs[i];
    }
    memset(&sum, 7, sizeof(sum));
    memset(&sig, 7, sizeof(sig));
    sum_before = sum;
    sig_before = sig;
    for (int call = 0; call < 3; call++) {
        int result = DSPV_ENOMEM;
        size_t failures = 0;
        while (result == DSPV_ENOMEM) {
            assert_memory_equal(&sum, &sum_before, sizeof(sum));
            assert_memory_equal(&sig, &sig_before, sizeof(sig));
            mem_fail_after(++failures);
            result = call == 0   ? bls_key_aggregate_weighted(&sum, key_at, 3, BLS_LEGACY)
                     : call == 1 ? bls_sig_aggregate_weighted(&sig, key_at, sig_at, 3, BLS_LEGACY)
                                 : bls_threshold_recover(&sig, (const uint8_t(*)[32])ids, sigs, 3);
            mem_fail_after(0);
        }
        assert_int_equal(result, 0);
        assert_true(failures > 3);
        sum_before = sum;
        sig_before = sig;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_embedded_aggregates), cmocka_unit_test(test_aggregate_plain),
        cmocka_unit_test(test_aggregate_verify),    cmocka_unit_test(test_aggregate_secure),
        cmocka_unit_test(test_threshold),           cmocka_unit_test(test_weighted_sums_of_many),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests_name("bls_aggregate", tests, load, unload);
}
