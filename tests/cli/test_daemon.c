/* `dashspv run` as a service manager has it: it follows the development peer, is asked questions meanwhile, told to read its
 * configuration again, to stop; a second one is refused; the disk is full; the log and the readiness are as systemd wants them.
 */
#include "cli/node.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[64];

static int begin(void **state)
{
    (void)state;
    scratch_make(folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static void start(struct program *p, const char *more)
{
    char words[1024];
    snprintf(words, sizeof(words), "run %s %s", churn_store(folder), more);
    program_start(p, dashspv(), words);
}

static struct outcome stop(struct program *p, int number)
{
    kill(p->pid, number);
    struct outcome o = program_end(p, 10);
    expect_exit(&o, 0);
    assert_string_equal(o.out, "");
    return o;
}

static void expect_log(const struct outcome *o, const char *text, bool there)
{
    if ((strstr(o->err, text) != NULL) != there)
        fail_msg("\"%s\" is %s in the log: %s", text, there ? "not" : "there", o->err);
}

static void stop_quietly(struct program *p)
{
    struct outcome o = stop(p, SIGTERM);
    outcome_free(&o);
}

/* ---- following */

static void expect_state(bool running, long process)
{
    json_t *o = ask_json(folder, "status", 0);
    const json_t *daemon = json_object_get(o, "daemon");
    assert_int_equal(json_is_true(json_object_get(daemon, "running")), running);
    if (running)
        assert_int_equal(json_int(daemon, "process"), process);
    assert_int_equal(json_int(json_object_get(o, "tip"), "height"), 581);
    assert_int_equal(json_int(o, "chainlock_height"), 581);
    assert_int_equal(json_int(json_object_get(o, "list"), "height"), 581);
    json_decref(o);
}

/* All that is asked while it runs is answered alike afterwards, and the next start goes on from there. */
static void follows_and_is_asked(void **state)
{
    static const char *const questions[] = {"quorums", "masternodes", "chainlock"};
    struct program node, daemon;
    char at[64], words[200];
    json_t *before[3];
    (void)state;
    serve(&node, "churn", "--tip 575 --block-every 60", at);
    snprintf(words, sizeof(words), "--log-level=debug --connect=%s", at);
    start(&daemon, words);
    free(program_await_log(&daemon, "block 581: ChainLock verified"));
    free(program_await_log(&daemon, "daemon: synced at block 5"));
    pause_ms(300);
    expect_state(true, (long)daemon.pid);
    for (size_t i = 0; i < 3; i++)
        before[i] = ask_json(folder, questions[i], 0);
    struct outcome o = stop(&daemon, SIGTERM);
    expect_log(&o, "the chain is known up to block 0", true);
    expect_log(&o, "stopped by SIGTERM", true);
    outcome_free(&o);
    expect_state(false, 0);
    for (size_t i = 0; i < 3; i++) {
        json_t *after = ask_json(folder, questions[i], 0);
        assert_true(json_equal(before[i], after));
        json_decref(after);
        json_decref(before[i]);
    }
    start(&daemon, words);
    free(program_await_log(&daemon, "the chain is known up to block 581"));
    free(program_await_log(&daemon, "daemon: synced at block 581"));
    o = stop(&daemon, SIGINT);
    expect_log(&o, "asked peer", false); /* that would be at trace */
    outcome_free(&o);
    stop_serving(&node);
}

/* Killed at once: what was told was stored, and can be asked about beside what the dead one left lying around. */
static void is_asked_after_a_kill(void **state)
{
    struct program node, daemon;
    char at[64], words[200];
    (void)state;
    serve(&node, "churn", "--tip 575 --block-every 60", at);
    snprintf(words, sizeof(words), "--log-level=debug --connect=%s", at);
    start(&daemon, words);
    free(program_await_log(&daemon, "block 581: ChainLock verified"));
    pause_ms(300);
    kill(daemon.pid, SIGKILL);
    struct outcome o = program_end(&daemon, 10);
    expect_exit(&o, 256 + SIGKILL);
    outcome_free(&o);
    expect_state(false, 0);
    stop_serving(&node);
}

static int64_t bytes_of_a_sync(const char *at)
{
    char words[200];
    snprintf(words, sizeof(words), "sync --connect=%s --exit-when-synced --timeout=60", at);
    struct outcome o = ask(folder, words, 0);
    const char *received = strstr(o.out, "received");
    double n = 0;
    char unit = 0;
    assert_non_null(received);
    assert_int_equal(sscanf(received, "received %lf %c", &n, &unit), 2);
    outcome_free(&o);
    return (int64_t)(unit == 'k' ? n * 1000 : n);
}

/* The second sync on the same data directory has next to nothing to load. */
static void a_sync_goes_on(void **state)
{
    struct program node;
    char at[64];
    (void)state;
    serve(&node, "churn", "", at);
    int64_t first = bytes_of_a_sync(at), second = bytes_of_a_sync(at);
    if (first < 20000 || second > first / 10)
        fail_msg("%lld bytes, then %lld", (long long)first, (long long)second);
    stop_serving(&node);
}

/* At level info a synced daemon says nothing of blocks, peers and quorums. */
static void quiet_by_default(void **state)
{
    struct program node, daemon;
    char at[64], words[200];
    (void)state;
    serve(&node, "churn", "--tip 575 --block-every 60", at);
    snprintf(words, sizeof(words), "--connect=%s", at);
    start(&daemon, words);
    free(program_await_log(&daemon, "daemon: synced at block 5"));
    pause_ms(500);
    struct outcome o = stop(&daemon, SIGTERM);
    expect_log(&o, " debug ", false);
    expect_log(&o, " error ", false);
    expect_log(&o, " warning ", false);
    expect_log(&o, "ChainLock verified", false);
    outcome_free(&o);
    stop_serving(&node);
}

static void a_second_one_is_refused(void **state)
{
    struct program daemon;
    char process[32];
    (void)state;
    start(&daemon, "--connect=127.0.0.1:1");
    free(program_await_log(&daemon, "following regtest"));
    struct outcome o = ask(folder, "run --connect=127.0.0.1:1", 2);
    snprintf(process, sizeof(process), "%ld", (long)daemon.pid);
    expect_log(&o, process, true);
    expect_log(&o, "only one at a time", true);
    outcome_free(&o);
    stop_quietly(&daemon);
}

/* ---- being told */

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void reads_its_log_level_again(void **state)
{
    struct program daemon;
    char conf[128], words[300];
    (void)state;
    snprintf(conf, sizeof(conf), "%s/dashspv.conf", folder);
    write_file(conf, "log-level = info\nconnect = 127.0.0.1:1\n");
    snprintf(words, sizeof(words), "--config=%s", conf);
    start(&daemon, words);
    free(program_await_log(&daemon, "following regtest"));
    write_file(conf, "log-level = warning,peers=debug\nconnect = 127.0.0.1:1\n");
    kill(daemon.pid, SIGHUP);
    free(program_await_log(&daemon, "debug   peers: ")); /* it keeps on trying to connect */
    write_file(conf, "log-level = deafening\n");
    kill(daemon.pid, SIGHUP);
    free(program_await_log(&daemon, "not read again"));
    kill(daemon.pid, SIGTERM);
    struct outcome o = program_end(&daemon, 10);
    expect_exit(&o, 0);
    expect_log(&o, "log-level=deafening: the levels are", true);
    expect_log(&o, "stopped by", false); /* at info: the last good level is kept */
    outcome_free(&o);
}

/* What counts and where it was said, as a file that says the same. */
static void shows_what_is_set(void **state)
{
    char conf[128], copy[128], words[300];
    (void)state;
    dashspv();
    snprintf(conf, sizeof(conf), "%s/dashspv.conf", folder);
    snprintf(copy, sizeof(copy), "%s/copy.conf", folder);
    write_file(conf, "network = testnet\n[testnet]\ntarget-outbound = 3\n[mainnet]\ntarget-outbound = 4\n");
    setenv("DASHSPV_LOG_LEVEL", "debug", 1);
    snprintf(words, sizeof(words), "run --print-config --config=%s --data-dir=/x --add-peer=1.2.3.4", conf);
    struct outcome o = run(words);
    unsetenv("DASHSPV_LOG_LEVEL");
    expect_exit(&o, 0);
    snprintf(words, sizeof(words), "target-outbound = 3 ; %s:3\n", conf);
    assert_non_null(strstr(o.out, words));
    assert_non_null(strstr(o.out, "log-level = debug ; environment DASHSPV_LOG_LEVEL\n"));
    assert_non_null(strstr(o.out, "data-dir = /x ; command line\n"));
    assert_null(strstr(o.out, "target-outbound = 4"));
    write_file(copy, o.out);
    outcome_free(&o);
    snprintf(words, sizeof(words), "run --print-config --config=%s", copy);
    o = run(words);
    expect_exit(&o, 0);
    assert_non_null(strstr(o.out, "target-outbound = 3 ; "));
    assert_non_null(strstr(o.out, "add-peer = 1.2.3.4 ; "));
    outcome_free(&o);
}

static void stops_before_anything_came(void **state)
{
    struct program daemon;
    (void)state;
    start(&daemon, "--connect=127.0.0.1:1");
    free(program_await_log(&daemon, "following regtest"));
    stop_quietly(&daemon);
    start(&daemon, "--connect=host.invalid");
    struct outcome o = program_end(&daemon, 60);
    expect_exit(&o, 1);
    expect_log(&o, "cannot resolve host.invalid", true);
    outcome_free(&o);
}

/* ---- what systemd wants */

/* The next datagram. */
static void receive(int s, char *out, size_t size)
{
    ssize_t n = recv(s, out, size - 1, 0);
    assert_true(n > 0);
    out[n] = '\0';
}

static void tells_the_service_manager(void **state)
{
    struct program daemon;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = 20};
    char text[300];
    (void)state;
    dashspv();
    snprintf(at.sun_path, sizeof(at.sun_path), "%s/notify", folder);
    int s = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(s, (struct sockaddr *)&at, sizeof(at)), 0);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setenv("NOTIFY_SOCKET", at.sun_path, 1);
    setenv("WATCHDOG_USEC", "200000", 1);
    start(&daemon, "--connect=127.0.0.1:1");
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    receive(s, text, sizeof(text));
    assert_string_equal(text, "READY=1");
    receive(s, text, sizeof(text));
    assert_string_equal(text, "WATCHDOG=1");
    stop_quietly(&daemon);
    do
        receive(s, text, sizeof(text));
    while (strcmp(text, "WATCHDOG=1") == 0 || strncmp(text, "STATUS=", 7) == 0);
    assert_string_equal(text, "STOPPING=1");
    close(s);
    unlink(at.sun_path);
}

