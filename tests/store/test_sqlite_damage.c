/* Damaged, foreign and strange files: opening says what it is, or reading does, and no record that opens is ever wrong. */
#include "store/numbered.h"
#include "store/place.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/endian.h"
#include "store/batch.h"
#include "store/read.h"
#include "store/sqlite.h"

enum { RECORDS = 300 };

static dspv_store_problem try_open(dspv_store_existing existing, dspv_store_sqlite **s, dspv_store_report *report)
{
    dspv_store_problem problem = dspv_store_sqlite_open(s, place_path("main.sqlite"), existing, report);
    assert_int_equal(problem, report->problem);
    assert_int_equal(problem == DSPV_STORE_FINE, *s != NULL);
    assert_true(problem == DSPV_STORE_FINE || strlen(report->text) > 20);
    return problem;
}

/* ---- Files that are something else. */

static void assert_refused(dspv_store_problem expected)
{
    dspv_store_sqlite *s;
    dspv_store_report report;
    struct bytes before = place_read("main.sqlite");
    assert_int_equal(try_open(DSPV_STORE_KEEP, &s, &report), expected);
    assert_int_equal(dspv_store_sqlite_open_reader(&s, place_path("main.sqlite"), &report), expected);
    struct bytes after = place_read("main.sqlite");
    assert_int_equal(before.n, after.n);
    assert_memory_equal(before.p, after.p, before.n);
    free(before.p);
    free(after.p);
}

