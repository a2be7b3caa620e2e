/* crypto/bls: encodings, hashes, single signatures; against Dash Core's own library (bls/vectors.json) and the vectors of
 * quorums.md 6.6, embedded here. */
#include "crypto/bls_vectors.h"

#include <blst_aux.h>

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

/* ---- quorums.md 6.6: no data folder needed ---- */

static void test_embedded_hashes_and_shares(void **state)
{
    (void)state;
    uint8_t m[32];
    embedded_message(m);
    bls_sig h;
    bls_hash_to_g2(&h.point, m, BLS_LEGACY);
    assert_sig_encodes(&h,
                       "98976f12b2eaa1f7909bb2956dc4d1ee38f8b02431a187d34678a8126760c110e3b7db4211396420f6b5d69f7a7e0a98"
                       "19f119b17e7d2be356a9eff00c9377bddca6771799b59301e96040e2da6a0e2b54b4be4429cf6d02c08961b43fc38190",
                       BLS_LEGACY);
    assert_sig_encodes(&h,
                       "b9f119b17e7d2be356a9eff00c9377bddca6771799b59301e96040e2da6a0e2b54b4be4429cf6d02c08961b43fc38190"
                       "18976f12b2eaa1f7909bb2956dc4d1ee38f8b02431a187d34678a8126760c110e3b7db4211396420f6b5d69f7a7e0a98",
                       BLS_BASIC);
    bls_hash_to_g2(&h.point, m, BLS_BASIC);
    assert_sig_encodes(&h,
                       "a9adaa2767a18354b17eb56d445cf02f655f5ef60d3a0fb77263ba6c811ee0342414eef3e436e640e8e1374ce9d860bd"
                       "062a86bfebe2b1faaecf60507546f386e7a81ca4641b2680cb5842afbdcb38938fc611dc60d9977603561cc44a9d7880",
                       BLS_BASIC);
    static const char *const shares[3] = {
        "0888879c99852460912fd28c7a9138926c1e87fd6609fd2d3d307764e49feb85702fd8f9b3b836bc11f7ce151b769dc7"
        "0b760879d26f8c33a29e24f69297f45ef028f0794e63ddb0610db7de1a608b6d6a2129ada62b845004a408f651fd44a5",
        "16efc39fa5aa979245a82334856a97ebf3027bc6be7d35df117267a3c9b1618e32477fe1b8f4a23bdba346bf2b2b35ad"
        "0b395227de76827fd32eb9952e0d97b7dba275040101131a7fc38ea381a3099c2b3205177866ee4ab3119593bb58d092",
        "8407afd2776ab9d3f9293f1519ace1a9ce8aaf07d0a6a9785ec7ae4ae47e42102c09cfb3c8655dba014d53933af6a0b4"
        "1244df006575e85e333271c90fcad80410cab4962bf4bba1570770775b1282f142b526d521a38fbc14336f22dc44a683",
    };
    for (size_t i = 0; i < 3; i++) {
        struct bls_secret secret = embedded_secret(i);
        bls_key key;
        bls_sig sig;
        bls_secret_key(&secret, &key);
        bls_secret_sign(&secret, m, BLS_LEGACY, &sig);
        assert_sig_encodes(&sig, shares[i], BLS_LEGACY);
        assert_true(bls_verify(&key, &sig, m, BLS_LEGACY));
        assert_false(bls_verify(&key, &sig, m, BLS_BASIC));
    }
}

static void test_embedded_threshold_signature(void **state)
{
    (void)state;
    uint8_t m[32];
    embedded_message(m);
    bls_key key = key_from_hex("97a12b918eac73718d55b7fca60435ec0b442d7e24b45cbd80f5cf2ea2e14c4164333fffdb00d27e309abbafacaa9c34",
                               BLS_LEGACY);
    bls_sig sig = sig_from_hex("031c536960c9c44efefa4a3334d2d1b808f46abe121cd14a1d0b6ee6b6dca85fd3087d86fe5b1327e6792be53f4ed4df"
                               "19c3af3aac79c0bb9dc36fc2a30ba566de6a82cd3e4af2d6654cbe02bb52769a06c1644a4c63b3c3a6fd16e5e68e5c0b",
                               BLS_LEGACY);
    assert_true(bls_verify(&key, &sig, m, BLS_LEGACY));
    m[31] ^= 1;
    assert_false(bls_verify(&key, &sig, m, BLS_LEGACY));
}

