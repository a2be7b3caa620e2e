/* X11, each of its functions, and SHA3-256. */
#include "support/data.h"

#include "crypto/sha3.h"
#include "crypto/x11.h"
#include "crypto/x11/level.h"
#include "crypto/x11/x11_stages.h"

enum { HEADER = 80, PREV = 4 };

/* The chain with what each function makes of the mainnet genesis header (protocol.md 2.3). */
static const struct {
    const char *name;
    void (*run)(uint8_t out[64], const uint8_t *in);
    size_t input;
    const char *genesis;
} stages[] = {
    {"blake512", x11_blake512, 80,
     "227f2d5161ea36375dadcb89236aea5e7aaff3895572ee9f65ee3f23f59cf439"
     "358926cd14eb189d3f83915dc756b99865cf4164e0c9bd1bc90a2c9226b3b625"},
    {"bmw512", x11_bmw512, 64,
     "9a68884014b1da44c63c4ede72261c3e815e54a4ca627daff902bdda0f6d2d46"
     "ba4aa3a9fc4ea1d6ffe1bffde744d77696e0ac47d3b92bd3728c74d046dce676"},
    {"groestl512", x11_groestl512, 64,
     "17e4ecc346b47506d2e03d92a4eb198cea6ca1e79355baba0d3739014041d60a"
     "23610fb37c55c4f2a2075dfb0abf6c5a4c0e91827ed2a83c3ab4e807be46ca1e"},
    {"skein512", x11_skein512, 64,
     "326b1982591b194791c6ac2e118215581aefa63c9ba53d03e6923ca87af3e810"
     "0526997208673f6d9e643934c7b0be0e9218f7cd1757d159a87958c7a77c32d8"},
    {"jh512", x11_jh512, 64,
     "628229371163aa4a7bd55f265af1e009fe6e52fa8e44eb4210cd90e7f1be3c47"
     "8fc54bbfda5b9dc68a7351fd1e3377d9117e15bbc92ad4acf423348bffd8373b"},
    {"keccak512", x11_keccak512, 64,
     "e8936ccf90364fa516414f17c10fa8a86895eeef2643fd9df9ac1611efb9a871"
     "cee593e18a8088cc94b22e2e2a0ec50049ea4fc8ec954b29bb18793ad21a5598"},
    {"luffa512", x11_luffa512, 64,
     "75155f9cdf3e6753968f6bb4a0b26c69e3748c916a471325c9008afc02559727"
     "c64dc01f3eb99a216fce7bbf6582ee91e9a2415793b25b2218a96b74d7975bb0"},
    {"cubehash512", x11_cubehash512, 64,
     "3effd3b73d66d3afb5ada3592b3983041c12474f4eff37f33476d8f299e04841"
     "b8924813b969cfc64d8759f4940dbeabc2bb7be578edccbd8fea4a0aac203a07"},
    {"shavite512", x11_shavite512, 64,
     "862001b22261939303da51b42695923e535828a21b00c68ec44433f773cb466e"
     "c3e6ae1d9767df54825d50a01fe8b50450b2dd553237bde341f6f2ba12254c1a"},
    {"simd512", x11_simd512, 64,
     "00f832098e40d5120124b9535999b5b59b65c923c59221caa54c783f48431a60"
     "034f06173ab149c86b639490706b2dcfee8f08452dca4387d59178d9cc87d877"},
    {"echo512", x11_echo512, 64,
     "b67a40f3cd5804437a108f105533739c37e6229bc1adcab385140b59fd0f0000"
     "922edebf8c8984bd47a81fc7ab66efd8a4aff815fe83a38b57d398213bc8f486"},
};
enum { STAGES = sizeof(stages) / sizeof(stages[0]) };

#define GENESIS_START                                                                                                            \
    "010000000000000000000000000000000000000000000000000000000000000000000000"                                                   \
    "c762a6567f3cc092f0684bb62b7e00a84890b990f07cc71a6bb58d64b98e02e0"

/* protocol.md 1.2 and 2.3; hashes as displayed. */
static const struct {
    const char *header, *hash;
} known[] = {
    {GENESIS_START "022ddb52f0ff0f1ec23fb901", "00000ffd590b1485b3caadc19b22e6379c733355108f107a430458cdf3407ab6"},
    {GENESIS_START "dee1e352f0ff0f1ec3c927e6", "00000bafbc94add76cb75e2ec92894837288a481e5c005f6563d91623bf8bc2c"},
    {GENESIS_START "b9968054ffff7f20ffba1000", "000008ca1832a4baf228eb1553c03d3a2c8e02399550dd6ea8d65cec3ef23d2e"},
    {"040000002e3df23eec5cd6a86edd509539028e2c3a3dc05315eb28f2baa43218ca080000"
     "6ff8de707b5db167f8e4f4bb2bda42d08c01843a567250a5e794732d9704e6d8ba968054ffff7f2001000000",
     "64de7c3044c2f46291bd19881ad801e25a910776f4bcf563ef94a726b294ada5"},
};

