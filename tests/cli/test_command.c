/* `dashspv` as a person runs it: the demo, a sync against the development peer with each recorded chain, mistakes on the command
 * line, signals. What the program reports is compared with what Dash Core said about the same chains (oracle.json). */
#include "cli/node.h"

#include <signal.h>
#include <unistd.h>

static const char ERAS_OPTIONS[] = "--dip3params=2:2 --testactivationheight=v19@260 --testactivationheight=v20@400 "
                                   "--testactivationheight=mn_rr@400";
static const char EXTADDR_OPTIONS[] = "--dip3params=2:2"; /* no QRINFO exists there: the spare list decides */

/* ---- JSON output */

/* Every line is an object with an "event"; the last one is the summary. */
static json_t *summary_of(const char *out, size_t *events)
{
    json_t *last = NULL;
    *events = 0;
    for (const char *line = out; *line;) {
        size_t n = strcspn(line, "\n");
        assert_int_equal(line[n], '\n');
        json_decref(last);
        last = json_loadb(line, n, 0, NULL);
        if (!last)
            fail_msg("no JSON: %.*s", (int)n, line);
        json_text(last, "event");
        ++*events;
        line += n + 1;
    }
    assert_non_null(last);
    assert_string_equal(json_text(last, "event"), "summary");
    return last;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        n++;
    return n;
}

/* ---- the oracle */

static json_t *oracle_points(const char *chain)
{
    char name[64];
    snprintf(name, sizeof(name), "%s/oracle.json", chain);
    return fixture_json(name);
}

static const json_t *last_point(const json_t *points)
{
    return json_array_get(points, json_array_size(points) - 1);
}

static size_t oracle_valid(const json_t *point)
{
    const json_t *all = json_object_get(point, "protx_list");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all); i++)
        n += json_int(json_object_get(json_array_get(all, i), "state"), "PoSeBanHeight") < 0;
    return n;
}

static void compare_summary(const json_t *summary, const json_t *point)
{
    assert_string_equal(json_text(summary, "phase"), "synced");
    assert_int_equal(json_int(summary, "tip_height"), json_int(point, "height"));
    assert_string_equal(json_text(summary, "tip_hash"), json_text(point, "hash"));
    assert_int_equal(json_int(summary, "masternodes"), json_array_size(json_object_get(point, "protx_list")));
    assert_int_equal(json_int(summary, "masternodes_valid"), oracle_valid(point));
    assert_int_equal(json_int(summary, "quorums_verified"), json_int(summary, "quorums_wanted"));
    assert_true(json_int(summary, "bytes_received") > 10000);
    assert_int_equal(json_int(summary, "exit_code"), 0);
}

/* Dash Core's own list of the quorum's members, from whichever point has it. */
static const json_t *oracle_members(const json_t *points, const char *type, const char *hash)
{
    for (size_t i = json_array_size(points); i-- > 0;) {
        const json_t *q = json_object_get(json_object_get(json_array_get(points, i), "quorums"), type);
        const json_t *members = json_object_get(json_object_get(q, hash), "members");
        if (members)
            return members;
    }
    fail_msg("Dash Core knows no quorum %s %s", type, hash);
    return NULL;
}

static void compare_members(const json_t *row, const json_t *points)
{
    const json_t *ours = json_object_get(row, "members");
    const json_t *theirs = oracle_members(points, json_text(row, "type_name"), json_text(row, "hash"));
    assert_int_equal(json_array_size(ours), json_array_size(theirs));
    for (size_t i = 0; i < json_array_size(theirs); i++)
        assert_string_equal(json_string_value(json_array_get(ours, i)), json_text(json_array_get(theirs, i), "proTxHash"));
}

