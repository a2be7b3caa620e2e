/* The parts of the command line: options, addresses, terminal lines, progress in words, the bundled chain. */
#include "support/data.h"

#include <unistd.h>

#include "cli/bundle.h"
#include "cli/options.h"
#include "cli/progress_line.h"
#include "cli/terminal.h"

/* ---- addresses */

static void accepts(const char *text, const char *host, uint16_t port)
{
    struct host_port hp;
    const char *wrong = host_port_parse(&hp, text, 9999);
    if (wrong)
        fail_msg("%s: %s", text, wrong);
    assert_string_equal(hp.host, host);
    assert_int_equal(hp.port, port);
}

static void host_port_forms(void **state)
{
    (void)state;
    accepts("127.0.0.1:19999", "127.0.0.1", 19999);
    accepts("seed.example.org", "seed.example.org", 9999);
    accepts("seed.example.org:1", "seed.example.org", 1);
    accepts("[::1]:19899", "::1", 19899);
    accepts("[::1]", "::1", 9999);
    accepts("2001:db8::7", "2001:db8::7", 9999);
    accepts("host:65535", "host", 65535);
    accepts("2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion:7",
            "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion", 7);
    accepts("onion", "onion", 9999);
    accepts("an.onion.example", "an.onion.example", 9999);
}

static void host_port_refusals(void **state)
{
    static const char *const bad[] = {"",       ":1",    "host:",      "host:0", "host:65536", "host:99999999999999999999",
                                      "[::1",   "[]:12", "[::1]19999", "[::1]:", "host:12x",   "host: 12",
                                      "host:-1", ".onion", "x.onion",    "X.ONION:1", "x.onion.", "expyuzz4wqqyqhjn.onion",
                                      "3gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"};
    struct host_port hp;
    char longest[300];
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (!host_port_parse(&hp, bad[i], 9999))
            fail_msg("\"%s\" was accepted", bad[i]);
    memset(longest, 'a', sizeof(longest));
    longest[256] = '\0';
    assert_non_null(host_port_parse(&hp, longest, 1));
    longest[255] = '\0';
    assert_null(host_port_parse(&hp, longest, 1));
}

/* ---- options */

enum { MOST_WORDS = 80 };

static int parse(struct options *o, enum command command, const char *words, char error[OPTIONS_ERROR_SIZE])
{
    static char text[4096];
    char *argv[MOST_WORDS] = {NULL};
    int argc = 0;
    snprintf(text, sizeof(text), "%s", words);
    for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
        argv[argc++] = w;
    return options_parse(o, command, argc, argv, error);
}

static void refused(enum command command, const char *words, const char *because)
{
    struct options o;
    char error[OPTIONS_ERROR_SIZE];
    if (parse(&o, command, words, error) != EXIT_USAGE)
        fail_msg("accepted: %s", words);
    if (!strstr(error, because))
        fail_msg("%s: \"%s\" does not say \"%s\"", words, error, because);
    options_free(&o);
}

