/* The commands that answer from the store, on the store of a whole sync; what they say is compared with what Dash Core said about
 * the same chain (oracle.json), and locks with those that its quorums made. */
#include "cli/node.h"

#include <unistd.h>

#include "base/hash.h"
#include "base/hex.h"
#include "devnode/chain.h"

static char folder[64];
static json_t *points;
static const json_t *latest;
static struct devnode_chain *chain;

static int begin(void **state)
{
    char error[DEVNODE_ERROR_SIZE];
    (void)state;
    if (!getenv("DASHSPV_PROGRAM"))
        return 0;
    scratch_make(folder);
    fill_store(folder);
    points = fixture_json("churn/oracle.json");
    latest = json_array_get(points, json_array_size(points) - 1);
    return devnode_chain_load(&chain, fixture_path("churn"), error);
}

static int end(void **state)
{
    (void)state;
    devnode_chain_free(chain);
    json_decref(points);
    scratch_remove(folder);
    return 0;
}

static const char *text_at(const json_t *o, const char *outer, const char *inner)
{
    return json_text(json_object_get(o, outer), inner);
}

static void expect_says(const char *words, int code, const char *says)
{
    struct outcome o = ask(folder, words, code);
    if (!strstr(code == 2 ? o.err : o.out, says) && !strstr(o.err, says))
        fail_msg("\"%s\" does not say \"%s\"\nstdout: %s\nstderr: %s", words, says, o.out, o.err);
    outcome_free(&o);
}

/* ---- status */

static void status_of_the_store(void **state)
{
    (void)state;
    dashspv();
    json_t *o = ask_json(folder, "status", 0);
    const json_t *tip = json_object_get(o, "tip"), *daemon = json_object_get(o, "daemon");
    assert_string_equal(json_text(o, "network"), "regtest");
    assert_int_equal(json_int(tip, "height"), json_int(latest, "height"));
    assert_string_equal(json_text(tip, "hash"), json_text(latest, "hash"));
    assert_true(json_int(tip, "age_s") > 0);
    assert_false(json_is_true(json_object_get(daemon, "running")));
    assert_true(json_is_null(json_object_get(daemon, "process")));
    assert_true(json_is_true(json_object_get(o, "verified")));
    assert_true(json_int(o, "quorums_wanted") >= 8);
    assert_int_equal(json_int(o, "quorums_verified"), json_int(o, "quorums_wanted"));
    assert_true(json_int(o, "chainlock_height") >= 580); /* the one of the tip may not have come before the end */
    assert_int_equal(json_int(json_object_get(o, "list"), "masternodes"), 12);
    json_decref(o);
    expect_says("status", 0, "everything wanted is verified");
    expect_says("status", 0, "not running");
    expect_says("status", 0, "12 at block 581: 11 valid, 4 Evo");
}

/* ---- quorums */

/* Every quorum that Dash Core calls active is there, verified, with its key and members. */
static void quorums_are_those_of_dash_core(void **state)
{
    const json_t *of_type, *hashes = json_object_get(latest, "quorum_list_active"), *row;
    const char *type;
    size_t i, n = 0;
    (void)state;
    dashspv();
    json_t *o = ask_json(folder, "quorums", 0), *rows = json_object_get(o, "quorums");
    json_object_foreach((json_t *)(uintptr_t)hashes, type, of_type) n += json_array_size(of_type);
    assert_int_equal(json_array_size(rows), n);
    json_array_foreach(rows, i, row)
    {
        const json_t *theirs = json_object_get(json_object_get(latest, "quorums"), json_text(row, "type_name"));
        theirs = json_object_get(theirs, json_text(row, "hash"));
        assert_non_null(theirs);
        assert_string_equal(json_text(row, "status"), "verified");
        assert_string_equal(json_text(row, "public_key"), json_text(theirs, "quorumPublicKey"));
        assert_int_equal(json_int(row, "height"), json_int(theirs, "height"));
        assert_int_equal(json_array_size(json_object_get(row, "members")), json_array_size(json_object_get(theirs, "members")));
    }
    json_decref(o);
    o = ask_json(folder, "quorums --type llmq_test_dip0024", 0);
    rows = json_object_get(o, "quorums");
    assert_int_equal(json_array_size(rows), json_array_size(json_object_get(hashes, "llmq_test_dip0024")));
    json_array_foreach(rows, i, row) assert_string_equal(json_text(row, "type_name"), "llmq_test_dip0024");
    json_decref(o);
    expect_says("quorums --type=103", 0, "llmq_test_dip0024");
    expect_says("quorums --type=llmq_50_60", 1, "0 of 0");
    expect_says("quorums --type=nonsense", 2, "no such quorum type");
}

