/* No space is left: the transaction fails as a whole and says so, what was stored stays and can be read, and once there is space
 * again the same handle goes on. Under a limit on file sizes, and on a small disk where we may mount one. */
#define _GNU_SOURCE /* unshare */
#include "store/elsewhere.h"
#include "store/numbered.h"
#include "store/place.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

enum { VALUE = 9000, ENOUGH = 2000 };

static struct numbered image;

static bool limit(rlim_t bytes)
{
    struct rlimit l;
    signal(SIGXFSZ, SIG_IGN);
    if (getrlimit(RLIMIT_FSIZE, &l) != 0)
        return false;
    l.rlim_cur = bytes;
    return setrlimit(RLIMIT_FSIZE, &l) == 0;
}

static dspv_store_problem try_open(dspv_store_sqlite **s, dspv_store_report *report)
{
    return dspv_store_sqlite_open(s, place_path("main.sqlite"), DSPV_STORE_KEEP, report);
}

/* Write until it fails; the last number that was stored, or 0 when it went wrong otherwise. */
static uint32_t fill(dspv_store_sqlite *s, uint32_t number)
{
    const dspv_store *store = dspv_store_sqlite_seam(s);
    int rc;
    while ((rc = numbered_write(store, number, VALUE)) == 0 && number < ENOUGH)
        number++;
    bool said = rc == DSPV_ESTORE && dspv_store_sqlite_problem(s) == DSPV_STORE_FULL &&
                strstr(store->trouble(store->context), "no space is left") &&
                strstr(store->trouble(store->context), place_folder());
    if (!said)
        fprintf(stderr, "number %u: %d, %s\n", (unsigned)number, rc, store->trouble(store->context));
    return said ? number - 1 : 0;
}

static bool has(dspv_store_sqlite *s, uint32_t last)
{
    CHECK(numbered_read(dspv_store_sqlite_seam(s), &image) == 0);
    CHECK(numbered_whole(&image, last));
    return true;
}

static bool others_can_read(uint32_t last)
{
    dspv_store_sqlite *s;
    CHECK(dspv_store_sqlite_open_reader(&s, place_path("main.sqlite"), NULL) == DSPV_STORE_FINE);
    bool good = has(s, last);
    dspv_store_sqlite_close(s);
    return good;
}

/* The store is full; `make_space` ends that. */
static bool survives(dspv_store_sqlite *s, uint32_t last, bool (*make_space)(void))
{
    dspv_store_report report;
    CHECK(last > 3);
    for (int i = 0; i < 3; i++) {
        CHECK(has(s, last));
        CHECK(fill(s, last + 1) == last);
    }
    CHECK(others_can_read(last));
    CHECK(make_space());
    CHECK(numbered_write(dspv_store_sqlite_seam(s), last + 1, VALUE) == 0);
    CHECK(dspv_store_sqlite_problem(s) == DSPV_STORE_FINE);
    CHECK(has(s, last + 1));
    dspv_store_sqlite_close(s);
    CHECK(try_open(&s, &report) == DSPV_STORE_FINE);
    CHECK(has(s, last + 1));
    dspv_store_sqlite_close(s);
    return true;
}

static bool lift_limit(void)
{
    return limit(RLIM_INFINITY);
}

static bool under_a_limit(void)
{
    dspv_store_sqlite *s;
    dspv_store_report report;
    /* too little to begin with */
    CHECK(limit(10000));
    CHECK(try_open(&s, &report) == DSPV_STORE_FULL);
    CHECK(strstr(report.text, "no space is left"));
    CHECK(limit(300000));
    CHECK(try_open(&s, &report) == DSPV_STORE_FINE);
    uint32_t last = fill(s, 1);
    /* Full as it is, it can be closed and opened again. */
    dspv_store_sqlite_close(s);
    CHECK(try_open(&s, &report) == DSPV_STORE_FINE);
    CHECK(has(s, last));
    last = fill(s, last + 1);
    return survives(s, last, lift_limit);
}

static void a_limit_on_file_sizes(void **state)
{
    (void)state;
    elsewhere(under_a_limit);
}

/* ---- A small disk. */

static char ballast[600];

static bool throw_ballast(void)
{
    return unlink(ballast) == 0;
}

static bool on_a_small_disk(void)
{
    dspv_store_sqlite *s;
    dspv_store_report report;
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", place_folder(), "tmpfs", 0, "size=1m,mode=755") != 0)
        elsewhere_impossible("mounting is not allowed here");
    snprintf(ballast, sizeof(ballast), "%s/ballast", place_folder());
    FILE *f = fopen(ballast, "w");
    CHECK(f);
    for (int i = 0; i < 300000; i++)
        CHECK(fputc(i, f) != EOF);
    CHECK(fclose(f) == 0);
    CHECK(try_open(&s, &report) == DSPV_STORE_FINE);
    uint32_t last = fill(s, 1);
    return survives(s, last, throw_ballast);
}

static void a_small_disk(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("SKIPPED: needs root to mount\n");
        skip();
    }
    elsewhere(on_a_small_disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_limit_on_file_sizes, place_make, place_remove),
        cmocka_unit_test_setup_teardown(a_small_disk, place_make, place_remove),
    };
    return cmocka_run_group_tests_name("store sqlite full", tests, NULL, NULL);
}