static void options_of_sync(void **state)
{
    struct options o;
    char error[OPTIONS_ERROR_SIZE];
    (void)state;
    assert_int_equal(parse(&o, COMMAND_SYNC,
                           "sync --network testnet --connect=1.2.3.4 --connect [::1]:7 --exit-when-synced --timeout=90 --json "
                           "--explain --report out.json",
                           error),
                     0);
    assert_string_equal(o.network_name, "testnet");
    assert_int_equal(o.n_nodes, 2);
    assert_string_equal(o.nodes[0].at.host, "1.2.3.4");
    assert_int_equal(o.nodes[0].at.port, 19999); /* testnet's own */
    assert_string_equal(o.nodes[1].at.host, "::1");
    assert_int_equal(o.nodes[1].at.port, 7);
    assert_int_equal(o.timeout_s, 90);
    assert_true(o.exit_when_synced && o.json && o.explain && !o.help);
    assert_string_equal(o.report, "out.json");
    assert_true(o.config.qr_info_extra_share && !o.only_plans);
    assert_int_equal(o.config.qr_info_max_parallel, 3);
    assert_int_equal(o.config.qr_info_timeout_ms, 30000);
    assert_int_equal(o.config.mnlist_diff_timeout_ms, 15000);
    options_free(&o);

    assert_int_equal(parse(&o, COMMAND_PLAN, "plan --connect h --qr-info-timeout=7 --mnlist-diff-timeout 8", error), 0);
    assert_true(o.only_plans && o.explain && o.exit_when_synced && !o.json);
    assert_int_equal(o.config.qr_info_timeout_ms, 7000);
    assert_int_equal(o.config.mnlist_diff_timeout_ms, 8000);
    options_free(&o);

    assert_int_equal(parse(&o, COMMAND_SYNC, "sync --connect h", error), 0);
    assert_true(o.config.masternodes && !o.config.lookups && !o.rpc.url);
    assert_int_equal(o.config.lookup_timeout_ms, 10000);
    options_free(&o);

    assert_int_equal(parse(&o, COMMAND_SYNC,
                           "sync --network=regtest --connect=h --dip3params=2:2 --testactivationheight=v20@100 "
                           "--testactivationheight=mn_rr@100 --llmqtestparams=4:3 --llmqtestinstantsendparams=4:3 "
                           "--llmqtestplatformparams=3:2 --llmqtestinstantsenddip0024=llmq_test_dip0024",
                           error),
                     0);
    assert_int_equal(o.n_overrides, 7);
    options_free(&o);
    assert_int_equal(parse(&o, COMMAND_SYNC,
                           "sync --network=devnet-x --connect=h --llmqdevnetparams=8:6 --llmqchainlocks=llmq_devnet "
                           "--llmqinstantsenddip0024=llmq_devnet_dip0024 --llmqplatform=llmq_devnet_platform",
                           error),
                     0);
    options_free(&o);
    assert_int_equal(parse(&o, COMMAND_SYNC, "sync --help", error), 0);
    assert_true(o.help);
    options_free(&o);
}

/* The client takes what the command line lets through, at both ends of every range. */
static void options_of_the_client(void **state)
{
    static const char *const ends[] = {
        "sync --network=devnet-a-rather-long-name --connect h --no-masternodes --no-extra-share --qr-info-max-parallel=1 "
        "--max-qr-info-span=1 --target-outbound=1 --protocol-version=70230 --user-agent=x --qr-info-timeout=1 "
        "--mnlist-diff-timeout=1 --rpc-timeout=1",
        "sync --network=devnet-a-rather-long-name --connect h --qr-info-max-parallel=64 --max-qr-info-span=100000 "
        "--target-outbound=64 --protocol-version=999999 --qr-info-timeout=2592000 --mnlist-diff-timeout=2592000 "
        "--rpc-timeout=2592000 "
        "--user-agent=0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
        "8901234567890123456789012345678901234567"};
    static const uint8_t seed[32] = {1};
    struct options o;
    char error[OPTIONS_ERROR_SIZE];
    dspv *client;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        if (parse(&o, COMMAND_SYNC, ends[i], error) != 0)
            fail_msg("%s", error);
        assert_int_equal(o.config.masternodes, i == 1);
        assert_int_equal(o.config.qr_info_extra_share, i == 1);
        assert_int_equal(o.config.qr_info_max_parallel, i ? 64 : 1);
        assert_int_equal(o.config.max_qr_info_span, i ? 100000 : 1);
        assert_int_equal(o.config.target_outbound, i ? 64 : 1);
        assert_int_equal(o.config.protocol_version, i ? 999999 : 70230);
        assert_int_equal(o.config.lookup_timeout_ms, i ? 2592000000u : 1000u);
        assert_int_equal(strlen(o.config.user_agent), i ? 128 : 1);
        assert_int_equal(dspv_new(&client, o.network, &o.config, NULL, seed, 1700000000000), 0);
        dspv_free(client);
        options_free(&o);
    }
}

