/* Options from the command line, the environment and the configuration file: which of them counts, and what is said of mistakes.
 */
#include "support/data.h"

#include <unistd.h>

#include "base/mem.h"
#include "cli/options.h"

static char conf[] = "/tmp/dashspv-conf-XXXXXX";

static int begin(void **state)
{
    int fd = mkstemp(conf);
    (void)state;
    assert_true(fd >= 0);
    close(fd);
    setenv("DASHSPV_CONFIG", conf, 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(conf);
    unsetenv("DASHSPV_CONFIG");
    return 0;
}

static void write_conf(const char *text)
{
    FILE *f = fopen(conf, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int parse(struct options *o, enum command command, const char *words, char error[OPTIONS_ERROR_SIZE])
{
    static char text[2048];
    char *argv[40] = {NULL};
    int argc = 0;
    snprintf(text, sizeof(text), "%s", words);
    for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
        argv[argc++] = w;
    return options_parse(o, command, argc, argv, error);
}

static struct options parsed(enum command command, const char *words)
{
    struct options o;
    char error[OPTIONS_ERROR_SIZE];
    if (parse(&o, command, words, error) != 0)
        fail_msg("%s: %s", words, error);
    return o;
}

/* ---- who wins */

/* Each source may say it or not: 2^4 cases. The value says who won. */
static void the_nearest_source_wins(void **state)
{
    static const uint32_t DEFAULT = 8;
    (void)state;
    for (unsigned bits = 0; bits < 16; bits++) {
        char text[200];
        snprintf(text, sizeof(text), "network=testnet\n%s[testnet]\n%s[mainnet]\ntarget-outbound=50\n",
                 bits & 1 ? "target-outbound=11\n" : "", bits & 2 ? "target-outbound=12\n" : "");
        write_conf(text);
        if (bits & 4)
            setenv("DASHSPV_TARGET_OUTBOUND", "13", 1);
        struct options o = parsed(COMMAND_RUN, bits & 8 ? "run --target-outbound=14" : "run");
        uint32_t want = bits & 8 ? 14 : bits & 4 ? 13 : bits & 2 ? 12 : bits & 1 ? 11 : DEFAULT;
        assert_int_equal(o.config.target_outbound, want);
        assert_string_equal(o.network_name, "testnet");
        options_free(&o);
        unsetenv("DASHSPV_TARGET_OUTBOUND");
    }
}

static void the_network_chooses_the_section(void **state)
{
    (void)state;
    write_conf(
        "network = testnet\n[testnet]\ntarget-outbound = 3\n[regtest]\ntarget-outbound = 4\n[devnet-x]\ntarget-outbound=5\n");
    struct options o = parsed(COMMAND_RUN, "run");
    assert_int_equal(o.config.target_outbound, 3);
    options_free(&o);
    o = parsed(COMMAND_RUN, "run --network=devnet-x");
    assert_int_equal(o.config.target_outbound, 5);
    options_free(&o);
    setenv("DASHSPV_NETWORK", "regtest", 1);
    o = parsed(COMMAND_RUN, "run");
    assert_int_equal(o.config.target_outbound, 4);
    options_free(&o);
    unsetenv("DASHSPV_NETWORK");
    o = parsed(COMMAND_RUN, "run --network mainnet");
    assert_int_equal(o.config.target_outbound, 8);
    options_free(&o);
}

/* Of an option that may be repeated, one source counts as a whole. */
static void lists_are_not_mixed(void **state)
{
    (void)state;
    write_conf("connect = 1.1.1.1\nconnect = 2.2.2.2:7\n   3.3.3.3\n");
    struct options o = parsed(COMMAND_RUN, "run");
    assert_int_equal(o.n_nodes, 3);
    assert_string_equal(o.nodes[1].at.host, "2.2.2.2");
    assert_int_equal(o.nodes[1].at.port, 7);
    assert_string_equal(o.nodes[2].at.host, "3.3.3.3");
    assert_false(o.config.discover);
    options_free(&o);
    setenv("DASHSPV_CONNECT", " 4.4.4.4  5.5.5.5:9 ", 1);
    o = parsed(COMMAND_SYNC, "sync");
    assert_int_equal(o.n_nodes, 2);
    assert_string_equal(o.nodes[0].at.host, "4.4.4.4");
    assert_int_equal(o.nodes[1].at.port, 9);
    options_free(&o);
    o = parsed(COMMAND_SYNC, "sync --connect 6.6.6.6");
    assert_int_equal(o.n_nodes, 1);
    assert_string_equal(o.nodes[0].at.host, "6.6.6.6");
    options_free(&o);
    unsetenv("DASHSPV_CONNECT");
}

static void switches_say_yes_or_no(void **state)
{
    static const char *const yes[] = {"yes", "true", "on", "1"}, *const no[] = {"no", "false", "off", "0"};
    char text[64];
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        snprintf(text, sizeof(text), "json = %s\n", yes[i]);
        write_conf(text);
        struct options o = parsed(COMMAND_STATUS, "status");
        assert_true(o.json);
        options_free(&o);
        snprintf(text, sizeof(text), "status --json=%s", no[i]);
        o = parsed(COMMAND_STATUS, text);
        assert_false(o.json);
        options_free(&o);
    }
    write_conf("");
    struct options o = parsed(COMMAND_STATUS, "status --json");
    assert_true(o.json);
    options_free(&o);
}

/* ---- what a file means to whom */

static void commands_take_what_they_know(void **state)
{
    (void)state;
    write_conf("log-level = debug\nadd-peer = 9.9.9.9\ntimeout = 5\n");
    struct options o = parsed(COMMAND_STATUS, "status");
    options_free(&o);
    o = parsed(COMMAND_RUN, "run");
    assert_int_equal(o.log_levels.of[MODULE_PEERS], LEVEL_DEBUG);
    assert_int_equal(o.n_nodes, 1);
    assert_true(o.config.discover); /* in addition to those found */
    options_free(&o);
    o = parsed(COMMAND_SYNC, "sync --connect h");
    assert_int_equal(o.n_nodes, 1);
    assert_int_equal(o.timeout_s, 5);
    options_free(&o);
    o = parsed(COMMAND_DEMO, "demo"); /* is the same everywhere */
    assert_int_equal(o.timeout_s, 0);
    options_free(&o);
}

static void a_sync_keeps_nothing_unless_told_so_there_and_then(void **state)
{
    (void)state;
    write_conf("data-dir = /var/lib/dashspv\n");
    struct options o = parsed(COMMAND_SYNC, "sync --connect h");
    assert_string_equal(o.data_dir, "");
    options_free(&o);
    o = parsed(COMMAND_SYNC, "sync --connect h --data-dir=/tmp/x");
    assert_string_equal(o.data_dir, "/tmp/x");
    options_free(&o);
    o = parsed(COMMAND_STATUS, "status");
    assert_string_equal(o.data_dir, "/var/lib/dashspv");
    options_free(&o);
}

static void the_data_directory_has_a_default(void **state)
{
    (void)state;
    write_conf("");
    setenv("HOME", "/home/somebody", 1);
    unsetenv("XDG_DATA_HOME");
    struct options o = parsed(COMMAND_STATUS, "status");
    assert_string_equal(o.data_dir, "/home/somebody/.local/share/dashspv");
    options_free(&o);
    setenv("XDG_DATA_HOME", "/data", 1);
    o = parsed(COMMAND_STATUS, "status");
    assert_string_equal(o.data_dir, "/data/dashspv");
    options_free(&o);
    unsetenv("XDG_DATA_HOME");
    unsetenv("HOME");
    char error[OPTIONS_ERROR_SIZE];
    assert_int_equal(parse(&o, COMMAND_STATUS, "status", error), EXIT_USAGE);
    assert_non_null(strstr(error, "--data-dir"));
    options_free(&o);
    setenv("HOME", "/", 1);
}

static void where_the_chain_begins(void **state)
{
    static const struct {
        const char *words;
        dspv_start start;
        int32_t height;
    } cases[] = {{"run", DSPV_START_CHECKPOINT, 0},
                 {"run --from=checkpoint", DSPV_START_CHECKPOINT, 0},
                 {"run --from=genesis", DSPV_START_GENESIS, 0},
                 {"run --from=1500000", DSPV_START_HEIGHT, 1500000}};
    (void)state;
    write_conf("");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct options o = parsed(COMMAND_RUN, cases[i].words);
        assert_int_equal(o.config.start, cases[i].start);
        assert_int_equal(o.config.start_height, cases[i].height);
        options_free(&o);
    }
}

/* ---- mistakes */

static void refused(enum command command, const char *words, const char *says)
{
    struct options o;
    char error[OPTIONS_ERROR_SIZE];
    if (parse(&o, command, words, error) != EXIT_USAGE)
        fail_msg("accepted: %s", words);
    if (!strstr(error, says))
        fail_msg("%s: \"%s\" does not say \"%s\"", words, error, says);
    options_free(&o);
}

/* The line is named, and what is wrong with it. */
static void bad_lines(void **state)
{
    static const struct {
        const char *text;
        int line;
        const char *says;
    } cases[] = {
        {"colour = blue\n", 1, "colour: there is no such option"},
        {"# fine\n\n[testnet]\nnetwork-name = x\n", 4, "network-name: there is no such option"},
        {"target-outbound = 99\n", 1, "target-outbound=99: the value is too large"},
        {"\n[mainnet]\ntarget-outbound = none\n", 3, "must be a number"},
        {"log-level = loud\n", 1, "the levels are"},
        {"log-level = info,stars=debug\n", 1, "the modules are"},
        {"[moon]\njson = yes\n", 2, "moon: the name of a section"},
        {"\n[testnet]\nnetwork = testnet\n", 3, "belongs above the sections"},
        {"height = 5\n", 1, "cannot be said in a file"},
        {"config = /etc/passwd\n", 1, "cannot be said in a file"},
        {"help = yes\n", 1, "cannot be said in a file"},
        {"just words\n", 1, "neither NAME = VALUE"},
        {"[mainnet\n", 1, "neither NAME = VALUE"},
        {"network = moon\n", 1, "there is no such network"},
        {"connect = h:0\n", 1, "from 1 to 65535"},
        {"no-masternodes = perhaps\n", 1, "must be yes or no"},
        {"from = yesterday\n", 1, "checkpoint, genesis or the height"},
    };
    char where[80];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum command command = strstr(cases[i].text, "no-masternodes") ? COMMAND_SYNC : COMMAND_RUN;
        write_conf(cases[i].text);
        snprintf(where, sizeof(where), "%s:%d: ", conf, cases[i].line);
        refused(command, command == COMMAND_SYNC ? "sync --connect h" : "run", where);
        refused(command, command == COMMAND_SYNC ? "sync --connect h" : "run", cases[i].says);
    }
}

