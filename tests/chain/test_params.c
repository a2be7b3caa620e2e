/* chain/params: the four networks against protocol.md 1.1 to 1.6. */
#include "support/data.h"

#include "base/endian.h"
#include "chain/arith256.h"
#include "chain/header.h"
#include "chain/params.h"
#include "crypto/sha256.h"
#include "crypto/x11.h"

static struct chain_params make(const char *network)
{
    struct chain_params p;
    memset(&p, 0xa5, sizeof(p));
    assert_true(chain_params_init(&p, network));
    assert_string_equal(p.name, network);
    return p;
}

static void assert_shows(const uint8_t hash[32], const char *displayed)
{
    char hex[65];
    hash_to_hex(hash, hex);
    assert_string_equal(hex, displayed);
}

static const char *const networks[] = {"mainnet", "testnet", "regtest", "devnet", "devnet-foo"};

static void test_genesis_headers_hash_to_their_names(void **state)
{
    (void)state;
    static const char *const genesis[] = {
        "00000ffd590b1485b3caadc19b22e6379c733355108f107a430458cdf3407ab6",
        "00000bafbc94add76cb75e2ec92894837288a481e5c005f6563d91623bf8bc2c",
        "000008ca1832a4baf228eb1553c03d3a2c8e02399550dd6ea8d65cec3ef23d2e",
        "000008ca1832a4baf228eb1553c03d3a2c8e02399550dd6ea8d65cec3ef23d2e",
        "000008ca1832a4baf228eb1553c03d3a2c8e02399550dd6ea8d65cec3ef23d2e",
    };
    for (size_t i = 0; i < 5; i++) {
        struct chain_params p = make(networks[i]);
        block_hash hash;
        x11_hash(&hash, p.genesis);
        assert_shows(hash.b, genesis[i]);
        assert_true(block_hash_eq(&hash, &p.genesis_hash));
    }
}

static void test_limits_agree_with_their_compact_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct chain_params p = make(networks[i]);
        arith256 limit = arith256_from_le(p.pow_limit), one = arith256_from_u64(1);
        assert_int_equal(arith256_bits(&limit), i < 2 ? 236 : 255);
        arith256 power = arith256_add(&limit, &one);
        assert_int_equal(arith256_bits(&power), i < 2 ? 237 : 256);
        assert_int_equal(arith256_to_compact(&limit), p.pow_limit_bits);
        assert_int_equal(p.pow_spacing_s, 150);
        assert_int_equal(p.pow_timespan_s, 86400);
        assert_int_equal(p.minimum_difficulty_blocks, 0);
    }
}

static void test_identity(void **state)
{
    (void)state;
    static const struct {
        const char *network, *magic, *dns_seed, *minimum_work;
        uint16_t port;
        bool easy, fixed;
        int32_t kgw, dgw, lenient;
    } known[] = {
        {"mainnet", "bf0c6bbd", "dnsseed.dash.org", "00000000000000000000000000000000000000000000b567e2d53a06de194061",
         9999, false, false, 15200, 34140, 68589},
        {"testnet", "cee2caff", "testnet-seed.dashdot.io",
         "000000000000000000000000000000000000000000000000036c8f738da818d2", 19999, true, false, 4002, 4002, -1},
        {"devnet-x", "e2caffce", NULL, "0000000000000000000000000000000000000000000000000000000000000000", 19799, true, false,
         4001, 4001, -1},
        {"regtest", "fcc1b7dc", NULL, "0000000000000000000000000000000000000000000000000000000000000000", 19899, true, true,
         15200, 34140, -1},
    };
    for (size_t i = 0; i < 4; i++) {
        struct chain_params p = make(known[i].network);
        char hex[9];
        hex_encode(p.magic, 4, hex);
        assert_string_equal(hex, known[i].magic);
        assert_int_equal(p.port, known[i].port);
        if (known[i].dns_seed)
            assert_string_equal(p.dns_seed, known[i].dns_seed);
        else
            assert_null(p.dns_seed);
        assert_shows(p.minimum_chain_work, known[i].minimum_work);
        assert_int_equal(p.allow_min_difficulty, known[i].easy);
        assert_int_equal(p.no_retargeting, known[i].fixed);
        assert_int_equal(p.kgw_height, known[i].kgw);
        assert_int_equal(p.dgw_height, known[i].dgw);
        assert_int_equal(p.lenient_bits_height, known[i].lenient);
    }
}

