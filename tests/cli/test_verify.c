/* `dashspv verify` as a person runs it: real captures, recordings, broken and mutated files. Every run is a process of its own, so
 * that a crash is a failure like any other. Figures: found by an independent program over the same files. */
#include "support/data.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/endian.h"
#include "cli/verify.h"

enum { MOST_ARGUMENTS = 24 };

struct run {
    int code;
    json_t *json; /* standard output, NULL when it is no JSON */
    char complaint[600];
};

/* Arguments of one run; those that begin with @ are files of the data folder. */
struct arguments {
    char *v[MOST_ARGUMENTS + 2];
    int n;
};

static void arguments_add(struct arguments *a, const char *word)
{
    assert_true(a->n < MOST_ARGUMENTS);
    a->v[a->n++] = strdup(*word == '@' ? data_path(word + 1) : word);
    a->v[a->n] = NULL;
}

static void arguments_free(struct arguments *a)
{
    for (int i = 0; i < a->n; i++)
        free(a->v[i]);
    a->n = 0;
}

static char scratch[64]; /* a folder of its own for every run of the tests */

static const char *scratch_path(const char *name)
{
    static char path[160];
    snprintf(path, sizeof(path), "%s/%s", scratch, name);
    return path;
}

static void child(struct arguments *a)
{
    if (!freopen(scratch_path("out"), "wb", stdout) || !freopen(scratch_path("err"), "wb", stderr))
        _exit(99);
    int code = verify_main(a->n, a->v);
    fflush(NULL);
    exit(code);
}

/* Frees the arguments. */
static struct run run_arguments(struct arguments *a)
{
    struct run r = {0};
    int status;
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child(a);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    r.code = WEXITSTATUS(status);
    r.json = json_load_file(scratch_path("out"), 0, NULL);
    FILE *f = fopen(scratch_path("err"), "rb");
    assert_non_null(f);
    r.complaint[fread(r.complaint, 1, sizeof(r.complaint) - 1, f)] = '\0';
    fclose(f);
    arguments_free(a);
    return r;
}

/* `words` are separated by single blanks. */
static void arguments_split(struct arguments *a, const char *words)
{
    char copy[1200];
    snprintf(copy, sizeof(copy), "%s", words);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        arguments_add(a, word);
}

static struct run run_words(const char *words)
{
    struct arguments a = {0};
    arguments_add(&a, "verify");
    arguments_split(&a, words);
    return run_arguments(&a);
}

static void run_free(struct run *r) { json_decref(r->json); }