/* Returns how many quorums are verified. */
static size_t compare_report(const char *path, const char *chain)
{
    json_t *points = oracle_points(chain), *report = json_load_file(path, 0, NULL);
    const json_t *point = last_point(points), *rows = json_object_get(report, "quorums");
    size_t verified = 0;
    assert_non_null(report);
    assert_int_equal(json_int(json_object_get(report, "tip"), "height"), json_int(point, "height"));
    assert_string_equal(json_text(json_object_get(report, "tip"), "hash"), json_text(point, "hash"));
    assert_true(json_array_size(json_object_get(report, "masternode_lists")) > 0);
    assert_true(json_is_array(json_object_get(report, "locks")));
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        assert_string_not_equal(json_text(row, "status"), "invalid");
        if (strcmp(json_text(row, "status"), "verified") != 0)
            continue;
        compare_members(row, points);
        verified++;
    }
    json_decref(report);
    json_decref(points);
    return verified;
}

static void make_report_path(char path[64])
{
    strcpy(path, "/tmp/dashspv-report-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
}

/* ---- demo */

static void demo_says_what_it_did(void **state)
{
    (void)state;
    struct outcome o = run("demo");
    expect_exit(&o, 0);
    assert_string_equal(o.err, "");
    assert_int_equal(strncmp(o.out, "Synced with regtest: every wanted quorum is verified.\n", 54), 0);
    assert_null(strpbrk(o.out, "\r\033"));
    assert_int_equal(count(o.out, "Synced"), 1);
    assert_non_null(strstr(o.out, "block 581  1e556de275a74b4ef6153882789577ec7dc60abf48d518b730e25f64943aa1d7"));
    assert_non_null(strstr(o.out, "12 at block 581: 11 valid, 4 Evo"));
    assert_non_null(strstr(o.out, "block 581 (the tip)"));
    assert_non_null(strstr(o.out, "llmq_test_dip0024"));
    outcome_free(&o);
}

static void demo_for_programs(void **state)
{
    char path[64], words[128];
    size_t events;
    (void)state;
    make_report_path(path);
    snprintf(words, sizeof(words), "demo --json --report=%s", path);
    struct outcome o = run(words);
    expect_exit(&o, 0);
    assert_string_equal(o.err, "");
    json_t *summary = summary_of(o.out, &events), *points = oracle_points("churn");
    compare_summary(summary, last_point(points));
    assert_true(json_int(summary, "quorums_wanted") >= 8); /* two of each type are active */
    assert_true(json_int(json_object_get(summary, "requests"), "qrinfo") >= 1);
    assert_true(json_int(json_object_get(summary, "requests"), "mnlistdiff") >= 1);
    assert_int_equal(json_int(summary, "chainlock_height"), 581);
    assert_true(json_int(summary, "chainlocks") > 20); /* live, block by block */
    assert_true(count(o.out, "{\"event\":\"phase\"") >= 3);
    assert_true(count(o.out, "{\"event\":\"chainlock\"") > 20);
    assert_true(count(o.out, "{\"event\":\"request\"") >= 2);
    assert_true(count(o.out, "{\"event\":\"plan\"") >= 1);
    assert_true(compare_report(path, "churn") >= (size_t)json_int(summary, "quorums_verified"));
    json_decref(summary);
    json_decref(points);
    outcome_free(&o);
    unlink(path);
}

static void demo_explains(void **state)
{
    (void)state;
    struct outcome o = run("demo --explain");
    expect_exit(&o, 0);
    assert_non_null(strstr(o.out, "QRINFO"));
    assert_non_null(strstr(o.out, "Synced with regtest"));
    outcome_free(&o);
}

/* ---- sync */

static size_t sync_chain(const char *chain, const char *options, const char *node_options)
{
    struct program node;
    char at[64], path[64], words[1024];
    size_t events;
    serve(&node, chain, node_options, at);
    make_report_path(path);
    snprintf(words, sizeof(words), "sync --network=regtest --connect=%s %s --exit-when-synced --timeout=60 --json --report=%s",
             at, options, path);
    struct outcome o = run(words);
    expect_exit(&o, 0);
    assert_string_equal(o.err, "");
    json_t *summary = summary_of(o.out, &events), *points = oracle_points(chain);
    compare_summary(summary, last_point(points));
    size_t verified = (size_t)json_int(summary, "quorums_verified");
    assert_true(compare_report(path, chain) >= verified);
    json_decref(summary);
    json_decref(points);
    outcome_free(&o);
    unlink(path);
    stop_serving(&node);
    return verified;
}

static void sync_churn(void **state)
{
    (void)state;
    assert_true(sync_chain("churn", CHURN_OPTIONS, "") >= 8);
}

static void sync_churn_from_an_older_node(void **state)
{
    (void)state;
    assert_true(sync_chain("churn", CHURN_OPTIONS, "--protocol 70235") >= 8);
}

/* The source of look-ups is not there: nothing is lost. */
static void sync_with_every_option(void **state)
{
    char options[640];
    (void)state;
    snprintf(options, sizeof(options),
             "%s --no-extra-share --qr-info-max-parallel=1 --max-qr-info-span=24 --target-outbound=2 --protocol-version=70236 "
             "--user-agent=test --qr-info-timeout=5 --mnlist-diff-timeout=5 --rpc-url=http://127.0.0.1:1 "
             "--rpc-cookie=/nowhere/.cookie --rpc-timeout=1",
             CHURN_OPTIONS);
    assert_true(sync_chain("churn", options, "") >= 8);
}

static void sync_headers_only(void **state)
{
    struct program node;
    char at[64], words[512];
    size_t events;
    (void)state;
    serve(&node, "churn", "", at);
    snprintf(words, sizeof(words), "sync --network=regtest --connect=%s --no-masternodes --exit-when-synced --timeout=30 --json", at);
    struct outcome o = run(words); /* headers need none of the network options */
    expect_exit(&o, 0);
    json_t *summary = summary_of(o.out, &events);
    assert_string_equal(json_text(summary, "phase"), "synced");
    assert_int_equal(json_int(summary, "tip_height"), 581);
    assert_int_equal(json_int(summary, "quorums_wanted"), 0);
    assert_true(json_is_null(json_object_get(summary, "list_height")));
    assert_null(strstr(o.out, "\"event\":\"request\""));
    json_decref(summary);
    outcome_free(&o);
    stop_serving(&node);
}

/* Not in any output, whatever is wrong. */
static void secrets_are_not_repeated(void **state)
{
    static const char *const words[] = {"sync --connect h --rpc-url=http://me:sesame@127.0.0.1:9998",
                                        "sync --connect h --rpc-url http://sesame@127.0.0.1:9998 --json",
                                        "plan --connect h --rpc-url=sesame://127.0.0.1:9998"};
    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct outcome o = run(words[i]);
        expect_exit(&o, 2);
        assert_null(strstr(o.out, "sesame"));
        assert_null(strstr(o.err, "sesame"));
        assert_non_null(strstr(o.err, i < 2 ? "--rpc-cookie" : "http://127.0.0.1:9998"));
        outcome_free(&o);
    }
}

