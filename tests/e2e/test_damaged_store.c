/* A page of a kept store is broken: `dashspv status` says so, `dashspv sync` replaces the store by what can be saved of it and is
 * in sync again, and `status` shows that. For one table after the other. */
#include <signal.h>

#include <sqlite3.h>

#include "cli/program.h"
#include "store/place.h"

enum { SECONDS = 60, PAGE = 4096, EXIT_CANNOT = 2 };

static struct program devnode;

static unsigned serve(void)
{
    char words[4096];
    unsigned port;
    snprintf(words, sizeof(words), "--chain %s --listen 127.0.0.1:0 --quiet", fixture_path("churn"));
    program_start(&devnode, program_path("DEVNODE_PROGRAM"), words);
    char *line = program_await(&devnode, "listening");
    assert_int_equal(sscanf(line, "listening 127.0.0.1:%u", &port), 1);
    free(line);
    return port;
}

static struct outcome run(const char *command, const char *more)
{
    char words[4096];
    snprintf(words, sizeof(words),
             "%s --network=regtest --dip3params=2:2 --testactivationheight=v20@100 "
             "--testactivationheight=mn_rr@100 --data-dir=%s %s",
             command, place_folder(), more);
    return program_run(program_path("DASHSPV_PROGRAM"), words);
}

static void assert_ends(const char *command, const char *more, int exit_code, const char *told)
{
    struct outcome o = run(command, more);
    if (o.exit_code != exit_code || (told && !strstr(o.err, told)))
        fail_msg("%s: exit code %d, out: %s, err: %s", command, o.exit_code, o.out, o.err);
    outcome_free(&o);
}

/* Noise in place of the page at the root of a table. */
static void break_table(const char *table)
{
    static const char name[] = "regtest/store.sqlite";
    sqlite3 *db;
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_open(place_path(name), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT rootpage FROM sqlite_master WHERE name = ?1", -1, &row, NULL), SQLITE_OK);
    sqlite3_bind_text(row, 1, table, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    size_t page = (size_t)sqlite3_column_int(row, 0) - 1;
    sqlite3_finalize(row);
    sqlite3_close(db);
    struct bytes file = place_read(name);
    assert_true((page + 1) * PAGE <= file.n);
    memset(file.p + page * PAGE, 0xee, PAGE);
    place_write(name, file.p, file.n);
    free(file.p);
}

static void test_replaced(void **state)
{
    static const char *const tables[] = {"meta", "headers", "masternodes", "lists", "quorums", "snapshots", "locks", "addresses"};
    (void)state;
    char sync[128];
    snprintf(sync, sizeof(sync), "--connect=127.0.0.1:%u --exit-when-synced --timeout=%d", serve(), SECONDS);
    assert_ends("sync", sync, 0, NULL);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        break_table(tables[i]);
        assert_ends("status", "", EXIT_CANNOT, "is damaged");
        assert_ends("sync", sync, 0, "was damaged and is now");
        assert_ends("status", "", 0, NULL);
    }
    kill(devnode.pid, SIGTERM);
    struct outcome o = program_end(&devnode, SECONDS);
    outcome_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_replaced, place_make, place_remove)};
    return cmocka_run_group_tests_name("damaged store", tests, NULL, NULL);
}
