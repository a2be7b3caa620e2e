/* `dashspv verify` as a person runs it over real captures and recordings. Figures: found by an independent program over the same
 * files. */
#include "cli/verify_run.h"

static size_t quorums_of(const struct run *r, int type, const char *status)
{
    size_t i, n = 0;
    json_t *q;
    json_array_foreach(json_object_get(r->json, "quorums"), i, q)
        n += json_int(q, "type") == type && strcmp(json_text(q, "status"), status) == 0;
    return n;
}

/* ---- real captures */

static const struct capture_set {
    const char *words;
    int lists, quorums, verified, lists_waiting, types[7]; /* types: verified by type, 1 to 6 */
} sets[] = {
    {"--json @mainnet/mnlistdiff_0_2028691_v70230.bin @mainnet/qrinfo_2028764_v70230.bin", 6, 305, 76, 1, {0, 0, 5, 2, 5, 64, 0}},
    {"--json @mainnet/mnlistdiff_0_2449941_v70230.bin @mainnet/qrinfo_2449949_v70230.bin", 6, 302, 75, 1, {0, 0, 5, 1, 5, 64, 0}},
    {"--json @mainnet/mnlistdiff_0_2227096_v70230.bin @mainnet/from_2227096_v70230.lp @mainnet/chain_2239480_2240464_v70230.lp "
     "@mainnet/qrinfo_2240504_v70230.bin --heights @mainnet/block_heights_2240504.json @mainnet/chainlocks.json",
     30, 428, 97, 0, {0, 0, 5, 1, 27, 64, 0}},
    {"--json --network testnet @testnet/mnlistdiff_0_905762_v70230.bin @testnet/qrinfo_905770_v70230.bin "
     "--headers @testnet/headers_895000_907999.bin --heights @testnet/block_heights.json @testnet/chainlocks.json",
     6, 352, 38, 1, {0, 2, 0, 0, 2, 32, 2}},
    {"--json --network testnet @testnet/mnlistdiff_0_530000_v70228.bin @testnet/mnlistdiff_530000_1158552_v70230.bin "
     "@testnet/chain_1158552_1159117_v70230.lp @testnet/qrinfo_1159116_v70230.bin @testnet/qrinfo_1159115_1159116_v70230.bin",
     33, 487, 79, 0, {0, 5, 0, 0, 5, 64, 5}},
    {"--json --network testnet @testnet/mnlistdiff_0_849810_v70228.bin @testnet/qrinfo_849809_v70228.bin "
     "--headers @testnet/headers_844000_851999.bin",
     9, 366, 32, 1, {0, 0, 0, 0, 0, 32, 0}},
};
enum { N_SETS = sizeof(sets) / sizeof(sets[0]) };

/* Every quorum is verified with all it takes, or says what it lacks. */
static void check_rows(const struct run *r)
{
    size_t i;
    json_t *q;
    json_array_foreach(json_object_get(r->json, "quorums"), i, q) {
        if (strcmp(json_text(q, "status"), "verified") == 0) {
            size_t members = json_array_size(json_object_get(q, "members"));
            assert_true(members > 0 && members <= strlen(json_text(q, "signers")));
            assert_int_equal(strlen(json_text(q, "signers")), strlen(json_text(q, "valid_members")));
            assert_true(json_int(q, "height") > 0);
            assert_true(json_is_null(json_object_get(q, "reason")));
        } else {
            assert_string_equal(json_text(q, "status"), "waiting");
            assert_memory_equal(json_text(q, "reason"), "NEED_", 5);
        }
    }
}

/* Coinbases are proved against headers where headers are given, and only there. */
static void check_lists(const struct capture_set *s, const struct run *r)
{
    const char *proof = strstr(s->words, "--headers") ? "header" : "no header given";
    size_t i;
    json_t *list;
    json_array_foreach(json_object_get(r->json, "lists"), i, list)
        if (json_is_true(json_object_get(list, "roots_ok")))
            assert_string_equal(json_text(list, "coinbase_proof"), proof);
        else
            assert_string_equal(json_text(list, "reason"), "UNKNOWN_BASE");
}