static void sync_eras(void **state)
{
    (void)state;
    assert_true(sync_chain("eras", ERAS_OPTIONS, "") >= 6);
}

static void sync_extaddr(void **state)
{
    (void)state;
    sync_chain("extaddr", EXTADDR_OPTIONS, "");
}

/* ---- plan */

/* Every request of every plan has its kind, heights and reason. Returns the requests of a kind. */
static size_t plan_requests(const char *out, const char *kind)
{
    size_t n = 0;
    for (const char *line = out; *line; line += strcspn(line, "\n") + 1) {
        json_t *o = json_loadb(line, strcspn(line, "\n"), 0, NULL), *r;
        size_t i;
        assert_non_null(o);
        bool plan = strcmp(json_text(o, "event"), "plan") == 0;
        if (!plan)
            assert_string_equal(json_text(o, "event"), "summary"); /* nothing else is shown */
        json_array_foreach(json_object_get(plan ? o : NULL, "requests"), i, r) {
            assert_true(json_int(r, "base_height") < json_int(r, "height"));
            assert_int_equal(json_int(r, "priority"), json_int(r, "height"));
            assert_true(strlen(json_text(r, "reason")) > 10 && strlen(json_text(r, "block")) == 64);
            assert_non_null(strstr(json_text(o, "text"), json_text(r, "reason")));
            n += strcmp(json_text(r, "kind"), kind) == 0;
        }
        json_decref(o);
    }
    return n;
}