static void one_quorum(void **state)
{
    char words[200];
    (void)state;
    dashspv();
    json_t *all = ask_json(folder, "quorums --type=llmq_test_platform", 0);
    const json_t *row = json_array_get(json_object_get(all, "quorums"), 0);
    snprintf(words, sizeof(words), "quorum llmq_test_platform %s", json_text(row, "hash"));
    json_t *o = ask_json(folder, words, 0);
    assert_string_equal(json_text(o, "status"), "verified");
    assert_string_equal(json_text(o, "public_key"), json_text(row, "public_key"));
    assert_string_equal(json_text(o, "hash"), json_text(row, "hash"));
    assert_true(json_is_null(json_object_get(o, "reason")));
    json_decref(o);
    expect_says(words, 0, json_text(row, "public_key"));
    snprintf(words, sizeof(words), "quorum 106 %s --height=%d", json_text(row, "hash"), 1);
    o = ask_json(folder, words, 1); /* long before there was one */
    assert_string_not_equal(json_text(o, "status"), "verified");
    json_decref(o);
    snprintf(words, sizeof(words), "quorum llmq_test %064d", 7);
    o = ask_json(folder, words, 1);
    assert_string_not_equal(json_text(o, "status"), "verified");
    assert_true(json_is_null(json_object_get(o, "public_key")));
    json_decref(o);
    json_decref(all);
    expect_says("quorum llmq_test abc", 2, "64 hex digits");
    snprintf(words, sizeof(words), "quorum moon %064d", 7);
    expect_says(words, 2, "no such quorum type");
}

/* ---- masternodes */

static const json_t *theirs_of(const char *protx)
{
    const json_t *all = json_object_get(latest, "protx_list"), *row;
    size_t i;
    json_array_foreach(all, i, row) if (strcmp(json_text(row, "proTxHash"), protx) == 0) return row;
    fail_msg("Dash Core knows no masternode %s", protx);
    return NULL;
}

static void compare_masternode(const json_t *row)
{
    const json_t *theirs = theirs_of(json_text(row, "protx_hash")), *s = json_object_get(theirs, "state");
    const json_t *address = json_array_get(json_object_get(json_object_get(s, "addresses"), "core_p2p"), 0);
    bool evo = strcmp(json_text(theirs, "type"), "Evo") == 0;
    assert_string_equal(json_text(row, "type"), evo ? "evo" : "regular");
    assert_int_equal(json_is_true(json_object_get(row, "valid")), json_int(s, "PoSeBanHeight") < 0);
    assert_string_equal(json_text(row, "operator_key"), json_text(s, "pubKeyOperator"));
    if (address)
        assert_string_equal(json_text(row, "address"), json_string_value(address));
    if (evo)
        assert_string_equal(json_text(row, "platform_node_id"), json_text(s, "platformNodeID"));
}

static size_t count_rows(const char *words, int code)
{
    json_t *o = ask_json(folder, words, code);
    size_t n = json_array_size(json_object_get(o, "masternodes"));
    json_decref(o);
    return n;
}

static void masternodes_are_those_of_dash_core(void **state)
{
    const json_t *row;
    size_t i;
    (void)state;
    dashspv();
    json_t *o = ask_json(folder, "masternodes", 0), *rows = json_object_get(o, "masternodes");
    assert_int_equal(json_array_size(rows), json_array_size(json_object_get(latest, "protx_list")));
    json_array_foreach(rows, i, row) compare_masternode(row);
    assert_int_equal(json_int(json_object_get(o, "list"), "height"), json_int(latest, "height"));
    json_decref(o);
    assert_int_equal(count_rows("masternodes --valid", 0), 11);
    assert_int_equal(count_rows("masternodes --evo", 0), 4);
    assert_int_equal(count_rows("masternodes --height=581", 0), 12);
    expect_says("masternodes", 0, "12 of 12 masternodes at block 581: 11 valid, 4 Evo in all");
    expect_says("masternodes --height=99999", 1, "the latest at 581");
    expect_says("masternodes --height=x", 2, "must be a number");
}

/* ---- locks */

static void best_chainlock(void **state)
{
    char words[400], payload[2 * 132 + 1], hex[65];
    (void)state;
    dashspv();
    json_t *o = ask_json(folder, "chainlock", 0);
    const json_t *lock = json_object_get(o, "chainlock");
    int32_t height = (int32_t)json_int(lock, "height");
    uint8_t head[36] = {(uint8_t)height, (uint8_t)(height >> 8)};
    assert_true(height >= 580);
    hash_to_hex(devnode_chain_hash(chain, height)->b, hex);
    assert_string_equal(json_text(lock, "hash"), hex);
    assert_string_equal(text_at(lock, "quorum", "type_name"), "llmq_test");
    assert_true(hash_from_hex(json_text(lock, "hash"), head + 4));
    hex_encode(head, sizeof(head), payload);
    strcat(payload, json_text(lock, "signature"));
    snprintf(words, sizeof(words), "verify-chainlock %s", payload);
    json_t *v = ask_json(folder, words, 0);
    assert_string_equal(json_text(v, "status"), "verified");
    assert_string_equal(text_at(v, "quorum", "hash"), text_at(lock, "quorum", "hash"));
    json_decref(v);
    expect_says(words, 0, "verified: ChainLock of block 58");
    json_decref(o);
    expect_says("chainlock", 0, "final up to block 58");
}

