/* Checkpoints from hand to hand: a chain is synced, its final blocks are printed, and another client is given them, which asks
 * for what lies between them all at once, in compressed answers. Wrong ones are found, whoever is wrong. */
#include <signal.h>
#include <unistd.h>

#include "base/endian.h"
#include "cli/program.h"
#include "store/place.h"
#include "store/read.h"
#include "store/record.h"

enum { SECONDS = 60, TIP = 70000, FINAL = TIP - 50000, EVERY = 500 };

static struct program devnode;

/* Programs that must succeed; what they print. */
static char *output(const char *variable, const char *words)
{
    struct outcome o = program_run(program_path(variable), words);
    if (o.exit_code != 0)
        fail_msg("%s: exit code %d, out: %s, err: %s", words, o.exit_code, o.out, o.err);
    free(o.err);
    return o.out;
}

static void serve(int32_t tip, unsigned *port)
{
    char words[4096];
    snprintf(words, sizeof(words), "--headers %s --tip %d --network regtest --listen 127.0.0.1:0 --quiet", place_path("chain"),
             (int)tip);
    program_start(&devnode, program_path("DEVNODE_PROGRAM"), words);
    char *line = program_await(&devnode, "listening");
    assert_int_equal(sscanf(line, "listening 127.0.0.1:%u", port), 1);
    free(line);
}

static void stop_serving(void)
{
    kill(devnode.pid, SIGTERM);
    struct outcome o = program_end(&devnode, SECONDS);
    assert_int_equal(o.exit_code, 0);
    outcome_free(&o);
}

static const char *sync_words(unsigned port, const char *folder, const char *more)
{
    static char words[4096];
    snprintf(words, sizeof(words),
             "sync --network=regtest --from=genesis --no-masternodes --exit-when-synced --json --connect=127.0.0.1:%u "
             "--data-dir=%s %s",
             port, place_path(folder), more);
    return words;
}

/* The summary of a sync from a peer that serves up to `tip`. */
static json_t *sync_up_to(int32_t tip, const char *folder, const char *more)
{
    unsigned port;
    serve(tip, &port);
    char *out = output("DASHSPV_PROGRAM", sync_words(port, folder, more));
    stop_serving();
    json_t *summary = program_last_line(out);
    assert_int_equal(json_int(summary, "tip_height"), tip);
    free(out);
    return summary;
}

static const char *given(void)
{
    static char words[300];
    snprintf(words, sizeof(words), "--checkpoints=%s", place_path("points"));
    return words;
}

static char *print(const char *folder, const char *more)
{
    char words[1000];
    snprintf(words, sizeof(words), "checkpoints --network=regtest --data-dir=%s %s", place_path(folder), more);
    return output("DASHSPV_PROGRAM", words);
}

/* The chain, a data folder "first" that has it, and its final blocks in the file "points". */
static int begin(void **state)
{
    char words[300];
    (void)state;
    if (!getenv("DASHSPV_PROGRAM"))
        return 0;
    place_make(state);
    snprintf(words, sizeof(words), "%d %s", TIP + 1, place_path("chain"));
    free(output("MAKE_HEADERS_PROGRAM", words));
    json_decref(sync_up_to(TIP, "first", ""));
    char *points = print("first", "--every=500");
    place_write("points", points, strlen(points));
    free(points);
    return 0;
}

static int end(void **state)
{
    return getenv("DASHSPV_PROGRAM") ? place_remove(state) : 0;
}

/* The hash of a block as the header after it in the served file says. */
static void assert_block(const struct bytes *chain, int32_t height, const char *hash)
{
    char hex[65];
    hash_to_hex(chain->p + (size_t)(height + 1) * 80 + 4, hex);
    assert_string_equal(hash, hex);
}