static void options_of_rpc(void **state)
{
    struct options o;
    char error[OPTIONS_ERROR_SIZE];
    (void)state;
    assert_int_equal(parse(&o, COMMAND_SYNC, "sync --connect h --rpc-url http://127.0.0.1:9998 --rpc-cookie a/.cookie", error),
                     0);
    assert_true(o.config.lookups);
    assert_string_equal(o.rpc.url, "http://127.0.0.1:9998");
    assert_string_equal(o.rpc.cookie_file, "a/.cookie");
    assert_null(o.rpc.user);
    assert_int_equal(o.rpc.timeout_ms, 9000);
    options_free(&o);
    assert_int_equal(
        parse(&o, COMMAND_PLAN,
              "plan --connect h --rpc-url=https://node.example/ --rpc-user=me --rpc-password-file=f --rpc-timeout=20", error),
        0);
    assert_string_equal(o.rpc.user, "me");
    assert_string_equal(o.rpc.password_file, "f");
    assert_int_equal(o.config.lookup_timeout_ms, 20000);
    options_free(&o);
    refused(COMMAND_SYNC, "sync --connect h --rpc-url=http://me:sesame@h", "--rpc-password-file");
    refused(COMMAND_SYNC, "sync --connect h --rpc-url=127.0.0.1:9998", "http://127.0.0.1:9998");
    refused(COMMAND_SYNC, "sync --connect h --rpc-cookie=f", "without --rpc-url");
    refused(COMMAND_SYNC, "sync --connect h --rpc-user=u --rpc-password-file=f", "without --rpc-url");
    refused(COMMAND_SYNC, "sync --connect h --rpc-url=http://h --rpc-user=u", "belong together");
    refused(COMMAND_SYNC, "sync --connect h --rpc-url=http://h --rpc-password-file=f", "belong together");
    refused(COMMAND_SYNC, "sync --connect h --rpc-url=http://h --rpc-cookie=c --rpc-user=u --rpc-password-file=f", "either this");
    refused(COMMAND_SYNC, "sync --connect h --rpc-url=http://h --rpc-timeout=0", "must not be zero");
    refused(COMMAND_DEMO, "demo --rpc-url=http://h", "there is no such option");
}

static void options_of_the_proxy(void **state)
{
    struct options o;
    char error[OPTIONS_ERROR_SIZE];
    (void)state;
    assert_int_equal(parse(&o, COMMAND_SYNC, "sync --connect h", error), 0);
    assert_null(o.proxy.host_port);
    assert_int_equal(o.config.nets, DSPV_NET_IPV4 | DSPV_NET_IPV6);
    options_free(&o);
    assert_int_equal(parse(&o, COMMAND_SYNC,
                           "sync --proxy 127.0.0.1:9050 --connect "
                           "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion",
                           error),
                     0);
    assert_string_equal(o.proxy.host_port, "127.0.0.1:9050");
    assert_true(o.proxy.randomize_credentials);
    assert_int_equal(o.config.nets, DSPV_NET_ALL);
    options_free(&o);
    assert_int_equal(parse(&o, COMMAND_PLAN,
                           "plan --connect h --proxy=[::1] --proxy-user=me --proxy-password-file=f --onlynet onion --onlynet=ipv6",
                           error),
                     0);
    assert_false(o.proxy.randomize_credentials);
    assert_string_equal(o.proxy.user, "me");
    assert_string_equal(o.proxy.password_file, "f");
    assert_int_equal(o.config.nets, DSPV_NET_ONION | DSPV_NET_IPV6);
    options_free(&o);
    refused(COMMAND_SYNC, "sync --connect h --proxy=localhost:9050", "numeric address");
    refused(COMMAND_SYNC, "sync --connect h --proxy=127.0.0.1:0", "from 1 to 65535");
    refused(COMMAND_SYNC, "sync --connect h --proxy=", "host is missing");
    refused(COMMAND_SYNC, "sync --connect h --proxy-user=u --proxy-password-file=f", "without --proxy");
    refused(COMMAND_SYNC, "sync --connect h --proxy=127.0.0.1 --proxy-user=u", "belong together");
    refused(COMMAND_SYNC, "sync --connect h --proxy=127.0.0.1 --proxy-password-file=f", "belong together");
    refused(COMMAND_SYNC, "sync --connect h --proxy=127.0.0.1 --proxy-user= --proxy-password-file=f", "1 to 255");
    refused(COMMAND_SYNC, "sync --connect h --onlynet=tor", "ipv4, ipv6 or onion");
    refused(COMMAND_SYNC, "sync --connect h --onlynet=onion", "add --proxy");
    refused(COMMAND_SYNC, "sync --connect 2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion", "add --proxy");
    refused(COMMAND_SYNC, "sync --proxy=127.0.0.1 --connect x.onion", "not the name of an onion service");
    refused(COMMAND_DEMO, "demo --proxy=127.0.0.1", "there is no such option");
}