static bool key_hex_decodes(const char *hex, enum bls_scheme scheme)
{
    uint8_t b[48];
    bls_key key;
    assert_true(hex_decode(hex, b, 48));
    return bls_key_decode(&key, b, scheme);
}

static void test_embedded_decoding(void **state)
{
    (void)state;
    const char *legacy = "11df3a748b713460f9b21083315c0dca1742b7962ca98685be4094d302e84b0884a04c1a55beb0ed921dae1dd66c0111";
    assert_true(key_hex_decodes(legacy, BLS_LEGACY));
    assert_false(key_hex_decodes(legacy, BLS_BASIC));
    assert_false(key_hex_decodes(
        "11df3a748b713460f9b21083315c0dca1742b7962ca98685be4094d302e84b0884a04c1a55beb0ed921dae1dd66c0a11", BLS_LEGACY));
    assert_false(key_hex_decodes(
        "8d5d0fb73b9c92df4eab4216e48c3e358578b4cc30f82c268bd6fef3bd34b558628daf1afef798d4c3b0fcd8b28c8973", BLS_BASIC));
    uint8_t b[96];
    bls_sig sig;
    assert_true(hex_decode("0888879c99852460912fd28c7a9138926c1e87fd6609fd2d3d307764e49feb85702fd8f9b3b836bc11f7ce151b769dc7"
                           "0b760879d26f8c33a29e24f69297f45ef028f0794e63ddb0610db7de1a608b6d6a2129ada62b845004a408f651fd44a6",
                           b, 96));
    assert_false(bls_sig_decode(&sig, b, BLS_LEGACY));
    b[95]--;
    assert_true(bls_sig_decode(&sig, b, BLS_LEGACY));
}

/* ---- vectors.json ---- */

static void test_keys_and_secrets(void **state)
{
    (void)state;
    EACH(v, vectors_section(vectors, "keys"))
    {
        uint8_t b[32];
        struct bls_secret secret;
        bls_key key, basic = key_member(v, "pk_basic", BLS_BASIC);
        member_bytes(v, "sk", b, 32);
        assert_true(bls_secret_decode(&secret, b));
        bls_secret_key(&secret, &key);
        assert_memory_equal(&key, &basic, sizeof(key));
        assert_key_encodes(&key, json_text(v, "pk_basic"), BLS_BASIC);
        assert_key_encodes(&key, json_text(v, "pk_legacy"), BLS_LEGACY);
    }
    uint8_t r[32], zero[32] = {0};
    struct bls_secret secret;
    member_bytes(json_object_get(vectors, "curve"), "r", r, 32);
    assert_false(bls_secret_decode(&secret, r));
    assert_false(bls_secret_decode(&secret, zero));
    r[31]--;
    assert_true(bls_secret_decode(&secret, r));
}

static void test_hash_to_g2(void **state)
{
    (void)state;
    static const char *const names[2] = {"legacy", "basic"};
    EACH(v, vectors_section(vectors, "hash_to_g2"))
    {
        uint8_t m[32];
        member_bytes(v, "msg", m, 32);
        for (size_t i = 0; i < 2; i++) {
            const json_t *want = json_object_get(v, names[i]);
            bls_sig h;
            bls_hash_to_g2(&h.point, m, scheme_named(names[i]));
            assert_sig_encodes(&h, json_text(want, "point_in_basic_encoding"), BLS_BASIC);
            assert_sig_encodes(&h, json_text(want, "point_in_legacy_encoding"), BLS_LEGACY);
        }
    }
}

