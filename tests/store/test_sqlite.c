/* The store on SQLite keeps the contract, lets one writer and many readers in, and knows its versions. */
#include "store/contract.h"
#include "store/place.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/sqlite.h"

/* ---- The contract. */

static dspv_store_sqlite *contracted;

static const dspv_store *create(void)
{
    assert_int_equal(place_make(NULL), 0);
    contracted = place_open();
    return dspv_store_sqlite_seam(contracted);
}

static const dspv_store *reopen(void)
{
    dspv_store_sqlite_close(contracted);
    contracted = place_open();
    return dspv_store_sqlite_seam(contracted);
}

static void destroy(void)
{
    dspv_store_sqlite_close(contracted);
    assert_int_equal(place_remove(NULL), 0);
}

/* ---- Writers and readers. */

static void one_writer_at_a_time(void **state)
{
    (void)state;
    assert_int_equal(dspv_store_sqlite_holder(place_path("main.sqlite")), -1);
    dspv_store_sqlite *first = place_open(), *second;
    dspv_store_report report;
    assert_int_equal(dspv_store_sqlite_holder(place_path("main.sqlite")), getpid());
    assert_int_equal(dspv_store_sqlite_open(&second, place_path("main.sqlite"), DSPV_STORE_KEEP, &report), DSPV_STORE_LOCKED);
    assert_null(second);
    assert_int_equal(report.problem, DSPV_STORE_LOCKED);
    assert_int_equal(report.holder, getpid());
    char pid[32];
    snprintf(pid, sizeof(pid), "(%ld)", (long)getpid());
    assert_non_null(strstr(report.text, pid));
    /* Setting aside is the writer's right alone, too. */
    assert_int_equal(dspv_store_sqlite_open(&second, place_path("main.sqlite"), DSPV_STORE_REPLACE, &report), DSPV_STORE_LOCKED);
    assert_int_equal(place_put(first, "a", "1"), 0);
    dspv_store_sqlite_close(first);
    assert_int_equal(dspv_store_sqlite_holder(place_path("main.sqlite")), -1);
    assert_int_equal(dspv_store_sqlite_open(&second, place_path("main.sqlite"), DSPV_STORE_KEEP, NULL), DSPV_STORE_FINE);
    assert_string_equal(place_get(second, "a"), "1");
    dspv_store_sqlite_close(second);
    dspv_store_sqlite_close(NULL);
}

static void the_lock_dies_with_its_process(void **state)
{
    (void)state;
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        dspv_store_sqlite *s;
        if (dspv_store_sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, NULL) == DSPV_STORE_FINE &&
            place_put(s, "a", "1") == 0 && write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    dspv_store_sqlite *s;
    dspv_store_report report;
    assert_int_equal(dspv_store_sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, &report), DSPV_STORE_LOCKED);
    assert_int_equal(report.holder, child);
    assert_int_equal(dspv_store_sqlite_holder(place_path("main.sqlite")), child);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    s = place_open();
    assert_string_equal(place_get(s, "a"), "1");
    dspv_store_sqlite_close(s);
}

static void readers_see_the_moment_they_began(void **state)
{
    (void)state;
    dspv_store_sqlite *writer = place_open();
    assert_int_equal(place_put(writer, "a", "1"), 0);
    dspv_store_sqlite *early = place_open_reader();
    assert_int_equal(place_put(writer, "a", "2"), 0);
    assert_int_equal(place_put(writer, "b", "new"), 0);
    dspv_store_sqlite *late = place_open_reader();
    assert_int_equal(place_put(writer, "a", "3"), 0);
    for (int round = 0; round < 2; round++) { /* also when the writer has gone and another has come */
        assert_string_equal(place_get(early, "a"), "1");
        assert_string_equal(place_get(early, "b"), "");
        assert_string_equal(place_get(late, "a"), "2");
        assert_string_equal(place_get(late, "b"), "new");
        assert_string_equal(place_get(writer, "a"), "3");
        dspv_store_sqlite_close(writer);
        writer = place_open();
    }
    assert_true(dspv_store_sqlite_seam(early)->read_only && !dspv_store_sqlite_seam(writer)->read_only);
    assert_int_equal(place_put(early, "a", "never"), DSPV_ESTORE);
    assert_int_equal(dspv_store_sqlite_problem(early), DSPV_STORE_READ_ONLY);
    assert_string_equal(place_get(early, "a"), "1");
    assert_int_equal(dspv_store_sqlite_problem(early), DSPV_STORE_FINE);
    dspv_store_sqlite_close(early);
    dspv_store_sqlite_close(late);
    assert_string_equal(place_get(writer, "a"), "3");
    dspv_store_sqlite_close(writer);
    /* Closed by the last one: all is in one file. */
    assert_false(place_exists("main.sqlite-wal"));
    assert_false(place_exists("main.sqlite-shm"));
    assert_true(place_exists("main.sqlite.lock"));
}