/* One line in EVERY blocks, up to where nothing changes any more. */
static void test_printed(void **state)
{
    (void)state;
    program_path("DASHSPV_PROGRAM");
    struct bytes chain = place_read("chain"), points = place_read("points");
    char *at = memchr(points.p, '\n', points.n), hash[65];
    int height, used;
    assert_int_equal(strncmp((const char *)points.p, "# regtest, final up to block 20000; the tip was block 70000 ", 60), 0);
    for (int32_t expected = EVERY; expected <= FINAL; expected += EVERY, at += used) {
        assert_int_equal(sscanf(at, " %d %64s%n", &height, hash, &used), 2);
        assert_int_equal(height, expected);
        assert_block(&chain, height, hash);
    }
    assert_int_equal((uint8_t *)at + 1 - points.p, points.n);
    char *text = print("first", "--every=9999 --json");
    json_t *o = json_loads(text, 0, NULL), *rows = json_object_get(o, "checkpoints");
    assert_int_equal(json_array_size(rows), 2);
    assert_int_equal(json_int(json_array_get(rows, 1), "height"), 19998);
    assert_block(&chain, 19998, json_text(json_array_get(rows, 1), "hash"));
    json_decref(o);
    free(text);
    free(chain.p);
    free(points.p);
}

/* The same chain, in half the bytes, where there are checkpoints. */
static void test_sync_with_them(void **state)
{
    (void)state;
    program_path("DASHSPV_PROGRAM");
    json_t *summary = sync_up_to(FINAL, "second", given());
    double bytes = (double)json_int(summary, "bytes_received") / FINAL;
    if (bytes < 37 || bytes > 45)
        fail_msg("%.1f bytes a header", bytes);
    json_decref(summary);
    summary = sync_up_to(TIP, "second", given()); /* and goes on above the last of them */
    assert_true(json_int(summary, "bytes_received") > (TIP - FINAL) * 37);
    json_decref(summary);
    char *once = print("first", "--every=500"), *again = print("second", "--every=500");
    assert_string_equal(once, again);
    free(once);
    free(again);
}

/* Killed in the middle, it goes on. */
static void test_killed(void **state)
{
    unsigned port;
    (void)state;
    program_path("DASHSPV_PROGRAM");
    serve(FINAL, &port);
    for (int i = 0; i < 6; i++) {
        struct program client;
        program_start(&client, program_path("DASHSPV_PROGRAM"), sync_words(port, "killed", given()));
        pause_ms(40 * i);
        kill(client.pid, SIGKILL);
        struct outcome o = program_end(&client, SECONDS);
        assert_true(o.exit_code == 256 + SIGKILL || o.exit_code == 0);
        outcome_free(&o);
    }
    stop_serving();
    json_decref(sync_up_to(TIP, "killed", given()));
    char *once = print("first", "--every=500"), *again = print("killed", "--every=500");
    assert_string_equal(once, again);
    free(once);
    free(again);
}

/* The line of block 9000 says that it is the block of the line above. */
static void write_wrong_points(void)
{
    struct bytes points = place_read("points");
    char *text = strndup((const char *)points.p, points.n), *line = text ? strstr(text, "\n9000 ") : NULL;
    assert_non_null(line);
    memcpy(line + 6, line - 64, 64);
    place_write("wrong", text, points.n);
    free(text);
    free(points.p);
}

/* No chain goes through a wrong checkpoint: that is said, and the store has nothing of what lies above. */
static void test_a_wrong_one(void **state)
{
    char more[400];
    unsigned port;
    struct program client;
    (void)state;
    program_path("DASHSPV_PROGRAM");
    write_wrong_points();
    snprintf(more, sizeof(more), "--checkpoints=%s", place_path("wrong"));
    serve(FINAL, &port);
    program_start(&client, program_path("DASHSPV_PROGRAM"), sync_words(port, "other", more));
    free(program_await(&client, "\"reason\":\"CHECKPOINT_MISMATCH\""));
    kill(client.pid, SIGTERM);
    struct outcome o = program_end(&client, SECONDS);
    stop_serving();
    json_t *summary = program_last_line(o.out);
    assert_int_equal(o.exit_code, 143);
    assert_true(json_int(summary, "tip_height") < 9000);
    assert_non_null(strstr(o.err, "the block differs from the checkpoint at its height, height 9000"));
    assert_non_null(strstr(json_text(summary, "error"), "stopped before it was synced; the last trouble: peer "));
    json_decref(summary);
    outcome_free(&o);
}