static void a_line_without_end(void **state)
{
    char text[600] = "user-agent = ";
    (void)state;
    memset(text + 13, 'x', 500);
    text[513] = '\n';
    write_conf(text);
    refused(COMMAND_RUN, "run", ":1: the line is too long");
}

/* A file that somebody may have written badly on purpose: it is taken or refused, whatever it is. */
static void any_bytes_at_all(void **state)
{
    static const char alphabet[] = "[]=;# \t\r\n\0\xffnetwork=testnet\nconnect=h\nabc-0";
    struct options o;
    char error[OPTIONS_ERROR_SIZE];
    uint32_t x = 1;
    (void)state;
    for (int round = 0; round < 300; round++) {
        FILE *f = fopen(conf, "w");
        assert_non_null(f);
        for (int i = 0; i < 120; i++) {
            x = x * 1664525 + 1013904223;
            fputc(alphabet[(x >> 16) % (sizeof(alphabet) - 1)], f);
        }
        fclose(f);
        int rc = parse(&o, COMMAND_RUN, "run", error);
        assert_true(rc == 0 || (rc == EXIT_USAGE && error[0]));
        options_free(&o);
    }
}

static void files_that_are_not_there(void **state)
{
    (void)state;
    write_conf("");
    refused(COMMAND_RUN, "run --config=/nowhere/at/all.conf", "cannot read /nowhere/at/all.conf: No such file");
    refused(COMMAND_RUN, "run --config=/tmp", "cannot read /tmp");
    unsetenv("DASHSPV_CONFIG");
    setenv("XDG_CONFIG_HOME", "/nowhere", 1);
    struct options o = parsed(COMMAND_RUN, "run --data-dir=/x");
    options_free(&o);
    unsetenv("XDG_CONFIG_HOME");
    setenv("DASHSPV_CONFIG", conf, 1);
}