/* Under journald: its priorities and no time. The journal is told from any other place by its device and inode. */
static void logs_for_the_journal(void **state)
{
    struct program daemon;
    char name[64];
    (void)state;
    dashspv();
    for (int is_journal = 0; is_journal < 2; is_journal++) {
        struct stat s;
        program_prepare(&daemon);
        assert_int_equal(fstat(fileno(daemon.err), &s), 0);
        snprintf(name, sizeof(name), "%llu:%llu", (unsigned long long)s.st_dev, (unsigned long long)s.st_ino + !is_journal);
        setenv("JOURNAL_STREAM", name, 1);
        char words[300];
        snprintf(words, sizeof(words), "run %s --connect=127.0.0.1:1", churn_store(folder));
        program_launch(&daemon, dashspv(), words);
        unsetenv("JOURNAL_STREAM");
        free(program_await_log(&daemon, "following regtest"));
        struct outcome o = stop(&daemon, SIGTERM);
        assert_int_equal(strncmp(o.err, "<6>daemon: ", 11) == 0, is_journal);
        assert_int_equal(o.err[0] == '2', !is_journal);
        outcome_free(&o);
    }
}

/* ---- a full disk */

/* A limit on the size of files stands for it: writing fails in the same places. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* It says so once, goes on trying, and what was stored before is as good as ever. */
static void the_disk_is_full(void **state)
{
    struct program node, daemon;
    char at[64], words[200];
    (void)state;
    serve(&node, "churn", "", at);
    limit_files(60 << 10);
    snprintf(words, sizeof(words), "--connect=%s", at);
    start(&daemon, words);
    limit_files(0);
    free(program_await_log(&daemon, "error   store: "));
    pause_ms(300);
    struct outcome o = stop(&daemon, SIGTERM);
    expect_log(&o, "full", true);
    expect_log(&o, "synced at block", false);
    outcome_free(&o);
    start(&daemon, words); /* there is room again */
    free(program_await_log(&daemon, "daemon: synced at block 581"));
    pause_ms(200);
    stop_quietly(&daemon);
    expect_state(false, 0);
    stop_serving(&node);
}

