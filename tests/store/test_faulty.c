/* The faulty disk keeps its two contracts: an honest one loses nothing committed, a lying one loses what it may and nothing more.
 * Transactions are numbered (store/numbered.h), so that an image tells what it is of. */
#include "store/contract.h"

#include "base/endian.h"
#include "base/mem.h"
#include "store/numbered.h"
#include "support/faulty.h"

static const uint8_t no_seed[32];

/* ---- Without faults it is a store as any. */

static struct faulty *contracted;

static const dspv_store *create(void)
{
    const struct faulty_config none = {.kind = FAULTY_HONEST};
    assert_int_equal(faulty_new(&contracted, &none, no_seed), 0);
    return faulty_seam(contracted);
}

static const dspv_store *reopen(void)
{
    assert_int_equal(faulty_reopen(contracted), 0);
    return faulty_seam(contracted);
}

static void destroy(void)
{
    faulty_free(contracted);
}

static int write_number(const dspv_store *store, uint32_t number)
{
    return numbered_write(store, number, NUMBERED_VALUE);
}

static void read_image(const dspv_store *store, struct numbered *image)
{
    assert_int_equal(numbered_read(store, image), 0);
}

static bool nothing(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    (void)argument, (void)key, (void)key_n, (void)value, (void)value_n;
    return true;
}

/* ---- The contracts. */

static void honest_disks_lose_nothing(void **state)
{
    (void)state;
    static struct numbered image;
    const struct faulty_config config = {.kind = FAULTY_HONEST, .apply_fails = 100, .apply_crashes = 100};
    size_t crashes = 0, surfaced = 0, failures = 0;
    struct faulty *f;
    assert_int_equal(faulty_new(&f, &config, no_seed), 0);
    uint32_t committed = 0;
    for (int i = 0; i < 2000; i++) {
        int rc = write_number(faulty_seam(f), committed + 1);
        assert_true(rc == 0 || rc == DSPV_ESTORE);
        committed += rc == 0;
        if (rc == 0)
            continue;
        failures++;
        if (!faulty_crashed(f)) {
            read_image(faulty_seam(f), &image);
            assert_true(numbered_whole(&image, committed));
            continue;
        }
        crashes++;
        assert_int_equal(write_number(faulty_seam(f), 4000), DSPV_ESTORE);
        assert_int_equal(faulty_reopen(f), 0);
        read_image(faulty_seam(f), &image);
        bool more = image.last == committed + 1; /* the one under way */
        surfaced += more;
        committed += more;
        assert_true(numbered_whole(&image, committed));
    }
    assert_true(crashes > 100 && surfaced > 20 && surfaced < crashes - 20 && failures > crashes + 100);
    assert_int_equal(faulty_commits(f) + surfaced, committed);
    faulty_free(f);
}

static void lying_disks_lose_what_they_may(void **state)
{
    (void)state;
    static struct numbered image;
    const struct faulty_config config = {.kind = FAULTY_LYING};
    size_t whole = 0, lost = 0, torn = 0, out_of_order = 0, damaged = 0;
    for (uint32_t seed_number = 0; seed_number < 400; seed_number++) {
        struct faulty *f;
        uint8_t seed[32] = {0};
        store_be32(seed, seed_number);
        assert_int_equal(faulty_new(&f, &config, seed), 0);
        const uint32_t last = 20;
        for (uint32_t i = 1; i <= last; i++)
            assert_int_equal(write_number(faulty_seam(f), i), 0);
        faulty_crash(f);
        assert_int_equal(faulty_reopen(f), 0);
        read_image(faulty_seam(f), &image);
        uint32_t present = 0, safe_missing = 0;
        bool gap = false, halves = false;
        for (uint32_t i = 1; i <= last; i++) {
            bool both = image.headers[i] && image.lists[i];
            gap |= both && present + 1 != i;
            halves |= image.headers[i] != image.lists[i];
            present += both;
            safe_missing += i <= last - FAULTY_PENDING && !both;
        }
        bool rotten = image.wrong > 0 || safe_missing > 0;
        assert_true(safe_missing <= 4); /* what rots is few records; nothing else reaches this far back */
        whole += numbered_whole(&image, last);
        lost += present < last && numbered_whole(&image, present);
        torn += halves && !rotten;
        out_of_order += gap && !halves && !rotten;
        damaged += rotten;
        faulty_free(f);
    }
    assert_true(whole > 10 && lost > 50 && torn > 20 && out_of_order > 20 && damaged > 20);
}