static void test_known_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        uint8_t header[HEADER];
        block_hash expected, got;
        assert_true(hex_decode(known[i].header, header, HEADER));
        assert_true(hash_from_hex(known[i].hash, expected.b));
        x11_hash(&got, header);
        assert_memory_equal(got.b, expected.b, 32);
    }
}

static void test_stages_of_genesis(void **state)
{
    (void)state;
    uint8_t in[HEADER], expected[64], out[64];
    assert_true(hex_decode(known[0].header, in, HEADER));
    for (size_t i = 0; i < STAGES; i++) {
        assert_true(hex_decode(stages[i].genesis, expected, 64));
        stages[i].run(out, in);
        assert_memory_equal(out, expected, 64);
        stages[i].run(in, in); /* in place */
        assert_memory_equal(in, expected, 64);
    }
}

static void assert_stage(size_t i, const struct bytes *in, const struct bytes *expected, const char *what)
{
    /* Exactly as long as the input, so that the sanitizer sees a read beyond it. */
    uint8_t out[64];
    assert_int_equal(in->n, stages[i].input);
    assert_int_equal(expected->n, 64);
    stages[i].run(out, in->p);
    if (memcmp(out, expected->p, 64) != 0)
        fail_msg("%s of %s", stages[i].name, what);
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
    for (size_t i = 0; i < STAGES; i++) {
        const json_t *digests = json_object_get(functions, stages[i].name);
        const char *name;
        json_t *message;
        json_object_foreach(messages, name, message) {
            if (json_int(message, "length") != (int64_t)stages[i].input)
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
        for (size_t i = 0; i < STAGES; i++) {
            struct bytes expected = json_hex(outputs, stages[i].name);
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

/* ---- levels: every one that this machine can run does what the portable functions do */

static void random_bytes(uint8_t *to, size_t n, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)test_random(seed);
}

/* Lane 0 and the others differ, so that lanes that are mixed up are seen; each is alone in one round, extremes among them. */
static void check_stage(const struct x11_level *level, unsigned stage, const uint8_t *in)
{
    uint8_t got[X11_MOST_GROUP * 64], expected[64];
    const size_t input = stages[stage].input;
    x11_level_stage(level, stage, got, in);
    for (size_t i = 0; i < level->group; i++) {
        stages[stage].run(expected, in + input * i);
        if (memcmp(expected, got + 64 * i, 64) != 0)
            fail_msg("%s of level %s, lane %zu", x11_stage_names[stage], level->name, i);
    }
}

static void check_level(const struct x11_level *level)
{
    enum { ROUNDS = 200 };
    uint8_t in[X11_MOST_GROUP * HEADER];
    uint64_t seed = 4;
    for (unsigned stage = 0; stage < STAGES; stage++) {
        memset(in, 0, sizeof(in));
        check_stage(level, stage, in);
        memset(in, 0xff, sizeof(in));
        check_stage(level, stage, in);
        for (int round = 0; round < ROUNDS; round++) {
            random_bytes(in, sizeof(in), &seed);
            check_stage(level, stage, in);
        }
    }
    block_hash got[X11_MOST_GROUP], expected;
    for (int round = 0; round < ROUNDS; round++) {
        random_bytes(in, sizeof(in), &seed);
        x11_level_hash(level, got, in);
        for (size_t i = 0; i < level->group; i++) {
            size_t n;
            x11_level_hash(x11_levels(&n)[0], &expected, in + HEADER * i);
            assert_true(block_hash_eq(&got[i], &expected));
        }
    }
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
            check_level(levels[i]);
    }
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
        cmocka_unit_test(test_known_headers),       cmocka_unit_test(test_stages_of_genesis),
        cmocka_unit_test(test_each_function_alone), cmocka_unit_test(test_chains),
        cmocka_unit_test(test_4096_headers),        cmocka_unit_test(test_many_equals_one_by_one),
        cmocka_unit_test(test_real_run_links),      cmocka_unit_test(test_levels),
        cmocka_unit_test(test_sha3_256),
    };
    return cmocka_run_group_tests_name("x11", tests, NULL, NULL);
}
