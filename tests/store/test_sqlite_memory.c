/* Each allocation inside SQLite fails once, while a store is opened, written and read: DSPV_ENOMEM, nothing changed, and the next
 * try succeeds. (A program may configure SQLite; the library must not.) */
#include "store/numbered.h"
#include "store/place.h"

#include <sqlite3.h>

static sqlite3_mem_methods given;
static uint64_t left; /* allocations until one fails; 0: none does */

static bool must_fail(void)
{
    return left > 0 && --left == 0;
}

static void *allocate(int n)
{
    return must_fail() ? NULL : given.xMalloc(n);
}

static void *resize(void *p, int n)
{
    return must_fail() ? NULL : given.xRealloc(p, n);
}

/* Did the planned failure happen? */
static bool planned_and_done(void)
{
    bool happened = left == 0;
    left = 0;
    return happened;
}

static struct numbered image;

static void assert_whole(dspv_store_sqlite *s, uint32_t last)
{
    assert_int_equal(numbered_read(dspv_store_sqlite_seam(s), &image), 0);
    assert_true(numbered_whole(&image, last));
}

static void opening(void **state)
{
    (void)state;
    size_t refused = 0;
    for (int reader = 0; reader < 2; reader++) {
        bool failed = true;
        for (uint64_t at = 1; failed; at++) {
            dspv_store_sqlite *s;
            dspv_store_report report;
            left = at;
            dspv_store_problem problem =
                reader ? dspv_store_sqlite_open_reader(&s, place_path("main.sqlite"), &report)
                       : dspv_store_sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_REPLACE_IF_DAMAGED, &report);
            failed = planned_and_done();
            refused += problem == DSPV_STORE_MEMORY;
            assert_true(problem == DSPV_STORE_FINE || (failed && problem == DSPV_STORE_MEMORY));
            dspv_store_sqlite_close(s);
        }
        assert_false(place_exists("main.sqlite.damaged-1"));
    }
    assert_true(refused > 100);
}

static void writing_and_reading(void **state)
{
    (void)state;
    size_t refused = 0;
    dspv_store_sqlite *s = place_open();
    const dspv_store *store = dspv_store_sqlite_seam(s);
    uint32_t last = 0;
    bool failed = true;
    for (uint64_t at = 1; failed; at++) {
        left = at;
        int rc = numbered_write(store, last + 1, 10000);
        failed = planned_and_done();
        assert_true(rc == 0 || (failed && rc == DSPV_ENOMEM));
        refused += rc != 0;
        last += rc == 0;
        assert_whole(s, last);
    }
    failed = true;
    for (uint64_t at = 1; failed; at++) {
        left = at;
        int rc = numbered_read(store, &image);
        failed = planned_and_done();
        assert_true(rc == 0 || (failed && rc == DSPV_ENOMEM));
        refused += rc != 0;
        assert_true(rc != 0 || numbered_whole(&image, last));
    }
    assert_int_equal(numbered_write(store, last + 1, 100), 0);
    assert_whole(s, last + 1);
    dspv_store_sqlite_close(s);
    assert_true(refused > 0);
    s = place_open();
    assert_whole(s, last + 1);
    dspv_store_sqlite_close(s);
}

int main(void)
{
    sqlite3_mem_methods failing;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &given) != SQLITE_OK)
        return 1;
    failing = given;
    failing.xMalloc = allocate;
    failing.xRealloc = resize;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &failing) != SQLITE_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opening, place_make, place_remove),
        cmocka_unit_test_setup_teardown(writing_and_reading, place_make, place_remove),
    };
    return cmocka_run_group_tests_name("store sqlite memory", tests, NULL, NULL);
}