static void make_database(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(place_path("main.sqlite"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void other_programs_databases_are_left_alone(void **state)
{
    (void)state;
    make_database("CREATE TABLE precious (x); INSERT INTO precious VALUES (1)");
    assert_refused(DSPV_STORE_FOREIGN);
    dspv_store_sqlite *s;
    dspv_store_report report;
    assert_int_equal(try_open(DSPV_STORE_REPLACE_IF_DAMAGED, &s, &report), DSPV_STORE_FOREIGN);
    make_database("PRAGMA application_id = 77");
    assert_refused(DSPV_STORE_FOREIGN);
}

static void newer_ones_are_left_alone(void **state)
{
    (void)state;
    dspv_store_sqlite_close(place_open());
    make_database("PRAGMA user_version = 2");
    assert_refused(DSPV_STORE_NEWER);
    make_database("PRAGMA user_version = 0");
    assert_refused(DSPV_STORE_DAMAGED);
    make_database("PRAGMA user_version = 1; DROP TABLE locks");
    assert_refused(DSPV_STORE_DAMAGED);
    make_database("CREATE VIEW locks AS SELECT key, value FROM meta");
    assert_refused(DSPV_STORE_DAMAGED);
}

static void what_is_no_database_is_set_aside(void **state)
{
    (void)state;
    static const char text[] =
        "This is a letter, and longer than the header of a database, which has one hundred bytes, as everybody "
        "knows who has ever read about it.";
    dspv_store_sqlite *s;
    dspv_store_report report;
    for (int i = 1; i <= 3; i++) {
        place_write("main.sqlite", text, sizeof(text) - (size_t)(i == 3 ? 100 : 0));
        if (i == 1)
            assert_refused(DSPV_STORE_DAMAGED);
        assert_int_equal(try_open(DSPV_STORE_REPLACE_IF_DAMAGED, &s, &report), DSPV_STORE_FINE);
        char name[64];
        snprintf(name, sizeof(name), "main.sqlite.damaged-%d", i);
        assert_true(place_exists(name));
        assert_non_null(strstr(report.text, name));
        struct bytes kept = place_read(name);
        assert_memory_equal(kept.p, text, kept.n);
        free(kept.p);
        assert_int_equal(place_put(s, "a", "1"), 0);
        dspv_store_sqlite_close(s);
    }
    /* A good one is not replaced unless that is asked for. */
    assert_int_equal(try_open(DSPV_STORE_REPLACE_IF_DAMAGED, &s, &report), DSPV_STORE_FINE);
    assert_string_equal(report.text, "");
    assert_string_equal(place_get(s, "a"), "1");
    dspv_store_sqlite_close(s);
    assert_int_equal(try_open(DSPV_STORE_REPLACE, &s, &report), DSPV_STORE_FINE);
    assert_string_equal(place_get(s, "a"), "");
    assert_true(place_exists("main.sqlite.damaged-4"));
    dspv_store_sqlite_close(s);
}

static void a_folder_is_no_store(void **state)
{
    (void)state;
    dspv_store_sqlite *s;
    dspv_store_report report;
    assert_int_equal(mkdir(place_path("main.sqlite"), 0755), 0);
    assert_int_equal(try_open(DSPV_STORE_REPLACE_IF_DAMAGED, &s, &report), DSPV_STORE_IO);
    assert_int_equal(dspv_store_sqlite_open_reader(&s, place_path("main.sqlite"), &report), DSPV_STORE_IO);
}

/* A log that was set aside with its file does not come back in the new one; nor one that was left when a crash came in between.
 */
static void the_log_is_set_aside_as_well(void **state)
{
    (void)state;
    dspv_store_sqlite *s = place_open();
    dspv_store_report report;
    assert_int_equal(place_put(s, "a", "1"), 0);
    place_copy("main.sqlite", "copy.sqlite");
    place_copy("main.sqlite-wal", "copy.sqlite-wal");
    place_copy("main.sqlite-shm", "copy.sqlite-shm");
    dspv_store_sqlite_close(s);
    assert_int_equal(dspv_store_sqlite_open(&s, place_path("copy.sqlite"), DSPV_STORE_REPLACE, &report), DSPV_STORE_FINE);
    assert_string_equal(place_get(s, "a"), "");
    dspv_store_sqlite_close(s);
    assert_true(place_exists("copy.sqlite.damaged-1") && place_exists("copy.sqlite.damaged-1-wal"));
    place_copy("copy.sqlite.damaged-1-wal", "fresh.sqlite-wal");
    assert_int_equal(dspv_store_sqlite_open(&s, place_path("fresh.sqlite"), DSPV_STORE_KEEP, &report), DSPV_STORE_FINE);
    assert_string_equal(place_get(s, "a"), "");
    dspv_store_sqlite_close(s);
    assert_int_equal(dspv_store_sqlite_open(&s, place_path("copy.sqlite.damaged-1"), DSPV_STORE_KEEP, &report), DSPV_STORE_FINE);
    assert_string_equal(place_get(s, "a"), "1");
    dspv_store_sqlite_close(s);
}

static void taken_away_while_in_use(void **state)
{
    (void)state;
    dspv_store_sqlite *s = place_open();
    assert_int_equal(place_put(s, "a", "1"), 0);
    assert_int_equal(rename(place_path("main.sqlite"), place_path("elsewhere")), 0);
    assert_int_equal(place_put(s, "a", "2"), DSPV_ESTORE);
    assert_int_equal(dspv_store_sqlite_problem(s), DSPV_STORE_IO);
    assert_int_equal(rename(place_path("elsewhere"), place_path("main.sqlite")), 0);
    assert_int_equal(place_put(s, "a", "3"), 0);
    dspv_store_sqlite_close(s);
}

/* ---- Bits and lengths. */

/* Sealed records whose payload follows from their key. */
static void make_payload(uint32_t i, uint8_t key[4], uint8_t *payload, size_t *n)
{
    store_be32(key, i);
    *n = i * 37 % 9000;
    for (size_t j = 0; j < *n; j++)
        payload[j] = (uint8_t)(i * 7 + j * 13 + (j >> 8));
}

static void make_store(void)
{
    static uint8_t payload[9000];
    struct batch b;
    batch_init(&b);
    dspv_store_sqlite *s = place_open();
    for (uint32_t i = 0; i < RECORDS; i++) {
        uint8_t key[4];
        size_t n;
        make_payload(i, key, payload, &n);
        batch_put(&b, i % 2 ? DSPV_TABLE_HEADERS : DSPV_TABLE_QUORUMS, key, 4, payload, n);
    }
    assert_int_equal(batch_apply(&b, dspv_store_sqlite_seam(s)), 0);
    dspv_store_sqlite_close(s);
    batch_free(&b);
}

struct found {
    size_t good, damaged;
};

static int check(void *argument, const struct stored *record)
{
    static uint8_t payload[9000];
    struct found *found = argument;
    if (record->damaged) {
        found->damaged++;
        return 0;
    }
    uint8_t key[4];
    size_t n;
    assert_int_equal(record->key.n, 4);
    uint32_t i = load_be32(record->key.p);
    assert_true(i < RECORDS);
    make_payload(i, key, payload, &n);
    assert_int_equal(record->payload.n, n);
    assert_true(n == 0 || memcmp(record->payload.p, payload, n) == 0);
    found->good++;
    return 0;
}

struct tally {
    size_t refused, failed, seen_damaged, intact;
    size_t replaced, saved; /* stores; records taken over from them */
};

/* The damaged store is replaced: what was taken over is right, and nothing in the new one is damaged. */
static void replace(struct tally *t)
{
    static const char *const left[] = {"main.sqlite.damaged-1", "main.sqlite.damaged-1-wal", "main.sqlite.damaged-1-shm"};
    dspv_store_sqlite *s;
    dspv_store_report report;
    struct found found = {0};
    place_write("main.sqlite.damaged", "", 0);
    if (try_open(DSPV_STORE_REPLACE_IF_DAMAGED, &s, &report) != DSPV_STORE_FINE)
        return; /* one that looks foreign or newer by now */
    for (int table = 0; table < DSPV_TABLE_COUNT; table++)
        assert_int_equal(
            store_scan(dspv_store_sqlite_seam(s), (dspv_table)table, (struct span){0}, (struct span){0}, check, &found), 0);
    assert_int_equal(found.damaged, 0);
    char told[64];
    snprintf(told, sizeof(told), " %zu records", found.good);
    assert_non_null(strstr(report.text, told));
    dspv_store_sqlite_close(s);
    t->replaced++;
    t->saved += found.good;
    for (size_t i = 0; i < 3; i++)
        unlink(place_path(left[i]));
}

static void print_tally(const char *what, const struct tally *t)
{
    print_message("%s: %zu refused, %zu scans failed, %zu seals broken, %zu intact; %zu replaced, with %zu of %d records\n", what,
                  t->refused, t->failed, t->seen_damaged, t->intact, t->replaced, t->replaced ? t->saved / t->replaced : 0,
                  RECORDS);
}

/* Read all there is: what opens must be right; a scan may fail, and then it is damage. */
static void judge(struct tally *t)
{
    dspv_store_sqlite *s;
    dspv_store_report report;
    dspv_store_problem problem = try_open(DSPV_STORE_KEEP, &s, &report);
    if (problem != DSPV_STORE_FINE) {
        assert_true(problem == DSPV_STORE_DAMAGED || problem == DSPV_STORE_FOREIGN || problem == DSPV_STORE_NEWER ||
                    problem == DSPV_STORE_READ_ONLY); /* the last: a version of the file format that may only be read */
        t->refused++;
        return;
    }
    struct found found = {0};
    bool failed = false;
    for (int table = 0; table < DSPV_TABLE_COUNT; table++) {
        int rc = store_scan(dspv_store_sqlite_seam(s), (dspv_table)table, (struct span){0}, (struct span){0}, check, &found);
        assert_true(rc == 0 || (rc == DSPV_ESTORE && dspv_store_sqlite_problem(s) == DSPV_STORE_DAMAGED));
        failed |= rc != 0;
    }
    place_put(s, "a", "b"); /* may fail, must not break anything */
    dspv_store_sqlite_close(s);
    assert_true(!failed || place_exists("main.sqlite.damaged"));
    unlink(place_path("main.sqlite.damaged"));
    t->failed += failed;
    t->seen_damaged += found.damaged > 0;
    t->intact += !failed && found.good == RECORDS;
}

static void no_damage_gives_a_wrong_record(void **state)
{
    (void)state;
    uint64_t random = 4711;
    struct tally bits = {0}, cuts = {0}, pages = {0};
    make_store();
    struct bytes file = place_read("main.sqlite"), copy = {malloc(file.n), file.n};
    for (int round = 0; round < 250; round++) {
        memcpy(copy.p, file.p, file.n);
        for (uint64_t flips = 1 + test_random(&random) % 8; flips > 0; flips--) {
            /* every other round in the first page, which is the header and the tables */
            uint64_t bit = test_random(&random) % (8 * (round % 2 ? file.n : 4096));
            copy.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        place_write("main.sqlite", copy.p, copy.n);
        judge(&bits);
        if (round % 25 == 0) {
            place_write("main.sqlite", copy.p, copy.n);
            replace(&bits);
        }
    }
    for (int round = 0; round < 60; round++) {
        size_t n = round < 30 ? test_random(&random) % file.n : (file.n / 4096 - (size_t)round + 29) * 4096;
        place_write("main.sqlite", file.p, n);
        judge(&cuts);
        if (round % 3 == 0) {
            place_write("main.sqlite", file.p, n);
            replace(&cuts);
        }
    }
    for (int round = 0; round < 120; round++) { /* pages of zeros, of noise, or in each other's place */
        memcpy(copy.p, file.p, file.n);
        size_t from = test_random(&random) % (file.n / 4096) * 4096, to = test_random(&random) % (file.n / 4096) * 4096;
        memcpy(copy.p + to, file.p + from, 4096);
        if (round % 3 == 0)
            memset(copy.p + to, 0, 4096);
        for (size_t i = 0; round % 3 == 1 && i < 4096; i++)
            copy.p[to + i] = (uint8_t)test_random(&random);
        place_write("main.sqlite", copy.p, copy.n);
        judge(&pages);
        if (round % 5 == 0) {
            place_write("main.sqlite", copy.p, copy.n);
            replace(&pages);
        }
    }
    print_tally("bits", &bits);
    print_tally("cut off", &cuts);
    print_tally("pages", &pages);
    assert_true(bits.refused > 0 && bits.failed > 0 && bits.seen_damaged > 0);
    assert_true(cuts.refused > 50 && pages.failed > 0);
    assert_true(cuts.saved > cuts.replaced * RECORDS / 2 && pages.saved > pages.replaced * RECORDS / 2);
    free(file.p);
    free(copy.p);
}

/* Damage that only reading finds is found again on opening, until the file is replaced. */
static void damage_found_inside_is_remembered(void **state)
{
    (void)state;
    dspv_store_sqlite *s;
    dspv_store_report report;
    struct found found = {0};
    make_store();
    struct bytes file = place_read("main.sqlite");
    memset(file.p + file.n / 2 / 4096 * 4096, 0xee, 8192);
    place_write("main.sqlite", file.p, file.n);
    free(file.p);
    s = place_open();
    int rc = 0;
    for (int table = 0; rc == 0 && table < DSPV_TABLE_COUNT; table++)
        rc = store_scan(dspv_store_sqlite_seam(s), (dspv_table)table, (struct span){0}, (struct span){0}, check, &found);
    assert_int_equal(rc, DSPV_ESTORE);
    assert_int_equal(dspv_store_sqlite_problem(s), DSPV_STORE_DAMAGED);
    dspv_store_sqlite_close(s);
    assert_int_equal(try_open(DSPV_STORE_KEEP, &s, &report), DSPV_STORE_DAMAGED);
    dspv_store_sqlite_close(place_open_reader()); /* who only reads may try his luck */
    assert_int_equal(try_open(DSPV_STORE_REPLACE_IF_DAMAGED, &s, &report), DSPV_STORE_FINE);
    assert_non_null(strstr(report.text, "main.sqlite.damaged-1"));
    dspv_store_sqlite_close(s);
    assert_false(place_exists("main.sqlite.damaged"));
    dspv_store_sqlite_close(place_open());
}

/* A damaged log gives an earlier moment, whole. */
static void a_damaged_log_gives_an_earlier_moment(void **state)
{
    (void)state;
    static struct numbered image;
    uint64_t random = 12;
    const uint32_t last = 30;
    size_t earlier = 0;
    dspv_store_sqlite *s = place_open();
    for (uint32_t i = 1; i <= last; i++)
        assert_int_equal(numbered_write(dspv_store_sqlite_seam(s), i, 5000), 0);
    struct bytes file = place_read("main.sqlite"), log = place_read("main.sqlite-wal");
    dspv_store_sqlite_close(s);
    for (int round = 0; round < 100; round++) {
        size_t at = test_random(&random) % log.n, n = round % 2 ? log.n : at;
        log.p[at] ^= 0x10;
        unlink(place_path("main.sqlite-shm"));
        place_write("main.sqlite", file.p, file.n);
        place_write("main.sqlite-wal", log.p, n);
        log.p[at] ^= 0x10;
        dspv_store_sqlite *again;
        dspv_store_report report;
        dspv_store_problem problem = try_open(DSPV_STORE_KEEP, &again, &report);
        if (problem != DSPV_STORE_FINE)
            fail_msg("problem %d: %s", (int)problem, report.text);
        assert_int_equal(numbered_read(dspv_store_sqlite_seam(again), &image), 0);
        assert_true(numbered_whole(&image, image.last) && image.last <= last);
        earlier += image.last < last;
        dspv_store_sqlite_close(again);
    }
    assert_true(earlier > 50);
    free(file.p);
    free(log.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(other_programs_databases_are_left_alone, place_make, place_remove),
        cmocka_unit_test_setup_teardown(newer_ones_are_left_alone, place_make, place_remove),
        cmocka_unit_test_setup_teardown(what_is_no_database_is_set_aside, place_make, place_remove),
        cmocka_unit_test_setup_teardown(a_folder_is_no_store, place_make, place_remove),
        cmocka_unit_test_setup_teardown(the_log_is_set_aside_as_well, place_make, place_remove),
        cmocka_unit_test_setup_teardown(taken_away_while_in_use, place_make, place_remove),
        cmocka_unit_test_setup_teardown(no_damage_gives_a_wrong_record, place_make, place_remove),
        cmocka_unit_test_setup_teardown(damage_found_inside_is_remembered, place_make, place_remove),
        cmocka_unit_test_setup_teardown(a_damaged_log_gives_an_earlier_moment, place_make, place_remove),
    };
    return cmocka_run_group_tests_name("store sqlite damage", tests, NULL, NULL);
}
