/* `dashspv plan --capture` as a person runs it: captures of mainnet and testnet, a recording, mistakes. */
#include "cli/program.h"

static struct outcome run(const char *words)
{
    const char *path = getenv("DASHSPV_PROGRAM");
    if (!path)
        skip();
    return program_run(path, words);
}

/* The words of a command line; each @ stands for the data folder's files of a network. */
static struct outcome run_on(const char *network, const char *words)
{
    char line[2000];
    size_t n = 0;
    for (; *words; words++) {
        if (*words == '@')
            n += (size_t)snprintf(line + n, sizeof(line) - n, "%s/", data_path(network));
        else if (n + 1 < sizeof(line))
            line[n++] = *words;
        assert_true(n < sizeof(line));
    }
    line[n] = '\0';
    return run(line);
}

static void expect(const struct outcome *o, int code, const char *text)
{
    if (o->exit_code != code || !strstr(code == 0 ? o->out : o->err, text))
        fail_msg("exit code %d, not %d with \"%s\"\nstdout: %s\nstderr: %s", o->exit_code, code, text, o->out, o->err);
}

static json_t *json_of(const struct outcome *o)
{
    json_t *root = json_loads(o->out, 0, NULL);
    if (o->exit_code != 0 || !root)
        fail_msg("exit code %d\nstdout: %s\nstderr: %s", o->exit_code, o->out, o->err);
    return root;
}

static bool holds(const json_t *heights, int64_t height)
{
    for (size_t i = 0; i < json_array_size(heights); i++)
        if (json_integer_value(json_array_get(heights, i)) == height)
            return true;
    return false;
}

/* Requests are newest first within a kind, build on what is known or asked for before, and say who waits. Returns those of a kind. */
static size_t check_requests(const json_t *root, const char *kind)
{
    const json_t *lists = json_object_get(root, "lists"), *requests = json_object_get(root, "requests"), *r;
    json_t *targets = json_array();
    size_t n = 0, i;
    int64_t newest = INT64_MAX;
    for (i = json_array_size(requests); i-- > 0;) { /* oldest first */
        r = json_array_get(requests, i);
        int64_t base = json_int(r, "base_height");
        bool diff = strcmp(json_text(r, "kind"), "mnlistdiff") == 0;
        assert_true(base <= 0 || holds(lists, base) || (diff && holds(targets, base)));
        assert_non_null(strstr(json_text(r, "reason"), "wait"));
        assert_int_equal(json_int(r, "priority"), json_int(r, "height"));
        assert_false(diff && holds(lists, json_int(r, "height")));
        json_array_append_new(targets, json_integer(json_int(r, "height")));
    }
    json_array_foreach(requests, i, r) {
        if (strcmp(json_text(r, "kind"), kind) != 0)
            continue;
        assert_true(json_int(r, "height") < newest);
        newest = json_int(r, "height");
        n++;
    }
    json_decref(targets);
    return n;
}

static int64_t sum(const json_t *object)
{
    const char *key;
    json_t *value;
    int64_t n = 0;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
        n += json_integer_value(value);
    return n;
}

/* A QRINFO of mainnet without any header: the base heights of verified quorums were found by trying, two others share their blocks;
 * the rest is not known, and that is said. */
