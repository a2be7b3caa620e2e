/* X11, each of its functions, and SHA3-256. */
#include "support/data.h"

#include "crypto/sha3.h"
#include "crypto/x11.h"
#include "crypto/x11_check.h"

enum { HEADER = X11_HEADER, PREV = 4 };

static void assert_right(const char *wrong)
{
    if (wrong)
        fail_msg("%s", wrong);
}

static void test_known_headers(void **state)
{
    (void)state;
    assert_right(x11_check_headers());
}

static void test_functions_of_genesis(void **state)
{
    (void)state;
    assert_right(x11_check_functions());
}

static void assert_stage(size_t i, const struct bytes *in, const struct bytes *expected, const char *what)
{
    /* Exactly as long as the input, so that the sanitizer sees a read beyond it. */
    uint8_t out[64];
    assert_int_equal(in->n, x11_functions[i].input);
    assert_int_equal(expected->n, 64);
    x11_functions[i].run(out, in->p);
    if (memcmp(out, expected->p, 64) != 0)
        fail_msg("%s of %s", x11_functions[i].name, what);
}

/* Every message of the size a function takes inside X11. */
static void test_each_function_alone(void **state)
{
    (void)state;
    data_or_skip();
    json_t *root = data_json("x11/stages.json");
    const json_t *functions = json_object_get(root, "functions");
    json_t *messages = json_object_get(root, "messages");
    int checked = 0;
    for (size_t i = 0; i < X11_STAGES; i++) {
        const json_t *digests = json_object_get(functions, x11_functions[i].name);
        const char *name;
        json_t *message;
        json_object_foreach(messages, name, message) {
            if (json_int(message, "length") != (int64_t)x11_functions[i].input)
                continue;
            struct bytes in = json_hex(message, "hex"), expected = json_hex(digests, name);
            assert_stage(i, &in, &expected, name);
            free(in.p);
            free(expected.p);
            checked++;
        }
    }
    assert_int_equal(checked, 1 + 10 * 2); /* count80; zeros64 and count64 */
    json_decref(root);
}

static void test_chains(void **state)
{
    (void)state;
    data_or_skip();
    json_t *root = data_json("x11/stages.json");
    const json_t *chains = json_object_get(root, "chains");
    assert_int_equal(json_array_size(chains), 8);
    for (size_t c = 0; c < json_array_size(chains); c++) {
        const json_t *chain = json_array_get(chains, c);
        const json_t *outputs = json_object_get(chain, "stages");
        struct bytes in = json_hex(chain, "input"), hash = json_hex(chain, "x11");
        block_hash got;
        assert_int_equal(in.n, HEADER);
        x11_hash(&got, in.p);
        assert_memory_equal(got.b, hash.p, 32);
        for (size_t i = 0; i < X11_STAGES; i++) {
            struct bytes expected = json_hex(outputs, x11_functions[i].name);
            assert_stage(i, &in, &expected, "a chain");
            free(in.p);
            in = expected;
        }
        free(in.p);
        free(hash.p);
    }
    json_decref(root);
}