static void the_environment_is_blamed_by_name(void **state)
{
    (void)state;
    write_conf("");
    setenv("DASHSPV_TARGET_OUTBOUND", "many", 1);
    refused(COMMAND_RUN, "run", "environment DASHSPV_TARGET_OUTBOUND: target-outbound=many");
    struct options o = parsed(COMMAND_STATUS, "status"); /* is not concerned */
    options_free(&o);
    unsetenv("DASHSPV_TARGET_OUTBOUND");
    setenv("DASHSPV_RPC_URL", "http://me:sesame@h", 1);
    refused(COMMAND_RUN, "run", "environment DASHSPV_RPC_URL");
    char error[OPTIONS_ERROR_SIZE];
    assert_int_equal(parse(&o, COMMAND_RUN, "run", error), EXIT_USAGE);
    assert_null(strstr(error, "sesame"));
    options_free(&o);
    unsetenv("DASHSPV_RPC_URL");
}

static void words_that_are_no_options(void **state)
{
    (void)state;
    write_conf("");
    refused(COMMAND_QUORUM, "quorum", "TYPE HASH");
    refused(COMMAND_QUORUM, "quorum llmq_test", "TYPE HASH");
    refused(COMMAND_QUORUM, "quorum llmq_test aa bb", "bb: that is one word too many");
    refused(COMMAND_EXPORT, "export", "FILE");
    refused(COMMAND_RUN, "run stray", "stray: only options");
    refused(COMMAND_STATUS, "status --height=5", "there is no such option");
    struct options o = parsed(COMMAND_QUORUM, "quorum llmq_test --height 7 aa --json");
    assert_string_equal(o.settings.words[0], "llmq_test");
    assert_string_equal(o.settings.words[1], "aa");
    assert_int_equal(o.height, 7);
    assert_true(o.json);
    options_free(&o);
}