static void test_mainnet(void **state)
{
    static const char words[] = "plan --capture %s @mnlistdiff_0_2449941_v70230.bin @qrinfo_2449949_v70230.bin";
    char line[200];
    (void)state;
    data_or_skip();
    snprintf(line, sizeof(line), words, "--json");
    struct outcome o = run_on("mainnet", line);
    json_t *root = json_of(&o), *quorums = json_object_get(root, "quorums"), *unknown = json_object_get(root, "base_height_not_known");
    assert_int_equal(json_int(json_object_get(root, "tip"), "height"), 2449941);
    assert_int_equal(json_array_size(json_object_get(root, "lists")), 6);
    assert_int_equal(json_int(quorums, "wanted"), 97);
    assert_int_equal(json_int(quorums, "verified"), 72);
    assert_int_equal(json_int(quorums, "invalid"), 0);
    assert_int_equal(json_int(unknown, "llmq_100_67"), 20);
    assert_int_equal(check_requests(root, "qrinfo"), 0);
    assert_int_equal(check_requests(root, "mnlistdiff"), 2);
    assert_int_equal(sum(unknown) + 2, json_int(quorums, "waiting"));
    json_t *first = json_array_get(json_object_get(root, "requests"), 0);
    assert_int_equal(json_int(first, "height"), 2449744); /* the work block of 2449752, which is also a rotated quorum's base */
    assert_int_equal(json_int(first, "base_height"), 2449720);
    assert_int_equal(strlen(json_text(first, "block")), 64);
    json_decref(root);
    outcome_free(&o);

    snprintf(line, sizeof(line), words, "");
    o = run_on("mainnet", line);
    expect(&o, 0, "base height not known: 20 quorums of type llmq_100_67; headers first");
    expect(&o, 0, "MNLISTDIFF   2449720 ->   2449744  single block; 1 quorum waits, first a llmq_100_67");
    outcome_free(&o);

    o = run_on("mainnet", "plan --capture @mnlistdiff_0_2449941_v70230.bin"); /* heights of nothing: no request can be made */
    expect(&o, 0, "headers of base blocks come first (0 QRINFO, 0 MNLISTDIFF)");
    outcome_free(&o);
    o = run_on("mainnet", "plan --capture @chainlocks.json");
    expect(&o, 2, "no masternode list");
    outcome_free(&o);
}

/* With headers the heights are known: one QRINFO for the previous rotation cycle, one MNLISTDIFF per work block in between. */
static void test_testnet(void **state)
{
    static const char headers[] = "--json --network testnet --headers @headers_895000_907999.bin";
    char line[400];
    (void)state;
    data_or_skip();
    snprintf(line, sizeof(line), "plan --capture %s @mnlistdiff_0_905762_v70230.bin @qrinfo_905770_v70230.bin", headers);
    struct outcome o = run_on("testnet", line);
    json_t *root = json_of(&o);
    assert_int_equal(check_requests(root, "qrinfo"), 1);
    assert_int_equal(check_requests(root, "mnlistdiff"), 23);
    json_t *qr_info = json_array_get(json_object_get(root, "requests"), 0);
    assert_int_equal(json_int(qr_info, "height"), 905759); /* the last block of the previous cycle: 904320 is its H-4C */
    assert_non_null(strstr(json_text(qr_info, "reason"), "32 quorums (llmq_60_75) wait for the snapshot of cycle 904320"));
    json_decref(root);
    outcome_free(&o);

    snprintf(line, sizeof(line), "plan --capture %s @mnlistdiff_0_905762_v70230.bin", headers);
    o = run_on("testnet", line);
    root = json_of(&o);
    assert_int_equal(check_requests(root, "qrinfo"), 1);
    assert_int_equal(check_requests(root, "mnlistdiff"), 22);
    json_decref(root);
    outcome_free(&o);
}

/* Every list of a recording: nothing is missing. */
static void test_recording(void **state)
{
    char line[1000], headers[400];
    (void)state;
    snprintf(headers, sizeof(headers), "%s", fixture_path("churn/headers.bin"));
    snprintf(line, sizeof(line), "plan --capture --network regtest --dip3params=2:2 --testactivationheight=v20@100 "
             "--testactivationheight=mn_rr@100 --headers %s %s", headers, fixture_path("churn/diffs.lp"));
    struct outcome o = run(line);
    expect(&o, 0, "nothing is missing (0 QRINFO, 0 MNLISTDIFF)");
    expect(&o, 0, "newest proven list: 581;");
    outcome_free(&o);
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *words, *complaint;
        int code;
    } cases[] = {
        {"plan --capture", "at least one file", 2},
        {"plan --capture --connect=h file", "--connect", 2},
        {"plan --capture --report=x file", "--report", 2},
        {"plan --capture /no/such/file", "/no/such/file", 2},
        {"plan --capture --help", "if captured messages were all it had", 0},
        {"plan --help", "plan --capture", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct outcome o = run(cases[i].words);
        expect(&o, cases[i].code, cases[i].complaint);
        outcome_free(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mainnet), cmocka_unit_test(test_testnet), cmocka_unit_test(test_recording),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests_name("cli_plan_capture", tests, NULL, NULL);
}
