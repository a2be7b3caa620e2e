/* What is written through a gathering file reads back at any time, and is in the file once it is synced; failures are reported,
 * and forget nothing. Against a plain array, over random operations. */
#include "support/data.h"

#include "store/place.h"
#include "store/sqlite.h"

enum { ROOM = 1 << 20 };

/* A file in memory that may refuse to be written. */
struct fake {
    sqlite3_file base;
    unsigned char bytes[ROOM];
    sqlite3_int64 size;
    size_t writes, syncs;
    bool full, closed;
};

static struct fake *fake_of(sqlite3_file *f)
{
    return (struct fake *)f;
}

static int fake_close(sqlite3_file *f)
{
    fake_of(f)->closed = true;
    return SQLITE_OK;
}

static int fake_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at)
{
    memset(out, 0, (size_t)n);
    if (at + n > fake_of(f)->size)
        return SQLITE_IOERR_SHORT_READ;
    memcpy(out, fake_of(f)->bytes + at, (size_t)n);
    return SQLITE_OK;
}

static int fake_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
    struct fake *d = fake_of(f);
    assert_true(n < 1 << 17); /* what SQLite's own files take */
    if (d->full)
        return SQLITE_FULL;
    d->writes++;
    memcpy(d->bytes + at, bytes, (size_t)n);
    d->size = at + n > d->size ? at + n : d->size;
    return SQLITE_OK;
}

static int fake_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    fake_of(f)->size = size;
    return SQLITE_OK;
}

static int fake_sync(sqlite3_file *f, int flags)
{
    (void)flags;
    fake_of(f)->syncs++;
    return SQLITE_OK;
}