static void test_4096_headers(void **state)
{
    (void)state;
    data_or_skip();
    enum { COUNT = 4096 };
    struct bytes headers = data_load("x11/headers.bin"), hashes = data_load("x11/hashes.bin");
    assert_int_equal(headers.n, COUNT * HEADER);
    assert_int_equal(hashes.n, COUNT * 32);
    block_hash *got = malloc(COUNT * sizeof(*got));
    assert_non_null(got);
    x11_many(got, headers.p, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_memory_equal(got[i].b, hashes.p + 32 * i, 32);
    free(got);
    free(headers.p);
    free(hashes.p);
}

/* Groups of every small size, from headers at any alignment, and nothing written behind the last hash. */
static void test_many_equals_one_by_one(void **state)
{
    (void)state;
    enum { MOST = 33 };
    uint64_t seed = 11;
    uint8_t memory[MOST * HEADER + 8];
    for (size_t i = 0; i < sizeof(memory); i++)
        memory[i] = (uint8_t)test_random(&seed);
    for (size_t n = 0; n <= MOST; n++) {
        const uint8_t *headers = memory + n % 8;
        block_hash got[MOST + 1], expected;
        memset(got, 0xa5, sizeof(got));
        x11_many(got, headers, n);
        for (size_t i = 0; i < n; i++) {
            x11_hash(&expected, headers + HEADER * i);
            assert_true(block_hash_eq(&got[i], &expected));
        }
        memset(expected.b, 0xa5, sizeof(expected.b));
        assert_true(block_hash_eq(&got[n], &expected));
    }
}

static void test_real_run_links(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes headers = data_load("mainnet/headers_1737084_1742083.bin");
    const size_t count = headers.n / HEADER;
    assert_int_equal(headers.n, 5000 * HEADER);
    block_hash *got = malloc(count * sizeof(*got));
    assert_non_null(got);
    x11_many(got, headers.p, count);
    for (size_t i = 0; i + 1 < count; i++)
        assert_memory_equal(got[i].b, headers.p + HEADER * (i + 1) + PREV, 32);
    /* And a single flipped bit breaks a link. */
    headers.p[HEADER - 1] ^= 1;
    x11_hash(&got[0], headers.p);
    assert_memory_not_equal(got[0].b, headers.p + HEADER + PREV, 32);
    free(got);
    free(headers.p);
}

static void test_levels(void **state)
{
    (void)state;
    size_t n;
    const struct x11_level *const *levels = x11_levels(&n);
    for (size_t i = 0; i < n; i++) {
        const bool usable = levels[i]->usable();
        print_message("           level %s: %s\n", levels[i]->name, usable ? "checked" : "SKIPPED, not for this CPU");
        if (usable)
            assert_right(x11_check_level(levels[i]));
    }
}

/* A CPU that has lanes uses them. */
static void test_lanes(void **state)
{
    (void)state;
    size_t n, most = 1;
    const struct x11_level *const *levels = x11_levels(&n);
    for (size_t i = 0; i < n; i++) {
        assert_in_range(levels[i]->group, 1, X11_MOST_LANES);
        if (levels[i]->usable() && levels[i]->group > most)
            most = levels[i]->group;
    }
    assert_int_equal(x11_lanes(), most);
}

static void assert_sha3(const uint8_t *data, size_t n, const char *hex)
{
    uint8_t expected[32], got[32];
    assert_true(hex_decode(hex, expected, 32));
    sha3_256(got, data, n);
    assert_memory_equal(got, expected, 32);
}

static void test_sha3_256(void **state)
{
    (void)state;
    assert_sha3(NULL, 0, "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    assert_sha3((const uint8_t *)"abc", 3, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
    /* Messages 00 01 02 ... of every length 0..300, around all block boundaries; answers from Python's hashlib. */
    enum { LONGEST = 300 };
    uint8_t message[LONGEST], digests[(LONGEST + 1) * 32];
    for (size_t i = 0; i < LONGEST; i++)
        message[i] = (uint8_t)i;
    assert_sha3(message, 135, "fded8fd9d6551c601eeb3b7c6bc5e5cfd8aad1d015b7e9aaa9c9b9475231d5e2");
    assert_sha3(message, 136, "cf3ccff92480a29160c2d38317c430e14749bfee1788106957dfe73f8c4930e5");
    for (size_t n = 0; n <= LONGEST; n++)
        sha3_256(digests + 32 * n, message, n);
    assert_sha3(digests, sizeof(digests), "89e5b197acab176c0843ed7b73f52c4fb9352ed869f2fb1bc10130383da527c4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_headers),       cmocka_unit_test(test_functions_of_genesis),
        cmocka_unit_test(test_each_function_alone), cmocka_unit_test(test_chains),
        cmocka_unit_test(test_4096_headers),        cmocka_unit_test(test_many_equals_one_by_one),
        cmocka_unit_test(test_real_run_links),      cmocka_unit_test(test_levels),
        cmocka_unit_test(test_lanes),               cmocka_unit_test(test_sha3_256),
    };
    return cmocka_run_group_tests_name("x11", tests, NULL, NULL);
}