/* Writers come and go, which makes and removes the log; readers that come at any moment get in, and never back in time. */
static void readers_get_in_at_any_moment(void **state)
{
    (void)state;
    enum { WRITERS = 150 };
    dspv_store_sqlite *s = place_open();
    assert_int_equal(place_put(s, "a", "0"), 0);
    dspv_store_sqlite_close(s);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 1; i <= WRITERS; i++) {
            char text[16];
            snprintf(text, sizeof(text), "%d", i);
            if (dspv_store_sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, NULL) != DSPV_STORE_FINE ||
                place_put(s, "a", text) != 0)
                _exit(1);
            dspv_store_sqlite_close(s);
        }
        _exit(0);
    }
    long last = 0, readers = 0;
    int status = 0;
    do {
        s = place_open_reader();
        long seen = strtol(place_get(s, "a"), NULL, 10);
        dspv_store_sqlite_close(s);
        assert_true(seen >= last);
        last = seen;
        readers++;
    } while (waitpid(child, &status, WNOHANG) == 0);
    assert_int_equal(status, 0);
    s = place_open_reader();
    assert_int_equal(strtol(place_get(s, "a"), NULL, 10), WRITERS);
    dspv_store_sqlite_close(s);
    print_message("%ld readers beside %d writers\n", readers, WRITERS);
}

static void a_reader_needs_something_to_read(void **state)
{
    (void)state;
    dspv_store_sqlite *s;
    dspv_store_report report;
    assert_int_equal(dspv_store_sqlite_open_reader(&s, place_path("main.sqlite"), &report), DSPV_STORE_MISSING);
    assert_null(s);
    assert_int_equal(dspv_store_sqlite_open_reader(&s, "/no/such/folder/x", &report), DSPV_STORE_MISSING);
    assert_false(place_exists("main.sqlite"));
    place_write("main.sqlite", "", 0);
    assert_int_equal(dspv_store_sqlite_open_reader(&s, place_path("main.sqlite"), &report), DSPV_STORE_MISSING);
    /* What a writer makes of an empty file. */
    s = place_open();
    assert_int_equal(place_put(s, "a", "1"), 0);
    dspv_store_sqlite_close(s);
    s = place_open_reader();
    assert_string_equal(place_get(s, "a"), "1");
    dspv_store_sqlite_close(s);
}

/* ---- Settings, names and versions. */

static int number(dspv_store_sqlite *s, const char *sql)
{
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    int n = sqlite3_column_int(row, 0);
    sqlite3_finalize(row);
    return n;
}