/* A store that was filled without it loses what it says otherwise, and gets it back. */
static void test_a_store_that_differs(void **state)
{
    char words[600];
    (void)state;
    program_path("DASHSPV_PROGRAM");
    write_wrong_points();
    json_decref(sync_up_to(TIP, "third", ""));
    snprintf(words, sizeof(words), "status --json --network=regtest --data-dir=%s --checkpoints=%s", place_path("third"),
             place_path("wrong"));
    struct outcome o = program_run(program_path("DASHSPV_PROGRAM"), words);
    json_t *status = json_loads(o.out, 0, NULL);
    assert_int_equal(json_int(json_object_get(status, "tip"), "height"), 9000 / 256 * 256 - 1);
    json_decref(status);
    outcome_free(&o);
    json_decref(sync_up_to(TIP, "third", given()));
}

/* A bit of a header below the floor is another, in a record that is well sealed. */
static void forge_header(const char *folder, int32_t height)
{
    enum { RUN = 256, HEAD = 36, AT_MERKLE_ROOT = 36 };
    char path[100];
    uint8_t key[4];
    dspv_store_sqlite *store;
    dspv_store_report report;
    struct writer run, record;
    bool found, damaged;
    snprintf(path, sizeof(path), "%s/regtest/store.sqlite", folder);
    assert_int_equal(dspv_store_sqlite_open(&store, place_path(path), DSPV_STORE_KEEP, &report), DSPV_STORE_FINE);
    const dspv_store *seam = dspv_store_sqlite_seam(store);
    writer_init(&run);
    writer_init(&record);
    store_be32(key, (uint32_t)(height / RUN));
    assert_int_equal(store_get(seam, DSPV_TABLE_HEADERS, (struct span){key, 4}, &run, &found, &damaged), 0);
    assert_true(found && !damaged);
    run.data[HEAD + height % RUN * 80 + AT_MERKLE_ROOT] ^= 1;
    record_seal(&record, DSPV_TABLE_HEADERS, (struct span){key, 4}, (struct span){run.data, run.n});
    const dspv_store_op op = {DSPV_TABLE_HEADERS, key, 4, record.data, record.n};
    assert_int_equal(seam->apply(seam->context, &op, 1), 0);
    writer_free(&run);
    writer_free(&record);
    dspv_store_sqlite_close(store);
}

/* Nothing is printed that does not lead to the best block. */
static void test_a_forged_header(void **state)
{
    char words[600];
    (void)state;
    program_path("DASHSPV_PROGRAM");
    json_decref(sync_up_to(TIP, "forged", ""));
    forge_header("forged", 7000);
    snprintf(words, sizeof(words), "checkpoints --network=regtest --data-dir=%s", place_path("forged"));
    struct outcome o = program_run(program_path("DASHSPV_PROGRAM"), words);
    assert_int_equal(o.exit_code, 1);
    assert_string_equal(o.out, "");
    assert_true(strstr(o.err, "block 7000 is damaged") || strstr(o.err, "block 7001 is damaged"));
    outcome_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printed),     cmocka_unit_test(test_sync_with_them),       cmocka_unit_test(test_killed),
        cmocka_unit_test(test_a_wrong_one), cmocka_unit_test(test_a_store_that_differs), cmocka_unit_test(test_a_forged_header),
    };
    return cmocka_run_group_tests_name("e2e/checkpoints", tests, begin, end);
}