static void test_activation_heights(void **state)
{
    (void)state;
    /* bip34, bip66, bip65, dip0003, enforcement, dip0008, dip0020, dip0024, its quorums, v19, v20, mn_rr */
    static const struct {
        const char *network;
        int32_t heights[12];
    } known[] = {
        {"mainnet", {951, 245817, 619382, 1028160, 1047200, 1088640, 1516032, 1737792, 1738698, 1899072, 1987776, 2128896}},
        {"testnet", {76, 2075, 2431, 7000, 7300, 78800, 414100, 769700, 770730, 850100, 905100, 1066900}},
        {"devnet", {1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2}},
        {"regtest", {1, 1, 1, 432, 500, 1, 1, 1, 1, 1, 432, 432}},
    };
    for (size_t i = 0; i < 4; i++) {
        struct chain_params p = make(known[i].network);
        const struct activations *a = &p.active;
        const int32_t got[12] = {a->bip34,   a->bip66,   a->bip65,           a->dip0003, a->dip0003_enforcement, a->dip0008,
                                 a->dip0020, a->dip0024, a->dip0024_quorums, a->v19,     a->v20,                 a->mn_rr};
        assert_memory_equal(got, known[i].heights, sizeof(got));
        assert_null(chain_params_check(&p));
    }
}

/* SHA-256 over (height little-endian, hash) of the table, computed from the specification's text. */
static void check_table(const char *network, size_t n, const char *digest)
{
    struct chain_params p = make(network);
    assert_int_equal(p.n_checkpoints, n);
    uint8_t *all = malloc(36 * n + 1), got[32];
    for (size_t i = 0; i < n; i++) {
        store_le32(all + 36 * i, (uint32_t)p.checkpoints[i].height);
        memcpy(all + 36 * i + 4, p.checkpoints[i].hash.b, 32);
        assert_true(i == 0 || p.checkpoints[i].height > p.checkpoints[i - 1].height);
        assert_ptr_equal(chain_params_checkpoint(&p, p.checkpoints[i].height), &p.checkpoints[i]);
        assert_null(chain_params_checkpoint(&p, p.checkpoints[i].height + 1));
    }
    sha256(got, all, 36 * n);
    free(all);
    char hex[65];
    hex_encode(got, 32, hex);
    assert_string_equal(hex, digest);
    assert_int_equal(chain_params_last_checkpoint(&p), p.checkpoints[n - 1].height);
}

static void test_checkpoint_tables(void **state)
{
    (void)state;
    check_table("mainnet", 37, "619763bdce4033956dc453b02b00b7289f0db8c18a5f93f46fd3f70e32305703");
    check_table("testnet", 19, "b8b08a5cf050075080559f2aefadc972f3b28ad5cd540dba7a7f966cb83f948d");
    struct chain_params p = make("testnet");
    assert_int_equal(p.checkpoints[0].height, 255);
    assert_shows(p.checkpoints[0].hash.b, "0000080b600e06f4c07880673f027210f9314575f5f875fafe51971e268b886a");
    assert_int_equal(chain_params_last_checkpoint(&p), 1380000);
    p = make("regtest");
    assert_int_equal(chain_params_last_checkpoint(&p), -1);
    assert_null(chain_params_checkpoint(&p, 0));
}

static void check_seeds(const char *network, size_t n, const char *digest)
{
    struct chain_params p = make(network);
    assert_int_equal(p.n_fixed_seeds, n);
    char text[2000] = "";
    for (size_t i = 0; i < n; i++) {
        strcat(text, i ? "\n" : "");
        strcat(text, p.fixed_seeds[i]);
    }
    uint8_t got[32];
    char hex[65];
    sha256(got, text, strlen(text));
    hex_encode(got, 32, hex);
    assert_string_equal(hex, digest);
}

static void test_fixed_seeds(void **state)
{
    (void)state;
    check_seeds("mainnet", 40, "5696b21dadc3bf6da9292a755af4306601663b421c04557fd340275b575900ea");
    check_seeds("testnet", 14, "22f94db556f3b3630aaff38528f3b3c8e416d598756b36f20b15a0299d09e0ef");
}

static void test_devnet_block1(void **state)
{
    (void)state;
    static const struct {
        const char *name, *coinbase, *hash;
        uint32_t nonce;
    } known[] = {
        {"devnet", "d854173737ba9ab2094f1c3e801705df14f35affa990f137c87b1bb2c7197a74",
         "65aeaff7fc5bae2bdf1604f5498108317a79ac56624cffe78e77adc206fe1c8b", 0},
        {"devnet-foo", "d8e604972d7394e7a55072563a84018cd042da2bbbf4e4f867b15d7b70def86f",
         "64de7c3044c2f46291bd19881ad801e25a910776f4bcf563ef94a726b294ada5", 1},
    };
    for (size_t i = 0; i < 2; i++) {
        struct chain_params p = make(known[i].name);
        assert_true(p.has_block1);
        struct header h = header_parse(p.block1);
        assert_int_equal(h.version, 4);
        assert_true(block_hash_eq(&h.prev, &p.genesis_hash));
        assert_shows(h.merkle_root.b, known[i].coinbase);
        assert_int_equal(h.time, 1417713338);
        assert_int_equal(h.bits, 0x207fffff);
        assert_int_equal(h.nonce, known[i].nonce);
        assert_shows(p.block1_hash.b, known[i].hash);
        block_hash hash;
        x11_hash(&hash, p.block1);
        assert_true(block_hash_eq(&hash, &p.block1_hash));
    }
    for (size_t i = 0; i < 3; i++)
        assert_false(make(networks[i]).has_block1);
}