static int fake_size(sqlite3_file *f, sqlite3_int64 *out)
{
    *out = fake_of(f)->size;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {.iVersion = 1,
                                           .xClose = fake_close,
                                           .xRead = fake_read,
                                           .xWrite = fake_write,
                                           .xTruncate = fake_truncate,
                                           .xSync = fake_sync,
                                           .xFileSize = fake_size};

static struct fake disk;
static struct gather gathered;

static sqlite3_file *fresh(void)
{
    memset(&disk, 0, sizeof(disk));
    disk.base.pMethods = &methods;
    gather_begin(&gathered, &disk.base);
    return &disk.base;
}

static int write_at(sqlite3_file *f, const void *bytes, size_t n, size_t at)
{
    return f->pMethods->xWrite(f, bytes, (int)n, (sqlite3_int64)at);
}

static unsigned char plain[ROOM];

/* Mostly on from where the last write ended, as a log grows. */
static size_t place(uint64_t *random, size_t end)
{
    return test_random(random) % 8 ? end : test_random(random) % (ROOM / 2);
}

static void it_is_as_if_nothing_waited(void **state)
{
    (void)state;
    static unsigned char bytes[GATHER_ROOM + 5000], out[5000];
    uint64_t random = 5;
    sqlite3_file *f = fresh();
    size_t end = 0, size = 0, calls = 0;
    memset(plain, 0, sizeof(plain));
    for (int round = 0; round < 20000; round++) {
        sqlite3_int64 told;
        size_t n = test_random(&random) % (round % 500 ? 4200 : sizeof(bytes)), at = place(&random, end);
        if (at + n > ROOM || n == 0)
            at = 0, n = 1;
        switch (test_random(&random) % 12) {
        case 0: /* a size is asked for */
            assert_int_equal(f->pMethods->xFileSize(f, &told), SQLITE_OK);
            assert_int_equal(told, size);
            break;
        case 1:
            n = n % sizeof(out) + 1;
            if (at + n <= size) {
                assert_int_equal(f->pMethods->xRead(f, out, (int)n, (sqlite3_int64)at), SQLITE_OK);
                assert_memory_equal(out, plain + at, n);
            }
            break;
        case 2:
            assert_int_equal(f->pMethods->xSync(f, SQLITE_SYNC_FULL), SQLITE_OK);
            assert_int_equal(disk.size, size);
            assert_memory_equal(disk.bytes, plain, size);
            break;
        default:
            for (size_t i = 0; i < n; i++)
                bytes[i] = (unsigned char)test_random(&random);
            assert_int_equal(write_at(f, bytes, n, at), SQLITE_OK);
            memcpy(plain + at, bytes, n);
            end = at + n;
            size = end > size ? end : size;
            calls++;
        }
    }
    assert_true(disk.writes < calls / 2);
    assert_int_equal(f->pMethods->xTruncate(f, 100), SQLITE_OK);
    assert_int_equal(disk.size, 100);
    assert_memory_equal(disk.bytes, plain, 100);
}

static void a_failure_is_told_and_nothing_forgotten(void **state)
{
    (void)state;
    sqlite3_file *f = fresh();
    unsigned char out[4];
    sqlite3_int64 size;
    assert_int_equal(write_at(f, "abcd", 4, 0), SQLITE_OK);
    disk.full = true;
    assert_int_equal(f->pMethods->xSync(f, SQLITE_SYNC_FULL), SQLITE_FULL);
    assert_int_equal(f->pMethods->xRead(f, out, 4, 0), SQLITE_FULL);
    assert_int_equal(f->pMethods->xFileSize(f, &size), SQLITE_FULL);
    assert_int_equal(f->pMethods->xTruncate(f, 2), SQLITE_FULL);
    assert_int_equal(write_at(f, "x", 1, 100), SQLITE_FULL);
    assert_int_equal(disk.syncs, 0);
    disk.full = false;
    assert_int_equal(write_at(f, "ef", 2, 4), SQLITE_OK);
    assert_int_equal(f->pMethods->xSync(f, SQLITE_SYNC_FULL), SQLITE_OK);
    assert_int_equal(disk.syncs, 1);
    assert_int_equal(disk.size, 6);
    assert_memory_equal(disk.bytes, "abcdef", 6);
}

static void what_was_undone_is_dropped(void **state)
{
    (void)state;
    sqlite3_file *f = fresh();
    assert_int_equal(write_at(f, "abcd", 4, 0), SQLITE_OK);
    disk.full = true;
    assert_int_equal(f->pMethods->xSync(f, SQLITE_SYNC_FULL), SQLITE_FULL);
    gather_drop(&gathered);
    assert_int_equal(f->pMethods->xSync(f, SQLITE_SYNC_FULL), SQLITE_OK);
    assert_int_equal(disk.size, 0);
}

static void closing_writes_and_ends_it(void **state)
{
    (void)state;
    sqlite3_file *f = fresh();
    assert_int_equal(write_at(f, "abcd", 4, 0), SQLITE_OK);
    assert_int_equal(f->pMethods->xClose(f), SQLITE_OK);
    assert_true(disk.closed && f->pMethods == &methods);
    assert_memory_equal(disk.bytes, "abcd", 4);

    f = fresh();
    assert_int_equal(write_at(f, "abcd", 4, 0), SQLITE_OK);
    disk.full = true;
    assert_int_equal(f->pMethods->xClose(f), SQLITE_FULL);
    assert_true(disk.closed);
}

/* For a new store as for one that was there. */
static void the_log_of_a_writer_is_gathered(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        dspv_store_sqlite *s = place_open();
        assert_non_null(s->log->real);
        dspv_store_sqlite_close(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_as_if_nothing_waited),
        cmocka_unit_test(a_failure_is_told_and_nothing_forgotten),
        cmocka_unit_test(what_was_undone_is_dropped),
        cmocka_unit_test(closing_writes_and_ends_it),
        cmocka_unit_test_setup_teardown(the_log_of_a_writer_is_gathered, place_make, place_remove),
    };
    return cmocka_run_group_tests_name("store gather", tests, NULL, NULL);
}