static void the_same_seed_gives_the_same_faults(void **state)
{
    (void)state;
    const struct faulty_config config = {.kind = FAULTY_LYING, .apply_fails = 50, .apply_crashes = 50, .scan_flips = 10};
    struct faulty *f[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(faulty_new(&f[i], &config, no_seed), 0);
    for (uint32_t n = 1; n < 500; n++) {
        int rc[2];
        for (int i = 0; i < 2; i++) {
            rc[i] = write_number(faulty_seam(f[i]), n);
            if (faulty_crashed(f[i]))
                assert_int_equal(faulty_reopen(f[i]), 0);
        }
        assert_int_equal(rc[0], rc[1]);
        assert_true(store_memory_equal(faulty_image(f[0]), faulty_image(f[1])));
    }
    faulty_free(f[0]);
    faulty_free(f[1]);
}

/* ---- Faults on demand. */

static void faults_come_when_they_are_ordered(void **state)
{
    (void)state;
    static struct numbered image;
    const struct faulty_config none = {.kind = FAULTY_HONEST};
    struct faulty *f;
    assert_int_equal(faulty_new(&f, &none, no_seed), 0);
    const dspv_store *store = faulty_seam(f);
    faulty_fail_apply(f, 2);
    assert_int_equal(write_number(store, 1), 0);
    assert_int_equal(write_number(store, 2), DSPV_ESTORE);
    assert_string_equal(store->trouble(store->context), "writing failed");
    assert_int_equal(write_number(store, 2), 0);
    faulty_fail_scan(f, 1);
    assert_int_equal(store->scan(store->context, DSPV_TABLE_META, NULL, 0, NULL, 0, nothing, NULL), DSPV_ESTORE);
    read_image(store, &image);
    assert_true(numbered_whole(&image, 2));
    faulty_crash_in_apply(f, 1);
    assert_int_equal(write_number(store, 3), DSPV_ESTORE);
    assert_true(faulty_crashed(f));
    assert_int_equal(store->scan(store->context, DSPV_TABLE_META, NULL, 0, NULL, 0, nothing, NULL), DSPV_ESTORE);
    assert_int_equal(faulty_reopen(f), 0);
    assert_false(faulty_crashed(f));
    assert_int_equal(faulty_applies(f), 4);
    assert_int_equal(faulty_commits(f), 2);
    assert_int_equal(faulty_scans(f), 4);
    faulty_free(f);
}

static void a_disk_has_an_end(void **state)
{
    (void)state;
    static struct numbered image;
    const struct faulty_config small = {.kind = FAULTY_HONEST, .capacity = 1000}, none = {.kind = FAULTY_HONEST};
    struct faulty *f;
    assert_int_equal(faulty_new(&f, &small, no_seed), 0);
    const dspv_store *store = faulty_seam(f);
    uint32_t n = 0;
    while (write_number(store, n + 1) == 0)
        n++;
    assert_true(n >= 6 && n <= 7 && store_memory_bytes(faulty_image(f)) <= 1000);
    assert_string_equal(store->trouble(store->context), "the disk is full");
    const dspv_store_op removal = {DSPV_TABLE_LISTS, (const uint8_t *)"\0\0\0\1", 4, NULL, 0};
    assert_int_equal(store->apply(store->context, &removal, 1), 0);
    assert_int_equal(faulty_configure(f, &none), 0);
    assert_int_equal(write_number(store, n + 1), 0);
    read_image(store, &image);
    assert_int_equal(image.last, n + 1);
    faulty_free(f);
}

static void scans_show_wrong_bits_and_rot_stays(void **state)
{
    (void)state;
    static struct numbered image;
    const struct faulty_config flips = {.kind = FAULTY_LYING, .scan_flips = 200}, none = {.kind = FAULTY_HONEST};
    struct faulty *f;
    assert_int_equal(faulty_new(&f, &flips, no_seed), 0);
    for (uint32_t i = 1; i <= 200; i++)
        assert_int_equal(write_number(faulty_seam(f), i), 0);
    read_image(faulty_seam(f), &image);
    assert_true(image.wrong > 40 && image.wrong < 160);
    assert_int_equal(faulty_configure(f, &none), 0);
    read_image(faulty_seam(f), &image);
    assert_true(numbered_whole(&image, 200));
    assert_int_equal(faulty_rot(f, 50), 0);
    read_image(faulty_seam(f), &image);
    assert_true(image.wrong > 20 && image.wrong <= 50);
    size_t wrong = image.wrong;
    assert_int_equal(faulty_reopen(f), 0);
    read_image(faulty_seam(f), &image);
    assert_int_equal(image.wrong, wrong);
    faulty_free(f);
}

static void out_of_memory_changes_nothing(void **state)
{
    (void)state;
    static struct numbered image;
    const struct faulty_config lying = {.kind = FAULTY_LYING, .capacity = 1 << 20};
    struct faulty *f = NULL;
    int rc = DSPV_ENOMEM;
    for (size_t fail = 1; rc != 0; fail++) {
        mem_fail_after(fail);
        rc = faulty_new(&f, &lying, no_seed);
        mem_fail_after(0);
    }
    for (uint32_t i = 1; i <= FAULTY_PENDING + 2; i++) {
        rc = DSPV_ENOMEM;
        for (size_t fail = 1; rc != 0; fail++) {
            mem_fail_after(fail);
            rc = write_number(faulty_seam(f), i);
            mem_fail_after(0);
            assert_true(rc == 0 || rc == DSPV_ENOMEM);
            read_image(faulty_seam(f), &image);
            assert_true(numbered_whole(&image, rc == 0 ? i : i - 1));
        }
    }
    rc = DSPV_ENOMEM;
    for (size_t fail = 1; rc != 0; fail++) {
        mem_fail_after(fail);
        rc = faulty_reopen(f);
        mem_fail_after(0);
        assert_true(rc == 0 || faulty_crashed(f));
    }
    faulty_free(f);
}

int main(void)
{
    static struct contract kind = {create, reopen, destroy};
    const struct CMUnitTest tests[] = {
        CONTRACT_TESTS(&kind),
        cmocka_unit_test(honest_disks_lose_nothing),
        cmocka_unit_test(lying_disks_lose_what_they_may),
        cmocka_unit_test(the_same_seed_gives_the_same_faults),
        cmocka_unit_test(faults_come_when_they_are_ordered),
        cmocka_unit_test(a_disk_has_an_end),
        cmocka_unit_test(scans_show_wrong_bits_and_rot_stays),
        cmocka_unit_test(out_of_memory_changes_nothing),
    };
    return cmocka_run_group_tests_name("store faulty", tests, NULL, NULL);
}
