/* See lock_file.h. Whoever asks for the holder takes the lock for a moment, so one who wants to write tries a few times. */
#include "store/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "store/problem.h"

enum { TRIES = 20, PAUSE_MS = 10 };

void lock_file_init(struct lock_file *l)
{
    *l = (struct lock_file){.fd = -1};
}

/* Who wrote its number into the file, when that process still lives; else 0. */
static int32_t holder(int fd)
{
    char text[16] = "";
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    long pid = n > 0 ? strtol(text, NULL, 10) : 0;
    if (pid <= 0 || pid > INT32_MAX || (kill((pid_t)pid, 0) != 0 && errno != EPERM))
        return 0;
    return (int32_t)pid;
}

/* Failing to (a full disk) only costs messages the number. */
static void write_holder(int fd)
{
    char text[16];
    int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) != n)
        (void)!ftruncate(fd, 0);
}

static dspv_store_problem taken(int fd, const char *path, dspv_store_report *report)
{
    report->holder = holder(fd);
    char who[32] = "";
    if (report->holder)
        snprintf(who, sizeof(who), " (%ld)", (long)report->holder);
    return problem_report(report, DSPV_STORE_LOCKED,
                          "another process%s has %s open; only one at a time can write to it: end that one, or wait for it", who,
                          path);
}

static int open_lock(const char *path, int flags, char name[PROBLEM_PATH])
{
    snprintf(name, PROBLEM_PATH, "%s.lock", path);
    return open(name, flags | O_CLOEXEC | O_NOFOLLOW, 0644);
}

/* 0, or the error number. */
static int lock(int fd, int kind)
{
    int rc;
    do
        rc = flock(fd, kind | LOCK_NB);
    while (rc != 0 && errno == EINTR);
    return rc == 0 ? 0 : errno;
}

static int lock_patiently(int fd, int kind)
{
    const struct timespec pause = {0, PAUSE_MS * 1000000L};
    int error = lock(fd, kind);
    for (int i = 1; i < TRIES && error == EWOULDBLOCK; i++) {
        nanosleep(&pause, NULL);
        error = lock(fd, kind);
    }
    return error;
}

dspv_store_problem lock_file_take(struct lock_file *l, const char *path, bool alone, dspv_store_report *report)
{
    char name[PROBLEM_PATH];
    l->fd = open_lock(path, alone ? O_RDWR | O_CREAT : O_RDONLY, name);
    if (l->fd < 0)
        return problem_errno(report, errno, name);
    int error = lock_patiently(l->fd, alone ? LOCK_EX : LOCK_SH);
    if (error != 0) {
        dspv_store_problem problem = error == EWOULDBLOCK ? taken(l->fd, path, report) : problem_errno(report, error, name);
        lock_file_release(l);
        return problem;
    }
    l->alone = alone;
    if (alone)
        write_holder(l->fd);
    return DSPV_STORE_FINE;
}

int32_t lock_file_holder(const char *path)
{
    char name[PROBLEM_PATH];
    int fd = open_lock(path, O_RDONLY, name);
    if (fd < 0)
        return -1;
    int32_t process = lock(fd, LOCK_SH) == EWOULDBLOCK ? holder(fd) : -1;
    close(fd);
    return process;
}

void lock_file_release(struct lock_file *l)
{
    if (l->fd >= 0 && l->alone)
        (void)!ftruncate(l->fd, 0);
    if (l->fd >= 0)
        close(l->fd);
    lock_file_init(l);
}
