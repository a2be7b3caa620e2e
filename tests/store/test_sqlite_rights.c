/* Without permission to write: what can be read is read, and what cannot says so. */
#define _GNU_SOURCE /* unshare */
#include "store/elsewhere.h"
#include "store/place.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite.h"

static void allow(mode_t folder, mode_t file)
{
    static const char *const names[] = {"main.sqlite", "main.sqlite-wal", "main.sqlite-shm", "main.sqlite.lock"};
    for (size_t i = 0; i < 4; i++)
        if (place_exists(names[i]))
            assert_int_equal(chmod(place_path(names[i]), file), 0);
    assert_int_equal(chmod(place_folder(), folder), 0);
}

static int remove_all(void **state)
{
    chmod(place_folder(), 0755);
    return place_remove(state);
}

static void make_closed(void)
{
    dspv_store_sqlite *s = place_open();
    assert_int_equal(place_put(s, "a", "1"), 0);
    dspv_store_sqlite_close(s);
}

/* A store as a killed writer leaves it: the last transaction is only in the log. */
static void make_killed(void)
{
    make_closed();
    dspv_store_sqlite *s = place_open();
    assert_int_equal(place_put(s, "a", "2"), 0);
    place_copy("main.sqlite", "kept");
    place_copy("main.sqlite-wal", "kept-wal");
    dspv_store_sqlite_close(s);
    assert_int_equal(rename(place_path("kept"), place_path("main.sqlite")), 0);
    assert_int_equal(rename(place_path("kept-wal"), place_path("main.sqlite-wal")), 0);
}

static dspv_store_problem reader(char *text, const char **value)
{
    static char got[64];
    dspv_store_sqlite *s;
    dspv_store_report report;
    dspv_store_problem problem = dspv_store_sqlite_open_reader(&s, place_path("main.sqlite"), &report);
    snprintf(text, sizeof(report.text), "%s", report.text);
    got[0] = '\0';
    if (problem == DSPV_STORE_FINE)
        snprintf(got, sizeof(got), "%s", place_get(s, "a"));
    dspv_store_sqlite_close(s);
    *value = got;
    return problem;
}

static bool reads(const char *expected)
{
    char text[1024];
    const char *value;
    dspv_store_problem problem = reader(text, &value);
    if (problem != DSPV_STORE_FINE)
        fprintf(stderr, "problem %d: %s\n", (int)problem, text);
    CHECK(problem == DSPV_STORE_FINE);
    CHECK(strcmp(value, expected) == 0);
    return true;
}

static bool reads_1(void)
{
    return reads("1");
}
static bool reads_2(void)
{
    return reads("2");
}

static bool is_told(const char *words)
{
    char text[1024];
    const char *value;
    CHECK(reader(text, &value) == DSPV_STORE_READ_ONLY);
    CHECK(strstr(text, words));
    return true;
}

static bool is_told_no_permission(void)
{
    return is_told("no permission for");
}
static bool is_told_to_copy(void)
{
    return is_told("copy it to a folder of your own");
}
static bool is_told_of_the_log(void)
{
    return is_told("the log ");
}

/* ---- Readers. */

static void a_closed_store_in_a_folder_without_right(void **state)
{
    (void)state;
    make_closed();
    allow(0555, 0444);
    elsewhere_unprivileged(reads_1);
    assert_false(place_exists("main.sqlite-wal")); /* it left nothing behind */
}

/* While somebody reads it that way, no writer may begin; another reader may. */
static bool keeps_writers_out(void)
{
    dspv_store_sqlite *s, *other;
    dspv_store_report report;
    CHECK(dspv_store_sqlite_open_reader(&s, place_path("main.sqlite"), NULL) == DSPV_STORE_FINE);
    CHECK(dspv_store_sqlite_open_reader(&other, place_path("main.sqlite"), NULL) == DSPV_STORE_FINE);
    dspv_store_sqlite_close(other);
    CHECK(chmod(place_folder(), 0755) == 0 && chmod(place_path("main.sqlite.lock"), 0644) == 0);
    CHECK(dspv_store_sqlite_open(&other, place_path("main.sqlite"), DSPV_STORE_KEEP, &report) == DSPV_STORE_LOCKED);
    CHECK(report.holder == 0);
    dspv_store_sqlite_close(s);
    CHECK(chmod(place_path("main.sqlite"), 0644) == 0);
    CHECK(dspv_store_sqlite_open(&other, place_path("main.sqlite"), DSPV_STORE_KEEP, &report) == DSPV_STORE_FINE);
    dspv_store_sqlite_close(other);
    return true;
}