static void options_refusals(void **state)
{
    (void)state;
    refused(COMMAND_SYNC, "sync", "at least one node");
    refused(COMMAND_SYNC, "sync --connect", "needs a value");
    refused(COMMAND_SYNC, "sync --nonsense", "there is no such option");
    refused(COMMAND_SYNC, "sync --nonsense", "--nonsense");
    refused(COMMAND_SYNC, "sync -x", "there is no such option");
    refused(COMMAND_SYNC, "sync --json=maybe --connect h", "must be yes or no");
    refused(COMMAND_SYNC, "sync --connect h stray", "only options");
    refused(COMMAND_SYNC, "sync --connect h --network moon", "no such network");
    refused(COMMAND_SYNC, "sync --connect h:0", "from 1 to 65535");
    refused(COMMAND_SYNC, "sync --connect h --timeout 0", "must not be zero");
    refused(COMMAND_SYNC, "sync --connect h --timeout 5s", "number of seconds");
    refused(COMMAND_SYNC, "sync --connect h --timeout 99999999999", "at most");
    refused(COMMAND_SYNC, "sync --connect h --qr-info-max-parallel=0", "too small");
    refused(COMMAND_SYNC, "sync --connect h --qr-info-max-parallel=65", "too large");
    refused(COMMAND_SYNC, "sync --connect h --qr-info-max-parallel=3x", "must be a number");
    refused(COMMAND_SYNC, "sync --connect h --target-outbound=-1", "must be a number");
    refused(COMMAND_SYNC, "sync --connect h --target-outbound=99999999999999999999", "must be a number");
    refused(COMMAND_SYNC, "sync --connect h --max-qr-info-span=0", "too small");
    refused(COMMAND_SYNC, "sync --connect h --protocol-version=70229", "too small");
    refused(COMMAND_SYNC, "sync --connect h --no-extra-share=2", "must be yes or no");
    refused(COMMAND_SYNC, "sync --connect h --user-agent=", "1 to 128");
    refused(COMMAND_SYNC, "sync --connect h --user-agent=\xc3\xa4", "plain ASCII");
    refused(COMMAND_PLAN, "plan --connect h --no-masternodes", "there is no such option");
    refused(COMMAND_SYNC, "sync --connect h --dip3params=2:2", "--dip3params=2:2");
    refused(COMMAND_SYNC, "sync --connect h --network regtest --testactivationheight=v20", "--testactivationheight");
    refused(COMMAND_SYNC, "sync --connect h --network regtest --llmqtestparams=2:3", "smaller than the threshold");
    refused(COMMAND_SYNC, "sync --connect h --network regtest --llmqchainlocks=llmq_test", "devnets only");
    refused(COMMAND_SYNC,
            "sync --connect a --connect b --connect c --connect d --connect e --connect f --connect g --connect h --connect i",
            "at most 8");
    refused(COMMAND_DEMO, "demo --connect h", "there is no such option");
    refused(COMMAND_DEMO, "demo --network regtest", "there is no such option");
}

/* ---- terminal */

static void terminal_text(void **state)
{
    (void)state;
    assert_int_equal(terminal_columns("abc"), 3);
    assert_int_equal(terminal_columns("a\xc3\xa4z"), 3);
    assert_int_equal(terminal_fit("abcdef", 4), 4);
    assert_int_equal(terminal_fit("abc", 4), 3);
    assert_int_equal(terminal_fit("\xc3\xa4\xc3\xa4\xc3\xa4", 2), 4);
    assert_int_equal(terminal_fit("abc", 0), 0);
}

static void terminal_in_a_pipe_is_silent(void **state)
{
    struct terminal t;
    FILE *f = tmpfile();
    (void)state;
    assert_non_null(f);
    terminal_init(&t, f, false);
    terminal_progress(&t, "nobody looks");
    terminal_line(&t, "nobody looks");
    terminal_clear(&t);
    assert_int_equal(ftell(f), 0);
    fclose(f);
}

/* ---- progress */

static void units(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } sizes[] = {{0, "0 bytes"},     {999, "999 bytes"},  {1000, "1.0 kB"},      {999949, "999.9 kB"},
                 {999950, "1.0 MB"}, {1234567, "1.2 MB"}, {5000000000, "5.0 GB"}};
    static const struct {
        dspv_ms ms;
        const char *text;
    } times[] = {{0, "0.0 s"}, {2600, "2.6 s"}, {60000, "1:00 min"}, {185000, "3:05 min"}, {3723000, "1:02:03 h"}};
    char text[40];
    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        progress_bytes(sizes[i].bytes, text, sizeof(text));
        assert_string_equal(text, sizes[i].text);
    }
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        progress_duration(times[i].ms, text, sizeof(text));
        assert_string_equal(text, times[i].text);
    }
}

