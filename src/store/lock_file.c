/* See lock_file.h. */
#include "store/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/problem.h"

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

dspv_store_problem lock_file_take(struct lock_file *l, const char *path, bool alone, dspv_store_report *report)
{
    char name[PROBLEM_PATH];
    snprintf(name, sizeof(name), "%s.lock", path);
    l->fd = open(name, alone ? O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW : O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (l->fd < 0)
        return problem_errno(report, errno, name);
    int rc;
    do
        rc = flock(l->fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB);
    while (rc != 0 && errno == EINTR);
    if (rc != 0) {
        dspv_store_problem problem = errno == EWOULDBLOCK ? taken(l->fd, path, report) : problem_errno(report, errno, name);
        close(l->fd);
        l->fd = -1;
        return problem;
    }
    l->alone = alone;
    if (alone)
        write_holder(l->fd);
    return DSPV_STORE_FINE;
}

void lock_file_release(struct lock_file *l)
{
    if (l->fd >= 0 && l->alone)
        (void)!ftruncate(l->fd, 0);
    if (l->fd >= 0)
        close(l->fd);
    lock_file_init(l);
}