static void test_unknown_networks(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",        "main",      "Mainnet",     "mainnet ",     "devnet-",
                                        "devnetx", "devnet-a/b", "devnet-a b", "devnet-a\\b", "devnet-\x80"};
    struct chain_params p;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(chain_params_init(&p, wrong[i]));
    char name[80] = "devnet-";
    memset(name + 7, 'a', 69);
    assert_false(chain_params_init(&p, name)); /* 76 characters */
    name[75] = 0;
    assert_true(chain_params_init(&p, name));
    assert_string_equal(p.name, name);
}

static void test_overrides(void **state)
{
    (void)state;
    struct chain_params p = make("regtest");
    const struct {
        const char *value;
        const int32_t *height;
        int32_t expected;
    } good[] = {
        {"bip34@7", &p.active.bip34, 7},
        {"dersig@8", &p.active.bip66, 8},
        {"cltv@9", &p.active.bip65, 9},
        {"dip0008@10", &p.active.dip0008, 10},
        {"dip0024@11", &p.active.dip0024, 11},
        {"dip0024@12", &p.active.dip0024_quorums, 12},
        {"v19@260", &p.active.v19, 260},
        {"v20@2147483646", &p.active.v20, 2147483646},
        {"mn_rr@0", &p.active.mn_rr, 0},
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_null(chain_params_override(&p, "testactivationheight", good[i].value));
        assert_int_equal(*good[i].height, good[i].expected);
    }
    assert_null(chain_params_override(&p, "dip3params", "2:3"));
    assert_int_equal(p.active.dip0003, 2);
    assert_int_equal(p.active.dip0003_enforcement, 3);
    struct chain_params before = p;
    static const char *const without_effect[] = {"bip147@3", "csv@3", "dip0001@3", "brr@3"};
    for (size_t i = 0; i < 4; i++)
        assert_null(chain_params_override(&p, "testactivationheight", without_effect[i]));
    assert_memory_equal(&p.active, &before.active, sizeof(p.active));
}

static void test_wrong_overrides_change_nothing(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"testactivationheight", "v20"},        {"testactivationheight", "v20@"},
        {"testactivationheight", "v20@-1"},     {"testactivationheight", "v20@1x"},
        {"testactivationheight", "v20@ 1"},     {"testactivationheight", "v20@2147483647"},
        {"testactivationheight", "v2@5"},       {"testactivationheight", "v200@5"},
        {"testactivationheight", "@5"},         {"testactivationheight", "dip0003@5"},
        {"testactivationheight", "withdrawals@5"}, {"testactivationheight", "V20@5"},
        {"testactivationheight", "v20@99999999999999999999999"},
        {"dip3params", "2"},                    {"dip3params", "2:"},
        {"dip3params", ":2"},                   {"dip3params", "2:2:2"},
        {"dip3params", "-2:2"},                 {"dip3params", "2:2147483647"},
        {"vbparams", "v24:0:1"},                {"", ""},
    };
    struct chain_params p = make("regtest"), before = p;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_non_null(chain_params_override(&p, wrong[i][0], wrong[i][1]));
        assert_memory_equal(&p.active, &before.active, sizeof(p.active));
    }
    static const char *const fixed[] = {"mainnet", "testnet", "devnet"};
    for (size_t i = 0; i < 3; i++) {
        p = make(fixed[i]);
        assert_non_null(chain_params_override(&p, "testactivationheight", "v20@5"));
        assert_non_null(chain_params_override(&p, "dip3params", "2:2"));
    }
}

static void test_contradicting_heights_are_found(void **state)
{
    (void)state;
    struct chain_params p = make("regtest");
    assert_null(chain_params_override(&p, "testactivationheight", "v20@100"));
    assert_non_null(chain_params_check(&p)); /* dip0003 is at 432 */
    assert_null(chain_params_override(&p, "dip3params", "2:2"));
    assert_null(chain_params_check(&p));
    assert_null(chain_params_override(&p, "testactivationheight", "mn_rr@99"));
    assert_non_null(chain_params_check(&p));
    assert_null(chain_params_override(&p, "testactivationheight", "mn_rr@100"));
    assert_null(chain_params_check(&p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_genesis_headers_hash_to_their_names),
        cmocka_unit_test(test_limits_agree_with_their_compact_form),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_activation_heights),
        cmocka_unit_test(test_checkpoint_tables),
        cmocka_unit_test(test_fixed_seeds),
        cmocka_unit_test(test_devnet_block1),
        cmocka_unit_test(test_unknown_networks),
        cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_wrong_overrides_change_nothing),
        cmocka_unit_test(test_contradicting_heights_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