static void strategy_words(void **state)
{
    char text[160];
    dspv_progress p = {.strategy = DSPV_STRATEGY_HYBRID, .qr_info_planned = 1, .mn_diff_planned = 3};
    (void)state;
    progress_strategy(&p, text, sizeof(text));
    assert_string_equal(text, "Hybrid sync (25% QRInfo, 75% MnListDiff)");
    p.qr_info_planned = 8;
    progress_strategy(&p, text, sizeof(text));
    assert_string_equal(text, "Hybrid sync (73% QRInfo, 27% MnListDiff) High Efficiency");
    p.qr_info_planned = 7;
    progress_strategy(&p, text, sizeof(text));
    assert_string_equal(text, "Hybrid sync (70% QRInfo, 30% MnListDiff)");
    p = (dspv_progress){.strategy = DSPV_STRATEGY_FALLBACK, .reason = DSPV_PEER_TIMEOUT};
    progress_strategy(&p, text, sizeof(text));
    assert_non_null(strstr(text, dspv_reason_text(DSPV_PEER_TIMEOUT)));
    p.fallback_diffs = 12;
    progress_strategy(&p, text, sizeof(text));
    assert_non_null(strstr(text, "12 so far"));
}

static void progress_in_every_phase(void **state)
{
    dspv_progress p = {.phase = DSPV_PHASE_HEADERS,
                       .header_height = 120,
                       .header_target = 500,
                       .list_height = -1,
                       .chainlock_height = -1,
                       .percent = 12,
                       .bytes_received = 2000};
    char text[256], small[8];
    (void)state;
    progress_line(&p, 100, text, sizeof(text));
    assert_string_equal(text, " 12%  headers  120/500  2.0 kB");
    progress_line(&p, 10000, text, sizeof(text));
    assert_string_equal(text, " 12%  headers  120/500  2.0 kB  about 1:13 min left");
    p.phase = DSPV_PHASE_MASTERNODES;
    p.strategy = DSPV_STRATEGY_HYBRID;
    p.qr_info_planned = p.mn_diff_planned = 1;
    p.qr_info_completed = 1;
    p.quorums_wanted = 20;
    p.quorums_verified = 4;
    progress_line(&p, 100, text, sizeof(text));
    assert_string_equal(text, " 12%  masternodes  Hybrid sync (50% QRInfo, 50% MnListDiff)  requests 1/2  quorums 4/20  2.0 kB");
    p.requests_per_second = 3.25;
    progress_line(&p, 100, text, sizeof(text));
    assert_non_null(strstr(text, "requests 1/2  3.2/s  quorums"));
    p.phase = DSPV_PHASE_SYNCED;
    p.percent = 100;
    p.chainlock_height = 119;
    progress_line(&p, 10000, text, sizeof(text));
    assert_string_equal(text, "synced  block 120  ChainLock 119  quorums 4/20  2.0 kB");
    progress_line(&p, 10000, small, sizeof(small));
    assert_int_equal(strlen(small), 7);
}

/* ---- the bundled chain */

static void bundle_is_the_fixture(void **state)
{
    static const char *const names[DEVNODE_FILES] = {"churn/chain.json", "churn/headers.bin", "churn/diffs.lp",
                                                     "churn/snapshots.bin", "churn/locks.bin"};
    struct span files[DEVNODE_FILES];
    struct devnode_chain *chain;
    dspv_network *net;
    char error[DEVNODE_ERROR_SIZE];
    (void)state;
    bundle_files(files);
    for (int i = 0; i < DEVNODE_FILES; i++) {
        struct bytes b = fixture_load(names[i]);
        assert_int_equal(files[i].n, b.n);
        assert_memory_equal(files[i].p, b.p, b.n);
        free(b.p);
    }
    assert_int_equal(bundle_chain(&chain, error), 0);
    assert_int_equal(chain->tip, 581);
    devnode_chain_free(chain);
    assert_null(bundle_network(&net));
    assert_int_equal(dspv_network_port(net), 19899);
    dspv_network_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_port_forms),
        cmocka_unit_test(host_port_refusals),
        cmocka_unit_test(options_of_sync),
        cmocka_unit_test(options_of_the_client),
        cmocka_unit_test(options_of_rpc), cmocka_unit_test(options_of_the_proxy),
        cmocka_unit_test(options_refusals),
        cmocka_unit_test(terminal_text),
        cmocka_unit_test(terminal_in_a_pipe_is_silent),
        cmocka_unit_test(units),
        cmocka_unit_test(strategy_words),
        cmocka_unit_test(progress_in_every_phase),
        cmocka_unit_test(bundle_is_the_fixture),
    };
    return cmocka_run_group_tests_name("cli parts", tests, NULL, NULL);
}