static int64_t summary(const struct run *r, const char *key) { return json_int(json_object_get(r->json, "summary"), key); }

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
    for (size_t i = 0; i < N_SETS; i++) {
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

/* Coinbases are proved against headers where headers are given, and only there. */
static void test_coinbase_proof(void **state)
{
    (void)state;
    data_or_skip();
    for (size_t s = 0; s < N_SETS; s++) {
        struct run r = run_words(sets[s].words);
        bool headers = strstr(sets[s].words, "--headers");
        size_t i;
        json_t *list;
        json_array_foreach(json_object_get(r.json, "lists"), i, list)
            if (json_is_true(json_object_get(list, "roots_ok")))
                assert_string_equal(json_text(list, "coinbase_proof"), headers ? "header" : "no header given");
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

#define CHURN "--network regtest --dip3params=2:2 --testactivationheight=v20@100 --testactivationheight mn_rr@100 "
#define ERAS                                                                                                                     \
    "--network regtest --dip3params=2:2 --testactivationheight=v19@260 --testactivationheight=v20@400 "                          \
    "--testactivationheight=mn_rr@400 "

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

/* ---- bad input */

static void write_scratch(const char *name, const uint8_t *p, size_t n)
{
    FILE *f = fopen(scratch_path(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* Run over one file in the scratch folder. */
static struct run run_scratch(const char *words, const char *name, const char *suffix)
{
    struct arguments a = {0};
    char path[200];
    arguments_add(&a, "verify");
    arguments_split(&a, words);
    snprintf(path, sizeof(path), "%s%s", scratch_path(name), suffix);
    arguments_add(&a, path);
    return run_arguments(&a);
}

static void expect_run(struct run r, int code, const char *complaint)
{
    if (r.code != code || !strstr(r.complaint, complaint))
        print_error("exit %d, \"%s\"\n", r.code, r.complaint);
    assert_int_equal(r.code, code);
    assert_non_null(strstr(r.complaint, complaint));
    run_free(&r);
}

static void test_command_line(void **state)
{
    (void)state;
    expect_run(run_words("--help"), 0, "");
    expect_run(run_words(""), 2, "at least one file");
    expect_run(run_words("--network moon x"), 2, "no such network");
    expect_run(run_words("--nonsense=1 x"), 2, "no such network option");
    expect_run(run_words("--json=1 x"), 2, "takes no value");
    expect_run(run_words("x --heights"), 2, "needs a value");
    expect_run(run_words("--llmqtestparams=3:2 x"), 2, "regtest only");
    expect_run(run_words("--network regtest --llmqtestparams=2:3 x"), 2, "smaller than the threshold");
    expect_run(run_words("/nonexistent/file"), 2, "cannot be opened");
    expect_run(run_words("/"), 2, "cannot be read");
}

static void expect_file(const char *words, const char *name, const void *p, size_t n, const char *suffix, int code,
                        const char *complaint)
{
    write_scratch(name, p, n);
    expect_run(run_scratch(words, name, suffix), code, complaint);
}

static void expect_text(const char *words, const char *text, int code, const char *complaint)
{
    expect_file(words, "text.json", text, strlen(text), "", code, complaint);
}

static void test_json_files(void **state)
{
    (void)state;
    expect_text("", "", 2, "empty");
    expect_text("", "[{\"height\": 1,", 2, "as JSON");
    expect_text("", "{}", 2, "not an array");
    expect_text("", "[7]", 2, "entry 1");
    expect_text("", "[{\"height\": -1, \"hash\": \"00\"}]", 2, "\"height\"");
    expect_text("", "[{\"height\": 1, \"hash\": \"00\"}]", 2, "\"hash\"");
    expect_text("", "[{\"clsig_payload\": \"0g\"}]", 2, "not hex");
    expect_text("", "[{\"clsig_payload\": \"00\"}]", 2, "TRUNCATED");
    expect_text("", "[]", 0, "");
#define HASH "00000000000000000000000000000000000000000000000000000000000000"
    expect_text("--heights", "[{\"height\": 1, \"hash\": \"" HASH "01\"}, {\"height\": 1, \"hash\": \"" HASH "02\"}]", 1,
                "two blocks at height 1");
    expect_text("--heights", "[{\"height\": 1, \"hash\": \"" HASH "01\"}, {\"height\": 2, \"hash\": \"" HASH "01\"}]", 1,
                "at height 1 and at height 2");
#undef HASH
}

static void test_headers(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes b = data_load("testnet/headers_844000_851999.bin");
    const char *words = "--network testnet --headers";
    size_t n = 100 * 80;
    expect_file(words, "h.bin", b.p, n, "@844000", 0, "");
    expect_file(words, "headers_844000_844099.bin", b.p, n, "", 0, "");
    expect_file(words, "h.bin", b.p, n, "", 2, "name the file headers_A_B.bin");
    expect_file(words, "h.bin", b.p, n - 1, "@844000", 2, "byte 7920: TRUNCATED");
    expect_file(words, "h.bin", b.p, 0, "@844000", 2, "80-byte headers");
    b.p[50 * 80 + 76] ^= 1; /* the nonce */
    expect_file(words, "h.bin", b.p, n, "@844000", 1, "byte 4000: HIGH_HASH");
    b.p[50 * 80 + 76] ^= 1;
    b.p[50 * 80 + 4] ^= 1; /* the link */
    expect_file(words, "h.bin", b.p, n, "@844000", 1, "byte 4000: NOT_CONTINUOUS");
    b.p[50 * 80 + 4] ^= 1;
    b.p[0] ^= 1;
    expect_file(words, "h.bin", b.p, n, "@844000", 1, "header 0 cannot be");
    free(b.p);
}

/* Cut anywhere, a message is malformed, and the place is near the cut. */
static void test_truncation(void **state)
{
    (void)state;
    data_or_skip();
    static const char *const names[] = {"testnet/mnlistdiff_0_119064_v70214.bin", "testnet/qrinfo_905770_v70230.bin",
                                        "testnet/chain_1158552_1159117_v70230.lp"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct bytes b = data_load(names[i]);
        for (size_t cut = 1; cut < 8; cut++) {
            size_t n = b.n * cut / 8;
            write_scratch("cut.bin", b.p, n);
            struct run r = run_scratch("--json --network testnet", "cut.bin", "");
            assert_int_equal(r.code, 2);
            const json_t *error = json_object_get(r.json, "error");
            assert_true(json_int(error, "offset") > 0 && (size_t)json_int(error, "offset") <= n);
            assert_true(strlen(json_text(error, "reason")) > 0);
            run_free(&r);
        }
        free(b.p);
    }
}

/* Any byte of a list changed in a file of whose kind there is no doubt: something is wrong, and it is named. */
static void test_wrong_root(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes b = data_load("testnet/mnlistdiff_0_905762_v70230.bin");
    b.p[b.n / 2] ^= 0x10; /* inside an entry or a commitment */
    write_scratch("wrong.bin", b.p, b.n);
    struct run r = run_scratch("--json --network testnet", "wrong.bin", "");
    assert_int_equal(r.code, 1);
    assert_int_equal(summary(&r, "roots_ok"), 0);
    assert_int_equal(summary(&r, "lists_invalid"), 1);
    const char *problem = json_string_value(json_array_get(json_object_get(r.json, "problems"), 0));
    assert_non_null(strstr(problem, "wrong.bin"));
    assert_non_null(strstr(problem, "ROOT_MISMATCH"));
    run_free(&r);
    free(b.p);
}

/* ---- mutations */

/* The payload of one answer of qrinfo_70240.bin or qrinfo_70235.bin; leads into `b`. */
static struct bytes recorded_qrinfo(struct bytes b, size_t wanted)
{
    size_t at = 0;
    for (size_t i = 1;; i++) {
        at += 6 + (size_t)b.p[at + 5] * 4;
        size_t n = load_le32(b.p + at);
        at += 4;
        if (i == wanted)
            return (struct bytes){b.p + at, n};
        at += n;
        assert_true(at < b.n);
    }
}

/* A row of `truth` that equals `row` in everything but how it was proved. */
static void assert_known(const json_t *truth, const json_t *row)
{
    static const char *const keys[] = {"type", "height", "index", "version", "public_key", "members", "signers", "valid_members",
                                       "masternodes", "masternodes_valid", "quorums", "merkle_root_mn_list",
                                       "merkle_root_quorums"};
    const json_t *type = json_object_get(row, "type");
    size_t i;
    json_t *known;
    json_array_foreach(truth, i, known) {
        if (strcmp(json_text(known, "hash"), json_text(row, "hash")) != 0 ||
            (type && !json_equal(type, json_object_get(known, "type"))))
            continue;
        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
            if (json_object_get(row, keys[k]))
                assert_true(json_equal(json_object_get(row, keys[k]), json_object_get(known, keys[k])));
        return;
    }
    fail_msg("verified, but not true: %s", json_text(row, "hash"));
}

static void check_mutation(const struct run *r, const json_t *truth)
{
    size_t i;
    json_t *row;
    assert_true(r->code == 0 || r->code == 1 || r->code == 2);
    if (r->code == 2) {
        assert_true(strlen(json_text(json_object_get(r->json, "error"), "reason")) > 0);
        return;
    }
    assert_true((r->code == 1) == (json_array_size(json_object_get(r->json, "problems")) > 0));
    json_array_foreach(json_object_get(r->json, "quorums"), i, row)
        if (strcmp(json_text(row, "status"), "verified") == 0)
            assert_known(json_object_get(truth, "quorums"), row);
    json_array_foreach(json_object_get(r->json, "lists"), i, row)
        if (json_is_true(json_object_get(row, "roots_ok")))
            assert_known(json_object_get(truth, "lists"), row);
}

/* Flip one bit in every `stride`th byte of a payload: nothing but the truth is ever verified. */
static void mutate(struct bytes payload, size_t stride, const json_t *truth, const char *words)
{
    uint64_t random = 7;
    size_t noticed = 0, tried = 0;
    for (size_t i = 0; i < payload.n; i += stride) {
        uint8_t bit = (uint8_t)(1 << test_random(&random) % 8);
        payload.p[i] ^= bit;
        write_scratch("mutated.bin", payload.p, payload.n);
        struct run r = run_scratch(words, "mutated.bin", "");
        check_mutation(&r, truth);
        noticed += r.code != 0;
        tried++;
        run_free(&r);
        payload.p[i] ^= bit;
    }
    assert_true(noticed * 10 >= tried * 9);
}

static void test_mutations(void **state)
{
    (void)state;
    data_or_skip();
    struct run truth = run_words("--json " ERAS "--headers @regtest/eras/headers.bin @regtest/eras/mnlistdiff_from_genesis.bin");
    assert_int_equal(truth.code, 0);
    struct bytes b = data_load("regtest/eras/qrinfo_70240.bin"), qrinfo = recorded_qrinfo(b, 144);
    write_scratch("mutated.bin", qrinfo.p, qrinfo.n);
    struct run whole = run_scratch("--json " ERAS "--headers @regtest/eras/headers.bin", "mutated.bin", "");
    assert_int_equal(whole.code, 0);
    assert_int_equal(summary(&whole, "verified"), 9);
    run_free(&whole);
    mutate(qrinfo, 7, truth.json, "--json " ERAS "--headers @regtest/eras/headers.bin");
    free(b.p);
    run_free(&truth);
}

static int open_scratch(void **state)
{
    (void)state;
    const char *folder = getenv("TMPDIR");
    snprintf(scratch, sizeof(scratch), "%.40s/dashspv-XXXXXX", folder ? folder : "/tmp");
    return mkdtemp(scratch) ? 0 : -1;
}

static int close_scratch(void **state)
{
    (void)state;
    static const char *const names[] = {"out", "err", "report.json", "text.json", "h.bin", "headers_844000_844099.bin", "cut.bin",
                                        "wrong.bin", "mutated.bin"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(scratch_path(names[i]));
    return rmdir(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_captures),     cmocka_unit_test(test_order),        cmocka_unit_test(test_coinbase_proof),
        cmocka_unit_test(test_chainlocks),   cmocka_unit_test(test_recordings),   cmocka_unit_test(test_report),
        cmocka_unit_test(test_command_line), cmocka_unit_test(test_json_files),   cmocka_unit_test(test_headers),
        cmocka_unit_test(test_truncation),   cmocka_unit_test(test_wrong_root),   cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests_name("cli_verify", tests, open_scratch, close_scratch);
}