static void plan_explains_every_request(void **state)
{
    struct program node;
    char at[64], words[512];
    size_t events;
    (void)state;
    serve(&node, "eras", "", at);
    snprintf(words, sizeof(words), "plan --network=regtest --connect=%s %s", at, ERAS_OPTIONS);
    struct outcome o = run(words);
    expect_exit(&o, 0);
    assert_string_equal(o.err, "");
    size_t qrinfos = count(o.out, "\nQRINFO "), diffs = count(o.out, "\nMNLISTDIFF ");
    assert_non_null(strstr(o.out, "Synced with regtest: every wanted quorum is verified."));
    assert_true(qrinfos >= 1 && diffs >= 1);
    outcome_free(&o);
    strncat(words, " --json", sizeof(words) - strlen(words) - 1);
    o = run(words);
    expect_exit(&o, 0);
    assert_int_equal(plan_requests(o.out, "qrinfo"), qrinfos);
    assert_int_equal(plan_requests(o.out, "mnlistdiff"), diffs);
    json_t *summary = summary_of(o.out, &events);
    assert_int_equal(json_int(json_object_get(summary, "requests"), "qrinfo"), qrinfos);
    assert_int_equal(json_int(json_object_get(summary, "requests"), "mnlistdiff"), diffs);
    json_decref(summary);
    outcome_free(&o);
    stop_serving(&node);
}

static void sync_with_wrong_rules_is_no_success(void **state)
{
    struct program node;
    char at[64], words[256];
    size_t events;
    (void)state;
    serve(&node, "churn", "", at);
    snprintf(words, sizeof(words), "sync --network=regtest --connect=%s --exit-when-synced --timeout=4 --json", at);
    struct outcome o = run(words);
    expect_exit(&o, 1);
    json_t *summary = summary_of(o.out, &events);
    assert_string_not_equal(json_text(summary, "phase"), "synced");
    assert_int_equal(json_int(summary, "exit_code"), 1);
    json_decref(summary);
    outcome_free(&o);
    stop_serving(&node);
}

static void sync_without_a_node(void **state)
{
    (void)state;
    struct outcome o = run("sync --network=regtest --connect=127.0.0.1:1 --exit-when-synced --timeout=1");
    expect_exit(&o, 1);
    assert_non_null(strstr(o.out, "NOT synced"));
    assert_non_null(strstr(o.err, "127.0.0.1:1"));
    outcome_free(&o);
    o = run("sync --network=regtest --connect=host.invalid --exit-when-synced --timeout=30");
    expect_exit(&o, 2);
    assert_non_null(strstr(o.err, "cannot resolve host.invalid"));
    outcome_free(&o);
    o = run("sync --network=regtest --connect=127.0.0.1:1 --exit-when-synced --timeout=1 --json");
    expect_exit(&o, 1);
    assert_non_null(strstr(o.out, "{\"event\":\"trouble\""));
    outcome_free(&o);
}

static void sync_report_that_cannot_be_written(void **state)
{
    struct program node;
    char at[64], words[512];
    (void)state;
    serve(&node, "extaddr", "", at);
    snprintf(words, sizeof(words), "sync --network=regtest --connect=%s %s --exit-when-synced --report=/nowhere/at/all", at,
             EXTADDR_OPTIONS);
    struct outcome o = run(words);
    expect_exit(&o, 2);
    assert_non_null(strstr(o.err, "/nowhere/at/all"));
    outcome_free(&o);
    stop_serving(&node);
}

/* ---- signals */