static void assert_point(const blst_p2 *got, const json_t *want)
{
    static const char *const names[4] = {"x0", "x1", "y0", "y1"};
    blst_p2_affine a;
    blst_p2_to_affine(&a, got);
    const blst_fp *parts[4] = {&a.x.fp[0], &a.x.fp[1], &a.y.fp[0], &a.y.fp[1]};
    for (size_t i = 0; i < 4; i++) {
        uint8_t be[48], expected[48];
        blst_bendian_from_fp(be, parts[i]);
        member_bytes(want, names[i], expected, 48);
        assert_memory_equal(be, expected, 48);
    }
}

static blst_fp2 fp2_member(const json_t *object)
{
    uint8_t be[48];
    blst_fp2 t;
    member_bytes(object, "c0", be, 48);
    blst_fp_from_bendian(&t.fp[0], be);
    member_bytes(object, "c1", be, 48);
    blst_fp_from_bendian(&t.fp[1], be);
    return t;
}

static void test_legacy_hash_steps(void **state)
{
    (void)state;
    unsigned branches = 0;
    EACH(v, vectors_section(vectors, "legacy_hash_steps"))
    {
        blst_fp2 t0 = fp2_member(json_object_get(v, "t0")), t1 = fp2_member(json_object_get(v, "t1"));
        blst_p2 p0, p1, h;
        bls_legacy_map(&p0, &t0);
        bls_legacy_map(&p1, &t1);
        assert_point(&p0, json_object_get(v, "map_t0"));
        assert_point(&p1, json_object_get(v, "map_t1"));
        blst_p2_add_or_double(&p0, &p0, &p1);
        assert_point(&p0, json_object_get(v, "sum"));
        uint8_t m[32];
        member_bytes(v, "msg", m, 32);
        bls_legacy_hash(&h, m);
        assert_point(&h, json_object_get(v, "result"));
        branches |= 1u << json_int(v, "branch_t0") | 1u << json_int(v, "branch_t1");
    }
    assert_int_equal(branches, 1u << 1 | 1u << 2 | 1u << 3);
}

/* The input no message reaches, and the case of Dash Core's map that no input reaches: t^2 + 4(1+u) + 1 = 0. */
static void test_legacy_map_corners(void **state)
{
    (void)state;
    blst_fp2 t = {0}, needed;
    blst_p2 p;
    bls_legacy_map(&p, &t);
    assert_true(blst_p2_is_inf(&p));
    blst_fp_from_uint64(&needed.fp[0], (const uint64_t[6]){5});
    blst_fp_from_uint64(&needed.fp[1], (const uint64_t[6]){4});
    blst_fp2_cneg(&needed, &needed, true);
    assert_false(blst_fp2_is_square(&needed));
    assert_false(blst_fp2_sqrt(&t, &needed));
}

static void test_signatures(void **state)
{
    (void)state;
    EACH(v, vectors_section(vectors, "signatures"))
    {
        const json_t *key = json_array_get(json_object_get(vectors, "keys"), (size_t)json_int(v, "key"));
        uint8_t b[32], m[32];
        struct bls_secret secret;
        bls_sig sig;
        member_bytes(key, "sk", b, 32);
        text_bytes(json_array_get(json_object_get(vectors, "messages"), (size_t)json_int(v, "msg")), m, 32);
        assert_true(bls_secret_decode(&secret, b));
        bls_secret_sign(&secret, m, scheme_of(v), &sig);
        assert_sig_encodes(&sig, json_text(v, "sig_basic_encoding"), BLS_BASIC);
        assert_sig_encodes(&sig, json_text(v, "sig_legacy_encoding"), BLS_LEGACY);
        assert_sig_encodes(&sig, json_text(v, "wire"), scheme_of(v));
    }
}

