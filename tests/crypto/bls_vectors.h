/* Reading bls/vectors.json, shared by the tests of BLS. */
#ifndef TESTS_CRYPTO_BLS_VECTORS_H
#define TESTS_CRYPTO_BLS_VECTORS_H

#include "support/data.h"

#include "crypto/bls/sign.h"

/* Every element of a JSON array; `continue` goes to the next one, `break` does too. */
#define EACH(item, array)                                                                                                        \
    for (size_t item##_at = 0; item##_at < json_array_size(array); item##_at++)                                                  \
        for (const json_t *item = json_array_get(array, item##_at); item; item = NULL)

/* vectors.json, or NULL without the data folder. A group's tests share it. */
static inline json_t *vectors_load(void)
{
    return data_present() ? data_json("bls/vectors.json") : NULL;
}

/* A list of the vectors; skips the running test without data. */
static inline json_t *vectors_section(const json_t *vectors, const char *name)
{
    data_or_skip();
    json_t *section = json_object_get(vectors, name);
    assert_true(json_is_array(section) && json_array_size(section) > 0);
    return section;
}

static inline enum bls_scheme scheme_named(const char *name)
{
    assert_true(strcmp(name, "legacy") == 0 || strcmp(name, "basic") == 0);
    return strcmp(name, "legacy") == 0 ? BLS_LEGACY : BLS_BASIC;
}

static inline enum bls_scheme scheme_of(const json_t *object)
{
    return scheme_named(json_text(object, "scheme"));
}

static inline bool verdict_of(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    assert_true(json_is_boolean(v));
    return json_is_true(v);
}

/* A string of exactly `n` bytes. */
static inline void text_bytes(const json_t *text, uint8_t *out, size_t n)
{
    assert_true(json_is_string(text));
    assert_true(hex_decode(json_string_value(text), out, n));
}

static inline void member_bytes(const json_t *object, const char *key, uint8_t *out, size_t n)
{
    text_bytes(json_object_get(object, key), out, n);
}

static inline void element_bytes(const json_t *object, const char *key, size_t i, uint8_t *out, size_t n)
{
    text_bytes(json_array_get(json_object_get(object, key), i), out, n);
}

static inline size_t member_count(const json_t *object, const char *key)
{
    const json_t *array = json_object_get(object, key);
    assert_true(json_is_array(array));
    return json_array_size(array);
}

static inline bls_key key_from_hex(const char *hex, enum bls_scheme scheme)
{
    uint8_t b[48];
    bls_key key;
    assert_true(hex_decode(hex, b, sizeof(b)));
    assert_true(bls_key_decode(&key, b, scheme));
    return key;
}

static inline bls_sig sig_from_hex(const char *hex, enum bls_scheme scheme)
{
    uint8_t b[96];
    bls_sig sig;
    assert_true(hex_decode(hex, b, sizeof(b)));
    assert_true(bls_sig_decode(&sig, b, scheme));
    return sig;
}

/* A point that must decode. */
static inline bls_key key_member(const json_t *object, const char *key, enum bls_scheme scheme)
{
    return key_from_hex(json_text(object, key), scheme);
}

static inline bls_sig sig_member(const json_t *object, const char *key, enum bls_scheme scheme)
{
    return sig_from_hex(json_text(object, key), scheme);
}

static inline void assert_sig_encodes(const bls_sig *sig, const char *hex, enum bls_scheme scheme)
{
    uint8_t b[96];
    char text[193];
    bls_sig_encode(b, sig, scheme);
    hex_encode(b, sizeof(b), text);
    assert_string_equal(text, hex);
}

static inline void assert_key_encodes(const bls_key *key, const char *hex, enum bls_scheme scheme)
{
    uint8_t b[48];
    char text[97];
    bls_key_encode(b, key, scheme);
    hex_encode(b, sizeof(b), text);
    assert_string_equal(text, hex);
}

/* A secret below r from a test generator. */
static inline struct bls_secret secret_random(uint64_t *random)
{
    uint8_t b[32];
    for (size_t i = 0; i < 32; i++)
        b[i] = (uint8_t)test_random(random);
    b[0] &= 0x3f;
    struct bls_secret s;
    assert_true(bls_secret_decode(&s, b));
    return s;
}

/* signHash of Dash Core's legacy test, in wire order (the source shows it reversed). */
static inline void embedded_message(uint8_t out[32])
{
    assert_true(hash_from_hex("b6d8ee31bbd375dfd55d5fb4b02cfccc68709e64f4c5ffcd3895ceb46540311d", out));
}

/* The first three secret shares of that test. */
static inline struct bls_secret embedded_secret(size_t i)
{
    static const char *const secrets[3] = {
        "43dd263542a8d10bc9f843b46f15c86cd87e00c8f45fe5339b30c08e3233d8e3",
        "5e7247ef1a0e671b8349e7be3f50ec88f1eafde90345f34520010e4aa9f18731",
        "34bcc40dea17bb03ec085ac46a0ea9614b3ffc4bae8b0b292f3d7c54662b00a6",
    };
    uint8_t b[32];
    struct bls_secret s;
    assert_true(hex_decode(secrets[i], b, 32));
    assert_true(bls_secret_decode(&s, b));
    return s;
}

#endif