static void no_writer_begins_under_a_lonely_reader(void **state)
{
    (void)state;
    make_closed();
    allow(0555, 0444);
    if (geteuid() == 0) {
        assert_int_equal(chown(place_folder(), 65534, 65534), 0);
        assert_int_equal(chown(place_path("main.sqlite"), 65534, 65534), 0);
        assert_int_equal(chown(place_path("main.sqlite.lock"), 65534, 65534), 0);
    }
    elsewhere_unprivileged(keeps_writers_out);
}

static void without_a_lock_file_nobody_can_be_kept_out(void **state)
{
    (void)state;
    make_closed();
    assert_int_equal(unlink(place_path("main.sqlite.lock")), 0);
    allow(0555, 0444);
    elsewhere_unprivileged(is_told_to_copy);
}

static void a_file_that_may_not_be_read(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("SKIPPED: needs root to make a file of somebody else's\n");
        skip();
    }
    make_closed();
    allow(0755, 0600);
    elsewhere_unprivileged(is_told_no_permission);
}

static void beside_a_living_writer(void **state)
{
    (void)state;
    make_closed();
    dspv_store_sqlite *s = place_open();
    assert_int_equal(place_put(s, "a", "2"), 0);
    allow(0555, 0444);
    elsewhere_unprivileged(reads_2);
    dspv_store_sqlite_close(s);
}

static void after_a_killed_writer(void **state)
{
    (void)state;
    make_killed();
    place_write("main.sqlite-shm", "", 0);
    allow(0555, 0444);
    elsewhere_unprivileged(reads_2);
    allow(0755, 0644);
    assert_int_equal(unlink(place_path("main.sqlite-shm")), 0);
    allow(0555, 0444);
    elsewhere_unprivileged(is_told_of_the_log); /* never the older state that is in the file alone */
}

static bool mounted_read_only(bool (*body)(void))
{
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(place_folder(), place_folder(), NULL, MS_BIND, NULL) != 0 ||
        mount(NULL, place_folder(), NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
        elsewhere_impossible("mounting is not allowed here");
    return body();
}

static bool disk_reads_1(void)
{
    return mounted_read_only(reads_1);
}
static bool disk_tells_of_the_log(void)
{
    return mounted_read_only(is_told_of_the_log);
}

static bool writer_is_told(void)
{
    dspv_store_sqlite *s;
    dspv_store_report report;
    CHECK(dspv_store_sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, &report) == DSPV_STORE_READ_ONLY);
    CHECK(strstr(report.text, "no permission for") && strstr(report.text, place_folder()));
    CHECK(dspv_store_sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_REPLACE, &report) == DSPV_STORE_READ_ONLY);
    return true;
}

static bool disk_tells_the_writer(void)
{
    return mounted_read_only(writer_is_told);
}

static void on_a_read_only_disk(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("SKIPPED: needs root to mount\n");
        skip();
    }
    make_closed();
    assert_int_equal(unlink(place_path("main.sqlite.lock")), 0); /* not needed: nobody can write there */
    elsewhere(disk_reads_1);
    elsewhere(disk_tells_the_writer);
    make_killed();
    elsewhere(disk_tells_of_the_log);
}

/* ---- Writers. */

static void a_writer_needs_rights(void **state)
{
    (void)state;
    make_closed();
    allow(0555, 0444);
    elsewhere_unprivileged(writer_is_told);
    allow(0777, 0444); /* the lock file, too */
    elsewhere_unprivileged(writer_is_told);
}

static bool file_alone_is_told(void)
{
    dspv_store_sqlite *s;
    dspv_store_report report;
    CHECK(dspv_store_sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, &report) == DSPV_STORE_READ_ONLY);
    return true;
}

static void a_file_that_may_not_be_written(void **state)
{
    (void)state;
    make_closed();
    allow(0777, 0444);
    assert_int_equal(chmod(place_path("main.sqlite.lock"), 0666), 0);
    elsewhere_unprivileged(file_alone_is_told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_closed_store_in_a_folder_without_right, place_make, remove_all),
        cmocka_unit_test_setup_teardown(no_writer_begins_under_a_lonely_reader, place_make, remove_all),
        cmocka_unit_test_setup_teardown(without_a_lock_file_nobody_can_be_kept_out, place_make, remove_all),
        cmocka_unit_test_setup_teardown(a_file_that_may_not_be_read, place_make, remove_all),
        cmocka_unit_test_setup_teardown(beside_a_living_writer, place_make, remove_all),
        cmocka_unit_test_setup_teardown(after_a_killed_writer, place_make, remove_all),
        cmocka_unit_test_setup_teardown(on_a_read_only_disk, place_make, remove_all),
        cmocka_unit_test_setup_teardown(a_writer_needs_rights, place_make, remove_all),
        cmocka_unit_test_setup_teardown(a_file_that_may_not_be_written, place_make, remove_all),
    };
    return cmocka_run_group_tests_name("store sqlite rights", tests, NULL, NULL);
}