static void the_settings_that_safety_rests_on(void **state)
{
    (void)state;
    dspv_store_sqlite *s = place_open();
    assert_int_equal(number(s, "PRAGMA synchronous"), 2); /* FULL */
    assert_int_equal(number(s, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
    assert_int_equal(number(s, "PRAGMA trusted_schema"), 0);
    assert_int_equal(number(s, "PRAGMA cell_size_check"), 1);
    assert_int_equal(number(s, "PRAGMA application_id"), 0x44535056);
    assert_int_equal(number(s, "PRAGMA user_version"), 1);
    assert_int_equal(number(s, "SELECT count(*) FROM sqlite_master WHERE type = 'table'"), DSPV_TABLE_COUNT);
    assert_int_equal(number(s, "PRAGMA journal_size_limit"), 16777216);
    assert_true(number(s, "PRAGMA busy_timeout") > 0);
    dspv_store_sqlite_close(s);
}

/* A name is a name, whatever SQLite would see in it. */
static void odd_names(void **state)
{
    (void)state;
    static const char *const names[] = {":memory:", "file:x?mode=memory", "a b%20c#d?e", "\xc3\xa4.sqlite"};
    char before[1024];
    assert_non_null(getcwd(before, sizeof(before)));
    assert_int_equal(chdir(place_folder()), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        dspv_store_sqlite *s;
        assert_int_equal(dspv_store_sqlite_open(&s, names[i], DSPV_STORE_KEEP, NULL), DSPV_STORE_FINE);
        assert_int_equal(place_put(s, "a", names[i]), 0);
        dspv_store_sqlite_close(s);
        assert_true(place_exists(names[i]));
        assert_int_equal(dspv_store_sqlite_open_reader(&s, names[i], NULL), DSPV_STORE_FINE);
        assert_string_equal(place_get(s, "a"), names[i]);
        dspv_store_sqlite_close(s);
    }
    assert_int_equal(chdir(before), 0);
    dspv_store_sqlite *s;
    char longest[2000];
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(dspv_store_sqlite_open(&s, longest, DSPV_STORE_KEEP, NULL), DSPV_STORE_IO);
    assert_int_equal(dspv_store_sqlite_open(&s, "", DSPV_STORE_KEEP, NULL), DSPV_STORE_IO);
    assert_int_equal(dspv_store_sqlite_open(&s, "/no/such/folder/x", DSPV_STORE_KEEP, NULL), DSPV_STORE_IO);
}

/* A made-up history: version 1 knew no addresses, version 2 kept them with a note, version 3 is as now. */
#define EARLY_TABLES                                                                                                             \
    "CREATE TABLE meta (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"                                      \
    "CREATE TABLE headers (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"                                   \
    "CREATE TABLE masternodes (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"                               \
    "CREATE TABLE lists (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"                                     \
    "CREATE TABLE quorums (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"                                   \
    "CREATE TABLE snapshots (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"                                 \
    "CREATE TABLE locks (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"
#define ADDRESSES(more) "CREATE TABLE addresses (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL" more ") WITHOUT ROWID;"

static const char *const steps[] = {ADDRESSES(", note TEXT"), "ALTER TABLE addresses DROP COLUMN note;"};
static const char *const bad_steps[] = {ADDRESSES(", note TEXT") "INSERT INTO meta VALUES (x'62', x'62');",
                                        "DROP TABLE nowhere;"};
static const struct schema early = {1, EARLY_TABLES ADDRESSES(""), NULL}, third = {3, EARLY_TABLES ADDRESSES(""), steps},
                           botched = {3, EARLY_TABLES, bad_steps};

/* A store of before the runs of headers had rowids, kept as it is. */
static const dspv_store *create_old(void)
{
    dspv_store_report report;
    assert_int_equal(place_make(NULL), 0);
    assert_int_equal(sqlite_open(&contracted, place_path("main.sqlite"), DSPV_STORE_KEEP, &early, &report), DSPV_STORE_FINE);
    return reopen();
}

static void make_early(void)
{
    dspv_store_sqlite *s;
    dspv_store_report report;
    assert_int_equal(sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, &early, &report), DSPV_STORE_FINE);
    assert_int_equal(place_put(s, "a", "kept"), 0);
    assert_int_equal(sqlite3_exec(s->db, "DROP TABLE addresses", NULL, NULL, NULL), SQLITE_OK);
    dspv_store_sqlite_close(s);
}

static void columns(dspv_store_sqlite *s, char *out, size_t size)
{
    sqlite3_stmt *row;
    size_t n = 0;
    assert_int_equal(sqlite3_prepare_v2(s->db,
                                        "SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c.pk FROM sqlite_master m, "
                                        "pragma_table_info(m.name) c ORDER BY 1",
                                        -1, &row, NULL),
                     SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW)
        n += (size_t)snprintf(out + n, size - n, "%s\n", (const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    assert_true(n > 0 && n < size);
}

static void an_older_version_is_raised(void **state)
{
    (void)state;
    static char raised[4096], fresh[4096];
    dspv_store_sqlite *s;
    dspv_store_report report;
    make_early();
    assert_int_equal(sqlite_open_reader(&s, place_path("main.sqlite"), &third, &report), DSPV_STORE_OLDER);
    assert_int_equal(sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, &third, &report), DSPV_STORE_FINE);
    assert_int_equal(number(s, "PRAGMA user_version"), 3);
    assert_string_equal(place_get(s, "a"), "kept");
    assert_int_equal(place_put(s, "b", "more"), 0);
    columns(s, raised, sizeof(raised));
    dspv_store_sqlite_close(s);
    assert_int_equal(sqlite_open_reader(&s, place_path("main.sqlite"), &third, &report), DSPV_STORE_FINE);
    assert_string_equal(place_get(s, "b"), "more");
    dspv_store_sqlite_close(s);
    /* Both ways end alike. */
    assert_int_equal(sqlite_open(&s, place_path("fresh.sqlite"), DSPV_STORE_KEEP, &third, &report), DSPV_STORE_FINE);
    columns(s, fresh, sizeof(fresh));
    dspv_store_sqlite_close(s);
    assert_string_equal(raised, fresh);
    /* And this program takes what is newer for newer, and leaves it as it is. */
    assert_int_equal(dspv_store_sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_REPLACE_IF_DAMAGED, &report),
                     DSPV_STORE_NEWER);
    assert_non_null(strstr(report.text, "version 3"));
    assert_int_equal(dspv_store_sqlite_open_reader(&s, place_path("main.sqlite"), &report), DSPV_STORE_NEWER);
    assert_false(place_exists("main.sqlite.damaged-1"));
}

static void a_step_that_fails_changes_nothing(void **state)
{
    (void)state;
    dspv_store_sqlite *s;
    dspv_store_report report;
    make_early();
    assert_int_equal(sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, &botched, &report), DSPV_STORE_DAMAGED);
    assert_int_equal(sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, &third, &report), DSPV_STORE_FINE);
    assert_int_equal(number(s, "SELECT count(*) FROM meta"), 1);
    dspv_store_sqlite_close(s);
}