static void test_decode(void **state)
{
    (void)state;
    EACH(v, vectors_section(vectors, "decode"))
    {
        bool want = verdict_of(v, "strict_accept"), is_key = strcmp(json_text(v, "kind"), "pk") == 0, got;
        enum bls_scheme scheme = scheme_of(v);
        size_t n = is_key ? 48 : 96;
        uint8_t in[96], out[96];
        bls_key key, key_before;
        bls_sig sig, sig_before;
        memset(&key, 0xa5, sizeof(key));
        memset(&sig, 0xa5, sizeof(sig));
        key_before = key;
        sig_before = sig;
        member_bytes(v, "bytes", in, n);
        got = is_key ? bls_key_decode(&key, in, scheme) : bls_sig_decode(&sig, in, scheme);
        if (got != want)
            fail_msg("%s %s: %s", json_text(v, "scheme"), json_text(v, "kind"), json_text(v, "name"));
        if (!got) {
            assert_memory_equal(&key, &key_before, sizeof(key));
            assert_memory_equal(&sig, &sig_before, sizeof(sig));
            continue;
        }
        if (is_key)
            bls_key_encode(out, &key, scheme);
        else
            bls_sig_encode(out, &sig, scheme);
        assert_memory_equal(out, in, n);
    }
}

/* A decoder that accepts must give back the same bytes, whatever the bytes. */
static void test_decoding_is_canonical(void **state)
{
    (void)state;
    uint64_t random = 7;
    size_t accepted = 0;
    for (int round = 0; round < 400; round++) {
        enum bls_scheme scheme = round & 1 ? BLS_BASIC : BLS_LEGACY;
        struct bls_secret secret = secret_random(&random);
        uint8_t key_bytes[48], sig_bytes[96], again[96];
        bls_key key;
        bls_sig sig;
        bls_secret_key(&secret, &key);
        bls_secret_sign(&secret, (const uint8_t[32]){(uint8_t)round}, scheme, &sig);
        bls_key_encode(key_bytes, &key, scheme);
        bls_sig_encode(sig_bytes, &sig, scheme);
        size_t at = test_random(&random) % 3;
        uint8_t flip = (uint8_t)(1u << test_random(&random) % 8);
        key_bytes[at == 0 ? 0 : test_random(&random) % 48] ^= flip;
        sig_bytes[at == 0 ? 0 : at == 1 ? 48 : test_random(&random) % 96] ^= flip;
        if (bls_key_decode(&key, key_bytes, scheme)) {
            accepted++;
            bls_key_encode(again, &key, scheme);
            assert_memory_equal(again, key_bytes, 48);
        }
        if (bls_sig_decode(&sig, sig_bytes, scheme)) {
            bls_sig_encode(again, &sig, scheme);
            assert_memory_equal(again, sig_bytes, 96);
        }
    }
    assert_true(accepted > 0);
}

static void test_verify(void **state)
{
    (void)state;
    EACH(v, vectors_section(vectors, "verify"))
    {
        enum bls_scheme scheme = scheme_of(v);
        uint8_t pk[48], m[32], s[96];
        bls_key key;
        bls_sig sig;
        member_bytes(v, "pk", pk, 48);
        member_bytes(v, "msg", m, 32);
        member_bytes(v, "sig", s, 96);
        bool got = bls_key_decode(&key, pk, scheme) && bls_sig_decode(&sig, s, scheme) && bls_verify(&key, &sig, m, scheme);
        if (got != verdict_of(v, "strict_accept"))
            fail_msg("%s: %s", json_text(v, "scheme"), json_text(v, "name"));
    }
    bls_key no_key = {0};
    bls_sig no_sig = {0};
    assert_false(bls_verify(&no_key, &no_sig, (const uint8_t[32]){0}, BLS_BASIC));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_embedded_hashes_and_shares),
        cmocka_unit_test(test_embedded_threshold_signature),
        cmocka_unit_test(test_embedded_decoding),
        cmocka_unit_test(test_keys_and_secrets),
        cmocka_unit_test(test_hash_to_g2),
        cmocka_unit_test(test_legacy_hash_steps),
        cmocka_unit_test(test_legacy_map_corners),
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_decoding_is_canonical),
        cmocka_unit_test(test_verify),
    };
    return cmocka_run_group_tests_name("bls", tests, load, unload);
}