static void follows_until_stopped(void **state)
{
    struct program node, client;
    char at[64], words[512];
    size_t events;
    (void)state;
    serve(&node, "churn", "--tip 570 --block-every 100", at);
    snprintf(words, sizeof(words), "sync --network=regtest --connect=%s %s --json", at, CHURN_OPTIONS);
    program_start(&client, dashspv(), words);
    free(program_await(&client, "{\"event\":\"chainlock\",\"height\":581"));
    free(program_await(&client, "{\"event\":\"list\",\"height\":581"));
    pause_ms(300);
    kill(client.pid, SIGINT);
    struct outcome o = program_end(&client, 20);
    expect_exit(&o, 0);
    json_t *summary = summary_of(o.out, &events);
    assert_int_equal(json_int(summary, "tip_height"), 581);
    json_decref(summary);
    outcome_free(&o);
    stop_serving(&node);
}

static void stopped_too_early(void **state)
{
    struct program client;
    (void)state;
    program_start(&client, dashspv(), "sync --network=regtest --connect=127.0.0.1:1 --json");
    free(program_await(&client, "{\"event\":\"peer\""));
    kill(client.pid, SIGTERM);
    struct outcome o = program_end(&client, 20);
    expect_exit(&o, 128 + SIGTERM);
    assert_non_null(strstr(o.err, "stopped before it was synced"));
    outcome_free(&o);
}

/* ---- mistakes and help */

static void mistakes(void **state)
{
    static const struct {
        const char *words, *says;
    } cases[] = {
        {"", "Usage"},
        {"frobnicate", "no command \"frobnicate\""},
        {"--frobnicate", "no command \"--frobnicate\""},
        {"sync", "at least one node"},
        {"plan", "dashspv plan: --connect"},
        {"plan --explain --connect=h", "--explain: there is no such option"},
        {"sync --bogus", "--bogus: there is no such option"},
        {"sync --connect=h --network=moon", "no such network"},
        {"sync --network=regtest --connect=h --dip3params=nonsense", "--dip3params=nonsense"},
        {"demo stray", "stray"},
        {"help frobnicate", "no command"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct outcome o = run(cases[i].words);
        expect_exit(&o, 2);
        assert_string_equal(o.out, "");
        if (!strstr(o.err, cases[i].says))
            fail_msg("\"%s\" does not say \"%s\": %s", cases[i].words, cases[i].says, o.err);
        outcome_free(&o);
    }
}

static void help_teaches(void **state)
{
    static const struct {
        const char *words, *says;
    } cases[] = {
        {"--help", "dashspv demo"},
        {"help", "Exit codes"},
        {"help sync", "--testactivationheight=NAME@H"},
        {"sync --help", "Examples"},
        {"sync -h", "Exit codes"},
        {"help plan", "--testactivationheight=NAME@H"},
        {"plan --help", "why each of them"},
        {"demo --help", "Examples"},
        {"sync --help", "--exit-when-synced"},
        {"version", "dashspv 0."},
        {"--version", "dashspv 0."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct outcome o = run(cases[i].words);
        expect_exit(&o, 0);
        assert_string_equal(o.err, "");
        if (!strstr(o.out, cases[i].says))
            fail_msg("\"%s\" does not say \"%s\": %s", cases[i].words, cases[i].says, o.out);
        outcome_free(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes),
        cmocka_unit_test(help_teaches),
        cmocka_unit_test(demo_says_what_it_did),
        cmocka_unit_test(demo_for_programs),
        cmocka_unit_test(demo_explains),
        cmocka_unit_test(sync_churn),
        cmocka_unit_test(sync_churn_from_an_older_node),
        cmocka_unit_test(sync_with_every_option),
        cmocka_unit_test(sync_headers_only),
        cmocka_unit_test(secrets_are_not_repeated),
        cmocka_unit_test(sync_eras),
        cmocka_unit_test(sync_extaddr),
        cmocka_unit_test(plan_explains_every_request),
        cmocka_unit_test(sync_with_wrong_rules_is_no_success),
        cmocka_unit_test(sync_without_a_node),
        cmocka_unit_test(sync_report_that_cannot_be_written),
        cmocka_unit_test(follows_until_stopped),
        cmocka_unit_test(stopped_too_early),
    };
    return cmocka_run_group_tests_name("cli command", tests, NULL, NULL);
}