static void check_set(const struct capture_set *s, const struct run *r)
{
    assert_int_equal(r->code, 0);
    assert_int_equal(summary(r, "lists"), s->lists);
    assert_int_equal(summary(r, "roots_ok"), s->lists);
    assert_int_equal(summary(r, "lists_waiting"), s->lists_waiting);
    assert_int_equal(summary(r, "quorums"), s->quorums);
    assert_int_equal(summary(r, "verified"), s->verified);
    assert_int_equal(summary(r, "waiting"), s->quorums - s->verified);
    assert_int_equal(summary(r, "invalid"), 0);
    assert_int_equal(summary(r, "locks_invalid"), 0);
    assert_int_equal(summary(r, "snapshot_mismatches"), 0);
    for (int type = 1; type <= 6; type++)
        assert_int_equal(quorums_of(r, type, "verified"), s->types[type]);
    check_rows(r);
    check_lists(s, r);
}

static void test_captures(void **state)
{
    (void)state;
    data_or_skip();
    for (size_t i = 0; i < N_SETS; i++) {
        struct run r = run_words(sets[i].words);
        check_set(&sets[i], &r);
        run_free(&r);
    }
}

/* The order of the files is of no importance: also backwards each diff finds its base. */
static void test_order(void **state)
{
    (void)state;
    data_or_skip();
    for (size_t i = 2; i < N_SETS; i += 2) { /* the two with chains of diffs */
        struct arguments words = {0}, a = {0};
        arguments_split(&words, sets[i].words);
        arguments_add(&a, "verify");
        for (int k = words.n; k-- > 0;) {
            bool value = k > 0 && strncmp(words.v[k - 1], "--", 2) == 0 && strcmp(words.v[k - 1], "--json") != 0;
            if (value)
                arguments_add(&a, words.v[k - 1]);
            arguments_add(&a, words.v[k]);
            k -= value;
        }
        arguments_free(&words);
        struct run r = run_arguments(&a);
        check_set(&sets[i], &r);
        run_free(&r);
    }
}

/* Returns how many locks were verified; each by the quorum that the selection rule picks. */
static size_t check_chainlocks(const char *words, const char *expected)
{
    struct run r = run_words(words);
    json_t *locks = json_object_get(r.json, "locks"), *known = data_json(expected);
    size_t verified = 0;
    assert_int_equal(r.code, 0);
    assert_int_equal(json_array_size(locks), json_array_size(known));
    for (size_t i = 0; i < json_array_size(locks); i++) {
        json_t *lock = json_array_get(locks, i), *row = json_array_get(known, i);
        assert_int_equal(json_int(lock, "height"), json_int(row, "height"));
        if (strcmp(json_text(lock, "status"), "verified") != 0) {
            assert_string_equal(json_text(lock, "reason"), "NEED_QUORUM");
            continue;
        }
        verified++;
        assert_string_equal(json_text(json_object_get(lock, "quorum"), "hash"), json_text(row, "selected_quorum_hash"));
    }
    json_decref(known);
    run_free(&r);
    return verified;
}

static void test_chainlocks(void **state)
{
    (void)state;
    data_or_skip();
    assert_int_equal(check_chainlocks(sets[2].words, "mainnet/chainlocks.json"), 2);
    assert_int_equal(check_chainlocks(sets[3].words, "testnet/chainlocks.json"), 4);
    /* With the lists of the weeks before, more signing quorums can be verified. */
    char words[1200];
    snprintf(words, sizeof(words), "%s @testnet/mnlistdiff_0_530000_v70228.bin @testnet/mnlistdiff_530000_900096_v70230.bin "
                                   "@testnet/chain_900096_905525_v70230.lp", sets[3].words);
    assert_int_equal(check_chainlocks(words, "testnet/chainlocks.json"), 20);
}

/* ---- recordings */

static void check_recording(const char *words, int lists, int quorums, int locks)
{
    struct run r = run_words(words);
    assert_int_equal(r.code, 0);
    assert_int_equal(summary(&r, "roots_ok"), lists);
    assert_int_equal(summary(&r, "quorums"), quorums);
    assert_int_equal(summary(&r, "verified"), quorums);
    assert_int_equal(summary(&r, "locks"), locks);
    assert_int_equal(summary(&r, "locks_verified"), locks);
    check_rows(&r);
    run_free(&r);
}

