/* A writer is killed at a random moment, hundreds of times: every transaction that it had been told is committed is there, the
 * one under way is there as a whole or not at all, and the next writer goes on. */
#include "store/numbered.h"
#include "store/place.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/sqlite.h"

enum { ROUNDS = 150, ROUNDS_PER_FILE = 40, MOST_TOLD = 3, LONGEST_MORE_US = 4000 };

/* Writes number after number and tells each through the pipe, until killed. Small logs, so that kills also meet checkpoints. */
static void live(int told, uint32_t number, uint64_t random)
{
    dspv_store_sqlite *s;
    char sql[64];
    if (dspv_store_sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, NULL) != DSPV_STORE_FINE)
        _exit(1);
    snprintf(sql, sizeof(sql), "PRAGMA wal_autocheckpoint = %d", (int)(1 + test_random(&random) % 60));
    if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        _exit(1);
    for (;; number++) {
        size_t value_n = NUMBERED_VALUE + test_random(&random) % (NUMBERED_LONGEST - NUMBERED_VALUE);
        if (numbered_write(dspv_store_sqlite_seam(s), number, value_n) != 0 ||
            write(told, &number, sizeof(number)) != (ssize_t)sizeof(number))
            _exit(1);
    }
}

/* Kill it some time after it told of `transactions` more. Returns the last number that was told. */
static uint32_t live_and_die(uint32_t number, uint32_t transactions, uint64_t *random)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    uint64_t own = test_random(random);
    pid_t child = fork();
    if (child == 0)
        live(pipes[1], number, own);
    assert_true(child > 0);
    close(pipes[1]);
    uint32_t last = number - 1, told;
    while (last < number - 1 + transactions && read(pipes[0], &told, sizeof(told)) == (ssize_t)sizeof(told))
        last = told;
    const struct timespec more = {0, (long)(test_random(random) % LONGEST_MORE_US) * 1000};
    nanosleep(&more, NULL);
    kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* it did not give up by itself */
    while (read(pipes[0], &told, sizeof(told)) == (ssize_t)sizeof(told))
        last = told;
    close(pipes[0]);
    assert_true(last >= number - 1 + transactions);
    return last;
}

static void no_committed_transaction_is_lost(void **state)
{
    (void)state;
    static struct numbered image;
    uint64_t random = 99;
    uint32_t committed = 0;
    size_t transactions = 0, under_way = 0;
    for (int round = 0; round < ROUNDS; round++) {
        if (round % ROUNDS_PER_FILE == 0) { /* the making of a file is interrupted as well */
            assert_int_equal(place_remove(NULL), 0);
            assert_int_equal(place_make(NULL), 0);
            committed = 0;
        }
        uint32_t told = live_and_die(committed + 1, (uint32_t)(test_random(&random) % (MOST_TOLD + 1)), &random);
        transactions += told - committed;
        dspv_store_sqlite *s;
        bool may_be_missing = told == 0 && round % 2;
        dspv_store_problem problem = round % 2 ? dspv_store_sqlite_open_reader(&s, place_path("main.sqlite"), NULL)
                                               : dspv_store_sqlite_open(&s, place_path("main.sqlite"), DSPV_STORE_KEEP, NULL);
        if (may_be_missing && problem == DSPV_STORE_MISSING)
            continue;
        assert_int_equal(problem, DSPV_STORE_FINE);
        assert_int_equal(numbered_read(dspv_store_sqlite_seam(s), &image), 0);
        dspv_store_sqlite_close(s);
        assert_true(image.last == told || image.last == told + 1);
        assert_true(numbered_whole(&image, image.last));
        under_way += image.last == told + 1;
        committed = image.last;
        assert_true(committed + 1000 < NUMBERED_MOST);
    }
    print_message("%d kills, %zu transactions told of, %zu times the one under way was there\n", ROUNDS, transactions, under_way);
    assert_true(transactions > ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_committed_transaction_is_lost, place_make, place_remove),
    };
    return cmocka_run_group_tests_name("store sqlite kill", tests, NULL, NULL);
}