static void is_a_block_final(void **state)
{
    char words[120], hex[65];
    (void)state;
    dashspv();
    hash_to_hex(devnode_chain_hash(chain, 500)->b, hex);
    snprintf(words, sizeof(words), "chainlock --block=%s", hex);
    json_t *o = ask_json(folder, words, 0);
    assert_string_equal(json_text(o, "status"), "final");
    assert_int_equal(json_int(o, "height"), 500);
    assert_true(json_is_true(json_object_get(o, "for_good")));
    json_decref(o);
    o = ask_json(folder, "chainlock --block=0", 0);
    assert_string_equal(json_text(o, "status"), "final");
    json_decref(o);
    o = ask_json(folder, "chainlock --block=582", 1);
    assert_string_not_equal(json_text(o, "status"), "final");
    assert_true(json_int(o, "chainlock_height") >= 580);
    json_decref(o);
    snprintf(words, sizeof(words), "chainlock --block=%064d", 3);
    expect_says(words, 1, "unknown: block");
    expect_says("chainlock --block=tip", 2, "hash or the height");
    expect_says("chainlock --block=-1", 2, "hash or the height");
}

/* Locks as they were announced; every one of them is good, and none with a bit turned. */
static void lock_words(char *out, size_t size, const struct devnode_lock *l, size_t flip)
{
    char hex[2 * 2048 + 1];
    uint8_t bytes[2048];
    assert_true(l->payload.n <= sizeof(bytes));
    memcpy(bytes, l->payload.p, l->payload.n);
    if (flip < l->payload.n)
        bytes[flip] ^= 1;
    hex_encode(bytes, l->payload.n, hex);
    snprintf(out, size, "verify-%s %s", l->kind == DEVNODE_CLSIG ? "chainlock" : "instantlock", hex);
}

static void locks_of_the_network(void **state)
{
    char words[5000];
    size_t done[2] = {0};
    (void)state;
    dashspv();
    for (size_t i = chain->n_locks; i-- > 0;) {
        const struct devnode_lock *l = &chain->locks[i];
        bool instant = l->kind == DEVNODE_ISDLOCK;
        if (done[instant]++ >= 2)
            continue;
        lock_words(words, sizeof(words), l, SIZE_MAX);
        json_t *o = ask_json(folder, words, 0);
        assert_string_equal(json_text(o, "status"), "verified");
        assert_string_equal(json_text(o, "kind"), instant ? "instantlock" : "chainlock");
        if (instant) {
            char more[5200];
            snprintf(more, sizeof(more), "%s --tx=%s", words, json_text(o, "txid"));
            json_decref(ask_json(folder, more, 0));
            snprintf(more, sizeof(more), "%s --tx=%064d", words, 1);
            json_t *other = ask_json(folder, more, 1);
            assert_string_equal(json_text(other, "reason"), "LOCK_TRANSACTION");
            json_decref(other);
        }
        json_decref(o);
        static const size_t spoiled[] = {0, 40, 100};
        for (size_t k = 0; k < sizeof(spoiled) / sizeof(spoiled[0]); k++) {
            lock_words(words, sizeof(words), l, spoiled[k]);
            o = ask_json(folder, words, 1);
            assert_string_not_equal(json_text(o, "status"), "verified");
            assert_non_null(json_text(o, "reason"));
            json_decref(o);
        }
    }
    assert_true(done[0] >= 2 && done[1] >= 2);
    expect_says("verify-chainlock 00", 1, "INVALID");
    expect_says("verify-instantlock 0000", 1, "INVALID");
    expect_says("verify-chainlock xyz", 2, "not hex");
    expect_says("verify-instantlock 123", 2, "not hex");
}

/* ---- what cannot be answered */

static void without_a_store(void **state)
{
    static const char *const words[] = {"status",
                                        "quorums",
                                        "masternodes",
                                        "chainlock",
                                        "peers",
                                        "quorum llmq_test 0000000000000000000000000000000000000000000000000000000000000000",
                                        "verify-chainlock 00",
                                        "export /tmp/dashspv-never"};
    char nowhere[80];
    (void)state;
    dashspv();
    snprintf(nowhere, sizeof(nowhere), "%s/nothing", folder);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct outcome o = ask(nowhere, words[i], 2);
        assert_string_equal(o.out, "");
        assert_non_null(strstr(o.err, nowhere));
        outcome_free(&o);
    }
    assert_int_not_equal(access(nowhere, F_OK), 0);
}