/* Whatever fails for want of memory, it is said, and nothing leaks (run under a sanitizer). */
static void every_allocation_may_fail(void **state)
{
    struct options o;
    char error[OPTIONS_ERROR_SIZE];
    (void)state;
    write_conf("network = testnet\ntarget-outbound = 3\n[testnet]\nconnect = 1.1.1.1\n");
    for (size_t n = 1;; n++) {
        mem_fail_after(n);
        int rc = parse(&o, COMMAND_RUN, "run", error);
        mem_fail_after(0);
        options_free(&o);
        if (rc == 0)
            break;
        assert_true(error[0] != '\0' && n < 100);
    }
}

/* ---- log levels */

static void log_levels(void **state)
{
    struct log_levels l;
    (void)state;
    log_levels_init(&l);
    assert_null(log_levels_parse(&l, "peers=trace"));
    assert_int_equal(l.of[MODULE_PEERS], LEVEL_TRACE);
    assert_int_equal(l.of[MODULE_LOCKS], LEVEL_INFO);
    assert_null(log_levels_parse(&l, "warning,store=debug,rpc=error"));
    assert_int_equal(l.of[MODULE_PEERS], LEVEL_WARNING);
    assert_int_equal(l.of[MODULE_STORE], LEVEL_DEBUG);
    assert_int_equal(l.of[MODULE_RPC], LEVEL_ERROR);
    const struct log_levels before = l;
    static const char *const bad[] = {"",      "loud",   "info,", ",info",       "info,moon=debug",
                                      "peers", "peers=", "=info", "peers=info,x"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_non_null(log_levels_parse(&l, bad[i]));
        assert_memory_equal(&l, &before, sizeof(l));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_source_wins),
        cmocka_unit_test(the_network_chooses_the_section),
        cmocka_unit_test(lists_are_not_mixed),
        cmocka_unit_test(switches_say_yes_or_no),
        cmocka_unit_test(commands_take_what_they_know),
        cmocka_unit_test(a_sync_keeps_nothing_unless_told_so_there_and_then),
        cmocka_unit_test(the_data_directory_has_a_default),
        cmocka_unit_test(where_the_chain_begins),
        cmocka_unit_test(bad_lines),
        cmocka_unit_test(a_line_without_end),
        cmocka_unit_test(any_bytes_at_all),
        cmocka_unit_test(files_that_are_not_there),
        cmocka_unit_test(the_environment_is_blamed_by_name),
        cmocka_unit_test(words_that_are_no_options),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(log_levels),
    };
    return cmocka_run_group_tests_name("cli configuration", tests, begin, end);
}