/* The making of a file was cut off: there is a database, but nothing in it. */
static void a_file_half_made_is_made_again(void **state)
{
    (void)state;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(place_path("main.sqlite"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE x(y); DROP TABLE x", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    dspv_store_sqlite *s;
    assert_int_equal(dspv_store_sqlite_open_reader(&s, place_path("main.sqlite"), NULL), DSPV_STORE_MISSING);
    s = place_open();
    assert_int_equal(place_put(s, "a", "1"), 0);
    dspv_store_sqlite_close(s);
}

int main(void)
{
    static struct contract kind = {create, reopen, destroy}, old = {create_old, reopen, destroy};
    const struct CMUnitTest tests[] = {
        CONTRACT_TESTS(&kind),
        CONTRACT_TESTS(&old),
        cmocka_unit_test_setup_teardown(one_writer_at_a_time, place_make, place_remove),
        cmocka_unit_test_setup_teardown(the_lock_dies_with_its_process, place_make, place_remove),
        cmocka_unit_test_setup_teardown(readers_see_the_moment_they_began, place_make, place_remove),
        cmocka_unit_test_setup_teardown(readers_get_in_at_any_moment, place_make, place_remove),
        cmocka_unit_test_setup_teardown(a_reader_needs_something_to_read, place_make, place_remove),
        cmocka_unit_test_setup_teardown(the_settings_that_safety_rests_on, place_make, place_remove),
        cmocka_unit_test_setup_teardown(odd_names, place_make, place_remove),
        cmocka_unit_test_setup_teardown(an_older_version_is_raised, place_make, place_remove),
        cmocka_unit_test_setup_teardown(a_step_that_fails_changes_nothing, place_make, place_remove),
        cmocka_unit_test_setup_teardown(a_file_half_made_is_made_again, place_make, place_remove),
    };
    return cmocka_run_group_tests_name("store sqlite", tests, NULL, NULL);
}