/* The same folder asked about with rules under which its chain is another, or as another network's. */
static void a_store_of_other_rules(void **state)
{
    char words[300], copy[128];
    (void)state;
    dashspv();
    snprintf(words, sizeof(words), "status --network=regtest --data-dir=%s", folder);
    struct outcome o = run(words); /* without the options of the chain */
    expect_exit(&o, 1);
    outcome_free(&o);
    snprintf(words, sizeof(words), "%s/testnet", folder);
    snprintf(copy, sizeof(copy), "%s/regtest", folder);
    assert_int_equal(symlink(copy, words), 0);
    snprintf(words, sizeof(words), "status --network=testnet --data-dir=%s", folder);
    o = run(words);
    expect_exit(&o, 2);
    assert_non_null(strstr(o.err, "another network"));
    outcome_free(&o);
}

static void peers_known(void **state)
{
    (void)state;
    dashspv();
    json_t *o = ask_json(folder, "peers", 0);
    assert_true(json_is_array(json_object_get(o, "peers")));
    assert_true(json_is_array(json_object_get(o, "bans")));
    json_decref(o);
    expect_says("peers", 0, "addresses known");
}

/* Up to the ChainLock. */
static void checkpoints_of_the_chain(void **state)
{
    const char *line;
    int height, n = 0, used;
    char hash[65], expected[65];
    (void)state;
    dashspv();
    struct outcome o = ask(folder, "checkpoints --every=100", 0);
    assert_int_equal(strncmp(o.out, "# regtest, final up to block 58", 31), 0);
    for (line = strchr(o.out, '\n'); sscanf(line, " %d %64s%n", &height, hash, &used) == 2; line += used) {
        assert_int_equal(height, 100 * ++n);
        hash_to_hex(devnode_chain_hash(chain, height)->b, expected);
        assert_string_equal(hash, expected);
    }
    assert_int_equal(n, 5);
    assert_string_equal(line, "\n");
    outcome_free(&o);
    json_t *answer = ask_json(folder, "checkpoints --every=1", 0);
    assert_int_equal(json_array_size(json_object_get(answer, "checkpoints")), json_int(answer, "final_height"));
    assert_int_equal(json_int(answer, "start_height"), 0);
    assert_string_equal(text_at(answer, "tip", "hash"), json_text(latest, "hash"));
    json_decref(answer);
    expect_says("checkpoints --every=600", 1, "no multiple of 600 lies there");
    expect_says("checkpoints --every=0", 2, "the value is too small");
}

/* Every command explains itself: what, how, examples, exit codes. */
static void help_of_every_command(void **state)
{
    static const char *const names[] = {"run",        "status", "quorums", "quorum",           "masternodes",        "chainlock",
                                        "peers",      "export", "import",  "verify-chainlock", "verify-instantlock", "sync",
                                        "checkpoints"};
    static const char *const parts[] = {"Usage: dashspv ", "Example",        "Exit codes",
                                        "--network=NAME",  "--data-dir=DIR", "--config"};
    char words[64];
    (void)state;
    struct outcome all = run("help");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(words, sizeof(words), "help %s", names[i]);
        struct outcome o = run(words);
        expect_exit(&o, 0);
        for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
            if (!strstr(o.out, parts[k]))
                fail_msg("%s: no \"%s\" in: %s", words, parts[k], o.out);
        if (!strstr(all.out, names[i]))
            fail_msg("dashspv help does not name %s", names[i]);
        outcome_free(&o);
    }
    assert_non_null(strstr(all.out, "help config"));
    outcome_free(&all);
    struct outcome o = run("help config");
    expect_exit(&o, 0);
    assert_non_null(strstr(o.out, "/etc/dashspv.conf"));
    outcome_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_of_the_store),
        cmocka_unit_test(quorums_are_those_of_dash_core),
        cmocka_unit_test(one_quorum),
        cmocka_unit_test(masternodes_are_those_of_dash_core),
        cmocka_unit_test(best_chainlock),
        cmocka_unit_test(is_a_block_final),
        cmocka_unit_test(locks_of_the_network),
        cmocka_unit_test(peers_known),
        cmocka_unit_test(checkpoints_of_the_chain),
        cmocka_unit_test(without_a_store),
        cmocka_unit_test(a_store_of_other_rules),
        cmocka_unit_test(help_of_every_command),
    };
    return cmocka_run_group_tests_name("cli queries", tests, begin, end);
}