/* ---- stores that cannot be used */

static void a_damaged_store_is_set_aside(void **state)
{
    struct program daemon;
    char path[160];
    (void)state;
    dashspv();
    snprintf(path, sizeof(path), "%s/regtest", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/regtest/store.sqlite", folder);
    write_file(path, "this was a database once, and now it is something else altogether ....................................");
    struct outcome o = ask(folder, "status", 2);
    outcome_free(&o);
    start(&daemon, "--connect=127.0.0.1:1");
    free(program_await_log(&daemon, "following regtest"));
    o = stop(&daemon, SIGTERM);
    expect_log(&o, "warning store: ", true);
    expect_log(&o, "damaged-", true);
    outcome_free(&o);
}

static void a_folder_that_cannot_be_made(void **state)
{
    char path[128], words[300];
    (void)state;
    dashspv();
    snprintf(path, sizeof(path), "%s/file", folder);
    write_file(path, "x");
    snprintf(words, sizeof(words), "run --network=regtest --connect=127.0.0.1:1 --data-dir=%s/below", path);
    struct outcome o = run(words);
    expect_exit(&o, 2);
    expect_log(&o, "--data-dir", true);
    outcome_free(&o);
}

/* A thread that asks the DNS cannot be interrupted, but need not be waited for. */
static void stops_while_a_name_is_looked_up(void **state)
{
    const char *resolver = getenv("STUCK_RESOLVER");
    struct program daemon;
    (void)state;
    if (!resolver)
        skip();
    setenv("LD_PRELOAD", resolver, 1);
    start(&daemon, "--connect=node.invalid:19899");
    unsetenv("LD_PRELOAD");
    free(program_await_log(&daemon, "following regtest"));
    pause_ms(300);
    stop_quietly(&daemon);
}

/* Others have no business in there. */
static void the_folder_is_private(void **state)
{
    struct program daemon;
    struct stat s;
    char path[128];
    (void)state;
    start(&daemon, "--connect=127.0.0.1:1");
    free(program_await_log(&daemon, "following regtest"));
    stop_quietly(&daemon);
    snprintf(path, sizeof(path), "%s/regtest", folder);
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(follows_and_is_asked, begin, end),
        cmocka_unit_test_setup_teardown(is_asked_after_a_kill, begin, end),
        cmocka_unit_test_setup_teardown(a_sync_goes_on, begin, end),
        cmocka_unit_test_setup_teardown(quiet_by_default, begin, end),
        cmocka_unit_test_setup_teardown(a_second_one_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(reads_its_log_level_again, begin, end),
        cmocka_unit_test_setup_teardown(shows_what_is_set, begin, end),
        cmocka_unit_test_setup_teardown(stops_before_anything_came, begin, end),
        cmocka_unit_test_setup_teardown(tells_the_service_manager, begin, end),
        cmocka_unit_test_setup_teardown(logs_for_the_journal, begin, end),
        cmocka_unit_test_setup_teardown(the_disk_is_full, begin, end),
        cmocka_unit_test_setup_teardown(a_damaged_store_is_set_aside, begin, end),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_made, begin, end),
        cmocka_unit_test_setup_teardown(stops_while_a_name_is_looked_up, begin, end),
        cmocka_unit_test_setup_teardown(the_folder_is_private, begin, end),
    };
    return cmocka_run_group_tests_name("cli daemon", tests, NULL, NULL);
}
