/* The power is cut, or the disk fails once, at every single operation on the files of a store: nothing committed is lost, nothing
 * is there by halves, and after a failure the same handle goes on. A file that is being made is made again. */
#include "store/numbered.h"
#include "store/place.h"
#include "store/power.h"

#include <unistd.h>

#include "store/sqlite.h"

enum { TRANSACTIONS = 12, SEEDS = 2 };

static struct numbered image;

static void remove_files(void)
{
    static const char *const names[] = {"main.sqlite", "main.sqlite-wal", "main.sqlite-shm", "main.sqlite-journal"};
    for (size_t i = 0; i < 4; i++)
        unlink(place_path(names[i]));
}

static dspv_store_sqlite *begin(void)
{
    dspv_store_sqlite *s;
    dspv_store_report report;
    if (dspv_store_sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, &report) != DSPV_STORE_FINE)
        return NULL;
    sqlite3_exec(s->db, "PRAGMA wal_autocheckpoint = 9", NULL, NULL, NULL); /* so that there are some */
    return s;
}

/* Lengths differ, so that pages are freed and used again. */
static int write_one(dspv_store_sqlite *s, uint32_t number)
{
    return numbered_write(dspv_store_sqlite_seam(s), number, NUMBERED_VALUE + number * 2711 % 9000);
}

/* Runs until the power goes, or to the end: the last number that was committed. */
static uint32_t run_until_dark(void)
{
    uint32_t number = 0;
    dspv_store_sqlite *s = begin();
    while (s && number < TRANSACTIONS && write_one(s, number + 1) == 0)
        number++;
    dspv_store_sqlite_close(s);
    return number;
}

static void no_cut_of_power_loses_anything(void **state)
{
    (void)state;
    uint64_t random = 5;
    size_t cuts = 0, surfaced = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
        bool cut = true;
        for (uint64_t at = 1; cut; at++) {
            power_on();
            power_plan(POWER_CUT, at);
            uint32_t committed = run_until_dark();
            cut = power_happened();
            power_return(&random);
            assert_true(cut || committed == TRANSACTIONS);
            dspv_store_sqlite *s = begin();
            assert_non_null(s);
            assert_int_equal(numbered_read(dspv_store_sqlite_seam(s), &image), 0);
            if (!numbered_whole(&image, image.last) || (image.last != committed && image.last != committed + 1))
                fail_msg("cut at operation %d: %d committed, %d found, %zu wrong", (int)at, (int)committed, (int)image.last,
                         image.wrong);
            surfaced += image.last == committed + 1;
            cuts += cut;
            assert_int_equal(write_one(s, image.last + 1), 0);
            dspv_store_sqlite_close(s);
            remove_files();
        }
    }
    print_message("%zu cuts, the transaction under way was there %zu times\n", cuts, surfaced);
    assert_true(cuts > SEEDS * 100 && surfaced > 0);
    power_off();
}

static void no_failure_of_the_disk_changes_anything(void **state)
{
    (void)state;
    bool failed = true;
    size_t errors = 0;
    for (uint64_t at = 1; failed; at++) {
        power_on();
        power_plan(POWER_FAIL, at);
        dspv_store_sqlite *s = begin();
        if (!s)
            s = begin();
        assert_non_null(s);
        for (uint32_t number = 1; number <= TRANSACTIONS; number++) {
            int rc = write_one(s, number);
            assert_true(rc == 0 || (rc == DSPV_ESTORE && dspv_store_sqlite_problem(s) == DSPV_STORE_IO));
            if (rc == 0)
                continue;
            errors++;
            assert_int_equal(numbered_read(dspv_store_sqlite_seam(s), &image), 0);
            assert_true(numbered_whole(&image, number - 1));
            assert_int_equal(write_one(s, number), 0);
        }
        dspv_store_sqlite_close(s);
        failed = power_happened();
        power_plan(POWER_FAIL, 0);
        s = begin();
        assert_non_null(s);
        assert_int_equal(numbered_read(dspv_store_sqlite_seam(s), &image), 0);
        assert_true(numbered_whole(&image, TRANSACTIONS));
        dspv_store_sqlite_close(s);
        remove_files();
    }
    print_message("%zu errors\n", errors);
    assert_true(errors > 20);
    power_off();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_cut_of_power_loses_anything, place_make, place_remove),
        cmocka_unit_test_setup_teardown(no_failure_of_the_disk_changes_anything, place_make, place_remove),
    };
    return cmocka_run_group_tests_name("store sqlite power", tests, NULL, NULL);
}