static void test_recordings(void **state)
{
    (void)state;
    data_or_skip();
    check_recording("--json " CHURN "@regtest/churn/headers.bin @regtest/churn/mnlistdiff_from_genesis.bin "
                    "@regtest/churn/live.bin @regtest/churn/qrinfo_70235.bin", 580, 55, 286 + 27);
    check_recording("--json " ERAS "--headers @regtest/eras/headers.bin @regtest/eras/mnlistdiff_from_genesis.bin "
                    "@regtest/eras/live.bin @regtest/eras/qrinfo_70240.bin @regtest/eras/mnlistdiff_pairs.bin", 481, 24, 91);
}

/* Members in the report, in order, are what Dash Core answered. Returns how many quorums were compared. */
static size_t check_members(const json_t *report, const json_t *dump)
{
    const char *type, *hash;
    json_t *quorums, *info;
    size_t compared = 0;
    json_object_foreach(json_object_get(dump, "quorums"), type, quorums)
        json_object_foreach(quorums, hash, info) {
            json_t *row, *found = NULL, *members = json_object_get(info, "members");
            size_t i;
            json_array_foreach(json_object_get(report, "quorums"), i, row)
                if (strcmp(json_text(row, "type_name"), type) == 0 && strcmp(json_text(row, "hash"), hash) == 0)
                    found = row;
            assert_non_null(found);
            assert_int_equal(json_int(found, "height"), json_int(info, "height"));
            assert_string_equal(json_text(found, "public_key"), json_text(info, "quorumPublicKey"));
            assert_string_equal(json_text(found, "status"), "verified");
            assert_int_equal(json_array_size(json_object_get(found, "members")), json_array_size(members));
            for (i = 0; i < json_array_size(members); i++) {
                json_t *member = json_array_get(members, i);
                assert_string_equal(json_string_value(json_array_get(json_object_get(found, "members"), i)),
                                    json_text(member, "proTxHash"));
                assert_int_equal(json_text(found, "valid_members")[i], json_is_true(json_object_get(member, "valid")) ? '1' : '0');
            }
            compared++;
        }
    return compared;
}

static void test_report(void **state)
{
    (void)state;
    data_or_skip();
    struct arguments a = {0};
    arguments_add(&a, "verify");
    arguments_split(&a, CHURN "@regtest/churn/headers.bin @regtest/churn/mnlistdiff_from_genesis.bin @regtest/churn/live.bin");
    arguments_add(&a, "--report");
    arguments_add(&a, scratch_path("report.json"));
    struct run r = run_arguments(&a);
    assert_int_equal(r.code, 0);
    json_t *report = json_load_file(scratch_path("report.json"), 0, NULL), *oracle = data_json("regtest/churn/oracle.json");
    assert_non_null(report);
    size_t compared = 0;
    for (size_t i = 0; i < json_array_size(oracle); i++)
        compared += check_members(report, json_array_get(oracle, i));
    assert_true(compared > 55);
    json_t *lists = json_object_get(report, "masternode_lists");
    json_t *last = json_array_get(lists, json_array_size(lists) - 1), *tip = json_object_get(report, "tip");
    assert_int_equal(json_array_size(lists), 580);
    assert_int_equal(json_int(tip, "height"), 581);
    assert_string_equal(json_text(tip, "hash"), json_text(last, "hash"));
    assert_int_equal(strlen(json_text(last, "merkle_root_mn_list")), 64);
    assert_int_equal(strlen(json_text(last, "merkle_root_quorums")), 64);
    assert_int_equal(json_array_size(json_object_get(report, "locks")), 286 + 27);
    json_decref(report);
    json_decref(oracle);
    run_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_captures),   cmocka_unit_test(test_order),  cmocka_unit_test(test_chainlocks),
        cmocka_unit_test(test_recordings), cmocka_unit_test(test_report),
    };
    return cmocka_run_group_tests_name("cli_verify", tests, open_scratch, close_scratch);
}
