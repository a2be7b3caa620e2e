/* `dashspv sync --no-masternodes` against long runs of real testnet headers, over TCP, with every rule on. Such a run has less work
 * than the network's minimum: the client takes all of it and then says so (LOW_WORK), and never that it is synced. The last
 * header of a run is not served: it names the hash of the one before, so that no code of ours says what the tip must be. */
#include <signal.h>

#include "cli/program.h"

enum { SECONDS = 60 };

struct run {
    const char *file; /* below the data folder */
    int32_t first;
    struct program devnode, client;
    int32_t tip;
    char tip_hash[65];
};

static void find_tip(struct run *r)
{
    struct bytes b = data_load(r->file);
    size_t n = b.n / 80;
    r->tip = r->first + (int32_t)n - 2;
    hash_to_hex(b.p + (n - 1) * 80 + 4, r->tip_hash);
    free(b.p);
}

static unsigned serve(struct run *r)
{
    char words[4096];
    unsigned port;
    snprintf(words, sizeof(words), "--headers %s:%d --tip %d --network testnet --listen 127.0.0.1:0 --quiet", data_path(r->file),
             (int)r->first, (int)r->tip);
    program_start(&r->devnode, program_path("DEVNODE_PROGRAM"), words);
    char *line = program_await(&r->devnode, "listening");
    assert_int_equal(sscanf(line, "listening 127.0.0.1:%u", &port), 1);
    free(line);
    return port;
}

static void check_end(const struct run *r, const struct outcome *o)
{
    json_t *summary = program_last_line(o->out);
    assert_int_equal(o->exit_code, 143);
    assert_string_equal(json_text(summary, "phase"), "degraded");
    assert_string_equal(json_text(summary, "reason"), "LOW_WORK");
    assert_int_equal(json_int(summary, "tip_height"), r->tip);
    assert_string_equal(json_text(summary, "tip_hash"), r->tip_hash);
    assert_null(strstr(o->out, "\"phase\":\"synced\""));
    assert_null(strstr(o->out, "\"event\":\"refused\""));
    json_decref(summary);
}

/* The whole run is taken, whatever the start; `start` is the height that the chain must begin at. */
static void sync_run(const char *file, int32_t first, const char *options, int32_t start)
{
    struct run r = {.file = file, .first = first};
    char words[256], *line;
    data_or_skip();
    find_tip(&r);
    snprintf(words, sizeof(words), "sync --network testnet --no-masternodes --json %s --connect 127.0.0.1:%u", options, serve(&r));
    program_start(&r.client, program_path("DASHSPV_PROGRAM"), words);
    line = program_await(&r.client, "\"phase\":\"degraded\",\"reason\":\"LOW_WORK\"");
    free(line);
    kill(r.client.pid, SIGTERM);
    struct outcome o = program_end(&r.client, SECONDS);
    check_end(&r, &o);
    snprintf(words, sizeof(words), "\"start_height\":%d,", (int)start);
    assert_non_null(strstr(o.out, words));
    outcome_free(&o);
    kill(r.devnode.pid, SIGTERM);
    o = program_end(&r.devnode, SECONDS);
    assert_int_equal(o.exit_code, 0);
    outcome_free(&o);
}

static void test_from_genesis(void **state)
{
    (void)state;
    sync_run("testnet/headers_0_39999.bin", 0, "--from genesis", 0);
}

/* 204 headers below the checkpoint that pins them. */
static void test_from_a_checkpoint(void **state)
{
    (void)state;
    sync_run("testnet/headers_895000_907999.bin", 895000, "--from 905100", 904896);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_genesis),
        cmocka_unit_test(test_from_a_checkpoint),
    };
    return cmocka_run_group_tests_name("e2e/header_chains", tests, NULL, NULL);
}
